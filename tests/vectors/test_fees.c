/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/fees.json through chain/fees. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "chain/contract.h"
#include "chain/fees.h"
#include "vectors/chain_cases.h"

/* A member as the wire's JSON reads it; the caller frees. */
static json *wire_json(const struct exact_json *vector, const char *name)
{
	struct buf text = BUF_INIT;
	exact_json_print(&text, vectors_need(vector, name), (struct exact_json_style){ 0, false });
	json *tree = json_parse(buf_text(&text), text.len, NULL);
	buf_clear(&text);
	return tree;
}

static uint64_t small(const struct exact_json *value, const char *name)
{
	struct u256 wide = chain_number(value, name);
	uint64_t out = 0;
	assert_true(u256_to_u64(&wide, &out));
	return out;
}

static void check_next_base_fee(const struct exact_json *vector)
{
	struct u256 base = chain_number(vector, "baseFeePerGas"), used = chain_number(vector, "gasUsed");
	struct u256 limit = chain_number(vector, "gasLimit"), next;
	bool good = fees_next_base_fee(&base, &used, &limit, small(vector, "elasticity"), small(vector, "denominator"), &next, NULL);
	assert_true(good);
	chain_same_number(&next, vector, "expect");
}

static void same_rewards(const struct fee_history *history, const struct exact_json *want)
{
	assert_int_equal(history->has_rewards, exact_json_kind(want) == EXACT_ARRAY);
	assert_int_equal(history->percentiles, exact_json_count(want));
	for (size_t i = 0; i < history->percentiles; i++) {
		chain_same_number(&history->rewards[i].min, exact_json_item(want, i), "min");
		chain_same_number(&history->rewards[i].max, exact_json_item(want, i), "max");
		chain_same_number(&history->rewards[i].median, exact_json_item(want, i), "median");
	}
}

static void same_history(const struct fee_history *history, const struct exact_json *expect)
{
	const struct exact_json *fees = vectors_need(expect, "baseFees");
	char text[U256_DECIMAL_SIZE];
	chain_same_number(&history->oldest_block, expect, "oldestBlock");
	assert_int_equal(history->blocks, (size_t)exact_json_number(vectors_need(expect, "blocks"), 0));
	assert_int_equal(history->blocks + 1, exact_json_count(fees));
	for (size_t i = 0; i <= history->blocks; i++)
		assert_string_equal(u256_format_decimal(text, &history->base_fees[i]), exact_json_string(exact_json_item(fees, i), NULL));
	chain_same_number(fee_history_latest_base_fee(history), expect, "latestBaseFee");
	chain_same_number(fee_history_next_base_fee(history), expect, "nextBaseFee");
	same_rewards(history, vectors_need(expect, "rewards"));
}

static void check_fee_history(const struct exact_json *vector)
{
	struct fee_history history;
	json *response = wire_json(vector, "response");
	bool good = fee_history_parse(response, &history, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		same_history(&history, vectors_need(vector, "expect"));
	fee_history_clear(&history);
	json_free(response);
}

static void check_max_fee(const struct exact_json *vector)
{
	struct u256 next = chain_number(vector, "nextBaseFee"), tip = chain_number(vector, "tip"), out;
	assert_true(fees_max_fee(&next, &tip, small(vector, "num"), small(vector, "den"), &out, NULL));
	chain_same_number(&out, vector, "expect");
}

static struct fee_pair read_pair(const struct exact_json *value)
{
	return (struct fee_pair){ chain_number(value, "maxFeePerGas"), chain_number(value, "maxPriorityFeePerGas") };
}

static void check_effective(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct u256 base = chain_number(vector, "baseFee"), price, tip;
	struct fee_pair fees = read_pair(vector);
	enum fee_effect effect = fees_effective(&base, &fees, &price, &tip);
	assert_int_equal(effect == FEE_INVALID, exact_json_get(expect, "invalid") != NULL);
	assert_int_equal(effect == FEE_WAITS, exact_json_bool(exact_json_get(expect, "waits"), false));
	if (effect != FEE_PAYS)
		return;
	chain_same_number(&price, expect, "effectiveGasPrice");
	chain_same_number(&tip, expect, "tip");
}

static void check_max_cost(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct u256 gas = chain_number(vector, "gasLimit"), max_fee = chain_number(vector, "maxFeePerGas");
	struct u256 value = chain_number(vector, "value"), l1_fee = chain_number(vector, "l1Fee");
	struct fee_cost cost;
	bool good = fees_max_cost(&gas, &max_fee, &value, &l1_fee, &cost, NULL);
	assert_int_equal(good, !exact_json_bool(vectors_need(expect, "overflow"), false));
	if (!good)
		return;
	chain_same_number(&cost.gas, expect, "gas");
	chain_same_number(&cost.total, expect, "total");
}

static void check_receipt_cost(const struct exact_json *vector)
{
	struct u256 paid;
	json *receipt = wire_json(vector, "receipt");
	bool good = fees_receipt_cost(receipt, &paid, NULL);
	assert_int_equal(good, exact_json_kind(vectors_need(vector, "expect")) == EXACT_STRING);
	if (good)
		chain_same_number(&paid, vector, "expect");
	json_free(receipt);
}

static struct tx read_tx(const struct exact_json *fields)
{
	struct tx tx = {
		.chain_id = small(fields, "chainId"),
		.nonce = small(fields, "nonce"),
		.max_priority_fee = chain_number(fields, "maxPriorityFeePerGas"),
		.max_fee = chain_number(fields, "maxFeePerGas"),
		.gas = small(fields, "gas"),
		.to = chain_address(fields, "to"),
		.value = chain_number(fields, "value"),
	};
	size_t len = 0;
	uint8_t *data = chain_hex(fields, "data", &len);
	tx_set_data(&tx, data, len);
	free(data);
	return tx;
}

static void check_gpo(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct tx tx = read_tx(vectors_need(vector, "tx"));
	struct buf out = BUF_INIT;
	tx_add_unsigned(&out, &tx);
	chain_same_hex(out.data, out.len, expect, "unsigned");
	buf_reset(&out);
	fees_add_l1_fee_call(&out, &tx);
	chain_same_hex(out.data, out.len, expect, "getL1Fee");
	buf_reset(&out);
	fees_add_l1_upper_bound_call(&out, &tx);
	chain_same_hex(out.data, out.len, expect, "getL1FeeUpperBound");
	buf_clear(&out);
	tx_clear(&tx);
}

static void check_decode_uint(const struct exact_json *vector)
{
	struct u256 value;
	size_t len = 0;
	uint8_t *data = chain_hex(vector, "data", &len);
	bool good = contract_decode_u256(CALL_GET_L1_FEE, data, len, &value, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		chain_same_number(&value, vectors_need(vector, "expect"), "value");
	free(data);
}

static void same_pair(const struct fee_pair *have, const struct exact_json *want)
{
	chain_same_number(&have->max_fee, want, "maxFeePerGas");
	chain_same_number(&have->max_priority_fee, want, "maxPriorityFeePerGas");
}

static void check_replacement(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct fee_pair old = read_pair(vectors_need(vector, "old")), fresh = read_pair(vectors_need(vector, "new"));
	struct fee_replacement out;
	assert_true(fees_replacement(&old, &fresh, &out, NULL));
	assert_int_equal(out.accepted, exact_json_bool(vectors_need(expect, "accepted"), false));
	assert_int_equal(out.invalid, exact_json_bool(exact_json_get(expect, "invalid"), false));
	same_pair(&out.minimum, vectors_need(expect, "minimum"));
	same_pair(&out.safe, vectors_need(expect, "safe"));
}

static void check_format(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct u256 wei = chain_number(vector, "wei");
	char text[U256_UNITS_SIZE];
	assert_string_equal(u256_format_ether(text, &wei), vectors_text(expect, "ether", NULL));
	assert_string_equal(u256_format_gwei(text, &wei), vectors_text(expect, "gwei", NULL));
	assert_string_equal(u256_format_ether_up(text, &wei), vectors_text(expect, "ether_up_6", NULL));
}

static void check(const struct exact_json *vector)
{
	static const struct chain_kind kinds[] = {
		{ "next_base_fee", check_next_base_fee }, { "fee_history", check_fee_history },
		{ "max_fee", check_max_fee },             { "effective", check_effective },
		{ "max_cost", check_max_cost },           { "receipt_cost", check_receipt_cost },
		{ "gpo", check_gpo },                     { "selector", chain_check_selector },
		{ "decode_uint", check_decode_uint },     { "replacement", check_replacement },
		{ "format", check_format },
	};
	chain_run_kind(kinds, sizeof(kinds) / sizeof(kinds[0]), vector);
}

int main(void)
{
	return vectors_run("fees", check);
}
