/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses and words as text. EIP-55: a letter is upper case where the hash of the lower-case text has a nibble >= 8. */
#include "chain/types.h"

#include <string.h>

#include "base/hash.h"
#include "base/hex.h"

const char *address_format(char out[ADDRESS_TEXT_SIZE], const struct address *address)
{
	uint8_t hash[HASH_SIZE];
	hex_encode_0x(out, address->bytes, ADDRESS_SIZE);
	hash_keccak256(hash, out + 2, 2 * ADDRESS_SIZE);
	for (size_t i = 0; i < 2 * ADDRESS_SIZE; i++) {
		unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15u;
		char *c = &out[i + 2];
		if (*c >= 'a' && nibble >= 8)
			*c = (char)(*c - 'a' + 'A');
	}
	return out;
}

bool address_parse(struct address *out, const char *text)
{
	if (!text || text[0] != '0' || text[1] != 'x')
		return false;
	return hex_decode(out->bytes, ADDRESS_SIZE, text);
}

static bool has_upper(const char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'F')
			return true;
	return false;
}

bool address_parse_strict(struct address *out, const char *text)
{
	char want[ADDRESS_TEXT_SIZE];
	if (!address_parse(out, text))
		return false;
	return !has_upper(text) || strcmp(address_format(want, out), text) == 0;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;
	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return any == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, ADDRESS_SIZE) == 0;
}

bool address_is_zero(const struct address *address)
{
	return all_zero(address->bytes, ADDRESS_SIZE);
}

int address_compare(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, ADDRESS_SIZE);
}

const char *bytes32_format(char out[BYTES32_TEXT_SIZE], const struct bytes32 *word)
{
	hex_encode_0x(out, word->bytes, BYTES32_SIZE);
	return out;
}

bool bytes32_parse(struct bytes32 *out, const char *text)
{
	return text && hex_decode(out->bytes, BYTES32_SIZE, text);
}

bool bytes32_equal(const struct bytes32 *a, const struct bytes32 *b)
{
	return memcmp(a->bytes, b->bytes, BYTES32_SIZE) == 0;
}

uint8_t *data_parse_new(const char *text, size_t max, size_t *len)
{
	if (!text || text[0] != '0' || text[1] != 'x')
		return NULL;
	return hex_decode_new(text, max, len);
}
