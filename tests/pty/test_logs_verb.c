/* SPDX-License-Identifier: Apache-2.0 */
/* cvmdeck logs without a screen, the real program against the real sandbox: in a pipe, cut short, and on a terminal. */
#include "config.h"

#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "child.h"
#include "pty/terminal.h"

struct stage {
	struct child *sandbox;
	char *program, *prefix, *home;
};

static int open_stage(void **state)
{
	struct stage *stage = mem_new(1, sizeof(*stage));
	static const char *const options[] = { NULL };
	char *api;

	stage->sandbox = child_start_sandbox(options);
	api = child_told(stage->sandbox, "api");
	stage->prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", api);
	stage->program = child_build_path("cvmdeck");
	stage->home = child_make_dir();
	free(api);
	*state = stage;
	return 0;
}

static int close_stage(void **state)
{
	struct stage *stage = *state;

	child_free(stage->sandbox);
	child_remove_dir(stage->home);
	free(stage->prefix);
	free(stage->program);
	free(stage->home);
	free(stage);
	return 0;
}

/* Through a shell, so that pipes can be tried; "$0" is the program. */
static struct child *run(const struct stage *stage, const char *line)
{
	const char *const argv[] = { "/bin/sh", "-c", line, stage->program, NULL };
	char *home = mem_printf("HOME=%s", stage->home);
	const char *const env[] = { stage->prefix, "PHALA_CLOUD_API_KEY=sandbox", home, NULL };
	struct child *child = child_start(argv, env);

	free(home);
	return child;
}

static const char *run_to_end(const struct stage *stage, const char *line, struct child **child)
{
	*child = run(stage, line);
	assert_int_equal(child_wait(*child, child_deadline_ms()), 0);
	return child_output(*child);
}

static void test_merged(void **state)
{
	struct child *child;
	const char *out = run_to_end(*state, "\"$0\" logs --cvm-id payments-api --all-containers --serial -n 5", &child);

	assert_non_null(strstr(out, "serial | "));
	assert_non_null(strstr(out, "web | "));
	assert_non_null(strstr(out, "worker | "));
	assert_null(strchr(out, '\033'));
	child_free(child);
}

static void test_grep(void **state)
{
	struct child *child;
	const char *line = run_to_end(*state, "\"$0\" logs --cvm-id payments-api worker -n 300 --grep '\"ERROR\"'", &child);
	size_t count = 0;

	for (; *line; line = strchr(line, '\n') + 1, count++) {
		const char *error = strstr(line, "\"ERROR\"");

		assert_true(error && error < strchr(line, '\n'));
	}
	assert_true(count > 0 && count < 300);
	child_free(child);
}

/* Times within the window, never falling: several sources are merged. */
static void test_window(void **state)
{
	struct child *child;
	const char *line = run_to_end(*state, "\"$0\" logs --cvm-id payments-api --all-containers --since 3m --until 2m --json", &child), *last = "";
	size_t count = 0;

	for (; *line; line = strchr(line, '\n') + 1, count++) {
		const char *time = strstr(line, "\"time\":\"");

		assert_non_null(time);
		assert_true(strncmp(last, time, strlen("\"time\":\"2026-01-01T00:00:00.000000Z")) <= 0);
		last = time;
	}
	assert_true(count > 10);
	child_free(child);
}

static void test_follow_json(void **state)
{
	struct child *child = run(*state, "exec \"$0\" logs --cvm-id payments-api --all-containers -n 1 --follow --json");

	assert_non_null(child_wait_text(child, "\"source\":\"web\"", child_deadline_ms()));
	assert_non_null(child_wait_text(child, "\"source\":\"worker\"", child_deadline_ms()));
	kill(child_pid(child), SIGINT);
	assert_int_equal(child_wait(child, child_deadline_ms()), 0);
	child_free(child);
}

static void test_closed_pipe(void **state)
{
	static const char *const lines[] = {
		"{ \"$0\" logs --cvm-id payments-api --all-containers -n 2000; echo \"status $?\" >&2; } | head -n 1 >/dev/null",
		"{ \"$0\" logs --cvm-id payments-api --all-containers -n 2000 --follow; echo \"status $?\" >&2; } | head -n 1 >/dev/null",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct child *child;

		assert_string_equal(run_to_end(*state, lines[i], &child), "status 0\n");
		child_free(child);
	}
}

static void test_not_there(void **state)
{
	struct child *child = run(*state, "\"$0\" logs --cvm-id payments-api nosuch");

	assert_true(child_wait(child, child_deadline_ms()) > 0);
	assert_non_null(strstr(child_output(child), "no such log source"));
	child_free(child);
	child = run(*state, "\"$0\" logs --cvm-id vault-sync");
	assert_true(child_wait(child, child_deadline_ms()) > 0);
	assert_non_null(strstr(child_output(child), "not public"));
	child_free(child);
}

/* Some of what was named is there: it is printed, and what is not is told. */
static void test_some_missing(void **state)
{
	struct child *child = run(*state, "\"$0\" logs --cvm-id payments-api web nosuch -n 1");

	assert_int_equal(child_wait(child, child_deadline_ms()), 5);
	assert_non_null(strstr(child_output(child), "as nosuch"));
	assert_non_null(strstr(child_output(child), "web, api, worker"));
	assert_non_null(strstr(child_output(child), "HTTP/1.1"));
	child_free(child);
}

static void test_several_cvms(void **state)
{
	struct child *child;
	const char *out = run_to_end(*state, "\"$0\" logs --cvm-id payments-api --cvm-id checkout-web --cvm-id payments-api --serial -n 2", &child);

	assert_non_null(strstr(out, "payments-api/serial | "));
	assert_non_null(strstr(out, "checkout-web/serial | "));
	child_free(child);
	out = run_to_end(*state, "\"$0\" logs --cvm-id payments-api --cvm-id checkout-web --serial -n 2 --json | sort | cut -d, -f1,2 | uniq -c", &child);
	assert_non_null(strstr(out, "2 {\"cvm\":\"checkout-web\",\"source\":\"serial\""));
	assert_non_null(strstr(out, "2 {\"cvm\":\"payments-api\",\"source\":\"serial\""));
	child_free(child);
}

/* The history of all sources is merged before what is live, and the end comes with --until. */
static void test_follow_until(void **state)
{
	struct child *child;
	const char *line = run_to_end(*state, "\"$0\" logs --cvm-id payments-api --all-containers --serial -n 100 --follow --json --until $(date -u -d '+2 sec' +%FT%TZ)", &child);
	const char *last = "", *time;
	size_t count = 0;

	for (; count < 300; line = strchr(line, '\n') + 1, count++) {
		time = strstr(line, "\"time\":\"");
		assert_non_null(time);
		assert_true(strncmp(last, time, strlen("\"time\":\"2026-01-01T00:00:00.000000Z")) <= 0);
		last = time;
	}
	child_free(child);
	run_to_end(*state, "\"$0\" logs --cvm-id payments-api --all-containers --follow -n 1 --until 1m", &child);
	child_free(child);
}

/* Nothing old, only what comes. */
static void test_follow_new(void **state)
{
	struct child *child = run(*state, "exec \"$0\" logs --cvm-id payments-api web -n 0 --follow --timestamps");
	const char *line;
	size_t count = 0;

	assert_non_null(child_wait_text(child, "HTTP/1.1", child_deadline_ms()));
	for (line = child_output(child); (line = strchr(line, '\n')); line++)
		count++;
	assert_true(count < 20);
	kill(child_pid(child), SIGINT);
	assert_int_equal(child_wait(child, child_deadline_ms()), 0);
	child_free(child);
}

static void test_bad_times(void **state)
{
	static const char *const lines[] = { "--since yesterday", "--until 5x", "--since 1m --until 2m" };
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *line = mem_printf("\"$0\" logs --cvm-id payments-api web %s", lines[i]);
		struct child *child = run(*state, line);

		assert_int_equal(child_wait(child, child_deadline_ms()), 2);
		child_free(child);
		free(line);
	}
}

static void test_colours(void **state)
{
	const struct stage *stage = *state;
	const char *const argv[] = { stage->program, "logs", "--cvm-id", "payments-api", "--all-containers", "-n", "2", NULL };
	const char *const env[] = { stage->prefix, "PHALA_CLOUD_API_KEY=sandbox", NULL };
	const struct terminal_options options = { .columns = 120, .rows = 40, .env = env };
	struct terminal *terminal = terminal_start(argv, &options);

	terminal_expect(terminal, "worker | ");
	assert_int_equal(terminal_wait_exit(terminal, child_deadline_ms()), 0);
	assert_non_null(strstr(terminal_output(terminal, NULL), "\033["));
	terminal_free(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged),      cmocka_unit_test(test_grep),      cmocka_unit_test(test_window),  cmocka_unit_test(test_follow_json),
		cmocka_unit_test(test_closed_pipe), cmocka_unit_test(test_not_there), cmocka_unit_test(test_colours),
		cmocka_unit_test(test_some_missing), cmocka_unit_test(test_several_cvms), cmocka_unit_test(test_follow_until),
		cmocka_unit_test(test_follow_new),  cmocka_unit_test(test_bad_times),
	};

	return cmocka_run_group_tests(tests, open_stage, close_stage);
}
