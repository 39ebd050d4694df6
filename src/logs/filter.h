/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a store is shown: sources switched on and off, a least level,
 * patterns to include and to exclude. Works in slices, so that the screen is
 * never held up: logs_filter_work goes on where it stopped and takes in what
 * has come since.
 */
#ifndef CVMDECK_LOGS_FILTER_H
#define CVMDECK_LOGS_FILTER_H

#include "logs/pattern.h"
#include "logs/store.h"

struct logs_filter;

/* The store is borrowed and must outlive the filter. */
struct logs_filter *logs_filter_new(struct logs_store *store);
void logs_filter_free(struct logs_filter *filter);

/* Each change starts the work anew. A line is shown when it matches every
 * include and no exclude. The pattern is taken over. */
void logs_filter_include(struct logs_filter *filter, struct logs_pattern *pattern);
void logs_filter_exclude(struct logs_filter *filter, struct logs_pattern *pattern);
void logs_filter_remove(struct logs_filter *filter, size_t i);
size_t logs_filter_count(const struct logs_filter *filter);
/* The i-th pattern; *exclude says of which kind. */
const struct logs_pattern *logs_filter_pattern(const struct logs_filter *filter, size_t i, bool *exclude);
void logs_filter_hide_source(struct logs_filter *filter, uint16_t source, bool hidden);
bool logs_filter_is_hidden(const struct logs_filter *filter, uint16_t source);
void logs_filter_least_level(struct logs_filter *filter, enum logs_level level);
/* One key sets all aside and takes them back. */
void logs_filter_suspend(struct logs_filter *filter, bool suspended);
bool logs_filter_suspended(const struct logs_filter *filter);

/* Works for about budget_us; true when nothing is left to do. */
bool logs_filter_work(struct logs_filter *filter, int64_t budget_us);
/* Lines looked at, of how many (progress). */
void logs_filter_progress(const struct logs_filter *filter, uint64_t *done, uint64_t *all);

/* The lines shown, in merged order, as of the last finished work. */
size_t logs_filter_shown(const struct logs_filter *filter);
uint64_t logs_filter_number(const struct logs_filter *filter, size_t row);
/* How many lines shown have this number or a later one. */
size_t logs_filter_shown_since(const struct logs_filter *filter, uint64_t number);
/* The row of a line, or of the next shown one after it in merged order; shown() past the last. */
size_t logs_filter_row(const struct logs_filter *filter, uint64_t number);

#endif
