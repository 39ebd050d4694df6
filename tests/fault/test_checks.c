/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every check of the table, red in the real program: the row says so, the
 * exit code too, and no signature comes after it. A check without a case here
 * fails the first test, so none can be added that was never seen red.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"
#include "rollout/checks.h"

#define LIE(what) "{\"backend\":{" what "}}"
#define ROLLOUT(mode) "{\"rollout\":{\"mode\":\"" mode "\"}}"
/* A call of the contract alone, not within Multicall3, answers this. */
#define ANSWER(selector, word) \
	"{\"rpc\":[{\"method\":\"eth_call\",\"path\":\"\\\"data\\\":\\\"0x" selector "\",\"action\":\"result\",\"text\":\"" word "\"}]}"
#define FALSE_WORD "0x0000000000000000000000000000000000000000000000000000000000000000"
#define NO_TX "0x1111111111111111111111111111111111111111111111111111111111111111"

struct red {
	const char *check;
	const char *faults;
	const char *cvm;
	int status;
	const char *code;
	unsigned signed_before;  /* transactions that were mined until then */
	const char *more[4];     /* further arguments */
	void (*before)(void);
	void (*run)(const struct red *red, struct deck_run *run); /* NULL: the update */
	const char *fast;        /* how much faster the clock runs */
};

static struct deck *deck;

/* ---- runs ---- */

static void update(const char *cvm, const char *compose, const char *const more[], const char *fast, struct deck_run *run)
{
	const char *args[DECK_ARGS] = { "deploy", "--cvm-id", cvm, "-c", compose, "--yes", "--json", "--wait" };
	char *clock = fast ? mem_printf("FAST_CLOCK=%s", fast) : NULL;
	const char *const env[] = { clock, NULL };
	size_t i, count = 8;

	for (i = 0; more && more[i]; i++)
		args[count++] = more[i];
	deck_use_program(deck, fast ? "tests/fault/cvmdeck_fast" : "cvmdeck");
	deck_run(deck, env, args, run);
	deck_use_program(deck, "cvmdeck");
	free(clock);
}

/* One that goes well: what is pinned stays. */
static void first_rollout(void)
{
	struct deck_run run;

	update("checkout-web", deck_compose(deck), NULL, NULL, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
	free(deck_write(deck, "compose.yml", "services:\n  web:\n    image: nginx:1.20\n", 39));
}

static void change_file(const char *name, const char *from, const char *to)
{
	char *dir = deck_state_dir(deck), *path = mem_printf("%s/%s", dir, name), *at;
	struct buf text = BUF_INIT;
	struct error err;
	size_t changed = 0;

	assert_int_equal(strlen(from), strlen(to));
	assert_true(file_read(path, name, 64 * 1024 * 1024, &text, &err));
	for (at = text.data; (at = memmem(at, (size_t)(text.data + text.len - at), from, strlen(from))); changed++)
		memcpy(at, to, strlen(to));
	assert_true(changed > 0);
	assert_true(file_write(path, text.data, text.len, 0600, &err));
	buf_clear(&text);
	free(path);
	free(dir);
}

/* As if another code had stood behind the proxy then; on a real chain the proxy is upgraded (tests/chain/test_checks). */
static void other_code_pinned(void)
{
	first_rollout();
	change_file("pins.json", "\"code_hash\":\t\"0x", "\"code_hash\":\t\"1x");
}

/* It stops at the card for want of a key. */
static void stop_at_card(struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", "checkout-web", "-c", deck_compose(deck), "--yes", "--json", NULL };

	deck_run(deck, (const char *const[]){ "PRIVATE_KEY", NULL }, args, run);
	deck_expect(run, 4, "no-key");
}

/* Then somebody puts another document into the journal. */
static void journal_changed(void)
{
	struct deck_run run;

	stop_at_card(&run);
	deck_run_clear(&run);
	change_file("journal.db", "nginx:1.29", "nginx:6.66");
}

/* Or another answer of the backend: what it asked for stands behind its HTTP status, 465 in two bytes. */
static void journal_answer_changed(void)
{
	struct deck_run run;
	char *answer, *other;

	stop_at_card(&run);
	answer = mem_printf("patched\x01\xd1%s", json_text(run.result, "compose_hash"));
	other = mem_printf("%.*s%s", (int)strlen(answer) - 4, answer, strcmp(answer + strlen(answer) - 4, "0000") ? "0000" : "1111");
	change_file("journal.db", answer, other);
	free(answer);
	free(other);
	deck_run_clear(&run);
}

static void resume(const struct red *red, struct deck_run *run)
{
	const char *const args[] = { "resume", "--yes", "--json", "--wait", NULL };

	(void)red;
	deck_run(deck, NULL, args, run);
}

static void two_endpoints(const struct red *red, struct deck_run *run)
{
	struct deck *other = deck_new((const char *const[]){ "--seed", "2", NULL });
	const char *const more[] = { "--rpc-url", deck_value(deck, "rpc"), "--rpc-url", deck_value(other, "rpc"), NULL };

	update(red->cvm, deck_compose(deck), more, NULL, run);
	deck_expect_unsigned(other);
	deck_free(other);
}

/* Prepared for a Safe, and committed with a transaction that nobody made. */
static void commit_without(const struct red *red, struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", red->cvm, "-c", deck_compose(deck), "--prepare-only", "--json", NULL };
	json *prepared;

	deck_run(deck, NULL, args, run);
	deck_expect(run, 0, NULL);
	prepared = deck_event(run, "prepared", NULL);
	deck_run_clear(run);
	const char *const commit[] = { "deploy", "--cvm-id", red->cvm, "--commit", "--token", json_text(prepared, "commit_token"), "--transaction-hash",
		                       NO_TX, "--yes", "--json", "--wait", NULL };
	deck_run(deck, NULL, commit, run);
	json_free(prepared);
}

/* ---- the cases ---- */

static const struct red reds[] = {
	{ .check = "hash-current", .faults = "{\"http\":[{\"path\":\"raw=1\",\"action\":\"status\",\"status\":404}]}", .cvm = "ledger-export",
	  .status = 7, .code = "hash-backend" }, /* the new hash is in no known form either, and that is seen first */
	{ .check = "hash-current", .faults = LIE("\"swap_present\":true"), .cvm = "checkout-web", .status = 7 },
	{ .check = "hash-new", .cvm = "checkout-web", .status = 7, .before = journal_changed, .run = resume },
	{ .check = "hash-backend", .faults = LIE("\"compose_hash\":\"other\""), .cvm = "checkout-web", .status = 7 },
	{ .check = "hash-backend", .cvm = "checkout-web", .status = 7, .before = journal_answer_changed, .run = resume },
	{ .check = "target-pin", .faults = LIE("\"kms_contract\":\"0x1111111111111111111111111111111111111111\""), .cvm = "checkout-web", .status = 7,
	  .before = first_rollout, .signed_before = 1 },
	{ .check = "chain-id", .faults = LIE("\"chain_id\":1"), .cvm = "checkout-web", .status = 7 },
	{ .check = "contract-code", .faults = LIE("\"app_id\":\"other\""), .cvm = "checkout-web", .status = 7 },
	{ .check = "implementation", .cvm = "checkout-web", .status = 7, .before = other_code_pinned, .signed_before = 1 },
	{ .check = "rpc-agreement", .cvm = "checkout-web", .status = 7, .code = "rpc-disagree", .run = two_endpoints },
	{ .check = "device", .faults = LIE("\"device_id\":\"other\""), .cvm = "payments-api", .status = 7 },
	{ .check = "env-key", .faults = LIE("\"env_key\":\"other-signer\""), .cvm = "checkout-web", .status = 7, .code = "env-key-signer",
	  .more = { "-e", "SESSION_KEY=x" } },
	{ .check = "would-boot", .faults = LIE("\"kms_contract\":\"0x1111111111111111111111111111111111111111\""), .cvm = "checkout-web", .status = 7 },
	{ .check = "owner", .cvm = "partner-gateway", .status = 7 },
	{ .check = "simulation", .faults = "{\"rpc\":[{\"method\":\"eth_estimateGas\",\"action\":\"error\",\"status\":3,\"text\":\"execution reverted\"}]}",
	  .cvm = "checkout-web", .status = 7 },
	{ .check = "balance", .cvm = "checkout-web", .status = 6, .more = { "--max-cost", "0.000000000001" } },
	{ .check = "receipt", .cvm = "treasury-signer", .status = 7, .run = commit_without },
	{ .check = "after-started", .faults = ROLLOUT("idle"), .cvm = "checkout-web", .status = 5, .code = "rollout-stuck", .signed_before = 1,
	  .fast = "200" },
	{ .check = "after-running", .faults = ROLLOUT("stops"), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
	{ .check = "after-running", .faults = ROLLOUT("never"), .cvm = "checkout-web", .status = 5, .code = "rollout-stuck", .signed_before = 1,
	  .fast = "200" },
	{ .check = "after-hash", .faults = LIE("\"swap\":true"), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
	{ .check = "after-hash", .faults = ROLLOUT("back"), .cvm = "checkout-web", .status = 7, .code = "boot-error", .signed_before = 1 },
	{ .check = "after-allowed", .faults = ANSWER("2f6622e5", FALSE_WORD), .cvm = "checkout-web",
	  .status = 7, .signed_before = 1 },
	{ .check = "after-report", .faults = LIE("\"attestation\":\"private\""), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
	{ .check = "after-report", .faults = "{\"http\":[{\"path\":\"attestation\",\"action\":\"status\",\"status\":404}]}", .cvm = "checkout-web",
	  .status = 7, .signed_before = 1 },
	{ .check = "after-tee", .faults = LIE("\"attestation\":\"other-hash\""), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
	{ .check = "after-tee", .faults = LIE("\"attestation\":\"no-replay\""), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
	{ .check = "after-tee", .faults = LIE("\"attestation\":\"late-hash\""), .cvm = "checkout-web", .status = 7, .signed_before = 1 },
};

enum { REDS = sizeof(reds) / sizeof(reds[0]) };

static void expect_red(const struct deck_run *run, const char *id)
{
	json *check = deck_event(run, "check", id);

	if (!check || strcmp(json_text(check, "mark"), "bad") != 0 || json_flag(check, "overridden", true) || !*json_text(check, "value"))
		fail_msg("the check %s is not red: %s", id, run->output);
	json_free(check);
}

static void test_red(void **state)
{
	const struct red *red = *state;
	struct deck_run run;
	size_t sent;

	deck_reset(deck, NULL);
	if (red->before)
		red->before();
	sent = deck_seen(deck, "rpc", "eth_sendRawTransaction");
	deck_faults(deck, red->faults);
	if (red->run)
		red->run(red, &run);
	else
		update(red->cvm, deck_compose(deck), red->more, red->fast, &run);
	deck_expect(&run, red->status, red->code ? red->code : red->check);
	expect_red(&run, red->check);
	if (strncmp(red->check, "after-", 6) != 0)
		assert_int_equal(deck_seen(deck, "rpc", "eth_sendRawTransaction"), sent);
	assert_int_equal(deck_mined(deck), red->signed_before);
	deck_run_clear(&run);
}

static void every_check_was_seen_red(void **state)
{
	int id;
	size_t i;

	(void)state;
	for (id = 0; id < CHECKS; id++) {
		for (i = 0; i < REDS && strcmp(reds[i].check, check_name((enum check_id)id)) != 0; i++)
			;
		if (i == REDS)
			fail_msg("no case has the check %s red", check_name((enum check_id)id));
	}
}

/* ---- */

int main(void)
{
	struct CMUnitTest tests[REDS + 1] = { cmocka_unit_test(every_check_was_seen_red) };
	char names[REDS][64];
	size_t i;

	for (i = 0; i < REDS; i++) {
		snprintf(names[i], sizeof(names[i]), "%s is red", reds[i].check);
		tests[i + 1] = (struct CMUnitTest){ names[i], test_red, NULL, NULL, (void *)(uintptr_t)&reds[i] };
	}
	return deck_run_tests("checks", &deck, NULL, tests, REDS + 1);
}
