/* SPDX-License-Identifier: Apache-2.0 */
/* Parsed ABI types; for the encoder and the decoder of this room alone. */
#ifndef CVMDECK_CHAIN_ABI_TYPE_H
#define CVMDECK_CHAIN_ABI_TYPE_H

#include "chain/abi.h"

enum { ABI_MAX_DEPTH = 16, ABI_MAX_MEMBERS = 64, ABI_MAX_FIXED = 1024 };

/*
 * size     UINT: bits; FIXED_BYTES: bytes; ARRAY: elements, 0 when dynamic
 * members  ARRAY: the one element type; TUPLE: its members
 * words    32-byte words the value takes in a head
 */
struct abi_type {
	enum abi_kind kind;
	unsigned size;
	struct abi_type *members;
	size_t count;
	size_t words;
	bool dynamic;
};

/* A list of types as one tuple, to be freed; NULL on a list that cannot be read. */
struct abi_type *abi_type_new(const char *types, size_t len, struct error *err) MUST_CHECK;
void abi_type_free(struct abi_type *type);

/* The list between the parentheses of "name(types)". */
bool abi_signature_types(const char *signature, const char **types, size_t *len, struct error *err) MUST_CHECK;

/* Whether a word is a value of an elementary type. */
bool abi_word_fits(const struct abi_type *type, const uint8_t word[32]);

#endif
