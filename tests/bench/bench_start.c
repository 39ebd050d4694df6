/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the start of the process to its first painted frame, with the sandbox
 * up, and what the console does while nobody touches it: CPU ticks and
 * wake-ups over some seconds.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "child.h"

enum { STARTS = 15, IDLE_SECONDS = 5, TARGET_MS = 30 };

static void pass_on(struct child *sandbox, const char *name, const char *variable)
{
	char *value = child_told(sandbox, name);

	setenv(variable, value, 1);
	free(value);
}

/* Starts the console on a terminal of its own; *fd is the other side. */
static pid_t start(const char *program, int *fd)
{
	struct winsize size = { .ws_row = 40, .ws_col = 120 };
	pid_t pid = forkpty(fd, NULL, NULL, &size);

	if (pid == 0) {
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	return pid;
}

/* Reads until the footer's last hint is there: the whole frame was written. Returns microseconds, or -1. */
static int64_t first_frame(const char *program, pid_t *pid, int *fd)
{
	int64_t began = clock_mono_us();
	struct buf seen = BUF_INIT;
	int64_t took = -1;
	char bytes[65536];

	*pid = start(program, fd);
	while (took < 0 && clock_mono_us() - began < 5000000) {
		struct pollfd ready = { .fd = *fd, .events = POLLIN };
		ssize_t got = poll(&ready, 1, 100) > 0 ? read(*fd, bytes, sizeof(bytes)) : 0;

		if (got > 0)
			buf_add(&seen, bytes, (size_t)got);
		if (strstr(buf_text(&seen), "commands"))
			took = clock_mono_us() - began;
	}
	buf_clear(&seen);
	return took;
}

static void end(pid_t pid, int fd)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
}

static long ticks_of(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file && fgets(text, sizeof(text), file))
		sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	if (file)
		fclose(file);
	return (long)(user + system);
}

static long wakeups_of(pid_t pid)
{
	char path[64], line[256];
	long count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %ld", &count);
	if (file)
		fclose(file);
	return count;
}

static void drain(int fd, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	char bytes[65536];

	while (clock_mono_ms() < until) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };

		if (poll(&ready, 1, 50) > 0 && read(fd, bytes, sizeof(bytes)) <= 0)
			return;
	}
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(void)
{
	static const char *const options[] = { "--seed", "1", NULL };
	char *program = child_build_path("cvmdeck"), *dir = child_make_dir();
	struct child *sandbox = child_start_sandbox(options);
	int64_t took[STARTS];
	long ticks, wakeups;
	pid_t pid;
	int fd, i;

	pass_on(sandbox, "api", "PHALA_CLOUD_API_PREFIX");
	pass_on(sandbox, "rpc", "ETH_RPC_URL");
	setenv("PHALA_CLOUD_API_KEY", "sandbox", 1);
	setenv("XDG_STATE_HOME", dir, 1);
	setenv("TERM", "xterm-256color", 1);
	for (i = 0; i < STARTS; i++) {
		took[i] = first_frame(program, &pid, &fd);
		if (i + 1 < STARTS)
			end(pid, fd);
	}
	drain(fd, 3000);
	ticks = ticks_of(pid);
	wakeups = wakeups_of(pid);
	drain(fd, IDLE_SECONDS * 1000);
	ticks = ticks_of(pid) - ticks;
	wakeups = wakeups_of(pid) - wakeups;
	end(pid, fd);
	qsort(took, STARTS, sizeof(*took), compare);
	printf("start to first frame\t%.1f ms (best %.1f)\t<= %d ms\t-\t%s\n", (double)took[STARTS / 2] / 1000, (double)took[0] / 1000, TARGET_MS, took[STARTS / 2] <= TARGET_MS * 1000 ? "ok" : "missed");
	printf("idle for %d s\t%ld ticks, %ld wake-ups\t0 ticks, timers only\t-\t%s\n", IDLE_SECONDS, ticks, wakeups, ticks <= 1 ? "ok" : "missed");
	child_free(sandbox);
	child_remove_dir(dir);
	free(dir);
	free(program);
	return 0;
}
