/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What takes minutes by design, with the real program and a clock that runs
 * faster (see fast_clock.c): a confirm that is refused until the retries run
 * out, a clock that is set back while it waits, and a CVM whose TEE's report
 * comes late or never.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"

#define CVM "checkout-web"
#define REFUSED(times) "{\"backend\":{\"confirm_status\":467,\"confirm_times\":" #times "}}"

enum { SCALE = 40, CONFIRMS_MAX = 16 };

static const char *const FAST[] = { "FAST_CLOCK=40", NULL };
static struct deck *deck;

static struct child *start(void)
{
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", "--wait", NULL };

	return deck_start(deck, FAST, args);
}

static void resume(struct deck_run *run)
{
	const char *const args[] = { "resume", "--yes", "--json", "--wait", NULL };

	deck_run(deck, FAST, args, run);
}

/* When each confirm came, as the sandbox saw it; each must name the same transaction. */
static size_t confirms(const char *transaction, int64_t at_ms[CONFIRMS_MAX])
{
	json *answer = deck_api(deck, "GET", "/__requests", "");
	const json *at, *header;
	size_t count = 0;

	for (at = json_first(json_member(answer, "requests")); at; at = json_next(at)) {
		if (!text_equal(json_text(at, "method"), "PATCH") || json_int(at, "body_len", 0) > 2)
			continue;
		assert_true(count < CONFIRMS_MAX);
		at_ms[count++] = json_int(at, "at", 0);
		for (header = json_first(json_member(at, "headers")); header; header = json_next(header))
			if (text_equal_nocase(json_name(header), "x-transaction-hash"))
				assert_string_equal(json_string(header, ""), transaction);
	}
	json_free(answer);
	return count;
}

/* The countdown is visible: each retry has its event, with the time it ends at. */
static size_t retries_told(const char *output)
{
	char word[32];
	size_t count = 0;

	do
		snprintf(word, sizeof(word), "\"attempt\":%zu", ++count);
	while (strstr(output, word));
	return count - 1;
}

static void test_retries_run_out(void **state)
{
	static const int64_t gaps_ms[] = { 2000, 4000, 8000, 16000, 30000 };
	int64_t at_ms[CONFIRMS_MAX];
	struct deck_run run;
	char *transaction;
	size_t i;

	(void)state;
	deck_reset(deck, REFUSED(6));
	deck_finish(start(), &run);
	deck_expect(&run, 5, "ERR-01-007");
	transaction = mem_strdup(json_text(run.result, "transaction_hash"));
	assert_int_equal(confirms(transaction, at_ms), 6);
	for (i = 0; i < 5; i++)
		if ((at_ms[i + 1] - at_ms[i] + 2) * SCALE < gaps_ms[i]) /* the two clocks are read in whole milliseconds */
			fail_msg("gap %zu: %lld ms", i, (long long)((at_ms[i + 1] - at_ms[i]) * SCALE));
	assert_int_equal(retries_told(run.output), 5);
	assert_non_null(strstr(json_text(run.result, "safe"), "stays valid"));
	deck_run_clear(&run);

	resume(&run); /* the backend has come round meanwhile */
	deck_expect(&run, 0, NULL);
	assert_string_equal(json_text(run.result, "transaction_hash"), transaction);
	assert_int_equal(confirms(transaction, at_ms), 7);
	assert_int_equal(deck_events(&run, "card"), 0);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
	free(transaction);
}

/* The chain says yes all along: it is the backend that is behind. */
static void test_not_allowed_for_the_backend(void **state)
{
	int64_t at_ms[CONFIRMS_MAX];
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"backend\":{\"confirm_status\":468,\"confirm_times\":6}}");
	deck_finish(start(), &run);
	deck_expect(&run, 5, "ERR-01-008");
	assert_non_null(strstr(json_text(run.result, "detail"), "it says now: yes"));
	assert_non_null(strstr(json_text(run.result, "next"), "cvmdeck resume"));
	assert_int_equal(confirms(json_text(run.result, "transaction_hash"), at_ms), 6);
	deck_run_clear(&run);
	resume(&run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

static void test_clock_set_back(void **state)
{
	struct child *child;
	struct deck_run run;

	(void)state;
	deck_reset(deck, REFUSED(2));
	child = start();
	if (!child_wait_text(child, "\"attempt\":1", child_deadline_ms()))
		fail_msg("it was not refused: %s", child_output(child));
	assert_int_equal(kill(child_pid(child), SIGUSR1), 0);
	deck_finish(child, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

/* Env values alone show no new hash: that they were taken is known by time, and time may be set back. */
static void test_clock_set_back_while_rolling(void **state)
{
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-e", "SESSION_KEY=one", "--yes", "--json", "--wait", NULL };
	struct child *child;
	struct deck_run run;

	(void)state;
	deck_reset(deck, "{\"rollout\":{\"mode\":\"idle\"}}");
	child = deck_start(deck, FAST, args);
	if (!child_wait_text(child, "\"phase\":\"rolling\"", child_deadline_ms()))
		fail_msg("it did not come so far: %s", child_output(child));
	assert_int_equal(kill(child_pid(child), SIGUSR1), 0);
	deck_finish(child, &run);
	deck_expect(&run, 0, NULL);
	deck_run_clear(&run);
}

/* ---- the TEE's report ---- */

#define NO_REPORT "{\"backend\":{\"attestation\":\"none\"}}"
#define ONLINE_LATE \
	"{\"http\":[{\"path\":\"attestation\",\"action\":\"text\",\"text\":\"{\\\"is_online\\\":false,\\\"error\\\":\\\"not up\\\"}\",\"times\":4}," \
	"{\"path\":\"attestation\",\"action\":\"status\",\"status\":502,\"times\":6}]}"

static void expect_mark(const struct deck_run *run, const char *check, const char *mark, bool overridden)
{
	json *row = deck_event(run, "check", check);

	if (!text_equal(json_text(row, "mark"), mark) || json_flag(row, "overridden", !overridden) != overridden)
		fail_msg("%s is not %s: %s", check, mark, run->output);
	json_free(row);
}

/* Longer than half a minute, and through a gateway in trouble: it comes, and is looked at. */
static void test_report_comes_late(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, ONLINE_LATE);
	deck_finish(start(), &run);
	deck_expect(&run, 0, NULL);
	expect_mark(&run, "after-report", "good", false);
	expect_mark(&run, "after-tee", "good", false);
	assert_int_equal(retries_told(run.output), 7); /* a read that fails is sent once more at once */
	assert_non_null(strstr(run.output, "no report of the TEE yet, asked for until "));
	deck_run_clear(&run);
}

/* It ends unverified, never as done; what was signed stays, and it is gone on with. */
static void test_report_never_comes(void **state)
{
	struct child *child;
	struct deck_run run;

	(void)state;
	deck_reset(deck, NO_REPORT);
	child = start();
	if (!child_wait_text(child, "\"attempt\":1", child_deadline_ms()))
		fail_msg("the report was not waited for: %s", child_output(child));
	assert_int_equal(kill(child_pid(child), SIGUSR2), 0);
	deck_finish(child, &run);
	deck_expect(&run, 7, "after-report");
	expect_mark(&run, "after-report", "bad", false);
	assert_non_null(strstr(json_text(run.result, "next"), "cvmdeck resume"));
	assert_non_null(strstr(json_text(run.result, "safe"), "nothing needs to be signed again"));
	deck_run_clear(&run);

	deck_faults(deck, NULL);
	resume(&run);
	deck_expect(&run, 0, NULL);
	expect_mark(&run, "after-tee", "good", false);
	assert_int_equal(deck_events(&run, "card"), 0);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

/* Taken as it is, whether that was said before or after: asked for half a minute at the most, and journalled with the reason. */
static void test_report_overridden(void **state)
{
	const char *const json_args[] = { "resume", "--yes", "--json", "--override", "after-report=no TEE here", NULL };
	struct deck_run run;
	char *id;

	(void)state;
	deck_reset(deck, NO_REPORT);
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", "--wait", "--override", "after-report=no TEE here", NULL };
	deck_run(deck, FAST, args, &run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(retries_told(run.output), 5);
	expect_mark(&run, "after-report", "bad", true);
	deck_run_clear(&run);

	deck_reset(deck, "{\"backend\":{\"attestation\":\"private\"}}");
	deck_finish(start(), &run);
	deck_expect(&run, 7, "after-report");
	id = mem_strdup(json_text(run.result, "rollout"));
	deck_run_clear(&run);
	deck_run(deck, FAST, json_args, &run);
	deck_expect(&run, 0, NULL);
	expect_mark(&run, "after-report", "bad", true);
	deck_run_clear(&run);
	deck_run(deck, FAST, (const char *const[]){ "history", "--json", id, NULL }, &run);
	assert_non_null(strstr(run.output, "after-report because no TEE here"));
	deck_run_clear(&run);
	free(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retries_run_out), cmocka_unit_test(test_not_allowed_for_the_backend), cmocka_unit_test(test_clock_set_back), cmocka_unit_test(test_clock_set_back_while_rolling),
		cmocka_unit_test(test_report_comes_late), cmocka_unit_test(test_report_never_comes), cmocka_unit_test(test_report_overridden),
	};

	return deck_run_tests("patience", &deck, "tests/fault/cvmdeck_fast", tests, sizeof(tests) / sizeof(tests[0]));
}
