/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/pretty.h"

#include <string.h>

#include "base/exact_json.h"

enum { TRIES = 8 };

size_t logs_json_begin(const char *line, size_t len)
{
	size_t i, tries = 0;

	for (i = 0; i < len && tries < TRIES; i++) {
		struct exact_json *tree;
		struct error err;

		if (line[i] != '{' && line[i] != '[')
			continue;
		tries++;
		tree = exact_json_parse(line + i, len - i, &err);
		if (!tree)
			continue;
		exact_json_free(tree);
		return i;
	}
	return len;
}

static void new_line(struct buf *out, size_t depth)
{
	enum { DEEPEST = 40 };

	buf_add_byte(out, '\n');
	for (depth = depth < DEEPEST ? depth : DEEPEST; depth; depth--)
		buf_add_text(out, "  ");
}

/* The length of the string at the beginning, with its quotes. */
static size_t string_length(const char *json, size_t len)
{
	size_t i = 1;

	while (i < len && json[i] != '"')
		i += json[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

static size_t skip_blanks(const char *json, size_t len, size_t at)
{
	while (at < len && strchr(" \t\r\n", json[at]) && json[at])
		at++;
	return at;
}

/* A bracket: opening ones begin a line behind them, closing ones before. Empty ones stay together. */
static size_t bracket(struct buf *out, const char *json, size_t len, size_t at, size_t *depth)
{
	size_t next = skip_blanks(json, len, at + 1);

	if (json[at] == '}' || json[at] == ']') {
		*depth -= *depth > 0;
		new_line(out, *depth);
		buf_add_byte(out, json[at]);
		return next;
	}
	buf_add_byte(out, json[at]);
	if (next < len && (json[next] == '}' || json[next] == ']')) {
		buf_add_byte(out, json[next]);
		return next + 1;
	}
	new_line(out, ++*depth);
	return next;
}

void logs_json_lay_out(struct buf *out, const char *json, size_t len)
{
	size_t at = 0, depth = 0;

	while ((at = skip_blanks(json, len, at)) < len) {
		size_t n = 1;

		switch (json[at]) {
		case '{': case '[': case '}': case ']':
			at = bracket(out, json, len, at, &depth);
			continue;
		case '"':
			n = string_length(json + at, len - at);
			buf_add(out, json + at, n);
			break;
		case ',':
			buf_add_byte(out, ',');
			new_line(out, depth);
			break;
		case ':':
			buf_add_text(out, ": ");
			break;
		default:
			buf_add_byte(out, json[at]);
		}
		at += n;
	}
}
