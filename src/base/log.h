/* Log lines to standard error: "time level area: message", or JSON lines with co_log_setup(json).
 * Never log content of records, keys, tokens or passphrases. */
#pragma once

#include "base/attr.h"

#include <stdbool.h>

enum co_log_level { CO_LOG_DEBUG, CO_LOG_INFO, CO_LOG_WARN, CO_LOG_ERROR };

/* Once, at start, before threads. */
void co_log_setup(enum co_log_level least, bool json);
void co_log(enum co_log_level level, const char *area, const char *fmt, ...) CO_PRINTF(3, 4);

#define co_debug(area, ...) co_log(CO_LOG_DEBUG, area, __VA_ARGS__)
#define co_info(area, ...) co_log(CO_LOG_INFO, area, __VA_ARGS__)
#define co_warn(area, ...) co_log(CO_LOG_WARN, area, __VA_ARGS__)
#define co_error(area, ...) co_log(CO_LOG_ERROR, area, __VA_ARGS__)
