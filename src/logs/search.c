/* SPDX-License-Identifier: Apache-2.0 */
#include "logs/search.h"

#include "base/clock.h"

void log_search_begin(struct log_search *search, struct log_store *store, struct log_filter *filter, struct log_pattern *pattern, size_t from, bool backward)
{
	size_t shown = log_filter_shown(filter);

	*search = (struct log_search){ .store = store, .filter = filter, .pattern = pattern, .from = from, .row = from, .step = backward ? -1 : 1, .left = shown };
}

static void advance(struct log_search *search, size_t shown)
{
	if (search->step > 0 && ++search->row >= shown) {
		search->row = 0;
		search->wrapped = true;
	} else if (search->step < 0 && search->row-- == 0) {
		search->row = shown - 1;
		search->wrapped = true;
	}
}

enum log_search_state log_search_work(struct log_search *search, int64_t budget_us, size_t *row)
{
	enum { BETWEEN_LOOKS = 256 };
	int64_t until = clock_mono_us() + budget_us;
	size_t shown = log_filter_shown(search->filter), looked = 0;

	if (search->row >= shown)
		search->row = shown ? shown - 1 : 0;
	for (; shown && search->left; search->left--) {
		struct log_line line;
		size_t start, end;

		advance(search, shown);
		line = log_store_line(search->store, log_filter_number(search->filter, search->row));
		if (line.text && log_pattern_match(search->pattern, line.text, line.len, 0, &start, &end)) {
			search->left--;
			*row = search->row;
			return LOG_SEARCH_FOUND;
		}
		if (++looked % BETWEEN_LOOKS == 0 && clock_mono_us() >= until) {
			search->left--;
			return LOG_SEARCH_GOING_ON;
		}
	}
	return LOG_SEARCH_NOTHING;
}

uint64_t log_search_count(struct log_store *store, struct log_pattern *pattern)
{
	uint64_t number = log_store_begin(store), count = 0;
	size_t len, lines, at, next, from;
	const char *text;

	for (; log_store_run(store, number, &text, &len, &lines); number += lines)
		for (from = 0; log_pattern_next(pattern, text, len, from, &at, &next); from = next)
			count++;
	return count;
}
