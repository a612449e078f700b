#include "ledger/merkle.h"
#include "base/limits.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { SMALL_ENTRY = 256 };

void
merkle_leaf(const void *entry, size_t n, struct hash *out)
{
	unsigned char small[1 + SMALL_ENTRY];
	digest_auto *d = NULL;

	if (n <= SMALL_ENTRY) {
		small[0] = 0x00;
		memcpy(small + 1, entry, n);
		sha256(small, n + 1, out->b);
		return;
	}
	/* Only a foreign ledger's entries are this long; without memory there is no going on. */
	if (digest_new(&d, DIGEST_SHA256, NULL) != CO_OK)
		abort();
	digest_add(d, "", 1);
	digest_add(d, entry, n);
	digest_end(d, out->b);
}

void
merkle_node(const struct hash *left, const struct hash *right, struct hash *out)
{
	unsigned char in[1 + 2 * SHA256_LEN];

	in[0] = 0x01;
	memcpy(in + 1, left->b, SHA256_LEN);
	memcpy(in + 1 + SHA256_LEN, right->b, SHA256_LEN);
	sha256(in, sizeof(in), out->b);
}

void
merkle_empty_root(struct hash *out)
{
	sha256("", 0, out->b);
}

static bool
hash_same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, SHA256_LEN) == 0;
}

/* RFC 9162 2.1.3.2 (the algorithm; the hashing is that of RFC 6962). */
enum co_rc
merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t proof_n, const struct hash *root, struct co_err *err)
{
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;

	if (index >= size)
		return co_fail(err, CO_EVERIFY, "leaf %llu is not in a tree of %llu",
			(unsigned long long)index, (unsigned long long)size);
	for (size_t i = 0; i < proof_n; i++) {
		if (sn == 0)
			return co_fail(err, CO_EVERIFY, "inclusion proof is too long");
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(&proof[i], &r, &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(&r, &proof[i], &r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return co_fail(err, CO_EVERIFY, "inclusion proof is too short");
	if (!hash_same(&r, root))
		return co_fail(err, CO_EVERIFY, "inclusion proof leads to another root");
	return CO_OK;
}

/* Is start a multiple of the smallest power of two that is not below end - start? */
static bool
subtree_valid(uint64_t start, uint64_t end)
{
	uint64_t width = end - start, above = width - 1;

	if (start >= end)
		return false;
	/* All bits below the power of two: smear the top bit of width - 1 downwards. */
	for (unsigned shift = 1; shift < 64; shift *= 2)
		above |= above >> shift;
	return (start & above) == 0;
}

enum co_rc
merkle_check_subtree_inclusion(uint64_t index, uint64_t start, uint64_t end,
	const struct hash *leaf, const struct hash *proof, size_t proof_n, const struct hash *root,
	struct co_err *err)
{
	if (!subtree_valid(start, end) || index < start)
		return co_fail(err, CO_EVERIFY, "leaf %llu is in no subtree [%llu, %llu)",
			(unsigned long long)index, (unsigned long long)start,
			(unsigned long long)end);
	return merkle_check_inclusion(index - start, end - start, leaf, proof, proof_n, root, err);
}

/* A walk upwards: first and last node of the subtree and last node of the tree at one level. */
struct walk {
	uint64_t fn, sn, tn;
};

static void
walk_up(struct walk *w)
{
	w->fn >>= 1;
	w->sn >>= 1;
	w->tn >>= 1;
}

static void
walk_start(struct walk *w)
{
	if (w->sn == w->tn) {
		while (w->fn != w->sn)
			walk_up(w);
	} else {
		while (w->fn != w->sn && (w->sn & 1) != 0)
			walk_up(w);
	}
}

static enum co_rc
walk_proof(struct walk *w, struct hash *fr, struct hash *sr, const struct hash *proof, size_t n,
	struct co_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (w->tn == 0)
			return co_fail(err, CO_EVERIFY, "consistency proof is too long");
		if ((w->sn & 1) != 0 || w->sn == w->tn) {
			if (w->fn < w->sn)
				merkle_node(&proof[i], fr, fr);
			merkle_node(&proof[i], sr, sr);
			while ((w->sn & 1) == 0 && w->sn != 0)
				walk_up(w);
		} else {
			merkle_node(sr, &proof[i], sr);
		}
		walk_up(w);
	}
	if (w->tn != 0)
		return co_fail(err, CO_EVERIFY, "consistency proof is too short");
	return CO_OK;
}

/* An empty subtree is part of every tree, whatever its root; only its own root can be wrong. */
static enum co_rc
check_empty_subtree(const struct hash *root1, size_t proof_n, struct co_err *err)
{
	struct hash empty;

	merkle_empty_root(&empty);
	if (proof_n != 0)
		return co_fail(err, CO_EVERIFY, "consistency proof is too long");
	if (!hash_same(root1, &empty))
		return co_fail(err, CO_EVERIFY, "the root of an empty subtree is wrong");
	return CO_OK;
}

enum co_rc
merkle_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
	const struct hash *root1, const struct hash *root2, const struct hash *proof,
	size_t proof_n, struct co_err *err)
{
	struct walk w = { start, end - 1, size - 1 };
	struct hash fr, sr;
	size_t used = 0;
	enum co_rc rc;

	if (start == end && end <= size)
		return check_empty_subtree(root1, proof_n, err);
	if (!subtree_valid(start, end) || end > size)
		return co_fail(err, CO_EVERIFY, "no subtree [%llu, %llu) in a tree of %llu",
			(unsigned long long)start, (unsigned long long)end,
			(unsigned long long)size);
	walk_start(&w);
	if (w.fn == w.sn) {
		fr = sr = *root1;
	} else {
		if (proof_n == 0)
			return co_fail(err, CO_EVERIFY, "consistency proof is empty");
		fr = sr = proof[0];
		used = 1;
	}
	rc = walk_proof(&w, &fr, &sr, proof + used, proof_n - used, err);
	if (rc != CO_OK)
		return rc;
	if (!hash_same(&fr, root1))
		return co_fail(
			err, CO_EVERIFY, "consistency proof does not lead to the older root");
	if (!hash_same(&sr, root2))
		return co_fail(
			err, CO_EVERIFY, "consistency proof does not lead to the newer root");
	return CO_OK;
}

enum co_rc
merkle_check_consistency(uint64_t size1, uint64_t size2, const struct hash *root1,
	const struct hash *root2, const struct hash *proof, size_t proof_n, struct co_err *err)
{
	/* The empty tree is part of every tree: a proof of it would say nothing. */
	if (size1 == 0)
		return co_fail(
			err, CO_EVERIFY, "there is no consistency to prove from an empty tree");
	return merkle_check_subtree_consistency(0, size1, size2, root1, root2, proof, proof_n, err);
}

/* The root of leaves [from, to), from a multiple of the largest power of two below the width:
 * complete subtrees from left to right, then joined from the right. */
static enum co_rc
range_root(uint64_t from, uint64_t to, merkle_source *src, void *arg, struct hash *out,
	struct co_err *err)
{
	struct hash part[64];
	size_t n = 0;
	enum co_rc rc;

	while (from < to) {
		unsigned level = 63u - (unsigned)__builtin_clzll(to - from);

		assert((from & (((uint64_t)1 << level) - 1)) == 0 && n < CO_ARRAY_LEN(part));
		rc = src(arg, level, from >> level, &part[n++], err);
		if (rc != CO_OK)
			return rc;
		from += (uint64_t)1 << level;
	}
	if (n == 0) {
		merkle_empty_root(out);
		return CO_OK;
	}
	while (--n > 0)
		merkle_node(&part[n - 1], &part[n], &part[n - 1]);
	*out = part[0];
	return CO_OK;
}

enum co_rc
merkle_root(uint64_t size, merkle_source *src, void *arg, struct hash *out, struct co_err *err)
{
	return range_root(0, size, src, arg, out, err);
}

/* Largest power of two below n (n >= 2): where RFC 6962 2.1 splits. */
static uint64_t
split_of(uint64_t n)
{
	return (uint64_t)1 << (63u - (unsigned)__builtin_clzll(n - 1));
}

static void
reverse(struct hash *h, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct hash t = h[i];

		h[i] = h[n - 1 - i];
		h[n - 1 - i] = t;
	}
}

enum co_rc
merkle_inclusion(uint64_t index, uint64_t size, merkle_source *src, void *arg, struct hash *proof,
	size_t *proof_n, struct co_err *err)
{
	uint64_t from = 0, to = size;
	size_t n = 0;
	enum co_rc rc;

	if (index >= size)
		return co_fail(err, CO_ENOTFOUND, "leaf %llu is not in a tree of %llu",
			(unsigned long long)index, (unsigned long long)size);
	while (to - from > 1) {
		uint64_t mid = from + split_of(to - from);
		bool left = index < mid;

		assert(n < LIMIT_PROOF_HASHES);
		rc = range_root(left ? mid : from, left ? to : mid, src, arg, &proof[n++], err);
		if (rc != CO_OK)
			return rc;
		if (left)
			to = mid;
		else
			from = mid;
	}
	reverse(proof, n);
	*proof_n = n;
	return CO_OK;
}

enum co_rc
merkle_consistency(uint64_t size1, uint64_t size2, merkle_source *src, void *arg,
	struct hash *proof, size_t *proof_n, struct co_err *err)
{
	uint64_t from = 0, to = size2;
	size_t n = 0;
	enum co_rc rc;

	if (size1 > size2)
		return co_fail(err, CO_EUSAGE, "a tree of %llu is not older than one of %llu",
			(unsigned long long)size1, (unsigned long long)size2);
	/* Down to the node whose right edge is size1 (RFC 6962 2.1.2, without recursion). */
	while (size1 > 0 && to != size1) {
		uint64_t mid = from + split_of(to - from);
		bool left = size1 <= mid;

		assert(n < LIMIT_PROOF_HASHES);
		rc = range_root(left ? mid : from, left ? to : mid, src, arg, &proof[n++], err);
		if (rc != CO_OK)
			return rc;
		if (left)
			to = mid;
		else
			from = mid;
	}
	/* The old tree's own root is known to who asks; any other node starts the proof. */
	if (size1 > 0 && from > 0) {
		rc = range_root(from, to, src, arg, &proof[n++], err);
		if (rc != CO_OK)
			return rc;
	}
	reverse(proof, n);
	*proof_n = n;
	return CO_OK;
}
