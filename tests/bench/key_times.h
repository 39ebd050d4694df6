/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long keys take to their painted frames, as one row of the benchmark.
 *
 * The time counts from the key to the frame on the pty's other side. Beside it
 * stands the same without what the console and its reader waited for a CPU
 * that others had (run delay, /proc/PID/schedstat): on a busy machine the
 * first tells of the machine, the second of the console. A target that only
 * the first misses is said to be the machine's.
 */
#ifndef CVMDECK_TESTS_KEY_TIMES_H
#define CVMDECK_TESTS_KEY_TIMES_H

#include <stdint.h>
#include <sys/types.h>

enum { KEY_TIMES_MOST = 400 };

/* Zeroed with the console's pid before the first key. */
struct key_times {
	pid_t pid;
	int count;
	int64_t took_us[KEY_TIMES_MOST], own_us[KEY_TIMES_MOST];
	int64_t began_us, waited_us; /* of the key under way */
};

/* Right before a key is typed, and when its frame is there: at_us, on the monotonic clock. */
void key_times_begin(struct key_times *times);
void key_times_end(struct key_times *times, int64_t at_us);
/* Sorts the times and prints the row; the target is 5 ms at the 99th percentile. */
void key_times_print(struct key_times *times, const char *what);

#endif
