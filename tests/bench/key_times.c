/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/key_times.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { TARGET_US = 5000 };

/* What the process's first thread waited for a CPU since it began: the console's is its loop. */
static int64_t run_delay_us(pid_t pid)
{
	char path[64];
	int64_t ran = 0, waited = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return 0; /* a kernel without it: the two figures are the same */
	if (fscanf(file, "%" SCNd64 " %" SCNd64, &ran, &waited) != 2)
		waited = 0;
	fclose(file);
	return waited / 1000;
}

static int64_t both_delays_us(const struct key_times *times)
{
	return run_delay_us(times->pid) + run_delay_us(getpid());
}

void key_times_begin(struct key_times *times)
{
	if (times->count == KEY_TIMES_MOST)
		mem_die("too many keys for the benchmark");
	times->waited_us = both_delays_us(times);
	times->began_us = clock_mono_us();
}

void key_times_end(struct key_times *times, int64_t at_us)
{
	int64_t took = at_us - times->began_us, waited = both_delays_us(times) - times->waited_us;

	times->took_us[times->count] = took;
	times->own_us[times->count++] = waited < took ? took - waited : 0;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void key_times_print(struct key_times *times, const char *what)
{
	int64_t *took = times->took_us, *own = times->own_us;
	int p50 = times->count / 2, p99 = times->count * 99 / 100;

	qsort(took, (size_t)times->count, sizeof(*took), by_size);
	qsort(own, (size_t)times->count, sizeof(*own), by_size);
	printf("%s\t%.1f ms (p99), %.1f ms (p50); %.1f ms (p99) waits for a CPU aside\t< 5 ms (p99)\t-\t%s\n", what, (double)took[p99] / 1000,
	       (double)took[p50] / 1000, (double)own[p99] / 1000, took[p99] < TARGET_US ? "ok" : own[p99] < TARGET_US ? "busy machine" : "missed");
}
