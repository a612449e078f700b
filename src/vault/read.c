/* Content of a sealed file piece by piece, at the pace of who takes it: what a page sends to a slow
 * browser must not stand in memory. vault_unseal is for who can take all at once. */
#include "vault/inside.h"

#include <string.h>
#include <unistd.h>

struct vault_reader {
	int fd;
	struct chunked *cipher;
	uint64_t chunk;
	bool ended;
	unsigned char sealed[CHUNKED_CIPHER];
};

enum co_rc
vault_reader_open(struct vault_reader **out, struct vault *v, const char *id,
	const unsigned char key[CHUNKED_KEY], struct co_err *err)
{
	vault_reader_auto *r = calloc(1, sizeof(*r));
	unsigned char header[CHUNKED_HEADER];
	size_t got;
	enum co_rc rc;

	if (r == NULL)
		return co_fail(err, CO_ENOMEM, "exhibit %s", id);
	r->fd = -1;
	rc = vault_fd(v, id, &r->fd, err);
	if (rc == CO_OK)
		rc = vault_pread(r->fd, header, sizeof(header), 0, &got, err);
	if (rc == CO_OK && got != sizeof(header))
		rc = co_fail(err, CO_EVERIFY, "the sealed file of %s is cut short", id);
	if (rc == CO_OK)
		rc = chunked_open(&r->cipher, key, id, CO_UUID_LEN, header, err);
	if (rc == CO_OK)
		*out = CO_TAKE(r);
	return rc;
}

enum co_rc
vault_reader_next(
	struct vault_reader *r, unsigned char out[CHUNKED_PLAIN], size_t *n, struct co_err *err)
{
	size_t got = 0;
	enum co_rc rc;

	*n = 0;
	if (r->ended)
		return CO_OK;
	rc = vault_pread(r->fd, r->sealed, sizeof(r->sealed),
		CHUNKED_HEADER + r->chunk * CHUNKED_CIPHER, &got, err);
	if (rc != CO_OK)
		return rc;
	if (got < CHUNKED_TAG)
		return co_fail(err, CO_EVERIFY, "the sealed file is cut short");
	rc = chunked_unseal(r->cipher, r->chunk, r->sealed, got, out, err);
	if (rc != CO_OK)
		return rc;
	r->chunk++;
	/* The last chunk is always a short one. */
	r->ended = got < sizeof(r->sealed);
	*n = got - CHUNKED_TAG;
	return CO_OK;
}

void
vault_reader_close(struct vault_reader **out)
{
	struct vault_reader *r = *out;

	if (r == NULL)
		return;
	chunked_free(&r->cipher);
	if (r->fd >= 0)
		close(r->fd);
	free(r);
	*out = NULL;
}
