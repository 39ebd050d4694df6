/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/eth_misc.json through base/hash, chain/types, chain/ecdsa and chain/u256. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "chain/ecdsa.h"
#include "vectors/chain_cases.h"

static void check_keccak256(const struct exact_json *vector)
{
	uint8_t hash[HASH_SIZE];
	size_t len = 0;
	uint8_t *input = chain_hex(vector, "input", &len);
	hash_keccak256(hash, input, len);
	chain_same_hex(hash, sizeof(hash), vector, "expect");
	free(input);
}

static void check_checksum(const struct exact_json *vector)
{
	struct address address;
	char text[ADDRESS_TEXT_SIZE];
	assert_true(address_parse(&address, vectors_text(vector, "input", NULL)));
	assert_string_equal(address_format(text, &address), vectors_text(vector, "expect", NULL));
}

static void check_is_address(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct address address;
	size_t len = 0;
	const char *text = vectors_text(vector, "input", &len);
	bool whole = strlen(text) == len;
	assert_int_equal(whole && address_parse(&address, text), exact_json_bool(vectors_need(expect, "loose"), false));
	assert_int_equal(whole && address_parse_strict(&address, text), exact_json_bool(vectors_need(expect, "strict"), false));
}

static void check_private_key(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct secret key = SECRET_INIT;
	struct address address;
	char text[ADDRESS_TEXT_SIZE];
	uint8_t full[ECDSA_PUBLIC_SIZE], compressed[ECDSA_COMPRESSED_SIZE];
	size_t len = 0;
	uint8_t *bytes = chain_hex(vector, "input", &len);
	secret_set(&key, bytes, len, true);
	free(bytes);
	assert_int_equal(ecdsa_check_key(&key, NULL), !chain_rejects(vector));
	if (!chain_rejects(vector)) {
		assert_true(ecdsa_address(&key, &address, NULL));
		assert_string_equal(address_format(text, &address), vectors_text(expect, "address", NULL));
		assert_true(ecdsa_public_key(&key, full, compressed, NULL));
		chain_same_hex(full, sizeof(full), expect, "publicKey");
		chain_same_hex(compressed, sizeof(compressed), expect, "compressed");
	}
	secret_clear(&key);
}

static void check_format(const struct exact_json *vector, const char *(*format)(char *, const struct u256 *))
{
	const char *input = vectors_text(vector, "input", NULL);
	bool negative = *input == '-';
	struct u256 wei;
	char text[U256_UNITS_SIZE];
	assert_true(u256_parse_decimal(&wei, input + negative));
	char *shown = mem_printf("%s%s", negative ? "-" : "", format(text, &wei));
	assert_string_equal(shown, vectors_text(vector, "expect", NULL));
	free(shown);
}

static void check_format_ether(const struct exact_json *vector)
{
	check_format(vector, u256_format_ether);
}

static void check_format_gwei(const struct exact_json *vector)
{
	check_format(vector, u256_format_gwei);
}

/* A valid quantity of more than 256 bits is refused here: nothing on a chain has one. */
static void check_hex_quantity(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct u256 value;
	char text[U256_DECIMAL_SIZE], quantity[U256_QUANTITY_SIZE];
	size_t len = 0;
	const char *input = vectors_text(vector, "input", &len);
	bool good = strlen(input) == len && u256_parse_quantity(&value, input);
	if (len <= 66)
		assert_int_equal(good, exact_json_bool(vectors_need(expect, "spec_ok"), false));
	else
		assert_false(good);
	if (!good)
		return;
	assert_string_equal(u256_format_decimal(text, &value), vectors_text(expect, "viem", NULL));
	assert_int_equal(strcasecmp(u256_format_quantity(quantity, &value), input), 0);
}

static void check(const struct exact_json *vector)
{
	static const struct chain_kind kinds[] = {
		{ "keccak256", check_keccak256 },       { "checksum", check_checksum },
		{ "is_address", check_is_address },     { "private_key", check_private_key },
		{ "format_ether", check_format_ether }, { "format_gwei", check_format_gwei },
		{ "hex_quantity", check_hex_quantity },
	};
	chain_run_kind(kinds, sizeof(kinds) / sizeof(kinds[0]), vector);
}

int main(void)
{
	return vectors_run("eth_misc", check);
}
