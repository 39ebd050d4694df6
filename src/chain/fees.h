/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a transaction costs: base fees, tips, caps, the L1 data fee of the OP
 * stack, and what a replacement must offer. Amounts are wei, prices wei per
 * gas (EIP-1559; vectors/fees.json).
 */
#ifndef CVMDECK_CHAIN_FEES_H
#define CVMDECK_CHAIN_FEES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/tx.h"
#include "chain/u256.h"
#include "wire/json.h"

/* The OP stack's GasPriceOracle. */
#define FEES_ORACLE_ADDRESS "0x420000000000000000000000000000000000000F"

enum { FEES_MAX_BLOCKS = 1024, FEES_MAX_PERCENTILES = 100 };

/*
 * The next block's base fee of a chain with fixed parameters (Ethereum:
 * elasticity 2, denominator 8). Errors: STATUS_CHAIN "fee-overflow",
 * "fee-parameters" (a target of zero, a denominator of zero).
 */
bool fees_next_base_fee(const struct u256 *base_fee, const struct u256 *gas_used, const struct u256 *gas_limit,
	uint64_t elasticity, uint64_t denominator, struct u256 *out, struct error *err) MUST_CHECK;

/* Over the blocks of a history, for one percentile. */
struct fee_reward {
	struct u256 min;
	struct u256 max;
	struct u256 median; /* element floor((n - 1) / 2) of the sorted rewards */
};

struct fee_history {
	struct u256 oldest_block;
	size_t blocks;
	struct u256 *base_fees; /* blocks + 1; the last is the next block's */
	bool has_rewards;
	size_t percentiles;
	struct fee_reward *rewards; /* one for each percentile */
};

/* Reads the result of eth_feeHistory. Errors: STATUS_CHAIN "fee-history". *out is empty after a failure. */
bool fee_history_parse(const json *result, struct fee_history *out, struct error *err) MUST_CHECK;
void fee_history_clear(struct fee_history *history);
const struct u256 *fee_history_next_base_fee(const struct fee_history *history);
const struct u256 *fee_history_latest_base_fee(const struct fee_history *history);

/* floor(next * num / den) + tip. Errors: "fee-overflow". */
bool fees_max_fee(const struct u256 *next_base_fee, const struct u256 *tip, uint64_t num, uint64_t den, struct u256 *out,
	struct error *err) MUST_CHECK;

struct fee_pair {
	struct u256 max_fee;
	struct u256 max_priority_fee;
};

enum fee_effect {
	FEE_PAYS,    /* includable: price and tip are set */
	FEE_WAITS,   /* the cap is below the base fee */
	FEE_INVALID, /* the tip is above the cap: never valid */
};

/* What is paid for a unit of gas at a base fee. */
enum fee_effect fees_effective(const struct u256 *base_fee, const struct fee_pair *fees, struct u256 *price, struct u256 *tip);

struct fee_cost {
	struct u256 gas;   /* gas limit × cap */
	struct u256 total; /* and value and L1 fee */
};

/* The most it can cost. Errors: "fee-overflow" (then it must be refused). */
bool fees_max_cost(const struct u256 *gas_limit, const struct u256 *max_fee, const struct u256 *value, const struct u256 *l1_fee,
	struct fee_cost *out, struct error *err) MUST_CHECK;

/* What a mined transaction paid: gasUsed × effectiveGasPrice + l1Fee. Errors: STATUS_CHAIN "receipt-malformed". */
bool fees_receipt_cost(const json *receipt, struct u256 *out, struct error *err) MUST_CHECK;

/* Adds the calldata of getL1Fee for the transaction, or of its upper bound by length. */
void fees_add_l1_fee_call(struct buf *out, const struct tx *tx);
void fees_add_l1_upper_bound_call(struct buf *out, const struct tx *tx);

struct fee_replacement {
	bool invalid;           /* the new tip is above the new cap */
	bool accepted;          /* a node takes the new for the old */
	struct fee_pair minimum; /* the least geth takes */
	struct fee_pair safe;    /* the least a node that rounds up takes */
};

/* Whether `fresh` replaces `old` in a node's pool, and what would. Errors: "fee-overflow". */
bool fees_replacement(const struct fee_pair *old, const struct fee_pair *fresh, struct fee_replacement *out,
	struct error *err) MUST_CHECK;

#endif
