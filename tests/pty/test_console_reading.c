/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading in the console, against the sandbox: times and levels of log lines,
 * one source alone, another CVM's logs found by Tab; and on the list a
 * refresh, a repaint and a command completed. What is asked of the network is
 * counted there.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pty/desk.h"

static void begin(struct desk *desk)
{
	desk_begin(desk, NULL);
	desk_open(desk);
	desk_go_to(desk, "payments-api");
}

/* The logs, with lines of the containers there. */
static void open_logs(struct desk *desk)
{
	begin(desk);
	terminal_type(desk->terminal, "l");
	terminal_expect(desk->terminal, "following");
	terminal_expect(desk->terminal, "worker");
	terminal_expect(desk->terminal, "\"INFO\"");
}

/* Rows of log lines that begin like the pattern, in which 0 stands for any digit. */
static unsigned rows_like(struct terminal *terminal, const char *pattern)
{
	unsigned count = 0;
	int row;

	for (row = 2; row < 22; row++) {
		const char *line = terminal_line(terminal, row), *at = pattern;

		for (line += *line == ' '; *at && (*at == '0' ? *line >= '0' && *line <= '9' : *line == *at); at++)
			line++;
		count += !*at;
	}
	return count;
}

static void test_times(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_logs(&desk);
	terminal = desk.terminal;
	desk_until(&desk, rows_like(terminal, "00:00:00") == 20);
	terminal_type(terminal, "t");
	terminal_expect(terminal, "times as ages");
	desk_until(&desk, rows_like(terminal, "00:00:00") == 0);
	terminal_type(terminal, "t");
	terminal_expect(terminal, "since the line before");
	terminal_expect(terminal, "+");
	terminal_type(terminal, "t");
	terminal_expect(terminal, "no times");
	desk_until(&desk, rows_like(terminal, "00:00:00") == 0);
	terminal_type(terminal, "t");
	terminal_expect(terminal, "as the server gives them");
	desk_until(&desk, rows_like(terminal, "0000-00-00T00:00:00.000000Z") == 20);
	terminal_type(terminal, "t");
	terminal_expect(terminal, "local times");
	desk_until(&desk, rows_like(terminal, "00:00:00") == 20);
	desk_end(&desk);
}

static bool holds(struct terminal *terminal, const char *text)
{
	return terminal_find(terminal, text, NULL) >= 0;
}

static void test_levels(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_logs(&desk);
	terminal = desk.terminal;
	terminal_type(terminal, "L");
	desk_until(&desk, !holds(terminal, "\"INFO\"") && holds(terminal, "\"WARN\"") && holds(terminal, "\"ERROR\""));
	terminal_type(terminal, "L");
	desk_until(&desk, !holds(terminal, "\"INFO\"") && !holds(terminal, "\"WARN\"") && holds(terminal, "\"ERROR\""));
	terminal_type(terminal, "L");
	terminal_expect(terminal, "\"INFO\"");
	desk_end(&desk);
}

/* ---- sources ---- */

static void test_one_source(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_logs(&desk);
	terminal = desk.terminal;
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "SOURCES");
	terminal_expect(terminal, "▸● serial");
	terminal_type(terminal, "o");
	terminal_expect(terminal, "hidden");
	terminal_expect_gone(terminal, "\"INFO\""); /* what the containers wrote */
	terminal_expect(terminal, "dstack-guest");
	terminal_type(terminal, "o");
	terminal_expect_gone(terminal, "hidden");
	terminal_expect(terminal, "\"INFO\"");
	/* one of them away, and back */
	terminal_type(terminal, " ");
	terminal_expect(terminal, "hidden");
	terminal_type(terminal, " ");
	terminal_expect_gone(terminal, "hidden");
	terminal_key(terminal, "tab");
	terminal_expect_gone(terminal, "SOURCES");
	desk_end(&desk);
}

/* Another CVM by the beginning of its name; its streams are opened. */
static void test_another_cvm(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char *uuid;

	(void)state;
	open_logs(&desk);
	terminal = desk.terminal;
	uuid = desk_cvm(&desk, "payments-api", "vm_uuid");
	terminal_type(terminal, "a");
	terminal_expect(terminal, "logs of this CVM too:");
	terminal_type(terminal, "nobody\r");
	terminal_expect(terminal, "no CVM is called so");
	terminal_type(terminal, "a");
	terminal_expect(terminal, "logs of this CVM too:");
	terminal_type(terminal, "pay");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "too: payments-api");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "shown already");
	assert_true(drive_requests(&desk.drive, "GET", uuid) > 0);
	free(uuid);
	desk_end(&desk);
}

/* The list under a filter offers what it shows; without one, every name. */
static void test_several_cvms(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	unsigned before;
	char *uuid;

	(void)state;
	desk_begin(&desk, NULL);
	desk_open(&desk);
	terminal = desk.terminal;
	uuid = desk_cvm(&desk, "checkout-web", "vm_uuid");
	terminal_type(terminal, "l");
	terminal_expect(terminal, "following");
	terminal_type(terminal, "a");
	terminal_expect(terminal, "logs of this CVM too:");
	/* two of one name cannot be told apart by it */
	terminal_type(terminal, "web");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "too: web-frontend");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "2 CVMs are called so");
	terminal_type(terminal, "a");
	terminal_type(terminal, "chec");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "too: checkout-web");
	before = drive_requests(&desk.drive, "GET", uuid);
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "and 1 more");
	desk_until(&desk, drive_requests(&desk.drive, "GET", uuid) >= before + 3); /* what it runs, and its streams */
	free(uuid);
	desk_end(&desk);
}

/* ---- the list ---- */

static unsigned lists(struct desk *desk)
{
	return drive_requests(&desk->drive, "GET", "/cvms/paginated");
}

/* How often the program has cleared the whole screen. */
static unsigned clears(struct terminal *terminal)
{
	const char *at = terminal_output(terminal, NULL);
	unsigned count = 0;

	while ((at = strstr(at, "\033[2J"))) {
		at++;
		count++;
	}
	return count;
}

static void test_refresh(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	unsigned before;

	(void)state;
	begin(&desk);
	terminal = desk.terminal;
	before = lists(&desk);
	assert_true(before > 0);
	terminal_key(terminal, "ctrl-r");
	desk_until(&desk, lists(&desk) > before);
	before = lists(&desk);
	/* the same by its name, of which the beginning is enough */
	terminal_type(terminal, ":ref");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, ": refresh");
	terminal_key(terminal, "enter");
	desk_until(&desk, lists(&desk) > before);
	terminal_expect(terminal, "▸payments");
	/* what another program left on the screen goes: everything is written again */
	before = clears(terminal);
	terminal_key(terminal, "ctrl-l");
	desk_until(&desk, clears(terminal) > before);
	terminal_expect(terminal, "▸payments");
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times), cmocka_unit_test(test_levels), cmocka_unit_test(test_one_source), cmocka_unit_test(test_another_cvm),
		cmocka_unit_test(test_several_cvms), cmocka_unit_test(test_refresh),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console reading", tests, NULL, NULL);
}
