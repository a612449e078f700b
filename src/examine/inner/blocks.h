/* The content of a file of ext2 or ext3, block by block. Its list of blocks is a tree that libtsk
 * follows whole before the first byte is read, in time that grows with the square of it: a hole of
 * 2 TiB, or a crafted tree that leads back into itself, takes it an hour. Here a read costs what it
 * reads. Lists of extents, and all other file systems, are libtsk's. */
#pragma once

#include <stdbool.h>
#include <tsk/libtsk.h>

bool blocks_mapped(const TSK_FS_FILE *f);
/* n bytes from at on, which lie within its size; holes are zeros. false: a block, or the list of
 * them, cannot be read or lies outside. */
bool blocks_read(const TSK_FS_FILE *f, void *p, size_t n, uint64_t at);
