/* A range of a sealed exhibit as an answer, read piece by piece as the partner takes it: memory is
 * one piece for each answer under way, whatever the range. RFC 9110 14.4, docs/protocol.md 10.2. */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct evhttp_request;
/* Bytes from..from + n - 1 of the file; size: of all of it. Takes fd, also on failure. After CO_OK
 * the answer is under way; what breaks then ends the connection before all bytes came, which the
 * partner sees. until_us: co_mono_us() when its patience ends. On the loop of the request. */
enum co_rc range_answer(struct evhttp_request *req, int fd, uint64_t from, uint64_t n,
	uint64_t size, int64_t until_us, struct co_err *err) CO_NODISCARD;
