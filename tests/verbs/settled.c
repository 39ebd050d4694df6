/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/settled.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "wire/json.h"

enum rank { RANK_PHASE, RANK_STEP, RANK_CHECK, RANK_VIEW, RANK_REST };

struct line {
	enum rank rank;
	char *key;       /* of those with one key the last counts; NULL: it stands for itself */
	const char *text;
	size_t len, at;
};

static void read_event(struct line *line)
{
	static const struct { const char *name, *id; enum rank rank; } kinds[] = {
		{ "phase", "", RANK_PHASE }, { "step", "id", RANK_STEP }, { "check", "id", RANK_CHECK },
		{ "review", "", RANK_VIEW }, { "allowlist", "", RANK_VIEW }, { "card", "argument", RANK_VIEW },
	};
	json *tree = json_parse(line->text, line->len, NULL);
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (text_equal(json_text(tree, "event"), kinds[i].name)) {
			line->rank = kinds[i].rank;
			line->key = mem_printf("%s %s", kinds[i].name, json_text(tree, kinds[i].id));
		}
	json_free(tree);
}

/* "✓ read the CVM                 3 ms" is a step, "  ✓ owner of the contract: 0x…" a check. */
static void read_words(struct line *line)
{
	static const char *const marks[] = { "… ", "✓ ", "– ", "✗ ", "? " };
	size_t i, indent = text_starts(line->text, "  ") ? 2 : 0;
	const char *text = line->text + indent;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *title = text + strlen(marks[i]);

		if (!text_starts(text, marks[i]))
			continue;
		line->rank = indent ? RANK_CHECK : RANK_STEP;
		line->key = mem_printf("%.*s", (int)(indent ? strcspn(title, ":\n") : strcspn(title, "\n")), title);
		if (!indent && strstr(line->key, "  "))
			*strstr(line->key, "  ") = '\0';
		return;
	}
}

static int compare(const void *a, const void *b)
{
	const struct line *one = a, *other = b;
	int by_name = one->rank == RANK_CHECK && other->rank == RANK_CHECK ? strcmp(one->key, other->key) : 0;

	if (one->rank != other->rank)
		return (int)one->rank - (int)other->rank;
	return by_name ? by_name : one->at < other->at ? -1 : 1;
}

/* Puts the line where one of its key stands already, or behind the others. */
static void keep(struct line *lines, size_t *count, const struct line *line)
{
	size_t i;

	for (i = 0; line->key && i < *count; i++)
		if (lines[i].key && strcmp(lines[i].key, line->key) == 0) {
			lines[i].text = line->text;
			lines[i].len = line->len;
			free(line->key);
			return;
		}
	lines[*count] = *line;
	lines[*count].at = *count;
	(*count)++;
}

void settled_add(struct buf *out, const char *text, const char *before)
{
	struct line *lines = NULL;
	size_t count = 0, room = 0, i, len;

	for (; *text; text += len + (text[len] == '\n')) {
		struct line line = { .rank = RANK_REST, .text = text };

		line.len = len = strcspn(text, "\n");
		lines = mem_grow(lines, count, &room, sizeof(*lines));
		if (*text == '{')
			read_event(&line);
		else
			read_words(&line);
		keep(lines, &count, &line);
	}
	if (count)
		qsort(lines, count, sizeof(*lines), compare);
	for (i = 0; i < count; i++) {
		buf_add_format(out, "%s%.*s\n%s", before, (int)lines[i].len, lines[i].text, lines[i].text[lines[i].len] ? "" : "(no line feed)\n");
		free(lines[i].key);
	}
	free(lines);
}
