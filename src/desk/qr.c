/* A text as a QR code, ISO/IEC 18004, for the telephone beside the screen: dark on white in either
 * theme, as readers want it, with the four modules of quiet around. */
#include "desk/filters.h"
#include "desk/looks.h"

#include <qrencode.h>
#include <string.h>

enum { QR_QUIET = 4, QR_TEXT = 600 };

/* A run of dark modules of a row as one rectangle of a path. */
static enum co_rc
qr_row(struct co_buf *out, const unsigned char *row, int width, int y, struct co_err *err)
{
	for (int x = 0, n; x < width; x += n) {
		for (n = 1; x + n < width && ((row[x + n] ^ row[x]) & 1) == 0; n++)
			;
		if ((row[x] & 1) != 0)
			TRY(co_buf_addf(out, err, "M%d %dh%dv1h-%dz", x + QR_QUIET, y + QR_QUIET, n,
				n));
	}
	return CO_OK;
}

enum co_rc
filter_qr(
	const json_t *v, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	const char *text = json_string_value(v);
	QRcode *qr;
	enum co_rc rc;
	int side;

	if (text == NULL || *text == '\0' || strlen(text) > QR_TEXT)
		return CO_OK;
	qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (qr == NULL)
		return co_fail(err, CO_ENOMEM, "the QR code");
	side = qr->width + 2 * QR_QUIET;
	rc = co_buf_addf(out, err,
		"<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" "
		"shape-rendering=\"crispEdges\" "
		"aria-label=\"",
		side, side);
	if (rc == CO_OK)
		rc = filter_say(out, view, WORDS("the key as a QR code"), err);
	if (rc == CO_OK)
		rc = co_buf_addf(out, err,
			"\"><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/><path fill=\"#000\" d=\"",
			side, side, side);
	for (int y = 0; rc == CO_OK && y < qr->width; y++)
		rc = qr_row(out, qr->data + (size_t)y * (size_t)qr->width, qr->width, y, err);
	QRcode_free(qr);
	return rc == CO_OK ? co_buf_add_str(out, "\"/></svg>", err) : rc;
}
