/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/tx_eip1559.json through chain/tx: signed, and taken apart again. */
#include "unit/unit.h"

#include <stdlib.h>

#include "chain/tx.h"
#include "vectors/chain_cases.h"

static uint64_t small(const struct exact_json *tx, const char *name)
{
	struct u256 wide = chain_number(tx, name);
	uint64_t value = 0;
	assert_true(u256_to_u64(&wide, &value));
	return value;
}

static struct tx read_tx(const struct exact_json *fields)
{
	struct tx tx = {
		.chain_id = small(fields, "chainId"),
		.nonce = small(fields, "nonce"),
		.max_priority_fee = chain_number(fields, "maxPriorityFeePerGas"),
		.max_fee = chain_number(fields, "maxFeePerGas"),
		.gas = small(fields, "gas"),
		.create = exact_json_kind(vectors_need(fields, "to")) == EXACT_NULL,
		.value = chain_number(fields, "value"),
	};
	if (!tx.create)
		tx.to = chain_address(fields, "to");
	size_t len = 0;
	uint8_t *data = chain_hex(fields, "data", &len);
	tx_set_data(&tx, data, len);
	free(data);
	return tx;
}

static struct secret read_key(const struct exact_json *vector)
{
	struct secret key = SECRET_INIT;
	size_t len = 0;
	uint8_t *bytes = chain_hex(vector, "privateKey", &len);
	secret_set(&key, bytes, len, true);
	free(bytes);
	return key;
}

static void check_unsigned(const struct tx *tx, const struct exact_json *expect)
{
	struct buf bytes = BUF_INIT;
	struct bytes32 digest;
	tx_add_unsigned(&bytes, tx);
	chain_same_hex(bytes.data, bytes.len, expect, "unsigned");
	tx_signing_hash(tx, &digest);
	chain_same_hex(digest.bytes, BYTES32_SIZE, expect, "signingHash");
	buf_clear(&bytes);
}

static void check_decoded(const struct tx *tx, const struct buf *raw, const struct exact_json *expect)
{
	struct tx_signed back;
	char from[ADDRESS_TEXT_SIZE];
	assert_true(tx_decode((const uint8_t *)raw->data, raw->len, &back, NULL));
	assert_true(tx_require_same(tx, &back.tx, NULL));
	assert_string_equal(address_format(from, &back.from), vectors_text(expect, "address", NULL));
	chain_same_hex(back.signature.r, 32, expect, "r");
	chain_same_hex(back.signature.s, 32, expect, "s");
	assert_int_equal(back.signature.recovery, (int)exact_json_number(vectors_need(expect, "yParity"), -1));
	chain_same_hex(back.hash.bytes, BYTES32_SIZE, expect, "hash");
	tx_clear(&back.tx);
}

static void check(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct tx tx = read_tx(vectors_need(vector, "tx"));
	struct secret key = read_key(vector);
	struct buf raw = BUF_INIT;
	struct bytes32 hash;
	check_unsigned(&tx, expect);
	assert_true(tx_sign(&tx, &key, &raw, &hash, NULL));
	chain_same_hex(raw.data, raw.len, expect, "signed");
	chain_same_hex(hash.bytes, BYTES32_SIZE, expect, "hash");
	check_decoded(&tx, &raw, expect);
	secret_clear(&key);
	buf_clear(&raw);
	tx_clear(&tx);
}

int main(void)
{
	return vectors_run("tx_eip1559", check);
}
