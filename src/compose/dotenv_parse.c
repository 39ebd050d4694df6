/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The env file parser of the official CLI, which is one regular expression
 * over the whole text (vectors/dotenv.json gives it). It is walked by hand
 * here. Two things keep that short: once a name and its separator stand
 * there, the rest always matches; and of all its repetitions only the closing
 * quote has more than one place to be. \s, ^, $ and . are ECMAScript's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/dotenv_inside.h"

struct scan {
	const char *text;
	size_t len;
};

struct range {
	size_t from, to;
};

static bool is_line_end(uint32_t cp)
{
	return cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029;
}

static bool is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0D) || cp == ' ' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
		cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000 || cp == 0xFEFF;
}

/* The character at a place and its bytes; 0 bytes at the end. */
static size_t char_at(const struct scan *s, size_t at, uint32_t *cp)
{
	*cp = TEXT_INVALID;
	return at < s->len ? text_decode(s->text + at, s->len - at, cp) : 0;
}

static bool ends_line(const struct scan *s, size_t at)
{
	uint32_t cp;

	return at >= s->len || (char_at(s, at, &cp) && is_line_end(cp));
}

static bool begins_line(const struct scan *s, size_t at)
{
	if (at == 0 || s->text[at - 1] == '\n' || s->text[at - 1] == '\r')
		return true;
	return at >= 3 && (memcmp(s->text + at - 3, "\xE2\x80\xA8", 3) == 0 || memcmp(s->text + at - 3, "\xE2\x80\xA9", 3) == 0);
}

static size_t skip_space(const struct scan *s, size_t at)
{
	uint32_t cp;
	size_t n;

	while ((n = char_at(s, at, &cp)) && is_space(cp))
		at += n;
	return at;
}

static bool is_at(const struct scan *s, size_t at, char c)
{
	return at < s->len && s->text[at] == c;
}

static size_t skip_name(const struct scan *s, size_t at)
{
	while (at < s->len) {
		char c = s->text[at];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-'))
			break;
		at++;
	}
	return at;
}

/* Behind the separator that follows a name, or 0 when there is none. */
static size_t skip_separator(const struct scan *s, size_t at)
{
	size_t sign = skip_space(s, at);
	uint32_t cp;
	size_t n;

	if (is_at(s, sign, '='))
		return sign + 1;
	if (!is_at(s, at, ':'))
		return 0;
	n = char_at(s, at + 1, &cp);
	return n && is_space(cp) ? at + 1 + n : 0;
}

/* \s*(?:#.*)?$ : where it ends, or SIZE_MAX when it does not match. */
static size_t match_tail(const struct scan *s, size_t at)
{
	size_t last = SIZE_MAX, n;
	uint32_t cp;

	for (; (n = char_at(s, at, &cp)) && is_space(cp); at += n)
		if (is_line_end(cp))
			last = at;
	if (is_at(s, at, '#')) {
		while (!ends_line(s, at))
			at += char_at(s, at, &cp);
		return at;
	}
	return at == s->len ? at : last;
}

/*
 * A quoted value that the rest of the line allows. The quote that has no
 * backslash before it is tried first, then the ones that have, backwards.
 */
static bool match_quoted(const struct scan *s, size_t at, struct range *value, size_t *end)
{
	size_t open = skip_space(s, at), close;
	char quote;

	if (open >= s->len || !memchr("'\"`", s->text[open], 3))
		return false;
	quote = s->text[open];
	for (close = open + 1; close < s->len && s->text[close] != quote; close++)
		if (s->text[close] == '\\' && is_at(s, close + 1, quote))
			close++;
	if (close > s->len)
		close = s->len;
	for (; close > open; close--) {
		if (close >= s->len || s->text[close] != quote)
			continue;
		*end = match_tail(s, close + 1);
		*value = (struct range){ at, close + 1 };
		if (*end != SIZE_MAX)
			return true;
	}
	return false;
}

static void match_plain(const struct scan *s, size_t at, struct range *value, size_t *end)
{
	size_t stop = at;

	while (stop < s->len && !memchr("#\r\n", s->text[stop], 3))
		stop++;
	*value = (struct range){ at, stop };
	*end = match_tail(s, stop);
}

static bool match_from(const struct scan *s, size_t at, struct range *name, struct range *value, size_t *end)
{
	size_t behind;

	*name = (struct range){ at, skip_name(s, at) };
	if (name->to == name->from)
		return false;
	behind = skip_separator(s, name->to);
	if (!behind)
		return false;
	if (!match_quoted(s, behind, value, end))
		match_plain(s, behind, value, end);
	return true;
}

/* The whole expression with its line beginning at or before `at`, where no white space stands. */
static bool match(const struct scan *s, size_t at, struct range *name, struct range *value, size_t *end)
{
	size_t behind = at + 6, start;

	if (s->len - at > 6 && memcmp(s->text + at, "export", 6) == 0) {
		start = skip_space(s, behind);
		if (start > behind && match_from(s, start, name, value, end))
			return true;
	}
	return match_from(s, at, name, value, end);
}

static void trim(const struct scan *s, struct range *range)
{
	struct scan cut = { s->text, range->to };
	size_t at, n, end;
	uint32_t cp;

	range->from = end = skip_space(&cut, range->from);
	for (at = range->from; (n = char_at(&cut, at, &cp)); at += n)
		if (!is_space(cp))
			end = at + n;
	range->to = end;
}

/* The last place of a quote that ends a line, or 0. */
static size_t last_closing(const struct scan *s, size_t open)
{
	size_t at;

	for (at = s->len; at-- > open + 1;)
		if (s->text[at] == s->text[open] && ends_line(s, at + 1))
			return at;
	return 0;
}

/*
 * Takes one pair of the same quotes off: each from the beginning of a line to
 * the last end of a line that has it. out has room for all. Returns the bytes.
 */
static size_t strip_quotes(char *out, const struct scan *s)
{
	bool hopeless[3] = { false, false, false };
	size_t used = 0, at = 0;

	while (at < s->len) {
		const char *quote = memchr("'\"`", s->text[at], 3);
		size_t close = 0;

		if (quote && begins_line(s, at)) {
			bool *never = &hopeless[s->text[at] == '\'' ? 0 : s->text[at] == '"' ? 1 : 2];

			close = *never ? 0 : last_closing(s, at);
			*never = close == 0;
		}
		if (close) {
			memcpy(out + used, s->text + at + 1, close - at - 1);
			used += close - at - 1;
			at = close + 1;
		} else {
			out[used++] = s->text[at++];
		}
	}
	return used;
}

/* \n and \r as two characters become one, all \n first. */
static size_t unescape(char *text, size_t len, char name, char byte)
{
	size_t from, to = 0;

	for (from = 0; from < len; from++) {
		if (text[from] == '\\' && from + 1 < len && text[from + 1] == name) {
			text[to++] = byte;
			from++;
		} else {
			text[to++] = text[from];
		}
	}
	return to;
}

static void add_match(struct compose_env *env, const struct scan *s, const struct range *name, struct range value, char *scratch)
{
	struct scan cut;
	size_t len;

	trim(s, &value);
	cut = (struct scan){ s->text + value.from, value.to - value.from };
	len = strip_quotes(scratch, &cut);
	if (is_at(&cut, 0, '"')) {
		len = unescape(scratch, len, 'n', '\n');
		len = unescape(scratch, len, 'r', '\r');
	}
	compose_env_add(env, s->text + name->from, name->to - name->from, scratch, len);
}

/* CRLF and CR to LF, into text, which has room for all. */
static size_t copy_lines(char *text, const char *from, size_t len)
{
	size_t used = 0, i;

	for (i = 0; i < len; i++) {
		if (from[i] == '\r' && i + 1 < len && from[i + 1] == '\n')
			continue;
		text[used++] = from[i] == '\r' ? '\n' : from[i];
	}
	return used;
}

static size_t next_line(const struct scan *s, size_t at)
{
	while (at < s->len && !begins_line(s, at))
		at++;
	return at;
}

static void parse_lines(struct compose_env *env, const struct scan *s, char *scratch)
{
	size_t at = 0;

	while ((at = next_line(s, at)) < s->len) {
		size_t start = skip_space(s, at);
		struct range name, value;

		/* A line that begins inside this white space would lead to the same place. */
		if (start < s->len && match(s, start, &name, &value, &at))
			add_match(env, s, &name, value, scratch);
		else
			at = start + 1;
	}
}

static bool is_proto(const struct compose_env_entry *entry)
{
	return entry->name_len == 9 && memcmp(entry->name, "__proto__", 9) == 0;
}

static int compare_index(const void *left, const void *right)
{
	const struct compose_env_entry *a = left, *b = right;
	unsigned long x = 0, y = 0;

	exact_json_is_index(a->name, a->name_len, &x);
	exact_json_is_index(b->name, b->name_len, &y);
	return (x > y) - (x < y);
}

/* Array indexes to the front, ascending; the others behind in their order; __proto__ out. */
static void order_as_object(struct compose_env *env)
{
	struct compose_env_entry *ordered = mem_new(env->count, sizeof(*ordered));
	size_t count = 0, i;

	for (i = 0; i < env->count; i++)
		if (exact_json_is_index(env->entries[i].name, env->entries[i].name_len, NULL))
			ordered[count++] = env->entries[i];
	qsort(ordered, count, sizeof(*ordered), compare_index);
	for (i = 0; i < env->count; i++) {
		if (is_proto(&env->entries[i]))
			free(env->entries[i].name);
		else if (!exact_json_is_index(env->entries[i].name, env->entries[i].name_len, NULL))
			ordered[count++] = env->entries[i];
	}
	free(env->entries);
	env->entries = ordered;
	env->cap = env->count;
	env->count = count;
}

void compose_dotenv_parse(struct compose_env *env, const char *text, size_t len)
{
	struct secret lines = SECRET_INIT, scratch = SECRET_INIT;
	struct compose_env found = COMPOSE_ENV_INIT;
	size_t i;

	secret_alloc(&lines, len);
	secret_alloc(&scratch, len);
	parse_lines(&found, &(struct scan){ (char *)lines.data, copy_lines((char *)lines.data, text, len) }, (char *)scratch.data);
	compose_env_merge(&found);
	order_as_object(&found);
	for (i = 0; i < found.count; i++) {
		size_t value_len;
		const char *value = compose_env_value(&found, i, &value_len);

		compose_env_add(env, found.entries[i].name, found.entries[i].name_len, value, value_len);
	}
	compose_env_clear(&found);
	secret_clear(&scratch);
	secret_clear(&lines);
}
