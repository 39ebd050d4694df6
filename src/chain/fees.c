/* SPDX-License-Identifier: Apache-2.0 */
/* Fees and costs in exact integers; what does not fit 256 bits is an error, never a smaller number. */
#include "chain/fees.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/contract.h"

static bool overflow(struct error *err)
{
	return error_set(err, STATUS_CHAIN, "fee-overflow", "a fee or cost does not fit 256 bits: the node's figures make no sense");
}

static bool bad_parameters(struct error *err)
{
	return error_set(err, STATUS_CHAIN, "fee-parameters", "a base fee needs a gas target and a denominator above zero");
}

/* floor(floor(base * gap / target) / denominator) */
static bool base_fee_step(const struct u256 *base_fee, const struct u256 *gap, const struct u256 *target, uint64_t denominator,
	struct u256 *out, struct error *err)
{
	struct u256 parts = u256_from_u64(denominator);
	if (!u256_mul(out, base_fee, gap))
		return overflow(err);
	return (u256_div(out, NULL, out, target) && u256_div(out, NULL, out, &parts)) || bad_parameters(err);
}

bool fees_next_base_fee(const struct u256 *base_fee, const struct u256 *gas_used, const struct u256 *gas_limit,
	uint64_t elasticity, uint64_t denominator, struct u256 *out, struct error *err)
{
	struct u256 target, gap, step, parts = u256_from_u64(elasticity);
	if (!u256_div(&target, NULL, gas_limit, &parts) || u256_is_zero(&target))
		return bad_parameters(err);
	bool above = u256_cmp(gas_used, &target) > 0;
	if (!(above ? u256_sub(&gap, gas_used, &target) : u256_sub(&gap, &target, gas_used)))
		return overflow(err);
	if (!base_fee_step(base_fee, &gap, &target, denominator, &step, err))
		return false;
	if (above && u256_is_zero(&step))
		step = u256_from_u64(1);
	return (above ? u256_add(out, base_fee, &step) : u256_sub(out, base_fee, &step)) || overflow(err);
}

static bool bad_history(struct error *err, const char *why)
{
	return error_set(err, STATUS_CHAIN, "fee-history", "the node's eth_feeHistory cannot be used: %s", why);
}

static bool read_base_fees(const json *list, struct fee_history *out, struct error *err)
{
	size_t count = json_count(list), i = 0;
	if (json_kind(list) != JSON_ARRAY || count != out->blocks + 1)
		return bad_history(err, "baseFeePerGas has not one entry more than there are blocks");
	out->base_fees = mem_new(count, sizeof(*out->base_fees));
	for (const json *fee = json_first(list); fee; fee = json_next(fee))
		if (!u256_parse_hex(&out->base_fees[i++], json_string(fee, NULL)))
			return bad_history(err, "a base fee is no hex quantity");
	return true;
}

static int compare_fees(const void *a, const void *b)
{
	return u256_cmp(a, b);
}

/* All rewards, percentile by percentile, each run as long as there are blocks. */
static bool read_rewards(const json *rows, size_t blocks, size_t percentiles, struct u256 *columns, struct error *err)
{
	size_t block = 0;
	for (const json *line = json_first(rows); line; line = json_next(line), block++) {
		size_t percentile = 0;
		if (json_kind(line) != JSON_ARRAY || json_count(line) != percentiles)
			return bad_history(err, "its reward rows are not of one length");
		for (const json *fee = json_first(line); fee; fee = json_next(fee), percentile++)
			if (!u256_parse_hex(&columns[percentile * blocks + block], json_string(fee, NULL)))
				return bad_history(err, "a reward is no hex quantity");
	}
	return true;
}

static void sum_up_rewards(struct u256 *columns, struct fee_history *out)
{
	out->rewards = mem_new(out->percentiles + 1, sizeof(*out->rewards));
	for (size_t i = 0; i < out->percentiles; i++) {
		struct u256 *column = &columns[i * out->blocks];
		qsort(column, out->blocks, sizeof(*column), compare_fees);
		out->rewards[i] = (struct fee_reward){ column[0], column[out->blocks - 1], column[(out->blocks - 1) / 2] };
	}
}

static bool read_reward_table(const json *rows, struct fee_history *out, struct error *err)
{
	size_t count = json_count(rows), percentiles = json_count(json_first(rows));
	enum json_kind kind = json_kind(rows);
	if (kind == JSON_MISSING || kind == JSON_NULL || (kind == JSON_ARRAY && count == 0))
		return true;
	if (kind != JSON_ARRAY || count != out->blocks || percentiles > FEES_MAX_PERCENTILES)
		return bad_history(err, "it has not one reward row a block");
	struct u256 *columns = mem_new(out->blocks * percentiles + 1, sizeof(*columns));
	bool good = read_rewards(rows, out->blocks, percentiles, columns, err);
	out->has_rewards = true;
	out->percentiles = percentiles;
	if (good)
		sum_up_rewards(columns, out);
	free(columns);
	return good;
}

static bool parse_history(const json *result, struct fee_history *out, struct error *err)
{
	const json *ratios = json_member(result, "gasUsedRatio");
	out->blocks = json_kind(ratios) == JSON_ARRAY ? json_count(ratios) : 0;
	if (out->blocks == 0 || out->blocks > FEES_MAX_BLOCKS)
		return bad_history(err, "it covers no block, or too many");
	if (!u256_parse_hex(&out->oldest_block, json_string(json_member(result, "oldestBlock"), NULL)))
		return bad_history(err, "its oldest block is no hex quantity");
	return read_base_fees(json_member(result, "baseFeePerGas"), out, err) &&
		read_reward_table(json_member(result, "reward"), out, err);
}

bool fee_history_parse(const json *result, struct fee_history *out, struct error *err)
{
	*out = (struct fee_history){ 0 };
	if (parse_history(result, out, err))
		return true;
	fee_history_clear(out);
	return false;
}

void fee_history_clear(struct fee_history *history)
{
	free(history->base_fees);
	free(history->rewards);
	*history = (struct fee_history){ 0 };
}

const struct u256 *fee_history_next_base_fee(const struct fee_history *history)
{
	return &history->base_fees[history->blocks];
}

const struct u256 *fee_history_latest_base_fee(const struct fee_history *history)
{
	return &history->base_fees[history->blocks - 1];
}

bool fees_max_fee(const struct u256 *next_base_fee, const struct u256 *tip, uint64_t num, uint64_t den, struct u256 *out,
	struct error *err)
{
	struct u256 scaled;
	return (u256_scale(&scaled, next_base_fee, num, den) && u256_add(out, &scaled, tip)) || overflow(err);
}

enum fee_effect fees_effective(const struct u256 *base_fee, const struct fee_pair *fees, struct u256 *price, struct u256 *tip)
{
	struct u256 room;
	if (u256_cmp(&fees->max_priority_fee, &fees->max_fee) > 0)
		return FEE_INVALID;
	if (!u256_sub(&room, &fees->max_fee, base_fee))
		return FEE_WAITS;
	*tip = u256_cmp(&fees->max_priority_fee, &room) < 0 ? fees->max_priority_fee : room;
	return u256_add(price, base_fee, tip) ? FEE_PAYS : FEE_INVALID;
}

bool fees_max_cost(const struct u256 *gas_limit, const struct u256 *max_fee, const struct u256 *value, const struct u256 *l1_fee,
	struct fee_cost *out, struct error *err)
{
	if (!u256_mul(&out->gas, gas_limit, max_fee) || !u256_add(&out->total, &out->gas, value) ||
	    !u256_add(&out->total, &out->total, l1_fee))
		return overflow(err);
	return true;
}

static bool bad_receipt(struct error *err)
{
	return error_set(err, STATUS_CHAIN, "receipt-malformed", "the node's receipt does not say what the transaction cost");
}

bool fees_receipt_cost(const json *receipt, struct u256 *out, struct error *err)
{
	struct u256 used, price, l1_fee = U256_ZERO;
	const json *l1 = json_member(receipt, "l1Fee");
	bool has_l1 = json_kind(l1) != JSON_MISSING && json_kind(l1) != JSON_NULL;
	if (!u256_parse_hex(&used, json_string(json_member(receipt, "gasUsed"), NULL)) ||
	    !u256_parse_hex(&price, json_string(json_member(receipt, "effectiveGasPrice"), NULL)) ||
	    (has_l1 && !u256_parse_hex(&l1_fee, json_string(l1, NULL))))
		return bad_receipt(err);
	return (u256_mul(out, &used, &price) && u256_add(out, out, &l1_fee)) || overflow(err);
}

/* The argument is of the type the call takes. */
static void add_oracle_call(struct buf *out, enum contract_call call, const struct abi_value *arg)
{
	if (!contract_encode(call, arg, 1, out, NULL))
		mem_die("fees: the oracle takes another argument");
}

void fees_add_l1_fee_call(struct buf *out, const struct tx *tx)
{
	struct buf bytes = BUF_INIT;
	tx_add_unsigned(&bytes, tx);
	struct abi_value arg = abi_bytes(bytes.data, bytes.len);
	add_oracle_call(out, CALL_GET_L1_FEE, &arg);
	buf_clear(&bytes);
}

void fees_add_l1_upper_bound_call(struct buf *out, const struct tx *tx)
{
	struct buf bytes = BUF_INIT;
	tx_add_unsigned(&bytes, tx);
	struct abi_value arg = abi_u64(bytes.len);
	add_oracle_call(out, CALL_GET_L1_FEE_UPPER_BOUND, &arg);
	buf_clear(&bytes);
}

/* A tenth more, rounded down or up, but at least one wei more. */
static bool raise_by_tenth(const struct u256 *old, bool up, struct u256 *out)
{
	const struct u256 ten = u256_from_u64(10), one = u256_from_u64(1);
	struct u256 tenth, rest;
	if (!u256_div(&tenth, &rest, old, &ten))
		return false;
	if ((up && !u256_is_zero(&rest)) || u256_is_zero(&tenth))
		if (!u256_add(&tenth, &tenth, &one))
			return false;
	return u256_add(out, old, &tenth);
}

static bool raise_pair(const struct fee_pair *old, bool up, struct fee_pair *out)
{
	return raise_by_tenth(&old->max_fee, up, &out->max_fee) &&
		raise_by_tenth(&old->max_priority_fee, up, &out->max_priority_fee);
}

bool fees_replacement(const struct fee_pair *old, const struct fee_pair *fresh, struct fee_replacement *out, struct error *err)
{
	if (!raise_pair(old, false, &out->minimum) || !raise_pair(old, true, &out->safe))
		return overflow(err);
	out->invalid = u256_cmp(&fresh->max_priority_fee, &fresh->max_fee) > 0;
	out->accepted = !out->invalid && u256_cmp(&fresh->max_fee, &out->minimum.max_fee) >= 0 &&
		u256_cmp(&fresh->max_priority_fee, &out->minimum.max_priority_fee) >= 0;
	return true;
}
