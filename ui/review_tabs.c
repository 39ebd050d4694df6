/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/review_tabs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "compose/diff.h"
#include "compose/manifest.h"

static const char *const field_signs[] = { " ", "~", "+", "−" };
static const text_style field_styles[] = { ROLE_DIM, ROLE_WARN, ROLE_ADDED, ROLE_REMOVED };

/* ---- manifest ---- */

static void add_value(struct page *page, int col, int width, const char *sign, text_style style, const char *value)
{
	page_add(page, col - 2, style, sign);
	if ((int)text_width(value, strlen(value)) <= width) {
		page_add(page, col, style, value);
		page_end_line(page);
	} else {
		page_add_wrapped(page, col, width, style, value);
	}
}

static void add_field(struct page *page, const struct compose_field *field, int width)
{
	enum { VALUE = 32 };
	int room = width - VALUE - 2;

	page_add(page, 1, field_styles[field->kind], field_signs[field->kind]);
	page_add(page, 3, field->kind == COMPOSE_FIELD_SAME ? ROLE_DIM : ROLE_STRONG, field->name);
	page_add(page, -1, ROLE_TEXT, " ");
	if (field->kind == COMPOSE_FIELD_SAME) {
		page_add(page, VALUE, ROLE_DIM, field->after);
		page_end_line(page);
		return;
	}
	if (field->kind != COMPOSE_FIELD_ADDED)
		add_value(page, VALUE, room, "−", ROLE_REMOVED, field->before);
	if (field->kind != COMPOSE_FIELD_REMOVED)
		add_value(page, VALUE, room, "+", ROLE_ADDED, field->after);
}

/* The compose file has a tab of its own; the script, which runs before everything else, stands whole here. */
static void add_script(struct page *page, const struct compose_diff *diff, int width)
{
	size_t count, i, at;
	struct compose_hunk *hunks = compose_diff_hunks(diff, 3, &count);

	page_end_line(page);
	page_addf(page, 1, ROLE_STRONG, "pre_launch_script, %zu line%s added, %zu removed", diff->added, diff->added == 1 ? "" : "s", diff->removed);
	page_end_line(page);
	for (i = 0; i < count; i++)
		for (at = hunks[i].first; at < hunks[i].first + hunks[i].count; at++) {
			const struct compose_diff_side *side = compose_diff_line_side(diff, at);
			char sign = diff->lines[at].sign, *text = mem_copy(side->text, side->len);

			page_addf(page, 1, sign == '+' ? ROLE_ADDED : sign == '-' ? ROLE_REMOVED : ROLE_DIM, "%s", sign == '-' ? "−" : sign == '+' ? "+" : " ");
			page_add_wrapped(page, 3, width - 5, sign == '+' ? ROLE_ADDED : sign == '-' ? ROLE_REMOVED : ROLE_DIM, side->len ? text : " ");
			free(text);
		}
	free(hunks);
}

void review_add_manifest(struct page *page, const struct review *review, int width)
{
	const struct compose_manifest *manifest = review->manifest;
	int pass;
	size_t i;

	if (!manifest)
		return;
	page_addf(page, 1, ROLE_DIM, "app-compose.json: %zu of %zu fields change; any of them changes the hash", manifest->changes, manifest->count);
	page_end_line(page);
	page_end_line(page);
	/* What changes stands first. */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < manifest->count; i++)
			if ((manifest->fields[i].kind == COMPOSE_FIELD_SAME) == (pass == 1))
				add_field(page, &manifest->fields[i], width);
	if (manifest->envs_reordered) {
		page_end_line(page);
		page_add_wrapped(page, 1, width - 2, ROLE_WARN, "allowed_envs holds the same names in another order; that too changes the hash");
	}
	if (review->script_diff)
		add_script(page, review->script_diff, width);
}

/* ---- env ---- */

static const struct { char change; const char *sign, *words; text_style style; } env_words[] = {
	{ '+', "+", "added", ROLE_ADDED },
	{ '-', "−", "removed", ROLE_REMOVED },
	{ '~', "~", "value given anew", ROLE_WARN },
	{ '=', " ", "kept", ROLE_DIM },
};

static size_t count_env(const struct review *review, char change)
{
	size_t count = 0, i;

	for (i = 0; i < review->env_count; i++)
		count += review->env[i].change == change;
	return count;
}

static void add_env_verdict(struct page *page, const struct review *review, int width)
{
	bool names = count_env(review, '+') || count_env(review, '-');

	if (names)
		page_add_wrapped(page, 1, width - 2, ROLE_WARN, "The set of names changes, so allowed_envs changes, and so does the compose hash.");
	else if (review->env_changes)
		page_add_wrapped(page, 1, width - 2, ROLE_TEXT, "The names stay; only the encrypted values are sent. They are no part of the compose hash.");
	else
		page_add_wrapped(page, 1, width - 2, ROLE_DIM, "The environment stays as it is; no values are sent.");
	if (review->names_replace && names)
		page_add_wrapped(page, 1, width - 2, ROLE_WARN, "The given names take the place of the present ones; a name not given again is gone.");
	page_end_line(page);
}

void review_add_env(struct page *page, const struct review *review, int width)
{
	size_t kind, i;

	add_env_verdict(page, review, width);
	for (kind = 0; kind < sizeof(env_words) / sizeof(env_words[0]); kind++)
		for (i = 0; i < review->env_count; i++) {
			if (review->env[i].change != env_words[kind].change)
				continue;
			page_add(page, 1, env_words[kind].style, env_words[kind].sign);
			page_add(page, 3, env_words[kind].change == '=' ? ROLE_TEXT : ROLE_STRONG, review->env[i].name);
			page_add(page, -1, ROLE_TEXT, " ");
			page_add(page, 36, ROLE_DIM, env_words[kind].words);
			page_end_line(page);
		}
	if (!review->env_count)
		page_add(page, 1, ROLE_DIM, "no names");
	page_end_line(page);
	page_end_line(page);
	page_add(page, 1, ROLE_DIM, "Values are never shown.");
	page_end_line(page);
}
