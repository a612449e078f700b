/* Which verification a file asks for. Whatever claims to be a package, by any of its own files, is
 * judged as one: a package that lost its signature must not pass as somebody's bag. */
#include "evidence/verify.h"

#include "evidence/unzip.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const kind_names[VERIFY_KINDS] = { "package", "bag", "container" };

const char *
verify_kind_name(enum verify_kind k)
{
	return kind_names[k];
}

static bool
ends(const char *s, const char *with)
{
	size_t a = strlen(s), n = strlen(with);

	return a >= n && strcmp(s + a - n, with) == 0;
}

static bool
unpacked(const char *path)
{
	char name[PATH_MAX];
	struct stat st;

	return (size_t)snprintf(name, sizeof(name), "%s/package.json.p7s", path) < sizeof(name) &&
		stat(name, &st) == 0;
}

enum verify_kind
verify_kind_of(const char *path)
{
	unzip_auto *z = NULL;
	bool bag = false, container = false;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return unpacked(path) ? VERIFY_PACKAGE : VERIFY_BAG;
	if (unzip_open(&z, path, NULL) != CO_OK)
		return VERIFY_PACKAGE;
	for (size_t i = 0; i < unzip_count(z); i++) {
		const char *name = unzip_at(z, i)->name;

		if (ends(name, "package.json") || ends(name, "package.json.p7s") ||
			strncmp(name, "data/records/", 13) == 0)
			return VERIFY_PACKAGE;
		bag = bag || strcmp(name, "bagit.txt") == 0 || ends(name, "/bagit.txt");
		container = container || strcmp(name, "mimetype") == 0 ||
			strncmp(name, "META-INF/", 9) == 0;
	}
	return bag ? VERIFY_BAG : container ? VERIFY_CONTAINER : VERIFY_PACKAGE;
}
