/* The law book of a running node: the built-in data with the partners' profiles over them. Built
 * anew when a profile changed; readers keep the old one until it is done. Must never be used in the
 * writer's thread, and a profile with a fault must never keep the node from having a book. */
#pragma once

#include "exchange/exchange.h"
#include "law/law.h"

struct officer;
struct lawbook; /* one book and who uses it */

/* Borrowed until lawbook_put. db: a reader, to see whether a profile changed. */
enum co_rc lawbook_use(struct exchange *x, struct store_db *db, struct lawbook **out,
	struct co_err *err) CO_NODISCARD;
void lawbook_put(struct lawbook **b);
#define lawbook_auto CO_CLEANUP(lawbook_put) struct lawbook
const struct law_book *lawbook_of(const struct lawbook *b);

/* Would this profile of economy load over what there is? CO_EREFUSED names file, line and reason.
 */
enum co_rc profile_check(
	const char *economy, const json_t *profile, struct co_err *err) CO_NODISCARD;
/* A lawprofile: may sender speak for its economy, and is it sound? Before any job. */
enum co_rc profile_vet(struct exchange *x, const struct record *r, struct co_err *err) CO_NODISCARD;
exchange_effect profile_effect;
/* A partner was accepted: sends it what we published, unless it has that already. */
enum co_rc profile_offer(struct exchange *x, const char *address, const struct officer *who,
	struct co_err *err) CO_NODISCARD;
