/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "unit/unit.h"

static struct exact_json *parse(const char *text)
{
	struct error err = { 0 };
	struct exact_json *value = exact_json_parse(text, strlen(text), &err);

	if (!value)
		fail_msg("%s: %s", text, err.message);
	return value;
}

static void assert_prints(const struct exact_json *value, unsigned indent, bool sort, const char *want)
{
	struct buf out = BUF_INIT;

	exact_json_print(&out, value, (struct exact_json_style){ .indent = indent, .sort = sort });
	assert_string_equal(buf_text(&out), want);
	buf_clear(&out);
}

static void test_print(void **state)
{
	struct exact_json *value = parse(" {\"b\": [1, {}, [], {\"x\":null}], \"10\":true,\"a\":\"\\ud83d\\ude00\\u2028/\\u001f\\ud800\", \"9\":-0} ");

	(void)state;
	assert_prints(value, 0, false, "{\"9\":0,\"10\":true,\"b\":[1,{},[],{\"x\":null}],\"a\":\"😀\xE2\x80\xA8/\\u001f\\ud800\"}");
	assert_prints(value, 2, true, "{\n  \"9\": 0,\n  \"10\": true,\n  \"a\": \"😀\xE2\x80\xA8/\\u001f\\ud800\",\n"
		"  \"b\": [\n    1,\n    {},\n    [],\n    {\n      \"x\": null\n    }\n  ]\n}");
	exact_json_free(value);
}

static void test_repeated_names(void **state)
{
	struct exact_json *value = parse("{\"a\":1,\"b\":{\"c\":[1]},\"a\":{\"z\":2},\"b\":3,\"\":4,\"a\":5}");

	(void)state;
	assert_int_equal(exact_json_count(value), 3);
	assert_prints(value, 0, false, "{\"a\":5,\"b\":3,\"\":4}");
	exact_json_free(value);
}

static void test_text_with_nul(void **state)
{
	struct exact_json *value = parse("{\"k\\u0000y\":\"a\\u0000b\"}");
	size_t len;
	const char *name = exact_json_name(value, 0, &len), *text;

	(void)state;
	assert_int_equal(len, 3);
	assert_memory_equal(name, "k\0y", 4);
	text = exact_json_string(exact_json_get_len(value, "k\0y", 3), &len);
	assert_int_equal(len, 3);
	assert_memory_equal(text, "a\0b", 4);
	assert_null(exact_json_get(value, "k"));
	exact_json_free(value);
}

static void test_numbers(void **state)
{
	static const struct { double number; const char *text; } rows[] = {
		{ 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1.5, "-1.5" }, { 1e21, "1e+21" }, { 1e20, "100000000000000000000" },
		{ 123456789012345680000.0, "123456789012345680000" }, { 1e-6, "0.000001" }, { 1e-7, "1e-7" },
		{ 5e-324, "5e-324" }, { 1.7976931348623157e308, "1.7976931348623157e+308" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 100, "100" }, { 1.25e-9, "1.25e-9" }, { 9007199254740993.0, "9007199254740992" },
	};
	char out[EXACT_NUMBER_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(exact_json_format_number(out, rows[i].number), rows[i].text);
	assert_string_equal(exact_json_format_number(out, (double)INFINITY), "null");
	assert_string_equal(exact_json_format_number(out, (double)NAN), "null");
}

/* A locale with a decimal comma must change nothing. */
static void test_numbers_in_another_locale(void **state)
{
	struct exact_json *value;

	(void)state;
	if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
		skip();
	value = parse("[1.5,2.25e-9]");
	assert_prints(value, 0, false, "[1.5,2.25e-9]");
	exact_json_free(value);
	setlocale(LC_NUMERIC, "C.UTF-8");
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "01", ".5", "5.", "+1", "-", "1e", "1e+", "NaN", "nul", "True",
		"\"\\x41\"", "\"\\u12\"", "\"a", "\"\x01\"", "[1] 2", "\xEF\xBB\xBF{}", "\xC2\xA0{}", "\"\xFF\"", "\"\xED\xA0\x80\"",
		"/**/1", "{\"a\"}", "{\"a\" 1}", "[1 2]", "\"\\",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = { 0 };

		assert_null(exact_json_parse(texts[i], strlen(texts[i]), &err));
		assert_int_equal(err.status, STATUS_INPUT);
		assert_string_equal(err.code, "not-json");
	}
}

static void test_place_of_error(void **state)
{
	static const char text[] = "{\n  \"é\": 1,\n  \"b\" 2\n}";
	struct error err = { 0 };

	(void)state;
	assert_null(exact_json_parse(text, strlen(text), &err));
	assert_non_null(strstr(err.message, "line 3, column 7"));
}

static void test_depth(void **state)
{
	size_t deep = LIMIT_EXACT_DEPTH, i;
	char *text = mem_new(2 * (deep + 1) + 1, 1);
	struct exact_json *value;

	(void)state;
	for (i = 0; i <= deep; i++) {
		text[i] = '[';
		text[2 * deep + 1 - i] = ']';
	}
	assert_null(exact_json_parse(text, 2 * (deep + 1), NULL));
	value = exact_json_parse(text + 1, 2 * deep, NULL);
	assert_non_null(value);
	exact_json_free(value);
	free(text);
}

static void test_change(void **state)
{
	struct exact_json *value = parse("{\"a\":1,\"b\":[2],\"c\":3}"), *copy;

	(void)state;
	exact_json_set(value, "b", exact_json_new_string("x", 1));
	exact_json_set(value, "d", exact_json_new_array());
	exact_json_set(value, "e", exact_json_new_bool(true));
	assert_true(exact_json_remove(value, "a"));
	assert_false(exact_json_remove(value, "a"));
	copy = exact_json_copy(value);
	exact_json_set(copy, "c", exact_json_new_null());
	assert_prints(value, 0, false, "{\"b\":\"x\",\"c\":3,\"d\":[],\"e\":true}");
	assert_prints(copy, 0, false, "{\"b\":\"x\",\"c\":null,\"d\":[],\"e\":true}");
	assert_false(exact_json_equal(value, copy));
	exact_json_free(copy);
	exact_json_free(value);
}

static void test_span(void **state)
{
	static const char text[] = " {\"a\" : [1, 2] }";
	struct exact_json *value = parse(text);
	size_t at, len;

	(void)state;
	assert_true(exact_json_span(exact_json_get(value, "a"), &at, &len));
	assert_int_equal(len, 6);
	assert_memory_equal(text + at, "[1, 2]", 6);
	exact_json_set(value, "a", exact_json_new_null());
	assert_false(exact_json_span(exact_json_get(value, "a"), &at, &len));
	exact_json_free(value);
}

static void test_order(void **state)
{
	(void)state;
	/* U+1F600 begins with the unit d83d, below U+FFFF and above a lone d800. */
	assert_true(exact_json_compare_text("\xF0\x9F\x98\x80", 4, "\xEF\xBF\xBF", 3) < 0);
	assert_true(exact_json_compare_text("\xF0\x9F\x98\x80", 4, "\xED\xA0\x80", 3) > 0);
	assert_true(exact_json_compare_text("a", 1, "ab", 2) < 0);
	assert_int_equal(exact_json_compare_text("a\0", 2, "a\0", 2), 0);
	assert_true(exact_json_is_index("4294967294", 10, NULL));
	assert_false(exact_json_is_index("4294967295", 10, NULL));
	assert_false(exact_json_is_index("01", 2, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print), cmocka_unit_test(test_repeated_names), cmocka_unit_test(test_text_with_nul),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_numbers_in_another_locale), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_place_of_error), cmocka_unit_test(test_depth), cmocka_unit_test(test_change),
		cmocka_unit_test(test_span), cmocka_unit_test(test_order),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("exact_json", tests, NULL, NULL);
}
