/* SPDX-License-Identifier: Apache-2.0 */
/* 256-bit numbers as text: decimal, JSON-RPC quantities, ether and gwei. */
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/u256.h"

/* One digit more at the end of *value in the given base. */
static bool push_digit(struct u256 *value, unsigned base, int digit)
{
	struct u256 by = u256_from_u64(base), more = u256_from_u64((uint64_t)digit);
	return u256_mul(value, value, &by) && u256_add(value, value, &more);
}

bool u256_parse_units(struct u256 *out, const char *text, unsigned decimals)
{
	struct u256 value = U256_ZERO;
	bool point = false;
	size_t digits = 0, behind = 0;
	if (!text)
		return false;
	for (; *text; text++) {
		if (*text == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || !push_digit(&value, 10, *text - '0'))
			return false;
		digits++;
		behind += point;
	}
	if (digits == 0 || behind > decimals || (point && behind == 0))
		return false;
	for (; behind < decimals; behind++)
		if (!push_digit(&value, 10, 0))
			return false;
	*out = value;
	return true;
}

bool u256_parse_decimal(struct u256 *out, const char *text)
{
	return text && !strchr(text, '.') && u256_parse_units(out, text, 0);
}

bool u256_parse_hex(struct u256 *out, const char *text)
{
	struct u256 value = U256_ZERO;
	size_t len = text ? strlen(text) : 0;
	if (len < 3 || len > 66 || text[0] != '0' || text[1] != 'x')
		return false;
	for (const char *at = text + 2; *at; at++) {
		int digit = hex_digit((unsigned char)*at);
		if (digit < 0 || !push_digit(&value, 16, digit))
			return false;
	}
	*out = value;
	return true;
}

bool u256_parse_quantity(struct u256 *out, const char *text)
{
	struct u256 value;
	if (!u256_parse_hex(&value, text) || (text[2] == '0' && text[3] != '\0'))
		return false;
	*out = value;
	return true;
}

bool u64_parse_quantity(uint64_t *out, const char *text)
{
	struct u256 value;
	return u256_parse_quantity(&value, text) && u256_to_u64(&value, out);
}

/* Digits backwards into a field, least significant first; returns how many (at least one). */
static size_t digits_reversed(char out[U256_DECIMAL_SIZE], struct u256 value)
{
	const struct u256 ten = u256_from_u64(10);
	size_t count = 0;
	do {
		struct u256 digit;
		if (!u256_div(&value, &digit, &value, &ten))
			mem_die("u256: ten is not zero");
		out[count++] = (char)('0' + digit.limb[0]);
	} while (!u256_is_zero(&value));
	return count;
}

const char *u256_format_decimal(char out[U256_DECIMAL_SIZE], const struct u256 *value)
{
	char digits[U256_DECIMAL_SIZE];
	size_t count = digits_reversed(digits, *value);
	for (size_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
	return out;
}

const char *u256_format_quantity(char out[U256_QUANTITY_SIZE], const struct u256 *value)
{
	uint8_t bytes[U256_SIZE];
	char all[2 * U256_SIZE + 1];
	size_t skip = 0;
	u256_to_bytes(bytes, value);
	hex_encode(all, bytes, U256_SIZE);
	while (skip < 2 * U256_SIZE - 1 && all[skip] == '0')
		skip++;
	memcpy(out, "0x", 2);
	memcpy(out + 2, all + skip, sizeof(all) - skip);
	return out;
}

const char *u64_format_quantity(char out[U256_QUANTITY_SIZE], uint64_t value)
{
	struct u256 wide = u256_from_u64(value);
	return u256_format_quantity(out, &wide);
}

const char *u256_format_units(char out[U256_UNITS_SIZE], const struct u256 *value, unsigned decimals)
{
	char digits[U256_DECIMAL_SIZE];
	size_t count = digits_reversed(digits, *value), last = 0, at = 0;
	if (decimals >= U256_DECIMAL_SIZE - 2)
		mem_die("u256: too many decimals asked for");
	while (count <= decimals)
		digits[count++] = '0';
	while (last < decimals && digits[last] == '0')
		last++;
	for (size_t i = count; i-- > last;) {
		if (i + 1 == decimals)
			out[at++] = '.';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *u256_format_ether(char out[U256_UNITS_SIZE], const struct u256 *wei)
{
	return u256_format_units(out, wei, 18);
}

const char *u256_format_gwei(char out[U256_UNITS_SIZE], const struct u256 *wei)
{
	return u256_format_units(out, wei, 9);
}

const char *u256_format_ether_up(char out[U256_UNITS_SIZE], const struct u256 *wei)
{
	const struct u256 step = u256_from_u64(UINT64_C(1000000000000)), one = u256_from_u64(1);
	struct u256 micro, rest;
	if (!u256_div(&micro, &rest, wei, &step))
		mem_die("u256: the step is not zero");
	if (!u256_is_zero(&rest) && !u256_add(&micro, &micro, &one))
		mem_die("u256: a quotient has room for one more");
	return u256_format_units(out, &micro, 6);
}
