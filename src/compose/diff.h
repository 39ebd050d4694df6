/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference of two texts, line by line and inside lines, as records for
 * a side-by-side view (rows) and a unified one (lines). Lines end at LF; a CR
 * before it belongs to the line, since white space counts in the hash. Nothing
 * here is made safe to show: that is the view's work.
 *
 * Pure functions. Time is bounded: where two texts have little in common the
 * answer is right but need not be the shortest.
 */
#ifndef CVMDECK_COMPOSE_DIFF_H
#define CVMDECK_COMPOSE_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum compose_diff_kind { COMPOSE_DIFF_SAME, COMPOSE_DIFF_REMOVED, COMPOSE_DIFF_ADDED, COMPOSE_DIFF_CHANGED };

/* Bytes [from, to) of a line. */
struct compose_span {
	size_t from, to;
};

/* One side of a row. line is 0 and text "" where the row has no such side. */
struct compose_diff_side {
	size_t line; /* from 1 */
	const char *text;
	size_t len; /* without the LF */
	bool no_newline; /* the text ends here without an LF */
	const struct compose_span *spans; /* what changed inside, ascending; only in CHANGED rows */
	size_t span_count;
};

/*
 * SAME, CHANGED   both sides
 * REMOVED, ADDED  only the one
 * CHANGED without spans: only the LF at the end of the text differs.
 */
struct compose_diff_row {
	enum compose_diff_kind kind;
	struct compose_diff_side before, after;
};

/* One line of the unified view: the sign, and the row whose side it shows. */
struct compose_diff_line {
	char sign; /* ' ', '-' (the row's before), '+' (its after) */
	size_t row;
};

struct compose_diff {
	const struct compose_diff_row *rows;
	size_t row_count;
	const struct compose_diff_line *lines;
	size_t line_count;
	size_t removed, added; /* lines of the unified view */
};

/* Copies both texts. Never fails; the caller frees. All its records are borrowed from it. */
struct compose_diff *compose_diff_new(const char *before, size_t before_len, const char *after, size_t after_len);
void compose_diff_free(struct compose_diff *diff);

/* The side a line of the unified view shows. */
const struct compose_diff_side *compose_diff_line_side(const struct compose_diff *diff, size_t line);

/* A stretch of changes with the lines around them; starts count from 1 (0 where the side has no line). */
struct compose_hunk {
	size_t first, count; /* in lines */
	size_t before_start, before_count, after_start, after_count;
};

/* Hunks with so many same lines around each change. Out: *count. The caller frees the array. */
struct compose_hunk *compose_diff_hunks(const struct compose_diff *diff, size_t context, size_t *count);

/* Adds the unified form as diff -u prints it, with the two names in its head; nothing when the texts are the same. */
void compose_diff_print(struct buf *out, const struct compose_diff *diff, const char *before_name, const char *after_name,
	size_t context);

#endif
