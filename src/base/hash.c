/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <nettle/sha2.h>
#include <nettle/sha3.h>
#include <sodium.h>
#include <string.h>

enum { KECCAK_RATE = 136 };

void hash_sha256(uint8_t out[HASH_SIZE], const void *bytes, size_t len)
{
	crypto_hash_sha256(out, bytes, len);
}

void hash_sha384(uint8_t out[HASH_SHA384_SIZE], const void *bytes, size_t len)
{
	struct sha384_ctx ctx;

	sha384_init(&ctx);
	sha384_update(&ctx, len, bytes);
	sha384_digest(&ctx, HASH_SHA384_SIZE, out);
}

/* The state's lanes are little-endian bytes in the Keccak definition. */
static void absorb(struct sha3_state *state, const uint8_t *block)
{
	unsigned lane, byte;

	for (lane = 0; lane < KECCAK_RATE / 8; lane++) {
		uint64_t word = 0;

		for (byte = 8; byte-- > 0;)
			word = word << 8 | block[8 * lane + byte];
		state->a[lane] ^= word;
	}
	sha3_permute(state);
}

void hash_keccak256(uint8_t out[HASH_SIZE], const void *bytes, size_t len)
{
	struct sha3_state state = { { 0 } };
	uint8_t last[KECCAK_RATE] = { 0 };
	const uint8_t *next = bytes;
	unsigned i;

	for (; len >= KECCAK_RATE; len -= KECCAK_RATE, next += KECCAK_RATE)
		absorb(&state, next);
	if (len)
		memcpy(last, next, len);
	last[len] = 0x01;
	last[KECCAK_RATE - 1] |= 0x80;
	absorb(&state, last);
	for (i = 0; i < HASH_SIZE; i++)
		out[i] = (uint8_t)(state.a[i / 8] >> (8 * (i % 8)));
}
