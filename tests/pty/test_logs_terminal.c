/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log viewer in a terminal: what a hostile program prints does nothing but
 * stand there, and reading while lines come: search, filters, pause, resize,
 * saving. Over the example records of logs_demo, real loop, real terminal.
 */
#include "config.h"

#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "child.h"
#include "pty/terminal.h"

/* limits: NULL, or memory and disk in MiB and a folder. */
static struct terminal *start_limited(const char *what, const char *argument, const char *most, const char *const *limits, int columns, int rows)
{
	char *path = child_build_path("tests/pty/logs_demo");
	const char *const argv[] = { path, what, argument, most, limits ? limits[0] : NULL, limits ? limits[1] : NULL, limits ? limits[2] : NULL, NULL };
	const char *const env[] = { "CVMDECK_TEST=1", NULL };
	struct terminal_options options = { .columns = columns, .rows = rows, .env = env };
	struct terminal *terminal = terminal_start(argv, &options);

	free(path);
	terminal_expect(terminal, "payments-api");
	terminal_type(terminal, "l");
	terminal_expect(terminal, "waiting for the first line");
	terminal_expect(terminal, "● web");
	kill(terminal_pid(terminal), SIGUSR1);
	return terminal;
}

static struct terminal *start(const char *what, const char *argument, const char *most, int columns, int rows)
{
	return start_limited(what, argument, most, NULL, columns, rows);
}

static void quit(struct terminal *terminal)
{
	terminal_type(terminal, "q");
	terminal_expect(terminal, "UPTIME");
	terminal_type(terminal, "q");
	terminal_expect_exit(terminal, 0);
	terminal_free(terminal);
}

/* ---- a hostile corpus ---- */

static void add_corpus(struct buf *out)
{
	static const char *const lines[] = {
		"\033]0;owned\007 title", "\033]2;owned\033\\ title with ST", "\033]8;;http://evil.example/\033\\link\033]8;;\033\\", "\033]52;c;b3duZWQ=\007 clipboard",
		"\033[2J\033[H cleared", "\033c reset", "\033[?1049l left the alternate screen", "\033[?25h\033[6n\033[c answers", "\033P+q544e\033\\ DCS", "\033_G\033\\ APC",
		"\033[31mred\033[0m and \033[48;5;21;38;2;1;2;3mmore\033[m", "\033[1;5r\033[?6h region", "\033(0lqqk\033(B charset", "\x0E shift out \x0F", "\b\b\b\rback",
		"\xE2\x80\xAE" "gnp.exe bidi \xE2\x81\xA6 isolate \xE2\x80\x8B zero width", "\x9B" "31m C1 \xC2\x9B" "2J C1 in UTF-8", "\xFF\xFE\xC0\x80\xED\xA0\x80 not UTF-8",
		"\033[999999999999999999m\033[38;5;999m\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m numbers", "\033[", "\033", "\t\ttabs\t", "",
		"a\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86 many marks", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB joined",
	};
	static const char nul[] = "a\0b\0\033]0;owned\007c NUL";
	unsigned i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		buf_add_text(out, lines[i]);
		buf_add_byte(out, '\n');
	}
	buf_add(out, nul, sizeof(nul) - 1);
	buf_add_byte(out, '\n');
	for (i = 0; i < 4000; i++) /* binary */
		buf_add_byte(out, (int)(i * 2654435761u >> 13 & 0xFF));
	buf_add_byte(out, '\n');
	for (i = 0; i < 10u * 1024 * 1024 / 16; i++)
		buf_add_text(out, i % 1000 ? "long line of 10M" : "\033]0;owned\007 10M  ");
	buf_add_text(out, "\n\t\t\t\t\nEND OF CORPUS\n");
}

/* What must never reach the terminal, wherever one reads. */
static void nothing_happened(struct terminal *terminal)
{
	static const char *const never[] = { "\033]0;owned", "\033]2;owned", "\033]8;", "\033]52", "\033c", "\033P", "\033_", "\xE2\x80\xAE", "\xC2\x9B", "\033[6n" };
	const char *output = terminal_output(terminal, NULL);
	size_t i;

	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_null(strstr(output, never[i]));
	assert_null(strstr(terminal_title(terminal), "owned"));
	assert_true(terminal_alternate(terminal));
}

static void walk(struct terminal *terminal)
{
	int i;

	terminal_type(terminal, "g");
	terminal_expect(terminal, "]0;owned");
	for (i = 0; i < 30; i++) {
		terminal_key(terminal, "pgdn");
		terminal_wait_quiet(terminal, 5);
	}
	terminal_key(terminal, "right");
	terminal_key(terminal, "right");
	terminal_wait_quiet(terminal, 30);
	terminal_type(terminal, "G");
	terminal_expect(terminal, "following");
}

static void test_hostile(void **state)
{
	char folder[] = "/tmp/cvmdeck-corpus-XXXXXX";
	struct buf corpus = BUF_INIT;
	struct error err = { 0 };
	struct terminal *terminal;
	char *path;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/corpus", folder);
	add_corpus(&corpus);
	assert_true(file_write(path, buf_text(&corpus), corpus.len, 0600, &err));
	terminal = start("corpus", path, NULL, 80, 24);
	terminal_expect(terminal, "END OF CORPUS");
	nothing_happened(terminal);
	walk(terminal);
	terminal_type(terminal, "w");
	walk(terminal);
	terminal_type(terminal, "gjjjj\r");
	terminal_expect(terminal, "details");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "paused");
	nothing_happened(terminal);
	quit(terminal);
	unlink(path);
	rmdir(folder);
	free(path);
	buf_clear(&corpus);
}

/* ---- reading while lines come ---- */

static void test_pause_and_follow(void **state)
{
	struct terminal *terminal = start("rate", "400", NULL, 100, 30);
	char first[400];

	(void)state;
	terminal_expect(terminal, "following");
	terminal_expect(terminal, "line 1");
	terminal_type(terminal, "k");
	terminal_expect(terminal, "paused");
	snprintf(first, sizeof(first), "%s", terminal_line(terminal, 5));
	terminal_expect(terminal, "· 1"); /* so many new ones, and nothing moves */
	terminal_wait_quiet(terminal, 10);
	assert_string_equal(terminal_line(terminal, 5), first);
	terminal_type(terminal, "G");
	terminal_expect(terminal, "following");
	quit(terminal);
}

static bool is_present(struct terminal *terminal, const void *text)
{
	int row = terminal_find(terminal, "▸", NULL);

	return row >= 0 && strstr(terminal_line(terminal, row), text) != NULL;
}

/* The line one is at holds text. */
static void expect_present(struct terminal *terminal, const char *text)
{
	if (!terminal_wait_until(terminal, is_present, text, child_deadline_ms()))
		fail_msg("“%s” is not in the present line:\n%s", text, terminal_screen(terminal));
}

static void test_search_and_filter(void **state)
{
	struct terminal *terminal = start("rate", "40000", "20000", 100, 30);
	int row, column;

	(void)state;
	terminal_expect(terminal, "· 20 000 lines");
	terminal_type(terminal, "gG/line 99 is\r");
	expect_present(terminal, "line 99 is here");
	terminal_type(terminal, "/needle of line\\s\\d+\rn");
	expect_present(terminal, "line 299 is here");
	terminal_type(terminal, "N");
	expect_present(terminal, "line 199 is here");
	row = terminal_find(terminal, "needle of line 199", &column);
	assert_true(terminal_cell_at(terminal, row, column).background >= 0);
	terminal_type(terminal, "&needle\r");
	terminal_expect(terminal, "&needle");
	terminal_expect_gone(terminal, "INFO");
	terminal_type(terminal, "!99 is here: \r");
	terminal_expect(terminal, "no line passes");
	terminal_type(terminal, "x");
	terminal_expect(terminal, "filters aside");
	terminal_expect(terminal, "INFO");
	expect_present(terminal, "line 199 is here");
	terminal_type(terminal, "x!\r");
	terminal_expect(terminal, "&needle");
	terminal_type(terminal, "&\rg");
	terminal_expect(terminal, "line 0 ");
	terminal_type(terminal, "e");
	expect_present(terminal, "line 99 is here");
	quit(terminal);
}

/* Following, the newest match is the nearest; what was typed comes back; only what is shown counts as new. */
static void test_near_and_typed_before(void **state)
{
	struct terminal *terminal = start("rate", "20000", "20000", 100, 30);

	(void)state;
	terminal_expect(terminal, "· 20 000 lines");
	terminal_type(terminal, "/needle\r");
	expect_present(terminal, "line 19999 is here");
	assert_int_equal(terminal_find(terminal, "other end", NULL), -1);
	terminal_type(terminal, "N");
	expect_present(terminal, "line 19899 is here");
	terminal_type(terminal, "Ge");
	expect_present(terminal, "line 19999 is here");
	terminal_type(terminal, "/line 1299 is\r");
	expect_present(terminal, "line 1299 is here");
	terminal_type(terminal, "&");
	terminal_key(terminal, "up");
	terminal_expect(terminal, "& line 1299 is");
	terminal_key(terminal, "up");
	terminal_expect(terminal, "& needle");
	terminal_key(terminal, "down");
	terminal_expect(terminal, "& line 1299 is");
	terminal_key(terminal, "down");
	terminal_type(terminal, "xx");
	terminal_key(terminal, "up");
	terminal_key(terminal, "down");
	terminal_expect(terminal, "& xx");
	terminal_key(terminal, "esc");
	terminal_expect_gone(terminal, "& xx");
	quit(terminal);
	terminal = start("rate", "1000", NULL, 100, 30);
	terminal_type(terminal, "&needle\r");
	terminal_expect(terminal, "line 99 is here");
	terminal_type(terminal, "k");
	terminal_expect(terminal, "paused · 2 new");
	quit(terminal);
}

/* Esc leaves what was begun last. */
static void test_escape(void **state)
{
	struct terminal *terminal = start("rate", "1000", "100", 100, 30);

	(void)state;
	terminal_expect(terminal, "line 99 is here");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "SOURCES");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "the serial console");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "SOURCES");
	terminal_key(terminal, "esc");
	terminal_expect_gone(terminal, "SOURCES");
	terminal_type(terminal, "kvkk");
	terminal_expect(terminal, "3 selected");
	terminal_key(terminal, "esc");
	terminal_expect_gone(terminal, "selected");
	terminal_expect(terminal, "paused");
	terminal_key(terminal, "esc");
	terminal_expect(terminal, "UPTIME");
	terminal_type(terminal, "q");
	terminal_expect_exit(terminal, 0);
	terminal_free(terminal);
}

/* Of a wrapped line that does not fit above the newest its end is shown, and moving in the lines below keeps it there. */
static bool third_is_lowest(struct terminal *terminal, const void *ctx)
{
	(void)ctx;
	return strstr(terminal_line(terminal, 21), "third line") != NULL;
}

static void test_wrapped_at_the_top(void **state)
{
	char folder[] = "/tmp/cvmdeck-wrapped-XXXXXX", *path;
	struct buf lines = BUF_INIT;
	struct terminal *terminal;
	struct error err = { 0 };
	int i;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/lines", folder);
	for (i = 0; i < 400; i++)
		buf_add_text(&lines, "long line ");
	buf_add_text(&lines, "has this end\nsecond line\nthird line\n");
	assert_true(file_write(path, buf_text(&lines), lines.len, 0600, &err));
	terminal = start("corpus", path, NULL, 80, 24);
	terminal_expect(terminal, "third line");
	terminal_type(terminal, "w");
	terminal_expect(terminal, "has this end");
	assert_true(terminal_wait_until(terminal, third_is_lowest, NULL, child_deadline_ms()));
	assert_non_null(strstr(terminal_line(terminal, 2), "long line"));
	terminal_type(terminal, "k");
	expect_present(terminal, "second line");
	assert_true(terminal_wait_until(terminal, third_is_lowest, NULL, child_deadline_ms()));
	terminal_type(terminal, "k");
	terminal_expect_gone(terminal, "third line"); /* it has the screen to itself, and its end stays in sight */
	terminal_expect(terminal, "has this end");
	quit(terminal);
	unlink(path);
	rmdir(folder);
	free(path);
	buf_clear(&lines);
}

static void press_until(struct terminal *terminal, const char *key, const char *text)
{
	int64_t until_ms = clock_mono_ms() + child_deadline_ms();

	for (; terminal_find(terminal, text, NULL) < 0; terminal_wait_quiet(terminal, 20)) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%s never leads to “%s”\n%s", key, text, terminal_screen(terminal));
		if (strlen(key) == 1)
			terminal_type(terminal, key);
		else
			terminal_key(terminal, key);
	}
}

/* Every part of a wrapped line can be read, however tall it is, and from either side. */
static void test_taller_than_the_screen(void **state)
{
	char folder[] = "/tmp/cvmdeck-tall-XXXXXX", *path;
	struct buf lines = BUF_INIT;
	struct terminal *terminal;
	struct error err = { 0 };
	char part[16];
	int i;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/lines", folder);
	buf_add_text(&lines, "first line\n");
	for (i = 0; i < 600; i++)
		buf_add_format(&lines, "%03d/%03d/%03d ", i, i, i); /* an edge goes through one of them at most */
	buf_add_text(&lines, "the-end\nlast line\n");
	assert_true(file_write(path, buf_text(&lines), lines.len, 0600, &err));
	terminal = start("corpus", path, NULL, 80, 24);
	terminal_expect(terminal, "last line");
	terminal_type(terminal, "w");
	terminal_expect(terminal, "the-end");
	terminal_type(terminal, "k");
	terminal_expect_gone(terminal, "last line");
	for (i = 590; i >= 0; i -= 10) {
		snprintf(part, sizeof(part), "%03d/", i);
		press_until(terminal, "k", part);
	}
	assert_true(terminal_find(terminal, "first line", NULL) < 0);
	press_until(terminal, "k", "first line");
	expect_present(terminal, "first line");
	press_until(terminal, "j", "599/");
	assert_true(terminal_find(terminal, "last line", NULL) < 0);
	press_until(terminal, "j", "last line");
	press_until(terminal, "pgup", "300/");
	press_until(terminal, "pgup", "first line");
	for (i = 0; i < 600; i += 50) {
		snprintf(part, sizeof(part), "%03d/", i);
		press_until(terminal, "pgdn", part);
	}
	press_until(terminal, "pgdn", "last line");
	quit(terminal);
	unlink(path);
	rmdir(folder);
	free(path);
	buf_clear(&lines);
}

static void test_resize(void **state)
{
	static const int sizes[][2] = { { 120, 40 }, { 80, 24 }, { 200, 60 }, { 80, 25 }, { 101, 31 }, { 60, 10 }, { 100, 30 } };
	struct terminal *terminal = start("rate", "1000", NULL, 100, 30);
	unsigned i;

	(void)state;
	terminal_expect(terminal, "line 1");
	for (i = 0; i < 3 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		const int *size = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];

		terminal_resize(terminal, size[0], size[1]);
		if (i % 7 == 3)
			terminal_type(terminal, "w");
		terminal_expect(terminal, size[0] < 80 ? "needs 80" : "following");
	}
	quit(terminal);
}

static bool has_lines(struct terminal *terminal, const void *path)
{
	struct stat status;

	(void)terminal;
	return stat(path, &status) == 0 && status.st_size > 0;
}

static size_t count_lines(const char *path)
{
	struct buf all = BUF_INIT;
	struct error err = { 0 };
	size_t i, count = 0;

	assert_true(file_read(path, "saved lines", (size_t)64 << 20, &all, &err));
	for (i = 0; i < all.len; i++)
		count += all.data[i] == '\n';
	buf_clear(&all);
	return count;
}

static void save_as(struct terminal *terminal, const char *keys, const char *path, size_t lines)
{
	char said[80];

	terminal_type(terminal, keys);
	terminal_expect(terminal, "lines to:");
	terminal_type(terminal, path);
	terminal_key(terminal, "enter");
	snprintf(said, sizeof(said), "%zu lines written", lines);
	terminal_expect(terminal, said);
	assert_true(terminal_wait_until(terminal, has_lines, path, 10000));
	assert_int_equal(count_lines(path), lines);
	unlink(path);
}

static void test_save(void **state)
{
	struct terminal *terminal = start("rate", "100000", "20000", 100, 30);
	char *path = mem_printf("%s/saved.log", terminal_home(terminal));

	(void)state;
	terminal_expect(terminal, "· 20 000 lines");
	save_as(terminal, "s", path, 20000);
	terminal_type(terminal, "&needle\r");
	terminal_expect(terminal, "200 of 20 000 lines");
	save_as(terminal, "s", path, 200);
	terminal_type(terminal, "gvjj");
	terminal_expect(terminal, "3 selected");
	save_as(terminal, "s", path, 3);
	terminal_type(terminal, "y");
	terminal_expect(terminal, "3 lines copied");
	assert_non_null(strstr(terminal_output(terminal, NULL), "\033]52;c;"));
	terminal_type(terminal, "vm");
	terminal_type(terminal, "G");
	terminal_expect(terminal, "following");
	terminal_type(terminal, "'");
	terminal_expect(terminal, "line 299 is here");
	free(path);
	quit(terminal);
}

/* A hundred thousand lines in two megabytes: what is on disk is read like the rest. */
static void test_disk(void **state)
{
	char *folder = child_build_path("tests/pty"), *path;
	const char *const limits[] = { "2", "64", folder };
	struct terminal *terminal;

	(void)state;
	terminal = start_limited("rate", "100000", "100000", limits, 100, 30);
	path = mem_printf("%s/saved.log", terminal_home(terminal));
	terminal_expect(terminal, "· 100 000 lines");
	if (terminal_find(terminal, "is in memory", NULL) >= 0)
		skip(); /* the tests are run in a tmpfs */
	terminal_expect(terminal, "MiB on disk");
	terminal_type(terminal, "g");
	terminal_expect(terminal, "line 0 ");
	terminal_type(terminal, "/line 45699 is\r");
	expect_present(terminal, "line 45699 is here");
	terminal_type(terminal, "e");
	expect_present(terminal, "line 45799 is here");
	terminal_type(terminal, "&needle\r");
	terminal_expect(terminal, "of 1 000 · 100 000 in all");
	save_as(terminal, "s", path, 1000);
	save_as(terminal, "S", path, 100000);
	terminal_type(terminal, "Gg");
	expect_present(terminal, "line 99 is here");
	assert_int_equal(terminal_find(terminal, "dropped", NULL), -1);
	free(path);
	free(folder);
	quit(terminal);
}

/* A disk with a ceiling of its own: what went is said. */
static void test_small_disk(void **state)
{
	char *folder = child_build_path("tests/pty");
	const char *const limits[] = { "2", "5", folder };
	struct terminal *terminal;

	(void)state;
	terminal = start_limited("rate", "100000", "100000", limits, 120, 30);
	terminal_expect(terminal, "oldest dropped");
	if (terminal_find(terminal, "is in memory", NULL) >= 0)
		skip();
	terminal_type(terminal, "/line 99999 is\rg");
	terminal_expect(terminal, "MiB on disk");
	assert_int_equal(terminal_find(terminal, "line 0 ", NULL), -1);
	free(folder);
	quit(terminal);
}

/* No disk there: it is said, and the lines go on without it. */
static void test_no_disk(void **state)
{
	static const char *const limits[] = { "2", "64", "/dev/shm" };
	struct terminal *terminal;

	(void)state;
	terminal = start_limited("rate", "100000", "100000", limits, 120, 30);
	terminal_expect(terminal, "/dev/shm is in memory");
	terminal_expect(terminal, "oldest dropped");
	quit(terminal);
}

static void test_sources(void **state)
{
	struct terminal *terminal = start("rate", "1000", "100", 100, 30);

	(void)state;
	terminal_expect(terminal, "line 99 is here");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "SOURCES");
	terminal_type(terminal, "jj");
	terminal_key(terminal, "space");
	terminal_expect(terminal, "hidden");
	terminal_expect(terminal, "the sources shown have no line yet");
	terminal_type(terminal, " ");
	terminal_expect(terminal, "line 99 is");
	terminal_key(terminal, "tab");
	terminal_expect_gone(terminal, "SOURCES");
	terminal_type(terminal, "asvc-00003\r");
	terminal_expect(terminal, "logs and 1 more");
	quit(terminal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_pause_and_follow), cmocka_unit_test(test_search_and_filter),
		cmocka_unit_test(test_resize),  cmocka_unit_test(test_save),             cmocka_unit_test(test_sources),
		cmocka_unit_test(test_near_and_typed_before), cmocka_unit_test(test_escape),
		cmocka_unit_test(test_wrapped_at_the_top), cmocka_unit_test(test_taller_than_the_screen),
		cmocka_unit_test(test_disk),    cmocka_unit_test(test_small_disk),       cmocka_unit_test(test_no_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
