/* By what a report can be made again: its form, its words, its clocks. */
#include "evidence/report_inside.h"

#include "base/enc.h"
#include "crypto/digest.h"

#include <string.h>

static enum co_rc
words_digest(char hex[SHA256_HEX + 1], struct co_err *err)
{
	unsigned char sum[SHA256_LEN];
	digest_auto *d = NULL;
	const void *p;
	size_t n;

	TRY(digest_new(&d, DIGEST_SHA256, err));
	for (size_t i = 0; catalogue_words(i, &p, &n); i++)
		digest_add(d, p, n);
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), hex);
	return CO_OK;
}

/* Machines have zones from different years: what counts is when the offset changes, from 2000 to
 * 2060, to a quarter of a day. */
static enum co_rc
clock_digest(const struct report *r, char hex[SHA256_HEX + 1], struct co_err *err)
{
	const int64_t from = 946684800, to = 2840140800, step = 21600;
	unsigned char sum[SHA256_LEN];
	digest_auto *d = NULL;

	TRY(digest_new(&d, DIGEST_SHA256, err));
	for (size_t i = 0; i < r->sides_n; i++) {
		int32_t was = INT32_MIN;

		digest_add(d, r->sides[i].address, strlen(r->sides[i].address) + 1);
		for (int64_t s = from; s < to; s += step) {
			int32_t is = co_zone_offset(r->sides[i].zone, s * 1000000, NULL);
			char line[48];
			int n;

			if (is == was)
				continue;
			n = snprintf(line, sizeof(line), "%lld %d\n", (long long)s, (int)is);
			digest_add(d, line, (size_t)n);
			was = is;
		}
	}
	digest_end(d, sum);
	co_hex(sum, sizeof(sum), hex);
	return CO_OK;
}

enum co_rc
report_label(const struct report_source *from, const char *language, json_t **label,
	struct co_err *err)
{
	CO_CLEANUP(report_deinit) struct report r = { .rows = NULL };
	json_t *missing;
	char words[SHA256_HEX + 1], clock[SHA256_HEX + 1];

	paper_reader_language(&r.reader, language);
	TRY(report_sides(&r, from, err));
	TRY(words_digest(words, err));
	TRY(clock_digest(&r, clock, err));
	*label = json_pack("{s:i,s:s,s:s,s:s}", "form", (int)REPORT_FORM, "language",
		r.reader.language->code, "words", words, "clock", clock);
	if (*label == NULL)
		return co_fail(err, CO_ENOMEM, "report");
	missing = json_is_array(from->missing) ? json_deep_copy(from->missing) : json_array();
	(void)json_object_set_new(*label, "missing", missing);
	return CO_OK;
}
