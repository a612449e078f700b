/* The form of a signature that cms_verify accepted once, kept with the signer's certificate, so
 * that the next one of this form is verified without decoding it. Private to cms_verify.c and
 * cert.c. It must never accept what cms_verify's long way would refuse. */
#pragma once

#include "crypto/internal.h"

/* After a signature of c was accepted with md; does nothing when it is not of a form to keep. */
void cms_known_keep(const struct cert *c, const EVP_MD *md, const void *sig, size_t n);
/* False: not of the known form, take the long way; nothing is judged. True: *rc is the judgement.
 * sig is strict DER. */
bool cms_known_verify(const struct cert *c, const void *sig, size_t sig_n, const void *data,
	size_t n, int64_t *time_us, enum co_rc *rc, struct co_err *err);
