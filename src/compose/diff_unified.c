/* SPDX-License-Identifier: Apache-2.0 */
/* Hunks, and the unified form as text. */
#include <stdlib.h>

#include "base/mem.h"
#include "compose/diff.h"

/* The next line from `at` on that is (or is not) a change; the count when there is none. */
static size_t find_line(const struct compose_diff *diff, size_t at, bool change)
{
	while (at < diff->line_count && (diff->lines[at].sign != ' ') != change)
		at++;
	return at;
}

/* Where the hunk ends that has its first change at `change`. */
static size_t hunk_end(const struct compose_diff *diff, size_t change, size_t context)
{
	for (;;) {
		size_t quiet = find_line(diff, change, false), next = find_line(diff, quiet, true);

		if (next == diff->line_count)
			return context < diff->line_count - quiet ? quiet + context : diff->line_count;
		if (next - quiet > 2 * context)
			return quiet + context;
		change = next;
	}
}

/* Line numbers of the hunk; before and after: lines passed on either side so far. */
static void count_sides(const struct compose_diff *diff, struct compose_hunk *hunk, size_t before, size_t after)
{
	size_t i;

	for (i = hunk->first; i < hunk->first + hunk->count; i++) {
		hunk->before_count += diff->lines[i].sign != '+';
		hunk->after_count += diff->lines[i].sign != '-';
	}
	hunk->before_start = before + (hunk->before_count ? 1 : 0);
	hunk->after_start = after + (hunk->after_count ? 1 : 0);
}

struct compose_hunk *compose_diff_hunks(const struct compose_diff *diff, size_t context, size_t *count)
{
	struct compose_hunk *hunks = NULL;
	size_t cap = 0, end = 0, change, passed = 0, before = 0, after = 0;

	*count = 0;
	while ((change = find_line(diff, end, true)) < diff->line_count) {
		struct compose_hunk hunk = { .first = change - end > context ? change - context : end };

		end = hunk_end(diff, change, context);
		hunk.count = end - hunk.first;
		for (; passed < hunk.first; passed++) {
			before += diff->lines[passed].sign != '+';
			after += diff->lines[passed].sign != '-';
		}
		count_sides(diff, &hunk, before, after);
		hunks = mem_grow(hunks, *count, &cap, sizeof(*hunks));
		hunks[(*count)++] = hunk;
	}
	return hunks;
}

static void print_range(struct buf *out, size_t start, size_t count)
{
	if (count == 1)
		buf_add_format(out, "%zu", start);
	else
		buf_add_format(out, "%zu,%zu", start, count);
}

static void print_hunk(struct buf *out, const struct compose_diff *diff, const struct compose_hunk *hunk)
{
	size_t i;

	buf_add_text(out, "@@ -");
	print_range(out, hunk->before_start, hunk->before_count);
	buf_add_text(out, " +");
	print_range(out, hunk->after_start, hunk->after_count);
	buf_add_text(out, " @@\n");
	for (i = hunk->first; i < hunk->first + hunk->count; i++) {
		const struct compose_diff_side *side = compose_diff_line_side(diff, i);

		buf_add_byte(out, diff->lines[i].sign);
		buf_add(out, side->text, side->len);
		buf_add_text(out, side->no_newline ? "\n\\ No newline at end of file\n" : "\n");
	}
}

void compose_diff_print(struct buf *out, const struct compose_diff *diff, const char *before_name, const char *after_name,
	size_t context)
{
	size_t count, i;
	struct compose_hunk *hunks = compose_diff_hunks(diff, context, &count);

	if (count)
		buf_add_format(out, "--- %s\n+++ %s\n", before_name, after_name);
	for (i = 0; i < count; i++)
		print_hunk(out, diff, &hunks[i]);
	free(hunks);
}
