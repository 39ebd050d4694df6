/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text to a tree, accepting what JSON.parse accepts and nothing else. It
 * goes down one call a level, held by LIMIT_EXACT_DEPTH.
 */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json_tree.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

struct parser {
	const char *text;
	size_t len, at;
	unsigned depth;
	size_t values;
	const char *problem; /* the first one, for a person */
	locale_t locale;     /* the C locale: numbers have a point, whatever the user's */
};

static struct exact_json *parse_value(struct parser *p);

static struct exact_json *refuse(struct parser *p, const char *problem)
{
	if (!p->problem)
		p->problem = problem;
	return NULL;
}

static int peek(const struct parser *p)
{
	return p->at < p->len ? (unsigned char)p->text[p->at] : -1;
}

static void skip_space(struct parser *p)
{
	while (p->at < p->len && memchr(" \t\n\r", p->text[p->at], 4))
		p->at++;
}

static bool take(struct parser *p, int c)
{
	if (peek(p) != c)
		return false;
	p->at++;
	return true;
}

/* Four hex digits of an escape; false when there are none. */
static bool take_unit(struct parser *p, uint32_t *unit)
{
	size_t i;

	*unit = 0;
	if (p->len - p->at < 4)
		return false;
	for (i = 0; i < 4; i++) {
		int digit = hex_digit((unsigned char)p->text[p->at + i]);

		if (digit < 0)
			return false;
		*unit = *unit << 4 | (uint32_t)digit;
	}
	p->at += 4;
	return true;
}

static void add_code_point(struct buf *out, uint32_t cp)
{
	if (cp < 0xD800 || cp > 0xDFFF) {
		text_encode(out, cp);
		return;
	}
	/* A lone surrogate in WTF-8. */
	buf_add_byte(out, 0xED);
	buf_add_byte(out, (int)(0x80 | (cp >> 6 & 0x3F)));
	buf_add_byte(out, (int)(0x80 | (cp & 0x3F)));
}

/* Behind \u: one unit, or two when they are a pair. */
static bool take_unicode(struct parser *p, struct buf *out)
{
	uint32_t unit, low;
	size_t back;

	if (!take_unit(p, &unit))
		return refuse(p, "a \\u escape without four hex digits");
	back = p->at;
	if (unit >= 0xD800 && unit <= 0xDBFF && take(p, '\\') && take(p, 'u') && take_unit(p, &low) &&
			low >= 0xDC00 && low <= 0xDFFF)
		unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
	else
		p->at = back;
	add_code_point(out, unit);
	return true;
}

static bool take_escape(struct parser *p, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	int c = peek(p);
	const char *found = c > 0 ? strchr(names, c) : NULL;

	p->at++;
	if (c == 'u')
		return take_unicode(p, out);
	if (!found)
		return refuse(p, "an unknown escape in a string");
	buf_add_byte(out, bytes[found - names]);
	return true;
}

/* Bytes up to the next quote, backslash or something refused. */
static bool take_plain(struct parser *p, struct buf *out)
{
	size_t start = p->at;

	while (p->at < p->len && p->text[p->at] != '"' && p->text[p->at] != '\\') {
		unsigned char c = (unsigned char)p->text[p->at];
		uint32_t cp = c;
		size_t used = c < 0x80 ? 1 : text_decode(p->text + p->at, p->len - p->at, &cp);

		if (cp == TEXT_INVALID)
			return refuse(p, "bytes that are not UTF-8");
		if (cp < 0x20)
			return refuse(p, "a control character inside a string");
		p->at += used;
	}
	buf_add(out, p->text + start, p->at - start);
	return true;
}

/* From behind the opening quote to behind the closing one. */
static bool take_string(struct parser *p, struct buf *out)
{
	while (take_plain(p, out)) {
		if (take(p, '"'))
			return true;
		if (!take(p, '\\'))
			return refuse(p, "a string without its closing quote");
		if (!take_escape(p, out))
			return false;
	}
	return false;
}

static struct exact_json *parse_string(struct parser *p)
{
	struct buf text = BUF_INIT;
	struct exact_json *value = NULL;

	p->at++;
	if (take_string(p, &text)) {
		value = exact_json_new(EXACT_STRING);
		value->as.string.len = text.len;
		value->as.string.text = buf_take(&text);
	}
	buf_clear(&text);
	return value;
}

static size_t skip_digits(struct parser *p)
{
	size_t start = p->at;

	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	return p->at - start;
}

static bool skip_number(struct parser *p)
{
	take(p, '-');
	if (!take(p, '0') && !skip_digits(p))
		return false;
	if (take(p, '.') && !skip_digits(p))
		return false;
	if (take(p, 'e') || take(p, 'E')) {
		if (!take(p, '+'))
			take(p, '-');
		return skip_digits(p) > 0;
	}
	return true;
}

static struct exact_json *parse_number(struct parser *p)
{
	size_t start = p->at;
	struct exact_json *value;
	locale_t before;
	char *digits;

	if (!skip_number(p))
		return refuse(p, "a number that is cut short");
	digits = mem_copy(p->text + start, p->at - start);
	before = uselocale(p->locale);
	value = exact_json_new_number(strtod(digits, NULL));
	uselocale(before);
	free(digits);
	return value;
}

static struct exact_json *parse_word(struct parser *p)
{
	static const struct { const char *word; enum exact_kind kind; bool flag; } words[] = {
		{ "null", EXACT_NULL, false }, { "true", EXACT_BOOL, true }, { "false", EXACT_BOOL, false },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (p->len - p->at >= len && memcmp(p->text + p->at, words[i].word, len) == 0) {
			struct exact_json *value = exact_json_new(words[i].kind);

			value->flag = words[i].flag;
			p->at += len;
			return value;
		}
	}
	return refuse(p, p->at < p->len ? "something that is no value" : "the end where a value should be");
}

static bool parse_name(struct parser *p, struct buf *name)
{
	skip_space(p);
	if (!take(p, '"'))
		return refuse(p, "no quoted name where one should be");
	if (!take_string(p, name))
		return false;
	skip_space(p);
	return take(p, ':') || refuse(p, "no colon behind a name");
}

static bool parse_member(struct parser *p, struct exact_json *list)
{
	struct buf name = BUF_INIT;
	struct exact_json *value = NULL;
	size_t len;

	if (list->kind == EXACT_ARRAY || parse_name(p, &name))
		value = parse_value(p);
	len = name.len;
	if (value)
		exact_json_add(list, list->kind == EXACT_OBJECT ? buf_take(&name) : NULL, len, value);
	buf_clear(&name);
	return value != NULL;
}

static bool parse_members(struct parser *p, struct exact_json *list, int closing)
{
	p->at++;
	skip_space(p);
	if (take(p, closing))
		return true;
	while (parse_member(p, list)) {
		skip_space(p);
		if (take(p, closing))
			return true;
		if (!take(p, ','))
			return refuse(p, "no comma or closing bracket behind a value");
	}
	return false;
}

static struct exact_json *parse_list(struct parser *p)
{
	bool object = peek(p) == '{';
	struct exact_json *list;

	if (p->depth >= LIMIT_EXACT_DEPTH)
		return refuse(p, "too many levels of nesting");
	p->depth++;
	list = exact_json_new(object ? EXACT_OBJECT : EXACT_ARRAY);
	if (!parse_members(p, list, object ? '}' : ']')) {
		exact_json_free(list);
		return NULL;
	}
	if (object) {
		exact_json_merge_repeated(list);
		exact_json_index(list);
	}
	p->depth--;
	return list;
}

static struct exact_json *parse_kind(struct parser *p)
{
	int c = peek(p);

	if (c == '{' || c == '[')
		return parse_list(p);
	if (c == '"')
		return parse_string(p);
	if (c == '-' || (c >= '0' && c <= '9'))
		return parse_number(p);
	return parse_word(p);
}

static struct exact_json *parse_value(struct parser *p)
{
	struct exact_json *value;
	size_t start;

	skip_space(p);
	start = p->at;
	if (++p->values > LIMIT_EXACT_VALUES)
		return refuse(p, "too many values");
	value = parse_kind(p);
	if (value) {
		value->at = start;
		value->span = p->at - start;
		value->has_span = true;
	}
	return value;
}

static void report(const struct parser *p, struct error *err)
{
	size_t line = 1, column = 1, i;

	for (i = 0; i < p->at && i < p->len; i++) {
		if (p->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)p->text[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	error_set(err, STATUS_INPUT, "not-json", "this is no JSON: %s, at line %zu, column %zu", p->problem, line, column);
}

struct exact_json *exact_json_parse(const char *text, size_t len, struct error *err)
{
	struct parser p = { .text = text, .len = len };
	struct exact_json *value;

	if (len > LIMIT_EXACT_JSON) {
		error_set(err, STATUS_INPUT, "json-too-large", "the JSON text has %zu bytes; at most %d are read", len,
			LIMIT_EXACT_JSON);
		return NULL;
	}
	p.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!p.locale)
		mem_die("there is no C locale");
	value = parse_value(&p);
	skip_space(&p);
	if (value && p.at < p.len) {
		exact_json_free(value);
		value = refuse(&p, "something behind the value");
	}
	freelocale(p.locale);
	if (!value)
		report(&p, err);
	return value;
}
