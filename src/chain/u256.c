/* SPDX-License-Identifier: Apache-2.0 */
/* 256-bit arithmetic on four 64-bit limbs; 128-bit intermediates are the compiler's. The texts are in u256_text.c. */
#include "chain/u256.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

struct u256 u256_from_u64(uint64_t value)
{
	return (struct u256){ { value, 0, 0, 0 } };
}

struct u256 u256_from_bytes(const uint8_t bytes[U256_SIZE])
{
	struct u256 out = U256_ZERO;
	for (size_t i = 0; i < U256_SIZE; i++)
		out.limb[3 - i / 8] = out.limb[3 - i / 8] << 8 | bytes[i];
	return out;
}

void u256_to_bytes(uint8_t out[U256_SIZE], const struct u256 *value)
{
	for (size_t i = 0; i < U256_SIZE; i++)
		out[i] = (uint8_t)(value->limb[3 - i / 8] >> (56 - 8 * (i % 8)));
}

bool u256_to_u64(const struct u256 *value, uint64_t *out)
{
	bool fits = (value->limb[1] | value->limb[2] | value->limb[3]) == 0;
	*out = fits ? value->limb[0] : UINT64_MAX;
	return fits;
}

bool u256_is_zero(const struct u256 *value)
{
	return (value->limb[0] | value->limb[1] | value->limb[2] | value->limb[3]) == 0;
}

int u256_cmp(const struct u256 *a, const struct u256 *b)
{
	for (int i = 3; i >= 0; i--)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

unsigned u256_bits(const struct u256 *value)
{
	for (unsigned i = 4; i-- > 0;)
		if (value->limb[i] != 0)
			return i * 64 + 64 - (unsigned)__builtin_clzll(value->limb[i]);
	return 0;
}

bool u256_add(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
	u128 carry = 0;
	for (int i = 0; i < 4; i++) {
		carry += (u128)a->limb[i] + b->limb[i];
		out->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	return carry == 0;
}

bool u256_sub(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
	uint64_t borrow = 0;
	for (int i = 0; i < 4; i++) {
		u128 take = (u128)b->limb[i] + borrow;
		borrow = a->limb[i] < take;
		out->limb[i] = (uint64_t)(a->limb[i] - take);
	}
	return borrow == 0;
}

bool u256_mul(struct u256 *out, const struct u256 *a, const struct u256 *b)
{
	uint64_t product[8] = { 0 };
	for (size_t i = 0; i < 4; i++) {
		uint64_t carry = 0;
		for (size_t j = 0; j < 4; j++) {
			u128 sum = (u128)a->limb[i] * b->limb[j] + product[i + j] + carry;
			product[i + j] = (uint64_t)sum;
			carry = (uint64_t)(sum >> 64);
		}
		product[i + 4] = carry;
	}
	memcpy(out->limb, product, sizeof(out->limb));
	return (product[4] | product[5] | product[6] | product[7]) == 0;
}

/* Moves one bit more of the dividend into the rest; returns the bit that fell out at the top. */
static uint64_t shift_in(struct u256 *rest, uint64_t bit)
{
	uint64_t top = rest->limb[3] >> 63;
	for (int i = 3; i > 0; i--)
		rest->limb[i] = rest->limb[i] << 1 | rest->limb[i - 1] >> 63;
	rest->limb[0] = rest->limb[0] << 1 | bit;
	return top;
}

bool u256_div(struct u256 *out, struct u256 *rest, const struct u256 *a, const struct u256 *b)
{
	struct u256 quotient = U256_ZERO, left = U256_ZERO;
	struct u256 dividend = *a, divisor = *b;
	bool defined = !u256_is_zero(&divisor);
	for (unsigned i = defined ? u256_bits(&dividend) : 0; i-- > 0;) {
		uint64_t top = shift_in(&left, dividend.limb[i / 64] >> (i % 64) & 1);
		if (top == 0 && u256_cmp(&left, &divisor) < 0)
			continue;
		(void)!u256_sub(&left, &left, &divisor);
		quotient.limb[i / 64] |= UINT64_C(1) << (i % 64);
	}
	*out = quotient;
	if (rest)
		*rest = left;
	return defined;
}

bool u256_scale(struct u256 *out, const struct u256 *a, uint64_t num, uint64_t den)
{
	struct u256 by = u256_from_u64(num), parts = u256_from_u64(den);
	bool fits = u256_mul(out, a, &by);
	return u256_div(out, NULL, out, &parts) && fits;
}
