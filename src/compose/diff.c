/* SPDX-License-Identifier: Apache-2.0 */
/* Texts to lines, what changed between them to rows, rows to the unified view. */
#include "compose/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/secret.h"
#include "compose/diff_core.h"

enum {
	LIKE_ENOUGH = 40,      /* percent from which two lines are one that changed */
	PAIRS_CEILING = 10000, /* pairs looked at in one stretch of changes */
};

struct lines {
	struct compose_diff_side *sides;
	size_t count;
	uint32_t *ids;
	bool *changed;
};

/* What compose_diff_new gives is the first member of this. */
struct inside {
	struct compose_diff public;
	char *before_text, *after_text;
	struct compose_diff_row *rows;
	size_t row_cap;
	struct compose_diff_line *lines;
	size_t line_cap;
	unsigned char key[DIFF_KEY_SIZE];
};

static void split_lines(struct lines *lines, const char *text, size_t len)
{
	const char *end = text + len;
	size_t cap = 0;

	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		const char *stop = feed ? feed : end;

		lines->sides = mem_grow(lines->sides, lines->count, &cap, sizeof(*lines->sides));
		lines->sides[lines->count] = (struct compose_diff_side){ .line = lines->count + 1, .text = text,
			.len = (size_t)(stop - text), .no_newline = !feed };
		lines->count++;
		text = feed ? feed + 1 : end;
	}
	lines->ids = mem_new(lines->count, sizeof(*lines->ids));
	lines->changed = mem_new(lines->count, sizeof(*lines->changed));
}

static void free_lines(struct lines *lines)
{
	free(lines->sides);
	free(lines->ids);
	free(lines->changed);
}

/* The LF belongs to what is compared: a text without its last one is another text. */
static void number_lines(struct lines *lines, struct diff_words *words)
{
	size_t i;

	for (i = 0; i < lines->count; i++) {
		const struct compose_diff_side *side = &lines->sides[i];

		lines->ids[i] = diff_words_id(words, side->text, side->len + (side->no_newline ? 0 : 1));
	}
}

/* For each place between lines that stay, whether this side has changes there. */
static bool *list_places(const struct lines *lines)
{
	bool *places = mem_new(lines->count + 1, sizeof(bool));
	size_t stay = 0, i;

	for (i = 0; i < lines->count; i++) {
		if (lines->changed[i])
			places[stay] = true;
		else
			stay++;
	}
	return places;
}

/* Moves the changes [*start, *end) of place `at` down while nothing stands there on the other side. */
static void slide_one(struct lines *lines, const bool *other, size_t *at, size_t *start, size_t *end)
{
	while (*end < lines->count && lines->ids[*start] == lines->ids[*end] && !other[*at] && !other[*at + 1]) {
		lines->changed[(*start)++] = false;
		lines->changed[(*end)++] = true;
		(*at)++;
		while (*end < lines->count && lines->changed[*end])
			(*end)++;
	}
}

/*
 * Where a stretch of changes could as well stand one line lower, it is moved
 * there as far as it goes: whole blocks then read as they were written. The
 * lines that stay are the same ones, so the two sides still match.
 */
static void slide(struct lines *lines, const struct lines *beside)
{
	bool *other = list_places(beside);
	size_t start = 0, at = 0, end;

	while (start < lines->count) {
		if (!lines->changed[start]) {
			start++;
			at++;
			continue;
		}
		for (end = start; end < lines->count && lines->changed[end]; end++)
			;
		slide_one(lines, other, &at, &start, &end);
		start = end;
	}
	free(other);
}

static struct compose_diff_row *add_row(struct inside *diff, enum compose_diff_kind kind, const struct compose_diff_side *before,
	const struct compose_diff_side *after)
{
	static const struct compose_diff_side none = { .text = "" };
	struct compose_diff_row *row;

	diff->rows = mem_grow(diff->rows, diff->public.row_count, &diff->row_cap, sizeof(*diff->rows));
	row = &diff->rows[diff->public.row_count++];
	*row = (struct compose_diff_row){ .kind = kind, .before = before ? *before : none, .after = after ? *after : none };
	return row;
}

static void add_changed(struct inside *diff, const struct compose_diff_side *before, const struct compose_diff_side *after)
{
	struct compose_diff_row *row = add_row(diff, COMPOSE_DIFF_CHANGED, before, after);

	diff_set_spans(&row->before, &row->after, diff->key);
}

/* A stretch of changes: lines of both sides with nothing in common between them. */
struct stretch {
	const struct compose_diff_side *before, *after;
	size_t before_count, after_count;
};

static unsigned likeness(const struct stretch *s, size_t i, size_t j)
{
	unsigned like = diff_likeness(s->before[i].text, s->before[i].len, s->after[j].text, s->after[j].len);

	return like >= LIKE_ENOUGH ? like : 0;
}

/* best[i][j]: the most likeness that lines from i and from j on can have, paired in order. */
static unsigned *weigh_pairs(const struct stretch *s)
{
	size_t width = s->after_count + 1, i, j;
	unsigned *best = mem_new((s->before_count + 1) * width, sizeof(*best));

	for (i = s->before_count; i-- > 0;) {
		for (j = s->after_count; j-- > 0;) {
			unsigned like = likeness(s, i, j), *cell = &best[i * width + j];
			unsigned skip = best[(i + 1) * width + j] > cell[1] ? best[(i + 1) * width + j] : cell[1];
			unsigned pair = like ? like + best[(i + 1) * width + j + 1] : 0;

			*cell = pair > skip ? pair : skip;
		}
	}
	return best;
}

static void emit_weighed(struct inside *diff, const struct stretch *s)
{
	unsigned *best = weigh_pairs(s);
	size_t width = s->after_count + 1, i = 0, j = 0;

	while (i < s->before_count || j < s->after_count) {
		unsigned here = best[i * width + j];

		if (i == s->before_count || (j < s->after_count && i < s->before_count && here != best[(i + 1) * width + j] &&
				here == best[i * width + j + 1]))
			add_row(diff, COMPOSE_DIFF_ADDED, NULL, &s->after[j++]);
		else if (j == s->after_count || here == best[(i + 1) * width + j])
			add_row(diff, COMPOSE_DIFF_REMOVED, &s->before[i++], NULL);
		else
			add_changed(diff, &s->before[i++], &s->after[j++]);
	}
	free(best);
}

/* Too much to weigh: line by line in order. */
static void emit_in_order(struct inside *diff, const struct stretch *s)
{
	size_t pairs = s->before_count < s->after_count ? s->before_count : s->after_count, i;

	for (i = 0; i < pairs; i++) {
		if (likeness(s, i, i)) {
			add_changed(diff, &s->before[i], &s->after[i]);
		} else {
			add_row(diff, COMPOSE_DIFF_REMOVED, &s->before[i], NULL);
			add_row(diff, COMPOSE_DIFF_ADDED, NULL, &s->after[i]);
		}
	}
	for (; i < s->before_count; i++)
		add_row(diff, COMPOSE_DIFF_REMOVED, &s->before[i], NULL);
	for (i = pairs; i < s->after_count; i++)
		add_row(diff, COMPOSE_DIFF_ADDED, NULL, &s->after[i]);
}

static size_t changed_run(const struct lines *lines, size_t from)
{
	size_t end = from;

	while (end < lines->count && lines->changed[end])
		end++;
	return end - from;
}

static void build_rows(struct inside *diff, const struct lines *before, const struct lines *after)
{
	size_t i = 0, j = 0;

	while (i < before->count || j < after->count) {
		struct stretch s = { .before_count = changed_run(before, i), .after_count = changed_run(after, j) };

		if (!s.before_count && !s.after_count) {
			add_row(diff, COMPOSE_DIFF_SAME, &before->sides[i++], &after->sides[j++]);
			continue;
		}
		s.before = before->count ? before->sides + i : NULL;
		s.after = after->count ? after->sides + j : NULL;
		if (s.before_count * s.after_count <= PAIRS_CEILING)
			emit_weighed(diff, &s);
		else
			emit_in_order(diff, &s);
		i += s.before_count;
		j += s.after_count;
	}
}

static void add_line(struct inside *diff, char sign, size_t row)
{
	diff->lines = mem_grow(diff->lines, diff->public.line_count, &diff->line_cap, sizeof(*diff->lines));
	diff->lines[diff->public.line_count++] = (struct compose_diff_line){ .sign = sign, .row = row };
	diff->public.removed += sign == '-';
	diff->public.added += sign == '+';
}

/* In a stretch of changes all that goes stands before all that comes. */
static void build_lines(struct inside *diff)
{
	size_t row = 0, end, i;

	while (row < diff->public.row_count) {
		if (diff->rows[row].kind == COMPOSE_DIFF_SAME) {
			add_line(diff, ' ', row++);
			continue;
		}
		for (end = row; end < diff->public.row_count && diff->rows[end].kind != COMPOSE_DIFF_SAME; end++)
			if (diff->rows[end].before.line)
				add_line(diff, '-', end);
		for (i = row; i < end; i++)
			if (diff->rows[i].after.line)
				add_line(diff, '+', i);
		row = end;
	}
}

struct compose_diff *compose_diff_new(const char *before, size_t before_len, const char *after, size_t after_len)
{
	struct inside *diff = mem_new(1, sizeof(*diff));
	struct lines left = { 0 }, right = { 0 };
	struct diff_words words;

	diff->before_text = mem_copy(before, before_len);
	diff->after_text = mem_copy(after, after_len);
	split_lines(&left, diff->before_text, before_len);
	split_lines(&right, diff->after_text, after_len);
	secret_random(diff->key, sizeof(diff->key));
	diff_words_init(&words, left.count + right.count, diff->key);
	number_lines(&left, &words);
	number_lines(&right, &words);
	diff_core_run(left.ids, left.count, right.ids, right.count, words.count, left.changed, right.changed);
	slide(&left, &right);
	slide(&right, &left);
	build_rows(diff, &left, &right);
	build_lines(diff);
	diff->public.rows = diff->rows;
	diff->public.lines = diff->lines;
	diff_words_clear(&words);
	free_lines(&left);
	free_lines(&right);
	return &diff->public;
}

static void free_spans(const struct compose_span *spans)
{
	void *memory;

	/* The record shows them const; they are this file's own. */
	memcpy(&memory, &spans, sizeof(memory));
	free(memory);
}

void compose_diff_free(struct compose_diff *diff)
{
	struct inside *inside = (struct inside *)diff;
	size_t i;

	if (!diff)
		return;
	for (i = 0; i < diff->row_count; i++) {
		free_spans(inside->rows[i].before.spans);
		free_spans(inside->rows[i].after.spans);
	}
	free(inside->before_text);
	free(inside->after_text);
	free(inside->rows);
	free(inside->lines);
	free(inside);
}

const struct compose_diff_side *compose_diff_line_side(const struct compose_diff *diff, size_t line)
{
	const struct compose_diff_row *row = &diff->rows[diff->lines[line].row];

	return diff->lines[line].sign == '+' ? &row->after : &row->before;
}
