/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console and its terminal: what a person's terminal goes through, from
 * the first frame to a crash. Over the example records of console_demo, so
 * that no backend's pace matters; the whole product is tried in test_console.
 */
#include "config.h"

#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "child.h"
#include "pty/terminal.h"

static struct terminal *demo_with(const char *prefix, const char *arguments, int columns, int rows)
{
	char *path = child_build_path("tests/pty/console_demo");
	char *line = mem_printf("%s exec '%s' %s", prefix, path, arguments);
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	const char *const env[] = { "CVMDECK_TEST=1", NULL };
	struct terminal_options options = { .columns = columns, .rows = rows, .env = env };
	struct terminal *terminal = terminal_start(argv, &options);

	free(line);
	free(path);
	return terminal;
}

static struct terminal *demo(void)
{
	struct terminal *terminal = demo_with("", "40 quiet", 80, 24);

	terminal_expect(terminal, "payments-api");
	return terminal;
}

static void expect_restored(struct terminal *terminal)
{
	int row, column;
	bool visible;

	assert_false(terminal_alternate(terminal));
	terminal_cursor(terminal, &row, &column, &visible);
	assert_true(visible);
	/* Pasting is plain again. */
	assert_non_null(strstr(terminal_output(terminal, NULL), "\033[?2004l"));
}

static void test_quits(void **state)
{
	struct terminal *terminal = demo();

	(void)state;
	assert_true(terminal_alternate(terminal));
	terminal_type(terminal, "q");
	terminal_expect_exit(terminal, 0);
	expect_restored(terminal);
	terminal_free(terminal);
	terminal = demo();
	terminal_key(terminal, "ctrl-c");
	terminal_expect_exit(terminal, 0);
	expect_restored(terminal);
	terminal_free(terminal);
}

static void test_signals_restore(void **state)
{
	static const struct { int signo, status; } ends[] = { { SIGTERM, 0 }, { SIGINT, 0 }, { SIGABRT, 128 + SIGABRT },
#ifndef WITH_SANITIZERS
		{ SIGSEGV, 128 + SIGSEGV }, { SIGBUS, 128 + SIGBUS },
#endif
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct terminal *terminal = demo();

		kill(terminal_pid(terminal), ends[i].signo);
		terminal_expect_exit(terminal, ends[i].status);
		expect_restored(terminal);
		terminal_free(terminal);
	}
}

/* Started by no shell: who stopped it could never bring it back, so it is not stopped (test_console_jobs stops it in one). */
static void test_no_shell_to_stop_for(void **state)
{
	struct terminal *terminal = demo();

	(void)state;
	terminal_key(terminal, "ctrl-z");
	terminal_expect(terminal, "no shell here");
	assert_true(terminal_alternate(terminal));
	terminal_type(terminal, "j");
	terminal_expect(terminal, "▸svc-00001");
	kill(terminal_pid(terminal), SIGTSTP);
	terminal_wait_quiet(terminal, 50);
	terminal_type(terminal, "j");
	terminal_expect(terminal, "▸svc-00002");
	terminal_free(terminal);
}

static void test_resize(void **state)
{
	static const int sizes[][2] = { { 120, 40 }, { 60, 20 }, { 200, 60 }, { 80, 24 } };
	struct terminal *terminal = demo();
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		terminal_resize(terminal, sizes[i][0], sizes[i][1]);
		if (sizes[i][0] < 80)
			terminal_expect(terminal, "This window is 60×20.");
		else
			terminal_expect(terminal, "UPTIME");
		terminal_wait_quiet(terminal, 50);
		assert_int_equal(terminal_find(terminal, sizes[i][0] < 80 ? "needs" : "filter", NULL), sizes[i][0] < 80 ? 11 : sizes[i][1] - 1);
	}
	terminal_free(terminal);
}

static void test_without_colour(void **state)
{
	struct terminal *terminal = demo_with("NO_COLOR=1", "4 quiet", 80, 24);
	int row, column;

	(void)state;
	terminal_expect(terminal, "svc-00003");
	for (row = 0; row < 24; row++)
		for (column = 0; column < 80; column++) {
			assert_int_equal(terminal_cell_at(terminal, row, column).foreground, -1);
			assert_int_equal(terminal_cell_at(terminal, row, column).background, -1);
		}
	assert_true(terminal_cell_at(terminal, 2, 4).reverse); /* the selection is seen all the same */
	terminal_free(terminal);
}

static void test_few_colours(void **state)
{
	struct terminal *terminal = demo_with("TERM=xterm", "4 quiet", 80, 24);
	int row, column;

	(void)state;
	terminal_expect(terminal, "svc-00003");
	for (row = 0; row < 24; row++)
		for (column = 0; column < 80; column++)
			assert_true(terminal_cell_at(terminal, row, column).foreground < 16);
	terminal_free(terminal);
}

static void test_ascii_only(void **state)
{
	struct terminal *terminal = demo_with("LC_ALL=C", "4 quiet", 80, 24);
	const char *at;
	int marks;

	(void)state;
	terminal_expect(terminal, ">payments-api     * running  0x5fc8~5707");
	terminal_expect(terminal, "Enter update");
	for (at = terminal_screen(terminal); *at; at++)
		assert_true((unsigned char)*at < 0x80);
	terminal_type(terminal, ":sort nonsense\r");
	terminal_expect(terminal, "there is no column \"nonsense\"");
	/* Every sign of the console's own has something that stands for it: the only question mark is the help's key. */
	for (at = terminal_screen(terminal), marks = 0; *at; at++)
		marks += *at == '?';
	assert_int_equal(marks, 1);
	terminal_free(terminal);
}

/* The kernel's console shows UTF-8, but has no glyph for most signs: good and bad must differ there too. */
static void test_kernel_console(void **state)
{
	struct terminal *terminal = demo_with("TERM=linux", "40", 80, 24);

	(void)state;
	terminal_expect(terminal, "+ allowed");
	terminal_type(terminal, "j");
	terminal_expect(terminal, "x not allowed");
	assert_true(terminal_find(terminal, "✓", NULL) < 0 && terminal_find(terminal, "✗", NULL) < 0 && terminal_find(terminal, "▸", NULL) < 0);
	terminal_expect(terminal, "Enter update");
	terminal_free(terminal);
}

/* Home and End as a terminal inside another one says them; a lone Esc would take a filter away instead. */
static void test_keys_of_other_terminals(void **state)
{
	static const char *const keys[][2] = { { "\033[F", "▸svc-00039" }, { "\033[H", "▸payments-api" }, { "\033[4~", "▸svc-00039" }, { "\033[1~", "▸payments-api" } };
	struct terminal *terminal = demo();
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		terminal_type(terminal, keys[i][0]);
		terminal_expect(terminal, keys[i][1]);
	}
	terminal_free(terminal);
}

static void test_refuses_what_is_no_terminal(void **state)
{
	char *path = child_build_path("tests/pty/console_demo");
	const char *const argv[] = { path, NULL };
	struct child *child = child_start(argv, NULL);

	(void)state;
	assert_int_equal(child_wait(child, child_deadline_ms()), 2);
	assert_non_null(strstr(child_output(child), "needs a terminal"));
	child_free(child);
	free(path);
}

/* ---- the card ---- */

static struct terminal *at_review(void)
{
	struct terminal *terminal = demo_with(":> c.yml;", "40", 80, 24);

	terminal_expect(terminal, "payments-api");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "compose file:");
	terminal_type(terminal, "c.y");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "c.yml");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "Risks");
	terminal_type(terminal, "a");
	terminal_expect(terminal, "Send this update?");
	return terminal;
}

static void test_card_takes_no_early_key(void **state)
{
	struct terminal *terminal = at_review();

	(void)state;
	terminal_type(terminal, "y");
	terminal_expect(terminal, "simulating the transaction");
	terminal_type(terminal, "yyyyyyyy"); /* before there is a card */
	terminal_expect(terminal, "Signature 1 of 2");
	terminal_wait_quiet(terminal, 600);
	assert_true(terminal_find(terminal, "Signature 1 of 2", NULL) >= 0);
	terminal_type(terminal, "\033[200~y\ny\n\033[201~"); /* a paste */
	terminal_type(terminal, "yyy");                      /* a burst */
	terminal_wait_quiet(terminal, 600);
	assert_true(terminal_find(terminal, "Signature 1 of 2", NULL) >= 0);
	terminal_type(terminal, "y");
	terminal_expect(terminal, "Signature 2 of 2");
	terminal_resize(terminal, 200, 60);
	terminal_expect(terminal, "Signature 2 of 2");
	terminal_type(terminal, "y");
	terminal_expect(terminal, "again in");
	terminal_free(terminal);
}

static void test_card_default_is_no(void **state)
{
	struct terminal *terminal = at_review();

	(void)state;
	terminal_type(terminal, "y");
	terminal_expect(terminal, "Signature 1 of 2");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "safe now");
	terminal_free(terminal);
}

/* ---- other programs ---- */

static void test_editor(void **state)
{
	struct terminal *terminal = demo_with("EDITOR='sed -i s/1.27/1.28/'; export EDITOR;", "40", 80, 24);

	(void)state;
	terminal_expect(terminal, "payments-api");
	terminal_type(terminal, "e");
	terminal_expect(terminal, "Risks");
	terminal_wait_quiet(terminal, 300);
	assert_true(terminal_alternate(terminal));
	terminal_type(terminal, "2");
	terminal_expect(terminal, "nginx:1.25");
	terminal_free(terminal);
	terminal = demo_with("EDITOR=false; export EDITOR;", "40", 80, 24);
	terminal_expect(terminal, "payments-api");
	terminal_type(terminal, "e");
	terminal_expect(terminal, "the editor ended with an error");
	terminal_free(terminal);
}

static void test_copy(void **state)
{
	struct terminal *terminal = demo();

	(void)state;
	terminal_type(terminal, "y");
	terminal_expect(terminal, "copied 0x5fc8");
	assert_non_null(strstr(terminal_output(terminal, NULL), "\033]52;c;MHg1ZmM4"));
	terminal_free(terminal);
}

/* ---- quiet ---- */

static void test_writes_little(void **state)
{
	struct terminal *terminal = demo();
	size_t before;

	(void)state;
	terminal_wait_quiet(terminal, 400);
	before = terminal_bytes(terminal);
	terminal_type(terminal, "j");
	terminal_expect(terminal, "▸svc-00001");
	terminal_wait_quiet(terminal, 50);
	assert_true(terminal_bytes(terminal) - before < 1200);
	before = terminal_bytes(terminal);
	terminal_type(terminal, "G"); /* no such row above: nothing but what changed */
	terminal_expect(terminal, "▸svc-00039");
	assert_true(terminal_bytes(terminal) - before < 6000);
	terminal_free(terminal);
}

static long context_switches(pid_t pid)
{
	char *path = mem_printf("/proc/%d/status", (int)pid), line[256];
	FILE *file = fopen(path, "r");
	long count = -1;

	free(path);
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %ld", &count);
	if (file)
		fclose(file);
	return count;
}

static void test_idle_sleeps(void **state)
{
	struct terminal *terminal = demo();
	long before;

	(void)state;
	terminal_wait_quiet(terminal, 700); /* the details of the CVM under the cursor have come */
	before = context_switches(terminal_pid(terminal));
	assert_true(before >= 0);
	terminal_wait_quiet(terminal, 1500);
	/* The demo's own timer is the only one. */
	assert_true(context_switches(terminal_pid(terminal)) - before <= 2);
	terminal_free(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quits), cmocka_unit_test(test_signals_restore), cmocka_unit_test(test_no_shell_to_stop_for), cmocka_unit_test(test_resize),
		cmocka_unit_test(test_without_colour), cmocka_unit_test(test_few_colours), cmocka_unit_test(test_ascii_only), cmocka_unit_test(test_kernel_console),
		cmocka_unit_test(test_keys_of_other_terminals),
		cmocka_unit_test(test_refuses_what_is_no_terminal), cmocka_unit_test(test_card_takes_no_early_key),
		cmocka_unit_test(test_card_default_is_no), cmocka_unit_test(test_editor), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_writes_little), cmocka_unit_test(test_idle_sleeps),
	};

	return cmocka_run_group_tests_name("console_terminal", tests, NULL, NULL);
}
