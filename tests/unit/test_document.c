/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "compose/document.h"
#include "unit/unit.h"

static struct compose_document *parse(const char *text)
{
	struct error err = { 0 };
	struct compose_document *document = compose_document_parse(text, strlen(text), true, &err);

	if (!document)
		fail_msg("%s: %s", text, err.message);
	return document;
}

static void assert_raw(const struct compose_document *document, const char *want)
{
	assert_string_equal(compose_document_raw(document, NULL), want);
}

static const char indented[] = "{\n  \"name\" : \"n\",\n  \"odd\": {\"b\":1.50, \"a\":[ ]},\n  \"docker_compose_file\": \"x\",\n"
	"  \"allowed_envs\": [\n    \"A\"\n  ],\n  \"public_logs\": true\n}\n";

static void test_change_keeps_the_rest(void **state)
{
	static const char *const names[] = { "A", "B" };
	struct compose_change change = { .docker_compose_file = "y\n", .docker_compose_len = 2, .allowed_envs = names,
		.allowed_env_count = 2, .set_allowed_envs = true, .public_logs = COMPOSE_ON, .public_sysinfo = COMPOSE_OFF };
	struct compose_document *present = parse(indented);
	struct compose_document *changed = compose_document_change(present, &change, NULL);

	(void)state;
	assert_raw(changed, "{\n  \"name\" : \"n\",\n  \"odd\": {\"b\":1.50, \"a\":[ ]},\n  \"docker_compose_file\": \"y\\n\",\n"
		"  \"allowed_envs\": [\n    \"A\",\n    \"B\"\n  ],\n  \"public_logs\": true,\n  \"public_sysinfo\": false\n}\n");
	compose_document_free(changed);
	compose_document_free(present);
}

static void test_change_of_nothing(void **state)
{
	static const char *const names[] = { "A" };
	struct compose_change change = { .docker_compose_file = "x", .docker_compose_len = 1, .allowed_envs = names,
		.allowed_env_count = 1, .set_allowed_envs = true, .public_logs = COMPOSE_ON };
	struct compose_document *present = parse(indented);
	struct compose_document *changed = compose_document_change(present, &change, NULL);

	(void)state;
	assert_raw(changed, indented);
	compose_document_free(changed);
	compose_document_free(present);
}

static void test_set_in_other_styles(void **state)
{
	static const struct { const char *before, *after; } rows[] = {
		{ "{}", "{\"e\":[\"A\",\"B\"]}" },
		{ " { } ", " {\"e\":[\"A\",\"B\"] } " },
		{ "{\"a\":1}", "{\"a\":1,\"e\":[\"A\",\"B\"]}" },
		{ "{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": 2, \"e\": [\"A\", \"B\"]}" },
		{ "{\"a\":1,\"e\":[\"Z\", \"Y\"],\"b\":2}", "{\"a\":1,\"e\":[\"A\", \"B\"],\"b\":2}" },
		{ "{\n\t\"a\": 1\n}", "{\n\t\"a\": 1,\n\t\"e\": [\n\t\t\"A\",\n\t\t\"B\"\n\t]\n}" },
		{ "{\"a\\\"\\\\\":1,\"e\":0,\"e\":1}", "{\"a\\\"\\\\\":1,\"e\":0,\"e\":[\"A\",\"B\"]}" },
	};
	struct exact_json *names = exact_json_parse("[\"A\",\"B\"]", 9, NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct compose_document *document = parse(rows[i].before);

		compose_document_set(document, "e", names);
		assert_raw(document, rows[i].after);
		compose_document_free(document);
	}
	exact_json_free(names);
}

static void test_remove(void **state)
{
	static const struct { const char *before, *after; } rows[] = {
		{ "{\"e\":1}", "{}" }, { "{ \"e\" : 1 }", "{  }" }, { "{\"e\":1, \"b\":2}", "{\"b\":2}" },
		{ "{\n  \"a\": 1,\n  \"e\": 2\n}", "{\n  \"a\": 1\n}" }, { "{\"e\":1,\"a\":2,\"e\":3}", "{\"a\":2}" },
		{ "{\"a\":1}", "{\"a\":1}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct compose_document *document = parse(rows[i].before);

		assert_int_equal(compose_document_remove(document, "e"), strcmp(rows[i].before, rows[i].after) != 0);
		assert_raw(document, rows[i].after);
		compose_document_free(document);
	}
}

static void test_calibrate_every_form(void **state)
{
	struct compose_document *document = parse(indented), *other = parse("{\"a\":1}");
	struct compose_hashes hashes;
	struct compose_calibration calibration;
	unsigned form;

	(void)state;
	compose_document_hashes(document, &hashes);
	assert_true(compose_calibrate(document, hashes.hex[COMPOSE_RAW], &calibration));
	assert_int_equal(calibration.form, COMPOSE_RAW);
	assert_true(compose_calibrate(document, hashes.hex[COMPOSE_PRETTY], &calibration));
	assert_int_equal(calibration.form, COMPOSE_PRETTY);
	assert_false(compose_calibrate(other, hashes.hex[COMPOSE_PRETTY], &calibration));
	assert_int_equal(calibration.form, COMPOSE_FORM_UNKNOWN);
	/* Without an empty script the two compact forms are one text, so both stay possible. */
	assert_true(compose_calibrate(document, hashes.hex[COMPOSE_COMPACT], &calibration));
	assert_int_equal(calibration.matches, 1u << COMPOSE_COMPACT | 1u << COMPOSE_COMPACT_NORMALIZED);
	compose_document_hashes(other, &hashes);
	for (form = COMPOSE_COMPACT; form < COMPOSE_PRETTY; form++)
		assert_true(compose_calibration_accepts(&calibration, &hashes, hashes.hex[form], NULL));
	assert_false(compose_calibration_accepts(&calibration, &hashes, hashes.hex[COMPOSE_PRETTY], NULL));
	assert_false(compose_calibration_accepts(&calibration, &hashes, "", NULL));
	compose_document_free(document);
	compose_document_free(other);
}

/* Bytes that are not the file's own prove nothing about the raw form. */
static void test_no_raw_form_without_the_bytes(void **state)
{
	struct compose_document *document = compose_document_parse("{ }", 3, false, NULL);
	struct compose_hashes text, hashes;
	struct compose_calibration calibration;

	(void)state;
	compose_document_hashes(document, &hashes);
	assert_true(compose_text_hashes("{ }", 3, &text));
	assert_string_equal(hashes.hex[COMPOSE_RAW], "");
	assert_string_equal(hashes.hex[COMPOSE_COMPACT], text.hex[COMPOSE_COMPACT]);
	assert_false(compose_calibrate(document, text.hex[COMPOSE_RAW], &calibration));
	compose_document_free(document);
}

static void test_no_json(void **state)
{
	struct compose_hashes hashes;
	struct error err = { 0 };

	(void)state;
	assert_false(compose_text_hashes("{", 1, &hashes));
	assert_int_equal(strlen(hashes.hex[COMPOSE_RAW]), 64);
	assert_string_equal(hashes.hex[COMPOSE_COMPACT], "");
	assert_null(compose_document_parse("[]", 2, true, &err));
	assert_string_equal(err.code, "not-app-compose");
}

static void test_refused_changes(void **state)
{
	struct compose_document *present = parse("{\"pre_launch_script\":\"#\"}");
	char *big = mem_new(LIMIT_COMPOSE, 1);
	struct compose_change change = { .docker_compose_file = big, .docker_compose_len = LIMIT_COMPOSE };
	struct error err = { 0 };

	(void)state;
	memset(big, 'a', LIMIT_COMPOSE);
	assert_null(compose_document_change(present, &change, &err));
	assert_string_equal(err.code, "compose-too-large");
	change.docker_compose_file = "\xFF";
	change.docker_compose_len = 1;
	assert_null(compose_document_change(present, &change, &err));
	assert_string_equal(err.code, "not-utf8");
	free(big);
	compose_document_free(present);
}

static void test_parts(void **state)
{
	struct compose_document *a = parse("{\"docker_compose_file\":\"x\",\"n\":1}");
	struct compose_document *b = parse("{\"n\":1, \"docker_compose_file\":\"y\"}");
	struct compose_parts left, right;

	(void)state;
	compose_document_parts(a, &left);
	compose_document_parts(b, &right);
	assert_string_not_equal(left.compose, right.compose);
	assert_string_equal(left.rest, right.rest);
	assert_string_equal(left.script, "");
	compose_document_free(a);
	compose_document_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change_keeps_the_rest), cmocka_unit_test(test_change_of_nothing),
		cmocka_unit_test(test_set_in_other_styles), cmocka_unit_test(test_remove), cmocka_unit_test(test_calibrate_every_form),
		cmocka_unit_test(test_no_raw_form_without_the_bytes), cmocka_unit_test(test_no_json),
		cmocka_unit_test(test_refused_changes), cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
