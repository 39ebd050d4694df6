/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One batch reads everything; where the OP stack's oracle has code, a second
 * call asks it what the finished unsigned transaction costs on L1. A figure
 * that cannot be read ends the preparation: no card with half a cost.
 */
#include "chain/prepare.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "chain/call.h"
#include "chain/chains.h"
#include "chain/contract.h"

enum { ASK_CHAIN, ASK_CALL, ASK_GAS, ASK_HISTORY, ASK_MINED, ASK_PENDING, ASK_BALANCE, ASK_CODE, ASK_ORACLE, ASK_COUNT };

struct chain_prepare {
	struct rpc *rpc;
	struct rpc_call *pending;
	struct chain_call *oracle;
	struct tx_intent intent; /* its data are those of out.tx */
	struct tx_prepared out;
	prepare_fn *fn;
	void *ctx;
	int64_t began_us;
};

void tx_prepared_clear(struct tx_prepared *prepared)
{
	tx_clear(&prepared->tx);
	*prepared = (struct tx_prepared){ 0 };
}

void tx_prepared_take(struct tx_prepared *out, struct tx_prepared *from)
{
	*out = *from;
	*from = (struct tx_prepared){ 0 };
}

/* Tips below these are left lying by the nodes of a chain: 0.01 gwei on Ethereum, 0.001 gwei elsewhere. */
struct u256 prepare_tip(const struct fee_history *history, uint64_t chain_id)
{
	struct u256 least = u256_from_u64(chain_id == 1 ? 10000000 : 1000000);
	if (!history->has_rewards || history->percentiles == 0 || u256_cmp(&history->rewards[0].median, &least) < 0)
		return least;
	return history->rewards[0].median;
}

static void raise_to(struct u256 *value, const struct u256 *least)
{
	if (u256_cmp(value, least) < 0)
		*value = *least;
}

static void lower_to(struct u256 *value, const struct u256 *most, bool *lowered)
{
	if (u256_cmp(value, most) <= 0)
		return;
	*value = *most;
	*lowered = true;
}

static bool raise_for_replacement(const struct tx_intent *intent, struct fee_pair *fees, struct error *err)
{
	struct fee_replacement needed;
	if (!fees_replacement(&intent->old_fees, fees, &needed, err))
		return false;
	raise_to(&fees->max_fee, &needed.safe.max_fee);
	raise_to(&fees->max_priority_fee, &needed.safe.max_priority_fee);
	raise_to(&fees->max_fee, &fees->max_priority_fee);
	if (u256_is_zero(&intent->max_fee_ceiling) || u256_cmp(&fees->max_fee, &intent->max_fee_ceiling) <= 0)
		return true;
	error_set(err, STATUS_CHAIN, "max-fee", "replacing the waiting transaction needs a higher fee than --max-fee allows");
	return error_next(err, "wait for the transaction, or allow a higher --max-fee");
}

bool prepare_fees(const struct tx_intent *intent, const struct u256 *next_base_fee, const struct u256 *tip,
	struct fee_pair *out, bool *capped, struct error *err)
{
	out->max_priority_fee = *tip;
	*capped = false;
	if (!fees_max_fee(next_base_fee, tip, PREPARE_BASE_FEE_FACTOR, 1, &out->max_fee, err))
		return false;
	if (!u256_is_zero(&intent->max_fee_ceiling)) {
		lower_to(&out->max_fee, &intent->max_fee_ceiling, capped);
		lower_to(&out->max_priority_fee, &out->max_fee, capped);
	}
	return !intent->replaces || raise_for_replacement(intent, out, err);
}

static void prepare_free(struct chain_prepare *prepare)
{
	tx_prepared_clear(&prepare->out);
	free(prepare);
}

void chain_prepare_cancel(struct chain_prepare *prepare)
{
	if (!prepare)
		return;
	rpc_cancel(prepare->pending);
	chain_call_cancel(prepare->oracle);
	prepare_free(prepare);
}

static void finish(struct chain_prepare *prepare, const struct error *err)
{
	prepare->out.took_ms = (clock_mono_us() - prepare->began_us + 999) / 1000;
	prepare->fn(prepare->ctx, err ? NULL : &prepare->out, err);
	prepare_free(prepare);
}

/* The last step: what it costs at most, against what is there. */
static void finish_cost(struct chain_prepare *prepare)
{
	struct tx_prepared *out = &prepare->out;
	struct u256 gas = u256_from_u64(out->tx.gas);
	struct error err;
	if (!fees_max_cost(&gas, &out->tx.max_fee, &out->tx.value, &out->l1_fee, &out->cost, &err)) {
		finish(prepare, &err);
		return;
	}
	out->affordable = u256_cmp(&out->balance, &out->cost.total) >= 0;
	out->waits = u256_cmp(&out->tx.max_fee, &out->next_base_fee) < 0;
	finish(prepare, NULL);
}

static void on_l1_fee(void *ctx, const uint8_t *data, size_t len, const struct error *call_err)
{
	struct chain_prepare *prepare = ctx;
	struct error err = *call_err;
	prepare->oracle = NULL;
	if (!data || !contract_decode_u256(CALL_GET_L1_FEE, data, len, &prepare->out.l1_fee, &err)) {
		error_next(&err, "without it the cost cannot be told; try again, or use another endpoint with --rpc-url");
		finish(prepare, &err);
		return;
	}
	prepare->out.has_l1_fee = true;
	finish_cost(prepare);
}

static void ask_l1_fee(struct chain_prepare *prepare, const struct address *oracle)
{
	struct buf data = BUF_INIT;
	fees_add_l1_fee_call(&data, &prepare->out.tx);
	struct call_request request = { .to = oracle, .data = (const uint8_t *)data.data, .len = data.len };
	prepare->oracle = chain_call_send(prepare->rpc, &request, "latest", on_l1_fee, prepare);
	buf_clear(&data);
}

static bool check_chain(const struct chain_prepare *prepare, const struct rpc_answer *answer, struct error *err)
{
	uint64_t id = 0;
	if (!call_read_u64(answer, &id, err))
		return false;
	if (id == prepare->intent.chain_id)
		return true;
	error_set(err, STATUS_CHECK, "chain-id", "the RPC is of chain %" PRIu64 ", the transaction is for chain %" PRIu64, id,
		prepare->intent.chain_id);
	return error_next(err, "give an RPC endpoint of the right chain with --rpc-url or ETH_RPC_URL");
}

/* A node that cannot be asked is an error; a contract that refuses is an answer. */
static bool read_simulation(struct chain_prepare *prepare, const struct rpc_answer *answers, struct error *err)
{
	struct tx_prepared *out = &prepare->out;
	const struct rpc_answer *call = &answers[ASK_CALL], *gas = &answers[ASK_GAS];
	out->simulated = call->result && call_read_u64(gas, &out->gas_estimate, &out->simulation);
	if (!call->result)
		(void)call_error(call, &out->simulation);
	if (!call->result && !call_reverted(call) && call->node_code == 0)
		return call_error(call, err);
	if (!gas->result && !call_reverted(gas) && gas->node_code == 0)
		return call_error(gas, err);
	if (out->gas_estimate > UINT64_MAX / 2)
		return error_set(err, STATUS_CHAIN, "rpc-result", "the node's gas estimate makes no sense");
	out->tx.gas = out->gas_estimate + out->gas_estimate / 100 * PREPARE_GAS_MARGIN +
		out->gas_estimate % 100 * PREPARE_GAS_MARGIN / 100;
	return true;
}

static bool read_fees(struct chain_prepare *prepare, const struct rpc_answer *answer, struct error *err)
{
	struct tx_prepared *out = &prepare->out;
	struct fee_history history;
	struct fee_pair fees;
	if (!answer->result)
		return call_error(answer, err);
	if (!fee_history_parse(answer->result, &history, err))
		return false;
	struct u256 tip = prepare_tip(&history, prepare->intent.chain_id);
	out->next_base_fee = *fee_history_next_base_fee(&history);
	fee_history_clear(&history);
	if (!prepare_fees(&prepare->intent, &out->next_base_fee, &tip, &fees, &out->capped, err))
		return false;
	out->tx.max_fee = fees.max_fee;
	out->tx.max_priority_fee = fees.max_priority_fee;
	return true;
}

static bool read_nonces(struct chain_prepare *prepare, const struct rpc_answer *answers, struct error *err)
{
	struct tx_prepared *out = &prepare->out;
	if (!call_read_u64(&answers[ASK_MINED], &out->nonce_mined, err) ||
	    !call_read_u64(&answers[ASK_PENDING], &out->nonce_pending, err))
		return false;
	/* A node that answers for "pending" from an older state must not lead to a used nonce. */
	if (out->nonce_pending < out->nonce_mined)
		out->nonce_pending = out->nonce_mined;
	out->tx.nonce = prepare->intent.has_nonce ? prepare->intent.nonce : out->nonce_pending;
	out->foreign_pending = out->nonce_pending > out->nonce_mined;
	out->gap = out->tx.nonce > out->nonce_pending;
	out->used = out->tx.nonce < out->nonce_mined;
	return true;
}

static bool check_code(const struct chain_prepare *prepare, const struct rpc_answer *answer, struct error *err)
{
	uint8_t *code = NULL;
	size_t len = 0;
	if (!call_read_data(answer, &code, &len, err))
		return false;
	free(code);
	if (len > 0 || prepare->out.tx.data_len == 0)
		return true;
	error_set(err, STATUS_CHECK, "no-code", "there is no contract at the address that would be called");
	return error_next(err, "check the contract's address and the chain");
}

static void on_answers(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_prepare *prepare = ctx;
	struct error err;
	struct address oracle;
	uint8_t *code = NULL;
	size_t len = 0;
	(void)count;
	prepare->pending = NULL;
	if (!check_chain(prepare, &answers[ASK_CHAIN], &err) || !check_code(prepare, &answers[ASK_CODE], &err) ||
	    !read_simulation(prepare, answers, &err) || !read_fees(prepare, &answers[ASK_HISTORY], &err) ||
	    !read_nonces(prepare, answers, &err) || !call_read_u256(&answers[ASK_BALANCE], &prepare->out.balance, &err) ||
	    !call_read_data(&answers[ASK_ORACLE], &code, &len, &err)) {
		finish(prepare, &err);
		return;
	}
	free(code);
	if (len > 0 && address_parse(&oracle, FEES_ORACLE_ADDRESS))
		ask_l1_fee(prepare, &oracle);
	else
		finish_cost(prepare);
}

static json *history_params(void)
{
	char blocks[U256_QUANTITY_SIZE];
	json *params = call_text_params(u64_format_quantity(blocks, PREPARE_HISTORY_BLOCKS));
	json_append(params, json_new_text("latest"));
	json_append(json_append(params, json_new_array()), json_new_int(PREPARE_TIP_PERCENTILE));
	return params;
}

static void send_questions(struct chain_prepare *prepare)
{
	const struct tx *tx = &prepare->out.tx;
	const struct address *from = &prepare->intent.from;
	struct call_request call = { .from = from, .to = &tx->to, .value = &tx->value, .data = tx->data, .len = tx->data_len };
	struct address oracle;
	if (!address_parse(&oracle, FEES_ORACLE_ADDRESS))
		mem_die("prepare: the oracle's address is malformed");
	struct rpc_request ask[ASK_COUNT] = {
		[ASK_CHAIN] = { "eth_chainId", NULL },
		[ASK_CALL] = { "eth_call", call_params(&call, "pending") },
		[ASK_GAS] = { "eth_estimateGas", call_params(&call, "pending") },
		[ASK_HISTORY] = { "eth_feeHistory", history_params() },
		[ASK_MINED] = { "eth_getTransactionCount", call_address_params(from, "latest") },
		[ASK_PENDING] = { "eth_getTransactionCount", call_address_params(from, "pending") },
		[ASK_BALANCE] = { "eth_getBalance", call_address_params(from, "latest") },
		[ASK_CODE] = { "eth_getCode", call_address_params(&tx->to, "latest") },
		[ASK_ORACLE] = { "eth_getCode", call_address_params(&oracle, "latest") },
	};
	prepare->pending = rpc_send(prepare->rpc, ask, ASK_COUNT, 0, on_answers, prepare);
}

struct chain_prepare *chain_prepare(struct rpc *rpc, const struct tx_intent *intent, prepare_fn *fn, void *ctx)
{
	struct chain_prepare *prepare = mem_new(1, sizeof(*prepare));
	prepare->rpc = rpc;
	prepare->intent = *intent;
	prepare->intent.data = NULL;
	prepare->fn = fn;
	prepare->ctx = ctx;
	prepare->began_us = clock_mono_us();
	prepare->out.tx = (struct tx){ .chain_id = intent->chain_id, .to = intent->to, .value = intent->value };
	tx_set_data(&prepare->out.tx, intent->data, intent->len);
	send_questions(prepare);
	return prepare;
}
