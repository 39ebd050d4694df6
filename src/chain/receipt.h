/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts of transactions: where they were mined, how they ended, what they cost, which logs they left. */
#ifndef CVMDECK_CHAIN_RECEIPT_H
#define CVMDECK_CHAIN_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/contract.h"
#include "wire/json.h"

enum { RECEIPT_MAX_LOGS = 4096 };

struct receipt {
	struct bytes32 tx_hash;
	struct bytes32 block_hash;
	uint64_t block;
	bool success; /* status 1 */
	struct address from;
	bool has_to;
	struct address to;
	uint64_t gas_used;
	bool has_paid;
	struct u256 paid; /* wei, the L1 fee included */
	struct log_entry *logs; /* owned, with their data */
	size_t log_count;
};

/*
 * Reads the result of eth_getTransactionReceipt (not null). Out: *out, cleared
 * with receipt_clear; empty after a failure. Errors: STATUS_CHAIN "receipt-malformed".
 */
bool receipt_parse(const json *result, struct receipt *out, struct error *err) MUST_CHECK;
void receipt_clear(struct receipt *receipt);
/* A copy with logs of its own. */
void receipt_copy(struct receipt *out, const struct receipt *receipt);

/* Whether that contract logged that event with that first argument (a word as encoded). */
bool receipt_has_event(const struct receipt *receipt, const struct address *contract, enum contract_event event,
	const struct bytes32 *first);

#endif
