/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/lines.h"

#include <string.h>

void lines_init(struct lines *lines, size_t max, lines_fn *fn, void *ctx)
{
	memset(lines, 0, sizeof(*lines));
	lines->fn = fn;
	lines->ctx = ctx;
	lines->max = max < 4 ? 4 : max; /* room for any character */
}

void lines_clear(struct lines *lines)
{
	buf_clear(&lines->rest);
	lines->continued = false;
}

void lines_reset(struct lines *lines)
{
	buf_reset(&lines->rest);
	lines->continued = false;
}

/* The longest start of at most max bytes that ends where a character ends. */
static size_t cut_at(const char *bytes, size_t max)
{
	size_t at = max, back = 0;

	while (back < 4 && at > 0 && ((unsigned char)bytes[at] & 0xC0) == 0x80) {
		at--;
		back++;
	}
	return back == 4 || at == 0 ? max : at;
}

/* Gives out parts until what is left fits the ceiling; *taken counts their bytes. */
static bool give_parts(struct lines *lines, const char *bytes, size_t len, size_t *taken)
{
	while (len - *taken > lines->max) {
		size_t part = cut_at(bytes + *taken, lines->max);
		bool more = lines->fn(lines->ctx, bytes + *taken, part, lines->continued);

		lines->continued = true;
		*taken += part;
		if (!more)
			return false;
	}
	return true;
}

/* One line with its LF found; returns false when fn wants no more. *taken: bytes of the line given out. */
static bool give_line(struct lines *lines, const char *bytes, size_t len, size_t *taken)
{
	size_t end = len;
	bool more, continued;

	if (end && bytes[end - 1] == '\r')
		end--;
	if (!give_parts(lines, bytes, end, taken))
		return false;
	continued = lines->continued;
	lines->continued = false;
	more = lines->fn(lines->ctx, bytes + *taken, end - *taken, continued);
	*taken = len + 1;
	return more;
}

/* Completes the line that stands in rest. Returns the bytes of the input used; *more: fn's answer. */
static size_t feed_rest(struct lines *lines, const char *bytes, size_t len, bool *more)
{
	const char *lf = memchr(bytes, '\n', len);
	size_t used = lf ? (size_t)(lf - bytes) : len, taken = 0;

	/* Not more than one part over the ceiling is ever held. */
	if (used > lines->max) {
		used = lines->max;
		lf = NULL;
	}
	buf_add(&lines->rest, bytes, used);
	if (!lf) {
		*more = give_parts(lines, lines->rest.data, lines->rest.len, &taken);
		buf_shift(&lines->rest, taken);
		return used;
	}
	*more = give_line(lines, buf_text(&lines->rest), lines->rest.len, &taken);
	if (taken > lines->rest.len) {
		buf_reset(&lines->rest);
		return used + 1;
	}
	buf_shift(&lines->rest, taken);
	return used; /* the LF comes again with the next feed */
}

size_t lines_feed(struct lines *lines, const char *bytes, size_t len)
{
	size_t at = 0;
	bool more = true;

	while (at < len && more) {
		const char *lf;
		size_t taken = 0;

		if (lines->rest.len || !(lf = memchr(bytes + at, '\n', len - at))) {
			at += feed_rest(lines, bytes + at, len - at, &more);
			continue;
		}
		more = give_line(lines, bytes + at, (size_t)(lf - bytes) - at, &taken);
		at += taken;
	}
	return at;
}

bool lines_finish(struct lines *lines)
{
	size_t taken = 0;
	bool more = true;

	if (lines->rest.len)
		more = give_line(lines, lines->rest.data, lines->rest.len, &taken);
	if (taken > lines->rest.len)
		lines_reset(lines);
	else
		buf_shift(&lines->rest, taken);
	return more;
}
