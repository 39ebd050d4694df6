/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void hex_encode(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

void hex_encode_0x(char *out, const uint8_t *bytes, size_t len)
{
	memcpy(out, "0x", 2);
	hex_encode(out + 2, bytes, len);
}

int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *skip_0x(const char *text)
{
	return strncmp(text, "0x", 2) == 0 ? text + 2 : text;
}

static bool decode_digits(uint8_t *out, size_t len, const char *digits)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int high = hex_digit((unsigned char)digits[2 * i]);
		int low = high < 0 ? -1 : hex_digit((unsigned char)digits[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool hex_decode(uint8_t *out, size_t len, const char *text)
{
	const char *digits = skip_0x(text);

	return strlen(digits) == 2 * len && decode_digits(out, len, digits);
}

uint8_t *hex_decode_new(const char *text, size_t max, size_t *len)
{
	const char *digits = skip_0x(text);
	size_t count = strlen(digits);
	uint8_t *out;

	if (count % 2 || count / 2 > max)
		return NULL;
	out = mem_new(count / 2, 1);
	*len = count / 2;
	if (decode_digits(out, *len, digits))
		return out;
	free(out);
	return NULL;
}
