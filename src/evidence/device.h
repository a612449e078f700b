/* What the kernel tells of a source: make, model, serial number, size, whether it lets itself be
 * written (sysfs, ioctl). Texts of a device are its own words: anything that is not plain text is
 * replaced. Never opens for writing, never sends a command of its own to the device, so areas that
 * it hides (HPA, DCO) are neither seen nor read. */
#pragma once

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct device {
	char kind[8]; /* "device", "file", "folder" */
	char make[64], model[64], serial[64], firmware[64], wwn[128];
	char bus[16];  /* "usb", "nvme", "loop": the kernel's name of it; "" unknown */
	uint64_t size; /* bytes; 0 for a folder */
	uint32_t sector, physical;
	unsigned partition; /* number; 0: the whole device */
	uint64_t start;     /* of the partition, bytes */
	bool read_only;     /* the kernel refuses writing to it (BLKROGET), or no device */
	bool in_use;        /* mounted, or held by another program */
};

/* fd is open on path. */
enum co_rc device_look(
	struct device *d, int fd, const char *path, struct co_err *err) CO_NODISCARD;
/* What sysfs (at sys) tells of block device dev, into the texts of d. */
enum co_rc device_words(
	struct device *d, dev_t dev, const char *sys, struct co_err *err) CO_NODISCARD;
/* The object "source" of an acquisition, docs/protocol.md section 4.5. */
json_t *device_json(const struct device *d, const char *path);
