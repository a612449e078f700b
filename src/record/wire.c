#include "record/wire.h"

#include "base/cursor.h"

#include <string.h>

#define WIRE_MAGIC "CMT1"
/* A refusal is one short JSON object; co_err holds 480 bytes of message. */
enum { WIRE_MAGIC_LEN = 4, WIRE_REFUSAL_MAX = 4096 };

enum co_rc
wire_begin(struct co_buf *out, uint32_t n, struct co_err *err)
{
	char *at;
	enum co_rc rc;

	if (n == 0 || n > LIMIT_BATCH_RECORDS)
		return co_fail(err, CO_ETOOBIG, "a batch of %u records; 1 to %u fit", n,
			LIMIT_BATCH_RECORDS);
	/* Room for both adds at once: all or nothing. */
	rc = co_buf_reserve(out, WIRE_MAGIC_LEN + 4, &at, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, WIRE_MAGIC, WIRE_MAGIC_LEN, err);
	if (rc == CO_OK)
		rc = co_buf_add_u32(out, n, err);
	return rc;
}

static enum co_rc
wire_check(const struct wire_item *item, struct co_err *err)
{
	bool refusal = item->type == WIRE_REFUSAL;
	size_t most = refusal ? WIRE_REFUSAL_MAX : LIMIT_RECORD;

	if (item->type != WIRE_RECORD && !refusal)
		return co_fail(err, CO_EMALFORMED, "item of unknown type %d", (int)item->type);
	if (item->n == 0 || (refusal ? item->sig_n != 0 : item->sig_n == 0))
		return co_fail(err, CO_EMALFORMED,
			"item of type %d with %zu bytes and a signature of %zu",
			(int)item->type, item->n, item->sig_n);
	if (item->n > most || item->sig_n > LIMIT_SIGNATURE)
		return co_fail(err, CO_ETOOBIG,
			"item of %zu bytes with a signature of %zu; at most %zu and %u",
			item->n, item->sig_n, most, LIMIT_SIGNATURE);
	return CO_OK;
}

enum co_rc
wire_add(struct co_buf *out, const struct wire_item *item, struct co_err *err)
{
	char *at;
	enum co_rc rc = wire_check(item, err);

	if (rc == CO_OK)
		rc = co_buf_reserve(out, 1 + 4 + item->n + 4 + item->sig_n, &at, err);
	if (rc == CO_OK)
		rc = co_buf_add_u8(out, (uint8_t)item->type, err);
	if (rc == CO_OK)
		rc = co_buf_add_u32(out, (uint32_t)item->n, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, item->p, item->n, err);
	if (rc == CO_OK)
		rc = co_buf_add_u32(out, (uint32_t)item->sig_n, err);
	if (rc == CO_OK)
		rc = co_buf_add(out, item->sig, item->sig_n, err);
	return rc;
}

enum co_rc
wire_parse(const void *p, size_t n, struct wire_item *items, size_t *items_n, struct co_err *err)
{
	struct co_cursor c = co_cursor(p, n);
	const void *magic;
	uint32_t count;

	if (n > LIMIT_BATCH_BYTES)
		return co_fail(err, CO_ETOOBIG, "a batch of %zu bytes; at most %u", n,
			LIMIT_BATCH_BYTES);
	magic = co_cur_bytes(&c, WIRE_MAGIC_LEN);
	if (magic == NULL || memcmp(magic, WIRE_MAGIC, WIRE_MAGIC_LEN) != 0)
		return co_fail(err, CO_EMALFORMED,
			"not a batch of records: it does not begin with %s", WIRE_MAGIC);
	count = co_cur_u32(&c);
	if (c.bad || count == 0)
		return co_fail(err, CO_EMALFORMED, "a batch without records");
	if (count > LIMIT_BATCH_RECORDS)
		return co_fail(err, CO_ETOOBIG, "a batch of %u records; at most %u", count,
			LIMIT_BATCH_RECORDS);
	for (uint32_t i = 0; i < count; i++) {
		struct wire_item item = { 0 };
		enum co_rc rc;

		item.type = (enum wire_type)co_cur_u8(&c);
		item.n = co_cur_u32(&c);
		item.p = co_cur_bytes(&c, item.n);
		item.sig_n = co_cur_u32(&c);
		item.sig = co_cur_bytes(&c, item.sig_n);
		if (c.bad)
			return co_fail(err, CO_EMALFORMED, "the batch ends inside item %u of %u",
				i + 1, count);
		rc = wire_check(&item, err);
		if (rc != CO_OK)
			return rc;
		items[i] = item;
	}
	if (c.left != 0)
		return co_fail(err, CO_EMALFORMED, "%zu bytes after the last item of the batch",
			c.left);
	*items_n = count;
	return CO_OK;
}
