/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/explain.h"
#include "compose/manifest.h"
#include "unit/unit.h"

static const char present_text[] = "{\"name\":\"app\",\"runner\":\"docker-compose\",\"docker_compose_file\":\"a\\n\","
	"\"allowed_envs\":[\"B\",\"A\"],\"public_logs\":true,\"features\":[\"kms\"],\"kms_enabled\":true}";

static struct compose_document *parse(const char *text)
{
	struct compose_document *document = compose_document_parse(text, strlen(text), true, NULL);

	assert_non_null(document);
	return document;
}

/* The new document as this program makes it, against the one the backend is said to have hashed. */
static void assert_explained(const char *next_text, const char *backend_text, enum compose_form form, const char *field)
{
	static const char *const names[] = { "A", "C" };
	struct compose_document *present = parse(present_text), *next = parse(next_text), *backend = parse(backend_text);
	struct compose_calibration calibration = { .form = COMPOSE_PRETTY, .matches = 1u << COMPOSE_PRETTY };
	struct compose_explanation why;
	char reported[HASH_HEX_SIZE];
	struct compose_question question = { .present = present, .next = next, .calibration = &calibration,
		.env_names = names, .env_count = 2, .reported = reported };

	compose_document_hash(backend, form, reported);
	assert_int_equal(compose_explain(&question, &why), field != NULL);
	assert_int_equal(why.found, field != NULL);
	if (field) {
		size_t i, seen = 0;

		assert_int_equal(why.form, form);
		assert_non_null(why.document);
		for (i = 0; i < why.count; i++)
			seen += strcmp(why.causes[i].field, field) == 0;
		assert_int_equal(seen, 1);
		compose_document_hash(why.document, form, reported);
		assert_true(compose_hash_equal(reported, question.reported));
	}
	compose_explanation_clear(&why);
	compose_document_free(present);
	compose_document_free(next);
	compose_document_free(backend);
}

#define NEXT(compose, envs, more) "{\"name\":\"app\",\"runner\":\"docker-compose\",\"docker_compose_file\":\"" compose "\"," \
	"\"allowed_envs\":" envs ",\"public_logs\":true,\"features\":[\"kms\"],\"kms_enabled\":true" more "}"

static void test_single_causes(void **state)
{
	const char *next = NEXT("b\\n", "[\"C\"]", "");
	const enum compose_form form = COMPOSE_PRETTY;

	(void)state;
	assert_explained(next, NEXT("b\\n", "[\"B\",\"A\"]", ""), form, "allowed_envs");
	assert_explained(next, NEXT("b\\n", "[\"A\",\"C\"]", ""), form, "allowed_envs");
	assert_explained(next, NEXT("b\\n", "[\"B\",\"A\",\"C\"]", ""), form, "allowed_envs");
	assert_explained(next, NEXT("b", "[\"C\"]", ""), form, "docker_compose_file");
	assert_explained(next, NEXT("b\\r\\n", "[\"C\"]", ""), form, "docker_compose_file");
	assert_explained(next, NEXT("a\\n", "[\"C\"]", ""), form, "docker_compose_file");
	assert_explained(next, NEXT("b\\n", "[\"C\"]", ",\"public_sysinfo\":true"), form, "public_sysinfo");
	assert_explained(next, NEXT("b\\n", "[\"C\"]", ",\"storage_fs\":\"zfs\""), form, "storage_fs");
	assert_explained(next, NEXT("b\\n", "[\"C\"]", ",\"salt\":null"), form, "salt");
	assert_explained(NEXT("b\\n", "[]", ",\"pre_launch_script\":\"#!\\r\\nx\""), NEXT("b\\n", "[]", ",\"pre_launch_script\":\"#!\\nx\""),
		form, "pre_launch_script");
	assert_explained(NEXT("b\\n", "[]", ""), NEXT("b\\n", "[]", ",\"pre_launch_script\":\"\""), COMPOSE_COMPACT, "pre_launch_script");
}

static void test_another_form(void **state)
{
	const char *next = NEXT("b\\n", "[\"C\"]", "");

	(void)state;
	assert_explained(next, next, COMPOSE_COMPACT, "");
	assert_explained(next, NEXT("b\\n", "[\"A\",\"C\"]", ""), COMPOSE_COMPACT, "allowed_envs");
}

static void test_two_causes(void **state)
{
	const char *next = NEXT("b\\r\\n", "[\"C\"]", "");

	(void)state;
	assert_explained(next, NEXT("b\\n", "[\"A\",\"C\"]", ""), COMPOSE_PRETTY, "docker_compose_file");
	assert_explained(next, NEXT("b\\r\\n", "[\"B\",\"A\"]", ",\"secure_time\":false"), COMPOSE_PRETTY, "secure_time");
}

static void test_no_cause(void **state)
{
	const char *next = NEXT("b\\n", "[\"C\"]", "");

	(void)state;
	assert_explained(next, NEXT("something else", "[\"C\"]", ""), COMPOSE_PRETTY, NULL);
}

static void test_manifest(void **state)
{
	struct compose_document *before = parse("{\"name\":\"n\",\"docker_compose_file\":\"a\\nb\",\"gone\":1,\"allowed_envs\":[\"A\",\"B\"]}");
	struct compose_document *after = parse("{\"name\":\"n\",\"docker_compose_file\":\"a\\n\",\"allowed_envs\":[\"B\",\"C\\u001b\"],\"new\":[1, 2]}");
	struct compose_manifest *manifest = compose_manifest_new(before, after);

	(void)state;
	assert_int_equal(manifest->count, 5);
	assert_int_equal(manifest->changes, 4);
	assert_int_equal(manifest->fields[0].kind, COMPOSE_FIELD_SAME);
	assert_int_equal(manifest->fields[1].kind, COMPOSE_FIELD_CHANGED);
	assert_true(manifest->fields[1].is_text);
	assert_string_equal(manifest->fields[1].before, "2 lines, 3 bytes");
	assert_string_equal(manifest->fields[1].after, "1 line, 2 bytes");
	assert_int_equal(manifest->fields[2].kind, COMPOSE_FIELD_REMOVED);
	assert_string_equal(manifest->fields[2].after, "");
	assert_string_equal(manifest->fields[4].after, "[1,2]");
	assert_int_equal(manifest->env_count, 3);
	assert_int_equal(manifest->envs[0].kind, COMPOSE_FIELD_REMOVED);
	assert_int_equal(manifest->envs[1].kind, COMPOSE_FIELD_SAME);
	assert_string_equal(manifest->envs[2].name, "C^[");
	compose_manifest_free(manifest);
	manifest = compose_manifest_new(NULL, after);
	assert_int_equal(manifest->changes, 4);
	compose_manifest_free(manifest);
	compose_document_free(before);
	compose_document_free(after);
}

static void test_manifest_order_of_envs(void **state)
{
	struct compose_document *before = parse("{\"allowed_envs\":[\"A\",\"B\"]}"), *after = parse("{\"allowed_envs\":[\"B\",\"A\"]}");
	struct compose_manifest *manifest = compose_manifest_new(before, after);

	(void)state;
	assert_int_equal(manifest->env_changes, 0);
	assert_true(manifest->envs_reordered);
	compose_manifest_free(manifest);
	compose_document_free(before);
	compose_document_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_causes), cmocka_unit_test(test_another_form), cmocka_unit_test(test_two_causes),
		cmocka_unit_test(test_no_cause), cmocka_unit_test(test_manifest), cmocka_unit_test(test_manifest_order_of_envs),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
