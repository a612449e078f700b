#include "exchange/named.h"

enum co_rc
named_request(struct store_db *db, const char *id, struct co_err *err)
{
	TRY(store_run(db, NULL, Q_NAMED_FORGET, err, "t", id));
	return store_run(db, NULL, Q_NAMED_REQUEST, err, "t", id);
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
