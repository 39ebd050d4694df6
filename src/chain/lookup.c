/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the facts about one transaction: receipt, transaction, nonces and
 * head in one batch; then, where there is a receipt, the block the chain has
 * at that height, since a node may keep a receipt of a block it has left.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "chain/call.h"
#include "chain/send.h"

enum { ASK_RECEIPT, ASK_TX, ASK_NONCE, ASK_PENDING, ASK_HEAD, ASK_COUNT };

struct chain_lookup {
	struct rpc *rpc;
	struct rpc_call *pending;
	struct tx_query query;
	struct tx_facts facts;
	struct receipt receipt;
	lookup_fn *fn;
	void *ctx;
};

static void lookup_free(struct chain_lookup *lookup)
{
	receipt_clear(&lookup->receipt);
	free(lookup);
}

void chain_lookup_cancel(struct chain_lookup *lookup)
{
	if (!lookup)
		return;
	rpc_cancel(lookup->pending);
	lookup_free(lookup);
}

static void fail(struct chain_lookup *lookup, const struct error *err)
{
	lookup->fn(lookup->ctx, NULL, NULL, err);
	lookup_free(lookup);
}

static void finish(struct chain_lookup *lookup)
{
	const struct tx_query *query = &lookup->query;
	struct tx_verdict verdict = tx_judge(&lookup->facts, query->nonce, query->confirmations, query->past);
	bool mined = verdict.state == TX_MINED || verdict.state == TX_CONFIRMED || verdict.state == TX_REVERTED;
	lookup->fn(lookup->ctx, &verdict, mined ? &lookup->receipt : NULL, NULL);
	lookup_free(lookup);
}

static bool read_block(const struct rpc_answer *answer, struct tx_facts *facts, struct error *err)
{
	if (!answer->result)
		return call_error(answer, err);
	/* null: the chain is shorter than the receipt says; zero is no block's hash, so the receipt counts as stale. */
	facts->has_canonical = true;
	if (json_kind(answer->result) == JSON_NULL)
		return true;
	return bytes32_parse(&facts->canonical_hash, json_string(json_member(answer->result, "hash"), NULL)) ||
		error_set(err, STATUS_CHAIN, "rpc-result", "the node's block has no hash");
}

static void on_block(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_lookup *lookup = ctx;
	struct error err;
	(void)count;
	lookup->pending = NULL;
	if (read_block(&answers[0], &lookup->facts, &err))
		finish(lookup);
	else
		fail(lookup, &err);
}

static bool read_receipt(struct chain_lookup *lookup, const struct rpc_answer *answer, struct error *err)
{
	struct tx_facts *facts = &lookup->facts;
	if (!answer->result)
		return call_error(answer, err);
	if (json_kind(answer->result) == JSON_NULL)
		return true;
	if (!receipt_parse(answer->result, &lookup->receipt, err))
		return false;
	if (!bytes32_equal(&lookup->receipt.tx_hash, &lookup->query.hash))
		return error_set(err, STATUS_CHECK, "hash-mismatch", "the node gave the receipt of another transaction");
	facts->has_receipt = true;
	facts->success = lookup->receipt.success;
	facts->block = lookup->receipt.block;
	facts->block_hash = lookup->receipt.block_hash;
	return true;
}

static bool read_tx(struct chain_lookup *lookup, const struct rpc_answer *answer, struct error *err)
{
	if (!answer->result)
		return call_error(answer, err);
	lookup->facts.in_pool = json_kind(answer->result) == JSON_OBJECT;
	lookup->facts.has_block = json_kind(json_member(answer->result, "blockNumber")) == JSON_STRING;
	return true;
}

static void on_facts(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_lookup *lookup = ctx;
	char number[U256_QUANTITY_SIZE];
	struct error err;
	(void)count;
	lookup->pending = NULL;
	if (!read_receipt(lookup, &answers[ASK_RECEIPT], &err) || !read_tx(lookup, &answers[ASK_TX], &err) ||
	    !call_read_u64(&answers[ASK_NONCE], &lookup->facts.next_nonce, &err) ||
	    !call_read_u64(&answers[ASK_PENDING], &lookup->facts.free_nonce, &err) ||
	    !call_read_u64(&answers[ASK_HEAD], &lookup->facts.head, &err)) {
		fail(lookup, &err);
		return;
	}
	if (!lookup->facts.has_receipt) {
		finish(lookup);
		return;
	}
	struct rpc_request ask = { "eth_getBlockByNumber",
		call_text_flag_params(u64_format_quantity(number, lookup->facts.block), false) };
	lookup->pending = rpc_send(lookup->rpc, &ask, 1, 0, on_block, lookup);
}

struct chain_lookup *chain_lookup(struct rpc *rpc, const struct tx_query *query, lookup_fn *fn, void *ctx)
{
	struct chain_lookup *lookup = mem_new(1, sizeof(*lookup));
	char hash[BYTES32_TEXT_SIZE];
	bytes32_format(hash, &query->hash);
	*lookup = (struct chain_lookup){ .rpc = rpc, .query = *query, .fn = fn, .ctx = ctx };
	struct rpc_request ask[ASK_COUNT] = {
		[ASK_RECEIPT] = { "eth_getTransactionReceipt", call_text_params(hash) },
		[ASK_TX] = { "eth_getTransactionByHash", call_text_params(hash) },
		[ASK_NONCE] = { "eth_getTransactionCount", call_address_params(&query->from, "latest") },
		[ASK_PENDING] = { "eth_getTransactionCount", call_address_params(&query->from, "pending") },
		[ASK_HEAD] = { "eth_blockNumber", NULL },
	};
	lookup->pending = rpc_send(rpc, ask, ASK_COUNT, 0, on_facts, lookup);
	return lookup;
}
