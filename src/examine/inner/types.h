/* The table of file types, which main loads before the sandbox closes: it is a file of this
 * machine, and nothing of the job has been read by then. */
#pragma once

#include "examine/inner/job.h"

enum co_rc types_load(struct co_err *err) CO_NODISCARD;
