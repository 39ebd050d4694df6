/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RLP. A header is one byte base + length up to 55, else base + 55 + n and the
 * length in n bytes; a single byte below 0x80 is its own encoding. Whatever
 * could have been written shorter is refused, since two encodings of one
 * transaction would have two hashes.
 */
#include "chain/rlp.h"

#include <string.h>

enum { TEXT_BASE = 0x80, LIST_BASE = 0xc0, SHORT_MAX = 55 };

static void add_header(struct buf *out, unsigned base, size_t len)
{
	uint8_t digits[sizeof(len)];
	size_t count = 0;
	if (len <= SHORT_MAX) {
		buf_add_byte(out, (int)(base + len));
		return;
	}
	for (size_t rest = len; rest > 0; rest >>= 8)
		digits[count++] = (uint8_t)rest;
	buf_add_byte(out, (int)(base + SHORT_MAX + count));
	while (count > 0)
		buf_add_byte(out, digits[--count]);
}

void rlp_add_bytes(struct buf *out, const uint8_t *bytes, size_t len)
{
	if (len != 1 || bytes[0] >= TEXT_BASE)
		add_header(out, TEXT_BASE, len);
	if (len > 0)
		buf_add(out, bytes, len);
}

void rlp_add_u256(struct buf *out, const struct u256 *value)
{
	uint8_t bytes[U256_SIZE];
	size_t skip = U256_SIZE - (u256_bits(value) + 7) / 8;
	u256_to_bytes(bytes, value);
	rlp_add_bytes(out, bytes + skip, U256_SIZE - skip);
}

void rlp_add_u64(struct buf *out, uint64_t value)
{
	struct u256 wide = u256_from_u64(value);
	rlp_add_u256(out, &wide);
}

void rlp_add_list(struct buf *out, const struct buf *payload)
{
	add_header(out, LIST_BASE, payload->len);
	if (payload->len > 0)
		buf_add(out, payload->data, payload->len);
}

static bool malformed(struct error *err, const char *why)
{
	return error_set(err, STATUS_INPUT, "rlp", "the RLP data are malformed: %s", why);
}

/* A length written in `count` bytes behind the first; canonical when it has no leading zero and needs the long form. */
static bool read_long_length(struct rlp_cursor *cursor, size_t count, size_t *len, struct error *err)
{
	size_t value = 0;
	if (count > cursor->left)
		return malformed(err, "it ends within a length");
	if (count > sizeof(value) || cursor->at[0] == 0)
		return malformed(err, "a length is not in its shortest form or too large");
	for (size_t i = 0; i < count; i++)
		value = value << 8 | cursor->at[i];
	if (value <= SHORT_MAX)
		return malformed(err, "a length is not in its shortest form");
	cursor->at += count;
	cursor->left -= count;
	*len = value;
	return true;
}

bool rlp_next(struct rlp_cursor *cursor, struct rlp_item *item, struct error *err)
{
	struct rlp_cursor in = *cursor;
	if (in.left == 0)
		return malformed(err, "an item is missing");
	unsigned first = in.at[0], base = first >= LIST_BASE ? LIST_BASE : TEXT_BASE;
	*item = (struct rlp_item){ .list = first >= LIST_BASE, .data = in.at, .len = 1 };
	if (first >= TEXT_BASE) {
		in.at++;
		in.left--;
		item->len = first - base;
		if (item->len > SHORT_MAX && !read_long_length(&in, item->len - SHORT_MAX, &item->len, err))
			return false;
		item->data = in.at;
	}
	if (item->len > in.left)
		return malformed(err, "it ends within an item");
	if (first == TEXT_BASE + 1 && item->data[0] < TEXT_BASE)
		return malformed(err, "a single byte has a needless header");
	*cursor = (struct rlp_cursor){ in.at + item->len, in.left - item->len };
	return true;
}

bool rlp_decode(const uint8_t *data, size_t len, struct rlp_item *item, struct error *err)
{
	struct rlp_cursor cursor = { data, len };
	return rlp_next(&cursor, item, err) && rlp_at_end(&cursor, err);
}

struct rlp_cursor rlp_enter(const struct rlp_item *list)
{
	return (struct rlp_cursor){ list->data, list->list ? list->len : 0 };
}

bool rlp_next_bytes(struct rlp_cursor *cursor, const uint8_t **bytes, size_t *len, struct error *err)
{
	struct rlp_item item;
	if (!rlp_next(cursor, &item, err))
		return false;
	if (item.list)
		return malformed(err, "a list stands where bytes belong");
	*bytes = item.data;
	*len = item.len;
	return true;
}

bool rlp_next_u256(struct rlp_cursor *cursor, struct u256 *value, struct error *err)
{
	const uint8_t *bytes = NULL;
	uint8_t word[U256_SIZE] = { 0 };
	size_t len = 0;
	if (!rlp_next_bytes(cursor, &bytes, &len, err))
		return false;
	if (len > U256_SIZE)
		return malformed(err, "a number has more than 32 bytes");
	if (len > 0 && bytes[0] == 0)
		return malformed(err, "a number has a leading zero");
	if (len > 0)
		memcpy(word + U256_SIZE - len, bytes, len);
	*value = u256_from_bytes(word);
	return true;
}

bool rlp_next_u64(struct rlp_cursor *cursor, uint64_t *value, struct error *err)
{
	struct u256 wide;
	if (!rlp_next_u256(cursor, &wide, err))
		return false;
	return u256_to_u64(&wide, value) || malformed(err, "a number does not fit 64 bits");
}

bool rlp_at_end(const struct rlp_cursor *cursor, struct error *err)
{
	return cursor->left == 0 || malformed(err, "bytes are left over");
}
