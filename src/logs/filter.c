/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One bit a line says whether it passes; the rows shown are the numbers of
 * the lines that pass, in merged order. Old rows stay on the screen until the
 * new ones are complete. New lines are mostly placed near the merged end; the
 * rows from the first of them on are gathered anew. When one is far up, all
 * rows are gathered anew, in slices.
 */
#include "logs/filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

struct rule {
	struct logs_pattern *pattern;
	bool exclude;
};

/* Numbers, in merged order, less the filter's rows_base. */
struct rows {
	uint32_t *at;
	size_t count, cap;
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
	struct rows rows, fresh; /* shown; and those to be shown next, while they are gathered */
	uint64_t rows_base;
	uint64_t gathered;       /* `rows` knows the lines before this one */
	uint64_t begin; /* the store's, when what it dropped was last forgotten */
	bool stale;              /* `rows` are of an earlier set of rules */
	struct {
		bool begun;
		uint64_t end, number; /* lines before `end` are gathered; as far as this one */
		int64_t time_us;
	} gathering;
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
	free(filter->rows.at);
	free(filter->fresh.at);
	free(filter);
}

/* The rules changed: every line is to be looked at again. */
static void begin_anew(struct logs_filter *filter)
{
	filter->bits_begin = filter->done = logs_store_begin(filter->store);
	filter->stale = true;
	filter->gathering.begun = false;
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
	filter->gathering.begun = false;
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

static void row_add(struct rows *rows, uint64_t number, uint64_t base)
{
	rows->at = mem_grow(rows->at, rows->count, &rows->cap, sizeof(*rows->at));
	rows->at[rows->count++] = (uint32_t)(number - base);
}

static uint64_t row_number(const struct logs_filter *filter, size_t row)
{
	return filter->rows_base + filter->rows.at[row];
}

static void gather_begin(struct logs_filter *filter)
{
	if (filter->gathering.begun)
		return;
	filter->gathering.begun = true;
	filter->gathering.end = filter->done;
	filter->gathering.time_us = INT64_MIN;
	filter->gathering.number = 0;
	filter->fresh.count = 0;
}

/* The next slice goes on behind this line, wherever that stands by then. */
static void gather_pause(struct logs_filter *filter, uint64_t number)
{
	filter->gathering.number = number;
	filter->gathering.time_us = logs_store_line(filter->store, number).time_us;
}

static void gather_end(struct logs_filter *filter)
{
	struct rows old = filter->rows;

	filter->rows = filter->fresh;
	filter->fresh = old;
	filter->gathered = filter->gathering.end;
	filter->gathering.begun = false;
	filter->stale = false;
}

/* All rows anew, in slices; true when they are shown. Lines that have come since it began are for gather_new. */
static bool gather_all(struct logs_filter *filter, int64_t until)
{
	enum { BETWEEN_LOOKS = 8192 };
	size_t count = logs_store_count(filter->store), place, looked = 0;

	gather_begin(filter);
	place = logs_store_place_after(filter->store, filter->gathering.time_us, filter->gathering.number);
	for (; place < count; place++) {
		uint64_t number = logs_store_number(filter->store, place);

		if (number < filter->gathering.end && bit_get(filter, number))
			row_add(&filter->fresh, number, filter->rows_base);
		if (++looked % BETWEEN_LOOKS == 0 && clock_mono_us() >= until) {
			gather_pause(filter, number);
			return false;
		}
	}
	gather_end(filter);
	return true;
}

/* Rows are in merged order: those behind the first new line are taken off and gathered anew with it. False when that is too far up. */
static bool gather_new(struct logs_filter *filter)
{
	enum { TOO_FAR = 100000 };
	uint64_t fresh = filter->done - filter->gathered;
	size_t count = logs_store_count(filter->store), place = count, rows = filter->rows.count;

	for (; fresh && place; place--) {
		uint64_t number = logs_store_number(filter->store, place - 1);

		if (number >= filter->gathered)
			fresh--;
		else if (bit_get(filter, number) && rows)
			rows--;
		if (count - place > TOO_FAR + (filter->done - filter->gathered))
			return false;
	}
	filter->rows.count = rows;
	for (; place < count; place++) {
		uint64_t number = logs_store_number(filter->store, place);

		if (bit_get(filter, number))
			row_add(&filter->rows, number, filter->rows_base);
	}
	filter->gathered = filter->done;
	return true;
}

static void forget_rows(struct rows *rows, uint64_t base, uint64_t begin)
{
	size_t i, kept = 0;

	for (i = 0; i < rows->count; i++)
		if (base + rows->at[i] >= begin)
			rows->at[kept++] = (uint32_t)(base + rows->at[i] - begin);
	rows->count = kept;
}

/* Rows and bits of lines that the store has dropped go too. */
static void forget_dropped(struct logs_filter *filter)
{
	uint64_t begin = logs_store_begin(filter->store);

	if (begin == filter->begin)
		return;
	filter->begin = begin;
	forget_rows(&filter->rows, filter->rows_base, begin);
	forget_rows(&filter->fresh, filter->rows_base, begin);
	filter->rows_base = begin;
	if (begin >= filter->done) {
		filter->bits_begin = filter->done = begin;
	} else if (begin > filter->bits_begin) {
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
	if (filter->stale && !gather_all(filter, until))
		return false;
	if (gather_new(filter))
		return true;
	filter->stale = true;
	return false;
}

void logs_filter_progress(const struct logs_filter *filter, uint64_t *done, uint64_t *all)
{
	uint64_t begin = logs_store_begin(filter->store);

	*all = logs_store_end(filter->store) - begin;
	*done = is_plain(filter) ? *all : filter->done > begin ? filter->done - begin : 0;
}

size_t logs_filter_shown(const struct logs_filter *filter)
{
	return is_plain(filter) ? logs_store_count(filter->store) : filter->rows.count;
}

uint64_t logs_filter_number(const struct logs_filter *filter, size_t row)
{
	return is_plain(filter) ? logs_store_number(filter->store, row) : row_number(filter, row);
}

size_t logs_filter_shown_since(const struct logs_filter *filter, uint64_t number)
{
	uint64_t end = logs_store_end(filter->store), begin = logs_store_begin(filter->store);
	size_t count = 0;

	number = number > begin ? number : begin;
	if (is_plain(filter))
		return (size_t)(end - number);
	for (; number < filter->done && (number - filter->bits_begin) % 8; number++)
		count += bit_get(filter, number);
	for (; number + 8 <= filter->done; number += 8)
		count += (size_t)__builtin_popcount(filter->bits[(number - filter->bits_begin) / 8]);
	for (; number < filter->done; number++)
		count += bit_get(filter, number);
	return count;
}

/* Rows are in the store's order, which is that of time and number; one that the store has dropped meanwhile was before all. */
static bool is_before(const struct logs_filter *filter, size_t row, const struct logs_line *line)
{
	struct logs_line there = logs_store_line(filter->store, row_number(filter, row));

	return !there.text || there.time_us < line->time_us || (there.time_us == line->time_us && there.number < line->number);
}

size_t logs_filter_row(const struct logs_filter *filter, uint64_t number)
{
	struct logs_line line = logs_store_line(filter->store, number);
	size_t low = 0, high = filter->rows.count;

	if (!line.text)
		return 0;
	if (is_plain(filter))
		return logs_store_place(filter->store, number);
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (is_before(filter, middle, &line))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
