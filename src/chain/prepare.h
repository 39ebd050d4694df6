/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a transaction ready for a person to see: simulated from the signer at
 * the pending block, gas and fees, the L1 data fee of the OP stack, nonce,
 * balance and the most it can cost. What was prepared here is what is signed.
 */
#ifndef CVMDECK_CHAIN_PREPARE_H
#define CVMDECK_CHAIN_PREPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/fees.h"
#include "chain/tx.h"
#include "wire/rpc.h"

enum {
	PREPARE_GAS_MARGIN = 20,    /* percent above the estimate */
	PREPARE_HISTORY_BLOCKS = 20, /* of eth_feeHistory */
	PREPARE_TIP_PERCENTILE = 50,
	PREPARE_BASE_FEE_FACTOR = 2, /* the cap covers so many times the next base fee */
};

/* What to prepare; copied. */
struct tx_intent {
	uint64_t chain_id;
	struct address from, to;
	struct u256 value;
	const uint8_t *data;
	size_t len;
	bool has_nonce; /* a replacement, or a second one queued behind the first; else the pending one is taken */
	uint64_t nonce;
	bool replaces;        /* another transaction of the same nonce: offer enough for nodes to take it */
	struct fee_pair old_fees;
	struct u256 max_fee_ceiling; /* --max-fee, wei per gas; zero: none */
};

struct tx_prepared {
	struct tx tx; /* complete but for the signature; owned */
	bool simulated; /* eth_call and eth_estimateGas both succeed */
	struct error simulation; /* why not: the revert, decoded */
	uint64_t gas_estimate;
	struct u256 next_base_fee;
	bool capped; /* the ceiling lowered the cap */
	bool waits;  /* the cap is below the next base fee: it would not be mined now */
	bool has_l1_fee;
	struct u256 l1_fee;
	struct fee_cost cost; /* the L1 fee in total */
	struct u256 balance;
	bool affordable; /* balance covers cost.total */
	uint64_t nonce_mined, nonce_pending;
	bool foreign_pending; /* transactions of this account wait that are not mined */
	bool gap;             /* the nonce leaves one free below it: it would wait for ever */
	bool used;            /* the nonce is used up */
	int64_t took_ms;
};

void tx_prepared_clear(struct tx_prepared *prepared);
/* Moves it out; from is empty afterwards. */
void tx_prepared_take(struct tx_prepared *out, struct tx_prepared *from);

/*
 * The fees for a next base fee and a tip: cap = factor × base + tip, lowered
 * to the ceiling where there is one, raised to what a replacement needs.
 * Errors: "fee-overflow"; STATUS_CHAIN "max-fee" when a replacement does not
 * fit below the ceiling.
 */
bool prepare_fees(const struct tx_intent *intent, const struct u256 *next_base_fee, const struct u256 *tip,
	struct fee_pair *out, bool *capped, struct error *err) MUST_CHECK;
/* The tip to offer: the median reward, at least what keeps a transaction from being ignored on that chain. */
struct u256 prepare_tip(const struct fee_history *history, uint64_t chain_id);

/*
 * fn once: prepared (may be taken, else cleared after the call), err NULL; a
 * reverting call is no error but prepared->simulated false. Or NULL and *err:
 * what could not be read; STATUS_CHECK "chain-id", "no-code" (data but no code at `to`).
 */
typedef void prepare_fn(void *ctx, struct tx_prepared *prepared, const struct error *err);
struct chain_prepare;
/* Never calls back before it returns. */
struct chain_prepare *chain_prepare(struct rpc *rpc, const struct tx_intent *intent, prepare_fn *fn, void *ctx);
/* fn is not called. NULL is fine. */
void chain_prepare_cancel(struct chain_prepare *prepare);

#endif
