/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints app-compose documents. Keys are sorted as ECMAScript orders them: array
 * indexes first by number, then the rest by UTF-16 code unit (where a character
 * above U+FFFF sorts before U+E000, unlike in UTF-8).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sandbox/manifest.h"

struct print {
	struct buf *out;
	size_t indent; /* 0: compact */
	bool sorted;
};

static bool key_is_index(const char *key, uint64_t *index)
{
	size_t len = strlen(key);
	if (len == 0 || len > 10 || strspn(key, "0123456789") != len || (key[0] == '0' && len > 1))
		return false;
	*index = strtoull(key, NULL, 10);
	return *index < UINT32_MAX;
}

/* The first UTF-16 code unit of a character. */
static uint32_t unit_of(uint32_t cp)
{
	return cp < 0x10000 ? cp : 0xd800 + ((cp - 0x10000) >> 10);
}

static int text_compare(const char *a, const char *b)
{
	size_t a_left = strlen(a), b_left = strlen(b);
	while (a_left > 0 && b_left > 0) {
		uint32_t ca = 0, cb = 0;
		size_t na = text_decode(a, a_left, &ca), nb = text_decode(b, b_left, &cb);
		if (ca != cb)
			return unit_of(ca) != unit_of(cb) ? (unit_of(ca) < unit_of(cb) ? -1 : 1) : (ca < cb ? -1 : 1);
		a += na;
		b += nb;
		a_left -= na;
		b_left -= nb;
	}
	return (a_left > 0) - (b_left > 0);
}

static int member_compare(const void *left, const void *right)
{
	const char *a = json_name(*(const json *const *)left), *b = json_name(*(const json *const *)right);
	uint64_t ia = 0, ib = 0;
	bool a_index = key_is_index(a, &ia), b_index = key_is_index(b, &ib);
	if (a_index && b_index)
		return (ia > ib) - (ia < ib);
	if (a_index != b_index)
		return a_index ? -1 : 1;
	return text_compare(a, b);
}

static void print_break(struct print *print, size_t depth)
{
	if (print->indent == 0)
		return;
	buf_add_byte(print->out, '\n');
	for (size_t i = 0; i < depth * print->indent; i++)
		buf_add_byte(print->out, ' ');
}

static void print_value(struct print *print, const json *value, size_t depth);

static void print_list(struct print *print, const json **items, size_t count, bool object, size_t depth)
{
	buf_add_byte(print->out, object ? '{' : '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_byte(print->out, ',');
		print_break(print, depth + 1);
		if (object) {
			json_quote(print->out, json_name(items[i]), strlen(json_name(items[i])));
			buf_add_text(print->out, print->indent > 0 ? ": " : ":");
		}
		print_value(print, items[i], depth + 1);
	}
	if (count > 0)
		print_break(print, depth);
	buf_add_byte(print->out, object ? '}' : ']');
}

static void print_value(struct print *print, const json *value, size_t depth)
{
	enum json_kind kind = json_kind(value);
	if (kind != JSON_OBJECT && kind != JSON_ARRAY) {
		json_print(print->out, value);
		return;
	}
	size_t count = 0;
	const json **items = mem_new(json_count(value) + 1, sizeof(json *));
	for (const json *child = json_first(value); child != NULL; child = json_next(child))
		items[count++] = child;
	if (kind == JSON_OBJECT && print->sorted)
		qsort(items, count, sizeof(json *), member_compare);
	print_list(print, items, count, kind == JSON_OBJECT, depth);
	free(items);
}

/* What two of the three tools leave out before they hash. */
static bool member_is_dropped(const json *document, const json *member)
{
	const char *runner = json_text(document, "runner");
	if (text_equal(json_name(member), "docker_compose_file"))
		return text_equal(runner, "bash");
	if (text_equal(json_name(member), "bash_script"))
		return text_equal(runner, "docker-compose");
	if (text_equal(json_name(member), "pre_launch_script"))
		return json_kind(member) == JSON_NULL || json_string(member, "x")[0] == '\0';
	return false;
}

static json *manifest_normalize(const json *document)
{
	json *kept = json_new_object();
	for (const json *member = json_first(document); member != NULL; member = json_next(member))
		if (!member_is_dropped(document, member))
			json_add(kept, json_name(member), json_copy(member));
	return kept;
}

/* One tool closes up `": ` everywhere, inside strings too. */
static void close_colons(struct buf *out, const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		buf_add_byte(out, *p);
		if (p[0] == '"' && p[1] == ':' && p[2] == ' ') {
			buf_add_byte(out, ':');
			p += 2;
		}
	}
}

void sb_manifest_print(struct buf *out, const json *document, enum sb_form form)
{
	bool normal = form == SB_FORM_NORMALIZED || form == SB_FORM_PRETTY;
	json *kept = normal ? manifest_normalize(document) : json_copy(document);
	struct buf text = BUF_INIT;
	size_t indent = form == SB_FORM_PRETTY ? 4 : form == SB_FORM_RAW ? 2 : 0;
	struct print print = { .out = form == SB_FORM_PRETTY ? &text : out, .indent = indent, .sorted = form != SB_FORM_RAW };
	print_value(&print, kept, 0);
	if (form == SB_FORM_PRETTY)
		close_colons(out, buf_text(&text));
	if (form == SB_FORM_RAW)
		buf_add_byte(out, '\n');
	buf_clear(&text);
	json_free(kept);
}

static const char *const hashed_members[] = { "docker_compose_file", "pre_launch_script", "allowed_envs", "public_logs",
	"public_sysinfo", "public_tcbinfo" };
enum { HASHED_MEMBERS = sizeof(hashed_members) / sizeof(hashed_members[0]) };

static bool member_is_hashed(const char *name)
{
	for (size_t i = 0; i < HASHED_MEMBERS; i++)
		if (text_equal(name, hashed_members[i]))
			return true;
	return false;
}

static bool update_sets(const json *update, const char *name)
{
	enum json_kind kind = json_kind(json_member(update, name));
	return kind != JSON_MISSING && kind != JSON_NULL;
}

bool sb_manifest_touches(const json *update)
{
	for (size_t i = 0; i < HASHED_MEMBERS; i++)
		if (update_sets(update, hashed_members[i]))
			return true;
	return false;
}

json *sb_manifest_apply(const json *document, const json *update)
{
	json *changed = json_new_object();
	for (const json *member = json_first(document); member != NULL; member = json_next(member)) {
		const char *name = json_name(member);
		bool replaced = member_is_hashed(name) && update_sets(update, name);
		json_add(changed, name, json_copy(replaced ? json_member(update, name) : member));
	}
	for (size_t i = 0; i < HASHED_MEMBERS; i++)
		if (update_sets(update, hashed_members[i]) && json_member(changed, hashed_members[i]) == NULL)
			json_add(changed, hashed_members[i], json_copy(json_member(update, hashed_members[i])));
	return changed;
}
