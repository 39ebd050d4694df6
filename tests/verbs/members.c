/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "verbs/members.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "wire/json.h"

enum { MANUAL_MAX = 1 << 20, KINDS = sizeof(((struct members *)0)->kinds) / sizeof(((struct members *)0)->kinds[0]) };

static struct member *find(struct member *list, size_t count, const char *of, const char *path)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (text_equal(list[i].of, of) && text_equal(list[i].path, path))
			return &list[i];
	return NULL;
}

static struct member *found_or_new(struct member *list, size_t *count, const char *of, const char *path)
{
	struct member *member = find(list, *count, of, path);

	if (member)
		return member;
	assert_true(*count < MEMBERS_MAX);
	member = &list[(*count)++];
	assert_true(text_copy(member->of, sizeof(member->of), of) && text_copy(member->path, sizeof(member->path), path));
	return member;
}

/* ---- what was printed ---- */

static void note_value(struct members *members, const char *of, const char *path, const json *value)
{
	const json *child;
	char name[48];

	for (child = json_first(value); child; child = json_next(child)) {
		bool of_array = json_kind(value) == JSON_ARRAY;

		snprintf(name, sizeof(name), "%s%s%s", path, of_array ? "[]" : *path ? "." : "", json_name(child));
		if (!of_array)
			found_or_new(members->printed, &members->printed_count, of, name)->seen++;
		note_value(members, of, name, child);
	}
}

static void count_line(struct members *members, const char *of)
{
	size_t i;

	for (i = 0; i < members->kind_count; i++)
		if (text_equal(members->kinds[i].of, of))
			break;
	assert_true(i < KINDS);
	if (i == members->kind_count)
		text_copy(members->kinds[members->kind_count++].of, sizeof(members->kinds[i].of), of);
	members->kinds[i].lines++;
}

void members_note(struct members *members, const char *verb, const char *line, size_t len)
{
	json *tree = json_parse(line, len, NULL);
	const char *event = json_text(tree, "event"), *of = *event ? event : verb;

	if (!tree)
		fail_msg("%s printed what is no JSON: %.*s", verb, (int)len, line);
	if (!*event && *json_text(tree, "entry"))
		of = "history ROLLOUT";
	count_line(members, of);
	note_value(members, of, "", tree);
	json_free(tree);
}

/* ---- what is told ---- */

/* The words of one line of the manual behind its macro, without what only separates them. */
static const char *next_word(const char **at, size_t *len)
{
	for (;;) {
		const char *word = *at + strspn(*at, " ");

		*len = strcspn(word, " \n");
		*at = word + *len;
		if (!*len)
			return NULL;
		if (*len > 1 || !strchr(",.;:()", *word))
			return word;
	}
}

struct item {
	char of[4][24];
	size_t count;
};

static void read_item(struct item *item, const char *words)
{
	const char *word;
	size_t len;

	item->count = 0;
	while ((word = next_word(&words, &len))) {
		if (strncmp(word, "Ar", len) == 0 || strncmp(word, "Dq", len) == 0)
			continue;
		if (strncmp(word, "ROLLOUT", len) == 0)
			text_copy(item->of[0], sizeof(item->of[0]), "history ROLLOUT");
		else if (item->count < 4)
			snprintf(item->of[item->count++], sizeof(item->of[0]), "%.*s", (int)len, word);
	}
}

static void read_members(struct members *members, const struct item *item, const char *words, bool optional)
{
	const char *word;
	char path[48];
	size_t len, i;

	while ((word = next_word(&words, &len))) {
		snprintf(path, sizeof(path), "%.*s", (int)len, word);
		if (!item->count) /* before the first item: of every kind */
			found_or_new(members->told, &members->told_count, "", path);
		for (i = 0; i < item->count; i++)
			found_or_new(members->told, &members->told_count, item->of[i], path)->optional |= optional;
	}
}

static void read_manual(struct members *members, const char *path)
{
	struct buf text = BUF_INIT;
	struct item item = { .count = 0 };
	struct error err;
	const char *line, *end;

	if (!file_read(path, "manual", MANUAL_MAX, &text, &err))
		fail_msg("%s", err.message);
	line = strstr(buf_text(&text), ".Sh JSON EVENTS\n");
	assert_non_null(line);
	end = strstr(line + 1, "\n.Sh ");
	assert_non_null(end);
	for (; line < end; line = strchr(line, '\n') + 1) {
		if (text_starts(line, ".It "))
			read_item(&item, line + strlen(".It Xx "));
		else if (text_starts(line, ".Va "))
			read_members(members, &item, line + strlen(".Va "), false);
		else if (text_starts(line, ".Op Va "))
			read_members(members, &item, line + strlen(".Op Va "), true);
	}
	buf_clear(&text);
}

/* ---- both ---- */

static size_t lines_of(const struct members *members, const char *of)
{
	size_t i;

	for (i = 0; i < members->kind_count; i++)
		if (text_equal(members->kinds[i].of, of))
			return members->kinds[i].lines;
	return 0;
}

/* Each member that is not optional stands in every line of its kind; one inside another has been seen. */
static size_t count_missing(struct members *members)
{
	size_t i, bad = 0;

	for (i = 0; i < members->told_count; i++) {
		const struct member *told = &members->told[i], *printed = find(members->printed, members->printed_count, told->of, told->path);
		size_t seen = printed ? printed->seen : 0, lines = lines_of(members, told->of);
		bool inside = strpbrk(told->path, ".[") != NULL;

		if (told->optional || !*told->of || (seen && (inside || seen == lines)))
			continue;
		fprintf(stderr, "# the manual tells %s of %s, and %zu of %zu lines had it\n", told->path, told->of, seen, lines);
		bad++;
	}
	return bad;
}

static size_t count_untold(struct members *members)
{
	size_t i, bad = 0;

	for (i = 0; i < members->printed_count; i++) {
		const struct member *printed = &members->printed[i];

		if (find(members->told, members->told_count, printed->of, printed->path) || find(members->told, members->told_count, "", printed->path))
			continue;
		fprintf(stderr, "# %s has the member %s, which the manual does not tell\n", printed->of, printed->path);
		bad++;
	}
	return bad;
}

void members_compare(struct members *members, const char *manual)
{
	read_manual(members, manual);
	assert_int_equal(count_untold(members) + count_missing(members), 0);
}

void members_clear(struct members *members)
{
	*members = (struct members){ .told_count = 0 };
}
