/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another transaction used the nonce of ours: a wallet that sends may have
 * raised its fee by itself, and then that one does what was approved. It is
 * looked for among the contract's logs of the last blocks: the same event of
 * the same value, by the same account with the same nonce. What is found is
 * followed like our own, and only if its receipt bears it out does it count.
 */
#include <string.h>

#include "rollout/run.h"

enum { SEARCH_BLOCKS = 900, SEARCH_HITS = 8 };

struct hits {
	struct bytes32 hashes[SEARCH_HITS]; /* the newest first */
	size_t count;
};

static void found(struct rollout *rollout, const struct bytes32 *hash)
{
	rollout->after_search(rollout, hash);
}

/* ---- is it ours ---- */

static bool is_ours(const struct rollout *rollout, const struct rpc_answer *answer, struct bytes32 *hash)
{
	struct rpc_answer nonce = { .result = json_member(answer->result, "nonce") };
	struct address from, to;
	struct error ignored;
	uint64_t number;
	return json_kind(answer->result) == JSON_OBJECT && call_read_u64(&nonce, &number, &ignored) && number == rollout->tx.nonce &&
	       address_parse(&from, json_text(answer->result, "from")) && address_equal(&from, &rollout->tx.from) &&
	       address_parse(&to, json_text(answer->result, "to")) && address_equal(&to, &rollout->contract) &&
	       bytes32_parse(hash, json_text(answer->result, "hash"));
}

static void on_transactions(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct rollout *rollout = ctx;
	struct bytes32 hash;
	rollout->calls.search = NULL;
	for (size_t i = 0; i < count; i++)
		if (is_ours(rollout, &answers[i], &hash)) {
			found(rollout, &hash);
			return;
		}
	found(rollout, NULL);
}

static void ask_transactions(struct rollout *rollout, const struct hits *hits)
{
	struct rpc_request asked[SEARCH_HITS];
	char text[BYTES32_TEXT_SIZE];
	for (size_t i = 0; i < hits->count; i++)
		asked[i] = (struct rpc_request){ "eth_getTransactionByHash", call_text_params(bytes32_format(text, &hits->hashes[i])) };
	rollout->calls.search = rpc_send(rollout->rpcs[0], asked, hits->count, 0, on_transactions, rollout);
}

/* ---- the logs ---- */

static void add_hit(struct hits *hits, const struct bytes32 *hash)
{
	size_t kept = hits->count < SEARCH_HITS ? hits->count++ : SEARCH_HITS - 1;
	memmove(&hits->hashes[1], &hits->hashes[0], kept * sizeof(hits->hashes[0]));
	hits->hashes[0] = *hash;
}

static void on_logs(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct rollout *rollout = ctx;
	struct hits hits = { .count = 0 };
	struct bytes32 word, logged, hash;
	(void)count;
	rollout->calls.search = NULL;
	run_event_word(rollout, &word);
	for (const json *log = json_first(answers[0].result); log; log = json_next(log))
		if (bytes32_parse(&logged, json_text(log, "data")) && bytes32_equal(&logged, &word) &&
		    bytes32_parse(&hash, json_text(log, "transactionHash")))
			add_hit(&hits, &hash);
	if (hits.count)
		ask_transactions(rollout, &hits);
	else
		found(rollout, NULL);
}

static json *logs_params(const struct rollout *rollout, uint64_t from_block)
{
	char text[BYTES32_TEXT_SIZE], number[U256_QUANTITY_SIZE];
	struct bytes32 topic;
	json *params = json_new_array(), *filter = json_append(params, json_new_object());
	contract_event_topic(contract_emits(run_verb_call(rollout->machine.txs[rollout->machine.tx_index].verb)), &topic);
	json_add_text(filter, "address", address_format(text, &rollout->contract));
	json_append(json_add(filter, "topics", json_new_array()), json_new_text(bytes32_format(text, &topic)));
	json_add_text(filter, "fromBlock", u64_format_quantity(number, from_block));
	json_add_text(filter, "toBlock", "latest");
	return params;
}

static void on_head(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct rollout *rollout = ctx;
	struct error ignored;
	uint64_t head;
	(void)count;
	rollout->calls.search = NULL;
	if (!call_read_u64(&answers[0], &head, &ignored)) {
		found(rollout, NULL);
		return;
	}
	struct rpc_request asked = { "eth_getLogs", logs_params(rollout, head > SEARCH_BLOCKS ? head - SEARCH_BLOCKS : 0) };
	rollout->calls.search = rpc_send(rollout->rpcs[0], &asked, 1, 0, on_logs, rollout);
}

void run_find_replacement(struct rollout *rollout, void (*then)(struct rollout *rollout, const struct bytes32 *hash))
{
	struct rpc_request asked = { "eth_blockNumber", NULL };
	rollout->after_search = then;
	rollout->calls.search = rpc_send(rollout->rpcs[0], &asked, 1, 0, on_head, rollout);
}
