/* Shared by the node's side of room evidence beside inside.h, which includes it: where an exhibit
 * comes from, which conditions bind it, how long it is kept, what needs a second officer, how it
 * ends. Must never judge what a condition means, nor destroy anything by itself. Conditions: arts
 * 26 and 28 of the Convention; docs/protocol.md 4.5 and 4.6. */
#pragma once

#include "evidence/inside.h"

/* lineage.c: is what a manifest says of its origin possible? In a job. */
enum co_rc lineage_check(struct store_db *db, const char *id, const json_t *derived, bool incoming,
	struct co_err *err) CO_NODISCARD;
/* The exhibit and what it was made from, nearest first; at most LIMIT_LINEAGE. */
enum co_rc lineage_up(struct store_db *db, const struct exhibit_row *row,
	char (*ids)[CO_UUID_LEN + 1], size_t *n, struct co_err *err) CO_NODISCARD;

/* marking.c: conditions of arts 26 and 28 as they arrive and are accepted. */
exchange_effect marking_notice, marking_information;
enum co_rc marking_manifest(struct store_db *db, const json_t *exhibit, int64_t now_us,
	struct co_err *err) CO_NODISCARD;
enum co_rc marking_eased(struct store_db *db, const struct record *r, const struct exhibit_row *row,
	struct co_err *err) CO_NODISCARD;
/* Of a case, whoever set them: in force, or offered and not answered yet. Into list. */
enum co_rc marking_case(struct store_db *db, const char *case_id, bool bound, json_t *list,
	struct co_err *err) CO_NODISCARD;
/* What binds the exhibit: of its case, of its manifest, of what it was made from; for people to
 * read, LIMIT_MARKINGS at most (marking_allow reads all or refuses).
 * [{owner, type, text, article, record}] */
enum co_rc marking_list(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	json_t **out, struct co_err *err) CO_NODISCARD;
struct marking_use {
	const char *action; /* for the words: "opened", "packaged", "sealed for fr.contact" */
	const char *use;    /* "case", "other" or NULL: not said */
	const char *share;  /* address; NULL: it stays with us */
};
/* CO_EREFUSED with the article, whose condition, its words and the way out. */
enum co_rc marking_allow(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	const struct marking_use *use, struct co_err *err) CO_NODISCARD;
/* The same for everything of a case, and for content that is here under another id already. */
enum co_rc marking_allow_case(struct evidence *e, struct store_db *db, const char *case_id,
	const struct marking_use *use, struct co_err *err) CO_NODISCARD;
/* May exhibit (a manifest's object) go to share? Then its markings are put into it. */
enum co_rc marking_share(struct evidence *e, struct store_db *db, const char *case_id,
	const char *share, json_t *exhibit, struct co_err *err) CO_NODISCARD;

/* keeping.c */
struct keeping {
	int64_t since_us, until_us; /* 0: no period */
	char rule[512], source[LIMIT_NAME + 1];
	int64_t hold_us, hold_until_us; /* 0: not on hold; no day to look again */
	char hold_by[LIMIT_NAME + 1], hold_why[512];
	bool of_case;      /* the period is said of its whole case */
	bool hold_of_case; /* and so is the hold */
};
/* What is said of just this exhibit or case. */
enum co_rc keeping_own(struct store_db *db, const char *subject, struct keeping *out,
	struct co_err *err) CO_NODISCARD;
/* The exhibit's own, and where it has none, its case's. */
enum co_rc keeping_of(struct store_db *db, const struct exhibit_row *row, struct keeping *out,
	struct co_err *err) CO_NODISCARD;
json_t *keeping_json(const struct keeping *k);
enum co_rc keeping_effect(struct store_db *db, const struct record *r, int64_t now_us,
	struct co_err *err) CO_NODISCARD;
/* CO_EREFUSED while it is on hold or its period runs. */
enum co_rc keeping_over(struct store_db *db, const struct exhibit_row *row, int64_t now_us,
	struct co_err *err) CO_NODISCARD;
enum co_rc keeping_sweep(struct evidence *e, int64_t now_us, struct co_err *err) CO_NODISCARD;

/* moves.c: is action possible now? CO_EREFUSED (CO_EEXISTS for a second destruction) says why not.
 * What conditions say is marking_allow's. */
enum co_rc move_check(struct store_db *db, const struct exhibit_row *row, const char *action,
	struct co_err *err) CO_NODISCARD;
enum co_rc move_check_case(struct store_db *db, const char *case_id, const char *action,
	struct co_err *err) CO_NODISCARD;

/* two.c: a second officer. */
struct two {
	bool needed, waits;
	char draft[CO_UUID_LEN + 1]; /* becomes the record's id */
	json_t *second;              /* for the body; owned */
};
void two_deinit(struct two *t);
#define two_auto CO_CLEANUP(two_deinit) struct two
/* body: what is to be said, for what depends on it; NULL: not known yet. */
enum co_rc two_needed(struct evidence *e, struct store_db *db, const struct exhibit_row *row,
	const char *action, const json_t *body, bool *needed, struct co_err *err) CO_NODISCARD;
/* CO_EREFUSED when the period of a whole case would end earlier: drafts are of one exhibit. */
enum co_rc two_shorter_case(struct evidence *e, struct store_db *db, const char *case_id,
	int64_t until_us, struct co_err *err) CO_NODISCARD;
/* What was approved (action NULL: whatever) and not done waits again: circumstances changed. In a
 * job; not in a rebuild, which has no drafts to judge. */
enum co_rc two_lapse(struct store_db *db, const char *subject, bool whole, const char *action,
	const char *why, struct co_err *err) CO_NODISCARD;
/* Finds the draft of who that says this and was approved, or makes one that waits. */
enum co_rc two_ask(struct evidence *e, struct store_db *db, const struct officer *who,
	const struct exhibit_row *row, const struct custody_ask *ask, struct two *out,
	struct co_err *err) CO_NODISCARD;

/* ops.c */
/* Whether it may be opened, and who confirmed it; the draft becomes the record. use may be NULL. */
enum co_rc exhibit_open_allowed(struct evidence *e, struct store_db *db,
	const struct exhibit_row *row, struct custody_ask *ask, const char *use, struct two *two,
	struct co_err *err) CO_NODISCARD;

/* destroy.c */
exchange_approved destroy_approved;
exchange_confirm destroy_confirm;
enum co_rc destroy_sweep(struct evidence *e, struct co_err *err) CO_NODISCARD;
