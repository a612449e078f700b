#include "evidence/device.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

/* ---- words of a device ---- */
/* Spaces around it go; what is no printable ASCII becomes "?". */
static void
plain_words(const char *raw, size_t n, char *out, size_t cap)
{
	size_t at = 0;

	while (n > 0 && ((unsigned char)raw[0] <= ' ' || raw[0] == '"')) {
		raw++;
		n--;
	}
	while (n > 0 && ((unsigned char)raw[n - 1] <= ' ' || raw[n - 1] == '"'))
		n--;
	for (size_t i = 0; i < n && at + 1 < cap; i++)
		out[at++] = raw[i] >= 0x20 && raw[i] < 0x7f ? raw[i] : '?';
	out[at] = '\0';
}

/* skip: bytes before the text (the head of a VPD page). */
static bool
words_of(const char *dir, const char *name, size_t skip, char *out, size_t cap)
{
	char path[PATH_MAX], raw[512];
	co_auto_fd fd = -1;
	ssize_t n;

	if (out[0] != '\0' || snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	n = fd < 0 ? -1 : read(fd, raw, sizeof(raw));
	if (n <= (ssize_t)skip)
		return false;
	plain_words(raw + skip, (size_t)n - skip, out, cap);
	return out[0] != '\0';
}

static uint64_t
number_of(const char *dir, const char *name)
{
	char text[32] = "";

	return words_of(dir, name, 0, text, sizeof(text)) ? strtoull(text, NULL, 10) : 0;
}

/* ---- sysfs ---- */
enum { VPD_HEAD = 4 };

/* Where each kind of device keeps its words, from the device's own folder. */
static const struct {
	const char *file;
	size_t skip, at, cap;
} words[] = {
	{ "device/vendor", 0, offsetof(struct device, make), sizeof(((struct device *)0)->make) },
	{ "device/model", 0, offsetof(struct device, model), sizeof(((struct device *)0)->model) },
	{ "device/name", 0, offsetof(struct device, model), sizeof(((struct device *)0)->model) },
	{ "device/serial", 0, offsetof(struct device, serial),
		sizeof(((struct device *)0)->serial) },
	{ "device/vpd_pg80", VPD_HEAD, offsetof(struct device, serial),
		sizeof(((struct device *)0)->serial) },
	{ "serial", 0, offsetof(struct device, serial), sizeof(((struct device *)0)->serial) },
	{ "device/firmware_rev", 0, offsetof(struct device, firmware),
		sizeof(((struct device *)0)->firmware) },
	{ "device/rev", 0, offsetof(struct device, firmware),
		sizeof(((struct device *)0)->firmware) },
	{ "device/fwrev", 0, offsetof(struct device, firmware),
		sizeof(((struct device *)0)->firmware) },
	{ "wwid", 0, offsetof(struct device, wwn), sizeof(((struct device *)0)->wwn) },
	{ "device/wwid", 0, offsetof(struct device, wwn), sizeof(((struct device *)0)->wwn) },
	{ "loop/backing_file", 0, offsetof(struct device, model),
		sizeof(((struct device *)0)->model) },
};

/* A USB bridge stands some folders above; only there is the serial number that the label has. */
static void
look_usb(struct device *d, const char *dir)
{
	char path[PATH_MAX], number[16] = "";
	char *slash;

	if (realpath(dir, path) == NULL)
		return;
	while ((slash = strrchr(path, '/')) != NULL && slash != path) {
		*slash = '\0';
		if (!words_of(path, "idVendor", 0, number, sizeof(number)))
			continue;
		(void)snprintf(d->bus, sizeof(d->bus), "usb");
		(void)words_of(path, "serial", 0, d->serial, sizeof(d->serial));
		(void)words_of(path, "manufacturer", 0, d->make, sizeof(d->make));
		(void)words_of(path, "product", 0, d->model, sizeof(d->model));
		return;
	}
}

static void
look_bus(struct device *d, const char *dir)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;
	const char *name;

	if (d->bus[0] != '\0' ||
		snprintf(path, sizeof(path), "%s/device/subsystem", dir) >= PATH_MAX)
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	name = strrchr(target, '/');
	plain_words(name == NULL ? target : name + 1, strlen(name == NULL ? target : name + 1),
		d->bus, sizeof(d->bus));
}

enum co_rc
device_words(struct device *d, dev_t dev, const char *sys, struct co_err *err)
{
	char dir[PATH_MAX], disk[PATH_MAX];

	if (snprintf(dir, sizeof(dir), "%s/dev/block/%u:%u", sys, major(dev), minor(dev)) >=
		PATH_MAX)
		return co_fail(err, CO_EUSAGE, "the path %s is too long", sys);
	if (realpath(dir, disk) == NULL)
		return CO_OK; /* no sysfs here: nothing is told */
	d->partition = (unsigned)number_of(disk, "partition");
	if (d->partition > 0) {
		char *slash = strrchr(disk, '/');

		d->start = number_of(disk, "start") * 512;
		if (slash != NULL)
			*slash = '\0';
	}
	for (size_t i = 0; i < CO_ARRAY_LEN(words); i++)
		(void)words_of(disk, words[i].file, words[i].skip, (char *)d + words[i].at,
			words[i].cap);
	look_usb(d, disk);
	look_bus(d, disk);
	if (d->bus[0] == '\0' && strncmp(strrchr(disk, '/') + 1, "loop", 4) == 0)
		(void)snprintf(d->bus, sizeof(d->bus), "loop");
	return CO_OK;
}

static enum co_rc
look_block(
	struct device *d, int fd, const struct stat *st, const char *path, struct co_err *err)
{
	int read_only = 0, sector = 0;
	unsigned physical = 0;
	co_auto_fd alone = -1;

	(void)snprintf(d->kind, sizeof(d->kind), "device");
	if (ioctl(fd, BLKGETSIZE64, &d->size) != 0)
		return co_fail_errno(err, "size of %s", path);
	if (ioctl(fd, BLKSSZGET, &sector) == 0 && sector > 0)
		d->sector = (uint32_t)sector;
	if (ioctl(fd, BLKPBSZGET, &physical) == 0)
		d->physical = physical;
	d->read_only = ioctl(fd, BLKROGET, &read_only) == 0 && read_only != 0;
	/* Nobody else may hold a device that is opened so: it tells a mounted one. */
	alone = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	d->in_use = alone < 0 && errno == EBUSY;
	return device_words(d, st->st_rdev, "/sys", err);
}

enum co_rc
device_look(struct device *out, int fd, const char *path, struct co_err *err)
{
	struct device d = { .sector = 512, .read_only = true };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return co_fail_errno(err, "%s", path);
	if (S_ISBLK(st.st_mode)) {
		TRY(look_block(&d, fd, &st, path, err));
	} else {
		(void)snprintf(
			d.kind, sizeof(d.kind), "%s", S_ISDIR(st.st_mode) ? "folder" : "file");
		d.size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	}
	*out = d;
	return CO_OK;
}

static void
put_words(json_t *o, const char *name, const char *value)
{
	if (value[0] != '\0')
		(void)json_object_set_new(o, name, json_string(value));
}

json_t *
device_json(const struct device *d, const char *path)
{
	static const char control[] =
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
		"\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f";
	/* Of a path that is not from the root, nobody elsewhere could say which it was. */
	co_auto_free char *whole = path[0] == '/' ? strdup(path) : realpath(path, NULL);
	json_t *o = json_pack("{s:s}", "kind", d->kind);
	json_t *shown = json_string(whole == NULL ? path : whole);
	const char *told = json_string_value(shown);
	struct utsname u;

	if (o == NULL)
		return NULL;
	if (told != NULL && told[0] != '\0' && strlen(told) < PATH_MAX &&
		told[strcspn(told, control)] == '\0')
		(void)json_object_set(o, "path", shown);
	json_decref(shown);
	if (uname(&u) == 0)
		put_words(o, "host", u.nodename);
	put_words(o, "make", d->make);
	put_words(o, "model", d->model);
	put_words(o, "serial", d->serial);
	put_words(o, "firmware", d->firmware);
	put_words(o, "wwn", d->wwn);
	put_words(o, "bus", d->bus);
	if (strcmp(d->kind, "folder") != 0)
		(void)json_object_set_new(o, "size", json_integer((json_int_t)d->size));
	if (strcmp(d->kind, "device") != 0)
		return o;
	(void)json_object_set_new(o, "sector", json_integer(d->sector));
	if (d->physical > 0)
		(void)json_object_set_new(o, "physical_sector", json_integer(d->physical));
	if (d->partition > 0) {
		(void)json_object_set_new(o, "partition", json_integer(d->partition));
		(void)json_object_set_new(o, "start", json_integer((json_int_t)d->start));
	}
	(void)json_object_set_new(o, "read_only", json_boolean(d->read_only));
	return o;
}
