/* The manifest of an ASiC-E container (EN 319 162-1, A.4), byte for byte as evidence/asice.c prints
 * it. What the keeper signs here begins as XML, so it can never be taken for a record, a checkpoint
 * or anything else that it signs. */
#include "crypto/keeper_ipc.h"

#include <string.h>

/* At least one character, all of the set. */
static bool
take_set(struct co_cursor *c, const char *set, size_t max)
{
	size_t n = 0;

	while (c->left > 0 && n < max && *c->p != '\0' && strchr(set, *c->p) != NULL) {
		(void)co_cur_u8(c);
		n++;
	}
	if (n == 0)
		c->bad = true;
	return !c->bad;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool
take_object(struct co_cursor *c)
{
	const unsigned char *p;

	if (!co_cur_is(c, "<asic:DataObjectReference URI=\"") || !take_set(c, LOWER DIGITS ".-",
		128) || !co_cur_is(c, "\" MimeType=\"") || !take_set(c, LOWER DIGITS "/.+-", 128) ||
		!co_cur_is(c,
		"\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
			 "<ds:DigestValue>"))
		return false;
	p = co_cur_bytes(c, 44);
	for (size_t i = 0; p != NULL && i < 44; i++)
		if (p[i] == '\0' ||
			strchr(LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "+/=", p[i]) == NULL)
			return false;
	return co_cur_is(c, "</ds:DigestValue></asic:DataObjectReference>");
}

bool
keeper_scan_container(const void *p, size_t n)
{
	static const char object[] = "<asic:DataObjectReference ";
	struct co_cursor c = co_cursor(p, n);
	size_t objects = 0;

	if (!co_cur_is(&c, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" "
		      "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
		      "<asic:SigReference URI=\"META-INF/signature001.p7s\" "
		      "MimeType=\"application/x-pkcs7-signature\"/>"))
		return false;
	while (c.left >= sizeof(object) && memcmp(c.p, object, sizeof(object) - 1) == 0) {
		if (!take_object(&c) || ++objects > LIMIT_CONTAINER_FILES)
			return false;
	}
	return objects > 0 && co_cur_is(&c, "</asic:ASiCManifest>") && c.left == 0;
}
