#include "exchange/named.h"

#include "exchange/numbers.h"

enum co_rc
named_request(struct store_db *db, const char *id, struct co_err *err)
{
	TRY(store_run(db, NULL, Q_NAMED_FORGET, err, "t", id));
	return store_run(db, NULL, Q_NAMED_REQUEST, err, "t", id);
}

enum co_rc
named_add(struct store_db *db, const char *case_id, const char *officer, const char *by,
	bool *added, struct co_err *err)
{
	int64_t changes;

	TRY(store_run(db, &changes, Q_CASE_NAMED_ADD, err, "ttti", case_id, officer, by,
		co_now_us()));
	*added = changes != 0;
	if (changes == 0)
		return CO_OK;
	TRY(numbers_named_case(db, case_id, officer, 1, err));
	return named_case(db, case_id, err);
}

enum co_rc
named_take(struct store_db *db, const char *case_id, const char *officer, bool *dropped,
	struct co_err *err)
{
	int64_t changes;

	TRY(store_run(db, &changes, Q_CASE_NAMED_DROP, err, "tt", case_id, officer));
	*dropped = changes != 0;
	if (changes == 0)
		return CO_OK;
	TRY(numbers_named_case(db, case_id, officer, -1, err));
	return named_case(db, case_id, err);
}

enum co_rc
named_case(struct store_db *db, const char *case_id, struct co_err *err)
{
	TRY(store_run(db, NULL, Q_NAMED_FORGET_CASE, err, "tt", case_id, case_id));
	TRY(store_run(db, NULL, Q_NAMED_CASE, err, "t", case_id));
	return store_run(db, NULL, Q_NAMED_CASE_REQUESTS, err, "t", case_id);
}

enum co_rc
named_touch(struct store_db *db, const char *case_id, int64_t at_us, struct co_err *err)
{
	return store_run(db, NULL, Q_NAMED_TOUCH, err, "it", at_us, case_id);
}

enum co_rc
named_again(struct store_db *db, struct co_err *err)
{
	TRY(store_run(db, NULL, Q_NAMED_WIPE, err, ""));
	TRY(store_run(db, NULL, Q_NAMED_ALL_CASES, err, ""));
	return store_run(db, NULL, Q_NAMED_ALL_REQUESTS, err, "");
}
