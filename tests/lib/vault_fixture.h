/* A vault in a folder of its own for each test. */
#pragma once

#include "test.h"

#include "vault/vault.h"

static const char id[] = "0196a1b2-0000-7000-8000-00000000c0de";
static const unsigned char key[CHUNKED_KEY] = { 1, 2, 3 };
static char folder[] = "/tmp/comity-vault-XXXXXX";
static struct vault *vault;
static struct co_err err;

static int
setup(void **state)
{
	(void)state;
	co_err_clear(&err);
	memcpy(folder, "/tmp/comity-vault-XXXXXX", sizeof(folder));
	if (mkdtemp(folder) == NULL || vault_open(&vault, folder, &err) != CO_OK)
		return -1;
	return 0;
}

static int
teardown(void **state)
{
	char cmd[80];

	(void)state;
	vault_close(&vault);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", folder);
	return system(cmd);
}
