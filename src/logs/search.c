/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/search.h"

#include "base/clock.h"

void logs_search_begin(struct logs_search *search, struct logs_store *store, struct logs_filter *filter, struct logs_pattern *pattern, size_t from, bool backward)
{
	size_t shown = logs_filter_shown(filter);

	*search = (struct logs_search){ .store = store, .filter = filter, .pattern = pattern, .from = from, .row = from, .step = backward ? -1 : 1, .left = shown };
}

void logs_search_begin_level(struct logs_search *search, struct logs_store *store, struct logs_filter *filter, enum logs_level level, size_t from, bool backward)
{
	size_t shown = logs_filter_shown(filter);

	logs_search_begin(search, store, filter, NULL, from, backward);
	search->level = level;
	from = from < shown ? from : shown;
	search->left = backward ? from : from < shown ? shown - 1 - from : 0;
}

static bool is_wanted(const struct logs_search *search, const struct logs_line *line)
{
	size_t start, end;

	if (!line->text)
		return false;
	if (!search->pattern)
		return line->level == search->level;
	return logs_pattern_match(search->pattern, line->text, line->len, 0, &start, &end);
}

static void advance(struct logs_search *search, size_t shown)
{
	if (search->step > 0 && ++search->row >= shown) {
		search->row = 0;
		search->wrapped = true;
	} else if (search->step < 0 && search->row-- == 0) {
		search->row = shown - 1;
		search->wrapped = true;
	}
}

enum logs_search_state logs_search_work(struct logs_search *search, int64_t budget_us, size_t *row)
{
	enum { BETWEEN_LOOKS = 256 };
	int64_t until = clock_mono_us() + budget_us;
	size_t shown = logs_filter_shown(search->filter), looked = 0;

	/* Rows may have gone meanwhile; one behind the last is where a way back begins. */
	if (search->row >= shown)
		search->row = search->step < 0 || !shown ? shown : shown - 1;
	for (; shown && search->left; search->left--) {
		struct logs_line line;

		advance(search, shown);
		line = logs_store_line(search->store, logs_filter_number(search->filter, search->row));
		if (is_wanted(search, &line)) {
			search->left--;
			*row = search->row;
			return LOGS_SEARCH_FOUND;
		}
		if (++looked % BETWEEN_LOOKS == 0 && clock_mono_us() >= until) {
			search->left--;
			return LOGS_SEARCH_GOING_ON;
		}
	}
	return LOGS_SEARCH_NOTHING;
}

uint64_t logs_search_count(struct logs_store *store, struct logs_pattern *pattern)
{
	uint64_t number = logs_store_begin(store), count = 0;
	size_t len, lines, at, next, from;
	const char *text;

	for (; logs_store_run(store, number, &text, &len, &lines); number += lines)
		for (from = 0; logs_pattern_next(pattern, text, len, from, &at, &next); from = next)
			count++;
	return count;
}
