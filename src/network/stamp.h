/* A configured time-stamp authority: RFC 3161 over HTTP (section 3.4). The answer is verified under
 * the configured roots before it is kept; never on a record's path, only on the checkpoint's. */
#pragma once

#include "crypto/cert.h"

struct stamper;
/* url: http:// or https://; roots: PEM file with up to LIMIT_CHAIN certificates. */
enum co_rc stamper_open(
	struct stamper **out, const char *url, const char *roots, struct co_err *err) CO_NODISCARD;
void stamper_close(struct stamper **s);
/* ledger_stamp's shape; arg is the stamper. */
enum co_rc stamper_stamp(void *arg, const unsigned char digest[SHA256_LEN], struct co_buf *resp,
	struct co_err *err);
