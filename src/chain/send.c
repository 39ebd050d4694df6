/* SPDX-License-Identifier: Apache-2.0 */
/* eth_sendRawTransaction and its many answers. */
#include "chain/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/call.h"
#include "chain/tx.h"

bool broadcast_may_be_out(enum broadcast result)
{
	return result == BROADCAST_SENT || result == BROADCAST_KNOWN || result == BROADCAST_NONCE_USED || result == BROADCAST_UNSURE;
}

/* Words of geth, reth, erigon, nethermind, besu and anvil, in the order they are looked for. */
static const struct answer_row {
	const char *words;
	enum broadcast result;
} answers_known[] = {
	{ "already known", BROADCAST_KNOWN },
	{ "alreadyknown", BROADCAST_KNOWN },
	{ "already imported", BROADCAST_KNOWN },
	{ "already exists", BROADCAST_KNOWN },
	{ "known transaction", BROADCAST_KNOWN },
	{ "nonce too low", BROADCAST_NONCE_USED },
	{ "nonce is too low", BROADCAST_NONCE_USED },
	{ "oldnonce", BROADCAST_NONCE_USED },
	{ "underpriced", BROADCAST_UNDERPRICED },
	{ "fee too low", BROADCAST_UNDERPRICED },
	{ "feetoolow", BROADCAST_UNDERPRICED },
	{ "gas price too low", BROADCAST_UNDERPRICED },
	{ "max fee per gas less than block base fee", BROADCAST_UNDERPRICED },
	{ "insufficient funds", BROADCAST_UNFUNDED },
	{ "insufficientfunds", BROADCAST_UNFUNDED },
	{ "insufficient balance", BROADCAST_UNFUNDED },
};

static const char *next_step(enum broadcast result)
{
	switch (result) {
	case BROADCAST_NONCE_USED:
		return "its nonce is used already: looking up whether by this transaction or by another";
	case BROADCAST_UNDERPRICED:
		return "bump the fee, or wait until fees fall";
	case BROADCAST_UNFUNDED:
		return "send ETH to the signing address, then send the same transaction again";
	case BROADCAST_UNSURE:
		return "it may have arrived: looking it up; the same bytes can be sent again without harm";
	case BROADCAST_SENT:
	case BROADCAST_KNOWN:
	case BROADCAST_REFUSED:
		break;
	}
	return "nothing was sent; the signed transaction stays in the journal";
}

static enum broadcast classify_error(const struct rpc_answer *answer)
{
	/* Without an error of the node itself, nobody can say whether the bytes arrived. */
	if (answer->node_code == 0)
		return BROADCAST_UNSURE;
	for (size_t i = 0; i < sizeof(answers_known) / sizeof(answers_known[0]); i++)
		if (strcasestr(answer->error.message, answers_known[i].words))
			return answers_known[i].result;
	return BROADCAST_REFUSED;
}

static enum broadcast classify_result(const struct rpc_answer *answer, const struct bytes32 *hash, struct error *err)
{
	struct bytes32 got;
	if (!bytes32_parse(&got, json_string(answer->result, NULL))) {
		error_set(err, STATUS_CHAIN, "rpc-result", "the node's answer to the transaction is no hash");
		error_next(err, "%s", next_step(BROADCAST_UNSURE));
		return BROADCAST_UNSURE;
	}
	if (bytes32_equal(&got, hash))
		return BROADCAST_SENT;
	error_set(err, STATUS_CHECK, "hash-mismatch", "the node answered with the hash of another transaction");
	error_next(err, "do not trust this endpoint; use another one with --rpc-url");
	return BROADCAST_REFUSED;
}

enum broadcast broadcast_classify(const struct rpc_answer *answer, const struct bytes32 *hash, struct error *err)
{
	error_clear(err);
	if (answer->result)
		return classify_result(answer, hash, err);
	enum broadcast result = classify_error(answer);
	if (result == BROADCAST_KNOWN)
		return result;
	*err = answer->error;
	error_next(err, "%s", next_step(result));
	return result;
}

struct chain_broadcast {
	struct rpc_call *rpc;
	struct bytes32 hash;
	broadcast_fn *fn;
	void *ctx;
};

static void on_sent(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_broadcast *broadcast = ctx;
	struct error err;
	enum broadcast result = broadcast_classify(&answers[0], &broadcast->hash, &err);
	(void)count;
	broadcast->fn(broadcast->ctx, result, &err);
	free(broadcast);
}

struct chain_broadcast *chain_broadcast(struct rpc *rpc, const void *raw, size_t len, broadcast_fn *fn, void *ctx)
{
	struct chain_broadcast *broadcast = mem_new(1, sizeof(*broadcast));
	json *params = json_new_array();
	json_append(params, call_hex(raw, len));
	struct rpc_request ask = { "eth_sendRawTransaction", params };
	broadcast->fn = fn;
	broadcast->ctx = ctx;
	tx_hash(raw, len, &broadcast->hash);
	broadcast->rpc = rpc_send(rpc, &ask, 1, 0, on_sent, broadcast);
	return broadcast;
}

void chain_broadcast_cancel(struct chain_broadcast *broadcast)
{
	if (!broadcast)
		return;
	rpc_cancel(broadcast->rpc);
	free(broadcast);
}
