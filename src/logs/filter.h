/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a store is shown: sources switched on and off, a least level,
 * patterns to include and to exclude. Works in slices, so that the screen is
 * never held up: log_filter_work goes on where it stopped and takes in what
 * has come since.
 */
#ifndef CVMDECK_LOGS_FILTER_H
#define CVMDECK_LOGS_FILTER_H

#include "logs/pattern.h"
#include "logs/store.h"

struct log_filter;

/* The store is borrowed and must outlive the filter. */
struct log_filter *log_filter_new(struct log_store *store);
void log_filter_free(struct log_filter *filter);

/* Each change starts the work anew. A line is shown when it matches every
 * include and no exclude. The pattern is taken over. */
void log_filter_include(struct log_filter *filter, struct log_pattern *pattern);
void log_filter_exclude(struct log_filter *filter, struct log_pattern *pattern);
void log_filter_remove(struct log_filter *filter, size_t i);
size_t log_filter_count(const struct log_filter *filter);
/* The i-th pattern; *exclude says of which kind. */
const struct log_pattern *log_filter_pattern(const struct log_filter *filter, size_t i, bool *exclude);
void log_filter_hide_source(struct log_filter *filter, uint16_t source, bool hidden);
bool log_filter_is_hidden(const struct log_filter *filter, uint16_t source);
void log_filter_least_level(struct log_filter *filter, enum log_level level);
/* One key sets all aside and takes them back. */
void log_filter_suspend(struct log_filter *filter, bool suspended);
bool log_filter_suspended(const struct log_filter *filter);

/* Works for about budget_us; true when nothing is left to do. */
bool log_filter_work(struct log_filter *filter, int64_t budget_us);
/* Lines looked at, of how many (progress). */
void log_filter_progress(const struct log_filter *filter, uint64_t *done, uint64_t *all);

/* The lines shown, in merged order, as of the last finished work. */
size_t log_filter_shown(const struct log_filter *filter);
uint64_t log_filter_number(const struct log_filter *filter, size_t row);
/* The row of a line, or of the next shown one after it in merged order; shown() past the last. */
size_t log_filter_row(const struct log_filter *filter, uint64_t number);

#endif
