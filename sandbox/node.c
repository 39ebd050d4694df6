/* SPDX-License-Identifier: Apache-2.0 */
/* The chain's node: JSON-RPC 2.0, single or in batches, over one table of methods. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "chain/u256.h"
#include "sandbox/node.h"
#include "sandbox/shape.h"

enum { BATCH_MAX = 1000 };

static const struct {
	const char *name;
	sb_rpc_fn *fn;
} methods[] = {
	{ "eth_chainId", sb_rpc_chain_id },
	{ "net_version", sb_rpc_net_version },
	{ "web3_clientVersion", sb_rpc_client },
	{ "eth_accounts", sb_rpc_accounts },
	{ "eth_syncing", sb_rpc_syncing },
	{ "eth_blockNumber", sb_rpc_block_number },
	{ "eth_getBlockByNumber", sb_rpc_block_by_number },
	{ "eth_getBlockByHash", sb_rpc_block_by_hash },
	{ "eth_getCode", sb_rpc_code },
	{ "eth_getStorageAt", sb_rpc_storage },
	{ "eth_getBalance", sb_rpc_balance },
	{ "eth_getTransactionCount", sb_rpc_nonce },
	{ "eth_call", sb_rpc_call },
	{ "eth_estimateGas", sb_rpc_estimate },
	{ "eth_gasPrice", sb_rpc_gas_price },
	{ "eth_maxPriorityFeePerGas", sb_rpc_tip },
	{ "eth_feeHistory", sb_rpc_fee_history },
	{ "eth_blobBaseFee", sb_rpc_blob_fee },
	{ "eth_sendRawTransaction", sb_rpc_send_raw },
	{ "eth_getTransactionByHash", sb_rpc_tx },
	{ "eth_getTransactionReceipt", sb_rpc_receipt },
	{ "eth_getLogs", sb_rpc_logs },
};
enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

void sb_rpc_fail(struct sb_rpc *rpc, int code, const char *message)
{
	rpc->code = code;
	text_copy(rpc->message, sizeof(rpc->message), message);
}

void sb_quantity(struct buf *out, uint64_t value)
{
	buf_add_format(out, "\"0x%llx\"", (unsigned long long)value);
}

/* Params */

const json *sb_param(const struct sb_rpc *rpc, size_t i)
{
	const json *param = json_first(rpc->params);
	while (param != NULL && i-- > 0)
		param = json_next(param);
	return param;
}

static bool param_bytes(struct sb_rpc *rpc, size_t i, uint8_t *out, size_t len, const char *what)
{
	const char *text = json_string(sb_param(rpc, i), "");
	if (text_starts(text, "0x") && hex_decode(out, len, text))
		return true;
	sb_rpc_fail(rpc, -32602, what);
	return false;
}

bool sb_param_address(struct sb_rpc *rpc, size_t i, uint8_t out[SB_ADDRESS_SIZE])
{
	return param_bytes(rpc, i, out, SB_ADDRESS_SIZE, "invalid argument: an address is 0x and 40 digits");
}

bool sb_param_hash(struct sb_rpc *rpc, size_t i, uint8_t out[SB_WORD_SIZE])
{
	return param_bytes(rpc, i, out, SB_WORD_SIZE, "invalid argument: a hash is 0x and 64 digits");
}

static bool block_by_object(struct sb_rpc *rpc, const json *param, uint64_t *number)
{
	uint8_t hash[SB_WORD_SIZE];
	if (json_kind(json_member(param, "blockNumber")) == JSON_STRING)
		return u64_parse_quantity(number, json_text(param, "blockNumber"));
	if (!hex_decode(hash, sizeof(hash), json_text(param, "blockHash")))
		return false;
	for (size_t i = rpc->ledger->block_count; i > 0; i--)
		if (memcmp(rpc->ledger->blocks[i - 1].hash, hash, sizeof(hash)) == 0) {
			*number = rpc->ledger->blocks[i - 1].number;
			return true;
		}
	return false;
}

bool sb_param_block(struct sb_rpc *rpc, const json *param, uint64_t *number)
{
	uint64_t head = sb_ledger_head(rpc->ledger)->number, stale = rpc->ledger->faults.stale_blocks;
	const char *tag = json_string(param, "");
	bool good = true;
	if (json_kind(param) == JSON_OBJECT)
		good = block_by_object(rpc, param, number);
	else if (json_kind(param) == JSON_MISSING || json_kind(param) == JSON_NULL || text_equal(tag, "latest") || text_equal(tag, "pending") ||
		text_equal(tag, "safe") || text_equal(tag, "finalized"))
		*number = head;
	else if (text_equal(tag, "earliest"))
		*number = rpc->ledger->blocks[0].number;
	else
		good = u64_parse_quantity(number, tag);
	if (!good)
		sb_rpc_fail(rpc, -32602, "invalid argument: no such kind of block");
	else if (*number > head)
		sb_rpc_fail(rpc, -32000, "header not found");
	*number -= *number > stale ? stale : 0;
	return rpc->code == 0;
}

/* Answers */

static void answer_error(struct buf *out, const struct buf *id, int code, const char *message, const struct buf *data)
{
	sb_shape(out, "{'jsonrpc':'2.0','id':%t,'error':{'code':%d,'message':%s", id, (int64_t)code, message);
	if (data != NULL && data->len > 0)
		sb_shape(out, ",'data':%t", data);
	buf_add_text(out, "}}");
}

static sb_rpc_fn *find_method(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (text_equal(methods[i].name, name))
			return methods[i].fn;
	return NULL;
}

/* A rule for the chain looks at the method, and at the params as text. */
static const struct sb_rule *find_rule(struct sb_sandbox *sandbox, const char *method, const json *params)
{
	struct buf text = BUF_INIT;
	if (params != NULL)
		json_print(&text, params);
	const struct sb_rule *rule = sb_faults_match(sandbox->faults.rpc, sandbox->faults.rpc_count, method, buf_text(&text));
	buf_clear(&text);
	return rule;
}

/* Returns false when the whole HTTP answer is another one. */
static bool answer_one(struct sb_sandbox *sandbox, struct sb_request *request, const json *one, struct buf *out)
{
	struct buf id = BUF_INIT, result = BUF_INIT;
	const char *method = json_text(one, "method");
	struct sb_rpc rpc = { .sandbox = sandbox, .ledger = sandbox->world->ledger, .params = json_member(one, "params"), .out = &result };
	sb_rpc_fn *fn = find_method(method);
	const struct sb_rule *rule = find_rule(sandbox, method, rpc.params);
	if (json_member(one, "id") != NULL)
		json_print(&id, json_member(one, "id"));
	bool mine = true;
	if (rule != NULL && rule->action == SB_ERROR)
		sb_rpc_fail(&rpc, rule->status != 0 ? rule->status : -32000, rule->text[0] != '\0' ? rule->text : "failed on purpose");
	else if (rule != NULL && rule->action != SB_RESULT && sb_fault_answer(rule, request))
		mine = false;
	else if (json_kind(one) != JSON_OBJECT || method[0] == '\0')
		sb_rpc_fail(&rpc, -32600, "invalid request");
	else if (fn == NULL)
		sb_rpc_fail(&rpc, -32601, "the method does not exist or is not available");
	if (mine && rpc.code == 0 && rule != NULL && rule->action == SB_RESULT)
		sb_shape(&result, "%s", rule->text);
	else if (mine && rpc.code == 0)
		fn(&rpc);
	if (rpc.code != 0)
		answer_error(out, &id, rpc.code, rpc.message, &rpc.data);
	else if (mine)
		sb_shape(out, "{'jsonrpc':'2.0','id':%t,'result':%t}", &id, &result);
	if (rule != NULL && rule->action == SB_LOSE)
		sb_request_lose(request);
	buf_clear(&id);
	buf_clear(&result);
	buf_clear(&rpc.data);
	return mine;
}

static void answer_batch(struct sb_sandbox *sandbox, struct sb_request *request, const json *batch, struct buf *out)
{
	bool first = true, mine = true;
	buf_add_byte(out, '[');
	for (const json *one = json_first(batch); one != NULL && mine; one = json_next(one)) {
		buf_add_text(out, first ? "" : ",");
		first = false;
		mine = answer_one(sandbox, request, one, out);
	}
	buf_add_byte(out, ']');
}

void sb_node_serve(void *ctx, struct sb_request *request)
{
	struct sb_sandbox *sandbox = ctx;
	const struct buf *body = sb_request_body(request);
	struct buf out = BUF_INIT;
	sb_journal_note(sandbox, "rpc", request);
	json *tree = body->len > 0 ? json_parse(body->data, body->len, NULL) : NULL;
	sb_request_set_header(request, "Access-Control-Allow-Origin", "*");
	if (tree == NULL)
		answer_error(&out, &(struct buf){ 0 }, -32700, "parse error", NULL);
	else if (json_kind(tree) != JSON_ARRAY)
		answer_one(sandbox, request, tree, &out);
	else if (json_count(tree) == 0 || json_count(tree) > BATCH_MAX)
		answer_error(&out, &(struct buf){ 0 }, -32600, "batch is empty or too large", NULL);
	else
		answer_batch(sandbox, request, tree, &out);
	json_free(tree);
	if (!sb_request_answered(request))
		sb_reply(request, 200, "application/json", &out);
	buf_clear(&out);
}
