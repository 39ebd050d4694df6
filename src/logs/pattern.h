/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions over log lines: PCRE2 with its compiler, wrapped here alone. */
#ifndef CVMDECK_LOGS_PATTERN_H
#define CVMDECK_LOGS_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct log_pattern;

/*
 * Case is ignored unless the pattern has a capital letter. Matching has limits
 * on steps and depth; a pattern that passes them on a line does not match it.
 * Errors: STATUS_USAGE "bad-pattern" with the place and the reason.
 */
struct log_pattern *log_pattern_new(const char *text, struct error *err) MUST_CHECK;
void log_pattern_free(struct log_pattern *pattern);
const char *log_pattern_text(const struct log_pattern *pattern);

/* The first match in one line at or after `from`. Out: *start, *end (bytes). */
bool log_pattern_match(struct log_pattern *pattern, const char *text, size_t len, size_t from, size_t *start, size_t *end);

/*
 * Walks many lines at once (separated by line feeds, as log_store_run gives
 * them). From byte `from`, finds the next line that matches.
 * Out: *at (any byte of that line), *next (begin of the line after it).
 * Returns false when no further line matches.
 */
bool log_pattern_next(struct log_pattern *pattern, const char *text, size_t len, size_t from, size_t *at, size_t *next);

#endif
