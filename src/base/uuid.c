#include "base/uuid.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

static pthread_mutex_t uuid_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t uuid_last_ms;
static unsigned uuid_seq; /* rand_a: a counter within one millisecond */

static void
uuid_random(unsigned char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = getrandom(p + got, n - got, 0);

		if (r < 0 && errno != EINTR)
			abort();
		if (r > 0)
			got += (size_t)r;
	}
}

void
co_uuid7(char out[CO_UUID_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	int64_t ms = co_now_us() / 1000;
	unsigned seq;
	char *o = out;

	uuid_random(b, sizeof(b));
	pthread_mutex_lock(&uuid_lock);
	if (ms <= uuid_last_ms) {
		ms = uuid_last_ms;
		if (++uuid_seq > 0xfff) {
			ms = ++uuid_last_ms;
			uuid_seq = 0;
		}
	} else {
		uuid_last_ms = ms;
		uuid_seq = b[6] & 0x7fu; /* leaves room to count up */
	}
	seq = uuid_seq;
	pthread_mutex_unlock(&uuid_lock);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)((uint64_t)ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70u | (seq >> 8 & 0x0fu));
	b[7] = (unsigned char)(seq & 0xffu);
	b[8] = (unsigned char)(0x80u | (b[8] & 0x3fu));
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*o++ = '-';
		*o++ = hex[b[i] >> 4];
		*o++ = hex[b[i] & 15];
	}
	*o = '\0';
}

bool
co_uuid_valid(const char *s)
{
	if (s == NULL || strlen(s) != CO_UUID_LEN)
		return false;
	for (int i = 0; i < CO_UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (s[i] == '-'))
			return false;
		if (!dash && strchr("0123456789abcdef", s[i]) == NULL)
			return false;
	}
	return true;
}
