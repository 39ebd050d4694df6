/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "unit/chain_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chain/call.h"
#include "chain/fees.h"
#include "chain/multicall.h"

static bool is_address(const char *text, const char *want)
{
	return text && strcasecmp(text, want) == 0;
}

static struct address address_of(const char *text)
{
	struct address out;
	if (!address_parse(&out, text))
		mem_die("a test's address is malformed");
	return out;
}

/* What the call returns when it is well. */
static void add_result(const struct node *node, enum contract_call call, struct buf *out)
{
	struct address owner = address_of(NODE_OWNER), third = address_of(NODE_CONTRACT);
	struct abi_value owners[] = { abi_address(&owner), abi_address(&third) };
	struct abi_value value = abi_u64(2);
	if (call == CALL_OWNER)
		value = owners[0];
	else if (call == CALL_PENDING_OWNER)
		value = abi_address(&(struct address){ { 0 } });
	else if (call == CALL_ALLOWED_COMPOSE_HASHES)
		value = abi_bool(node->hash_allowed);
	else if (call == CALL_ALLOW_ANY_DEVICE)
		value = abi_bool(node->any_device);
	else if (call == CALL_ALLOWED_DEVICE_IDS)
		value = abi_bool(node->device_allowed);
	else if (call == CALL_REQUIRE_TCB_UP_TO_DATE)
		value = abi_bool(true);
	else if (call == CALL_GET_OWNERS)
		value = abi_array(owners, 2);
	else if (call == CALL_GET_L1_FEE)
		value = abi_u64(123456789);
	if (contract_returns(call)[0] != '\0' && !abi_encode(contract_returns(call), &value, 1, out, NULL))
		mem_die("a test's answer cannot be encoded");
}

/* Returns whether the call succeeds; adds what it returns or reverts with. */
static bool run_call(const struct node *node, enum contract_call call, struct buf *out)
{
	struct address stranger = address_of(NODE_OWNER);
	struct abi_value arg = abi_address(&stranger);
	if (call == CALL_NONE)
		return true;
	switch (node->answers[call]) {
	case NODE_RESULT:
	case NODE_ERROR:
		add_result(node, call, out);
		return true;
	case NODE_RESULT_TWO:
		buf_add(out, abi_u64(2).word, 32);
		return true;
	case NODE_EMPTY:
		return true;
	case NODE_SILENT_REVERT:
		return false;
	case NODE_REFUSES:
		break;
	}
	if (!abi_encode_call("OwnableUnauthorizedAccount(address)", &arg, 1, out, NULL))
		mem_die("a test's revert cannot be encoded");
	return false;
}

static bool run_aggregate3(const struct node *node, const uint8_t *data, size_t len, struct buf *out)
{
	struct abi_values values;
	if (node->multicall_broken ||
	    !abi_decode_call("aggregate3((address,bool,bytes)[])", data, len, &values, NULL))
		return false;
	const struct abi_value *calls = &values.items[0];
	struct abi_value *pairs = mem_new(2 * calls->count + 1, sizeof(*pairs));
	struct abi_value *tuples = mem_new(calls->count + 1, sizeof(*tuples));
	struct buf *results = mem_new(calls->count + 1, sizeof(*results));
	for (size_t i = 0; i < calls->count; i++) {
		const struct abi_value *call = &calls->items[i].items[2];
		bool success = run_call(node, contract_find(call->bytes, call->len), &results[i]);
		pairs[2 * i] = abi_bool(success);
		pairs[2 * i + 1] = abi_bytes(results[i].data, results[i].len);
		tuples[i] = abi_tuple(&pairs[2 * i], 2);
	}
	struct abi_value list = abi_array(tuples, calls->count);
	bool good = abi_encode("(bool,bytes)[]", &list, 1, out, NULL);
	for (size_t i = 0; i < calls->count; i++)
		buf_clear(&results[i]);
	free(results);
	free(tuples);
	free(pairs);
	abi_values_clear(&values);
	return good;
}

static void set_error(json *answer, int code, const char *message, const struct buf *data)
{
	json *error = json_add(answer, "error", json_new_object());
	json_add_int(error, "code", code);
	json_add_text(error, "message", message);
	if (data)
		json_add(error, "data", call_hex((const uint8_t *)data->data, data->len));
}

static void answer_call(const struct node *node, const json *request, json *answer)
{
	const char *to = json_string(json_member(request, "to"), ""), *hex = json_string(json_member(request, "data"), "0x");
	struct buf out = BUF_INIT;
	size_t len = 0;
	uint8_t *data = data_parse_new(hex, LIMIT_CALLDATA, &len);
	enum contract_call call = contract_find(data, len);
	bool good = true;
	if (is_address(to, MULTICALL_ADDRESS))
		good = run_aggregate3(node, data, len, &out);
	else if (call != CALL_NONE && node->answers[call] == NODE_ERROR)
		set_error(answer, -32000, "header not found", NULL);
	else if (!is_address(to, NODE_OWNER) || node->safe)
		good = run_call(node, call, &out);
	if (node->simulation_reverts && call == CALL_ADD_COMPOSE_HASH)
		good = false;
	if (!good)
		set_error(answer, 3, "execution reverted", &out);
	else if (!json_member(answer, "error"))
		json_add(answer, "result", call_hex((const uint8_t *)out.data, out.len));
	free(data);
	buf_clear(&out);
}

static const char *code_at(const struct node *node, const char *address)
{
	if (is_address(address, MULTICALL_ADDRESS))
		return node->multicall ? "0x6080" : "0x";
	if (is_address(address, NODE_CONTRACT))
		return "0x6001";
	if (is_address(address, NODE_IMPLEMENTATION))
		return "0x6002";
	if (is_address(address, FEES_ORACLE_ADDRESS))
		return node->l1_fee_oracle;
	return is_address(address, NODE_OWNER) ? node->owner_code : "0x";
}

static json *parse_or_null(const char *text)
{
	return text ? json_parse(text, strlen(text), NULL) : json_parse("null", 4, NULL);
}

static json *simple_result(const struct node *node, const char *method, const json *params)
{
	char quantity[U256_QUANTITY_SIZE];
	const json *second = json_next(json_first(params));
	static const char history[] = "{\"oldestBlock\":\"0x62\",\"baseFeePerGas\":[\"0x4c4b40\",\"0x4c4b40\",\"0x4c4b40\"],"
		"\"gasUsedRatio\":[0.5,0.5],\"reward\":[[\"0x0\"],[\"0x1e8480\"]]}";
	if (strcmp(method, "eth_chainId") == 0)
		return json_new_text(u64_format_quantity(quantity, node->chain_id));
	if (strcmp(method, "eth_blockNumber") == 0)
		return json_new_text(u64_format_quantity(quantity, node->head));
	if (strcmp(method, "eth_getCode") == 0)
		return json_new_text(code_at(node, json_string(json_first(params), "")));
	if (strcmp(method, "eth_getStorageAt") == 0)
		return json_new_text("0x00000000000000000000000000000000000000000000000000000000000000e0");
	if (strcmp(method, "eth_getBalance") == 0)
		return json_new_text("0x5af3107a4000");
	if (strcmp(method, "eth_getTransactionCount") == 0)
		return json_new_text(strcmp(json_string(second, ""), "pending") == 0 ? "0x8" : "0x7");
	if (strcmp(method, "eth_estimateGas") == 0)
		return json_new_text("0xc351");
	if (strcmp(method, "eth_feeHistory") == 0)
		return json_parse(history, strlen(history), NULL);
	if (strcmp(method, "eth_getTransactionReceipt") == 0)
		return parse_or_null(node->receipt);
	if (strcmp(method, "eth_getTransactionByHash") == 0)
		return parse_or_null(node->transaction);
	return strcmp(method, "eth_getBlockByNumber") == 0 ? parse_or_null(node->block) : NULL;
}

static json *answer_one(const struct node *node, const json *request)
{
	const char *method = json_string(json_member(request, "method"), "");
	const json *params = json_member(request, "params");
	json *answer = json_new_object(), *result;
	json_add_int(answer, "id", json_int(request, "id", 0));
	if (node->broken_method && strcmp(method, node->broken_method) == 0) {
		set_error(answer, -32000, "header not found", NULL);
	} else if (strcmp(method, "eth_call") == 0) {
		answer_call(node, json_first(params), answer);
	} else if (strcmp(method, "eth_estimateGas") == 0 && node->simulation_reverts) {
		set_error(answer, 3, "execution reverted", NULL);
	} else if ((result = simple_result(node, method, params)) != NULL) {
		json_add(answer, "result", result);
	} else {
		set_error(answer, -32601, "method not found", NULL);
	}
	return answer;
}

static bool serve(void *ctx, int fd, const struct server_request *request)
{
	struct node *node = ctx;
	struct buf out = BUF_INIT;
	json *asked = json_parse(request->body, request->body_len, NULL), *answer;
	__atomic_add_fetch(&node->batches, 1, __ATOMIC_SEQ_CST);
	if (json_kind(asked) == JSON_ARRAY) {
		answer = json_new_array();
		for (const json *one = json_first(asked); one; one = json_next(one))
			json_append(answer, answer_one(node, one));
	} else {
		answer = answer_one(node, asked);
	}
	json_print(&out, answer);
	server_json(fd, 200, buf_text(&out));
	buf_clear(&out);
	json_free(answer);
	json_free(asked);
	return true;
}

void node_start(struct node *node)
{
	struct error err;
	*node = (struct node){ .chain_id = 8453, .head = 100, .multicall = true, .owner_code = "0x", .device_allowed = true, .l1_fee_oracle = "0x" };
	node->server = server_start(serve, node);
	node->loop = loop_new(&err);
	assert_non_null(node->loop);
	node->http = http_new(node->loop, &err);
	assert_non_null(node->http);
	node->rpc = rpc_new(node->http, server_url(node->server));
}

void node_stop(struct node *node)
{
	rpc_free(node->rpc);
	http_free(node->http);
	loop_free(node->loop);
	server_stop(node->server);
}

void node_wait(struct node *node, const bool *done)
{
	int64_t until = clock_mono_ms() + 10000;
	while (!*done && clock_mono_ms() < until)
		loop_turn(node->loop, 200);
	assert_true(*done);
}
