/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "compose/dotenv.h"
#include "compose/env_encrypt.h"
#include "unit/unit.h"

static char folder[] = "/tmp/cvmdeck-dotenv-XXXXXX";

static char *write_env(const char *name, const char *text, size_t len)
{
	char *path = mem_printf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	return path;
}

static void assert_value(const struct compose_env *env, size_t i, const char *name, const char *want)
{
	size_t len;
	const char *value = compose_env_value(env, i, &len);

	assert_string_equal(env->entries[i].name, name);
	assert_string_equal(value, want);
	assert_int_equal(len, strlen(want));
}

static void test_from_disk(void **state)
{
	char *path = write_env("prod.env", "A=1\nB=2\n", 8);
	const char *args[] = { "C=3", path, "A=4" };
	struct compose_env env = COMPOSE_ENV_INIT;
	const char **names;

	(void)state;
	assert_true(compose_dotenv_from_args(&env, args, 3, NULL, NULL, NULL));
	assert_int_equal(env.count, 3);
	assert_value(&env, 0, "A", "4");
	assert_value(&env, 1, "B", "2");
	assert_value(&env, 2, "C", "3");
	names = compose_env_names(&env);
	assert_string_equal(names[2], "C");
	assert_null(names[3]);
	free(names);
	compose_env_clear(&env);
	compose_env_clear(&env);
	unlink(path);
	free(path);
}

static void assert_refused(const char *arg, const char *code)
{
	struct compose_env env = COMPOSE_ENV_INIT;
	const char *args[] = { "A=1", arg };
	struct error err = { 0 };

	assert_false(compose_dotenv_from_args(&env, args, 2, NULL, NULL, &err));
	assert_int_equal(err.status, STATUS_INPUT);
	assert_string_equal(err.code, code);
	assert_int_equal(env.count, 0);
}

static void test_refused_files(void **state)
{
	char *big = mem_new(LIMIT_ENV_FILE + 1, 1), *path;

	(void)state;
	memset(big, 'a', LIMIT_ENV_FILE + 1);
	assert_refused("/nowhere/at/all.env", "env-file-missing");
	assert_refused(folder, "env-file-unreadable");
	path = write_env("big.env", big, LIMIT_ENV_FILE + 1);
	assert_refused(path, "env-file-too-large");
	unlink(path);
	free(path);
	path = write_env("latin.env", "A=\xE9\n", 5);
	assert_refused(path, "env-file-not-utf8");
	unlink(path);
	free(path);
	free(big);
}

/* No text may take more than a moment: the expression is walked without searching back over what was seen. */
static void test_hard_texts(void **state)
{
	static const char *const pieces[] = { "\n", "A='\\'\n", "A=\"\n", "A=`\\` \n", " \n\t", "export ", "A=''\n", "A: \n", "'\n\"\n" };
	size_t i, used;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = strlen(pieces[i]);
		char *text = mem_new(LIMIT_ENV_FILE, 1);
		struct compose_env env = COMPOSE_ENV_INIT;
		int64_t start = clock_mono_ms();

		for (used = 0; used + len <= LIMIT_ENV_FILE; used += len)
			memcpy(text + used, pieces[i], len);
		compose_dotenv_parse(&env, text, used);
		assert_true(clock_mono_ms() - start < 20000);
		compose_env_clear(&env);
		free(text);
	}
}

static void test_bad_keys(void **state)
{
	struct compose_env env = COMPOSE_ENV_INIT;
	struct error err = { 0 };

	(void)state;
	compose_env_add(&env, "A", 1, "hidden", 6);
	assert_null(compose_env_encrypt(&env, "zz", &err));
	assert_string_equal(err.code, "env-key-malformed");
	assert_null(compose_env_encrypt(&env, "0000000000000000000000000000000000000000000000000000000000000000", &err));
	assert_string_equal(err.code, "env-key-weak");
	assert_null(strstr(err.message, "hidden"));
	compose_env_clear(&env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_disk), cmocka_unit_test(test_refused_files), cmocka_unit_test(test_hard_texts),
		cmocka_unit_test(test_bad_keys),
	};
	int failed;

	if (!secret_setup(NULL) || !mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests_name("dotenv", tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
