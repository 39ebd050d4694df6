/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions over log lines: PCRE2 with its compiler, wrapped here alone. */
#ifndef CVMDECK_LOGS_PATTERN_H
#define CVMDECK_LOGS_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct logs_pattern;

/*
 * Case is ignored unless the pattern has a capital letter. Matching has limits
 * on steps and depth; a pattern that passes them on a line does not match it.
 * Errors: STATUS_USAGE "bad-pattern" with the place and the reason.
 */
struct logs_pattern *logs_pattern_new(const char *text, struct error *err) MUST_CHECK;
void logs_pattern_free(struct logs_pattern *pattern);
const char *logs_pattern_text(const struct logs_pattern *pattern);

/* The first match in one line at or after `from`. Out: *start, *end (bytes). */
bool logs_pattern_match(struct logs_pattern *pattern, const char *text, size_t len, size_t from, size_t *start, size_t *end);

/*
 * Walks many lines at once (separated by line feeds, as logs_store_run gives
 * them). From byte `from`, finds the next line that matches.
 * Out: *at (any byte of that line), *next (begin of the line after it).
 * Returns false when no further line matches.
 */
bool logs_pattern_next(struct logs_pattern *pattern, const char *text, size_t len, size_t from, size_t *at, size_t *next);

#endif
