/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One bit a line says whether it passes; the rows shown are the numbers of
 * the lines that pass, in merged order. Old rows stay on the screen until the
 * new ones are complete. New lines are mostly placed near the merged end; the
 * rows from the first of them on are gathered anew.
 */
#include "logs/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

struct rule {
	struct logs_pattern *pattern;
	bool exclude;
};

struct logs_filter {
	struct logs_store *store;
	struct rule *rules;
	size_t rule_count, rule_cap;
	uint8_t hidden[65536 / 8];
	size_t hidden_count;
	enum logs_level least;
	bool suspended;
	/* bits of the lines [bits_begin, done) */
	uint8_t *bits;
	size_t bits_cap;
	uint64_t bits_begin, done;
	/* rows of the lines before `gathered` */
	uint64_t *rows;
	size_t row_count, row_cap;
	uint64_t gathered;
	bool stale; /* the rows are of an earlier set of rules */
};

static bool is_plain(const struct logs_filter *filter)
{
	return filter->suspended || (!filter->rule_count && !filter->hidden_count && filter->least == LOGS_NONE);
}

struct logs_filter *logs_filter_new(struct logs_store *store)
{
	struct logs_filter *filter = mem_new(1, sizeof(*filter));

	filter->store = store;
	return filter;
}

void logs_filter_free(struct logs_filter *filter)
{
	size_t i;

	if (!filter)
		return;
	for (i = 0; i < filter->rule_count; i++)
		logs_pattern_free(filter->rules[i].pattern);
	free(filter->rules);
	free(filter->bits);
	free(filter->rows);
	free(filter);
}

/* The rules changed: every line is to be looked at again. */
static void begin_anew(struct logs_filter *filter)
{
	filter->bits_begin = filter->done = logs_store_begin(filter->store);
	filter->stale = true;
}

static void add_rule(struct logs_filter *filter, struct logs_pattern *pattern, bool exclude)
{
	filter->rules = mem_grow(filter->rules, filter->rule_count, &filter->rule_cap, sizeof(*filter->rules));
	filter->rules[filter->rule_count++] = (struct rule){ pattern, exclude };
	begin_anew(filter);
}

void logs_filter_include(struct logs_filter *filter, struct logs_pattern *pattern)
{
	add_rule(filter, pattern, false);
}

void logs_filter_exclude(struct logs_filter *filter, struct logs_pattern *pattern)
{
	add_rule(filter, pattern, true);
}

void logs_filter_remove(struct logs_filter *filter, size_t i)
{
	logs_pattern_free(filter->rules[i].pattern);
	memmove(&filter->rules[i], &filter->rules[i + 1], (--filter->rule_count - i) * sizeof(*filter->rules));
	begin_anew(filter);
}

size_t logs_filter_count(const struct logs_filter *filter)
{
	return filter->rule_count;
}

const struct logs_pattern *logs_filter_pattern(const struct logs_filter *filter, size_t i, bool *exclude)
{
	*exclude = filter->rules[i].exclude;
	return filter->rules[i].pattern;
}

bool logs_filter_is_hidden(const struct logs_filter *filter, uint16_t source)
{
	return filter->hidden[source / 8] >> (source % 8) & 1;
}

void logs_filter_hide_source(struct logs_filter *filter, uint16_t source, bool hidden)
{
	if (logs_filter_is_hidden(filter, source) == hidden)
		return;
	filter->hidden[source / 8] ^= (uint8_t)(1u << (source % 8));
	if (hidden)
		filter->hidden_count++;
	else
		filter->hidden_count--;
	begin_anew(filter);
}

void logs_filter_least_level(struct logs_filter *filter, enum logs_level level)
{
	filter->least = level;
	begin_anew(filter);
}

void logs_filter_suspend(struct logs_filter *filter, bool suspended)
{
	filter->suspended = suspended;
	if (!suspended && (filter->rule_count || filter->hidden_count || filter->least != LOGS_NONE))
		filter->stale = true;
}

bool logs_filter_suspended(const struct logs_filter *filter)
{
	return filter->suspended;
}

/* ---- bits ---- */

static void bit_put(struct logs_filter *filter, uint64_t number, bool on)
{
	size_t at = (size_t)(number - filter->bits_begin);
	uint8_t mask = (uint8_t)(1u << (at % 8));

	if (on)
		filter->bits[at / 8] |= mask;
	else
		filter->bits[at / 8] &= (uint8_t)~mask;
}

static bool bit_get(const struct logs_filter *filter, uint64_t number)
{
	size_t at = (size_t)(number - filter->bits_begin);

	return filter->bits[at / 8] >> (at % 8) & 1;
}

static void bits_reserve(struct logs_filter *filter, uint64_t end)
{
	size_t need = (size_t)(end - filter->bits_begin) / 8 + 1;

	if (need <= filter->bits_cap)
		return;
	filter->bits_cap = need * 2;
	filter->bits = mem_resize(filter->bits, filter->bits_cap, 1);
}

/* Source and level of the lines [from, to), and the bit all patterns start from. */
static void mark_records(struct logs_filter *filter, uint64_t from, uint64_t to)
{
	uint64_t n;

	for (n = from; n < to; n++) {
		bool pass = true;

		if (filter->hidden_count || filter->least != LOGS_NONE) {
			struct logs_line line = logs_store_line(filter->store, n);

			pass = (line.flags & LOGS_MARKER) || (!logs_filter_is_hidden(filter, line.source) && line.level >= filter->least);
		}
		bit_put(filter, n, pass);
	}
}

/* Which line of the run holds byte `at`; walks on from *line. */
static void walk_to(const struct logs_filter *filter, uint64_t first, uint64_t end, uint64_t *line, size_t at)
{
	while (*line + 1 < end && logs_store_offset(filter->store, first, *line + 1) <= at)
		(*line)++;
}

/* Clears the bits of the lines that do not fit one rule. */
static void apply_rule(struct logs_filter *filter, const struct rule *rule, const char *text, size_t len, uint64_t first, uint64_t end)
{
	uint64_t line = first, unmatched = first;
	size_t from = 0, at, next;

	while (logs_pattern_next(rule->pattern, text, len, from, &at, &next)) {
		walk_to(filter, first, end, &line, at);
		if (rule->exclude)
			bit_put(filter, line, false);
		else
			for (; unmatched < line; unmatched++)
				bit_put(filter, unmatched, false);
		unmatched = line + 1;
		from = next;
	}
	if (!rule->exclude)
		for (; unmatched < end; unmatched++)
			bit_put(filter, unmatched, false);
}

/* A rollout's marks are context: no pattern takes them away. */
static void keep_markers(struct logs_filter *filter, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		if (logs_store_line(filter->store, from).flags & LOGS_MARKER)
			bit_put(filter, from, true);
}

/* Looks at what one chunk still has from `done` on, at most SLICE bytes. */
static void look_at_some(struct logs_filter *filter)
{
	enum { SLICE = 128 * 1024 };
	uint64_t first = filter->done, end;
	const char *text;
	size_t len, lines, i;

	if (!logs_store_run(filter->store, first, &text, &len, &lines))
		return;
	end = first + lines;
	while (len > SLICE && lines > 1) {
		lines = (lines + 1) / 2;
		end = first + lines;
		len = logs_store_offset(filter->store, first, end);
	}
	bits_reserve(filter, end);
	mark_records(filter, first, end);
	for (i = 0; i < filter->rule_count; i++)
		apply_rule(filter, &filter->rules[i], text, len, first, end);
	if (logs_store_markers(filter->store))
		keep_markers(filter, first, end);
	filter->done = end;
}

/* ---- rows ---- */

static void row_add(struct logs_filter *filter, uint64_t number)
{
	filter->rows = mem_grow(filter->rows, filter->row_count, &filter->row_cap, sizeof(*filter->rows));
	filter->rows[filter->row_count++] = number;
}

static void gather_from(struct logs_filter *filter, size_t place)
{
	size_t count = logs_store_count(filter->store);

	for (; place < count; place++) {
		uint64_t number = logs_store_number(filter->store, place);

		if (bit_get(filter, number))
			row_add(filter, number);
	}
	filter->gathered = filter->done;
	filter->stale = false;
}

static void gather_all(struct logs_filter *filter)
{
	filter->row_count = 0;
	gather_from(filter, 0);
}

/* Rows are in merged order: those behind the first new line are taken off and gathered anew with it. */
static void gather_new(struct logs_filter *filter)
{
	uint64_t fresh = filter->done - filter->gathered;
	size_t place = logs_store_count(filter->store), rows = filter->row_count;

	for (; fresh && place; place--) {
		uint64_t number = logs_store_number(filter->store, place - 1);

		if (number >= filter->gathered)
			fresh--;
		else if (bit_get(filter, number) && rows)
			rows--;
	}
	filter->row_count = rows;
	gather_from(filter, place);
}

/* Rows and bits of lines that the store has dropped go too. */
static void forget_dropped(struct logs_filter *filter)
{
	uint64_t begin = logs_store_begin(filter->store);
	size_t i, kept = 0;

	if (begin <= filter->bits_begin)
		return;
	for (i = 0; i < filter->row_count; i++)
		if (filter->rows[i] >= begin)
			filter->rows[kept++] = filter->rows[i];
	filter->row_count = kept;
	if (begin >= filter->done) {
		filter->bits_begin = filter->done = begin;
	} else {
		uint64_t bytes = (begin - filter->bits_begin) / 8;

		memmove(filter->bits, filter->bits + bytes, filter->bits_cap - (size_t)bytes);
		filter->bits_begin += bytes * 8;
	}
	if (filter->gathered < begin)
		filter->gathered = begin;
}

bool logs_filter_work(struct logs_filter *filter, int64_t budget_us)
{
	int64_t until = clock_mono_us() + budget_us;
	uint64_t end = logs_store_end(filter->store);

	if (is_plain(filter))
		return true;
	forget_dropped(filter);
	while (filter->done < end) {
		look_at_some(filter);
		if (filter->done < end && clock_mono_us() >= until)
			return false;
	}
	if (filter->stale)
		gather_all(filter);
	else
		gather_new(filter);
	return true;
}

void logs_filter_progress(const struct logs_filter *filter, uint64_t *done, uint64_t *all)
{
	uint64_t begin = logs_store_begin(filter->store);

	*all = logs_store_end(filter->store) - begin;
	*done = is_plain(filter) ? *all : filter->done > begin ? filter->done - begin : 0;
}

size_t logs_filter_shown(const struct logs_filter *filter)
{
	return is_plain(filter) ? logs_store_count(filter->store) : filter->row_count;
}

uint64_t logs_filter_number(const struct logs_filter *filter, size_t row)
{
	return is_plain(filter) ? logs_store_number(filter->store, row) : filter->rows[row];
}

/* Rows are ordered by their place in the store. */
size_t logs_filter_row(const struct logs_filter *filter, uint64_t number)
{
	size_t place = logs_store_place(filter->store, number);
	size_t low = 0, high = filter->row_count;

	if (is_plain(filter))
		return place == SIZE_MAX ? 0 : place;
	if (place == SIZE_MAX)
		return 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		size_t at = logs_store_place(filter->store, filter->rows[middle]);

		if (at != SIZE_MAX && at >= place)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
