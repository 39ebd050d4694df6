/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backend, a node and a chain that lie, against the real program: each lie
 * ends with exit 7, its check is red in the events, and the sandbox saw no
 * transaction. Then confirms that are refused or lost, and CVMs that do not
 * come up: what was signed stays valid, and nothing is done twice.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"

#define LIE(what) "{\"backend\":{" what "}}"
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

struct lie {
	const char *name, *faults;
	const char *check;  /* red in the events; NULL: it shows in the code alone */
	const char *code;
	const char *cvm;
	const char *env;    /* NAME=value, or NULL */
	bool signed_before; /* it shows only after the signature */
};

static const struct lie lies[] = {
	{ "another hash", LIE("\"compose_hash\":\"other\""), "hash-backend", "hash-backend", "payments-api", NULL, false },
	{ "another device", LIE("\"device_id\":\"other\""), "device", "device", "payments-api", NULL, false },
	{ "the hash of nothing as device", LIE("\"device_id\":\"" NOTHING "\""), "device", "device", "payments-api", NULL,
	  false },
	{ "zero as device", LIE("\"device_id\":\"" ZERO "\""), "device", "device", "payments-api", NULL, false },
	{ "another contract", LIE("\"app_id\":\"other\""), "contract-code", "contract-code", "payments-api", NULL, false },
	{ "another chain", LIE("\"chain_id\":1"), "chain-id", "chain-id", "payments-api", NULL, false },
	{ "env key without a signature", LIE("\"env_key\":\"unsigned\""), "env-key", "env-key-unsigned", "payments-api",
	  "NEW_NAME=x", false },
	{ "env key signed by another", LIE("\"env_key\":\"other-signer\""), "env-key", "env-key-signer", "payments-api",
	  "NEW_NAME=x", false },
	{ "another env key", LIE("\"env_key\":\"other-key\""), "env-key", "env-key-signer", "payments-api", "NEW_NAME=x",
	  false },
	{ "another KMS contract for the env key", LIE("\"kms_contract\":\"other\""), "env-key", NULL, "payments-api",
	  "NEW_NAME=x", false },
	{ "compose swapped after the approval", LIE("\"swap_present\":true"), "hash-current", "hash-current", "payments-api",
	  NULL, false },
	{ "compose swapped after the confirm", LIE("\"swap\":true"), NULL, "after-hash", "checkout-web", NULL, true },
};

static struct deck *deck;

static void update_with(const char *cvm, const char *const env[], const char *const more[], struct deck_run *run)
{
	const char *args[DECK_ARGS] = { "deploy", "--cvm-id", cvm, "-c", deck_compose(deck), "--yes", "--json", "--wait" };
	size_t i, count = 8;

	for (i = 0; more && more[i]; i++)
		args[count++] = more[i];
	deck_run(deck, env, args, run);
}

static void update(const char *cvm, const char *const more[], struct deck_run *run)
{
	update_with(cvm, NULL, more, run);
}

static void expect_red(const struct deck_run *run, const char *id)
{
	json *check = deck_event(run, "check", id);

	if (!check || strcmp(json_text(check, "mark"), "bad") != 0)
		fail_msg("the check %s is not red: %s", id, run->output);
	json_free(check);
}

static void test_lie(void **state)
{
	const struct lie *lie = *state;
	const char *const more[] = { lie->env ? "-e" : NULL, lie->env, NULL };
	struct deck_run run;

	deck_reset(deck, lie->faults);
	update(lie->cvm, more, &run);
	deck_expect(&run, 7, lie->code);
	if (lie->check)
		expect_red(&run, lie->check);
	if (!lie->signed_before)
		deck_expect_unsigned(deck);
	if (lie->env)
		assert_int_equal(deck_seen(deck, "api", "PATCH"), 0); /* not even the ciphertext left */
	deck_run_clear(&run);
}

/* What was pinned at the first rollout holds at the second. */
static void test_pinned_kms(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	update("checkout-web", NULL, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	deck_faults(deck, LIE("\"kms_contract\":\"other\""));
	update("checkout-web", (const char *const[]){ "--pre-launch-script", deck_compose(deck), NULL }, &run);
	deck_expect(&run, 7, "target-pin");
	expect_red(&run, "target-pin");
	assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), 1);
	deck_run_clear(&run);
}

static void env_alone(const char *value, struct deck_run *run)
{
	char *given = mem_printf("SESSION_KEY=%s", value);
	const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-e", given, "--yes", "--json", "--wait", NULL };

	deck_run(deck, NULL, args, run);
	free(given);
}

/* Env values alone are no less a first use, and are not encrypted to another KMS's key afterwards. */
static void test_pinned_by_env_values(void **state)
{
	struct deck_run run;
	size_t patches;

	(void)state;
	deck_reset(deck, NULL);
	env_alone("one", &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	patches = deck_seen(deck, "api", "PATCH");
	deck_faults(deck, LIE("\"kms_contract\":\"other\""));
	env_alone("two", &run);
	deck_expect(&run, 7, "target-pin");
	expect_red(&run, "env-key");
	assert_int_equal(deck_seen(deck, "api", "PATCH"), patches);
	deck_run_clear(&run);
}

/* The same CVM, told as one that needs neither chain nor signature: env values would go to whatever key the API names. */
static void test_told_without_kms(void **state)
{
	struct deck_run run;
	size_t patches;

	(void)state;
	deck_reset(deck, NULL);
	update("checkout-web", NULL, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	patches = deck_seen(deck, "api", "PATCH");
	deck_faults(deck, LIE("\"offchain\":true"));
	env_alone("two", &run);
	deck_expect(&run, 7, "target-pin");
	expect_red(&run, "target-pin");
	assert_int_equal(deck_seen(deck, "api", "PATCH"), patches);
	deck_run_clear(&run);
}

/* Told under another UUID, a CVM is still one of its app. */
static void test_pinned_under_another_uuid(void **state)
{
	char *dir, *command;
	struct deck_run run;
	json *cvm;

	(void)state;
	deck_reset(deck, NULL);
	update("checkout-web", NULL, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	dir = deck_state_dir(deck);
	cvm = deck_cvm(deck, "checkout-web");
	command = mem_printf("sed -i s/%s/00000000-0000-4000-8000-000000000000/ %s/pins.json", json_text(cvm, "vm_uuid"), dir);
	assert_int_equal(system(command), 0);
	deck_faults(deck, LIE("\"kms_contract\":\"other\""));
	env_alone("two", &run);
	deck_expect(&run, 7, "target-pin");
	deck_run_clear(&run);
	json_free(cvm);
	free(command);
	free(dir);
}

/* The endpoint that the API suggests is the API's own word: it is not asked. */
static void test_suggested_endpoint(void **state)
{
	struct deck *theirs = deck_new(NULL);
	char *faults = mem_printf(LIE("\"chain_id\":424242,\"rpc_endpoint\":\"%s\""), deck_value(theirs, "rpc"));
	struct deck_run run;
	size_t asked;

	(void)state;
	deck_reset(deck, faults);
	asked = deck_seen(theirs, "rpc", "eth_chainId");
	const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", NULL };
	deck_run(deck, (const char *const[]){ "ETH_RPC_URL", NULL }, args, &run);
	deck_expect(&run, 6, "no-rpc");
	assert_non_null(strstr(json_text(run.result, "detail"), deck_value(theirs, "rpc")));
	assert_int_equal(deck_seen(theirs, "rpc", "eth_chainId"), asked);
	deck_expect_untouched(deck);
	deck_run_clear(&run);
	free(faults);
	deck_free(theirs);
}

/* Two endpoints, one of another chain that says it is the same. */
static void test_endpoints_differ(void **state)
{
	struct deck *other = deck_new((const char *const[]){ "--seed", "2", NULL });
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	update("checkout-web", (const char *const[]){ "--rpc-url", deck_value(deck, "rpc"), "--rpc-url", deck_value(other, "rpc"), NULL }, &run);
	deck_expect(&run, 7, NULL);
	expect_red(&run, "rpc-agreement");
	deck_expect_unsigned(deck);
	deck_expect_unsigned(other);
	deck_run_clear(&run);
	deck_free(other);
}

/* ---- one of two endpoints lies about one thing ---- */

#define LIES_ABOUT(call) "{\"rpc\":[{\"method\":\"eth_call\",\"path\":\"\\\"data\\\":\\\"0x" call "\",\"action\":\"result\",\"text\":\"0x01\"}]}"
#define REVERTS(call) "{\"rpc\":[{\"method\":\"eth_call\",\"path\":\"\\\"data\\\":\\\"0x" call "\",\"action\":\"error\",\"status\":3,\"text\":\"execution reverted\"}]}"

struct second {
	const char *name, *faults;
	bool env;         /* with an env value, so that the KMS's key is read */
	const char *code;
};

static const struct second seconds[] = {
	{ "one endpoint tells another KMS key", LIES_ABOUT("09177063"), true, "rpc-disagree" },
	{ "one endpoint tells another boot verdict", LIES_ABOUT("1e079198"), false, "rpc-disagree" },
	{ "one endpoint lets the call revert", REVERTS("dfc77223"), false, "rpc-agreement" },
};

/* The same world twice: what one endpoint says, the other does too, but for one lie. */
static void test_second_endpoint_lies(void **state)
{
	const struct second *second = *state;
	struct deck *other = deck_new(NULL);
	const char *const more[] = { "--rpc-url", deck_value(deck, "rpc"), "--rpc-url", deck_value(other, "rpc"), second->env ? "-e" : NULL,
		                     "SESSION_KEY=x", NULL };
	struct deck_run run;

	deck_reset(deck, NULL);
	deck_faults(other, second->faults);
	update("checkout-web", more, &run);
	deck_expect(&run, 7, second->code);
	expect_red(&run, "rpc-agreement");
	deck_expect_unsigned(deck);
	if (second->env)
		deck_expect_untouched(deck);
	deck_run_clear(&run);
	deck_free(other);
}

/* One that is a block behind at first is waited for, and one that stays so is said to be behind, not to lie. */
static void test_endpoint_is_behind(void **state)
{
	static const char *const behind[] = {
		"{\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32000,\"text\":\"header not found\",\"times\":2}]}",
		"{\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32000,\"text\":\"header not found\"}]}",
	};
	struct deck *other = deck_new(NULL);
	const char *const more[] = { "--rpc-url", deck_value(deck, "rpc"), "--rpc-url", deck_value(other, "rpc"), "--prepare-only", NULL };
	struct deck_run run;

	(void)state;
	deck_use_program(deck, "tests/fault/cvmdeck_fast");
	deck_reset(deck, NULL);
	deck_faults(other, behind[0]);
	update_with("treasury-signer", (const char *const[]){ "FAST_CLOCK=10", NULL }, more, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	deck_faults(other, behind[1]);
	update_with("treasury-signer", (const char *const[]){ "FAST_CLOCK=10", NULL }, more, &run);
	deck_expect(&run, 6, NULL);
	assert_non_null(strstr(json_text(run.result, "next"), "endpoint 2"));
	deck_expect_unsigned(deck);
	deck_run_clear(&run);
	deck_use_program(deck, "cvmdeck");
	deck_free(other);
}

/* A receipt that one endpoint alone tells of is not confirmed with. */
static void test_mined_at_one_endpoint_alone(void **state)
{
	struct deck *other = deck_new(NULL);
	struct deck_run run;
	struct child *child;

	(void)state;
	deck_reset(deck, NULL);
	const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", "--wait", "--rpc-url",
		                     deck_value(deck, "rpc"), "--rpc-url", deck_value(other, "rpc"), NULL };
	child = deck_start(deck, NULL, args);
	if (!child_wait_text(child, "another endpoint does not show it yet", child_deadline_ms()))
		fail_msg("it was not waited for: %s", child_output(child));
	kill(child_pid(child), SIGINT);
	deck_finish(child, &run);
	deck_expect(&run, 8, "interrupted");
	assert_int_equal(deck_mined(deck), 1);
	assert_int_equal(deck_seen(deck, "api", "PATCH"), 1);
	deck_run_clear(&run);
	deck_free(other);
}

/* --yes never stands for an override. */
static void test_yes_overrides_nothing(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, LIE("\"device_id\":\"other\""));
	update("payments-api", (const char *const[]){ "--override", "hash-backend=because I say so", NULL }, &run);
	deck_expect(&run, 2, NULL);
	deck_expect_untouched(deck);
	deck_run_clear(&run);
}

/* ---- confirms ---- */

static bool is_confirm(const json *request)
{
	return strcmp(json_text(request, "method"), "PATCH") == 0 && json_int(request, "body_len", 0) <= 2;
}

/* Confirms seen; each must name the same transaction. */
static size_t confirms_of(const char *transaction)
{
	json *answer = deck_api(deck, "GET", "/__requests", "");
	const json *at, *header;
	size_t count = 0;

	for (at = json_first(json_member(answer, "requests")); at; at = json_next(at)) {
		if (!is_confirm(at))
			continue;
		count++;
		for (header = json_first(json_member(at, "headers")); header; header = json_next(header))
			if (text_equal_nocase(json_name(header), "x-transaction-hash"))
				assert_string_equal(json_string(header, ""), transaction);
	}
	json_free(answer);
	return count;
}

struct confirm {
	const char *name, *faults;
	size_t confirms;
};

static const struct confirm confirms[] = {
	{ "467 twice", LIE("\"confirm_status\":467,\"confirm_times\":2"), 3 },
	{ "465 at confirm", LIE("\"confirm_status\":465,\"confirm_times\":1"), 2 },
	{ "468 while the chain says yes", LIE("\"confirm_status\":468,\"confirm_times\":1"), 2 },
	{ "the confirm's answer lost", LIE("\"lose_confirm\":true"), 1 },
};

static void test_confirm(void **state)
{
	const struct confirm *confirm = *state;
	struct deck_run run;

	deck_reset(deck, confirm->faults);
	update("checkout-web", NULL, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(confirms_of(json_text(run.result, "transaction_hash")), confirm->confirms);
	assert_int_equal(deck_mined(deck), 1);
	assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), 1);
	deck_run_clear(&run);
}

static void test_expired(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, LIE("\"confirm_status\":466,\"confirm_times\":1"));
	update("checkout-web", NULL, &run);
	deck_expect(&run, 5, "ERR-01-006");
	assert_true(*json_text(run.result, "transaction_hash")); /* it is not lost */
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
	update("checkout-web", NULL, &run); /* from the start: the hash is allowed by now, the flow is the same */
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
}

/* The wrong contract, or it never landed: what was asked and what the chain says is shown, and it is not confirmed again. */
static void test_not_allowed(void **state)
{
	struct deck_run run;
	json *cvm;

	(void)state;
	deck_reset(deck, "{\"backend\":{\"confirm_status\":468,\"confirm_times\":1},\"chain\":{\"no_multicall\":true},\"rpc\":[{\"method\":\"eth_call\",\"path\":\"2f6622e5\","
			 "\"action\":\"result\",\"text\":\"0x" ZERO "\"}]}");
	update("checkout-web", NULL, &run);
	deck_expect(&run, 5, "ERR-01-008");
	cvm = deck_cvm(deck, "checkout-web");
	if (!strcasestr(json_text(run.result, "detail"), json_text(cvm, "kms_info.dstack_app_address")) || !strstr(json_text(run.result, "detail"), "it says now: no"))
		fail_msg("the contract and its answer are not shown: %s", run.output);
	assert_int_equal(confirms_of(json_text(run.result, "transaction_hash")), 1);
	json_free(cvm);
	deck_run_clear(&run);
}

/* Forgotten by the backend, it begins again from the saved plan; the transaction that was mined need not be signed again. */
static void test_expired_begins_again(void **state)
{
	struct deck_run run;
	char *id, *transaction;

	(void)state;
	deck_reset(deck, LIE("\"confirm_status\":466,\"confirm_times\":1"));
	update("checkout-web", NULL, &run);
	deck_expect(&run, 5, "ERR-01-006");
	id = mem_strdup(json_text(run.result, "rollout"));
	transaction = mem_strdup(json_text(run.result, "transaction_hash"));
	assert_non_null(strstr(json_text(run.result, "next"), id));
	deck_run_clear(&run);
	assert_int_equal(unlink(deck_compose(deck)), 0); /* the plan has it */
	const char *const args[] = { "resume", id, "--yes", "--json", NULL };
	deck_run(deck, NULL, args, &run);
	deck_expect(&run, 0, NULL);
	assert_string_not_equal(json_text(run.result, "rollout"), id);
	assert_string_equal(json_text(run.result, "transaction_hash"), transaction);
	assert_int_equal(deck_events(&run, "review"), 1);
	assert_int_equal(deck_events(&run, "card"), 0);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
	free(transaction);
	free(id);
}

/* ---- the patch's answer lost, and a hash that is allowed already ---- */

static void test_patch_lost(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"http\":[{\"method\":\"PATCH\",\"action\":\"lose\",\"times\":1}]}");
	update("checkout-web", NULL, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

static void deploy_twice(struct deck_run *run)
{
	char *other;

	deck_reset(deck, NULL);
	update("checkout-web", NULL, run);
	deck_expect(run, 0, NULL);
	deck_run_clear(run);
	other = deck_write(deck, "other.yml", "services:\n  web:\n    image: nginx:1.20\n", 39);
	update("checkout-web", (const char *const[]){ "-c", other, NULL }, run);
	deck_expect(run, 0, NULL);
	deck_run_clear(run);
	assert_int_equal(deck_mined(deck), 2);
	free(other);
}

/* Back to what the contract allows: by state where that was chosen, and with a transaction where the backend wants one. */
static void test_already_registered(void **state)
{
	const char *const more[] = { "--already-registered", NULL };
	struct deck_run run;

	(void)state;
	deploy_twice(&run);
	update("checkout-web", more, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(json_kind(json_member(run.result, "transaction_hash")), JSON_NULL);
	assert_int_equal(deck_mined(deck), 2);
	deck_run_clear(&run);
}

static void test_wants_a_transaction(void **state)
{
	const char *const more[] = { "--already-registered", NULL };
	struct deck_run run;

	(void)state;
	deploy_twice(&run);
	deck_faults(deck, LIE("\"already_needs_tx\":true"));
	update("checkout-web", more, &run);
	deck_expect(&run, 0, NULL);
	assert_true(*json_text(run.result, "transaction_hash"));
	assert_int_equal(deck_mined(deck), 3);
	deck_run_clear(&run);
}

/* ---- the chain, and the CVM ---- */

static void test_reverted(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"chain\":{\"revert\":true}}");
	update("checkout-web", NULL, &run);
	deck_expect(&run, 6, NULL);
	assert_int_equal(confirms_of(""), 0);
	deck_run_clear(&run);
}

static void test_went_back(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"no space left for the image\"}}");
	update("checkout-web", NULL, &run);
	assert_int_not_equal(run.status, 0);
	deck_expect(&run, run.status, NULL);
	if (!strstr(json_text(run.result, "message"), "no space left for the image"))
		fail_msg("the reason is not said: %s", run.output);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

/* ---- */

int main(void)
{
	enum { LIES = sizeof(lies) / sizeof(lies[0]), SECONDS = sizeof(seconds) / sizeof(seconds[0]), CONFIRMS = sizeof(confirms) / sizeof(confirms[0]) };
	static const struct CMUnitTest own[] = {
		cmocka_unit_test(test_pinned_kms), cmocka_unit_test(test_pinned_by_env_values),
		cmocka_unit_test(test_told_without_kms), cmocka_unit_test(test_pinned_under_another_uuid),
		cmocka_unit_test(test_suggested_endpoint), cmocka_unit_test(test_endpoints_differ), cmocka_unit_test(test_endpoint_is_behind),
		cmocka_unit_test(test_mined_at_one_endpoint_alone),
		cmocka_unit_test(test_yes_overrides_nothing), cmocka_unit_test(test_not_allowed), cmocka_unit_test(test_expired), cmocka_unit_test(test_expired_begins_again),
		cmocka_unit_test(test_patch_lost), cmocka_unit_test(test_already_registered), cmocka_unit_test(test_wants_a_transaction),
		cmocka_unit_test(test_reverted), cmocka_unit_test(test_went_back),
	};
	struct CMUnitTest tests[LIES + SECONDS + CONFIRMS + sizeof(own) / sizeof(own[0])];
	size_t i, count = 0;

	for (i = 0; i < LIES; i++)
		tests[count++] = (struct CMUnitTest){ lies[i].name, test_lie, NULL, NULL, (void *)(uintptr_t)&lies[i] };
	for (i = 0; i < SECONDS; i++)
		tests[count++] = (struct CMUnitTest){ seconds[i].name, test_second_endpoint_lies, NULL, NULL, (void *)(uintptr_t)&seconds[i] };
	for (i = 0; i < CONFIRMS; i++)
		tests[count++] = (struct CMUnitTest){ confirms[i].name, test_confirm, NULL, NULL, (void *)(uintptr_t)&confirms[i] };
	memcpy(tests + count, own, sizeof(own));
	count += sizeof(own) / sizeof(own[0]);
	return deck_run_tests("hostile", &deck, NULL, tests, count);
}
