/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "compose/diff.h"
#include "unit/unit.h"

static struct compose_diff *diff_of(const char *before, const char *after)
{
	return compose_diff_new(before, strlen(before), after, strlen(after));
}

static void assert_unified(const char *before, const char *after, const char *want)
{
	struct compose_diff *diff = diff_of(before, after);
	struct buf out = BUF_INIT;

	compose_diff_print(&out, diff, "old", "new", 3);
	assert_string_equal(buf_text(&out), want);
	buf_clear(&out);
	compose_diff_free(diff);
}

static void test_unified(void **state)
{
	(void)state;
	assert_unified("a\nb\n", "a\nb\n", "");
	assert_unified("", "", "");
	assert_unified("", "a\n", "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n");
	assert_unified("a\n", "", "--- old\n+++ new\n@@ -1 +0,0 @@\n-a\n");
	assert_unified("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nx\n6\n",
		"--- old\n+++ new\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+x\n 6\n");
	assert_unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
		"--- old\n+++ new\n@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n");
	assert_unified("1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
		"--- old\n+++ new\n@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n");
	assert_unified("a\nb", "a\nb\n", "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
	assert_unified("a\r\n", "a\n", "--- old\n+++ new\n@@ -1 +1 @@\n-a\r\n+a\n");
}

/* A block that was put in reads as the block, not as its last line and all but its last. */
static void test_blocks_stay_whole(void **state)
{
	(void)state;
	assert_unified("x:\n  a\n\ny:\n  b\n\n", "x:\n  a\n\nn:\n  c\n\ny:\n  b\n\n",
		"--- old\n+++ new\n@@ -1,6 +1,9 @@\n x:\n   a\n \n+n:\n+  c\n+\n y:\n   b\n \n");
}

static void test_rows(void **state)
{
	static const char before[] = "services:\n  web:\n    image: nginx:1.25\n    restart: always\n";
	static const char after[] = "services:\n  web:\n    image: nginx:1.27\n    zzz\n    ports:\n";
	static const enum compose_diff_kind kinds[] = { COMPOSE_DIFF_SAME, COMPOSE_DIFF_SAME, COMPOSE_DIFF_CHANGED,
		COMPOSE_DIFF_REMOVED, COMPOSE_DIFF_ADDED, COMPOSE_DIFF_ADDED };
	struct compose_diff *diff = diff_of(before, after);
	const struct compose_diff_row *row = &diff->rows[2];
	size_t i;

	(void)state;
	assert_int_equal(diff->row_count, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(diff->rows[i].kind, kinds[i]);
	assert_int_equal(row->before.line, 3);
	assert_int_equal(row->before.span_count, 1);
	assert_memory_equal(row->before.text + row->before.spans[0].from, "25", 2);
	assert_memory_equal(row->after.text + row->after.spans[0].from, "27", 2);
	assert_int_equal(diff->rows[3].after.line, 0);
	assert_int_equal(diff->removed, 2);
	assert_int_equal(diff->added, 3);
	compose_diff_free(diff);
}

static void test_spans_are_characters(void **state)
{
	struct compose_diff *diff = diff_of("name: h\xC3\xA9llo world", "name: h\xC3\xA8llo world");
	const struct compose_diff_row *row = diff->rows;

	(void)state;
	assert_int_equal(row->kind, COMPOSE_DIFF_CHANGED);
	assert_int_equal(row->before.span_count, 1);
	assert_int_equal(row->before.spans[0].from, 6);
	assert_int_equal(row->before.spans[0].to, 12);
	assert_true(row->before.no_newline);
	compose_diff_free(diff);
}

static void test_only_the_last_line_feed(void **state)
{
	struct compose_diff *diff = diff_of("a", "a\n");

	(void)state;
	assert_int_equal(diff->row_count, 1);
	assert_int_equal(diff->rows[0].kind, COMPOSE_DIFF_CHANGED);
	assert_int_equal(diff->rows[0].before.span_count, 0);
	compose_diff_free(diff);
}

/* The same few lines over and over in another order: the worst case must still end soon. */
static void test_nothing_in_common_but_words(void **state)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct compose_diff *diff;
	unsigned seed = 1;
	size_t i;
	int64_t start;

	(void)state;
	for (i = 0; i < 60000; i++) {
		buf_add_format(&before, "%u\n", (seed = seed * 1103515245u + 12345u) >> 16 & 255);
		buf_add_format(&after, "%u\n", (seed = seed * 1103515245u + 12345u) >> 16 & 255);
	}
	start = clock_mono_ms();
	diff = compose_diff_new(buf_text(&before), before.len, buf_text(&after), after.len);
	/* Generous: this runs under sanitizers and on busy machines too; without the ceiling it takes minutes. */
	assert_true(clock_mono_ms() - start < 30000);
	assert_true(diff->row_count >= 60000);
	compose_diff_free(diff);
	buf_clear(&before);
	buf_clear(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unified), cmocka_unit_test(test_blocks_stay_whole), cmocka_unit_test(test_rows),
		cmocka_unit_test(test_spans_are_characters), cmocka_unit_test(test_only_the_last_line_feed),
		cmocka_unit_test(test_nothing_in_common_but_words),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
