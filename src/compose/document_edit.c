/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing a document's text member by member. What is not changed keeps its
 * bytes; what is new takes the white space of what stands beside it. After
 * each change the text is parsed again, so tree and text never part.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/document_inside.h"

/* Where a member stands in the text, as offsets. */
struct place {
	size_t space;             /* white space before the name begins */
	size_t name, name_end;    /* with its quotes */
	size_t value, value_end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t back_over_space(const char *text, size_t at)
{
	while (at && is_space(text[at - 1]))
		at--;
	return at;
}

static bool is_escaped(const char *text, size_t at)
{
	size_t slashes = 0;

	while (slashes < at && text[at - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

static struct place find_place(const char *text, const struct exact_json *value)
{
	struct place place = { 0 };
	size_t len = 0;

	if (!exact_json_span(value, &place.value, &len))
		mem_die("a document's member has no place in its text");
	place.value_end = place.value + len;
	/* Back over the colon to the name's closing quote, then to its opening one. */
	place.name_end = back_over_space(text, back_over_space(text, place.value) - 1);
	place.name = place.name_end - 2;
	while (text[place.name] != '"' || is_escaped(text, place.name))
		place.name--;
	place.space = back_over_space(text, place.name);
	return place;
}

/* The member that stands last in the text; false when there is none. */
static bool find_last(const struct compose_document *document, struct place *last)
{
	size_t i, at, len, end = 0;
	const struct exact_json *found = NULL;

	for (i = 0; i < exact_json_count(document->tree); i++) {
		const struct exact_json *value = exact_json_item(document->tree, i);

		if (exact_json_span(value, &at, &len) && at + len > end) {
			end = at + len;
			found = value;
		}
	}
	if (found)
		*last = find_place(document->raw.data, found);
	return found != NULL;
}

/* Puts bytes in the place of [from, to) and parses the result. */
static void splice(struct compose_document *document, size_t from, size_t to, const struct buf *bytes)
{
	struct buf text = BUF_INIT;
	struct exact_json *tree;
	struct error err;

	buf_add(&text, document->raw.data, from);
	buf_add(&text, buf_text(bytes), bytes->len);
	buf_add(&text, document->raw.data + to, document->raw.len - to);
	tree = exact_json_parse(buf_text(&text), text.len, &err);
	if (!tree)
		mem_die("a changed document is no JSON any more");
	exact_json_free(document->tree);
	buf_clear(&document->raw);
	document->tree = tree;
	document->raw = text;
}

/* White space and commas of an array in this document. */
struct array_style {
	struct buf open, between, close;
};

static void copy_array_style(struct array_style *style, const char *text, const struct exact_json *array)
{
	size_t at = 0, len = 0, first = 0, first_len = 0, next, next_len, last, last_len;
	size_t count = exact_json_count(array);

	exact_json_span(array, &at, &len);
	exact_json_span(exact_json_item(array, 0), &first, &first_len);
	buf_add(&style->open, text + at + 1, first - at - 1);
	if (count > 1 && exact_json_span(exact_json_item(array, 1), &next, &next_len)) {
		buf_add(&style->between, text + first + first_len, next - first - first_len);
	} else {
		buf_add_byte(&style->between, ',');
		buf_add(&style->between, buf_text(&style->open), style->open.len);
	}
	if (exact_json_span(exact_json_item(array, count - 1), &last, &last_len))
		buf_add(&style->close, text + last + last_len, at + len - 1 - last - last_len);
}

/* No array to look at: as the members themselves are set. */
static void guess_array_style(struct array_style *style, const char *text, const struct place *beside)
{
	size_t space = beside->name - beside->space;
	const char *line = memchr(text + beside->space, '\n', space);

	buf_add_byte(&style->between, ',');
	if (line) {
		buf_add(&style->open, text + beside->space, space);
		buf_add(&style->open, line + 1, (size_t)(text + beside->name - line) - 1);
		buf_add(&style->between, buf_text(&style->open), style->open.len);
		buf_add(&style->close, text + beside->space, space);
	} else {
		buf_add(&style->between, text + beside->space, space);
	}
}

static void print_array(struct buf *out, const struct exact_json *value, const struct array_style *style)
{
	size_t i, count = exact_json_count(value);

	buf_add_byte(out, '[');
	for (i = 0; i < count; i++) {
		const struct buf *space = i ? &style->between : &style->open;

		buf_add(out, buf_text(space), space->len);
		exact_json_print(out, exact_json_item(value, i), (struct exact_json_style){ 0 });
	}
	if (count)
		buf_add(out, buf_text(&style->close), style->close.len);
	buf_add_byte(out, ']');
}

/* beside: a member whose white space a new array takes when there is no old one. */
static void print_value(struct buf *out, const struct compose_document *document, const struct exact_json *old,
	const struct place *beside, const struct exact_json *value)
{
	struct array_style style = { 0 };

	if (exact_json_kind(value) != EXACT_ARRAY) {
		exact_json_print(out, value, (struct exact_json_style){ 0 });
		return;
	}
	if (exact_json_kind(old) == EXACT_ARRAY && exact_json_count(old))
		copy_array_style(&style, document->raw.data, old);
	else if (beside)
		guess_array_style(&style, document->raw.data, beside);
	else
		buf_add_byte(&style.between, ',');
	print_array(out, value, &style);
	buf_clear(&style.open);
	buf_clear(&style.between);
	buf_clear(&style.close);
}

static void add_member(struct compose_document *document, const char *name, const struct exact_json *value)
{
	struct exact_json *quoted = exact_json_new_string(name, strlen(name));
	struct buf text = BUF_INIT;
	struct place last;
	bool first = !find_last(document, &last);
	size_t at = first ? (size_t)(strchr(document->raw.data, '{') - document->raw.data) + 1 : last.value_end;

	if (!first) {
		buf_add_byte(&text, ',');
		buf_add(&text, document->raw.data + last.space, last.name - last.space);
	}
	exact_json_print(&text, quoted, (struct exact_json_style){ 0 });
	if (first)
		buf_add_byte(&text, ':');
	else
		buf_add(&text, document->raw.data + last.name_end, last.value - last.name_end);
	print_value(&text, document, NULL, first ? NULL : &last, value);
	splice(document, at, at, &text);
	buf_clear(&text);
	exact_json_free(quoted);
}

void compose_document_set(struct compose_document *document, const char *name, const struct exact_json *value)
{
	const struct exact_json *old = exact_json_get(document->tree, name);
	struct buf text = BUF_INIT;
	struct place place;

	if (!old) {
		add_member(document, name, value);
		return;
	}
	place = find_place(document->raw.data, old);
	print_value(&text, document, old, &place, value);
	splice(document, place.value, place.value_end, &text);
	buf_clear(&text);
}

static void remove_one(struct compose_document *document, const struct exact_json *value)
{
	const char *text = document->raw.data;
	struct place place = find_place(text, value);
	size_t from = place.name, to = place.value_end;
	struct buf none = BUF_INIT;

	if (place.space && text[place.space - 1] == ',') {
		from = place.space - 1;
	} else {
		/* The first member: the comma behind it goes, and the next one takes its place. */
		while (is_space(text[to]))
			to++;
		if (text[to] == ',') {
			for (to++; is_space(text[to]); to++)
				;
		} else {
			to = place.value_end;
		}
	}
	splice(document, from, to, &none);
}

bool compose_document_remove(struct compose_document *document, const char *name)
{
	const struct exact_json *value;
	bool removed = false;

	/* A repeated name comes back with its earlier value, so until it is gone. */
	while ((value = exact_json_get(document->tree, name))) {
		remove_one(document, value);
		removed = true;
	}
	return removed;
}

/* Sets the member when its value differs; takes the value over. */
static void change_member(struct compose_document *document, const char *name, struct exact_json *value)
{
	if (!exact_json_equal(exact_json_get(document->tree, name), value))
		compose_document_set(document, name, value);
	exact_json_free(value);
}

static void change_flag(struct compose_document *document, const char *name, enum compose_flag flag)
{
	if (flag != COMPOSE_KEEP)
		change_member(document, name, exact_json_new_bool(flag == COMPOSE_ON));
}

static void change_envs(struct compose_document *document, const struct compose_change *change)
{
	struct exact_json *names = exact_json_new_array();
	size_t i;

	for (i = 0; i < change->allowed_env_count; i++)
		exact_json_append(names, exact_json_new_string(change->allowed_envs[i], strlen(change->allowed_envs[i])));
	change_member(document, "allowed_envs", names);
}

static bool check_text(const char *what, const char *text, size_t len, struct error *err)
{
	if (!text || text_is_utf8(text, len))
		return true;
	return error_set(err, STATUS_INPUT, "not-utf8", "the %s is not UTF-8 text, so it has no place in app-compose.json", what);
}

static bool check_change(const struct compose_document *present, const struct compose_change *change, struct error *err)
{
	size_t compose = 0, script = 0, i;

	compose_document_string(present, "docker_compose_file", &compose);
	compose_document_string(present, "pre_launch_script", &script);
	if (change->docker_compose_file)
		compose = change->docker_compose_len;
	if (change->pre_launch_script)
		script = change->pre_launch_len;
	if ((change->docker_compose_file || change->pre_launch_script) && compose + script > LIMIT_COMPOSE)
		return error_set(err, STATUS_INPUT, "compose-too-large",
			"the compose file and the pre-launch script have %zu bytes together; Phala Cloud takes at most %d",
			compose + script, LIMIT_COMPOSE);
	for (i = 0; change->set_allowed_envs && i < change->allowed_env_count; i++)
		if (!check_text("name of an env variable", change->allowed_envs[i], strlen(change->allowed_envs[i]), err))
			return false;
	return check_text("compose file", change->docker_compose_file, change->docker_compose_len, err) &&
		check_text("pre-launch script", change->pre_launch_script, change->pre_launch_len, err);
}

struct compose_document *compose_document_change(const struct compose_document *present, const struct compose_change *change,
	struct error *err)
{
	struct compose_document *document;

	if (!check_change(present, change, err))
		return NULL;
	document = compose_document_copy(present);
	if (change->docker_compose_file)
		change_member(document, "docker_compose_file",
			exact_json_new_string(change->docker_compose_file, change->docker_compose_len));
	if (change->pre_launch_script)
		change_member(document, "pre_launch_script",
			exact_json_new_string(change->pre_launch_script, change->pre_launch_len));
	if (change->set_allowed_envs)
		change_envs(document, change);
	change_flag(document, "public_logs", change->public_logs);
	change_flag(document, "public_sysinfo", change->public_sysinfo);
	change_flag(document, "public_tcbinfo", change->public_tcbinfo);
	return document;
}
