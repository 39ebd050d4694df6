/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if (first >= 0xE0 && first <= 0xEF)
		return 3;
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	return 0;
}

size_t text_decode(const char *bytes, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)bytes;
	size_t n, i;
	uint32_t value;

	*cp = TEXT_INVALID;
	if (!len)
		return 0;
	n = sequence_length(s[0]);
	if (n == 1)
		*cp = s[0];
	if (n < 2 || n > len)
		return 1;
	value = s[0] & (0xFFu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 1;
		value = value << 6 | (s[i] & 0x3F);
	}
	if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 1;
	*cp = value;
	return n;
}

void text_encode(struct buf *out, uint32_t cp)
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	if (cp < 0x80) {
		buf_add_byte(out, (int)cp);
	} else if (cp < 0x800) {
		buf_add_byte(out, (int)(0xC0 | cp >> 6));
		buf_add_byte(out, (int)(0x80 | (cp & 0x3F)));
	} else if (cp < 0x10000) {
		buf_add_byte(out, (int)(0xE0 | cp >> 12));
		buf_add_byte(out, (int)(0x80 | (cp >> 6 & 0x3F)));
		buf_add_byte(out, (int)(0x80 | (cp & 0x3F)));
	} else {
		buf_add_byte(out, (int)(0xF0 | cp >> 18));
		buf_add_byte(out, (int)(0x80 | (cp >> 12 & 0x3F)));
		buf_add_byte(out, (int)(0x80 | (cp >> 6 & 0x3F)));
		buf_add_byte(out, (int)(0x80 | (cp & 0x3F)));
	}
}

/* How many bytes of an ill-formed sequence belong together: all that could still have begun a character. */
static size_t ill_formed(const unsigned char *at, size_t len)
{
	size_t want = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2, used = 1;
	unsigned low = 0x80, high = 0xBF;

	if (at[0] < 0xC2 || at[0] > 0xF4)
		return 1;
	if (at[0] == 0xE0)
		low = 0xA0;
	else if (at[0] == 0xED)
		high = 0x9F;
	else if (at[0] == 0xF0)
		low = 0x90;
	else if (at[0] == 0xF4)
		high = 0x8F;
	while (used < want && used < len && at[used] >= low && at[used] <= high) {
		low = 0x80;
		high = 0xBF;
		used++;
	}
	return used;
}

void text_lossy(struct buf *out, const char *bytes, size_t len)
{
	size_t at = 0, good = 0;

	while (at < len) {
		uint32_t cp;
		size_t used = text_decode(bytes + at, len - at, &cp);

		if (cp != TEXT_INVALID) {
			at += used;
			continue;
		}
		buf_add(out, bytes + good, at - good);
		text_encode(out, 0xFFFD);
		at += ill_formed((const unsigned char *)bytes + at, len - at);
		good = at;
	}
	buf_add(out, bytes + good, at - good);
}

bool text_is_utf8(const char *bytes, size_t len)
{
	size_t used = 0;

	while (used < len) {
		uint32_t cp;

		used += text_decode(bytes + used, len - used, &cp);
		if (cp == TEXT_INVALID)
			return false;
	}
	return true;
}

int text_char_width(uint32_t cp)
{
	int width;

	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	width = wcwidth((wchar_t)cp);
	return width < 0 ? 1 : width;
}

size_t text_width(const char *bytes, size_t len)
{
	size_t columns = 0, used = 0;

	while (used < len) {
		uint32_t cp;

		used += text_decode(bytes + used, len - used, &cp);
		columns += (size_t)text_char_width(cp);
	}
	return columns;
}

size_t text_fit(const char *bytes, size_t len, size_t columns)
{
	size_t used = 0, taken = 0;

	while (used < len) {
		uint32_t cp;
		size_t n = text_decode(bytes + used, len - used, &cp);
		size_t width = (size_t)text_char_width(cp);

		if (taken + width > columns)
			break;
		taken += width;
		used += n;
	}
	return used;
}

/* Format characters that change what a person sees without being seen. */
static bool is_hidden(uint32_t cp)
{
	static const struct { uint32_t first, last; } ranges[] = {
		{ 0x80, 0x9F }, { 0xAD, 0xAD }, { 0x61C, 0x61C }, { 0x180E, 0x180E }, { 0x200B, 0x200F },
		{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE007F },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

static void add_visible(struct buf *out, uint32_t cp, unsigned char raw, enum text_keep keep)
{
	if (cp == TEXT_INVALID)
		buf_add_format(out, "<%02X>", raw);
	else if ((cp == '\n' && (keep & TEXT_KEEP_LINES)) || (cp == '\t' && (keep & TEXT_KEEP_TABS)))
		buf_add_byte(out, (int)cp);
	else if (cp < 0x20 || cp == 0x7F)
		buf_add_format(out, "^%c", (char)(cp ^ 0x40));
	else if (is_hidden(cp))
		buf_add_format(out, "<U+%04" PRIX32 ">", cp);
	else
		text_encode(out, cp);
}

void text_safe(struct buf *out, const char *bytes, size_t len, enum text_keep keep)
{
	size_t used = 0;

	while (used < len) {
		uint32_t cp;
		size_t n = text_decode(bytes + used, len - used, &cp);

		add_visible(out, cp, (unsigned char)bytes[used], keep);
		used += n;
	}
}

void text_safe_copy(char *out, size_t size, const char *bytes, size_t len)
{
	struct buf safe;
	size_t room = size - 1, used = 0;

	buf_init(&safe, 0);
	text_safe(&safe, bytes, len, TEXT_ONE_LINE);
	while (used < safe.len) {
		uint32_t cp;
		size_t n = text_decode(safe.data + used, safe.len - used, &cp);

		if (used + n > room)
			break;
		used += n;
	}
	memcpy(out, buf_text(&safe), used);
	out[used] = '\0';
	buf_clear(&safe);
}

const char *text_short_hex(char out[TEXT_SHORT_SIZE], const char *hex)
{
	size_t len = strlen(hex);
	size_t head = text_starts(hex, "0x") ? 6 : 4;

	if (len <= head + 5)
		snprintf(out, TEXT_SHORT_SIZE, "%s", hex);
	else
		snprintf(out, TEXT_SHORT_SIZE, "%.*s…%s", (int)head, hex, hex + len - 4);
	return out;
}

const char *text_bare_hex(const char *hex)
{
	return text_starts(hex, "0x") ? hex + 2 : hex;
}

const char *text_duration(char out[TEXT_SHORT_SIZE], int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1)
		snprintf(out, TEXT_SHORT_SIZE, "<1 ms");
	else if (ms < 1000)
		snprintf(out, TEXT_SHORT_SIZE, "%" PRId64 " ms", ms);
	else if (s < 60)
		snprintf(out, TEXT_SHORT_SIZE, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(out, TEXT_SHORT_SIZE, "%" PRId64 "m %02" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, TEXT_SHORT_SIZE, "%" PRId64 "h %02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(out, TEXT_SHORT_SIZE, "%" PRId64 "d %" PRId64 "h", s / 86400, s / 3600 % 24);
	return out;
}

const char *text_grouped(char out[TEXT_SHORT_SIZE + 8], uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	char *to = out;
	int i;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ' ';
		*to++ = digits[i];
	}
	*to = '\0';
	return out;
}

bool text_equal(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

bool text_equal_nocase(const char *a, const char *b)
{
	return strcasecmp(a ? a : "", b ? b : "") == 0;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_copy(char *out, size_t size, const char *text)
{
	return (size_t)snprintf(out, size, "%s", text ? text : "") < size;
}
