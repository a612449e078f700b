#include "law/rule.h"

#include <string.h>

enum { WORDS_MAX = 32 };

/* The order is the bit's number: new words go to the end, except that arts 2-11 come first. */
static const char *const words[LAW_WORDS_N][WORDS_MAX] = {
	[LAW_MEASURES] = { "preserve", "path", "subscriber", "traffic", "content",
		"traffic-realtime", "intercept", "emergency", "advice", "legal-information",
		"locate", "domain-registration" },
	[LAW_URGENCIES] = { "routine", "urgent", "emergency" },
	[LAW_CUSTODIANS] = { "provider", "authority", "person" },
	[LAW_DATA] = { "subscriber", "traffic", "content" },
	[LAW_OFFENCES] = { "illegal-access", "illegal-interception", "data-interference",
		"system-interference", "misuse-of-devices", "forgery", "fraud",
		"child-abuse-material", "copyright", "attempt-aiding", "corporate-liability",
		"sanctions", "grooming", "intimate-images", "laundering", "racist-material",
		"racist-threat", "racist-insult", "genocide-denial", "other" },
};

static const char *const effects[] = {
	[LAW_BLOCKS] = "blocks",
	[LAW_REQUIRES] = "requires",
	[LAW_WARNS] = "warns",
	[LAW_PERMITS] = "permits",
	[LAW_INFORMS] = "informs",
};
static const char *const sides[] = {
	[LAW_BOTH] = "both",
	[LAW_REQUESTING] = "requesting",
	[LAW_REQUESTED] = "requested",
};
static const char *const topics[] = {
	[LAW_TOPIC_BASIS] = "basis",
	[LAW_TOPIC_CONDITION] = "condition",
	[LAW_TOPIC_DUAL] = "dual",
	[LAW_TOPIC_CHANNEL] = "channel",
	[LAW_TOPIC_FIELD] = "field",
	[LAW_TOPIC_FORMALITY] = "formality",
	[LAW_TOPIC_TIME] = "time",
	[LAW_TOPIC_GROUND] = "ground",
	[LAW_TOPIC_DUTY] = "duty",
};
static const char *const certainties[] = {
	[LAW_CERTAIN_UNKNOWN] = "unknown",
	[LAW_UNVERIFIED] = "unverified",
	[LAW_SECONDARY] = "secondary",
	[LAW_VERIFIED] = "verified",
};
static const char *const groups[] = {
	[LAW_SUBSTANTIVE] = "substantive",
	[LAW_PROCEDURAL] = "procedural",
	[LAW_SAFEGUARD] = "safeguard",
	[LAW_JURISDICTION] = "jurisdiction",
	[LAW_COOPERATION] = "cooperation",
	[LAW_FINAL] = "final",
};

uint64_t
law_word_bit(enum law_words list, const char *word)
{
	for (size_t i = 0; i < WORDS_MAX && words[list][i] != NULL; i++)
		if (strcmp(words[list][i], word) == 0)
			return UINT64_C(1) << i;
	return 0;
}

const char *
law_word_at(enum law_words list, size_t i)
{
	return i < WORDS_MAX ? words[list][i] : NULL;
}

/* The place of s in names, or n. */
static size_t
name_find(const char *const *names, size_t n, const char *s)
{
	size_t i = 0;

	while (i < n && strcmp(names[i], s) != 0)
		i++;
	return i;
}

#define NAME_PAIR(type, names) \
	const char *law_##type##_name(enum law_##type v) \
	{ \
		return names[v]; \
	} \
	bool law_##type##_parse(const char *s, enum law_##type *out) \
	{ \
		size_t i = name_find(names, CO_ARRAY_LEN(names), s); \
\
		if (i == CO_ARRAY_LEN(names)) \
			return false; \
		*out = (enum law_##type)i; \
		return true; \
	}

NAME_PAIR(effect, effects)
NAME_PAIR(side, sides)
NAME_PAIR(topic, topics)
NAME_PAIR(certainty, certainties)
NAME_PAIR(group, groups)
