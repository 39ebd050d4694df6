/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log viewer measured where the operator sits: at the pty. How long a key
 * takes to its painted frame while 50,000 lines a second arrive, how near a
 * near match is among a million lines, how long their filter takes, and how
 * many bytes a frame writes for its new lines.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "child.h"
#include "pty/terminal.h"

enum { KEYS = 400, WAIT_MS = 5000, FOLLOW_MS = 4000, LINE_BYTES = 31 + 95 /* as the server sends them: stamp and text */ };

static struct terminal *start(const char *rate, const char *most)
{
	char *path = child_build_path("tests/pty/logs_demo");
	const char *const argv[] = { path, "rate", rate, most, NULL };
	const struct terminal_options options = { .columns = 120, .rows = 40 };
	struct terminal *terminal = terminal_start(argv, &options);

	free(path);
	if (!terminal_wait_text(terminal, "payments-api", WAIT_MS))
		mem_die("the console did not come up");
	terminal_type(terminal, "l");
	if (!terminal_wait_text(terminal, "● web", WAIT_MS))
		mem_die("the logs did not come up");
	kill(terminal_pid(terminal), SIGUSR1);
	return terminal;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The present line's text, after its time. */
static void present(struct terminal *terminal, char out[200])
{
	int row = terminal_find(terminal, "▸", NULL);

	snprintf(out, 200, "%s", row < 0 ? "" : terminal_line(terminal, row));
}

static bool is_elsewhere(struct terminal *terminal, const void *was)
{
	char now[200];

	present(terminal, now);
	return now[0] && strcmp(now, was) != 0;
}

static void bench_keys(void)
{
	static const char *const keys[] = { "k", "pgup", "pgup", "k", "pgup", "j", "pgdn", "home", "pgdn", "pgdn", "j", "pgdn" };
	struct terminal *terminal = start("50000", NULL);
	int64_t took[KEYS];
	char was[200];
	int i;

	terminal_wait_text(terminal, "00 0", WAIT_MS);
	terminal_type(terminal, "k");
	terminal_wait_text(terminal, "paused", WAIT_MS);
	for (i = 0; i < KEYS; i++) {
		const char *key = keys[i % (int)(sizeof(keys) / sizeof(keys[0]))];
		int64_t began;

		terminal_wait_quiet(terminal, 4);
		present(terminal, was);
		began = clock_mono_us();
		if (key[1])
			terminal_key(terminal, key);
		else
			terminal_type(terminal, key);
		if (!terminal_wait_until(terminal, is_elsewhere, was, WAIT_MS))
			fprintf(stderr, "key %s moved nothing at %s\n", key, was);
		took[i] = clock_mono_us() - began;
		if (i % 40 == 39) /* and from the newest line up again */
			terminal_type(terminal, "G"), terminal_wait_text(terminal, "following", WAIT_MS), terminal_type(terminal, "k"), terminal_wait_text(terminal, "paused", WAIT_MS);
	}
	qsort(took, KEYS, sizeof(*took), by_size);
	fprintf(stderr, "keys: p50 %.1f, p90 %.1f, p95 %.1f, p99 %.1f, most %.1f ms\n", (double)took[KEYS / 2] / 1e3, (double)took[KEYS * 9 / 10] / 1e3,
	        (double)took[KEYS * 95 / 100] / 1e3, (double)took[KEYS * 99 / 100] / 1e3, (double)took[KEYS - 1] / 1e3);
	printf("key to frame while 50 000 lines/s arrive\t%.1f ms (p99), %.1f ms (p50)\t< 5 ms (p99)\t-\t%s\n", (double)took[KEYS * 99 / 100] / 1000, (double)took[KEYS / 2] / 1000,
	       took[KEYS * 99 / 100] < 5000 ? "ok" : "missed");
	terminal_free(terminal);
}

static bool is_at(struct terminal *terminal, const void *text)
{
	char now[200];

	present(terminal, now);
	return strstr(now, text) != NULL;
}

static void bench_million(void)
{
	struct terminal *terminal = start("400000", "1000000");
	int64_t began, near, filtered;

	if (!terminal_wait_text(terminal, "1 000 000 lines", 60000))
		mem_die("the million lines did not come");
	terminal_type(terminal, "g/line 1299 is");
	terminal_wait_text(terminal, "line 1299 is", WAIT_MS);
	began = clock_mono_us();
	terminal_key(terminal, "enter");
	if (!terminal_wait_until(terminal, is_at, "line 1299 is", WAIT_MS))
		fprintf(stderr, "no match\n");
	near = clock_mono_us() - began;
	printf("first match on screen, 1 300 lines ahead of a million\t%.1f ms\t< 20 ms\t-\t%s\n", (double)near / 1000, near < 20000 ? "ok" : "missed");
	terminal_type(terminal, "&needle of line \\d+7");
	terminal_wait_text(terminal, "+7", WAIT_MS);
	terminal_wait_quiet(terminal, 50);
	terminal_type(terminal, "\b9");
	terminal_wait_quiet(terminal, 50);
	began = clock_mono_us();
	terminal_key(terminal, "enter");
	if (!terminal_wait_text(terminal, "10 000 lines of 1 000 000", WAIT_MS) && !terminal_wait_text(terminal, "10 000 of", 10))
		fprintf(stderr, "no filter\n%s", terminal_screen(terminal));
	filtered = clock_mono_us() - began;
	printf("filter of a million lines on screen\t%.1f ms\t< 300 ms\t-\t%s\n", (double)filtered / 1000, filtered < 300000 ? "ok" : "missed");
	terminal_free(terminal);
}

/* The number of the lowest line on the screen: they are numbered from 0. */
static long lines_shown(struct terminal *terminal)
{
	int row;

	for (row = 38; row > 2; row--) {
		const char *at = strstr(terminal_line(terminal, row), " line ");

		if (at && at[6] >= '0' && at[6] <= '9')
			return strtol(at + 6, NULL, 10);
	}
	return 0;
}

static bool is_past(struct terminal *terminal, const void *lines)
{
	return lines_shown(terminal) >= *(const long *)lines;
}

static void bench_bytes(const char *rate)
{
	struct terminal *terminal = start(rate, NULL);
	long first, last, enough = 60;
	size_t bytes;
	int64_t end;
	double ratio;

	terminal_wait_until(terminal, is_past, &enough, 10000);
	first = lines_shown(terminal);
	bytes = terminal_bytes(terminal);
	for (end = clock_mono_ms() + FOLLOW_MS; clock_mono_ms() < end;)
		terminal_wait_quiet(terminal, 10);
	last = lines_shown(terminal);
	bytes = terminal_bytes(terminal) - bytes;
	ratio = (double)bytes / ((double)(last - first) * LINE_BYTES);
	printf("screen bytes per byte of new lines, following %s lines/s\t%.2f\t<= 1.50\t-\t%s\n", rate, ratio, last > first && ratio <= 1.5 ? "ok" : "missed");
	terminal_free(terminal);
}

int main(void)
{
	bench_keys();
	bench_million();
	bench_bytes("20");
	bench_bytes("300");
	bench_bytes("5000");
	return 0;
}
