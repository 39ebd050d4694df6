/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and answers of calls; one single call as a handle of its own. */
#include "chain/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chain/contract.h"

const char *call_block_tag(char out[U256_QUANTITY_SIZE], uint64_t number)
{
	return u64_format_quantity(out, number);
}

json *call_hex(const uint8_t *bytes, size_t len)
{
	char *text = mem_new(2 * len + 3, 1);
	hex_encode_0x(text, bytes, len);
	json *out = json_new_text(text);
	free(text);
	return out;
}

static void add_address(json *object, const char *name, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	hex_encode_0x(text, address->bytes, ADDRESS_SIZE);
	json_add_text(object, name, text);
}

json *call_params(const struct call_request *request, const char *tag)
{
	json *params = json_new_array(), *object = json_append(params, json_new_object());
	char quantity[U256_QUANTITY_SIZE];
	if (request->from)
		add_address(object, "from", request->from);
	if (request->to)
		add_address(object, "to", request->to);
	if (request->value && !u256_is_zero(request->value))
		json_add_text(object, "value", u256_format_quantity(quantity, request->value));
	json_add(object, "data", call_hex(request->data, request->len));
	json_append(params, json_new_text(tag));
	return params;
}

json *call_text_params(const char *text)
{
	json *params = json_new_array();
	json_append(params, json_new_text(text));
	return params;
}

json *call_text_flag_params(const char *text, bool flag)
{
	json *params = call_text_params(text);
	json_append(params, json_new_bool(flag));
	return params;
}

json *call_address_params(const struct address *address, const char *tag)
{
	char text[ADDRESS_TEXT_SIZE];
	hex_encode_0x(text, address->bytes, ADDRESS_SIZE);
	json *params = call_text_params(text);
	json_append(params, json_new_text(tag));
	return params;
}

json *call_slot_params(const struct address *address, const struct bytes32 *slot, const char *tag)
{
	json *params = json_new_array();
	json_append(params, call_hex(address->bytes, ADDRESS_SIZE));
	json_append(params, call_hex(slot->bytes, BYTES32_SIZE));
	json_append(params, json_new_text(tag));
	return params;
}

static bool has_revert_data(const struct rpc_answer *answer)
{
	return answer->error_data && strlen(answer->error_data) > 2 && strncmp(answer->error_data, "0x", 2) == 0;
}

/* Nodes say code 3, or an error of their own whose text says so. */
bool call_reverted(const struct rpc_answer *answer)
{
	if (answer->result || answer->node_code == 0)
		return false;
	return answer->node_code == 3 || has_revert_data(answer) || strcasestr(answer->error.message, "revert") != NULL;
}

bool call_reverted_silently(const struct rpc_answer *answer)
{
	return call_reverted(answer) && !has_revert_data(answer);
}

static bool revert_error(const char *hex, struct error *err)
{
	struct buf text = BUF_INIT;
	size_t len = 0;
	uint8_t *data = data_parse_new(hex, LIMIT_CALLDATA, &len);
	if (data)
		contract_describe_revert(&text, data, len);
	error_set(err, STATUS_CHAIN, "reverted", "the contract refuses this call: %.400s",
		data ? buf_text(&text) : "its reason cannot be read");
	buf_clear(&text);
	free(data);
	return false;
}

bool call_error(const struct rpc_answer *answer, struct error *err)
{
	if (has_revert_data(answer))
		return revert_error(answer->error_data, err);
	if (call_reverted(answer))
		return error_set(err, STATUS_CHAIN, "reverted", "the contract refuses this call without a reason (%.300s)",
			answer->error.message);
	if (err)
		*err = answer->error;
	return false;
}

static bool bad_result(struct error *err)
{
	error_set(err, STATUS_CHAIN, "rpc-result", "the node's answer is not of the form the question has");
	return error_next(err, "use another endpoint with --rpc-url");
}

bool call_read_data(const struct rpc_answer *answer, uint8_t **data, size_t *len, struct error *err)
{
	*data = NULL;
	*len = 0;
	if (!answer->result)
		return call_error(answer, err);
	*data = data_parse_new(json_string(answer->result, NULL), LIMIT_CALLDATA, len);
	return *data || bad_result(err);
}

bool call_read_u256(const struct rpc_answer *answer, struct u256 *out, struct error *err)
{
	if (!answer->result)
		return call_error(answer, err);
	return u256_parse_hex(out, json_string(answer->result, NULL)) || bad_result(err);
}

bool call_read_u64(const struct rpc_answer *answer, uint64_t *out, struct error *err)
{
	struct u256 wide;
	if (!call_read_u256(answer, &wide, err))
		return false;
	return u256_to_u64(&wide, out) || bad_result(err);
}

struct chain_call {
	struct rpc_call *rpc;
	chain_call_fn *fn;
	void *ctx;
};

static void on_answer(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_call *call = ctx;
	struct error err = { .status = STATUS_OK };
	uint8_t *data = NULL;
	size_t len = 0;
	(void)count;
	if (!call_read_data(&answers[0], &data, &len, &err))
		len = 0;
	call->fn(call->ctx, data, len, &err);
	free(data);
	free(call);
}

struct chain_call *chain_call_send(struct rpc *rpc, const struct call_request *request, const char *tag, chain_call_fn *fn,
	void *ctx)
{
	struct chain_call *call = mem_new(1, sizeof(*call));
	struct rpc_request ask = { "eth_call", call_params(request, tag) };
	*call = (struct chain_call){ .fn = fn, .ctx = ctx };
	call->rpc = rpc_send(rpc, &ask, 1, 0, on_answer, call);
	return call;
}

void chain_call_cancel(struct chain_call *call)
{
	if (!call)
		return;
	rpc_cancel(call->rpc);
	free(call);
}
