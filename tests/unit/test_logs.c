/* SPDX-License-Identifier: Apache-2.0 */
/* The line store, its filter and its search, held against a plain model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "logs/pretty.h"
#include "logs/render.h"
#include "logs/search.h"
#include "unit/unit.h"

static void add(struct logs_store *store, uint16_t source, int64_t time_us, const char *text)
{
	logs_store_add(store, source, time_us, 1000, 0, text, strlen(text));
}

static void text_is(struct logs_line line, const char *want)
{
	assert_int_equal(line.len, strlen(want));
	assert_memory_equal(line.text, want, line.len);
}

static void test_merge(void **state)
{
	struct logs_store *store = logs_store_new(0);

	(void)state;
	add(store, 0, 10, "a10");
	add(store, 0, 30, "a30");
	add(store, 1, 20, "b20");
	add(store, 1, 5, "b5 late clock");
	add(store, 0, 0, "a without time");
	assert_int_equal(logs_store_count(store), 5);
	text_is(logs_store_at(store, 0), "a10");
	text_is(logs_store_at(store, 1), "b20");
	text_is(logs_store_at(store, 2), "b5 late clock");
	text_is(logs_store_at(store, 3), "a30");
	text_is(logs_store_at(store, 4), "a without time");
	assert_int_equal(logs_store_place(store, 1), 3);
	logs_store_free(store);
}

static void test_long_and_empty(void **state)
{
	struct logs_store *store = logs_store_new(0);
	size_t len = 2 * (size_t)LIMIT_LOG_LINE + 7;
	char *text = malloc(len);

	(void)state;
	memset(text, 'x', len);
	text[3] = '\n';
	logs_store_add(store, 0, 1, 1, LOGS_STDERR, text, len);
	logs_store_add(store, 0, 2, 1, 0, "", 0);
	assert_int_equal(logs_store_count(store), 4);
	assert_int_equal(logs_store_at(store, 0).text[3], ' ');
	assert_int_equal(logs_store_at(store, 1).flags & LOGS_CONTINUED, LOGS_CONTINUED);
	assert_int_equal(logs_store_at(store, 2).len, 7);
	assert_int_equal(logs_store_at(store, 3).len, 0);
	free(text);
	logs_store_free(store);
}

static void test_ceiling(void **state)
{
	struct logs_store *store = logs_store_new(4 * (size_t)LOGS_CHUNK);
	char text[128];
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		snprintf(text, sizeof(text), "line number %d with some more text behind it, so that it has a usual length", i);
		logs_store_add(store, (uint16_t)(i % 3), i + 1, 0, 0, text, strlen(text));
	}
	assert_true(logs_store_bytes(store) <= 5 * (size_t)LOGS_CHUNK);
	assert_true(logs_store_dropped(store) > 0);
	assert_int_equal(logs_store_dropped(store) + logs_store_count(store), 200000);
	snprintf(text, sizeof(text), "line number %d ", (int)logs_store_dropped(store));
	assert_memory_equal(logs_store_at(store, 0).text, text, strlen(text));
	assert_null(logs_store_line(store, 0).text);
	logs_store_free(store);
}

/* ---- filter and search against the same done line by line ---- */

static struct logs_pattern *pattern(const char *text)
{
	struct logs_pattern *made = logs_pattern_new(text, NULL);

	assert_non_null(made);
	return made;
}

static void finish(struct logs_filter *filter)
{
	while (!logs_filter_work(filter, 0))
		;
}

static void filter_is(struct logs_store *store, struct logs_filter *filter, const char *include, const char *exclude)
{
	struct logs_pattern *in = include ? pattern(include) : NULL, *out = exclude ? pattern(exclude) : NULL;
	uint64_t since = logs_store_begin(store) + logs_store_count(store) * 2 / 3 + 3;
	size_t place, row = 0, start, end, new = 0;

	for (place = 0; place < logs_store_count(store); place++) {
		struct logs_line line = logs_store_at(store, place);
		bool pass = (!in || logs_pattern_match(in, line.text, line.len, 0, &start, &end)) && (!out || !logs_pattern_match(out, line.text, line.len, 0, &start, &end));

		if (!pass)
			continue;
		assert_true(row < logs_filter_shown(filter));
		assert_int_equal(logs_filter_number(filter, row), line.number);
		assert_int_equal(logs_filter_row(filter, line.number), row);
		row++;
		new += line.number >= since;
	}
	assert_int_equal(row, logs_filter_shown(filter));
	assert_int_equal(logs_filter_shown_since(filter, since), new);
	assert_int_equal(logs_filter_shown_since(filter, 0), row);
	logs_pattern_free(in);
	logs_pattern_free(out);
}

static struct logs_store *random_store(size_t lines)
{
	static const char *const words[] = { "GET /", "error", "ok", "Ünïcode", "timeout", "", "a b", "<tail>" };
	struct logs_store *store = logs_store_new(8 * (size_t)LOGS_CHUNK);
	size_t i;

	srand(7);
	for (i = 0; i < lines; i++) {
		char text[256];
		int n = snprintf(text, sizeof(text), "%s %s %d %s", words[rand() % 8], words[rand() % 8], rand() % 100, words[rand() % 8]);

		logs_store_add(store, (uint16_t)(rand() % 4), 1 + (int64_t)i + rand() % 5, 0, 0, text, (size_t)n);
	}
	return store;
}

static void test_filter(void **state)
{
	struct logs_store *store = random_store(20000);
	struct logs_filter *filter = logs_filter_new(store);
	int i;

	(void)state;
	filter_is(store, filter, NULL, NULL);
	logs_filter_include(filter, pattern("error"));
	finish(filter);
	filter_is(store, filter, "error", NULL);
	logs_filter_exclude(filter, pattern("[^a]timeout$|7"));
	finish(filter);
	filter_is(store, filter, "error", "[^a]timeout$|7");
	for (i = 0; i < 200; i++) {
		logs_store_add(store, (uint16_t)(i % 4), 19990 + i / 2, 0, 0, i % 2 ? "error late" : "other", i % 2 ? 10 : 5);
		finish(filter);
	}
	filter_is(store, filter, "error", "[^a]timeout$|7");
	logs_filter_suspend(filter, true);
	filter_is(store, filter, NULL, NULL);
	logs_filter_suspend(filter, false);
	finish(filter);
	filter_is(store, filter, "error", "[^a]timeout$|7");
	logs_filter_remove(filter, 0);
	finish(filter);
	filter_is(store, filter, NULL, "[^a]timeout$|7");
	logs_filter_free(filter);
	logs_store_free(store);
}

static void test_markers_pass(void **state)
{
	struct logs_store *store = logs_store_new(0);
	struct logs_filter *filter = logs_filter_new(store);

	(void)state;
	add(store, 0, 10, "a");
	logs_store_add(store, 9, 11, 0, LOGS_MARKER, "mined", 5);
	add(store, 0, 12, "b");
	logs_filter_include(filter, pattern("b"));
	logs_filter_hide_source(filter, 9, true);
	finish(filter);
	assert_int_equal(logs_filter_shown(filter), 2);
	assert_int_equal(logs_filter_number(filter, 0), 1);
	logs_filter_free(filter);
	logs_store_free(store);
}

/* Whatever order lines of several sources come in: sorted by time, and every place is found again. */
static void test_late_sources(void **state)
{
	struct logs_store *store = logs_store_new(0);
	size_t i, source;

	(void)state;
	for (source = 0; source < 4; source++)
		for (i = 0; i < 5000; i++)
			add(store, (uint16_t)source, (int64_t)(1 + i * 4 + (source * 7 + i) % 3), "x");
	for (i = 1; i < logs_store_count(store); i++)
		assert_true(logs_store_at(store, i - 1).time_us <= logs_store_at(store, i).time_us);
	for (i = 0; i < logs_store_count(store); i++)
		assert_int_equal(logs_store_place(store, logs_store_number(store, i)), i);
	logs_store_free(store);
}

static void test_filter_while_dropping(void **state)
{
	struct logs_store *store = logs_store_new(0);
	struct logs_filter *filter = logs_filter_new(store);
	int i;

	(void)state;
	logs_filter_include(filter, pattern("even"));
	for (i = 0; i < 150000; i++) {
		logs_store_add(store, 0, i + 1, 0, 0, i % 2 ? "odd line of the log" : "even line of the log", i % 2 ? 19 : 20);
		if (i % 5000 == 0)
			finish(filter);
	}
	finish(filter);
	assert_true(logs_store_dropped(store) > 0);
	filter_is(store, filter, "even", NULL);
	logs_filter_free(filter);
	logs_store_free(store);
}

/* Mostly the newest; one of 500 belongs anywhere further up. */
static void add_mostly_newest(struct logs_store *store, int i)
{
	bool late = rand() % 500 == 0;
	int64_t time = late ? 1 + rand() % (i + 1) : i + 1;
	char text[80];
	int len = snprintf(text, sizeof(text), rand() % 3 ? "an error with some words behind %d" : "something else with words %d", i);

	logs_store_add(store, late ? (uint16_t)(10 + i) : 0, time, 0, 0, text, (size_t)len);
}

/* Lines come, late ones too, and go between the slices of the work. */
static void test_filter_between_slices(void **state)
{
	struct logs_store *store = logs_store_new(12 * (size_t)LOGS_CHUNK);
	struct logs_filter *filter = logs_filter_new(store);
	int i, round, lines = 0;

	(void)state;
	srand(11);
	logs_filter_include(filter, pattern("error"));
	for (i = 0; i < 300; i++) {
		for (round = 0; round < 1000; round++)
			add_mostly_newest(store, lines++);
		logs_filter_work(filter, 0);
	}
	assert_true(logs_store_dropped(store) > 0);
	finish(filter);
	filter_is(store, filter, "error", NULL);
	logs_filter_free(filter);
	logs_store_free(store);
}

/* The same with filters that change on the way, looked at after stretches of any length. */
static void test_filter_changed_at_work(void **state)
{
	struct logs_store *store = logs_store_new(4 * (size_t)LOGS_CHUNK);
	struct logs_filter *filter = logs_filter_new(store);
	int round, i, lines = 0;

	(void)state;
	srand(12);
	logs_filter_include(filter, pattern("error"));
	for (round = 0; round < 300; round++) {
		int count = rand() % 5000, every = 1 + rand() % 200, change = rand() % 5000;

		for (i = 0; i < count; i++) {
			add_mostly_newest(store, lines++);
			if (i == change && logs_filter_count(filter) == 1)
				logs_filter_exclude(filter, pattern("7"));
			else if (i == change)
				logs_filter_remove(filter, 1);
			if (i % every == 0)
				logs_filter_work(filter, 0);
		}
		if (round % 4)
			continue;
		finish(filter);
		filter_is(store, filter, "error", logs_filter_count(filter) > 1 ? "7" : NULL);
	}
	assert_true(logs_store_dropped(store) > 0);
	logs_filter_free(filter);
	logs_store_free(store);
}

/* A source that gives no times stands where its lines arrive, not where its first one did. */
static void test_no_times(void **state)
{
	struct logs_store *store = logs_store_new(0);

	(void)state;
	logs_store_add(store, 0, 0, 100, 0, "bare 1", 6);
	logs_store_add(store, 1, 150, 150, 0, "timed 1", 7);
	logs_store_add(store, 0, 0, 200, 0, "bare 2", 6);
	logs_store_add(store, 1, 160, 250, 0, "timed 2", 7);
	logs_store_add(store, 1, 0, 300, 0, "of timed 2", 10);
	text_is(logs_store_at(store, 0), "bare 1");
	text_is(logs_store_at(store, 2), "timed 2");
	text_is(logs_store_at(store, 3), "of timed 2");
	text_is(logs_store_at(store, 4), "bare 2");
	assert_int_equal(logs_store_at(store, 4).time_us, 200);
	assert_int_equal(logs_store_at(store, 4).flags, LOGS_NO_TIME);
	logs_store_free(store);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum { LARGE = 300000, SOURCES = 4 };

/* The CPU time it takes to add the lines of four sources, each with a line every 10 us. */
static double add_sources(struct logs_store *store, bool one_after_the_other)
{
	double began = cpu_seconds();
	int i;

	for (i = 0; i < LARGE * SOURCES; i++) {
		int source = one_after_the_other ? i / LARGE : i % SOURCES, line = one_after_the_other ? i % LARGE : i / SOURCES;

		logs_store_add(store, (uint16_t)source, 1 + (int64_t)line * 10 + source, 0, 0, "a line", 6);
	}
	return cpu_seconds() - began;
}

/* Sources read one after the other: what comes last belongs between all that is there, and costs hardly more than if it came in order. */
static void test_merge_of_large_sources(void **state)
{
	struct logs_store *in_order = logs_store_new((size_t)1 << 30), *store = logs_store_new((size_t)1 << 30);
	double usual = add_sources(in_order, false), seconds = add_sources(store, true);
	size_t i;

	(void)state;
	print_message("# %d lines: %.2f s in order, %.2f s source by source\n", LARGE * SOURCES, usual, seconds);
	for (i = 0; i < (size_t)LARGE * SOURCES; i += 97)
		assert_int_equal(logs_store_at(store, i).time_us, logs_store_at(in_order, i).time_us);
	assert_true(seconds < 40 * usual);
	logs_store_free(in_order);
	logs_store_free(store);
}

static void test_search(void **state)
{
	struct logs_store *store = random_store(5000);
	struct logs_filter *filter = logs_filter_new(store);
	struct logs_pattern *wanted = pattern("timeout 42");
	struct logs_search search;
	size_t row = 0, start, end, seen = 0, total = 0, i;
	size_t first = SIZE_MAX;

	(void)state;
	for (i = 0; i < logs_store_count(store); i++)
		total += logs_pattern_match(wanted, logs_store_at(store, i).text, logs_store_at(store, i).len, 0, &start, &end);
	assert_true(total > 2);
	assert_int_equal(logs_search_count(store, wanted), total);
	for (;;) {
		enum logs_search_state found;

		logs_search_begin(&search, store, filter, wanted, row, false);
		while ((found = logs_search_work(&search, 0, &row)) == LOGS_SEARCH_GOING_ON)
			;
		assert_int_equal(found, LOGS_SEARCH_FOUND);
		if (row == first)
			break;
		if (first == SIZE_MAX)
			first = row;
		seen++;
	}
	assert_int_equal(seen, total);
	logs_pattern_free(wanted);
	logs_filter_free(filter);
	logs_store_free(store);
}

static void test_bad_pattern(void **state)
{
	struct error err;

	(void)state;
	assert_null(logs_pattern_new("a(b", &err));
	assert_int_equal(err.status, STATUS_USAGE);
	assert_non_null(strstr(err.message, "character"));
}

static void level_is(const char *text, enum logs_level want)
{
	assert_int_equal(logs_level_guess(text, strlen(text)), want);
}

static void test_level(void **state)
{
	(void)state;
	level_is("2026-01-01 ERROR no such thing", LOGS_ERROR);
	level_is("{\"level\":\"warn\"}", LOGS_WARN);
	level_is("the terror of mirrors", LOGS_NONE);
	level_is("[info] error is only mentioned", LOGS_INFO);
	level_is("", LOGS_NONE);
}

static void rendered_is(const char *raw, const char *want)
{
	struct logs_rendered rendered = { 0 };

	logs_render(&rendered, raw, strlen(raw));
	assert_string_equal(buf_text(&rendered.text), want);
	logs_rendered_clear(&rendered);
}

static void test_render(void **state)
{
	static const char coloured[] = "ok \033[1;31mred\033[0m \033]0;title\007 \033[38;5;200mx\033[2Jy";
	struct logs_rendered rendered = { 0 };

	(void)state;
	logs_render(&rendered, coloured, sizeof(coloured) - 1);
	assert_string_equal(buf_text(&rendered.text), "ok red ^[]0;title^G x^[[2Jy");
	assert_int_equal(rendered.pieces[1].style.fg, 1);
	assert_int_equal(rendered.pieces[1].style.attributes, LOGS_BOLD);
	assert_int_equal(rendered.pieces[2].style.fg, -1);
	assert_int_equal(logs_rendered_place(&rendered, 10), 3);
	assert_int_equal(logs_rendered_place(&rendered, sizeof(coloured) - 2), rendered.text.len - 1);
	logs_rendered_clear(&rendered);
	rendered_is("a\tb", "a       b");
	rendered_is("\xE2\x80\xAEx\xFFy", "<U+202E>x<FF>y");
	rendered_is("\033[31", "^[[31");
	rendered_is("\033[3\033[1mz", "^[[3z");
	rendered_is("\033[38;2;255;0;0mz\033[m", "z");
}

static void lays_out(const char *line, size_t begin, const char *want)
{
	struct buf out = BUF_INIT;

	assert_int_equal(logs_json_begin(line, strlen(line)), begin);
	if (begin < strlen(line))
		logs_json_lay_out(&out, line + begin, strlen(line) - begin);
	assert_string_equal(buf_text(&out), want);
	buf_clear(&out);
}

static void test_pretty(void **state)
{
	(void)state;
	lays_out("{\"a\":12345678901234567890,\"b\":[1, {}],\"c\":\"x\\\"{\",\"d\":[]}", 0,
	         "{\n  \"a\": 12345678901234567890,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"c\": \"x\\\"{\",\n  \"d\": []\n}");
	lays_out("INFO [web] {\"k\":null}", 11, "{\n  \"k\": null\n}");
	lays_out("no { json ]", 11, "");
	lays_out("", 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),  cmocka_unit_test(test_long_and_empty),        cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_filter), cmocka_unit_test(test_markers_pass), cmocka_unit_test(test_late_sources), cmocka_unit_test(test_filter_while_dropping), cmocka_unit_test(test_search),
		cmocka_unit_test(test_filter_between_slices), cmocka_unit_test(test_filter_changed_at_work), cmocka_unit_test(test_no_times), cmocka_unit_test(test_merge_of_large_sources),
		cmocka_unit_test(test_bad_pattern), cmocka_unit_test(test_level), cmocka_unit_test(test_render), cmocka_unit_test(test_pretty),
	};

	return cmocka_run_group_tests_name("logs", tests, NULL, NULL);
}
