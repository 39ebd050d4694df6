/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Solidity ABI: types are named as in signatures ("bytes32",
 * "(bool,string)[]"), values are small trees. Understood: address, bool,
 * uint8…uint256, bytes1…bytes32, bytes, string, T[], T[n], tuples.
 *
 * Decoding is strict where a wrong reading would mislead a person: no value
 * outside its type (a bool that is 2, dirty address bytes), no offset, length
 * or padding past the end, no text that is not UTF-8. Bytes after the encoded
 * values are ignored, as every tool does (vectors/abi.json, kms_contract.json).
 */
#ifndef CVMDECK_CHAIN_ABI_H
#define CVMDECK_CHAIN_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/types.h"
#include "chain/u256.h"

enum abi_kind {
	ABI_UINT,
	ABI_BOOL,
	ABI_ADDRESS,
	ABI_FIXED_BYTES,
	ABI_BYTES,
	ABI_STRING,
	ABI_ARRAY,
	ABI_TUPLE,
};

/*
 * kind   what it is; when encoding it must be the kind the type asks for
 * word   UINT, BOOL, ADDRESS, FIXED_BYTES: the 32 bytes as they are encoded
 * bytes  BYTES, STRING: borrowed (decoding: from the data); no NUL behind
 * items  ARRAY, TUPLE: count values
 */
struct abi_value {
	enum abi_kind kind;
	unsigned size; /* decoded FIXED_BYTES: how many bytes of word count; UINT: bits */
	uint8_t word[32];
	const uint8_t *bytes;
	size_t len;
	const struct abi_value *items;
	size_t count;
};

struct abi_value abi_address(const struct address *address);
struct abi_value abi_bool(bool value);
struct abi_value abi_u64(uint64_t value);
struct abi_value abi_u256(const struct u256 *value);
struct abi_value abi_bytes32(const struct bytes32 *value);
/* bytesN with 1 <= len <= 32, filled up with zeros at the right. */
struct abi_value abi_fixed_bytes(const uint8_t *bytes, size_t len);
struct abi_value abi_bytes(const void *bytes, size_t len);
/* A string; text is borrowed. */
struct abi_value abi_text(const char *text);
/* Items are borrowed. */
struct abi_value abi_array(const struct abi_value *items, size_t count);
struct abi_value abi_tuple(const struct abi_value *items, size_t count);

/* Values taken out; each asserts nothing: ask for what the type was. */
struct address abi_get_address(const struct abi_value *value);
struct u256 abi_get_u256(const struct abi_value *value);
bool abi_get_bool(const struct abi_value *value);

/* keccak-256 of the signature: whole for an event's topic, 4 bytes for a call. */
void abi_topic(struct bytes32 *out, const char *signature);
void abi_selector(uint8_t out[4], const char *signature);

/*
 * Adds the encoding of count values of the types listed ("address,uint256",
 * without outer parentheses; "" for none).
 * Errors: STATUS_INPUT "abi-type" (the list cannot be read), "abi-value"
 * (a value is not of its type). *out may then hold a part.
 */
bool abi_encode(const char *types, const struct abi_value *values, size_t count, struct buf *out, struct error *err) MUST_CHECK;

/* Selector and arguments of a call: signature "name(types)". */
bool abi_encode_call(const char *signature, const struct abi_value *args, size_t count, struct buf *out,
	struct error *err) MUST_CHECK;

/* Decoded values; the tree is one allocation, the bytes stay in the data. */
struct abi_values {
	struct abi_value *items;
	size_t count;
};

/*
 * Reads values of the types listed from data, which must outlive *out.
 * Out: *out, cleared by the caller with abi_values_clear (after a failure it
 * is empty). Errors: STATUS_CHAIN "abi-decode" (what is wrong), or "abi-type".
 */
bool abi_decode(const char *types, const uint8_t *data, size_t len, struct abi_values *out, struct error *err) MUST_CHECK;
/* The same for calldata of the signature given; another selector is an error. */
bool abi_decode_call(const char *signature, const uint8_t *data, size_t len, struct abi_values *out,
	struct error *err) MUST_CHECK;
void abi_values_clear(struct abi_values *values);

/* Adds values as "0x…, true, 17"; long bytes are cut, texts made safe. */
void abi_describe(struct buf *out, const struct abi_value *values, size_t count);

#endif
