/* A TZif file. What is read must answer for every instant: offsets within a day or so, and a
 * midnight that begins its day, unless the zone skips that day. */
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);

static void
ask(const struct co_zone *z, int64_t us)
{
	const char *name = NULL;
	int32_t offset = co_zone_offset(z, us, &name), day = co_zone_day(z, us);
	int64_t begins = co_zone_midnight_us(z, day);
	char text[CO_TIME_LEN];

	if (offset < -100000 || offset > 100000 || name == NULL)
		abort();
	/* The day of us has begun, and what begins it is not the day before. */
	if (begins > us || co_zone_day(z, begins) < day)
		abort();
	co_zone_print(z, us, text);
}

int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	static const int64_t years[] = { -200000, -1900, -1, 0, 40, 55, 67, 68, 130, 3000, 200000 };
	co_zone_auto *z = NULL;

	if (co_zone_parse(p, n, &z, NULL) != CO_OK)
		return 0;
	for (size_t i = 0; i < CO_ARRAY_LEN(years); i++)
		for (int64_t part = 0; part < 8; part++)
			ask(z, (years[i] * 8 + part) * INT64_C(3944700000000) + 17);
	(void)co_zone_midnight_us(z, INT32_MAX);
	(void)co_zone_midnight_us(z, INT32_MIN);
	(void)co_zone_day(z, INT64_MIN);
	(void)co_zone_day(z, INT64_MAX);
	return 0;
}
