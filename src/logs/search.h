/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the next line that matches, forward or backward over the rows shown,
 * from a row on and round the end. Works in slices like the filter.
 */
#ifndef CVMDECK_LOGS_SEARCH_H
#define CVMDECK_LOGS_SEARCH_H

#include "logs/filter.h"

struct log_search {
	struct log_store *store;
	struct log_filter *filter;
	struct log_pattern *pattern;
	size_t from, row;   /* row numbers */
	size_t left;        /* rows still to look at */
	int step;           /* 1 or -1 */
	bool wrapped;       /* went round the end */
};

enum log_search_state { LOG_SEARCH_GOING_ON, LOG_SEARCH_FOUND, LOG_SEARCH_NOTHING };

/* Begins behind row `from` (or before it). The pattern is borrowed. */
void log_search_begin(struct log_search *search, struct log_store *store, struct log_filter *filter, struct log_pattern *pattern, size_t from, bool backward);
/* Works for about budget_us; *row is set when it is found. */
enum log_search_state log_search_work(struct log_search *search, int64_t budget_us, size_t *row);

/* How many lines of the whole store match, counted in one go (for the bench and `--grep -c`). */
uint64_t log_search_count(struct log_store *store, struct log_pattern *pattern);

#endif
