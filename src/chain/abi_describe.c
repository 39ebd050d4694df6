/* SPDX-License-Identifier: Apache-2.0 */
/* ABI values as text for a person: whole values, texts from outside made safe. */
#include "base/hex.h"
#include "base/text.h"
#include "chain/abi.h"

enum { SHOWN_BYTES = 64 };

static void describe_bytes(struct buf *out, const uint8_t *bytes, size_t len)
{
	char hex[2 * SHOWN_BYTES + 3];
	hex_encode_0x(hex, bytes, len < SHOWN_BYTES ? len : SHOWN_BYTES);
	buf_add_text(out, hex);
	if (len > SHOWN_BYTES)
		buf_add_format(out, "… (%zu bytes)", len);
}

static void describe_value(struct buf *out, const struct abi_value *value)
{
	char address[ADDRESS_TEXT_SIZE], decimal[U256_DECIMAL_SIZE];
	struct address owner = abi_get_address(value);
	struct u256 number = abi_get_u256(value);
	switch (value->kind) {
	case ABI_UINT:
		buf_add_text(out, u256_format_decimal(decimal, &number));
		break;
	case ABI_BOOL:
		buf_add_text(out, abi_get_bool(value) ? "true" : "false");
		break;
	case ABI_ADDRESS:
		buf_add_text(out, address_format(address, &owner));
		break;
	case ABI_FIXED_BYTES:
		describe_bytes(out, value->word, value->size);
		break;
	case ABI_BYTES:
		describe_bytes(out, value->bytes, value->len);
		break;
	case ABI_STRING:
		buf_add_byte(out, '"');
		text_safe(out, (const char *)value->bytes, value->len, TEXT_ONE_LINE);
		buf_add_byte(out, '"');
		break;
	case ABI_ARRAY:
	case ABI_TUPLE:
		buf_add_byte(out, value->kind == ABI_ARRAY ? '[' : '(');
		abi_describe(out, value->items, value->count);
		buf_add_byte(out, value->kind == ABI_ARRAY ? ']' : ')');
		break;
	}
}

void abi_describe(struct buf *out, const struct abi_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		describe_value(out, &values[i]);
	}
}
