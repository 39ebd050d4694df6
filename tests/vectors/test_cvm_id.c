/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identifiers in request paths. The tool is handed JSON, so a value of another
 * type is refused before our function sees it: C has no such value, and the
 * test says what the tool says.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cloud/cvm_id.h"
#include "vectors/vectors.h"

enum { FIELDS = 5 };

static const char *const names[FIELDS] = { "id", "uuid", "app_id", "instance_id", "name" };

static const char *kind_name(const struct exact_json *value)
{
	static const char *const kinds[] = { "undefined", "null", "boolean", "number", "string", "array", "object" };

	return kinds[exact_json_kind(value)];
}

struct found {
	char path[32], message[128];
};

static size_t wrong_types(const struct exact_json *input, struct found *found)
{
	size_t count = 0, i;

	if (exact_json_kind(input) != EXACT_OBJECT) {
		snprintf(found[0].message, sizeof(found[0].message), "Expected object, received %s", kind_name(input));
		return 1;
	}
	for (i = 0; i < FIELDS; i++) {
		const struct exact_json *value = exact_json_get(input, names[i]);

		if (!value || exact_json_kind(value) == EXACT_STRING)
			continue;
		snprintf(found[count].path, sizeof(found[count].path), "%s", names[i]);
		snprintf(found[count++].message, sizeof(found[0].message), "Expected string, received %s", kind_name(value));
	}
	return count;
}

static const char *field(const struct exact_json *input, size_t i)
{
	return exact_json_string(exact_json_get(input, names[i]), NULL);
}

static void check(const struct exact_json *vector)
{
	const struct exact_json *input = vectors_need(vector, "input"), *expect = vectors_need(vector, "expect");
	const struct exact_json *want = exact_json_get(expect, "issues");
	struct found found[FIELDS + CVM_ID_MOST_ISSUES] = { 0 };
	size_t count = wrong_types(input, found), i, issue_count = 0;
	struct cvm_id_issue issues[CVM_ID_MOST_ISSUES];
	char *chosen = NULL;

	if (!count) {
		struct cvm_id given = { field(input, 0), field(input, 1), field(input, 2), field(input, 3), field(input, 4) };

		chosen = cvm_id_choose(&given, issues, &issue_count);
		for (i = 0; i < issue_count; i++) {
			snprintf(found[i].path, sizeof(found[i].path), "%s", issues[i].path);
			snprintf(found[i].message, sizeof(found[i].message), "%s", issues[i].message);
		}
		count = issue_count;
	}
	if (!want) {
		assert_int_equal(count, 0);
		assert_non_null(chosen);
		assert_string_equal(chosen, exact_json_text(expect, "cvmId"));
	} else {
		assert_null(chosen);
		assert_int_equal(count, exact_json_count(want));
		for (i = 0; i < count; i++) {
			assert_string_equal(found[i].path, exact_json_text(exact_json_item(want, i), "path"));
			assert_string_equal(found[i].message, exact_json_text(exact_json_item(want, i), "message"));
		}
	}
	free(chosen);
}

int main(void)
{
	return vectors_run("cvm_id", check);
}
