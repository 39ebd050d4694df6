/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signed transaction out into the world, and what became of it. The raw
 * bytes are the caller's (journalled before); sending them twice is harmless,
 * so every doubtful outcome is settled by looking, never by signing again.
 */
#ifndef CVMDECK_CHAIN_SEND_H
#define CVMDECK_CHAIN_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "chain/receipt.h"
#include "chain/tx_state.h"
#include "wire/rpc.h"

enum broadcast {
	BROADCAST_SENT,         /* the node took it */
	BROADCAST_KNOWN,        /* the node has it already: as good as sent */
	BROADCAST_NONCE_USED,   /* its nonce is used: by itself or by another; look it up */
	BROADCAST_UNDERPRICED,  /* a replacement that offers too little, or a fee below the pool's least */
	BROADCAST_UNFUNDED,     /* the balance does not cover it */
	BROADCAST_REFUSED,      /* the node refuses it for another reason */
	BROADCAST_UNSURE,       /* no answer came: it may or may not have arrived; look it up, send again */
};

/* Whether a state look-up may find it, so that waiting makes sense. */
bool broadcast_may_be_out(enum broadcast result);

/*
 * What an answer to eth_sendRawTransaction means, by the words of the known
 * nodes. *err says why for all but SENT and KNOWN. A node that answers with
 * another hash is REFUSED with STATUS_CHECK "hash-mismatch".
 */
enum broadcast broadcast_classify(const struct rpc_answer *answer, const struct bytes32 *hash, struct error *err);

typedef void broadcast_fn(void *ctx, enum broadcast result, const struct error *err);
struct chain_broadcast;
/* Sends raw bytes, whose hash is computed here. fn once; err is never NULL. Never calls back before it returns. */
struct chain_broadcast *chain_broadcast(struct rpc *rpc, const void *raw, size_t len, broadcast_fn *fn, void *ctx);
/* fn is not called; the bytes may still be on their way. NULL is fine. */
void chain_broadcast_cancel(struct chain_broadcast *broadcast);

/* What to look up; copied. *past is the caller's memory of earlier looks and lives until fn. */
struct tx_query {
	struct bytes32 hash;
	struct address from;
	uint64_t nonce;
	uint64_t confirmations; /* wanted, at least 1 */
	struct tx_past *past;
};

/*
 * fn once: *verdict and, where it was mined, *receipt (borrowed), err NULL.
 * Or verdict NULL and *err when not everything could be read: then nothing is
 * known, and *past is as before.
 */
typedef void lookup_fn(void *ctx, const struct tx_verdict *verdict, const struct receipt *receipt, const struct error *err);
struct chain_lookup;
/* Never calls back before it returns. */
struct chain_lookup *chain_lookup(struct rpc *rpc, const struct tx_query *query, lookup_fn *fn, void *ctx);
/* fn is not called. NULL is fine. */
void chain_lookup_cancel(struct chain_lookup *lookup);

#endif
