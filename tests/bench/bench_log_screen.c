/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log viewer measured where the operator sits: at the pty. How long a key
 * takes to its painted frame while 50,000 lines a second arrive, how near a
 * near match is among a million lines, how long their filter takes, and how
 * many bytes a frame writes for its new lines.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/key_times.h"
#include "child.h"
#include "pty/terminal.h"

enum { KEYS = KEY_TIMES_MOST, WAIT_MS = 5000, FOLLOW_MS = 4000, LINE_BYTES = 31 + 95 /* as the server sends them: stamp and text */ };

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

/* ---- keys, at a bare pty: the emulator's own time must not count ---- */

struct bare {
	pid_t pid;
	int fd;
};

/* Reads what comes within ms; returns the bytes, and when the last of them came. */
static size_t read_some(struct bare *bare, int ms, int64_t *last_us)
{
	struct pollfd poll_fd = { .fd = bare->fd, .events = POLLIN };
	static char bytes[65536];
	ssize_t got;

	if (poll(&poll_fd, 1, ms) <= 0 || (got = read(bare->fd, bytes, sizeof(bytes))) <= 0)
		return 0;
	*last_us = clock_mono_us();
	return (size_t)got;
}

static void type_bare(struct bare *bare, const char *keys)
{
	if (write(bare->fd, keys, strlen(keys)) < 0)
		mem_die("the console went away");
}

/* Until nothing but the count of lines is written. */
static void settle(struct bare *bare, int ms)
{
	int64_t end = clock_mono_ms() + ms, at;

	while (clock_mono_ms() < end)
		read_some(bare, 5, &at);
}

/* The real console on a CVM of five sources, 10,000 lines a second each, over HTTP. */
static void start_bare(struct bare *bare, const char *api, const char *home)
{
	char *path = child_build_path("cvmdeck");
	struct winsize size = { .ws_row = 40, .ws_col = 120 };

	bare->pid = forkpty(&bare->fd, NULL, NULL, &size);
	if (bare->pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		setenv("PHALA_CLOUD_API_PREFIX", api, 1);
		setenv("PHALA_CLOUD_API_KEY", "sandbox", 1);
		setenv("HOME", home, 1);
		unsetenv("XDG_STATE_HOME");
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	free(path);
	settle(bare, 500);
	type_bare(bare, "/checkout-web\r");
	settle(bare, 300);
	type_bare(bare, "l");
	settle(bare, 2500);
	type_bare(bare, "k");
	settle(bare, 200);
}

/* From the key to the last byte of its frame; a whole page is painted anew, a count of lines is not. */
static void time_key(struct bare *bare, struct key_times *times, const char *key)
{
	enum { PAGE_BYTES = 400, GAP_MS = 2 };
	size_t bytes = 0, got;
	int64_t last;

	key_times_begin(times);
	last = times->began_us;
	type_bare(bare, key);
	do {
		got = read_some(bare, bytes < PAGE_BYTES ? WAIT_MS : GAP_MS, &last);
		bytes += got;
	} while (got);
	key_times_end(times, last);
}

static void bench_keys(void)
{
	/* page up, page down, the beginning, and the newest line with one up again */
	static const char *const keys[] = { "\033[5~", "\033[5~", "\033[5~", "\033[6~", "\033[5~", "g", "\033[6~", "\033[6~", "Gk", "\033[5~" };
	/* checkout-web has a serial console, two channels and two containers */
	static const char *const options[] = { "--faults", "{\"logs\":{\"rate\":10000}}", NULL };
	struct child *sandbox = child_start_sandbox(options);
	char *api = child_told(sandbox, "api"), *home = child_make_dir();
	struct key_times times = { 0 };
	struct bare bare;
	int i;

	start_bare(&bare, api, home);
	times.pid = bare.pid;
	for (i = 0; i < KEYS; i++) {
		time_key(&bare, &times, keys[i % (int)(sizeof(keys) / sizeof(keys[0]))]);
		settle(&bare, 10);
	}
	kill(bare.pid, SIGKILL);
	waitpid(bare.pid, NULL, 0);
	close(bare.fd);
	child_free(sandbox);
	child_remove_dir(home);
	free(home);
	free(api);
	key_times_print(&times, "key to frame while 50 000 lines/s arrive");
}

/* ---- at the emulator ---- */

/* The present line's text, after its time. */
static void present(struct terminal *terminal, char out[200])
{
	int row = terminal_find(terminal, "▸", NULL);

	snprintf(out, 200, "%s", row < 0 ? "" : terminal_line(terminal, row));
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
	if (!terminal_wait_text(terminal, "10 000 · 1 000 000 in all", WAIT_MS))
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
