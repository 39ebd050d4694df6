/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real program as a job of a shell: stopped by its key or a signal, alone
 * or inside a script, and brought back; killed by a crash; pasted into. The
 * terminal is the shell's in between, in every mode.
 */
#include "config.h"

#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "pty/desk.h"

/* A shell with job control that says when its job stopped or ended, waits for a line, and then brings it back. */
static void start_in_shell(struct desk *desk, const char *before, const char *behind)
{
	char *path = child_build_path("cvmdeck");
	char *line = mem_printf("set -m; %s%s%s; echo \"stopped with $?\"; read line; fg >/dev/null && echo \"back with $?\"; read line", before,
	                        path, behind);
	const char *const arguments[] = { "-c", line, NULL };

	desk_begin(desk, NULL);
	desk->shell = "/bin/sh";
	desk_start(desk, arguments, 80, 24);
	terminal_expect(desk->terminal, "payments-api");
	free(line);
	free(path);
}

/* The program's own process, where the job has written it down. */
#define WITH_PID "sh -c 'echo $$ >pid; exec ", "'"

static pid_t pid_of(struct desk *desk)
{
	char *path = mem_printf("%s/pid", desk->home);
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	pid_t pid;

	assert_true(file_read(path, "process id", 64, &text, &err));
	pid = (pid_t)strtol(buf_text(&text), NULL, 10);
	assert_true(pid > 1);
	buf_clear(&text);
	free(path);
	return pid;
}

/* The shell has the terminal: out of the alternate screen, pasting plain, and lines are echoed as they are typed. */
static void expect_shell(struct desk *desk, const char *said)
{
	struct terminal *terminal = desk->terminal;
	int row, column;
	bool visible;

	terminal_expect(terminal, said);
	assert_false(terminal_alternate(terminal));
	terminal_cursor(terminal, &row, &column, &visible);
	assert_true(visible);
	terminal_type(terminal, "some words");
	terminal_expect(terminal, "some words");
}

static void bring_back(struct desk *desk)
{
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, "payments-api");
	terminal_expect(desk->terminal, "filter");
	assert_true(terminal_alternate(desk->terminal));
	terminal_type(desk->terminal, "j");
	terminal_expect(desk->terminal, "▸checkout");
}

static void end_in_shell(struct desk *desk)
{
	terminal_type(desk->terminal, "q");
	terminal_expect(desk->terminal, "back with 0");
	assert_false(terminal_alternate(desk->terminal));
	terminal_key(desk->terminal, "enter");
	terminal_expect_exit(desk->terminal, 0);
	terminal_free(desk->terminal);
	desk->terminal = NULL;
	desk_end(desk);
}

static void stop_and_bring_back(struct desk *desk)
{
	expect_shell(desk, "stopped with");
	bring_back(desk);
	end_in_shell(desk);
}

static void test_stop_key(void **state)
{
	struct desk desk;

	(void)state;
	start_in_shell(&desk, "", "");
	terminal_key(desk.terminal, "ctrl-z");
	stop_and_bring_back(&desk);
}

/* The whole job stops, so that the shell hears of it. */
static void test_stop_in_script(void **state)
{
	struct desk desk;

	(void)state;
	start_in_shell(&desk, "sh -c '", "; true'");
	terminal_key(desk.terminal, "ctrl-z");
	stop_and_bring_back(&desk);
}

static void test_stop_signal(void **state)
{
	struct desk desk;

	(void)state;
	start_in_shell(&desk, WITH_PID);
	kill(pid_of(&desk), SIGTSTP);
	stop_and_bring_back(&desk);
}

static void test_crash(void **state)
{
#ifdef WITH_SANITIZERS /* they have the other signals to themselves */
	enum { SIGNAL = SIGABRT };
#else
	enum { SIGNAL = SIGSEGV };
#endif
	char *said = mem_printf("stopped with %d", 128 + SIGNAL);
	struct desk desk;

	(void)state;
	start_in_shell(&desk, WITH_PID);
	kill(pid_of(&desk), SIGNAL);
	expect_shell(&desk, said);
	assert_non_null(strstr(terminal_output(desk.terminal, NULL), "\033[?2004l"));
	terminal_key(desk.terminal, "enter");
	terminal_wait_exit(desk.terminal, child_deadline_ms());
	terminal_free(desk.terminal);
	desk.terminal = NULL;
	desk_end(&desk);
	free(said);
}

/* ---- pasting ---- */

static void paste(struct terminal *terminal, const char *text)
{
	terminal_type(terminal, "\033[200~");
	terminal_type(terminal, text);
	terminal_type(terminal, "\033[201~");
}

/* A paste is no command, whatever it holds; in a line it is text, its first line alone. */
static void test_paste(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char *much = mem_new(300001, 1);

	(void)state;
	desk_begin(&desk, NULL);
	desk_open(&desk);
	terminal = desk.terminal;
	paste(terminal, "q\003:quit\rjjjj");
	terminal_type(terminal, "/");
	terminal_expect_gone(terminal, "s sort"); /* the line is open */
	paste(terminal, "payments\rq\r");
	terminal_expect(terminal, "1 of 56 CVMs");
	terminal_expect(terminal, "/ payments");
	/* more than a line takes is not taken, and the rest is no key either */
	memset(much, 'q', 300000);
	paste(terminal, much);
	terminal_type(terminal, "-ap");
	terminal_expect(terminal, "/ payments-ap");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "▸payments");
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 0);
	free(much);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop_key), cmocka_unit_test(test_stop_in_script), cmocka_unit_test(test_stop_signal), cmocka_unit_test(test_crash),
		cmocka_unit_test(test_paste),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console jobs", tests, NULL, NULL);
}
