/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workspace of ten thousand CVMs over a hundred pages: what it takes in
 * memory, how long sorting and filtering take, when the first rows are there,
 * and how long a key takes to its frame while pages still arrive.
 */
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/key_times.h"
#include "child.h"
#include "cloud/workspace.h"
#include "pty/terminal.h"
#include "rollout/session.h"

enum { CVMS = 10000, KEYS = 300, WAIT_MS = 60000 };

static size_t held(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* ---- the records ---- */

static struct session *open_session(const char *api, const char *state)
{
	char key[] = "sandbox";
	struct session_options options = { .api_prefix = api, .state_dir = state, .sandbox = true };
	struct error err = { 0 };
	struct session *session;

	secret_set(&options.api_key, key, strlen(key), false);
	session = session_new(&options, &err);
	if (!session)
		mem_die(err.message);
	return session;
}

static double thread_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Returns the longest turn of the loop, in its thread's CPU time. */
static double wait_rows(struct session *session, struct workspace *workspace, size_t rows)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	double longest = 0;

	while (workspace_count(workspace) < rows && clock_mono_ms() < end) {
		double before = thread_ms(), took;

		loop_turn(session_loop(session), 50);
		took = thread_ms() - before;
		longest = took > longest ? took : longest;
	}
	return longest;
}

static double sort_and_filter(struct workspace *workspace)
{
	int64_t began = clock_mono_us(), took;

	workspace_sort(workspace, WORKSPACE_NODE, true);
	workspace_filter(workspace, "svc-00");
	took = clock_mono_us() - began;
	if (!workspace_rows(workspace) || workspace_rows(workspace) == CVMS)
		mem_die("the filter does not filter");
	workspace_filter(workspace, "");
	workspace_sort(workspace, WORKSPACE_NAME, false);
	return (double)took / 1000;
}

static void bench_records(const char *api)
{
	char *state = child_make_dir();
	struct session *session = open_session(api, state);
	size_t before = held(), bytes;
	int64_t began = clock_mono_us(), first, all;
	struct workspace *workspace = session_workspace(session);
	double ms, best = 1e9, longest;
	int i;

	wait_rows(session, workspace, 1);
	first = clock_mono_us() - began;
	printf("first of 10 000 CVMs on hand\t%zu rows after %.0f ms\t<= one page\t-\t%s\n", workspace_count(workspace), (double)first / 1000, workspace_count(workspace) <= 800 ? "ok" : "missed");
	longest = wait_rows(session, workspace, CVMS);
	all = clock_mono_us() - began;
	printf("longest turn of the loop while pages arrive\t%.1f ms CPU\t< 4 ms\t-\t%s\n", longest, longest < 4 ? "ok" : "missed");
	for (i = 0; i < 20; i++)
		loop_turn(session_loop(session), 10);
	bytes = held() - before;
	printf("10 000 CVMs held\t%.1f MiB (all there after %.1f s)\t< 32 MiB\t-\t%s\n", (double)bytes / 1048576, (double)all / 1e6,
	       bytes < 32u << 20 && workspace_count(workspace) == CVMS ? "ok" : "missed");
	for (i = 0; i < 5; i++) {
		ms = sort_and_filter(workspace);
		best = ms < best ? ms : best;
	}
	printf("sort and filter 10 000 CVMs\t%.1f ms\t< 10 ms\t-\t%s\n", best, best < 10 ? "ok" : "missed");
	session_free(session);
	child_remove_dir(state);
	free(state);
}

/* ---- on screen ---- */

struct place {
	int row;
	char line[200];
};

static void present(struct terminal *terminal, struct place *out)
{
	out->row = terminal_find(terminal, "▸", NULL);
	snprintf(out->line, sizeof(out->line), "%.40s", out->row < 0 ? "" : terminal_line(terminal, out->row));
}

static bool has_moved(struct terminal *terminal, const void *ctx)
{
	const struct place *was = ctx;
	struct place now;

	present(terminal, &now);
	return now.row >= 0 && (now.row != was->row || strcmp(now.line, was->line) != 0);
}

/* The header's spinner turns while pages come; its signs share their first two bytes. */
static bool is_loading(struct terminal *terminal, const void *ctx)
{
	(void)ctx;
	return strstr(terminal_line(terminal, 0), "\xe2\xa0") != NULL;
}

/* Pages must be arriving at every key: what has been loaded is read anew. */
static void keep_loading(struct terminal *terminal)
{
	if (is_loading(terminal, NULL))
		return;
	terminal_key(terminal, "ctrl-r");
	if (!terminal_wait_until(terminal, is_loading, NULL, WAIT_MS))
		mem_die("the workspace does not load anew");
}

static void bench_keys(const char *api)
{
	char *program = child_build_path("cvmdeck"), *prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", api);
	const char *const argv[] = { program, NULL };
	const char *const env[] = { prefix, "PHALA_CLOUD_API_KEY=sandbox", NULL };
	const struct terminal_options options = { .columns = 120, .rows = 40, .env = env };
	struct terminal *terminal = terminal_start(argv, &options);
	struct key_times times = { .pid = terminal_pid(terminal) };
	int i;

	if (!terminal_wait_text(terminal, "payments-api", WAIT_MS))
		mem_die("no rows came");
	for (i = 0; i < KEYS; i++) {
		struct place was;

		terminal_wait_quiet(terminal, 1);
		keep_loading(terminal);
		present(terminal, &was);
		key_times_begin(&times);
		terminal_type(terminal, i / 20 % 2 ? "k" : "j");
		if (!terminal_wait_until(terminal, has_moved, &was, 3000))
			mem_die("a key moved nothing");
		key_times_end(&times, clock_mono_us());
	}
	key_times_print(&times, "key to frame while pages of CVMs arrive");
	terminal_free(terminal);
	free(program);
	free(prefix);
}

int main(void)
{
	static const char *const options[] = { "--cvms", "10000", NULL };
	struct child *sandbox;
	char *api;

	if (sodium_init() < 0)
		return 1;
	sandbox = child_start_sandbox(options);
	api = child_told(sandbox, "api");
	bench_records(api);
	bench_keys(api);
	child_free(sandbox);
	free(api);
	return 0;
}
