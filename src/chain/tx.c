/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-1559 transactions: to bytes, to a hash, signed, and back again field by field. */
#include "chain/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chain/rlp.h"

enum { TX_TYPE = 2 };

void tx_set_data(struct tx *tx, const void *data, size_t len)
{
	uint8_t *copy = len > 0 ? (uint8_t *)mem_copy(data, len) : NULL;
	free(tx->data);
	tx->data = copy;
	tx->data_len = len;
}

void tx_copy(struct tx *out, const struct tx *tx)
{
	*out = *tx;
	out->data = NULL;
	tx_set_data(out, tx->data, tx->data_len);
}

void tx_clear(struct tx *tx)
{
	free(tx->data);
	*tx = (struct tx){ 0 };
}

static void add_fields(struct buf *out, const struct tx *tx)
{
	struct buf none = BUF_INIT;
	rlp_add_u64(out, tx->chain_id);
	rlp_add_u64(out, tx->nonce);
	rlp_add_u256(out, &tx->max_priority_fee);
	rlp_add_u256(out, &tx->max_fee);
	rlp_add_u64(out, tx->gas);
	rlp_add_bytes(out, tx->to.bytes, tx->create ? 0 : ADDRESS_SIZE);
	rlp_add_u256(out, &tx->value);
	rlp_add_bytes(out, tx->data, tx->data_len);
	rlp_add_list(out, &none);
}

static void add_envelope(struct buf *out, struct buf *fields)
{
	buf_add_byte(out, TX_TYPE);
	rlp_add_list(out, fields);
	buf_clear(fields);
}

void tx_add_unsigned(struct buf *out, const struct tx *tx)
{
	struct buf fields = BUF_INIT;
	add_fields(&fields, tx);
	add_envelope(out, &fields);
}

void tx_signing_hash(const struct tx *tx, struct bytes32 *out)
{
	struct buf bytes = BUF_INIT;
	tx_add_unsigned(&bytes, tx);
	hash_keccak256(out->bytes, bytes.data, bytes.len);
	buf_clear(&bytes);
}

void tx_add_signed(struct buf *out, const struct tx *tx, const struct signature *signature)
{
	struct buf fields = BUF_INIT;
	struct u256 r = u256_from_bytes(signature->r), s = u256_from_bytes(signature->s);
	add_fields(&fields, tx);
	rlp_add_u64(&fields, signature->recovery);
	rlp_add_u256(&fields, &r);
	rlp_add_u256(&fields, &s);
	add_envelope(out, &fields);
}

void tx_hash(const void *raw, size_t len, struct bytes32 *out)
{
	hash_keccak256(out->bytes, raw, len);
}

static bool check_own_work(const struct tx *tx, const struct buf *raw, struct bytes32 *hash, struct error *err)
{
	struct tx_signed back;
	bool good = tx_decode((const uint8_t *)raw->data, raw->len, &back, err) && tx_require_same(tx, &back.tx, err);
	if (good)
		*hash = back.hash;
	tx_clear(&back.tx);
	return good;
}

bool tx_sign(const struct tx *tx, const struct secret *key, struct buf *raw, struct bytes32 *hash, struct error *err)
{
	struct buf made = BUF_INIT;
	struct bytes32 digest;
	struct signature signature;
	tx_signing_hash(tx, &digest);
	if (!ecdsa_sign(key, &digest, &signature, err))
		return false;
	tx_add_signed(&made, tx, &signature);
	bool good = check_own_work(tx, &made, hash, err);
	if (good)
		buf_add(raw, made.data, made.len);
	buf_clear(&made);
	return good;
}

static bool malformed(struct error *err, const char *why)
{
	return error_set(err, STATUS_INPUT, "tx-malformed", "the signed transaction is malformed: %s", why);
}

static bool read_recipient(struct rlp_cursor *in, struct tx *tx, struct error *err)
{
	const uint8_t *bytes = NULL;
	size_t len = 0;
	if (!rlp_next_bytes(in, &bytes, &len, err))
		return false;
	if (len != 0 && len != ADDRESS_SIZE)
		return malformed(err, "the recipient is no address");
	tx->create = len == 0;
	if (len != 0)
		memcpy(tx->to.bytes, bytes, ADDRESS_SIZE);
	return true;
}

static bool read_data(struct rlp_cursor *in, struct tx *tx, struct error *err)
{
	const uint8_t *bytes = NULL;
	size_t len = 0;
	if (!rlp_next_bytes(in, &bytes, &len, err))
		return false;
	if (len > LIMIT_CALLDATA)
		return malformed(err, "its data are too long");
	tx_set_data(tx, bytes, len);
	return true;
}

static bool read_access_list(struct rlp_cursor *in, struct error *err)
{
	struct rlp_item item;
	if (!rlp_next(in, &item, err))
		return false;
	if (!item.list)
		return malformed(err, "its access list is no list");
	return item.len == 0 || malformed(err, "it has an access list, which nothing here asks for");
}

static bool read_signature(struct rlp_cursor *in, struct signature *out, struct error *err)
{
	uint64_t parity = 0;
	struct u256 r, s;
	if (!rlp_next_u64(in, &parity, err) || !rlp_next_u256(in, &r, err) || !rlp_next_u256(in, &s, err))
		return false;
	if (parity > 1)
		return malformed(err, "its parity is neither 0 nor 1");
	out->recovery = (uint8_t)parity;
	u256_to_bytes(out->r, &r);
	u256_to_bytes(out->s, &s);
	return ecdsa_is_low_s(out) ||
		error_set(err, STATUS_CHECK, "signature-invalid", "the signature's s is not the low one (EIP-2)");
}

static bool read_fields(struct rlp_cursor *in, struct tx *tx, struct error *err)
{
	return rlp_next_u64(in, &tx->chain_id, err) && rlp_next_u64(in, &tx->nonce, err) &&
		rlp_next_u256(in, &tx->max_priority_fee, err) && rlp_next_u256(in, &tx->max_fee, err) &&
		rlp_next_u64(in, &tx->gas, err) && read_recipient(in, tx, err) && rlp_next_u256(in, &tx->value, err) &&
		read_data(in, tx, err) && read_access_list(in, err);
}

static bool decode_body(const uint8_t *raw, size_t len, struct tx_signed *out, struct error *err)
{
	struct rlp_item list;
	struct bytes32 digest;
	if (!rlp_decode(raw + 1, len - 1, &list, err))
		return false;
	if (!list.list)
		return malformed(err, "it is no list");
	struct rlp_cursor in = rlp_enter(&list);
	if (!read_fields(&in, &out->tx, err) || !read_signature(&in, &out->signature, err) || !rlp_at_end(&in, err))
		return false;
	tx_signing_hash(&out->tx, &digest);
	tx_hash(raw, len, &out->hash);
	return ecdsa_recover_address(&digest, &out->signature, &out->from, err);
}

bool tx_decode(const uint8_t *raw, size_t len, struct tx_signed *out, struct error *err)
{
	*out = (struct tx_signed){ 0 };
	if (len == 0 || raw[0] != TX_TYPE)
		return error_set(err, STATUS_INPUT, "tx-type", "this is no EIP-1559 transaction (type 2)");
	if (decode_body(raw, len, out, err))
		return true;
	tx_clear(&out->tx);
	return false;
}

static bool differs(struct error *err, const char *field, const char *want, const char *got)
{
	return error_set(err, STATUS_CHECK, "tx-differs", "%s of the signed transaction is not what was asked for: %s instead of %s",
		field, got, want);
}

static bool same_u64(struct error *err, const char *field, uint64_t want, uint64_t got)
{
	char texts[2][24];
	snprintf(texts[0], sizeof(texts[0]), "%" PRIu64, want);
	snprintf(texts[1], sizeof(texts[1]), "%" PRIu64, got);
	return want == got || differs(err, field, texts[0], texts[1]);
}

static bool same_u256(struct error *err, const char *field, const struct u256 *want, const struct u256 *got)
{
	char texts[2][U256_DECIMAL_SIZE];
	if (u256_cmp(want, got) == 0)
		return true;
	return differs(err, field, u256_format_decimal(texts[0], want), u256_format_decimal(texts[1], got));
}

static bool same_recipient(struct error *err, const struct tx *want, const struct tx *got)
{
	char texts[2][ADDRESS_TEXT_SIZE];
	if (want->create == got->create && (want->create || address_equal(&want->to, &got->to)))
		return true;
	return differs(err, "the recipient", want->create ? "none" : address_format(texts[0], &want->to),
		got->create ? "none" : address_format(texts[1], &got->to));
}

static bool same_data(struct error *err, const struct tx *want, const struct tx *got)
{
	if (want->data_len == got->data_len &&
	    (want->data_len == 0 || memcmp(want->data, got->data, want->data_len) == 0))
		return true;
	return differs(err, "the data", "the call shown", "another call");
}

bool tx_require_same(const struct tx *want, const struct tx *got, struct error *err)
{
	return same_u64(err, "the chain id", want->chain_id, got->chain_id) && same_recipient(err, want, got) &&
		same_data(err, want, got) && same_u256(err, "the value", &want->value, &got->value) &&
		same_u64(err, "the nonce", want->nonce, got->nonce) && same_u64(err, "the gas limit", want->gas, got->gas) &&
		same_u256(err, "the fee cap", &want->max_fee, &got->max_fee) &&
		same_u256(err, "the tip", &want->max_priority_fee, &got->max_priority_fee);
}
