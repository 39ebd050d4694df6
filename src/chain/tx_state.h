/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of a transaction, as a pure function of what a node says now
 * and what was seen before. A verdict that would end the waiting for good
 * (replaced) needs two looks, since a node may know a nonce before the receipt.
 */
#ifndef CVMDECK_CHAIN_TX_STATE_H
#define CVMDECK_CHAIN_TX_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "chain/types.h"

enum tx_state {
	TX_UNKNOWN,     /* no node has shown it yet */
	TX_PENDING,     /* in the pool, or its receipt is not there yet */
	TX_MINED,       /* succeeded, with fewer confirmations than wanted */
	TX_CONFIRMED,   /* succeeded, with as many as wanted */
	TX_REVERTED,    /* mined, but failed: it did nothing and cost its gas */
	TX_REPLACED,    /* another transaction used its nonce: it can never be mined */
	TX_DROPPED,     /* it was in the pool and is no more; the same bytes may be sent again */
	TX_REORGANISED, /* it was mined, and its block is no longer part of the chain */
};

/* "unknown", "pending", … */
const char *tx_state_name(enum tx_state state);

/* What a node says, all read together. */
struct tx_facts {
	bool in_pool;      /* the node knows the transaction */
	bool has_block;    /* and says it is in a block */
	bool has_receipt;
	bool success;      /* of the receipt */
	uint64_t block;    /* of the receipt */
	struct bytes32 block_hash;
	bool has_canonical; /* what the chain has at that height */
	struct bytes32 canonical_hash;
	uint64_t head;       /* newest block */
	uint64_t next_nonce; /* of the sender, mined transactions only */
	uint64_t free_nonce; /* the same with the pool's: none is missing below it */
};

/* What earlier looks have seen; all zero at the beginning. Kept by the caller. */
struct tx_past {
	bool seen;
	bool mined;
	bool nonce_used; /* the last look found the nonce used and no trace of the transaction */
	uint64_t block;
	struct bytes32 block_hash;
	unsigned moves; /* how often a reorganisation took it out of a block */
};

struct tx_verdict {
	enum tx_state state;
	uint64_t confirmations; /* 0 unless mined; its own block counts as one */
	bool rebroadcast;       /* sending the same bytes again makes sense */
	bool final;             /* nothing more is to be waited for */
	uint64_t ahead;         /* pending: nonces before its own that are not mined yet */
	bool gap;               /* pending: one of them is nobody's, so it waits for ever */
};

/* wanted: confirmations that make it TX_CONFIRMED, at least 1. Brings *past up to date. */
struct tx_verdict tx_judge(const struct tx_facts *facts, uint64_t nonce, uint64_t wanted, struct tx_past *past);

#endif
