#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <string.h>

static enum co_log_level log_least = CO_LOG_INFO;
static bool log_json;
static const char *const log_names[] = { "debug", "info", "warn", "error" };

void
co_log_setup(enum co_log_level least, bool json)
{
	log_least = least;
	log_json = json;
}

/* Control characters would let a partner's text forge lines; quotes would break the JSON. */
static void
log_clean(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
		else if (log_json && (*s == '"' || *s == '\\'))
			*s = '\'';
}

void
co_log(enum co_log_level level, const char *area, const char *fmt, ...)
{
	char msg[900], line[1100], at[CO_TIME_LEN];
	va_list ap;
	int n;

	if (level < log_least)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	log_clean(msg);
	co_time_print(co_now_us(), at);
	if (log_json)
		n = snprintf(line, sizeof(line),
			"{\"at\":\"%s\",\"level\":\"%s\",\"area\":\"%s\",\"msg\":\"%s\"}\n", at,
			log_names[level], area, msg);
	else
		n = snprintf(line, sizeof(line), "%s %s %s: %s\n", at, log_names[level], area, msg);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	/* One write a line, so that lines of several processes do not mix. */
	(void)!write(STDERR_FILENO, line, (size_t)n);
}
