#include "exchange/lawbook.h"

#include "base/log.h"
#include "exchange/inside.h"

enum { FAULTS_TOLD = 1 };

struct lawbook {
	atomic_size_t users;
	struct law_book *book;
	int64_t mark; /* of the profiles in it */
};

void
lawbook_put(struct lawbook **bp)
{
	struct lawbook *b = *bp;

	*bp = NULL;
	if (b == NULL || atomic_fetch_sub(&b->users, 1) != 1)
		return;
	law_book_free(&b->book);
	free(b);
}

const struct law_book *
lawbook_of(const struct lawbook *b)
{
	return b->book;
}

/* ---- the texts of a book ---- */

struct texts {
	struct law_text *all;
	size_t n, built_in;
	char **own; /* copies of what is not built in: name, data, name, data .. */
	size_t own_n;
};

static void
texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->own_n; i++)
		free(t->own[i]);
	free(t->own);
	free(t->all);
}
#define texts_auto CO_CLEANUP(texts_free) struct texts

static enum co_rc
texts_begin(struct texts *t, size_t more, struct co_err *err)
{
	const struct law_text *built_in = law_built_in(&t->built_in);

	t->all = calloc(t->built_in + more, sizeof(*t->all));
	t->own = calloc(2 * more, sizeof(*t->own));
	if (t->all == NULL || t->own == NULL)
		return co_fail(err, CO_ENOMEM, "law book");
	memcpy(t->all, built_in, t->built_in * sizeof(*built_in));
	t->n = t->built_in;
	return CO_OK;
}

/* name: "profile of TH", as faults name it. */
static enum co_rc
texts_add(struct texts *t, const char *economy, const char *data, struct co_err *err)
{
	char name[64];
	char *copies[2];

	(void)snprintf(name, sizeof(name), "profile-%s.json", economy);
	copies[0] = strdup(name);
	copies[1] = strdup(data);
	t->own[t->own_n++] = copies[0];
	t->own[t->own_n++] = copies[1];
	if (copies[0] == NULL || copies[1] == NULL)
		return co_fail(err, CO_ENOMEM, "law book");
	t->all[t->n++] = (struct law_text){ copies[0], copies[1], strlen(copies[1]) };
	return CO_OK;
}

/* The stored profiles, at most so many as a book holds files. */
static enum co_rc
texts_read(struct texts *t, struct store_db *db, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(texts_begin(t, LIMIT_LAW_FILES, err));
	TRY(store_query(db, Q_PROFILE_ALL, &st, err, ""));
	for (;;) {
		TRY(store_step(st, &row, err));
		if (!row || t->n == LIMIT_LAW_FILES)
			return CO_OK;
		TRY(texts_add(t, store_text(st, 0), store_text(st, 4), err));
	}
}

/* Leaves out the text with that name; false when it is built in. */
static bool
texts_drop(struct texts *t, const char *name)
{
	for (size_t i = t->built_in; i < t->n; i++)
		if (strcmp(t->all[i].name, name) == 0) {
			memmove(&t->all[i], &t->all[i + 1], (t->n - i - 1) * sizeof(*t->all));
			t->n--;
			return true;
		}
	return false;
}

/* A profile that does not fit what is built in today, after an upgrade, is left out and told. */
static enum co_rc
book_load(struct law_book **out, struct texts *t, struct co_err *err)
{
	for (;;) {
		struct law_fault fault[FAULTS_TOLD];
		struct co_err why = { CO_OK, "" };
		size_t n = 0;
		enum co_rc rc = law_book_load(out, t->all, t->n, fault, FAULTS_TOLD, &n, &why);

		if (rc == CO_OK)
			return CO_OK;
		if (n == 0 || !texts_drop(t, fault[0].file))
			return co_fail(err, rc, "%s", why.msg);
		co_warn("law", "%s:%u: %s; this profile is left out", fault[0].file, fault[0].line,
			fault[0].text);
	}
}

static enum co_rc
lawbook_make(struct lawbook **out, struct store_db *db, int64_t mark, struct co_err *err)
{
	texts_auto t = { .all = NULL };
	lawbook_auto *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return co_fail(err, CO_ENOMEM, "law book");
	atomic_init(&b->users, 1);
	b->mark = mark;
	TRY(texts_read(&t, db, err));
	TRY(book_load(&b->book, &t, err));
	*out = CO_TAKE(b);
	return CO_OK;
}

/* ---- the book in use ---- */

static struct lawbook *
book_now(struct exchange *x)
{
	struct lawbook *b;

	pthread_rwlock_rdlock(&x->snap_lock);
	b = x->law;
	if (b != NULL)
		atomic_fetch_add(&b->users, 1);
	pthread_rwlock_unlock(&x->snap_lock);
	return b;
}

static enum co_rc
book_renew(struct exchange *x, struct store_db *db, int64_t mark, struct lawbook **out,
	struct co_err *err)
{
	struct lawbook *b = NULL, *old;

	TRY(lawbook_make(&b, db, mark, err));
	atomic_fetch_add(&b->users, 1);
	pthread_rwlock_wrlock(&x->snap_lock);
	old = x->law;
	x->law = b;
	pthread_rwlock_unlock(&x->snap_lock);
	lawbook_put(&old);
	*out = b;
	return CO_OK;
}

static enum co_rc
profile_mark(struct store_db *db, int64_t *mark, struct co_err *err)
{
	store_stmt_auto *st = NULL;
	bool row;

	TRY(store_query(db, Q_PROFILE_MARK, &st, err, ""));
	TRY(store_step(st, &row, err));
	*mark = store_int(st, 0);
	return CO_OK;
}

enum co_rc
lawbook_use(struct exchange *x, struct store_db *db, struct lawbook **out, struct co_err *err)
{
	lawbook_auto *b = book_now(x);
	int64_t mark;
	enum co_rc rc;

	TRY(profile_mark(db, &mark, err));
	if (b == NULL)
		pthread_mutex_lock(&x->law_lock);
	else if (b->mark == mark || pthread_mutex_trylock(&x->law_lock) != 0) {
		*out = CO_TAKE(b);
		return CO_OK;
	}
	lawbook_put(&b);
	b = book_now(x); /* somebody may have made it while we waited */
	rc = b != NULL && b->mark == mark ? CO_OK : CO_ENOTFOUND;
	if (rc != CO_OK) {
		lawbook_put(&b);
		rc = book_renew(x, db, mark, &b, err);
	}
	pthread_mutex_unlock(&x->law_lock);
	if (rc == CO_OK)
		*out = CO_TAKE(b);
	return rc;
}

/* ---- profiles ---- */

enum co_rc
profile_check(const char *economy, const json_t *profile, struct co_err *err)
{
	const char *of = json_string_value(json_object_get(profile, "profile"));
	co_auto_free char *text = json_dumps(profile, JSON_INDENT(1));
	texts_auto t = { .all = NULL };
	struct law_fault fault[FAULTS_TOLD];
	struct co_err why = { CO_OK, "" };
	law_book_auto *book = NULL;
	size_t n = 0;

	if (of == NULL || strcmp(of, economy) != 0)
		return co_fail(err, CO_EREFUSED, "the profile is of \"%s\", not of %s",
			of == NULL ? "" : of, economy);
	if (text == NULL)
		return co_fail(err, CO_ENOMEM, "profile");
	TRY(texts_begin(&t, 1, err));
	TRY(texts_add(&t, economy, text, err));
	if (law_book_load(&book, t.all, t.n, fault, FAULTS_TOLD, &n, &why) == CO_OK)
		return CO_OK;
	if (n == 0)
		return co_fail(err, why.rc, "%s", why.msg);
	return co_fail(err, CO_EREFUSED, "%s:%u: %s%s", fault[0].file, fault[0].line, fault[0].text,
		n > 1 ? " (and more)" : "");
}

enum co_rc
profile_vet(struct exchange *x, const struct record *r, struct co_err *err)
{
	const char *economy = json_string_value(json_object_get(r->body, "economy"));
	const struct partner *p;
	char of[4] = "";
	bool provider = false;

	if (strcmp(r->from, x->address) == 0) {
		(void)snprintf(of, sizeof(of), "%s", x->economy);
	} else {
		TRY(partner_get(x, r->from, &p, err));
		(void)snprintf(of, sizeof(of), "%s", p->economy);
		provider = strcmp(p->role, "provider") == 0;
		partner_put(x, &p);
	}
	if (provider)
		return co_fail(err, CO_EREFUSED,
			"%s is a provider: what the law of %s is, its contact point or central "
			"authority says",
			r->from, of);
	if (economy == NULL || strcmp(economy, of) != 0)
		return co_fail(err, CO_EREFUSED,
			"%s is a node of %s and cannot say what the law of %s is", r->from, of,
			economy == NULL ? "" : economy);
	return profile_check(economy, json_object_get(r->body, "profile"), err);
}

/* An older one that arrives late changes nothing, nor does the same one sent again. */
enum co_rc
profile_effect(struct exchange *x, struct store_db *db, const struct record *r, bool incoming,
	void *arg, struct co_err *err)
{
	const char *economy = json_string_value(json_object_get(r->body, "economy"));
	co_auto_free char *text = json_dumps(json_object_get(r->body, "profile"), JSON_INDENT(1));
	store_stmt_auto *st = NULL;
	int64_t changes;
	bool row;

	(void)x;
	(void)incoming;
	(void)arg;
	if (text == NULL || economy == NULL)
		return co_fail(err, CO_ENOMEM, "profile");
	TRY(store_query(db, Q_PROFILE_GET, &st, err, "t", economy));
	TRY(store_step(st, &row, err));
	if (row &&
		(store_int(st, 2) > r->at_us ||
			(strcmp(store_text(st, 1), r->from) == 0 &&
				strcmp(store_text(st, 3), text) == 0)))
		return CO_OK;
	store_done(&st);
	TRY(store_run(db, &changes, Q_PROFILE_UPDATE, err, "ttitt", r->id, r->from, r->at_us, text,
		economy));
	if (changes != 0)
		return CO_OK;
	return store_run(
		db, NULL, Q_PROFILE_INSERT, err, "tttit", economy, r->id, r->from, r->at_us, text);
}
