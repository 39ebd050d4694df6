/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree as JSON.stringify prints it: shortest numbers, few escapes, members
 * in ECMAScript's order.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json_tree.h"
#include "base/mem.h"

struct printer {
	struct buf *out;
	unsigned indent;
	unsigned depth;
};

static void print_value(struct printer *p, const struct exact_json *value, bool sort);

/* One code point of WTF-8; of a sequence that is cut short, its first byte. */
static size_t decode(const char *text, size_t len, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t need = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

	if (need > len)
		need = 1;
	if (need == 1)
		*cp = s[0];
	else if (s[0] < 0xE0)
		*cp = (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
	else if (s[0] < 0xF0)
		*cp = (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
	else
		*cp = (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
	return need;
}

/* UTF-16 code units of a text, one after the other. */
struct units {
	const char *at, *end;
	uint32_t low; /* the second half of a pair, still to come */
};

static int32_t next_unit(struct units *units)
{
	uint32_t cp = units->low;

	if (cp) {
		units->low = 0;
		return (int32_t)cp;
	}
	if (units->at >= units->end)
		return -1;
	units->at += decode(units->at, (size_t)(units->end - units->at), &cp);
	if (cp < 0x10000)
		return (int32_t)cp;
	units->low = 0xDC00 + (cp & 0x3FF);
	return (int32_t)(0xD800 + ((cp - 0x10000) >> 10));
}

int exact_json_compare_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct units left = { .at = a, .end = a + a_len }, right = { .at = b, .end = b + b_len };
	int32_t x, y;

	do {
		x = next_unit(&left);
		y = next_unit(&right);
	} while (x == y && x >= 0);
	return (x > y) - (x < y);
}

bool exact_json_is_index(const char *name, size_t len, unsigned long *index)
{
	unsigned long long number = 0;
	size_t i;

	if (!len || len > 10 || (len > 1 && name[0] == '0'))
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		number = number * 10 + (unsigned long long)(name[i] - '0');
	}
	if (number > 4294967294ULL)
		return false;
	if (index)
		*index = (unsigned long)number;
	return true;
}

static char *put(char *out, const char *bytes, size_t len)
{
	memcpy(out, bytes, len);
	return out + len;
}

/* The escape of the character at text, or 0 when it stands for itself. */
static size_t escape(char out[8], const char *text, size_t len)
{
	static const char bytes[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	unsigned char c = (unsigned char)text[0];
	const char *found = c ? strchr(bytes, c) : NULL;

	if (found) {
		out[0] = '\\';
		out[1] = names[found - bytes];
		return 2;
	}
	if (c < 0x20)
		return (size_t)snprintf(out, 8, "\\u%04x", c);
	if (c == 0xED && len >= 3 && (unsigned char)text[1] >= 0xA0)
		return (size_t)snprintf(out, 8, "\\u%04x",
			0xD000u | ((unsigned char)text[1] & 0x3Fu) << 6 | ((unsigned char)text[2] & 0x3Fu));
	return 0;
}

/* How many bytes from text on stand for themselves. */
static size_t plain_run(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (unsigned char)text[n] >= 0x20 && text[n] != '"' && text[n] != '\\' && (unsigned char)text[n] != 0xED)
		n++;
	return n;
}

size_t exact_json_quote(char *out, const char *text, size_t len)
{
	size_t size = 2, i = 0;

	if (out)
		*out++ = '"';
	while (i < len) {
		size_t run = plain_run(text + i, len - i), n;
		char code[8];

		if (out && run)
			out = put(out, text + i, run);
		size += run;
		i += run;
		if (i == len)
			break;
		n = escape(code, text + i, len - i);
		if (out)
			out = n ? put(out, code, n) : put(out, text + i, 1);
		i += n && (unsigned char)text[i] == 0xED ? 3 : 1;
		size += n ? n : 1;
	}
	if (out)
		*out = '"';
	return size;
}

static void print_string(struct buf *out, const char *text, size_t len)
{
	size_t size = exact_json_quote(NULL, text, len);
	char *quoted = mem_resize(NULL, size, 1);

	exact_json_quote(quoted, text, len);
	buf_add(out, quoted, size);
	free(quoted);
}

/*
 * The fewest digits that read back as the number. Out: digits (at most 17,
 * NUL behind); returns the place of the point, counted from the first digit.
 */
static int shortest(char digits[32], double number)
{
	int precision, exponent = 0;
	size_t count = 0, i;

	for (precision = 0; precision <= 16; precision++) {
		snprintf(digits, 32, "%.*e", precision, number);
		/* The same locale wrote it, so the same one reads its point. */
		if (!(strtod(digits, NULL) < number) && !(strtod(digits, NULL) > number))
			break;
	}
	for (i = 0; digits[i] && digits[i] != 'e'; i++)
		if (digits[i] >= '0' && digits[i] <= '9')
			digits[count++] = digits[i];
	if (digits[i])
		exponent = atoi(digits + i + 1);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
	return exponent + 1;
}

/* Number::toString for a finite number above zero. */
static void format_positive(struct buf *out, double number)
{
	char digits[32];
	int point = shortest(digits, number), count = (int)strlen(digits), i;

	if (point > 21 || point <= -6) {
		buf_add(out, digits, 1);
		if (count > 1)
			buf_add_format(out, ".%s", digits + 1);
		buf_add_format(out, "e%+d", point - 1);
		return;
	}
	if (point <= 0) {
		buf_add_text(out, "0.");
		for (i = point; i < 0; i++)
			buf_add_byte(out, '0');
		buf_add_text(out, digits);
		return;
	}
	buf_add(out, digits, (size_t)(count < point ? count : point));
	for (i = count; i < point; i++)
		buf_add_byte(out, '0');
	if (count > point)
		buf_add_format(out, ".%s", digits + point);
}

const char *exact_json_format_number(char out[EXACT_NUMBER_SIZE], double number)
{
	struct buf text = BUF_INIT;

	if (!isfinite(number))
		buf_add_text(&text, "null");
	else if (!(number < 0) && !(number > 0))
		buf_add_text(&text, "0");
	if (!text.len) {
		if (number < 0)
			buf_add_byte(&text, '-');
		format_positive(&text, fabs(number));
	}
	snprintf(out, EXACT_NUMBER_SIZE, "%s", buf_text(&text));
	buf_clear(&text);
	return out;
}

static void new_line(struct printer *p)
{
	unsigned i;

	if (!p->indent)
		return;
	buf_add_byte(p->out, '\n');
	for (i = 0; i < p->indent * p->depth; i++)
		buf_add_byte(p->out, ' ');
}

struct place {
	const struct exact_member *member;
	size_t position;
	unsigned long index;
	bool is_index;
	bool sort;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = 0;

	if (a->is_index != b->is_index)
		return a->is_index ? -1 : 1;
	if (a->is_index)
		order = (a->index > b->index) - (a->index < b->index);
	else if (a->sort)
		order = exact_json_compare_text(a->member->name, a->member->name_len, b->member->name, b->member->name_len);
	return order ? order : (a->position > b->position) - (a->position < b->position);
}

/* The members in the order they are printed; returns how many, *out is the caller's to free. */
static size_t order_members(const struct exact_json *object, bool sort, struct place **out)
{
	size_t count = 0, i;

	*out = mem_new(object->as.list.count, sizeof(struct place));
	for (i = 0; i < object->as.list.count; i++) {
		const struct exact_member *member = &object->as.list.members[i];
		struct place *place = &(*out)[count];

		if (sort && strcmp(member->name, "__proto__") == 0 && member->name_len == 9)
			continue;
		*place = (struct place){ .member = member, .position = i, .sort = sort };
		place->is_index = exact_json_is_index(member->name, member->name_len, &place->index);
		count++;
	}
	qsort(*out, count, sizeof(struct place), compare_places);
	return count;
}

static void print_object(struct printer *p, const struct exact_json *object, bool sort)
{
	struct place *places;
	size_t count, i;

	sort = sort && !exact_json_get(object, "constructor");
	count = order_members(object, sort, &places);
	buf_add_byte(p->out, '{');
	p->depth++;
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_byte(p->out, ',');
		new_line(p);
		print_string(p->out, places[i].member->name, places[i].member->name_len);
		buf_add_text(p->out, p->indent ? ": " : ":");
		print_value(p, places[i].member->value, sort);
	}
	p->depth--;
	if (count)
		new_line(p);
	buf_add_byte(p->out, '}');
	free(places);
}

static void print_array(struct printer *p, const struct exact_json *array, bool sort)
{
	size_t count = exact_json_count(array), i;

	buf_add_byte(p->out, '[');
	p->depth++;
	for (i = 0; i < count; i++) {
		if (i)
			buf_add_byte(p->out, ',');
		new_line(p);
		print_value(p, exact_json_item(array, i), sort);
	}
	p->depth--;
	if (count)
		new_line(p);
	buf_add_byte(p->out, ']');
}

static void print_value(struct printer *p, const struct exact_json *value, bool sort)
{
	char number[EXACT_NUMBER_SIZE];

	switch (exact_json_kind(value)) {
	case EXACT_BOOL:
		buf_add_text(p->out, value->flag ? "true" : "false");
		break;
	case EXACT_NUMBER:
		buf_add_text(p->out, exact_json_format_number(number, value->as.number));
		break;
	case EXACT_STRING:
		print_string(p->out, value->as.string.text, value->as.string.len);
		break;
	case EXACT_ARRAY:
		print_array(p, value, sort);
		break;
	case EXACT_OBJECT:
		print_object(p, value, sort);
		break;
	default:
		buf_add_text(p->out, "null");
		break;
	}
}

void exact_json_print(struct buf *out, const struct exact_json *value, struct exact_json_style style)
{
	struct printer p = { .out = out, .indent = style.indent };

	print_value(&p, value, style.sort);
}
