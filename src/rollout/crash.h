/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places where the crash matrix kills the process: before and after each
 * journal write and each effect that changes the world.
 *
 * CVMDECK_CRASH_AT names one ("before-broadcast"; "after-journal-tx:2" for the
 * second time it is passed). Whoever sets a process's environment can kill it
 * anyway, so this opens no door; unset, it costs one look at a flag.
 */
#ifndef CVMDECK_ROLLOUT_CRASH_H
#define CVMDECK_ROLLOUT_CRASH_H

#include <stddef.h>

/* Kills this process with SIGKILL when CVMDECK_CRASH_AT names the place; any thread. */
void crash_before(const char *place);
void crash_after(const char *place);

/* The places, without before- and after-; ends with NULL. */
extern const char *const crash_places[];

#endif
