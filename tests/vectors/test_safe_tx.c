/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/safe_tx.json through chain/safe. The keys in it are throw-away test keys. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/abi.h"
#include "chain/ecdsa.h"
#include "chain/safe.h"
#include "vectors/vectors.h"

enum { LARGE = 1 << 20, MOST = 64 };

static bool rejected(const struct exact_json *vector)
{
	return exact_json_bool(exact_json_get(vectors_need(vector, "expect"), "reject"), false);
}

static void same_hex(const void *bytes, size_t len, const struct exact_json *want)
{
	char *hex = mem_new(2 * len + 3, 1);

	hex_encode_0x(hex, bytes, len);
	assert_non_null(exact_json_string(want, NULL));
	assert_string_equal(hex, exact_json_string(want, NULL));
	free(hex);
}

static void same_buf(struct buf *have, const struct exact_json *want)
{
	same_hex(buf_text(have), have->len, want);
	buf_clear(have);
}

static uint8_t *need_hex(const struct exact_json *from, const char *name, size_t *len)
{
	uint8_t *bytes = hex_decode_new(vectors_text(from, name, NULL), LARGE, len);

	assert_non_null(bytes);
	return bytes;
}

static struct u256 need_number(const struct exact_json *from, const char *name)
{
	struct u256 out;

	assert_true(u256_parse_decimal(&out, vectors_text(from, name, NULL)));
	return out;
}

static struct address need_address(const struct exact_json *from, const char *name)
{
	struct address out;

	assert_true(address_parse(&out, vectors_text(from, name, NULL)));
	return out;
}

static uint64_t need_chain(const struct exact_json *from)
{
	return (uint64_t)exact_json_number(vectors_need(from, "chainId"), 0);
}

/* The call's data is new memory, freed by free_call. */
static struct safe_call need_call(const struct exact_json *from)
{
	struct safe_call call = { .to = need_address(from, "to"), .value = need_number(from, "value") };

	call.operation = (uint8_t)exact_json_number(exact_json_get(from, "operation"), 0);
	call.data = need_hex(from, "data", &call.data_len);
	return call;
}

static void free_call(struct safe_call *call)
{
	uint8_t *data;

	memcpy(&data, &call->data, sizeof(data));
	free(data);
}

static struct safe_tx need_tx(const struct exact_json *from)
{
	return (struct safe_tx){
		.call = need_call(from),
		.safe_tx_gas = need_number(from, "safeTxGas"),
		.base_gas = need_number(from, "baseGas"),
		.gas_price = need_number(from, "gasPrice"),
		.gas_token = need_address(from, "gasToken"),
		.refund_receiver = need_address(from, "refundReceiver"),
		.nonce = need_number(from, "nonce"),
	};
}

static void check_safe_tx(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct safe_tx tx = need_tx(vectors_need(vector, "tx"));
	struct address safe = need_address(vector, "safe");
	uint8_t data[SAFE_TX_DATA_SIZE];
	struct buf call = BUF_INIT;
	struct safe_hashes hashes;

	safe_tx_hashes(&hashes, need_chain(vector), &safe, &tx);
	same_hex(hashes.domain.bytes, BYTES32_SIZE, vectors_need(expect, "domainSeparator"));
	same_hex(hashes.message.bytes, BYTES32_SIZE, vectors_need(expect, "structHash"));
	same_hex(hashes.tx.bytes, BYTES32_SIZE, vectors_need(expect, "safeTxHash"));
	safe_tx_data(data, &hashes);
	same_hex(data, sizeof(data), vectors_need(expect, "transactionData"));
	safe_add_get_hash(&call, &tx);
	same_buf(&call, vectors_need(expect, "getTransactionHash"));
	free_call(&tx.call);
}

static size_t need_calls(struct safe_call calls[MOST], const struct exact_json *list)
{
	size_t count = exact_json_count(list);

	assert_true(count <= MOST);
	for (size_t i = 0; i < count; i++)
		calls[i] = need_call(exact_json_item(list, i));
	return count;
}

static void check_multisend(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct safe_call calls[MOST];
	size_t count = need_calls(calls, vectors_need(vector, "transactions"));
	struct buf out = BUF_INIT;

	safe_add_packed(&out, calls, count);
	same_buf(&out, vectors_need(expect, "packed"));
	safe_add_multisend(&out, calls, count);
	same_buf(&out, vectors_need(expect, "calldata"));
	for (size_t i = 0; i < count; i++)
		free_call(&calls[i]);
}

static void same_call(const struct safe_call *have, const struct exact_json *want)
{
	struct safe_call call = need_call(want);

	assert_int_equal(have->operation, call.operation);
	assert_true(address_equal(&have->to, &call.to));
	assert_int_equal(u256_cmp(&have->value, &call.value), 0);
	assert_int_equal(have->data_len, call.data_len);
	assert_memory_equal(have->data, call.data, call.data_len);
	free_call(&call);
}

static void check_multisend_decode(const struct exact_json *vector)
{
	size_t len, count;
	uint8_t *packed = need_hex(vector, "packed", &len);
	struct safe_call *calls;
	bool ok = safe_read_packed(packed, len, &calls, &count, NULL);

	assert_int_equal(ok, !rejected(vector));
	if (ok) {
		const struct exact_json *list = vectors_need(vectors_need(vector, "expect"), "transactions");

		assert_int_equal(count, exact_json_count(list));
		for (size_t i = 0; i < count; i++)
			same_call(&calls[i], exact_json_item(list, i));
	}
	free(calls);
	free(packed);
}

static void check_call_only(const struct exact_json *vector)
{
	const struct exact_json *list = vectors_need(vectors_need(vector, "expect"), "addresses");
	struct address have[SAFE_CALL_ONLY_MAX];
	size_t count = safe_call_only(have, vectors_text(vector, "version", NULL), need_chain(vector));
	char text[ADDRESS_TEXT_SIZE];

	assert_int_equal(count, exact_json_count(list));
	for (size_t i = 0; i < count; i++)
		assert_string_equal(address_format(text, &have[i]), exact_json_string(exact_json_item(list, i), NULL));
}

/* A batch that was planned must also be readable as one. */
static void reads_back(const struct safe_tx *tx, const char *version, uint64_t chain, size_t count)
{
	struct safe_call *calls;
	size_t have;

	if (count == 1)
		return;
	assert_true(safe_read_batch(tx, version, chain, &calls, &have, NULL));
	assert_int_equal(have, count);
	free(calls);
}

static void check_batch(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	const char *version = vectors_text(vector, "version", NULL);
	struct address safe = need_address(vector, "safe");
	struct u256 nonce = need_number(vector, "nonce");
	struct safe_call calls[MOST];
	size_t count = need_calls(calls, vectors_need(vector, "calls"));
	struct safe_tx want = need_tx(vectors_need(expect, "tx")), tx;
	struct buf data = BUF_INIT;
	struct safe_hashes hashes;

	assert_true(safe_plan(&tx, &data, version, need_chain(vector), calls, count, &nonce, NULL));
	same_call(&tx.call, vectors_need(expect, "tx"));
	assert_int_equal(u256_cmp(&tx.nonce, &want.nonce), 0);
	safe_tx_hashes(&hashes, need_chain(vector), &safe, &tx);
	same_hex(hashes.tx.bytes, BYTES32_SIZE, vectors_need(expect, "safeTxHash"));
	safe_tx_hashes(&hashes, need_chain(vector), &safe, &want); /* every field of it, gas and refund too */
	same_hex(hashes.tx.bytes, BYTES32_SIZE, vectors_need(expect, "safeTxHash"));
	reads_back(&tx, version, need_chain(vector), count);
	buf_clear(&data);
	free_call(&want.call);
	for (size_t i = 0; i < count; i++)
		free_call(&calls[i]);
}

static void check_signatures(const struct exact_json *vector)
{
	const struct exact_json *keys = vectors_need(vector, "privateKeys"), *expect = vectors_need(vector, "expect");
	struct safe_signature made[MOST], again;
	size_t count = exact_json_count(keys);
	struct buf all = BUF_INIT;
	struct bytes32 hash;
	char text[ADDRESS_TEXT_SIZE];

	assert_true(count <= MOST && bytes32_parse(&hash, vectors_text(vector, "safeTxHash", NULL)));
	for (size_t i = 0; i < count; i++) {
		struct secret key = SECRET_INIT;

		secret_alloc(&key, ECDSA_KEY_SIZE);
		assert_true(hex_decode(key.data, ECDSA_KEY_SIZE, exact_json_string(exact_json_item(keys, i), NULL)));
		assert_true(safe_sign(&made[i], &key, &hash, NULL));
		secret_clear(&key);
	}
	assert_true(safe_add_signatures(&all, made, count, NULL));
	for (size_t i = 0; i < count; i++) {
		const struct exact_json *owner = exact_json_item(vectors_need(expect, "owners"), i);

		assert_string_equal(address_format(text, &made[i].owner), exact_json_string(owner, NULL));
		assert_true(safe_read_signature(&again, made[i].bytes, &hash, NULL));
		assert_true(address_equal(&again.owner, &made[i].owner));
	}
	same_buf(&all, vectors_need(expect, "signatures"));
}

static void check_prevalidated(const struct exact_json *vector)
{
	struct address owner = need_address(vector, "owner");
	struct safe_signature signature;

	safe_prevalidated(&signature, &owner);
	same_hex(signature.bytes, SAFE_SIGNATURE_SIZE, vectors_need(vector, "expect"));
}

static void check_exec(const struct exact_json *vector)
{
	struct safe_tx tx = need_tx(vectors_need(vector, "tx"));
	struct buf out = BUF_INIT;
	size_t len;
	uint8_t *signatures = need_hex(vector, "signatures", &len);

	safe_add_exec(&out, &tx, signatures, len);
	same_buf(&out, vectors_need(vector, "expect"));
	free_call(&tx.call);
	free(signatures);
}

static void check_selector(const struct exact_json *vector)
{
	uint8_t selector[4];

	abi_selector(selector, vectors_text(vector, "signature", NULL));
	same_hex(selector, sizeof(selector), vectors_need(vector, "expect"));
}

static void check_topic(const struct exact_json *vector)
{
	struct bytes32 topic;

	abi_topic(&topic, vectors_text(vector, "signature", NULL));
	same_hex(topic.bytes, BYTES32_SIZE, vectors_need(vector, "expect"));
}

/* One argument by the look of its text: an address, 32 bytes, or a number. */
static struct abi_value argument(const char *text)
{
	struct address address;
	struct bytes32 word;
	struct u256 number;

	if (address_parse(&address, text))
		return abi_address(&address);
	if (!strncmp(text, "0x", 2) && bytes32_parse(&word, text))
		return abi_bytes32(&word);
	assert_true(u256_parse_decimal(&number, text));
	return abi_u256(&number);
}

static void check_encode_call(const struct exact_json *vector)
{
	const struct exact_json *args = vectors_need(vector, "args");
	struct abi_value values[MOST];
	size_t count = exact_json_count(args);
	struct buf out = BUF_INIT;

	assert_true(count <= MOST);
	for (size_t i = 0; i < count; i++)
		values[i] = argument(exact_json_string(exact_json_item(args, i), NULL));
	assert_true(abi_encode_call(vectors_text(vector, "signature", NULL), values, count, &out, NULL));
	same_buf(&out, vectors_need(vector, "expect"));
}

static void same_value(const struct abi_value *have, const struct exact_json *want)
{
	const char *text = exact_json_string(want, NULL);
	struct address address = abi_get_address(have);
	struct u256 number = abi_get_u256(have);
	char out[U256_DECIMAL_SIZE];

	if (have->kind == ABI_ARRAY || have->kind == ABI_TUPLE) {
		assert_int_equal(have->count, exact_json_count(want));
		for (size_t i = 0; i < have->count; i++)
			same_value(&have->items[i], exact_json_item(want, i));
	} else if (have->kind == ABI_STRING) {
		vectors_same_bytes((const char *)have->bytes, have->len, text, strlen(text));
	} else if (have->kind == ABI_ADDRESS) {
		assert_string_equal(address_format(out, &address), text);
	} else if (have->kind == ABI_BOOL) {
		assert_int_equal(abi_get_bool(have), exact_json_bool(want, false));
	} else if (have->kind == ABI_UINT) {
		assert_string_equal(u256_format_decimal(out, &number), text);
	} else {
		same_hex(have->kind == ABI_BYTES ? have->bytes : have->word, have->kind == ABI_BYTES ? have->len : have->size, want);
	}
}

static void check_result(const struct exact_json *vector, const struct exact_json *expect)
{
	const struct exact_json *returns = vectors_need(vector, "returns");
	struct buf types = BUF_INIT;
	struct abi_values values;
	size_t len;
	uint8_t *data = need_hex(vector, "data", &len);
	bool ok;

	for (size_t i = 0; i < exact_json_count(returns); i++)
		buf_add_format(&types, "%s%s", i ? "," : "", exact_json_string(exact_json_item(returns, i), NULL));
	ok = abi_decode(buf_text(&types), data, len, &values, NULL);
	assert_int_equal(ok, !exact_json_bool(exact_json_get(expect, "reject"), false));
	for (size_t i = 0; ok && i < values.count; i++)
		same_value(&values.items[i], exact_json_item(vectors_need(expect, "values"), i));
	abi_values_clear(&values);
	buf_clear(&types);
	free(data);
}

static void check_decode_result(const struct exact_json *vector)
{
	check_result(vector, vectors_need(vector, "expect"));
}

/* Where two tools disagree, the stricter of them is followed. */
static void check_decode_differs(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect"), *viem = vectors_need(expect, "viem");

	check_result(vector, exact_json_get(viem, "reject") ? viem : vectors_need(expect, "ethers"));
}

static void check_decode_log(const struct exact_json *vector)
{
	const struct exact_json *list = vectors_need(vector, "topics"), *expect = vectors_need(vector, "expect");
	struct bytes32 topics[MOST];
	struct safe_event event;
	char text[U256_DECIMAL_SIZE];
	size_t len, count = exact_json_count(list);
	uint8_t *data = need_hex(vector, "data", &len);
	bool ok;

	assert_true(count <= MOST);
	for (size_t i = 0; i < count; i++)
		assert_true(bytes32_parse(&topics[i], exact_json_string(exact_json_item(list, i), NULL)));
	ok = safe_read_event(&event, topics, count, data, len);
	assert_int_equal(ok, !rejected(vector));
	if (ok) {
		assert_string_equal(event.success ? "ExecutionSuccess" : "ExecutionFailure", vectors_text(expect, "event", NULL));
		assert_string_equal(bytes32_format(text, &event.tx_hash), vectors_text(expect, "txHash", NULL));
		assert_string_equal(u256_format_decimal(text, &event.payment), vectors_text(expect, "payment", NULL));
	}
	free(data);
}

static void check(const struct exact_json *vector)
{
	static const struct {
		const char *kind;
		vectors_check *run;
	} kinds[] = {
		{ "safe_tx", check_safe_tx },
		{ "multisend", check_multisend },
		{ "multisend_decode", check_multisend_decode },
		{ "call_only_addresses", check_call_only },
		{ "batch", check_batch },
		{ "signatures", check_signatures },
		{ "prevalidated", check_prevalidated },
		{ "exec_transaction", check_exec },
		{ "selector", check_selector },
		{ "event_topic", check_topic },
		{ "encode_call", check_encode_call },
		{ "decode_result", check_decode_result },
		{ "decode_result_differs", check_decode_differs },
		{ "decode_log", check_decode_log },
	};
	const char *kind = vectors_text(vector, "kind", NULL);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].kind)) {
			kinds[i].run(vector);
			return;
		}
	fail_msg("a case of unknown kind %s", kind);
}

int main(void)
{
	return vectors_run("safe_tx", check);
}
