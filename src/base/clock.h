/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time. Intervals come from the monotonic clock; what is shown or stored from
 * the wall clock, in milliseconds since 1970. Tests set CVMDECK_NOW (seconds)
 * to freeze the wall clock.
 */
#ifndef CVMDECK_BASE_CLOCK_H
#define CVMDECK_BASE_CLOCK_H

#include <stdint.h>

#include "base/status.h"

enum { CLOCK_TEXT_SIZE = 32 };

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void);

/*
 * RFC 3339 with any fraction and offset ("2026-01-01T00:00:00.123456Z"); a
 * time without an offset is UTC. Out: *ms, and *ns where not NULL: the
 * nanoseconds within that second. Returns false for anything else.
 */
bool clock_parse(const char *text, int64_t *ms, uint32_t *ns) MUST_CHECK;

/* The length of an RFC 3339 time at the start of bytes, or 0. */
size_t clock_scan(const char *bytes, size_t len);

/* 2026-01-01T00:00:00Z (UTC, no fraction). */
const char *clock_format(char out[CLOCK_TEXT_SIZE], int64_t ms);
/* 14:03:22 in local time. */
const char *clock_format_local(char out[CLOCK_TEXT_SIZE], int64_t ms);

#endif
