/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, their forms and hashes. Changing them: document_edit.c. */
#include "compose/document.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "compose/document_inside.h"

const char *compose_form_name(enum compose_form form)
{
	static const char *const names[] = { "raw", "compact", "compact_normalized", "pretty" };

	return form < COMPOSE_FORMS ? names[form] : "unknown";
}

struct compose_document *compose_document_parse(const char *text, size_t len, bool exact, struct error *err)
{
	struct exact_json *tree = exact_json_parse(text, len, err);
	struct compose_document *document;

	if (!tree)
		return NULL;
	if (exact_json_kind(tree) != EXACT_OBJECT) {
		exact_json_free(tree);
		error_set(err, STATUS_INPUT, "not-app-compose", "this is JSON, but no app-compose document: that is an object");
		return NULL;
	}
	document = mem_new(1, sizeof(*document));
	document->tree = tree;
	document->exact = exact;
	buf_add(&document->raw, text, len);
	return document;
}

struct compose_document *compose_document_copy(const struct compose_document *document)
{
	struct error err;
	struct compose_document *copy = compose_document_parse(buf_text(&document->raw), document->raw.len, document->exact, &err);

	if (!copy)
		mem_die("a document's own text does not parse");
	return copy;
}

void compose_document_free(struct compose_document *document)
{
	if (!document)
		return;
	exact_json_free(document->tree);
	buf_clear(&document->raw);
	free(document);
}

const struct exact_json *compose_document_tree(const struct compose_document *document)
{
	return document->tree;
}

const char *compose_document_raw(const struct compose_document *document, size_t *len)
{
	if (len)
		*len = document->raw.len;
	return buf_text(&document->raw);
}

const char *compose_document_string(const struct compose_document *document, const char *name, size_t *len)
{
	return exact_json_string(exact_json_get(document->tree, name), len);
}

static bool is_word(const struct exact_json *value, const char *word)
{
	size_t len;
	const char *text = exact_json_string(value, &len);

	return text && len == strlen(word) && memcmp(text, word, len) == 0;
}

/* ECMAScript's idea of a value that counts as false. */
static bool is_falsy(const struct exact_json *value)
{
	size_t len;
	double number;

	switch (exact_json_kind(value)) {
	case EXACT_NULL:
		return true;
	case EXACT_BOOL:
		return !exact_json_bool(value, true);
	case EXACT_STRING:
		return exact_json_string(value, &len) && len == 0;
	case EXACT_NUMBER:
		number = exact_json_number(value, 1);
		return !(number < 0) && !(number > 0);
	default:
		return false;
	}
}

static void set_index(struct exact_json *object, size_t index, struct exact_json *child)
{
	char *name = mem_printf("%zu", index);

	exact_json_set(object, name, child);
	free(name);
}

/* One UTF-16 code unit as WTF-8. */
static struct exact_json *new_unit(uint32_t unit)
{
	char bytes[3] = { (char)(0xE0 | unit >> 12), (char)(0x80 | (unit >> 6 & 0x3F)), (char)(0x80 | (unit & 0x3F)) };

	return exact_json_new_string(bytes, 3);
}

/* `{...text}`: a member for each UTF-16 code unit. */
static struct exact_json *spread_string(const char *text, size_t len)
{
	struct exact_json *object = exact_json_new_object();
	size_t at = 0, index = 0;

	while (at < len) {
		const unsigned char *s = (const unsigned char *)text + at;
		size_t n = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
		uint32_t cp;

		if (n < 4) {
			set_index(object, index++, exact_json_new_string(text + at, n));
		} else {
			cp = ((s[0] & 7u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu)) - 0x10000;
			set_index(object, index++, new_unit(0xD800 + (cp >> 10)));
			set_index(object, index++, new_unit(0xDC00 + (cp & 0x3FF)));
		}
		at += n;
	}
	return object;
}

/* `{...value}`, with which the tools begin to normalize. */
static struct exact_json *spread(const struct exact_json *value)
{
	struct exact_json *object;
	size_t i, len;
	const char *text;

	if (exact_json_kind(value) == EXACT_OBJECT)
		return exact_json_copy(value);
	text = exact_json_string(value, &len);
	if (text)
		return spread_string(text, len);
	object = exact_json_new_object();
	for (i = 0; i < exact_json_count(value); i++)
		set_index(object, i, exact_json_copy(exact_json_item(value, i)));
	return object;
}

static struct exact_json *normalize(const struct exact_json *value)
{
	struct exact_json *object = spread(value);
	const struct exact_json *runner = exact_json_get(object, "runner");

	if (is_word(runner, "bash"))
		exact_json_remove(object, "docker_compose_file");
	else if (is_word(runner, "docker-compose"))
		exact_json_remove(object, "bash_script");
	if (is_falsy(exact_json_get(object, "pre_launch_script")))
		exact_json_remove(object, "pre_launch_script");
	return object;
}

/* Takes the space out of every `": `, wherever it stands. */
static void squeeze(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len, *found;

	while ((found = memmem(text, (size_t)(end - text), "\": ", 3))) {
		buf_add(out, text, (size_t)(found - text) + 2);
		text = found + 3;
	}
	buf_add(out, text, (size_t)(end - text));
}

static void print_normalized(struct buf *out, const struct exact_json *tree, enum compose_form form)
{
	struct exact_json *normal = normalize(tree);
	struct buf indented = BUF_INIT;

	if (form == COMPOSE_PRETTY) {
		exact_json_print(&indented, normal, (struct exact_json_style){ .indent = 4, .sort = true });
		squeeze(out, buf_text(&indented), indented.len);
	} else {
		exact_json_print(out, normal, (struct exact_json_style){ .sort = true });
	}
	buf_clear(&indented);
	exact_json_free(normal);
}

void compose_form_print(struct buf *out, const struct exact_json *tree, const char *raw, size_t raw_len, enum compose_form form)
{
	if (form == COMPOSE_RAW)
		buf_add(out, raw, raw_len);
	else if (form == COMPOSE_COMPACT)
		exact_json_print(out, tree, (struct exact_json_style){ .sort = true });
	else
		print_normalized(out, tree, form);
}

static void hash_text(char out[HASH_HEX_SIZE], const char *text, size_t len)
{
	uint8_t digest[HASH_SIZE];

	hash_sha256(digest, text, len);
	hex_encode(out, digest, HASH_SIZE);
}

static void hash_form(char out[HASH_HEX_SIZE], const struct exact_json *tree, const char *raw, size_t len, enum compose_form form)
{
	struct buf text = BUF_INIT;

	compose_form_print(&text, tree, raw, len, form);
	hash_text(out, buf_text(&text), text.len);
	buf_clear(&text);
}

void compose_document_hash(const struct compose_document *document, enum compose_form form, char out[HASH_HEX_SIZE])
{
	out[0] = '\0';
	if (form < COMPOSE_FORMS && (form != COMPOSE_RAW || document->exact))
		hash_form(out, document->tree, buf_text(&document->raw), document->raw.len, form);
}

void compose_document_hashes(const struct compose_document *document, struct compose_hashes *out)
{
	unsigned form;

	for (form = 0; form < COMPOSE_FORMS; form++)
		compose_document_hash(document, (enum compose_form)form, out->hex[form]);
}

bool compose_text_hashes(const char *text, size_t len, struct compose_hashes *out)
{
	struct error err;
	struct exact_json *tree = exact_json_parse(text, len, &err);
	unsigned form;

	*out = (struct compose_hashes){ 0 };
	hash_text(out->hex[COMPOSE_RAW], text, len);
	for (form = COMPOSE_COMPACT; tree && form < COMPOSE_FORMS; form++)
		hash_form(out->hex[form], tree, text, len, (enum compose_form)form);
	exact_json_free(tree);
	return tree != NULL;
}

bool compose_hash_equal(const char *a, const char *b)
{
	uint8_t left[HASH_SIZE], right[HASH_SIZE];

	return hex_decode(left, HASH_SIZE, a) && hex_decode(right, HASH_SIZE, b) && memcmp(left, right, HASH_SIZE) == 0;
}

bool compose_calibrate(const struct compose_document *present, const char *reported, struct compose_calibration *out)
{
	/* A rule comes before the bytes as they are: it says how the next text will be made, those do not. */
	static const enum compose_form order[] = { COMPOSE_PRETTY, COMPOSE_COMPACT_NORMALIZED, COMPOSE_COMPACT, COMPOSE_RAW };
	struct compose_hashes hashes;
	size_t i;

	*out = (struct compose_calibration){ .form = COMPOSE_FORM_UNKNOWN };
	compose_document_hashes(present, &hashes);
	for (i = 0; i < COMPOSE_FORMS; i++) {
		if (!compose_hash_equal(hashes.hex[order[i]], reported))
			continue;
		if (!out->matches)
			out->form = order[i];
		out->matches |= 1u << order[i];
	}
	return out->matches != 0;
}

bool compose_calibration_accepts(const struct compose_calibration *calibration, const struct compose_hashes *hashes,
	const char *reported, enum compose_form *form)
{
	unsigned i;

	for (i = 0; i < COMPOSE_FORMS; i++) {
		if (!(calibration->matches & 1u << i) || !compose_hash_equal(hashes->hex[i], reported))
			continue;
		if (form)
			*form = (enum compose_form)i;
		return true;
	}
	return false;
}

static void hash_member(char out[HASH_HEX_SIZE], const struct compose_document *document, const char *name)
{
	size_t len;
	const char *text = compose_document_string(document, name, &len);

	out[0] = '\0';
	if (text)
		hash_text(out, text, len);
}

void compose_document_parts(const struct compose_document *document, struct compose_parts *out)
{
	struct exact_json *rest = exact_json_copy(document->tree);

	hash_member(out->compose, document, "docker_compose_file");
	hash_member(out->script, document, "pre_launch_script");
	if (out->compose[0])
		exact_json_remove(rest, "docker_compose_file");
	if (out->script[0])
		exact_json_remove(rest, "pre_launch_script");
	hash_form(out->rest, rest, NULL, 0, COMPOSE_COMPACT);
	exact_json_free(rest);
}
