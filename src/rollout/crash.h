/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where the crash matrix kills the process: before and after each
 * journal write and each effect of the machine. They are passed where writes
 * and effects are run, not in the adapters, so a new one cannot be forgotten.
 *
 * CVMDECK_CRASH_AT names one ("before-broadcast"; "after-journal-tx:2" for the
 * second time it is passed); "list" kills nothing and tells each place on
 * standard error as it is passed. Whoever sets a process's environment can
 * kill it anyway, so this opens no door; unset, it costs one look at a flag.
 */
#ifndef CVMDECK_ROLLOUT_CRASH_H
#define CVMDECK_ROLLOUT_CRASH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Kills this process with SIGKILL when CVMDECK_CRASH_AT names the place; any thread. */
void crash_before(const char *place);
void crash_after(const char *place);

enum { CRASH_PLACE_SIZE = 40 };

/* The i-th place, without before- and after-: the machine's writes ("journal-tx"), then its effects. False behind the last. */
bool crash_place(size_t i, char out[CRASH_PLACE_SIZE]) MUST_CHECK;

#endif
