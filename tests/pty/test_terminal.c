/* SPDX-License-Identifier: Apache-2.0 */
/* The harness itself, on programs whose behaviour is known. */
#include "unit/unit.h"

#include <string.h>

#include "child.h"
#include "pty/terminal.h"

static struct terminal *shell(const char *script, int columns, int rows)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct terminal_options options = { .columns = columns, .rows = rows };

	return terminal_start(argv, &options);
}

static void test_reads_cells(void **state)
{
	struct terminal *terminal = shell("printf 'a \\033[1;31mb\\303\\251\\033[0m \\345\\244\\247 end'; read x", 0, 0);
	struct terminal_cell cell;
	int row, column;
	bool visible;

	(void)state;
	terminal_expect(terminal, "end");
	assert_string_equal(terminal_line(terminal, 0), "a bé 大 end");
	assert_int_equal(terminal_find(terminal, "end", &column), 0);
	assert_int_equal(column, 8);
	cell = terminal_cell_at(terminal, 0, 3);
	assert_string_equal(cell.text, "é");
	assert_true(cell.bold);
	assert_int_equal(cell.foreground, 1);
	assert_int_equal(cell.background, -1);
	assert_int_equal(terminal_cell_at(terminal, 0, 5).width, 2);
	terminal_cursor(terminal, &row, &column, &visible);
	assert_int_equal(column, 11);
	assert_true(visible);
	terminal_free(terminal);
}

static void test_keys_and_exit(void **state)
{
	struct terminal *terminal = shell("stty -echo; echo ready; read word; echo got $word $HOME $TZ; exit 7", 0, 0);

	(void)state;
	terminal_expect(terminal, "ready");
	terminal_type(terminal, "hello");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "got hello /");
	terminal_expect(terminal, "UTC");
	terminal_expect_exit(terminal, 7);
	assert_true(terminal_bytes(terminal) > 20);
	terminal_free(terminal);
}

static void test_resize_reaches_the_program(void **state)
{
	struct terminal *terminal = shell("trap 'stty size' WINCH; stty size; while :; do sleep 0.1; done", 100, 30);

	(void)state;
	terminal_expect(terminal, "30 100");
	terminal_resize(terminal, 200, 60);
	terminal_expect(terminal, "60 200");
	assert_int_equal(terminal_wait_exit(terminal, 0), -1);
	terminal_free(terminal);
}

static void test_screen_modes(void **state)
{
	struct terminal *terminal =
		shell("printf '\\033]2;name\\007\\033[?1049h\\033[?25l\\033[Hin'; read x; printf '\\033[?1049l\\033[?25hout'; read x",
	              0, 0);
	int row, column;
	bool visible;

	(void)state;
	terminal_expect(terminal, "in");
	assert_true(terminal_alternate(terminal));
	assert_string_equal(terminal_title(terminal), "name");
	terminal_cursor(terminal, &row, &column, &visible);
	assert_false(visible);
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "out");
	terminal_expect_gone(terminal, "in");
	assert_false(terminal_alternate(terminal));
	terminal_free(terminal);
}

static void test_golden(void **state)
{
	static const char *const masks[] = { "port [0-9]+", NULL };
	struct terminal *terminal = shell("printf 'one port %d\\r\\n\\r\\ntwo\\r\\n' $$; read x", 40, 5);

	(void)state;
	terminal_expect(terminal, "two");
	assert_null(strstr(terminal_screen(terminal), "#"));
	terminal_free(terminal);
	terminal = shell("printf 'one port 1234\\r\\n\\r\\ntwo\\r\\n'; read x", 40, 5);
	terminal_golden(terminal, "harness", masks);
	terminal_free(terminal);
}

static void test_child(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo $NAME; exec sleep 60", NULL };
	const char *const env[] = { "NAME=value", NULL };
	const char *const ends[] = { "sh", "-c", "echo last >&2; exit 3", NULL };
	struct child *child = child_start(argv, env);

	(void)state;
	assert_non_null(child_wait_text(child, "value\n", child_deadline_ms()));
	assert_null(child_wait_text(child, "more", 10));
	assert_int_equal(child_wait(child, 0), -1);
	child_free(child);
	child = child_start(ends, NULL);
	assert_int_equal(child_wait(child, child_deadline_ms()), 3);
	assert_string_equal(child_output(child), "last\n");
	child_free(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_cells), cmocka_unit_test(test_keys_and_exit),
		cmocka_unit_test(test_resize_reaches_the_program), cmocka_unit_test(test_screen_modes),
		cmocka_unit_test(test_golden), cmocka_unit_test(test_child),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
