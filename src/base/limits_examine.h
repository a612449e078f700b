/* The ceilings of examination, beside those of base/limits.h, each with its reason. Bytes unless
 * said. Must hold no policy. Told to users in docs/examine.md and docs/hashset.md. */
#pragma once

/* The examiner: memory of a job (its libraries take 20 MiB), its answer and a line of it. */
#define LIMIT_EXAMINE_MEMORY (128u * 1024 * 1024)
#define LIMIT_EXAMINE_ANSWER (64ULL * 1024 * 1024 * 1024)
#define LIMIT_EXAMINE_LINE (64u * 1024)
#define LIMIT_EXAMINE_FILES 8                  /* hash sets or rule files at once */
#define LIMIT_EXAMINE_RULES (4u * 1024 * 1024) /* YARA rules as text: the largest public set */
#define LIMIT_EXAMINE_TERMS 64                 /* words of one search */
#define LIMIT_EXAMINE_TERM 256u                /* bytes of one */
/* Reads in a row that fail before a source counts as gone: 256 MiB of bad sectors, 4 KiB each. */
#define LIMIT_EXAMINE_UNREAD 65536u
/* Files whose events a timeline holds at once; it walks again for the rest. */
#define LIMIT_EXAMINE_EVENTS 200000u
/* Segments of an image that its record names one by one. */
#define LIMIT_IMAGE_FILES 512u
/* A hash set: entries fit 32 bits of index; a line of a list; digests that begin alike. */
#define LIMIT_HASHSET_ENTRIES 2000000000u
#define LIMIT_HASHSET_LINE (16u * 1024)
#define LIMIT_HASHSET_BUCKET (32u * 1024 * 1024)
