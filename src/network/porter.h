/* Carries attachments without being asked: offers those of ours whose record is stored, has those
 * of partners fetched, removes what was given and never went anywhere. One thread, behind the
 * records and beside the courier, so that no record waits for it. Looks at the start, when
 * something may be to carry, and once a minute; what a crash left undone it finds by itself. */
#pragma once

#include "evidence/exhibits.h"
#include "network/fetch.h"

struct porter;
/* Before any record is stored: it asks to be told. */
enum co_rc porter_open(struct porter **out, struct exchange *x, struct evidence *e,
	struct fetcher *f, struct co_err *err) CO_NODISCARD;
enum co_rc porter_start(struct porter *p, struct co_err *err) CO_NODISCARD;
void porter_stop(struct porter *p);   /* before the fetcher closes; p may be NULL */
void porter_close(struct porter **p); /* after the exchange: it may still be told something */
