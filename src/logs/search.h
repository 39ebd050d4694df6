/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the next line that matches, forward or backward over the rows shown,
 * from a row on and round the end; or the next one of a level, up to the end.
 * Works in slices like the filter.
 */
#ifndef CVMDECK_LOGS_SEARCH_H
#define CVMDECK_LOGS_SEARCH_H

#include "logs/filter.h"

struct logs_search {
	struct logs_store *store;
	struct logs_filter *filter;
	struct logs_pattern *pattern; /* NULL: a level is looked for */
	enum logs_level level;
	size_t from, row;   /* row numbers */
	size_t left;        /* rows still to look at */
	int step;           /* 1 or -1 */
	bool wrapped;       /* went round the end */
};

enum logs_search_state { LOGS_SEARCH_GOING_ON, LOGS_SEARCH_FOUND, LOGS_SEARCH_NOTHING };

/* Begins behind row `from` (or before it; from: as many as are shown, to begin with the last). The pattern is borrowed. */
void logs_search_begin(struct logs_search *search, struct logs_store *store, struct logs_filter *filter, struct logs_pattern *pattern, size_t from, bool backward);
/* The same for the next line of a level, without going round. */
void logs_search_begin_level(struct logs_search *search, struct logs_store *store, struct logs_filter *filter, enum logs_level level, size_t from, bool backward);
/* Works for about budget_us; *row is set when it is found. */
enum logs_search_state logs_search_work(struct logs_search *search, int64_t budget_us, size_t *row);

/* How many lines of the whole store match, counted in one go (for the bench and `--grep -c`). */
uint64_t logs_search_count(struct logs_store *store, struct logs_pattern *pattern);

#endif
