/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line is held until its end came; only then is its UTF-8 looked at, so a
 * character split over two pieces is whole. The LF of a CRLF whose CR ended
 * the last piece is swallowed.
 */
#include "wire/sse.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"

void sse_init(struct sse *sse, sse_fn *fn, void *ctx)
{
	memset(sse, 0, sizeof(*sse));
	sse->fn = fn;
	sse->ctx = ctx;
	buf_init(&sse->line, LIMIT_SSE_EVENT);
	buf_init(&sse->data, LIMIT_SSE_EVENT);
	buf_init(&sse->type, LIMIT_SSE_EVENT);
	buf_init(&sse->text, 0);
}

void sse_clear(struct sse *sse)
{
	buf_clear(&sse->line);
	buf_clear(&sse->type);
	buf_clear(&sse->data);
	buf_clear(&sse->text);
}

static void dispatch(struct sse *sse)
{
	if (sse->has_data) {
		const char *type = sse->type.len ? buf_text(&sse->type) : "message";

		if (!sse->fn(sse->ctx, type, buf_text(&sse->data), sse->data.len - 1))
			sse->stopped = true;
	}
	buf_reset(&sse->type);
	buf_reset(&sse->data);
	sse->has_data = false;
}

static void take_field(struct sse *sse, const char *name, size_t name_len, const char *value, size_t len)
{
	if (name_len == 5 && memcmp(name, "event", 5) == 0) {
		buf_reset(&sse->type);
		buf_add(&sse->type, value, len);
	} else if (name_len == 4 && memcmp(name, "data", 4) == 0) {
		sse->has_data = true;
		buf_add(&sse->data, value, len);
		buf_add_byte(&sse->data, '\n');
	}
}

static void end_line(struct sse *sse)
{
	const char *line, *colon;
	size_t len, name_len;

	buf_reset(&sse->text);
	text_lossy(&sse->text, buf_text(&sse->line), sse->line.len);
	buf_reset(&sse->line);
	line = buf_text(&sse->text);
	len = sse->text.len;
	if (!sse->begun && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
		line += 3;
		len -= 3;
	}
	sse->begun = true;
	if (!len) {
		dispatch(sse);
		return;
	}
	colon = memchr(line, ':', len);
	name_len = colon ? (size_t)(colon - line) : len;
	if (!colon) {
		take_field(sse, line, len, "", 0);
		return;
	}
	line = colon + 1;
	len -= name_len + 1;
	if (len && *line == ' ') {
		line++;
		len--;
	}
	take_field(sse, colon - name_len, name_len, line, len);
}

bool sse_feed(struct sse *sse, const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len && !sse->stopped && !sse->overflow) {
		size_t end = at;

		if (sse->after_cr && bytes[at] == '\n') {
			sse->after_cr = false;
			at++;
			continue;
		}
		sse->after_cr = false;
		while (end < len && bytes[end] != '\n' && bytes[end] != '\r')
			end++;
		buf_add(&sse->line, bytes + at, end - at);
		if (end < len) {
			sse->after_cr = bytes[end] == '\r';
			end_line(sse);
			end++;
		}
		sse->overflow = sse->line.overflow || sse->data.overflow || sse->type.overflow;
		at = end;
	}
	return !sse->stopped && !sse->overflow;
}
