/* SPDX-License-Identifier: Apache-2.0 */
/* The log store beside its peers: a million lines held, searched and filtered, in memory and with a disk behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "logs/search.h"
#include "logs/spill.h"

enum { LINES = 1000000 };
static const char pattern_text[] = "timeout after [0-9]+ms";

/* One line of a made-up web log, about 112 bytes. */
static int make_line(char *out, size_t size, int i)
{
	return snprintf(out, size, "2026-01-01T%02d:%02d:%02d.%06dZ %s request=%08x path=/api/v1/items/%d took=%dms %s", i / 3600 % 24, i / 60 % 60, i % 60, i % 1000000,
			i % 50 ? "INFO " : "ERROR", (unsigned)i * 2654435761u, i % 977, i % 313, i % 1000 ? "served from the cache of the worker" : "timeout after 30000ms at the upstream");
}

static double cpu_seconds(int who)
{
	struct rusage use;

	getrusage(who, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double peer_seconds(const char *command)
{
	double before = cpu_seconds(RUSAGE_CHILDREN);

	if (system(command) == 127)
		return 0;
	return cpu_seconds(RUSAGE_CHILDREN) - before;
}

/* One row of the table: name, measured, target, peer, verdict. */
static void row(const char *what, double ours, double peer, const char *peer_name, double target)
{
	if (peer <= 0.001) {
		printf("%s\t%.3f s CPU\t<= %.2f x %s\t-\tok\n", what, ours, target, peer_name);
		return;
	}
	printf("%s\t%.3f s CPU, %.2f x\t<= %.2f x %s\t%.3f s CPU\t%s\n", what, ours, ours / peer, target, peer_name, peer, ours / peer <= target ? "ok" : "missed");
}

/* loop: of a store that waits for its disk; else NULL. */
static void fill(struct logs_store *store, FILE *file, struct loop *loop, double *seconds)
{
	double before = cpu_seconds(RUSAGE_SELF);
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	rewind(file);
	while ((len = getline(&line, &room, file)) > 0) {
		int64_t ms = 0;
		size_t stamp = clock_scan(line, (size_t)len);
		char text[CLOCK_TEXT_SIZE];

		snprintf(text, sizeof(text), "%.*s", (int)stamp, line);
		if (!clock_parse(text, &ms, NULL))
			ms = 0;
		logs_store_add(store, 0, ms * 1000, 0, 0, line, (size_t)len - 1);
		while (loop && logs_store_is_behind(store))
			loop_turn(loop, 1000);
	}
	free(line);
	*seconds = cpu_seconds(RUSAGE_SELF) - before;
}

/* One slice, as between two frames; keeps the longest in microseconds. */
static bool slice_of_work(struct logs_filter *filter, int64_t *longest)
{
	int64_t began = clock_mono_us();
	bool ready = logs_filter_work(filter, 2000);

	began = clock_mono_us() - began;
	if (began > *longest)
		*longest = began;
	return ready;
}

static void bench_filter(struct logs_store *store, struct logs_pattern *pattern, uint64_t count, const char *what)
{
	struct logs_filter *filter = logs_filter_new(store);
	int64_t began = clock_mono_us(), longest = 0;

	logs_filter_include(filter, pattern);
	while (!slice_of_work(filter, &longest))
		;
	began = clock_mono_us() - began;
	printf("%s\t%.3f s, longest slice %.1f ms\t<= 0.300 s\t-\t%s\n", what, (double)began / 1e6, (double)longest / 1e3,
	       began < 300000 && logs_filter_shown(filter) == count ? "ok" : "missed");
	logs_filter_free(filter);
}

static void on_written(void *ctx)
{
	(void)ctx;
}

/* The same million lines where memory has no room for them. */
static void bench_disk(FILE *file, double in_memory, uint64_t count)
{
	enum { MEMORY = 16 * 1024 * 1024 };
	char path[] = "bench-logs-XXXXXX";
	struct error err = { 0 };
	struct loop *loop = loop_new(&err);
	struct logs_store *store = logs_store_new(MEMORY);
	struct logs_spill *spill = logs_spill_on(loop, mkstemp(path), (uint64_t)1 << 30, 0, &err);
	struct logs_pattern *pattern = logs_pattern_new(pattern_text, NULL);
	double seconds, held;
	bool good;

	unlink(path);
	if (!spill)
		mem_die("no place for the lines on disk");
	logs_store_spill(store, spill, on_written, NULL);
	fill(store, file, loop, &seconds);
	held = (double)logs_store_bytes(store) / 1048576;
	good = held <= MEMORY / 1048576 && logs_store_count(store) == LINES;
	printf("a million lines in 16 MiB, the rest on disk\t%.1f MiB held, %.0f MiB on disk\t<= 16 MiB\t-\t%s\n", held, (double)logs_store_disk_bytes(store) / 1048576,
	       good ? "ok" : "missed");
	printf("the same, time beside all in memory\t%.3f s CPU, %.2f x\t<= 3 x\t%.3f s CPU\t%s\n", seconds, seconds / in_memory, in_memory, seconds <= 3 * in_memory ? "ok" : "missed");
	bench_filter(store, pattern, count, "filter over all lines, most of them on disk");
	logs_store_free(store);
	loop_free(loop);
}

int main(void)
{
	char path[] = "/tmp/cvmdeck-bench-XXXXXX", command[256], line[512];
	int fd = mkstemp(path), i;
	FILE *file = fdopen(fd, "w+");
	struct logs_store *store;
	struct logs_pattern *pattern;
	double seconds, added, before;
	size_t bytes = 0;
	uint64_t count;

	for (i = 0; i < LINES; i++) {
		int len = make_line(line, sizeof(line), i);

		line[len] = '\n';
		bytes += fwrite(line, 1, (size_t)len + 1, file);
	}
	fflush(file);
	store = logs_store_new((size_t)1 << 30);
	fill(store, file, NULL, &added);
	snprintf(command, sizeof(command), "command -v lnav >/dev/null && lnav -n %s >/dev/null 2>&1", path);
	fprintf(stderr, "%d lines, %zu MB\n", LINES, bytes / 1000000);
	row("log lines into the store", added, peer_seconds(command), "lnav -n", 0.5);
	printf("memory per byte of log\t%.2f\t<= 1.30\t-\t%s\n", (double)logs_store_bytes(store) / (double)bytes, (double)logs_store_bytes(store) <= 1.3 * (double)bytes ? "ok" : "missed");
	pattern = logs_pattern_new(pattern_text, NULL);
	before = cpu_seconds(RUSAGE_SELF);
	count = logs_search_count(store, pattern);
	seconds = cpu_seconds(RUSAGE_SELF) - before;
	/* Through a pipe: grep stops at the first match when it writes to /dev/null. */
	snprintf(command, sizeof(command), "grep -c -E '%s' %s | cat >/dev/null", pattern_text, path);
	row("regular expression over all lines", seconds, peer_seconds(command), "grep -c", 2.0);
	bench_filter(store, pattern, count, "filter over all lines");
	logs_store_free(store);
	bench_disk(file, added, count);
	fclose(file);
	unlink(path);
	return 0;
}
