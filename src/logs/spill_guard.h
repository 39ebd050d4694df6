/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mapped file whose disk fails must not end the program: a page that cannot
 * be read is replaced by zeros, and that it was is remembered. Any other bus
 * error goes the way it went before. Used from one thread.
 */
#ifndef CVMDECK_LOGS_SPILL_GUARD_H
#define CVMDECK_LOGS_SPILL_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the guard's number, or -1 when too many are guarded already. */
int spill_guard_begin(const void *map, size_t len);
bool spill_guard_hit(int guard);
void spill_guard_end(int guard);

#endif
