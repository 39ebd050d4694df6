/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compose/dotenv.h"
#include "unit/unit.h"
#include "vectors/vectors.h"

static void check_list(const struct compose_env *env, const struct exact_json *expect)
{
	size_t i;

	assert_int_equal(exact_json_kind(expect), EXACT_ARRAY);
	assert_int_equal(env->count, exact_json_count(expect));
	for (i = 0; i < env->count; i++) {
		const struct exact_json *want = exact_json_item(expect, i);
		size_t len, want_len;
		const char *value = compose_env_value(env, i, &len);
		const char *want_text = vectors_text(want, "key", &want_len);

		vectors_same_bytes(env->entries[i].name, env->entries[i].name_len, want_text, want_len);
		want_text = vectors_text(want, "value", &want_len);
		vectors_same_bytes(value, len, want_text, want_len);
	}
}

static void check_parse(const struct exact_json *vector)
{
	struct compose_env env = COMPOSE_ENV_INIT;
	size_t len;
	const char *text = vectors_text(vector, "text", &len);

	compose_dotenv_parse(&env, text, len);
	check_list(&env, vectors_need(vector, "expect"));
	compose_env_clear(&env);
}

/* The case's own files stand for the disk. */
static bool read_case_file(void *ctx, const char *path, struct secret *text, struct error *err)
{
	const struct exact_json *const *files = ctx;
	size_t len;
	const char *found = exact_json_string(exact_json_get(*files, path), &len);

	if (!found)
		return error_set(err, STATUS_INPUT, "env-file-missing", "Environment file not found: %s", path);
	secret_alloc(text, len);
	memcpy(text->data, found, len);
	return true;
}

static void check_cli(const struct exact_json *vector)
{
	const struct exact_json *args = vectors_need(vector, "args"), *files = vectors_need(vector, "files");
	const struct exact_json *expect = vectors_need(vector, "expect");
	size_t count = exact_json_count(args), i;
	const char **list = mem_new(count, sizeof(*list));
	struct compose_env env = COMPOSE_ENV_INIT;
	struct error err = { 0 };

	for (i = 0; i < count; i++)
		list[i] = exact_json_string(exact_json_item(args, i), NULL);
	if (compose_dotenv_from_args(&env, list, count, read_case_file, &files, &err))
		check_list(&env, expect);
	else
		assert_string_equal(err.message, vectors_text(expect, "error", NULL));
	compose_env_clear(&env);
	free(list);
}

/* The program's own reader says the same of a file that is not there, but nothing behind a =: that may be a value whose name was mistyped. */
static void check_missing_on_disk(const struct exact_json *vector)
{
	const char *want = exact_json_text(vectors_need(vector, "expect"), "error"), *name = strchr(want, ':');
	const char *args[] = { name ? name + 2 : "" };
	struct compose_env env = COMPOSE_ENV_INIT;
	struct error err = { 0 };

	if (name && !compose_dotenv_from_args(&env, args, 1, NULL, NULL, &err)) {
		size_t len = strcspn(want, "=");

		assert_memory_equal(err.message, want, len);
		assert_string_equal(err.message + len, want[len] ? "=…" : "");
	}
	compose_env_clear(&env);
}

static void check_classify(const struct exact_json *vector)
{
	const char *arg = vectors_text(vector, "arg", NULL);
	const struct exact_json *expect = vectors_need(vector, "expect"), *pair = exact_json_get(expect, "keyValue");
	size_t name_len;

	if (!compose_dotenv_is_pair(arg, &name_len)) {
		assert_null(pair);
		assert_string_equal(arg, vectors_text(expect, "file", NULL));
		return;
	}
	assert_non_null(pair);
	assert_int_equal(strlen(vectors_text(pair, "key", NULL)), name_len);
	assert_memory_equal(arg, vectors_text(pair, "key", NULL), name_len);
	assert_string_equal(arg + name_len + 1, vectors_text(pair, "value", NULL));
}

static void check(const struct exact_json *vector)
{
	const char *kind = vectors_text(vector, "kind", NULL);

	if (strcmp(kind, "parse") == 0) {
		check_parse(vector);
	} else if (strcmp(kind, "cli") == 0) {
		check_cli(vector);
		check_missing_on_disk(vector);
	} else if (strcmp(kind, "classify") == 0) {
		check_classify(vector);
	} else {
		fail_msg("an unknown kind: %s", kind);
	}
}

int main(void)
{
	return vectors_run("dotenv", check);
}
