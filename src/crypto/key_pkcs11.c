/* Keys in a hardware module, through OpenSSL's pkcs11 engine (libp11). OpenSSL 3.0 in Debian 12
 * has no PKCS#11 provider, so the deprecated ENGINE calls stand here and in no other file. */
#include "crypto/internal.h"

#include "base/enc.h"

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* One engine and so one module a process; only the keeper and `comity init` come here, each from
 * a single thread. Lives as long as the process: finishing libp11 at exit is known to crash. */
static ENGINE *pkcs11_engine;
static char pkcs11_module[256];

/* Value of module-path= in the query of the URI (RFC 7512 2.4), percent-decoded; "" if none. */
static enum co_rc
pkcs11_module_of(const char *uri, char *out, size_t cap, struct co_err *err)
{
	const char *at = strchr(uri, '?');
	size_t n = 0;

	out[0] = '\0';
	if (strstr(uri, "pin-value=") != NULL)
		return co_fail(err, CO_EUSAGE,
			"a PIN must not stand in a pkcs11: URI; name a file with pin_file instead");
	if (at != NULL)
		at = strstr(at, "module-path=");
	if (at == NULL)
		return CO_OK;
	for (at += strlen("module-path="); *at != '\0' && *at != '&'; at++) {
		char c = *at, hex[3] = "";

		if (c == '%') {
			memcpy(hex, at + 1, strnlen(at + 1, 2));
			if (!co_unhex(hex, &c, 1) || c == '\0')
				return co_fail(err, CO_EMALFORMED, "module-path of %s", uri);
			at += 2;
		}
		if (n + 1 >= cap)
			return co_fail(err, CO_ETOOBIG, "module-path of %s", uri);
		out[n++] = c;
	}
	out[n] = '\0';
	return CO_OK;
}

static enum co_rc
pkcs11_start(const char *module, struct co_err *err)
{
	ENGINE *e;

	if (pkcs11_engine != NULL) {
		if (module[0] != '\0' && strcmp(module, pkcs11_module) != 0)
			return co_fail(err, CO_EUSAGE,
				"all keys must come from one PKCS#11 module: "
				"%s is open, %s was asked",
				pkcs11_module, module);
		return CO_OK;
	}
	ENGINE_load_dynamic();
	e = ENGINE_by_id("pkcs11");
	if (e == NULL)
		return crypto_fail(err, CO_ENOTFOUND, "OpenSSL's pkcs11 engine is not installed "
			"(Debian: libengine-pkcs11-openssl)");
	if ((module[0] != '\0' && ENGINE_ctrl_cmd_string(e, "MODULE_PATH", module, 0) != 1) ||
		ENGINE_init(e) != 1) {
		ENGINE_free(e);
		return crypto_fail(err, CO_ECRYPTO, "start the PKCS#11 module %s", module);
	}
	ENGINE_free(e); /* the functional reference of ENGINE_init stays */
	pkcs11_engine = e;
	(void)snprintf(pkcs11_module, sizeof(pkcs11_module), "%s", module);
	return CO_OK;
}

enum co_rc
key_pkcs11_open(EVP_PKEY **out, const char *uri, const char *pin, struct co_err *err)
{
	char module[sizeof(pkcs11_module)], bare[512];
	EVP_PKEY *pkey;
	size_t n = strcspn(uri, "?");
	enum co_rc rc;

	if (n >= sizeof(bare))
		return co_fail(err, CO_ETOOBIG, "pkcs11: URI of %zu characters", n);
	memcpy(bare, uri, n);
	bare[n] = '\0';
	ERR_clear_error();
	rc = pkcs11_module_of(uri, module, sizeof(module), err);
	if (rc == CO_OK)
		rc = pkcs11_start(module, err);
	if (rc != CO_OK)
		return rc;
	if (pin != NULL && ENGINE_ctrl_cmd_string(pkcs11_engine, "PIN", pin, 0) != 1)
		return crypto_fail(err, CO_ECRYPTO, "hand the PIN to the PKCS#11 module");
	/* UI_null: without a PIN the engine would ask at the terminal. */
	pkey = ENGINE_load_private_key(pkcs11_engine, bare,
		(UI_METHOD *)(uintptr_t)UI_null(), NULL);
	if (pkey == NULL)
		return crypto_fail(
			err, CO_ECRYPTO, "open the key %s (check token, object and PIN)", bare);
	*out = pkey;
	return CO_OK;
}
