/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/vectors.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"
#include "unit/unit.h"

static vectors_check *current_check;

static void run_case(void **state)
{
	current_check(*state);
}

static char *file_path(const char *folder, const char *file)
{
	return mem_printf("%s/%s.json", folder, file);
}

static struct exact_json *load(const char *path)
{
	struct error err = { 0 };
	struct buf text = BUF_INIT;
	struct exact_json *tree = NULL;

	if (file_read(path, "vector file", LIMIT_EXACT_JSON, &text, &err))
		tree = exact_json_parse(buf_text(&text), text.len, &err);
	buf_clear(&text);
	if (!tree)
		fprintf(stderr, "%s: %s\n", path, err.message);
	return tree;
}

static int run_cases(const char *path, const char *file, const struct exact_json *tree)
{
	const struct exact_json *cases = exact_json_get(tree, "cases");
	size_t count = exact_json_count(cases), i;
	struct CMUnitTest *tests = mem_new(count, sizeof(*tests));
	int failed;

	for (i = 0; i < count; i++) {
		const struct exact_json *vector = exact_json_item(cases, i);

		tests[i].name = exact_json_text(vector, "name");
		tests[i].test_func = run_case;
		/* cmocka hands the state on without const; the tests only read it. */
		memcpy(&tests[i].initial_state, &vector, sizeof(vector));
	}
	failed = _cmocka_run_group_tests(file, tests, count, NULL, NULL);
	free(tests);
	if (!count)
		fprintf(stderr, "%s: no cases\n", path);
	return failed || !count;
}

static int run_file(const char *folder, const char *file)
{
	char *path = file_path(folder, file);
	struct exact_json *tree = load(path);
	int failed = tree ? run_cases(path, file, tree) : 1;

	exact_json_free(tree);
	free(path);
	return failed ? 1 : 0;
}

static bool is_there(const char *folder, const char *file)
{
	char *path = file_path(folder, file);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int run_default(const char *file)
{
	const char *source = getenv("srcdir");
	char *folder = mem_printf("%s/tests/vectors", source ? source : ".");
	int failed = run_file(folder, file);

	free(folder);
	return failed;
}

int vectors_run(const char *file, vectors_check *check)
{
	const char *folder = getenv("CVMDECK_VECTORS"), *samples = getenv("CVMDECK_SAMPLES");
	int failed = 0;

	setlocale(LC_ALL, "C.UTF-8");
	if (!secret_setup(NULL))
		return 1;
	current_check = check;
	if (!folder || !*folder)
		failed = run_default(file);
	else if (is_there(folder, file))
		failed = run_file(folder, file);
	else
		printf("1..0 # SKIP no %s.json in %s\n", file, folder);
	if (samples && *samples && is_there(samples, file))
		failed |= run_file(samples, file);
	return failed;
}

const struct exact_json *vectors_need(const struct exact_json *value, const char *name)
{
	const struct exact_json *member = exact_json_get(value, name);

	if (!member)
		fail_msg("the case has no member %s", name);
	return member;
}

const char *vectors_text(const struct exact_json *value, const char *name, size_t *len)
{
	const char *text = exact_json_string(vectors_need(value, name), len);

	if (!text)
		fail_msg("the member %s is no string", name);
	return text;
}

void vectors_same_bytes(const char *have, size_t have_len, const char *want, size_t want_len)
{
	if (have_len != want_len || memcmp(have, want, have_len) != 0)
		fail_msg("have %zu bytes: %.300s\nwant %zu bytes: %.300s", have_len, have, want_len, want);
}
