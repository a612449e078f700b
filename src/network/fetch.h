/* Pulls sealed exhibits from partners: ranges of the sealed file, several at once, each chunk
 * authenticated as it lands, resumed after any break, answered with a signed custody record. */
#pragma once

#include "crypto/tls.h"
#include "evidence/exhibits.h"
#include "vault/vault.h"

struct fetcher;
/* Registers the operations exhibit.fetch and exhibit.progress, resumes what a stop interrupted once
 * fetcher_start is called. */
enum co_rc fetcher_open(struct fetcher **out, struct exchange *x, struct tls *tls, struct vault *v,
	struct evidence *e, struct co_err *err) CO_NODISCARD;
enum co_rc fetcher_start(struct fetcher *f, struct co_err *err) CO_NODISCARD;
/* Have an attachment that was offered: by the node itself, beside the exhibits that people
 * fetch. */
void fetcher_want(struct fetcher *f, const char *exhibit);
void fetcher_describe(struct exchange *x); /* what its operations take and give; ops_shape.c */
void fetcher_close(struct fetcher **f);
