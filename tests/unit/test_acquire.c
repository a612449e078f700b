/* Reading a source with faults, the map of them, what a device says of itself. */
#include "test.h"

#include "pki.h"

#include "evidence/bad.h"
#include "evidence/device.h"
#include "evidence/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct co_err err;
static char dir[32];
static struct bad_map map;

static int
setup(void **state)
{
	(void)state;
	co_err_clear(&err);
	scratch_make(dir);
	map = (struct bad_map){ .n = 0 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_drop(dir);
	return 0;
}

/* ---- the map ---- */
static void
ranges_that_touch_become_one(void **state)
{
	uint64_t upto;

	(void)state;
	bad_add(&map, 1024, 512);
	bad_add(&map, 1536, 512);
	bad_add(&map, 8192, 512);
	bad_add(&map, 0, 512); /* found later, after a stop */
	assert_int_equal(map.n, 3);
	assert_int_equal(map.bytes, 2048);
	assert_true(bad_holds(&map, 1024, &upto));
	assert_int_equal(upto, 2048);
	assert_false(bad_holds(&map, 2048, &upto));
	assert_int_equal(upto, 8192);
	assert_false(bad_holds(&map, 8704, &upto));
	assert_true(upto == UINT64_MAX);
	bad_cut(&map, 1536);
	assert_int_equal(map.n, 2);
	assert_int_equal(map.bytes, 1024);
	assert_false(bad_holds(&map, 8192, &upto));
}

static void
too_many_ranges_are_joined_and_none_is_lost(void **state)
{
	enum { N = LIMIT_BAD_RANGES + 50 };
	struct bad_map *back = calloc(1, sizeof(*back));
	json_t *o;

	(void)state;
	assert_non_null(back);
	for (uint64_t i = 0; i < N; i++)
		bad_add(&map, i * 4096 + (i % 7) * 512, 512);
	assert_int_equal(map.n, LIMIT_BAD_RANGES);
	assert_int_equal(map.bytes, N * 512u);
	assert_true(map.joined);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t upto;

		assert_true(bad_holds(&map, i * 4096 + (i % 7) * 512, &upto));
		assert_true(bad_holds(&map, i * 4096 + (i % 7) * 512 + 511, &upto));
	}
	o = bad_json(&map);
	assert_non_null(o);
	assert_ok(bad_from_json(back, o, &err));
	assert_memory_equal(back->ranges, map.ranges, sizeof(map.ranges[0]) * map.n);
	assert_int_equal(back->bytes, map.bytes);
	json_decref(o);
	free(back);
}

static void
a_map_out_of_order_is_refused(void **state)
{
	static const char *const wrong[] = {
		"{\"ranges\":[{\"at\":512,\"size\":512},{\"at\":0,\"size\":512}]}",
		"{\"ranges\":[{\"at\":-1,\"size\":1}]}", "{\"ranges\":[{\"at\":0,\"size\":0}]}",
		"{\"ranges\":[{\"at\":9223372036854775807,\"size\":1}]}",
		"{\"ranges\":[{\"at\":0,\"size\":600},{\"at\":512,\"size\":512}]}" };

	(void)state;
	for (size_t i = 0; i < CO_ARRAY_LEN(wrong); i++) {
		json_t *o = json_loads(wrong[i], 0, NULL);

		assert_non_null(o);
		assert_rc(bad_from_json(&map, o, &err), CO_EMALFORMED);
		json_decref(o);
	}
}

/* ---- reading ---- */
enum { SECTORS = 1000, SECTOR = 512, TAIL = 100, SIZE = SECTORS * SECTOR + TAIL };
static unsigned char disk[SIZE], want[SIZE], got[SIZE];
static bool faulty[SECTORS + 1];
static unsigned heals[SECTORS + 1]; /* tries after which it can be read */
static bool unplugged;

static ssize_t
faulty_read(const struct reader *r, int fd, void *p, size_t n, off_t at)
{
	size_t first = (size_t)at / SECTOR;

	(void)r;
	(void)fd;
	if (unplugged) {
		errno = EIO;
		return -1;
	}
	if (at >= SIZE)
		return 0;
	if (n > (size_t)(SIZE - at))
		n = (size_t)(SIZE - at);
	for (size_t s = first; s * SECTOR < (size_t)at + n; s++) {
		if (!faulty[s])
			continue;
		if (heals[s] > 0 && --heals[s] == 0) {
			faulty[s] = false;
			continue;
		}
		/* As the kernel does: what came before the fault, or the error. */
		if (s * SECTOR > (size_t)at) {
			n = s * SECTOR - (size_t)at;
			break;
		}
		errno = EIO;
		return -1;
	}
	memcpy(p, disk + at, n);
	return (ssize_t)n;
}

static char path[64];

static struct reader
reader_make(struct bad_map *bad)
{
	co_auto_fd made = -1;

	(void)snprintf(path, sizeof(path), "%s/disk", dir);
	made = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(made >= 0 && ftruncate(made, SIZE) == 0);
	for (size_t i = 0; i < SIZE; i++)
		disk[i] = (unsigned char)(1 + i % 251);
	memset(faulty, 0, sizeof(faulty));
	memset(heals, 0, sizeof(heals));
	unplugged = false;
	return (struct reader){ .fd = open(path, O_RDONLY | O_CLOEXEC),
		.path = path,
		.size = SIZE,
		.sector = SECTOR,
		.retries = 2,
		.bad = bad,
		.read = faulty_read,
		.direct = -1 };
}

static void
every_pattern_of_faults_is_found_to_the_sector(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct reader r = reader_make(&map);
		size_t wrong = 0;

		map = (struct bad_map){ .n = 0 };
		memcpy(want, disk, SIZE);
		for (size_t s = 0; s <= SECTORS; s++) {
			size_t n = s < SECTORS ? SECTOR : TAIL;

			seed = seed * 1103515245u + 12345u;
			faulty[s] = (seed >> 16) % 100 < (unsigned)round;
			if (!faulty[s])
				continue;
			memset(want + s * SECTOR, 0, n);
			wrong += n;
		}
		assert_ok(reader_open(&r, &err));
		for (size_t at = 0; at < SIZE;) {
			size_t n = SIZE - at < 200000 ? SIZE - at : 200000;

			/* As a block of sealing is: whole sectors but at the end. */
			n = n == SIZE - at ? n : n / SECTOR * SECTOR;
			assert_ok(reader_get(&r, got + at, n, at, &err));
			at += n;
		}
		assert_memory_equal(got, want, SIZE);
		assert_int_equal(map.bytes, wrong);
		reader_close(&r);
		close(r.fd);
	}
}

static void
a_sector_that_heals_is_no_bad_sector(void **state)
{
	struct reader r = reader_make(&map);

	(void)state;
	faulty[17] = true;
	heals[17] = 12;
	r.retries = 20;
	assert_ok(reader_open(&r, &err));
	assert_ok(reader_get(&r, got, SIZE, 0, &err));
	assert_memory_equal(got, disk, SIZE);
	assert_int_equal(map.n, 0);
	reader_close(&r);
	close(r.fd);
}

static void
what_is_unplugged_is_not_full_of_bad_sectors(void **state)
{
	struct reader r = reader_make(&map);

	(void)state;
	faulty[3] = true;
	assert_ok(reader_open(&r, &err));
	assert_ok(reader_get(&r, got, 100 * SECTOR, 0, &err));
	assert_int_equal(map.bytes, SECTOR);
	unplugged = true;
	assert_rc(reader_get(&r, got, 100 * SECTOR, 100 * SECTOR, &err), CO_EIO);
	assert_int_equal(map.bytes, SECTOR);
	/* Another one in its place is noticed too. */
	unplugged = false;
	faulty[250] = true;
	assert_int_equal(truncate(path, SIZE - 1), 0);
	assert_rc(reader_get(&r, got, 100 * SECTOR, 200 * SECTOR, &err), CO_EIO);
	assert_int_equal(map.bytes, SECTOR);
	reader_close(&r);
	close(r.fd);
}

static void
without_a_map_the_first_fault_ends_it(void **state)
{
	struct reader r = reader_make(NULL);

	(void)state;
	faulty[9] = true;
	assert_ok(reader_open(&r, &err));
	assert_int_equal(reader_get(&r, got, SIZE, 0, &err), CO_EIO);
	assert_non_null(strstr(err.msg, "at byte 4608"));
	reader_close(&r);
	close(r.fd);
}

static void
a_known_bad_range_is_not_tried_again(void **state)
{
	struct reader r = reader_make(&map);

	(void)state;
	bad_add(&map, 5 * SECTOR, 2 * SECTOR);
	memcpy(want, disk, SIZE);
	memset(want + 5 * SECTOR, 0, 2 * SECTOR);
	assert_ok(reader_open(&r, &err));
	assert_ok(reader_get(&r, got, SIZE, 0, &err));
	assert_memory_equal(got, want, SIZE);
	reader_close(&r);
	close(r.fd);
}

/* ---- what a device says ---- */
static void
put(const char *file, const char *text, size_t n)
{
	char at[256];
	FILE *f;

	(void)snprintf(at, sizeof(at), "%s/sys/%s", dir, file);
	for (char *c = at + strlen(dir) + 1; (c = strchr(c + 1, '/')) != NULL;) {
		*c = '\0';
		(void)mkdir(at, 0700);
		*c = '/';
	}
	f = fopen(at, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}
#define PUT(file, text) put(file, text, strlen(text))

static void
link_dev(const char *target, unsigned major, unsigned minor)
{
	char at[256];

	(void)snprintf(at, sizeof(at), "%s/sys/dev/block", dir);
	PUT("dev/block/.made", "");
	(void)snprintf(at, sizeof(at), "%s/sys/dev/block/%u:%u", dir, major, minor);
	assert_int_equal(symlink(target, at), 0);
}

static void
words_come_from_where_each_kind_of_device_keeps_them(void **state)
{
	static const char page80[] = "\0\x80\0\x0e  S5GXNX0R1234";
	char sys[64];
	struct device d;

	(void)state;
	(void)snprintf(sys, sizeof(sys), "%s/sys", dir);
	/* A SATA disk and its second partition. */
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/device/vendor", "ATA     \n");
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/device/model", "Samsung SSD 870 \n");
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/device/rev", "1B6Q\n");
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/device/wwid", "naa.5002538f0\n");
	put("devices/pci/ata1/host0/target/0:0:0:0/block/sda/device/vpd_pg80", page80,
		sizeof(page80) - 1);
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/sda2/partition", "2\n");
	PUT("devices/pci/ata1/host0/target/0:0:0:0/block/sda/sda2/start", "2048\n");
	link_dev("../../devices/pci/ata1/host0/target/0:0:0:0/block/sda", 8, 0);
	link_dev("../../devices/pci/ata1/host0/target/0:0:0:0/block/sda/sda2", 8, 2);
	d = (struct device){ .size = 1 };
	assert_ok(device_words(&d, makedev(8, 0), sys, &err));
	assert_string_equal(d.make, "ATA");
	assert_string_equal(d.model, "Samsung SSD 870");
	assert_string_equal(d.serial, "S5GXNX0R1234");
	assert_string_equal(d.firmware, "1B6Q");
	assert_string_equal(d.wwn, "naa.5002538f0");
	assert_int_equal(d.partition, 0);
	d = (struct device){ .size = 1 };
	assert_ok(device_words(&d, makedev(8, 2), sys, &err));
	assert_string_equal(d.serial, "S5GXNX0R1234");
	assert_int_equal(d.partition, 2);
	assert_int_equal(d.start, 2048 * 512);
	/* A USB stick: the number on its label stands at the bridge. */
	PUT("devices/usb/1-2/idVendor", "0781\n");
	PUT("devices/usb/1-2/serial", "4C530001\n");
	PUT("devices/usb/1-2/manufacturer", "SanDisk\n");
	PUT("devices/usb/1-2/product", "Cruzer\n");
	PUT("devices/usb/1-2/host/0:0:0:0/block/sdb/size", "1\n");
	link_dev("../../devices/usb/1-2/host/0:0:0:0/block/sdb", 8, 16);
	d = (struct device){ .size = 1 };
	assert_ok(device_words(&d, makedev(8, 16), sys, &err));
	assert_string_equal(d.serial, "4C530001");
	assert_string_equal(d.make, "SanDisk");
	assert_string_equal(d.bus, "usb");
	/* NVMe, and words that want to do harm. */
	PUT("devices/nvme/nvme0/nvme0n1/device/model", "\x1b[2J<b>\"\xff\n");
	PUT("devices/nvme/nvme0/nvme0n1/device/serial", "   \n");
	link_dev("../../devices/nvme/nvme0/nvme0n1", 259, 0);
	d = (struct device){ .size = 1 };
	assert_ok(device_words(&d, makedev(259, 0), sys, &err));
	assert_string_equal(d.model, "[2J<b>\"?");
	assert_string_equal(d.serial, "");
	/* Nothing at all is told of one that is not there. */
	d = (struct device){ .size = 1 };
	assert_ok(device_words(&d, makedev(99, 1), sys, &err));
	assert_string_equal(d.serial, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(ranges_that_touch_become_one),
		T(too_many_ranges_are_joined_and_none_is_lost),
		T(a_map_out_of_order_is_refused),
		T(every_pattern_of_faults_is_found_to_the_sector),
		T(a_sector_that_heals_is_no_bad_sector),
		T(what_is_unplugged_is_not_full_of_bad_sectors),
		T(without_a_map_the_first_fault_ends_it),
		T(a_known_bad_range_is_not_tried_again),
		T(words_come_from_where_each_kind_of_device_keeps_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
