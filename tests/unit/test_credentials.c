/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cloud/credentials.h"
#include "cloud/project.h"

static const char file[] =
	"{\"schema_version\":1,\"current_profile\":\"main\",\"profiles\":{"
	"\"main\":{\"token\":\"phak_main\",\"workspace\":{\"name\":\"Acme Inc\",\"slug\":\"acme\"},\"user\":{\"username\":\"op\"}},"
	"\"test\":{\"token\":\"phak_test\",\"api_prefix\":\"https://test.example/api/v1/\",\"workspace\":{\"name\":\"Test\",\"slug\":\"t-1\"}},"
	"\"empty\":{\"token\":\"\"},\"broken\":{\"token\":\"a b\"}}}";

static void expect_token(const char *profile, const char *token, const char *prefix)
{
	struct credentials got;
	struct error err;

	assert_true(credentials_parse(&got, file, strlen(file), profile, &err));
	assert_string_equal((char *)got.token.data, token);
	if (prefix)
		assert_string_equal(got.api_prefix, prefix);
	else
		assert_null(got.api_prefix);
	credentials_clear(&got);
}

static void expect_error(const char *text, const char *profile, const char *code)
{
	struct credentials got;
	struct error err;

	assert_false(credentials_parse(&got, text, strlen(text), profile, &err));
	assert_string_equal(err.code, code);
	assert_int_equal(err.status, STATUS_CREDENTIALS);
	assert_non_null(strstr(err.next, "--api-key"));
	assert_non_null(strstr(err.next, "PHALA_CLOUD_API_KEY"));
	assert_non_null(strstr(err.next, "phala login"));
}

static void test_profiles(void **state)
{
	(void)state;
	expect_token(NULL, "phak_main", NULL);
	expect_token("test", "phak_test", "https://test.example/api/v1");
	expect_token("t-1", "phak_test", "https://test.example/api/v1");
	expect_token("Acme Inc", "phak_main", NULL);
	expect_error(file, "nobody", "no-profile");
	expect_error(file, "empty", "credentials-file");
	expect_error(file, "broken", "bad-token");
	expect_error("not json", NULL, "credentials-file");
	expect_error("{\"profiles\":[]}", NULL, "credentials-file");
	expect_error("{\"profiles\":{}}", NULL, "no-profile");
}

/* Option, environment, file: in that order; and none at all. */
static void test_order(void **state)
{
	char dir[] = "/tmp/credentials-test-XXXXXX", path[64];
	char option[] = "from-option";
	struct secret token = SECRET_INIT;
	struct credentials_wish wish = { 0 };
	struct credentials got;
	struct error err;
	FILE *out;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("PHALA_CLOUD_DIR", dir, 1);
	unsetenv("PHALA_CLOUD_API_KEY");
	unsetenv("PHALA_CLOUD_API_PREFIX");
	assert_false(credentials_find(&got, &wish, &err));
	assert_string_equal(err.code, "no-credentials");
	assert_non_null(strstr(err.next, "--api-key"));
	assert_non_null(strstr(err.next, "credentials.json"));
	snprintf(path, sizeof(path), "%s/credentials.json", dir);
	out = fopen(path, "w");
	fputs(file, out);
	fclose(out);
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal((char *)got.token.data, "phak_main");
	assert_string_equal(got.api_prefix, CREDENTIALS_PUBLIC_API);
	assert_string_equal(got.user, "op");
	credentials_clear(&got);
	setenv("PHALA_CLOUD_API_KEY", " \n", 1); /* a variable that holds nothing is none */
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal((char *)got.token.data, "phak_main");
	credentials_clear(&got);
	/* The key from the variable, the address from the profile: that is how the official CLI takes them. */
	setenv("PHALA_CLOUD_API_KEY", "from-env\n", 1);
	wish.profile = "test";
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal((char *)got.token.data, "from-env");
	assert_string_equal(got.api_prefix, "https://test.example/api/v1");
	credentials_clear(&got);
	wish.profile = "nobody";
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal(got.api_prefix, CREDENTIALS_PUBLIC_API);
	credentials_clear(&got);
	wish.profile = NULL;
	setenv("PHALA_CLOUD_API_PREFIX", "http://127.0.0.1:1/api/v1/", 1);
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal((char *)got.token.data, "from-env");
	assert_string_equal(got.api_prefix, "http://127.0.0.1:1/api/v1");
	credentials_clear(&got);
	secret_set(&token, option, strlen(option), true);
	wish.token = &token;
	assert_true(credentials_find(&got, &wish, &err));
	assert_string_equal((char *)got.token.data, "from-option");
	credentials_clear(&got);
	wish.api_prefix = "ftp://x";
	assert_false(credentials_find(&got, &wish, &err));
	assert_int_equal(err.status, STATUS_USAGE);
	secret_clear(&token);
	unlink(path);
	rmdir(dir);
}

static void test_project(void **state)
{
	static const char text[] =
		"# what the CLI writes\nprofile = \"main\"\nname = 'payments-api' # ours\r\napp_id = \"610178da211fef7d417bc0e6fed39f05609ad788\"\n"
		"compose_file = \"a \\\"b\\\" \\u00e9.yml\"\nlist = [\n  \"id = 1\", # no key\n]\nmore = \"\"\"\nid = \"no\"\n\"\"\"\n"
		"[other]\nid = \"not this\"\n[cvm]\nenv_file = \".env\"\nname = \"second\"\n";
	struct project project;
	struct error err;

	(void)state;
	assert_true(project_parse(&project, text, strlen(text), &err));
	assert_string_equal(project.profile, "main");
	assert_string_equal(project.name, "payments-api");
	assert_string_equal(project.compose_file, "a \"b\" \xC3\xA9.yml");
	assert_string_equal(project.env_file, ".env");
	assert_null(project.id);
	assert_string_equal(project_cvm(&project), "610178da211fef7d417bc0e6fed39f05609ad788");
	project_clear(&project);
	assert_true(project_read(&project, "/nowhere/phala.toml", &err));
	assert_null(project_cvm(&project));
	assert_false(project_parse(&project, "\nname = \"x", 10, &err));
	assert_string_equal(err.code, "bad-project-file");
	assert_non_null(strstr(err.message, "line 2"));
	assert_false(project_parse(&project, "id = [1]", 8, &err));
	assert_false(project_parse(&project, "what", 4, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_project),
	};

	struct error err;

	return !secret_setup(&err) || cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
