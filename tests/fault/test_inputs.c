/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bad input of every kind, given to the real program: each ends with the exit
 * code of the manual and a message that says what to do, and the sandbox saw
 * no change and no transaction that was not approved.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "fault/deck.h"

/* What may have happened on the way. */
enum reach { UNTOUCHED, UNSIGNED };

struct bad {
	const char *name;
	int status;
	const char *code;     /* NULL: any */
	const char *says;     /* in message, next or detail; NULL: any */
	const char *args[12]; /* @NAME: a file of the test's folder */
	const char *env[4];
	const char *faults;
	enum reach reach;
};

#define UPDATE "deploy", "--cvm-id", "checkout-web", "-c", "@compose.yml", "--yes", "--json"
#define NO_PORT "http://127.0.0.1:1"

static const struct bad cases[] = {
	/* files of the operator */
	{ "compose missing", 1, "compose-missing", "not-there.yml", { "deploy", "--cvm-id", "checkout-web", "-c",
	  "@not-there.yml", "--yes", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "compose a folder", 1, NULL, NULL, { "deploy", "--cvm-id", "checkout-web", "-c", "@", "--yes", "--json" }, { 0 },
	  NULL, UNTOUCHED },
	{ "YAML error", 1, NULL, "line 5", { "deploy", "--cvm-id", "checkout-web", "-c", "@broken.yml", "--yes", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "YAML error names the column", 1, NULL, "column", { "diff", "--cvm-id", "checkout-web", "-c", "@broken.yml",
	  "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "compose too large", 1, NULL, "200", { "deploy", "--cvm-id", "checkout-web", "-c", "@big.yml", "--yes", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "compose and script too large together", 1, NULL, "204800", { UPDATE, "--pre-launch-script", "@almost.sh" }, { 0 },
	  NULL, UNTOUCHED },
	{ "compose empty", 1, NULL, NULL, { "deploy", "--cvm-id", "checkout-web", "-c", "@empty.yml", "--yes", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "compose binary", 1, NULL, NULL, { "deploy", "--cvm-id", "checkout-web", "-c", "@binary.yml", "--yes", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "script missing", 1, NULL, "not-there.sh", { UPDATE, "--pre-launch-script", "@not-there.sh" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "env file missing", 1, NULL, "not-there.env", { UPDATE, "-e", "@not-there.env" }, { 0 }, NULL, UNTOUCHED },
	{ "env name malformed", 1, NULL, NULL, { UPDATE, "-e", "1 BAD=x" }, { 0 }, NULL, UNTOUCHED },
	{ "app-compose missing", 1, NULL, "not-there.json", { "hash", "--app-compose", "@not-there.json", "--json" }, { 0 },
	  NULL, UNTOUCHED },
	{ "key file missing", 1, NULL, "not-there.key", { UPDATE, "--private-key-file", "@not-there.key" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "keystore missing", 1, NULL, NULL, { UPDATE, "--keystore", "@not-there.json" }, { 0 }, NULL, UNTOUCHED },
	{ "keystore broken", 1, NULL, NULL, { UPDATE, "--keystore", "@empty.yml" }, { 0 }, NULL, UNTOUCHED },
	{ "password file missing", 1, NULL, "not-there.txt", { UPDATE, "--password-file", "@not-there.txt" }, { 0 }, NULL,
	  UNTOUCHED },
	/* the command line */
	{ "unknown option", 2, "usage", "--frobnicate", { UPDATE, "--frobnicate" }, { 0 }, NULL, UNTOUCHED },
	{ "unknown command", 2, "usage", "deplyo", { "deplyo", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "option of another command", 2, "usage", "--follow", { UPDATE, "--follow" }, { 0 }, NULL, UNTOUCHED },
	{ "option without its value", 2, "usage", "--cvm-id", { "deploy", "--json", "--cvm-id" }, { 0 }, NULL, UNTOUCHED },
	{ "one argument too many", 2, "usage", "extra", { UPDATE, "extra" }, { 0 }, NULL, UNTOUCHED },
	{ "no CVM named", 2, "no-cvm", "--cvm-id", { "deploy", "-c", "@compose.yml", "--yes", "--json" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "an option and its opposite", 2, NULL, NULL, { UPDATE, "--public-logs", "--no-public-logs" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "confirmations malformed", 2, NULL, "--confirmations", { UPDATE, "--confirmations", "some" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "most cost malformed", 2, NULL, "--max-cost", { UPDATE, "--max-cost", "1,5" }, { 0 }, NULL, UNTOUCHED },
	{ "commit without a token", 2, NULL, "--token", { "deploy", "--cvm-id", "checkout-web", "--commit", "--yes",
	  "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "key too short", 2, NULL, NULL, { UPDATE, "--private-key", "0x1234" }, { 0 }, NULL, UNTOUCHED },
	{ "key no hex", 2, NULL, NULL, { UPDATE },
	  { "PRIVATE_KEY=zz0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ffzz" }, NULL, UNTOUCHED },
	{ "key zero", 2, NULL, NULL, { UPDATE },
	  { "PRIVATE_KEY=0x0000000000000000000000000000000000000000000000000000000000000000" }, NULL, UNTOUCHED },
	{ "key beyond the curve", 2, NULL, NULL, { UPDATE },
	  { "PRIVATE_KEY=ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" }, NULL, UNTOUCHED },
	{ "address malformed", 2, NULL, NULL, { UPDATE, "--watch-only", "0x12" }, { 0 }, NULL, UNTOUCHED },
	{ "address with a wrong checksum", 2, NULL, "checksum", { UPDATE, "--watch-only",
	  "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266" }, { 0 }, NULL, UNTOUCHED },
	{ "lines of the log no number", 2, NULL, "--tail", { "logs", "--cvm-id", "checkout-web", "-n", "many", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "an override of no check", 2, NULL, NULL, { UPDATE, "--override", "nonsense=because" }, { 0 }, NULL, UNTOUCHED },
	{ "resume of nothing", 2, NULL, NULL, { "resume", "20990101-000000-ffffff", "--yes", "--json" }, { 0 }, NULL,
	  UNTOUCHED },
	{ "an unknown option, JSON among other letters", 2, "usage", "--frobnicate", { "deploy", "-yj", "--frobnicate" }, { 0 }, NULL, UNTOUCHED },
	{ "an unknown option, JSON behind it and cut short", 2, "usage", "--frobnicate", { "deploy", "--frobnicate", "--jso" }, { 0 }, NULL, UNTOUCHED },
	{ "an unknown command, JSON asked for", 2, "usage", "frobnicate", { "frobnicate", "-yj" }, { 0 }, NULL, UNTOUCHED },
	{ "one argument too many, JSON among other letters", 2, "usage", "three", { "apply", "two", "three", "-yj" }, { 0 }, NULL, UNTOUCHED },
	/* approval */
	{ "no terminal and no --yes", 3, "not-approved", "--yes", { "deploy", "--cvm-id", "checkout-web", "-c",
	  "@compose.yml", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "no --yes, applied at once", 3, "not-approved", "--yes", { "deploy", "--cvm-id", "docs-search", "-c",
	  "@compose.yml", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "nothing would change", 1, "nothing-changes", "-c", { "deploy", "--cvm-id", "checkout-web", "--yes", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "nothing would change, and nobody to ask", 1, "nothing-changes", "-c", { "deploy", "--cvm-id", "checkout-web", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	{ "a plan of nothing", 1, "nothing-changes", "-c", { "plan", "--cvm-id", "checkout-web", "-o", "@nothing.plan", "--json" },
	  { 0 }, NULL, UNTOUCHED },
	/* credentials */
	{ "no credentials", 4, NULL, "PHALA_CLOUD_API_KEY", { UPDATE }, { "PHALA_CLOUD_API_KEY" }, NULL, UNTOUCHED },
	{ "no credentials names the option", 4, NULL, "--api-", { "list", "--json" }, { "PHALA_CLOUD_API_KEY" }, NULL,
	  UNTOUCHED },
	{ "no credentials names the file", 4, NULL, "credentials.json", { "list", "--json" }, { "PHALA_CLOUD_API_KEY" }, NULL,
	  UNTOUCHED },
	{ "wrong key of the API", 4, NULL, NULL, { UPDATE }, { "PHALA_CLOUD_API_KEY=wrong" }, NULL, UNTOUCHED },
	{ "expired token", 4, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"status\",\"status\":401}]}", UNTOUCHED },
	{ "key over plain http", 4, "network-not-secret", NULL, { UPDATE },
	  { "PHALA_CLOUD_API_PREFIX=http://example.com/api/v1" }, NULL, UNTOUCHED },
	{ "no signing key", 4, "no-key", "PRIVATE_KEY", { UPDATE }, { "PRIVATE_KEY" }, NULL, UNSIGNED },
	/* the API */
	{ "unknown CVM", 5, NULL, "no-such-thing", { "deploy", "--cvm-id", "no-such-thing", "-c", "@compose.yml", "--yes",
	  "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "unknown CVM, show", 5, NULL, "no-such-thing", { "show", "no-such-thing", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "unknown CVM, logs", 5, NULL, NULL, { "logs", "--cvm-id", "no-such-thing", "--json" }, { 0 }, NULL, UNTOUCHED },
	{ "API down", 5, NULL, NULL, { UPDATE }, { "PHALA_CLOUD_API_PREFIX=" NO_PORT "/api/v1" }, NULL, UNTOUCHED },
	{ "API down, show", 5, NULL, NULL, { "show", "checkout-web", "--json" },
	  { "PHALA_CLOUD_API_PREFIX=" NO_PORT "/api/v1" }, NULL, UNTOUCHED },
	{ "API address malformed", 2, NULL, NULL, { "list", "--json" }, { "PHALA_CLOUD_API_PREFIX=ftp://127.0.0.1/" }, NULL,
	  UNTOUCHED },
	{ "HTML instead of JSON", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"html\"}]}", UNTOUCHED },
	{ "HTML with status 200", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"html\",\"status\":200}]}",
	  UNTOUCHED },
	{ "text instead of JSON", 5, "not-json", NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"text\"}]}", UNTOUCHED },
	{ "JSON of another shape", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"shape\"}]}", UNTOUCHED },
	{ "JSON of another shape, list", 5, NULL, NULL, { "list", "--json" }, { 0 }, "{\"http\":[{\"action\":\"shape\"}]}",
	  UNTOUCHED },
	{ "an answer too large", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"huge\"}]}", UNTOUCHED },
	{ "an answer cut off", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"cut\",\"bytes\":20}]}", UNTOUCHED },
	{ "connections dropped", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"drop\"}]}", UNTOUCHED },
	{ "5xx throughout", 5, NULL, NULL, { UPDATE }, { 0 }, "{\"http\":[{\"action\":\"status\",\"status\":503}]}",
	  UNTOUCHED },
	{ "429, come back in a minute", 5, NULL, "60", { UPDATE }, { 0 },
	  "{\"http\":[{\"action\":\"status\",\"status\":429,\"retry_after\":60}]}", UNTOUCHED },
	{ "document of another shape", 5, NULL, NULL, { UPDATE }, { 0 },
	  "{\"http\":[{\"path\":\"compose_file\",\"action\":\"html\",\"status\":200}]}", UNTOUCHED },
	{ "409 at the patch", 5, NULL, NULL, { UPDATE }, { 0 },
	  "{\"http\":[{\"method\":\"PATCH\",\"action\":\"status\",\"status\":409}]}", UNSIGNED },
	{ "422 at the patch", 5, NULL, NULL, { UPDATE }, { 0 },
	  "{\"http\":[{\"method\":\"PATCH\",\"action\":\"status\",\"status\":422}]}", UNSIGNED },
	{ "401 at the patch", 4, NULL, NULL, { UPDATE }, { 0 },
	  "{\"http\":[{\"method\":\"PATCH\",\"action\":\"status\",\"status\":401}]}", UNSIGNED },
	{ "HTML at the patch", 5, NULL, NULL, { UPDATE }, { 0 },
	  "{\"http\":[{\"method\":\"PATCH\",\"action\":\"html\",\"status\":404}]}", UNSIGNED },
	{ "applied at once where the contract should have been asked", 7, "hash-backend", "abc123", { UPDATE }, { 0 },
	  "{\"http\":[{\"method\":\"PATCH\",\"action\":\"text\",\"text\":\"{\\\"correlation_id\\\":\\\"abc123\\\"}\"}]}",
	  UNSIGNED },
	/* the chain */
	{ "unknown chain and no RPC given", 6, "no-rpc", "--rpc-url", { UPDATE }, { "ETH_RPC_URL" },
	  "{\"backend\":{\"chain_id\":424242}}", UNTOUCHED },
	{ "unknown chain names the variable too", 6, "no-rpc", "ETH_RPC_URL", { UPDATE }, { "ETH_RPC_URL" },
	  "{\"backend\":{\"chain_id\":424242}}", UNTOUCHED },
	{ "RPC refused", 6, NULL, NULL, { UPDATE }, { "ETH_RPC_URL=" NO_PORT }, NULL, UNTOUCHED },
	{ "RPC given as an option, refused", 6, NULL, NULL, { UPDATE, "--rpc-url", NO_PORT }, { 0 }, NULL, UNTOUCHED },
	{ "a chain read failed", 6, NULL, NULL, { UPDATE }, { 0 },
	  "{\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32000,\"text\":\"out of service\"}]}",
	  UNTOUCHED },
	{ "chain reads fail after the patch", 6, NULL, NULL, { UPDATE }, { 0 },
	  "{\"rpc\":[{\"method\":\"eth_call\",\"skip\":4,\"action\":\"error\",\"status\":-32000,\"text\":\"out of service\"}]}", UNSIGNED },
	{ "RPC answers HTML", 6, NULL, NULL, { UPDATE }, { 0 }, "{\"rpc\":[{\"action\":\"html\"}]}", UNTOUCHED },
	{ "RPC answers another shape", 6, NULL, NULL, { UPDATE }, { 0 }, "{\"rpc\":[{\"action\":\"shape\"}]}", UNTOUCHED },
	{ "RPC answers too much", 6, NULL, NULL, { UPDATE }, { 0 }, "{\"rpc\":[{\"action\":\"huge\"}]}", UNTOUCHED },
	{ "RPC drops connections", 6, NULL, NULL, { UPDATE }, { 0 }, "{\"rpc\":[{\"action\":\"drop\"}]}", UNTOUCHED },
	{ "RPC over its limit", 6, NULL, NULL, { UPDATE }, { 0 }, "{\"rpc\":[{\"action\":\"status\",\"status\":429}]}",
	  UNTOUCHED },
	{ "more than the operator pays", 6, NULL, "--max-cost", { UPDATE, "--max-cost", "0.000000000001" }, { 0 }, NULL,
	  UNSIGNED },
	/* checks */
	{ "wrong chain id", 7, "chain-id", NULL, { UPDATE }, { 0 }, "{\"chain\":{\"chain_id\":1}}", UNTOUCHED },
	{ "the key is not the owner's", 7, "owner", NULL, { "deploy", "--cvm-id", "partner-gateway", "-c", "@compose.yml",
	  "--yes", "--json" }, { 0 }, NULL, UNSIGNED },
};

static struct deck *deck;

static void write_files(void)
{
	static const char broken[] = "services:\n  web:\n    image: nginx\n  bad: [1, 2\nnext: }\n";
	static const char binary[] = "services:\n  web:\n    image: \"a\0b\"\n\xff\xfe";
	char *big = mem_new(LIMIT_COMPOSE + 2, 1);

	memset(big, '#', LIMIT_COMPOSE + 1);
	free(deck_write(deck, "broken.yml", broken, sizeof(broken) - 1));
	free(deck_write(deck, "binary.yml", binary, sizeof(binary) - 1));
	free(deck_write(deck, "empty.yml", "", 0));
	free(deck_write(deck, "big.yml", big, LIMIT_COMPOSE + 1));
	free(deck_write(deck, "almost.sh", big, LIMIT_COMPOSE - 10));
	free(big);
}

static void run_args(const char *const env[], const char *const words[], struct deck_run *run)
{
	const char *args[DECK_ARGS] = { NULL };
	char *made[DECK_ARGS] = { NULL };
	size_t i;

	for (i = 0; words[i]; i++)
		args[i] = *words[i] == '@' ? made[i] = deck_path(deck, words[i] + 1) : words[i];
	deck_run(deck, env, args, run);
	for (i = 0; i < DECK_ARGS; i++)
		free(made[i]);
}

static bool says(const struct deck_run *run, const char *text)
{
	const json *result = run->result;

	return strstr(json_text(result, "message"), text) || strstr(json_text(result, "next"), text) || strstr(json_text(result, "detail"), text);
}

static void expect_no_plan(void)
{
	char *path = deck_path(deck, "nothing.plan");

	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void test_bad(void **state)
{
	const struct bad *bad = *state;
	struct deck_run run;

	deck_reset(deck, bad->faults);
	write_files();
	run_args(bad->env, bad->args, &run);
	deck_expect(&run, bad->status, bad->code);
	if (bad->says && !says(&run, bad->says))
		fail_msg("nothing says \"%s\": %s", bad->says, run.output);
	deck_faults(deck, NULL);
	if (bad->reach == UNTOUCHED)
		deck_expect_untouched(deck);
	else
		deck_expect_unsigned(deck);
	expect_no_plan();
	deck_run_clear(&run);
}

/* ---- what needs a look of its own ---- */

static void test_two_of_one_name(void **state)
{
	const char *const words[] = { "deploy", "--cvm-id", "web-frontend", "-c", "@compose.yml", "--yes", "--json", NULL };
	struct deck_run run;
	json *list = NULL;
	const json *at;
	size_t named = 0;

	(void)state;
	deck_reset(deck, NULL);
	run_args(NULL, words, &run);
	deck_expect(&run, 5, NULL);
	list = deck_api(deck, "GET", "/api/v1/cvms/paginated?page=1&page_size=100", "");
	for (at = json_first(json_member(list, "items")); at; at = json_next(at))
		if (strcmp(json_text(at, "name"), "web-frontend") == 0)
			named += says(&run, json_text(at, "vm_uuid")) || says(&run, json_text(at, "app_id"));
	if (named != 2)
		fail_msg("the two are not listed: %s", run.output);
	deck_expect_untouched(deck);
	json_free(list);
	deck_run_clear(&run);
}

/* A value for a name the document has already: only the ciphertext goes, at once, and nothing is signed. */
static void test_hash_unchanged(void **state)
{
	const char *const words[] = { "deploy", "--cvm-id", "checkout-web", "-e", "SESSION_KEY=another", "--yes", "--json", "--wait", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	run_args(NULL, words, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(json_kind(json_member(run.result, "transaction_hash")), JSON_NULL);
	deck_expect_unsigned(deck);
	deck_run_clear(&run);
}

/* What is an option's value asks for nothing. */
static void test_json_as_a_value(void **state)
{
	const char *const words[] = { "deploy", "--frobnicate", "-c", "--json", NULL };
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	run_args(NULL, words, &run);
	assert_int_equal(run.status, 2);
	assert_null(run.result);
	assert_non_null(strstr(run.output, "cvmdeck: there is no such option: --frobnicate"));
	deck_run_clear(&run);
}

static void test_owner_a_contract(void **state)
{
	const char *const words[] = { "deploy", "--cvm-id", "treasury-signer", "-c", "@compose.yml", "--yes", "--json", NULL };
	struct deck_run run;
	json *prepared;

	(void)state;
	deck_reset(deck, NULL);
	run_args(NULL, words, &run);
	deck_expect(&run, 0, NULL);
	prepared = deck_event(&run, "prepared", NULL);
	assert_non_null(prepared);
	assert_string_equal(json_text(prepared, "owner_kind"), "safe");
	assert_true(*json_text(prepared, "commit_command"));
	assert_int_equal(json_kind(json_member(run.result, "transaction_hash")), JSON_NULL);
	deck_expect_unsigned(deck);
	json_free(prepared);
	deck_run_clear(&run);
}

/* ---- what a little trouble must not stop ---- */

struct trouble {
	const char *name, *faults;
};

static const struct trouble troubles[] = {
	{ "one 503", "{\"http\":[{\"action\":\"status\",\"status\":503,\"times\":1}]}" },
	{ "one answer cut", "{\"http\":[{\"action\":\"cut\",\"bytes\":30,\"times\":1}]}" },
	{ "429, come back in a second", "{\"http\":[{\"action\":\"status\",\"status\":429,\"retry_after\":1,\"times\":1}]}" },
	{ "slow answers", "{\"http\":[{\"delay_ms\":60}],\"rpc\":[{\"delay_ms\":40}]}" },
	{ "no Multicall3", "{\"chain\":{\"no_multicall\":true}}" },
	{ "the documented dialect", "{\"backend\":{\"documented_dialect\":true}}" },
};

static void test_trouble(void **state)
{
	const struct trouble *trouble = *state;
	const char *const words[] = { UPDATE, NULL };
	struct deck_run run;

	deck_reset(deck, trouble->faults);
	run_args(NULL, words, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(deck_mined(deck), 1);
	assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), 1);
	deck_run_clear(&run);
}

/* ---- */

int main(void)
{
	enum { BAD = sizeof(cases) / sizeof(cases[0]), TROUBLE = sizeof(troubles) / sizeof(troubles[0]) };
	static const struct CMUnitTest own[] = {
		cmocka_unit_test(test_two_of_one_name), cmocka_unit_test(test_hash_unchanged), cmocka_unit_test(test_json_as_a_value),
		cmocka_unit_test(test_owner_a_contract),
	};
	struct CMUnitTest tests[BAD + TROUBLE + sizeof(own) / sizeof(own[0])];
	size_t i, count = 0;

	for (i = 0; i < BAD; i++)
		tests[count++] = (struct CMUnitTest){ cases[i].name, test_bad, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	for (i = 0; i < TROUBLE; i++)
		tests[count++] = (struct CMUnitTest){ troubles[i].name, test_trouble, NULL, NULL, (void *)(uintptr_t)&troubles[i] };
	memcpy(tests + count, own, sizeof(own));
	count += sizeof(own) / sizeof(own[0]);
	return deck_run_tests("inputs", &deck, NULL, tests, count);
}
