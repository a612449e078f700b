/* The note of an acquisition under way, as it lies on disk: whatever stands there, it is refused or
 * gives a record that a manifest takes or refuses, and nothing else than what was written has a
 * seal that holds. */
#include "evidence/acquire_inside.h"

#include "base/fs.h"

#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static const char id[] = "01936b2e-0000-7000-8000-000000000001";
static char home[64], path[160];
static struct vault *vault;

static void
vault_drop(void)
{
	(void)unlink(path);
	vault_close(&vault);
	(void)rmdir(home);
}

static void
vault_make(void)
{
	struct co_err err = { 0 };

	(void)snprintf(home, sizeof(home), "%s/comity-note-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(home) == NULL || vault_open(&vault, home, &err) != CO_OK)
		abort();
	(void)snprintf(path, sizeof(path), "%s/%s.note", home, id);
	(void)atexit(vault_drop);
}

static void
note_try(struct taking *t)
{
	struct co_err err = { 0 };
	json_t *record = NULL;
	co_auto_buf text;

	co_buf_init(&text, LIMIT_ACQUIRE_NOTE);
	if (note_load(t, id, &text, &err) != CO_OK) {
		if (err.msg[0] == '\0')
			abort();
		return;
	}
	/* Its key is not known here. */
	if (note_sound(t, &text, &err) == CO_OK || strcmp(t->id, id) != 0)
		abort();
	if (note_record(t, NULL, &record, NULL) == CO_OK && !json_is_object(record))
		abort();
	json_decref(record);
	if (note_check(t, &err) != CO_OK && err.msg[0] == '\0')
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const struct acquire_conf conf = { .retries = 1 };
	struct taking *t = calloc(1, sizeof(*t));
	FILE *f;

	if (vault == NULL)
		vault_make();
	f = fopen(path, "w");
	if (t == NULL || f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
	t->conf = &conf;
	t->seal.vault = vault;
	memset(t->seal_key, 0x5a, sizeof(t->seal_key));
	note_try(t);
	json_decref(t->note);
	free(t);
	return 0;
}
