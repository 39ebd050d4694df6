/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an address is, from its code: a person's account, one that delegates
 * (EIP-7702: still signs with its own key), a Safe, another contract. And the
 * storage slots of ERC-1967 proxies (vectors/account_kind.json).
 */
#ifndef CVMDECK_CHAIN_ACCOUNT_H
#define CVMDECK_CHAIN_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/types.h"

#define ACCOUNT_SLOT_IMPLEMENTATION "eip1967.proxy.implementation"
#define ACCOUNT_SLOT_ADMIN "eip1967.proxy.admin"
#define ACCOUNT_SLOT_BEACON "eip1967.proxy.beacon"

enum account_kind {
	ACCOUNT_EOA,
	ACCOUNT_DELEGATED_EOA,
	ACCOUNT_SAFE,
	ACCOUNT_CONTRACT,
};

struct account {
	enum account_kind kind;
	struct address delegate; /* DELEGATED_EOA */
	size_t code_size;        /* bytes; SAFE and CONTRACT */
	struct bytes32 code_hash; /* keccak-256 of the code; of nothing for an EOA */
	uint64_t threshold;      /* SAFE: signatures needed */
	struct address *owners;  /* SAFE: owned, owner_count of them */
	size_t owner_count;
};

/* "eoa", "delegated_eoa", "safe", "contract" */
const char *account_kind_name(enum account_kind kind);
/* Whether it signs ordinary transactions with a key of its own. */
bool account_is_person(const struct account *account);
void account_clear(struct account *account);

/* From the result of eth_getCode. Errors: STATUS_CHAIN "code-malformed". */
bool account_classify(const char *code, struct account *out, struct error *err) MUST_CHECK;

/*
 * The same with what getThreshold() and getOwners() answered (hex, or NULL
 * when the call failed): only a contract whose answers make sense together is
 * a Safe. Out: *out, cleared with account_clear.
 */
bool account_classify_owner(const char *code, const char *threshold, const char *owners, struct account *out,
	struct error *err) MUST_CHECK;
/* The answers as bytes; NULL when the call failed. Changes a contract into a Safe where they say so. */
void account_add_safe_answers(struct account *account, const uint8_t *threshold, size_t threshold_len, const uint8_t *owners,
	size_t owners_len);

/*
 * The address in a storage word or a 32-byte answer (hex); *present is false
 * for the zero address. Errors: STATUS_CHAIN "word-malformed".
 */
bool account_word_address(const char *word, struct address *out, bool *present, struct error *err) MUST_CHECK;

/* The storage slot of a name: keccak-256(name) - 1. */
void account_slot(const char *name, struct bytes32 *out);

#endif
