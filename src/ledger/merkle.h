/* RFC 6962 Merkle trees with SHA-256: leaf = H(0x00 || entry), node = H(0x01 || left || right).
 * Pure functions over hashes; proofs as lists from the leaf's sibling upwards. Subtrees after
 * draft-ietf-plants-merkle-tree-certs: [start, end) where start is a multiple of the smallest
 * power of two not below end - start. */
#pragma once

#include "crypto/digest.h"

#include <stddef.h>

struct hash {
	unsigned char b[SHA256_LEN];
};

void merkle_leaf(const void *entry, size_t n, struct hash *out);
void merkle_node(const struct hash *left, const struct hash *right, struct hash *out);
void merkle_empty_root(struct hash *out);

enum co_rc merkle_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t proof_n, const struct hash *root,
	struct co_err *err) CO_NODISCARD;
/* size1 0 is refused: the empty tree is part of every tree, so nothing is proved. */
enum co_rc merkle_check_consistency(uint64_t size1, uint64_t size2, const struct hash *root1,
	const struct hash *root2, const struct hash *proof, size_t proof_n,
	struct co_err *err) CO_NODISCARD;
enum co_rc merkle_check_subtree_inclusion(uint64_t index, uint64_t start, uint64_t end,
	const struct hash *leaf, const struct hash *proof, size_t proof_n, const struct hash *root,
	struct co_err *err) CO_NODISCARD;
/* Is the subtree with root1 part of the tree of size leaves with root2? */
enum co_rc merkle_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
	const struct hash *root1, const struct hash *root2, const struct hash *proof,
	size_t proof_n, struct co_err *err) CO_NODISCARD;

/* Where proofs and roots are computed from: the hash of the complete subtree of 2^level leaves
 * number index at that level. */
typedef enum co_rc merkle_source(
	void *arg, unsigned level, uint64_t index, struct hash *out, struct co_err *err);
enum co_rc merkle_root(uint64_t size, merkle_source *src, void *arg, struct hash *out,
	struct co_err *err) CO_NODISCARD;
/* proof has room for LIMIT_PROOF_HASHES. */
enum co_rc merkle_inclusion(uint64_t index, uint64_t size, merkle_source *src, void *arg,
	struct hash *proof, size_t *proof_n, struct co_err *err) CO_NODISCARD;
enum co_rc merkle_consistency(uint64_t size1, uint64_t size2, merkle_source *src, void *arg,
	struct hash *proof, size_t *proof_n, struct co_err *err) CO_NODISCARD;
