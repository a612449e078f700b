/* CRC-32 as zip has it (ISO 3309, reflected 0xEDB88320). Finds accidents, proves nothing: what is
 * proved is proved by SHA-256. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* crc of what came before; 0 at the start. */
uint32_t crc32_add(uint32_t crc, const void *p, size_t n);
