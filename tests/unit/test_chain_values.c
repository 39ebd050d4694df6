/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, RLP, ABI and transactions beyond the vectors: laws they keep, and what they refuse. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "chain/abi.h"
#include "chain/contract.h"
#include "chain/rlp.h"
#include "chain/tx.h"

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Numbers of every length, not only long ones. */
static struct u256 random_number(void)
{
	struct u256 out = { { random_u64(), random_u64(), random_u64(), random_u64() } };
	unsigned keep = (unsigned)(random_u64() % 257);
	for (unsigned i = 0; i < 4; i++) {
		unsigned bits = keep > i * 64 ? keep - i * 64 : 0;
		if (bits < 64)
			out.limb[i] &= (UINT64_C(1) << bits) - 1;
	}
	return out;
}

static void test_division_undoes_multiplication(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct u256 a = random_number(), b = random_number(), quotient, rest, back;
		if (u256_is_zero(&b))
			continue;
		assert_true(u256_div(&quotient, &rest, &a, &b));
		assert_true(u256_cmp(&rest, &b) < 0);
		assert_true(u256_mul(&back, &quotient, &b));
		assert_true(u256_add(&back, &back, &rest));
		assert_int_equal(u256_cmp(&back, &a), 0);
	}
}

static void test_subtraction_undoes_addition(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct u256 a = random_number(), b = random_number(), sum, back;
		bool fits = u256_add(&sum, &a, &b);
		assert_int_equal(u256_sub(&back, &sum, &b), fits);
		assert_int_equal(u256_cmp(&back, &a), 0);
		assert_int_equal(fits, u256_cmp(&sum, &a) >= 0);
	}
}

static void test_number_texts_return(void **state)
{
	char text[U256_UNITS_SIZE];
	struct u256 back;
	uint8_t bytes[U256_SIZE];
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct u256 a = random_number();
		assert_true(u256_parse_decimal(&back, u256_format_decimal(text, &a)));
		assert_int_equal(u256_cmp(&a, &back), 0);
		assert_true(u256_parse_quantity(&back, u256_format_quantity(text, &a)));
		assert_int_equal(u256_cmp(&a, &back), 0);
		assert_true(u256_parse_units(&back, u256_format_ether(text, &a), 18));
		assert_int_equal(u256_cmp(&a, &back), 0);
		u256_to_bytes(bytes, &a);
		back = u256_from_bytes(bytes);
		assert_int_equal(u256_cmp(&a, &back), 0);
	}
}

static void test_overflow_is_said(void **state)
{
	struct u256 most = { { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } }, one = u256_from_u64(1), two = u256_from_u64(2), out;
	uint64_t small = 0;
	(void)state;
	assert_false(u256_add(&out, &most, &one));
	assert_false(u256_mul(&out, &most, &two));
	assert_false(u256_sub(&out, &one, &two));
	assert_false(u256_div(&out, NULL, &most, &U256_ZERO));
	assert_false(u256_scale(&out, &most, 12, 10));
	assert_false(u256_to_u64(&most, &small));
	assert_int_equal(u256_bits(&most), 256);
	assert_int_equal(u256_bits(&U256_ZERO), 0);
}

static void test_amounts_typed_by_people(void **state)
{
	static const char *const bad[] = { "", ".", ".5", "1.", "1..2", "1.2.3", "-1", "+1", " 1", "1 ", "1e3", "0x1", "1.0000000000000000001",
		"115792089237316195423570985008687907853269984665640564039458" };
	struct u256 out, want = u256_from_u64(1500000000000000u);
	(void)state;
	assert_true(u256_parse_units(&out, "0.0015", 18));
	assert_int_equal(u256_cmp(&out, &want), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(u256_parse_units(&out, bad[i], 18));
	assert_false(u256_parse_units(&out, NULL, 18));
	assert_false(u256_parse_decimal(&out, "115792089237316195423570985008687907853269984665640564039457584007913129639936"));
	assert_false(u256_parse_decimal(&out, "1.5"));
}

static bool rlp_takes(const char *hex)
{
	uint8_t bytes[128];
	struct rlp_item item;
	size_t len = strlen(hex) / 2;
	assert_true(hex_decode(bytes, len, hex));
	return rlp_decode(bytes, len, &item, NULL);
}

static void test_rlp_refuses_other_forms(void **state)
{
	static const char *const good[] = { "80", "00", "7f", "8180", "83646f67", "c0", "c3010203" };
	static const char *const bad[] = { "", "8100", "817f", "81", "b800", "b80141", "b90001", "b8", "c1", "f800", "f80100", "c0c0",
		"8000", "bf", "ff", "bfffffffffffffffff", "ffffffffffffffffffff", "b83700" };
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(rlp_takes(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rlp_takes(bad[i]));
}

static void test_rlp_numbers(void **state)
{
	static const uint8_t leading[] = { 0x82, 0x00, 0x01 }, zero[] = { 0x00 }, list[] = { 0xc0 };
	static const uint8_t nine[] = { 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct rlp_cursor in = { leading, sizeof(leading) };
	uint64_t value = 0;
	(void)state;
	assert_false(rlp_next_u64(&in, &value, NULL));
	in = (struct rlp_cursor){ zero, sizeof(zero) };
	assert_false(rlp_next_u64(&in, &value, NULL));
	in = (struct rlp_cursor){ list, sizeof(list) };
	assert_false(rlp_next_u64(&in, &value, NULL));
	in = (struct rlp_cursor){ nine, sizeof(nine) };
	assert_false(rlp_next_u64(&in, &value, NULL));
	in = (struct rlp_cursor){ NULL, 0 };
	assert_false(rlp_next_u64(&in, &value, NULL));
}

static void test_abi_types(void **state)
{
	static const char *const bad[] = { "uint", "uint0", "uint7", "uint264", "uint08", "bytes0", "bytes33", "bool ", " bool", "(bool", "bool)",
		"()", "bool,", ",bool", "bool[", "bool[0]", "bool[]]", "int256", "Bool", "bool[1025]", "bool[999999999999999999999]", "tuple" };
	struct abi_values values;
	uint8_t data[64] = { 0 };
	struct error err;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(abi_decode(bad[i], data, sizeof(data), &values, &err));
		assert_string_equal(err.code, "abi-type");
	}
	char deep[200] = "";
	for (int i = 0; i < 40; i++)
		strcat(deep, "(");
	assert_false(abi_decode(deep, data, sizeof(data), &values, &err));
}

/* What nested arrays name many times over costs no more than the ceiling. */
static void test_abi_amplification(void **state)
{
	static uint8_t data[32 * 4000];
	struct abi_values values;
	struct error err;
	(void)state;
	data[31] = 0x20;
	/* every level: a length of 900, and offsets that all lead to the same next level */
	for (size_t level = 0; level < 4; level++) {
		uint8_t *at = data + 32 + level * 32 * 901;
		at[30] = 900 >> 8;
		at[31] = 900 & 255;
		for (size_t i = 1; i <= 900; i++) {
			size_t offset = 32 * 900;
			at[32 * i + 29] = (uint8_t)(offset >> 16);
			at[32 * i + 30] = (uint8_t)(offset >> 8);
			at[32 * i + 31] = (uint8_t)offset;
		}
	}
	assert_false(abi_decode("uint256[][][][]", data, sizeof(data), &values, &err));
	assert_non_null(strstr(err.message, "too many values"));
}

static void test_abi_refuses_wrong_values(void **state)
{
	struct buf out = BUF_INIT;
	struct error err;
	struct abi_value big = abi_u64(256), flag = abi_bool(true), text = abi_bytes("\xff", 1);
	(void)state;
	assert_false(abi_encode("uint8", &big, 1, &out, &err));
	assert_string_equal(err.code, "abi-value");
	assert_false(abi_encode("uint256", &flag, 1, &out, &err));
	assert_false(abi_encode("bool,bool", &flag, 1, &out, &err));
	text.kind = ABI_STRING;
	assert_false(abi_encode("string", &text, 1, &out, &err));
	assert_false(abi_encode_call("noParentheses", NULL, 0, &out, &err));
	buf_clear(&out);
}

static void test_abi_nested_values_return(void **state)
{
	struct abi_value numbers[] = { abi_u64(7), abi_u64(8) }, pair[] = { abi_text("déjà"), abi_array(numbers, 2) };
	struct abi_value tuple = abi_tuple(pair, 2), list[] = { tuple, tuple }, args[] = { abi_array(list, 2), abi_bool(true) };
	struct buf out = BUF_INIT, text = BUF_INIT;
	struct abi_values values;
	(void)state;
	assert_true(abi_encode("(string,uint16[2])[],bool", args, 2, &out, NULL));
	assert_true(abi_decode("(string,uint16[2])[],bool", (const uint8_t *)out.data, out.len, &values, NULL));
	abi_describe(&text, values.items, values.count);
	assert_string_equal(buf_text(&text), "[(\"déjà\", [7, 8]), (\"déjà\", [7, 8])], true");
	abi_values_clear(&values);
	buf_clear(&text);
	buf_clear(&out);
}

static void test_descriptions(void **state)
{
	struct buf data = BUF_INIT, text = BUF_INIT;
	struct bytes32 hash = { { 0xd1, 0xe8 } };
	static const uint8_t hostile[] = { 0xde, 0xad, 0xbe, 0xef, 1 };
	(void)state;
	contract_encode_word(CALL_ADD_COMPOSE_HASH, &hash, &data);
	contract_describe(&text, (const uint8_t *)data.data, data.len);
	assert_string_equal(buf_text(&text), "addComposeHash(0xd1e8000000000000000000000000000000000000000000000000000000000000)");
	buf_reset(&text);
	contract_describe(&text, (const uint8_t *)data.data, data.len - 1);
	assert_string_equal(buf_text(&text), "unknown call 0xdfc77223 (35 bytes)");
	buf_reset(&text);
	contract_describe(&text, hostile, sizeof(hostile));
	assert_string_equal(buf_text(&text), "unknown call 0xdeadbeef (5 bytes)");
	buf_reset(&text);
	contract_describe_revert(&text, NULL, 0);
	assert_string_equal(buf_text(&text), "reverted without a reason");
	buf_clear(&text);
	buf_clear(&data);
}

static void test_hostile_revert_text_is_safe(void **state)
{
	struct abi_value reason = abi_text("\033]0;owned\007\xe2\x80\xae");
	struct buf data = BUF_INIT, text = BUF_INIT;
	(void)state;
	assert_true(abi_encode_call("Error(string)", &reason, 1, &data, NULL));
	contract_describe_revert(&text, (const uint8_t *)data.data, data.len);
	assert_string_equal(buf_text(&text), "Error(\"^[]0;owned^G<U+202E>\")");
	buf_clear(&text);
	buf_clear(&data);
}

static void test_policy_changed(void **state)
{
	uint8_t data[32] = { [31] = 1 };
	struct log_entry log = { .topic_count = 4, .data = data, .len = sizeof(data) };
	struct decoded_event event;
	struct bytes32 value = { { 0x42 } };
	(void)state;
	contract_event_topic(EVENT_POLICY_CHANGED, &log.topics[0]);
	log.topics[1].bytes[31] = 9;
	abi_topic(&log.topics[2], "compose-hash");
	log.topics[3] = value;
	assert_true(contract_decode_log(&log, &event, NULL));
	assert_string_equal(event.name, "PolicyChanged");
	assert_memory_equal(event.args[2].word, value.bytes, 32);
	assert_int_equal(event.args[3].word[31], 1);
	log.topics[1].bytes[0] = 1; /* no address */
	assert_false(contract_decode_log(&log, &event, NULL));
	log.topics[1].bytes[0] = 0;
	log.topic_count = 3;
	assert_false(contract_decode_log(&log, &event, NULL));
}

static void test_log_of_another_contract_proves_nothing(void **state)
{
	struct bytes32 hash = { { 0x42 } }, other = { { 0x43 } };
	struct log_entry log = { .topic_count = 1, .data = hash.bytes, .len = 32, .address = { { 1 } } };
	struct address contract = { { 1 } }, stranger = { { 2 } };
	(void)state;
	contract_event_topic(EVENT_COMPOSE_HASH_ADDED, &log.topics[0]);
	assert_true(contract_log_is(&log, &contract, EVENT_COMPOSE_HASH_ADDED, &hash));
	assert_false(contract_log_is(&log, &stranger, EVENT_COMPOSE_HASH_ADDED, &hash));
	assert_false(contract_log_is(&log, &contract, EVENT_COMPOSE_HASH_ADDED, &other));
	assert_false(contract_log_is(&log, &contract, EVENT_COMPOSE_HASH_REMOVED, &hash));
}

/* A signed transaction to spoil. */
static void make_raw(struct buf *raw, struct tx *tx)
{
	struct secret key = SECRET_INIT;
	uint8_t test_key[32] = { [31] = 1 };
	struct bytes32 hash;
	*tx = (struct tx){ .chain_id = 8453, .nonce = 17, .gas = 60000, .to = { { 0x5f } } };
	tx->max_fee = u256_from_u64(20000000);
	tx->max_priority_fee = u256_from_u64(1000000);
	tx_set_data(tx, "\xdf\xc7\x72\x23", 4);
	secret_set(&key, test_key, sizeof(test_key), true);
	assert_true(tx_sign(tx, &key, raw, &hash, NULL));
	secret_clear(&key);
}

/* No single byte can be changed so that the same key still seems to have signed the same. */
static void test_tx_no_byte_can_change(void **state)
{
	struct buf raw = BUF_INIT;
	struct tx tx;
	struct tx_signed good, bad;
	(void)state;
	make_raw(&raw, &tx);
	assert_true(tx_decode((const uint8_t *)raw.data, raw.len, &good, NULL));
	for (size_t i = 0; i < raw.len; i++) {
		raw.data[i] = (char)(raw.data[i] ^ 1);
		if (tx_decode((const uint8_t *)raw.data, raw.len, &bad, NULL))
			assert_false(address_equal(&good.from, &bad.from));
		tx_clear(&bad.tx);
		raw.data[i] = (char)(raw.data[i] ^ 1);
	}
	for (size_t len = 0; len < raw.len; len++) {
		assert_false(tx_decode((const uint8_t *)raw.data, len, &bad, NULL));
		assert_null(bad.tx.data);
	}
	buf_add_byte(&raw, 0);
	assert_false(tx_decode((const uint8_t *)raw.data, raw.len, &bad, NULL));
	tx_clear(&good.tx);
	tx_clear(&tx);
	buf_clear(&raw);
}

static void test_tx_differences_are_named(void **state)
{
	struct buf raw = BUF_INIT;
	struct tx want, got;
	struct error err;
	(void)state;
	make_raw(&raw, &want);
	tx_copy(&got, &want);
	assert_true(tx_require_same(&want, &got, &err));
	got.nonce++;
	assert_false(tx_require_same(&want, &got, &err));
	assert_string_equal(err.code, "tx-differs");
	assert_non_null(strstr(err.message, "nonce"));
	got.nonce--;
	got.max_fee.limb[3] = 1;
	assert_false(tx_require_same(&want, &got, &err));
	got.max_fee.limb[3] = 0;
	got.data[3] ^= 1;
	assert_false(tx_require_same(&want, &got, &err));
	got.data[3] ^= 1;
	got.create = true;
	assert_false(tx_require_same(&want, &got, &err));
	tx_clear(&want);
	tx_clear(&got);
	buf_clear(&raw);
}

/* The other s of a signature is the same key's, but no node takes it. */
static void test_tx_high_s_is_refused(void **state)
{
	static const uint8_t order[32] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
		0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41 };
	struct buf raw = BUF_INIT, high = BUF_INIT;
	struct tx tx;
	struct tx_signed back;
	struct error err;
	(void)state;
	make_raw(&raw, &tx);
	assert_true(tx_decode((const uint8_t *)raw.data, raw.len, &back, NULL));
	struct u256 n = u256_from_bytes(order), s = u256_from_bytes(back.signature.s);
	assert_true(u256_sub(&s, &n, &s));
	u256_to_bytes(back.signature.s, &s);
	back.signature.recovery ^= 1;
	tx_add_signed(&high, &tx, &back.signature);
	tx_clear(&back.tx);
	assert_false(tx_decode((const uint8_t *)high.data, high.len, &back, &err));
	assert_string_equal(err.code, "signature-invalid");
	buf_clear(&high);
	buf_clear(&raw);
	tx_clear(&tx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_division_undoes_multiplication),
		cmocka_unit_test(test_subtraction_undoes_addition),
		cmocka_unit_test(test_number_texts_return),
		cmocka_unit_test(test_overflow_is_said),
		cmocka_unit_test(test_amounts_typed_by_people),
		cmocka_unit_test(test_rlp_refuses_other_forms),
		cmocka_unit_test(test_rlp_numbers),
		cmocka_unit_test(test_abi_types),
		cmocka_unit_test(test_abi_amplification),
		cmocka_unit_test(test_abi_refuses_wrong_values),
		cmocka_unit_test(test_abi_nested_values_return),
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_hostile_revert_text_is_safe),
		cmocka_unit_test(test_policy_changed),
		cmocka_unit_test(test_log_of_another_contract_proves_nothing),
		cmocka_unit_test(test_tx_no_byte_can_change),
		cmocka_unit_test(test_tx_differences_are_named),
		cmocka_unit_test(test_tx_high_s_is_refused),
	};
	if (!secret_setup(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
