/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "compose/diff_core.h"

enum { VALUE_CEILING = 400 };

static char *safe_text(const char *text, size_t len)
{
	struct buf safe = BUF_INIT;
	size_t shown = len;

	if (len > VALUE_CEILING)
		for (shown = VALUE_CEILING; shown && ((unsigned char)text[shown] & 0xC0) == 0x80; shown--)
			;
	text_safe(&safe, text, shown, TEXT_ONE_LINE);
	if (shown < len)
		buf_add_format(&safe, "… (%zu bytes)", len);
	return buf_take(&safe);
}

static bool is_long_text(const char *name)
{
	static const char *const names[] = { "docker_compose_file", "pre_launch_script", "bash_script", "init_script" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static char *size_text(const char *text, size_t len)
{
	size_t lines = 0, i;

	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	if (len && text[len - 1] != '\n')
		lines++;
	return len ? mem_printf("%zu %s, %zu bytes", lines, lines == 1 ? "line" : "lines", len) : mem_strdup("empty");
}

static char *value_text(const struct exact_json *value, bool is_text)
{
	struct buf json = BUF_INIT;
	size_t len;
	const char *text = exact_json_string(value, &len);
	char *shown;

	if (!value)
		return mem_strdup("");
	if (text && is_text)
		return size_text(text, len);
	if (text && len)
		return safe_text(text, len);
	exact_json_print(&json, value, (struct exact_json_style){ 0 });
	shown = safe_text(buf_text(&json), json.len);
	buf_clear(&json);
	return shown;
}

static enum compose_field_kind compare(const struct exact_json *before, const struct exact_json *after)
{
	if (!before)
		return COMPOSE_FIELD_ADDED;
	if (!after)
		return COMPOSE_FIELD_REMOVED;
	return exact_json_equal(before, after) ? COMPOSE_FIELD_SAME : COMPOSE_FIELD_CHANGED;
}

static void add_field(struct compose_manifest *manifest, size_t *cap, const char *name, size_t len,
	const struct exact_json *before, const struct exact_json *after)
{
	bool is_text = is_long_text(name);
	struct compose_field *field;

	manifest->fields = mem_grow(manifest->fields, manifest->count, cap, sizeof(*manifest->fields));
	field = &manifest->fields[manifest->count++];
	*field = (struct compose_field){ .kind = compare(before, after), .name = safe_text(name, len),
		.before = value_text(before, is_text), .after = value_text(after, is_text), .is_text = is_text };
	manifest->changes += field->kind != COMPOSE_FIELD_SAME;
}

static void add_fields(struct compose_manifest *manifest, const struct exact_json *before, const struct exact_json *after)
{
	size_t cap = 0, i, len;

	for (i = 0; i < exact_json_count(before); i++) {
		const char *name = exact_json_name(before, i, &len);

		add_field(manifest, &cap, name, len, exact_json_item(before, i), exact_json_get_len(after, name, len));
	}
	for (i = 0; i < exact_json_count(after); i++) {
		const char *name = exact_json_name(after, i, &len);

		if (!exact_json_get_len(before, name, len))
			add_field(manifest, &cap, name, len, NULL, exact_json_item(after, i));
	}
}

static void add_env(struct compose_manifest *manifest, size_t *cap, const struct exact_json *item, enum compose_field_kind kind)
{
	manifest->envs = mem_grow(manifest->envs, manifest->env_count, cap, sizeof(*manifest->envs));
	manifest->envs[manifest->env_count++] = (struct compose_env_name){ .kind = kind, .name = value_text(item, false) };
	manifest->env_changes += kind != COMPOSE_FIELD_SAME;
}

/* The items of a list as numbers: equal items of both lists have the same one. */
struct numbered {
	const struct exact_json *list;
	uint32_t *ids;
	char **texts;
	size_t count;
};

static void number_items(struct numbered *out, const struct exact_json *list, struct diff_words *words)
{
	size_t i;

	*out = (struct numbered){ .list = list, .count = exact_json_count(list) };
	out->ids = mem_new(out->count, sizeof(*out->ids));
	out->texts = mem_new(out->count, sizeof(*out->texts));
	for (i = 0; i < out->count; i++) {
		struct buf text = BUF_INIT;
		size_t len;

		exact_json_print(&text, exact_json_item(list, i), (struct exact_json_style){ 0 });
		len = text.len;
		out->texts[i] = buf_take(&text);
		out->ids[i] = diff_words_id(words, out->texts[i], len);
	}
}

static void clear_numbered(struct numbered *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
	free(list->ids);
}

static bool *list_ids(const struct numbered *list, uint32_t all)
{
	bool *present = mem_new(all, sizeof(bool));
	size_t i;

	for (i = 0; i < list->count; i++)
		present[list->ids[i]] = true;
	return present;
}

static void compare_envs(struct compose_manifest *manifest, const struct numbered *before, const struct numbered *after, uint32_t all)
{
	bool *in_before = list_ids(before, all), *in_after = list_ids(after, all);
	size_t cap = 0, i;

	for (i = 0; i < before->count; i++)
		add_env(manifest, &cap, exact_json_item(before->list, i),
			in_after[before->ids[i]] ? COMPOSE_FIELD_SAME : COMPOSE_FIELD_REMOVED);
	for (i = 0; i < after->count; i++)
		if (!in_before[after->ids[i]])
			add_env(manifest, &cap, exact_json_item(after->list, i), COMPOSE_FIELD_ADDED);
	free(in_before);
	free(in_after);
}

static const struct exact_json *env_list(const struct exact_json *tree)
{
	const struct exact_json *list = exact_json_get(tree, "allowed_envs");

	return exact_json_kind(list) == EXACT_ARRAY ? list : NULL;
}

static void add_envs(struct compose_manifest *manifest, const struct exact_json *before, const struct exact_json *after)
{
	unsigned char key[DIFF_KEY_SIZE];
	struct diff_words words;
	struct numbered left, right;

	secret_random(key, sizeof(key));
	diff_words_init(&words, exact_json_count(before) + exact_json_count(after), key);
	number_items(&left, before, &words);
	number_items(&right, after, &words);
	compare_envs(manifest, &left, &right, words.count);
	manifest->envs_reordered = !manifest->env_changes && before && after && !exact_json_equal(before, after);
	diff_words_clear(&words);
	clear_numbered(&left);
	clear_numbered(&right);
}

struct compose_manifest *compose_manifest_new(const struct compose_document *before, const struct compose_document *after)
{
	struct compose_manifest *manifest = mem_new(1, sizeof(*manifest));
	const struct exact_json *old = before ? compose_document_tree(before) : NULL, *new = compose_document_tree(after);

	add_fields(manifest, old, new);
	add_envs(manifest, env_list(old), env_list(new));
	return manifest;
}

void compose_manifest_free(struct compose_manifest *manifest)
{
	size_t i;

	if (!manifest)
		return;
	for (i = 0; i < manifest->count; i++) {
		free(manifest->fields[i].name);
		free(manifest->fields[i].before);
		free(manifest->fields[i].after);
	}
	for (i = 0; i < manifest->env_count; i++)
		free(manifest->envs[i].name);
	free(manifest->fields);
	free(manifest->envs);
	free(manifest);
}
