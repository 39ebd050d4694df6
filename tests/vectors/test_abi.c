/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/abi.json through chain/abi, chain/multicall and chain/contract. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/contract.h"
#include "chain/multicall.h"
#include "vectors/chain_cases.h"

static void check_encode_aggregate3(const struct exact_json *vector)
{
	const struct exact_json *list = vectors_need(vector, "calls");
	size_t count = exact_json_count(list);
	struct multicall_call *calls = mem_new(count + 1, sizeof(*calls));
	uint8_t **data = mem_new(count + 1, sizeof(*data));
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < count; i++) {
		const struct exact_json *call = exact_json_item(list, i);
		data[i] = chain_hex(call, "callData", &calls[i].len);
		calls[i].data = data[i];
		calls[i].target = chain_address(call, "target");
		calls[i].allow_failure = exact_json_bool(vectors_need(call, "allowFailure"), false);
	}
	assert_true(multicall_encode(calls, count, &out, NULL));
	chain_same_hex(out.data, out.len, vector, "expect");
	for (size_t i = 0; i < count; i++)
		free(data[i]);
	free(data);
	free(calls);
	buf_clear(&out);
}

static bool same_results(const struct multicall_result *results, size_t count, const struct exact_json *want)
{
	bool same = exact_json_kind(want) == EXACT_ARRAY && exact_json_count(want) == count;
	for (size_t i = 0; same && i < count; i++) {
		const struct exact_json *result = exact_json_item(want, i);
		size_t len = 0;
		uint8_t *data = chain_hex(result, "returnData", &len);
		same = exact_json_bool(vectors_need(result, "success"), false) == results[i].success &&
			len == results[i].len && (len == 0 || memcmp(data, results[i].data, len) == 0);
		free(data);
	}
	return same;
}

static void check_decode_aggregate3(const struct exact_json *vector)
{
	struct multicall_result *results = NULL;
	size_t len = 0, count = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	bool good = multicall_decode(data, len, &results, &count, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		assert_true(same_results(results, count, vectors_need(vectors_need(vector, "expect"), "results")));
	free(results);
	free(data);
}

static void check_decode_aggregate3_differs(const struct exact_json *vector)
{
	struct multicall_result *results = NULL;
	const struct exact_json *expect = vectors_need(vector, "expect");
	size_t len = 0, count = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	bool known = !multicall_decode(data, len, &results, &count, NULL);
	for (size_t i = 0; !known && i < exact_json_count(expect); i++)
		known = same_results(results, count, exact_json_get(exact_json_item(expect, i), "results"));
	assert_true(known);
	free(results);
	free(data);
}

static void same_arg(const struct event_arg *arg, const struct exact_json *want)
{
	struct abi_values values;
	struct buf text = BUF_INIT;
	assert_true(abi_decode(arg->type, arg->word, sizeof(arg->word), &values, NULL));
	if (exact_json_kind(want) == EXACT_BOOL) {
		assert_int_equal(abi_get_bool(&values.items[0]), exact_json_bool(want, false));
	} else {
		abi_describe(&text, values.items, 1);
		assert_string_equal(buf_text(&text), exact_json_string(want, NULL));
	}
	buf_clear(&text);
	abi_values_clear(&values);
}

static void same_event(const struct decoded_event *event, const struct exact_json *expect)
{
	const struct exact_json *args = vectors_need(expect, "args");
	assert_string_equal(event->name, vectors_text(expect, "event", NULL));
	assert_int_equal(event->arg_count, exact_json_count(args));
	for (size_t i = 0; i < event->arg_count; i++)
		same_arg(&event->args[i], vectors_need(args, event->args[i].name));
}

static void check_decode_log(const struct exact_json *vector)
{
	const struct exact_json *topics = vectors_need(vector, "topics");
	struct log_entry log = { .topic_count = exact_json_count(topics) };
	struct decoded_event event;
	uint8_t *data = chain_hex(vector, "data", &log.len);
	log.data = data;
	assert_true(log.topic_count <= LOG_MAX_TOPICS);
	for (size_t i = 0; i < log.topic_count; i++)
		assert_true(bytes32_parse(&log.topics[i], exact_json_string(exact_json_item(topics, i), NULL)));
	bool good = contract_decode_log(&log, &event, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		same_event(&event, vectors_need(vector, "expect"));
	free(data);
}

static bool same_revert_arg(const struct abi_value *have, const struct exact_json *want)
{
	size_t len = 0;
	const char *text = exact_json_string(want, &len);
	if (have->kind == ABI_STRING)
		return text && len == have->len && memcmp(text, have->bytes, len) == 0;
	struct buf out = BUF_INIT;
	abi_describe(&out, have, 1);
	bool same = text && strcmp(buf_text(&out), text) == 0;
	buf_clear(&out);
	return same;
}

static bool same_revert(const struct decoded_revert *revert, const struct exact_json *expect)
{
	char selector[11];
	const char *name = exact_json_string(exact_json_get(expect, "error"), NULL);
	const struct exact_json *args = exact_json_get(expect, "args");
	const char *want = exact_json_string(exact_json_get(expect, "selector"), NULL);
	hex_encode_0x(selector, revert->selector, 4);
	if ((name == NULL) != (revert->name == NULL))
		return false;
	if (!name)
		return want ? revert->has_selector && strcmp(want, selector) == 0 : !revert->has_selector;
	bool same = strcmp(name, revert->name) == 0 && exact_json_count(args) == revert->args.count;
	for (size_t i = 0; same && i < revert->args.count; i++)
		same = same_revert_arg(&revert->args.items[i], exact_json_item(args, i));
	return same;
}

static void check_revert(const struct exact_json *vector)
{
	struct decoded_revert revert;
	size_t len = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	bool good = contract_decode_revert(data, len, &revert, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		assert_true(same_revert(&revert, vectors_need(vector, "expect")));
	contract_revert_clear(&revert);
	free(data);
}

static void check_revert_differs(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct decoded_revert revert;
	size_t len = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	bool known = !contract_decode_revert(data, len, &revert, NULL);
	for (size_t i = 0; !known && i < exact_json_count(expect); i++)
		known = same_revert(&revert, exact_json_item(expect, i));
	assert_true(known);
	contract_revert_clear(&revert);
	free(data);
}

static void check(const struct exact_json *vector)
{
	static const struct chain_kind kinds[] = {
		{ "selector", chain_check_selector },
		{ "event_topic", chain_check_event_topic },
		{ "encode_call", chain_check_encode_call },
		{ "decode_result", chain_check_decode_result },
		{ "decode_result_differs", chain_check_decode_result_differs },
		{ "encode_aggregate3", check_encode_aggregate3 },
		{ "decode_aggregate3", check_decode_aggregate3 },
		{ "decode_aggregate3_differs", check_decode_aggregate3_differs },
		{ "decode_log", check_decode_log },
		{ "revert", check_revert },
		{ "revert_differs", check_revert_differs },
	};
	chain_run_kind(kinds, sizeof(kinds) / sizeof(kinds[0]), vector);
}

int main(void)
{
	return vectors_run("abi", check);
}
