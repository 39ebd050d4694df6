/* SPDX-License-Identifier: Apache-2.0 */
/* The causes are one table; each row changes a copy of the document, and the copy is hashed. */
#include "compose/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Bytes of documents looked at before giving up. */
enum { WORK_CEILING = 32 * 1024 * 1024 };

struct search {
	const struct compose_question *question;
	struct compose_explanation *out;
	size_t work;
};

struct cause;
/* Changes the document; false when the cause does not apply to it. */
typedef bool apply_cause(const struct search *search, const struct cause *cause, struct compose_document *document);

struct cause {
	const char *field;
	apply_cause *apply;
	const char *value; /* JSON text for apply_value */
	const char *text;  /* for a person; NULL: said from field and value */
};

static bool set_value(struct compose_document *document, const char *field, struct exact_json *value)
{
	bool other = !exact_json_equal(exact_json_get(compose_document_tree(document), field), value);

	if (other)
		compose_document_set(document, field, value);
	exact_json_free(value);
	return other;
}

static bool apply_value(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	(void)search;
	return set_value(document, cause->field, exact_json_parse(cause->value, strlen(cause->value), NULL));
}

static bool apply_absent(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	(void)search;
	return compose_document_remove(document, cause->field);
}

/* As the CVM has it now. */
static bool apply_present(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	const struct exact_json *value = exact_json_get(compose_document_tree(search->question->present), cause->field);

	if (!value)
		return false;
	return set_value(document, cause->field, exact_json_copy(value));
}

static bool set_text(struct compose_document *document, const char *field, const struct buf *text)
{
	return set_value(document, field, exact_json_new_string(buf_text(text), text->len));
}

static bool apply_lf(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len, i;
	const char *old = compose_document_string(document, cause->field, &len);
	struct buf text = BUF_INIT;
	bool other;

	(void)search;
	for (i = 0; old && i < len; i++)
		if (old[i] != '\r' || i + 1 == len || old[i + 1] != '\n')
			buf_add_byte(&text, old[i]);
	other = old && set_text(document, cause->field, &text);
	buf_clear(&text);
	return other;
}

static bool apply_crlf(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len, i;
	const char *old = compose_document_string(document, cause->field, &len);
	struct buf text = BUF_INIT;
	bool other;

	(void)search;
	for (i = 0; old && i < len; i++) {
		if (old[i] == '\n' && (!i || old[i - 1] != '\r'))
			buf_add_byte(&text, '\r');
		buf_add_byte(&text, old[i]);
	}
	other = old && set_text(document, cause->field, &text);
	buf_clear(&text);
	return other;
}

static bool apply_final_feed(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len;
	const char *old = compose_document_string(document, cause->field, &len);
	struct buf text = BUF_INIT;

	(void)search;
	if (!old || (len && old[len - 1] == '\n'))
		return false;
	buf_add(&text, old, len);
	buf_add_byte(&text, '\n');
	set_text(document, cause->field, &text);
	buf_clear(&text);
	return true;
}

static bool cut_text(struct compose_document *document, const char *field, size_t from, size_t to)
{
	const char *old = compose_document_string(document, field, NULL);

	return set_value(document, field, exact_json_new_string(old + from, to - from));
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool apply_one_feed_less(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len;
	const char *old = compose_document_string(document, cause->field, &len);

	(void)search;
	if (!old || !len || old[len - 1] != '\n')
		return false;
	return cut_text(document, cause->field, 0, len - (len > 1 && old[len - 2] == '\r' ? 2 : 1));
}

static bool apply_no_end_space(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len = 0, end;
	const char *old = compose_document_string(document, cause->field, &len);

	(void)search;
	for (end = len; end && is_blank(old[end - 1]); end--)
		;
	return old && cut_text(document, cause->field, 0, end);
}

static bool apply_trimmed(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	size_t len = 0, end, start = 0;
	const char *old = compose_document_string(document, cause->field, &len);

	(void)search;
	for (end = len; end && is_blank(old[end - 1]); end--)
		;
	while (start < end && is_blank(old[start]))
		start++;
	return old && cut_text(document, cause->field, start, end);
}

static bool holds(const struct exact_json *list, const char *text, size_t len)
{
	size_t i, item_len;

	for (i = 0; i < exact_json_count(list); i++) {
		const char *item = exact_json_string(exact_json_item(list, i), &item_len);

		if (item && item_len == len && memcmp(item, text, len) == 0)
			return true;
	}
	return false;
}

static void append_names(struct exact_json *list, const struct compose_question *question)
{
	size_t i;

	for (i = 0; i < question->env_count; i++)
		if (!holds(list, question->env_names[i], strlen(question->env_names[i])))
			exact_json_append(list, exact_json_new_string(question->env_names[i], strlen(question->env_names[i])));
}

static bool apply_file_names(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	struct exact_json *list;

	if (!search->question->env_names)
		return false;
	list = exact_json_new_array();
	append_names(list, search->question);
	return set_value(document, cause->field, list);
}

static bool apply_all_names(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	const struct exact_json *present = exact_json_get(compose_document_tree(search->question->present), cause->field);
	struct exact_json *list;

	if (!search->question->env_names || exact_json_kind(present) != EXACT_ARRAY)
		return false;
	list = exact_json_copy(present);
	append_names(list, search->question);
	return set_value(document, cause->field, list);
}

static int compare_values(const void *left, const void *right)
{
	size_t a_len = 0, b_len = 0;
	const char *a = exact_json_string(*(const struct exact_json *const *)left, &a_len);
	const char *b = exact_json_string(*(const struct exact_json *const *)right, &b_len);

	return exact_json_compare_text(a ? a : "", a_len, b ? b : "", b_len);
}

static bool apply_sorted_names(const struct search *search, const struct cause *cause, struct compose_document *document)
{
	const struct exact_json *list = exact_json_get(compose_document_tree(document), cause->field), **items;
	struct exact_json *sorted;
	size_t count = exact_json_count(list), i;

	(void)search;
	if (exact_json_kind(list) != EXACT_ARRAY)
		return false;
	items = mem_new(count, sizeof(*items));
	for (i = 0; i < count; i++)
		items[i] = exact_json_item(list, i);
	qsort(items, count, sizeof(*items), compare_values);
	sorted = exact_json_new_array();
	for (i = 0; i < count; i++)
		exact_json_append(sorted, exact_json_copy(items[i]));
	free(items);
	return set_value(document, cause->field, sorted);
}

#define TEXT_CAUSES(field, name) \
	{ field, apply_lf, NULL, "the backend turned the " name "'s CRLF line ends into LF" }, \
	{ field, apply_crlf, NULL, "the backend turned the " name "'s LF line ends into CRLF" }, \
	{ field, apply_final_feed, NULL, "the backend put a line feed at the " name "'s end" }, \
	{ field, apply_one_feed_less, NULL, "the backend took the line feed off the " name "'s end" }, \
	{ field, apply_no_end_space, NULL, "the backend took the white space off the " name "'s end" }, \
	{ field, apply_trimmed, NULL, "the backend took the white space off both ends of the " name }

#define FLAG_CAUSES(field) \
	{ field, apply_value, "true", NULL }, { field, apply_value, "false", NULL }, { field, apply_absent, NULL, NULL }

#define OPTION_CAUSES(field) \
	{ field, apply_value, "null", NULL }, { field, apply_value, "\"\"", NULL }, { field, apply_absent, NULL, NULL }

/* The likely ones first: the first that fits is the answer. */
static const struct cause causes[] = {
	{ "allowed_envs", apply_present, NULL, "the backend kept the env names the CVM has now" },
	{ "allowed_envs", apply_file_names, NULL, "the backend replaced the env names by those of your env file" },
	{ "allowed_envs", apply_all_names, NULL, "the backend added the names of your env file to those the CVM has now" },
	{ "allowed_envs", apply_sorted_names, NULL, "the backend sorted the env names" },
	{ "allowed_envs", apply_value, "[]", "the backend emptied the list of env names" },
	{ "allowed_envs", apply_absent, NULL, NULL },
	{ "pre_launch_script", apply_absent, NULL, "the backend left the pre-launch script out" },
	{ "pre_launch_script", apply_value, "\"\"", "the backend has an empty pre-launch script" },
	{ "pre_launch_script", apply_value, "null", "the backend has null as the pre-launch script" },
	{ "pre_launch_script", apply_present, NULL, "the backend kept the pre-launch script the CVM has now" },
	{ "docker_compose_file", apply_present, NULL, "the backend kept the compose file the CVM has now" },
	TEXT_CAUSES("docker_compose_file", "compose file"),
	TEXT_CAUSES("pre_launch_script", "pre-launch script"),
	{ "public_logs", apply_present, NULL, "the backend kept public_logs as it is now" }, FLAG_CAUSES("public_logs"),
	{ "public_sysinfo", apply_present, NULL, "the backend kept public_sysinfo as it is now" }, FLAG_CAUSES("public_sysinfo"),
	{ "public_tcbinfo", apply_present, NULL, "the backend kept public_tcbinfo as it is now" }, FLAG_CAUSES("public_tcbinfo"),
	FLAG_CAUSES("kms_enabled"), FLAG_CAUSES("gateway_enabled"), FLAG_CAUSES("tproxy_enabled"),
	FLAG_CAUSES("local_key_provider_enabled"), FLAG_CAUSES("no_instance_id"), FLAG_CAUSES("secure_time"),
	{ "features", apply_value, "[\"kms\",\"tproxy-net\"]", NULL }, { "features", apply_value, "[\"kms\"]", NULL },
	{ "features", apply_value, "[]", NULL }, { "features", apply_absent, NULL, NULL },
	{ "storage_fs", apply_value, "\"zfs\"", NULL }, { "storage_fs", apply_value, "\"ext4\"", NULL }, OPTION_CAUSES("storage_fs"),
	{ "runner", apply_value, "\"docker-compose\"", NULL },
	{ "manifest_version", apply_value, "2", NULL }, { "manifest_version", apply_value, "1", NULL },
	{ "docker_config", apply_value, "{}", NULL }, { "docker_config", apply_absent, NULL, NULL },
	OPTION_CAUSES("salt"), OPTION_CAUSES("key_provider_id"), OPTION_CAUSES("bash_script"), OPTION_CAUSES("init_script"),
	OPTION_CAUSES("default_gateway_domain"),
};

enum { CAUSES = sizeof(causes) / sizeof(causes[0]) };

static void describe(struct compose_cause *out, const struct cause *cause)
{
	snprintf(out->field, sizeof(out->field), "%s", cause->field);
	if (cause->text)
		snprintf(out->text, sizeof(out->text), "%s", cause->text);
	else if (cause->apply == apply_absent)
		snprintf(out->text, sizeof(out->text), "the backend left %s out", cause->field);
	else
		snprintf(out->text, sizeof(out->text), "the backend set %s to %s", cause->field, cause->value);
}

static void describe_form(struct compose_explanation *out, const struct compose_question *question, enum compose_form form)
{
	struct compose_cause *cause;

	out->form = form;
	if (question->calibration->matches & 1u << form)
		return;
	cause = &out->causes[out->count++];
	cause->field[0] = '\0';
	snprintf(cause->text, sizeof(cause->text), "the backend hashed the form \"%s\", not \"%s\" as at the last update",
		compose_form_name(form), compose_form_name(question->calibration->form));
}

/* Hashes the document in one form; on a hit the document is taken over. */
static bool try_form(struct search *search, const struct compose_document *document, enum compose_form form)
{
	char hex[HASH_HEX_SIZE];
	size_t len;

	compose_document_raw(document, &len);
	search->work += len;
	search->out->tried++;
	compose_document_hash(document, form, hex);
	return compose_hash_equal(hex, search->question->reported);
}

/* forms: bits. Takes the document over. Returns whether it has the reported hash; then *out is filled but for the causes. */
static bool try_document(struct search *search, struct compose_document *document, unsigned forms)
{
	unsigned form;

	for (form = 0; form < COMPOSE_FORMS; form++) {
		if (!(forms & 1u << form) || !try_form(search, document, (enum compose_form)form))
			continue;
		search->out->found = true;
		search->out->document = document;
		describe_form(search->out, search->question, (enum compose_form)form);
		return true;
	}
	compose_document_free(document);
	return false;
}

static struct compose_document *copy_changed(const struct search *search, const struct compose_document *from, const struct cause *cause)
{
	struct compose_document *copy = compose_document_copy(from);

	if (cause->apply(search, cause, copy))
		return copy;
	compose_document_free(copy);
	return NULL;
}

static bool try_singles(struct search *search, unsigned forms)
{
	size_t i;

	for (i = 0; i < CAUSES && search->work < WORK_CEILING; i++) {
		struct compose_document *copy = copy_changed(search, search->question->next, &causes[i]);

		if (copy && try_document(search, copy, forms)) {
			describe(&search->out->causes[search->out->count++], &causes[i]);
			return true;
		}
	}
	return false;
}

static bool try_second(struct search *search, const struct compose_document *first, size_t i, unsigned forms)
{
	size_t j;

	for (j = i + 1; j < CAUSES && search->work < WORK_CEILING; j++) {
		struct compose_document *copy;

		/* Two causes of one text may meet (CRLF and the last line feed); of two values only one can be. */
		if (strcmp(causes[i].field, causes[j].field) == 0 && causes[j].apply == apply_value)
			continue;
		copy = copy_changed(search, first, &causes[j]);
		if (copy && try_document(search, copy, forms)) {
			describe(&search->out->causes[search->out->count++], &causes[i]);
			describe(&search->out->causes[search->out->count++], &causes[j]);
			return true;
		}
	}
	return false;
}

static bool try_pairs(struct search *search, unsigned forms)
{
	size_t i;

	for (i = 0; i < CAUSES && search->work < WORK_CEILING; i++) {
		struct compose_document *first = copy_changed(search, search->question->next, &causes[i]);
		bool found = first && try_second(search, first, i, forms);

		compose_document_free(first);
		if (found)
			return true;
	}
	return false;
}

bool compose_explain(const struct compose_question *question, struct compose_explanation *out)
{
	struct search search = { .question = question, .out = out };
	unsigned all = (1u << COMPOSE_FORMS) - 1, known = question->calibration->matches;

	*out = (struct compose_explanation){ .form = COMPOSE_FORM_UNKNOWN };
	if (!known)
		known = all;
	return try_document(&search, compose_document_copy(question->next), all) || try_singles(&search, known) ||
		(known != all && try_singles(&search, all & ~known)) || try_pairs(&search, known);
}

void compose_explanation_clear(struct compose_explanation *explanation)
{
	compose_document_free(explanation->document);
	*explanation = (struct compose_explanation){ 0 };
}
