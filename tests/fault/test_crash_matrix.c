/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crash matrix with the real program. Each scenario is run once to hear
 * which places it passes; then it is killed at each of them, resumed, and held
 * against what it must leave behind: the same end, each intended transaction
 * mined once, no approved step asked for twice. The places come from the
 * machine's own tables, so a journal write or an effect that no scenario
 * passes fails the last test.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"
#include "rollout/crash.h"

#define HOSTILE_KMS "{\"backend\":{\"kms_contract\":\"0x1111111111111111111111111111111111111111\"}}"

enum { KILLED = 128 + SIGKILL, PLACES = 64, TURNS = 2 };

struct scenario {
	const char *name, *cvm;
	const char *faults;
	const char *more[4];     /* further arguments of the first run */
	size_t transactions;
	bool whole;              /* at every place it passes; else at those that none before it passed, and `also` */
	const char *also[6];
	bool prepared;           /* it ends there, and its record is shown again */
	void (*run)(const struct scenario *scenario, const char *const env[], struct deck_run *run); /* NULL: the update */
};

static struct deck *deck;
static char covered[PLACES][CRASH_PLACE_SIZE];
static size_t covered_count, tried, survived;
static char token[160]; /* of the update that waits for its commit */

/* ---- runs ---- */

static void update(const struct scenario *scenario, const char *const env[], struct deck_run *run)
{
	const char *args[DECK_ARGS] = { "deploy", "--cvm-id", scenario->cvm, "-c", deck_compose(deck), "--yes", "--json", "--wait" };
	size_t i, count = 8;

	for (i = 0; i < 4 && scenario->more[i]; i++)
		args[count++] = scenario->more[i];
	deck_run(deck, env, args, run);
}

static void env_alone(const struct scenario *scenario, const char *const env[], struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", scenario->cvm, "-e", "SESSION_KEY=one", "--yes", "--json", "--wait", NULL };

	deck_run(deck, env, args, run);
}

static void commit(const struct scenario *scenario, const char *const env[], struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", scenario->cvm, "--commit", "--token", token, "--yes", "--json", "--wait", NULL };

	deck_run(deck, env, args, run);
}

static void apply(const struct scenario *scenario, const char *const env[], struct deck_run *run)
{
	char *plan = deck_path(deck, "update.plan");
	const char *const args[] = { "apply", plan, "--yes", "--json", "--wait", NULL };

	(void)scenario;
	deck_run(deck, env, args, run);
	free(plan);
}

static void first_run(const struct scenario *scenario, const char *at, struct deck_run *run)
{
	char *place = at ? mem_printf("CVMDECK_CRASH_AT=%s", at) : NULL;
	const char *const env[] = { "FAST_CLOCK=20", place, NULL };

	(scenario->run ? scenario->run : update)(scenario, env, run);
	free(place);
}

static void resume(const char *const more[2], struct deck_run *run)
{
	const char *const args[] = { "resume", "--yes", "--json", "--wait", more ? more[0] : NULL, more ? more[1] : NULL, NULL };

	deck_run(deck, (const char *const[]){ "FAST_CLOCK=20", NULL }, args, run);
}

/* The owners' part of a commit: prepared, and executed by the Safe. */
static void prepare_and_execute(const struct scenario *scenario)
{
	const char *const args[] = { "deploy", "--cvm-id", scenario->cvm, "-c", deck_compose(deck), "--prepare-only", "--json", NULL };
	struct deck_run run;
	json *prepared;
	char *calls, *at, *line;

	deck_run(deck, NULL, args, &run);
	deck_expect(&run, 0, NULL);
	prepared = deck_event(&run, "prepared", NULL);
	text_copy(token, sizeof(token), json_text(prepared, "commit_token"));
	calls = at = mem_strdup(json_text(prepared, "calls"));
	while ((line = strsep(&at, "\n"))) {
		char *space = strchr(line, ' '), *body;

		assert_non_null(space);
		body = mem_printf("{\"to\":\"%.*s\",\"data\":\"%s\"}", (int)(space - line), line, space + 1);
		json_free(deck_api(deck, "POST", "/__execute", body));
		free(body);
	}
	free(calls);
	json_free(prepared);
	deck_run_clear(&run);
}

static void make_plan(const struct scenario *scenario)
{
	char *plan = deck_path(deck, "update.plan");
	const char *const args[] = { "plan", "--cvm-id", scenario->cvm, "-c", deck_compose(deck), "-o", plan, "--json", NULL };
	struct deck_run run;

	deck_run(deck, NULL, args, &run);
	assert_int_equal(run.status, 0);
	deck_run_clear(&run);
	free(plan);
}

static void begin(const struct scenario *scenario)
{
	char *dir;

	deck_reset(deck, NULL);
	if (scenario->run == commit) {
		prepare_and_execute(scenario);
		dir = deck_state_dir(deck); /* the commit is somebody else's: what prepared it is not in their journal */
		child_remove_dir(dir);
		free(dir);
	}
	if (scenario->run == apply)
		make_plan(scenario);
	deck_faults(deck, scenario->faults);
}

/* ---- what the journal holds ---- */

static json *history(const char *id, struct deck_run *run)
{
	const char *const args[] = { "history", "--json", id, NULL };

	deck_run(deck, NULL, args, run);
	assert_int_equal(run->status, 0);
	return run->result;
}

static size_t entries(const char *id, const char *kind)
{
	struct deck_run run;
	char *word = mem_printf("\"entry\":\"%s\"", kind), *at;
	size_t count = 0;

	history(id, &run);
	for (at = strstr(run.output, word); at; at = strstr(at + 1, word))
		count++;
	deck_run_clear(&run);
	free(word);
	return count;
}

/* ---- the end ---- */

static void expect_end(const struct scenario *scenario, const struct deck_run *run)
{
	json *cvm = deck_cvm(deck, scenario->cvm);

	deck_expect(run, 0, NULL);
	assert_int_equal(deck_mined(deck), scenario->transactions);
	if (!scenario->prepared) {
		assert_string_equal(json_text(cvm, "compose_hash"), json_text(run->result, "compose_hash"));
		assert_string_equal(json_text(cvm, "status"), "running");
	}
	json_free(cvm);
}

static void expect_shown_again(const struct deck_run *run)
{
	json *prepared = deck_event(run, "prepared", NULL);

	assert_non_null(prepared);
	assert_true(*json_text(prepared, "commit_token"));
	json_free(prepared);
}

/* Before the first row nothing had happened: it begins anew. */
static void again_from_nothing(const struct scenario *scenario)
{
	struct deck_run run;

	deck_expect_unsigned(deck);
	resume(NULL, &run);
	deck_expect(&run, 2, "rollout-unknown");
	deck_run_clear(&run);
	first_run(scenario, NULL, &run);
	expect_end(scenario, &run);
	deck_run_clear(&run);
}

/* What was approved before counts; an override that is not on disk is asked for again, and nothing else. */
static void go_on(const struct scenario *scenario, const char *id)
{
	size_t approved = entries(id, "approval");
	bool wants_override = text_equal(scenario->more[0], "--override") && !entries(id, "override") && !entries(id, "receipt");
	struct deck_run run;

	resume(NULL, &run);
	if (wants_override) {
		deck_expect(&run, 7, NULL);
		deck_expect_unsigned(deck);
		deck_run_clear(&run);
		resume(scenario->more, &run);
	}
	expect_end(scenario, &run);
	if (text_equal(scenario->more[0], "--override"))
		assert_int_equal(entries(id, "override"), 1);
	if (scenario->prepared)
		expect_shown_again(&run);
	else if (deck_events(&run, "card") + approved != scenario->transactions)
		fail_msg("%zu approved before, and %zu cards now: %s", approved, deck_events(&run, "card"), run.output);
	deck_run_clear(&run);
}

static void nothing_left(const struct scenario *scenario)
{
	struct deck_run run;

	resume(NULL, &run);
	deck_expect(&run, 2, "rollout-unknown");
	assert_int_equal(deck_mined(deck), scenario->transactions);
	deck_run_clear(&run);
}

static void recover(const struct scenario *scenario)
{
	struct deck_run run;
	json *rollout = history(NULL, &run);
	char *id = rollout ? mem_strdup(json_text(rollout, "rollout")) : NULL;
	bool ended = rollout && text_equal(json_text(rollout, "outcome"), "done");

	deck_run_clear(&run);
	if (!id)
		again_from_nothing(scenario);
	else if (ended)
		nothing_left(scenario);
	else
		go_on(scenario, id);
	free(id);
}

/* ---- the places ---- */

struct passed {
	char name[48]; /* before-sign */
	unsigned times;
};

static void count_place(struct passed list[], size_t *count, const char *name, size_t len)
{
	size_t i = 0;

	while (i < *count && !(strlen(list[i].name) == len && memcmp(list[i].name, name, len) == 0))
		i++;
	assert_true(i < 2 * PLACES);
	if (i == *count) {
		snprintf(list[i].name, sizeof(list[i].name), "%.*s", (int)len, name);
		list[i].times = 0;
		(*count)++;
	}
	list[i].times++;
}

/* What a run without a crash passes, each place once, in order. */
static size_t listen(const struct scenario *scenario, struct passed list[2 * PLACES])
{
	static const char word[] = "crash-place ";
	struct deck_run run;
	size_t count = 0;
	const char *at;

	begin(scenario);
	first_run(scenario, "list", &run);
	expect_end(scenario, &run);
	for (at = strstr(run.output, word); at; at = strstr(at, word)) {
		at += strlen(word);
		count_place(list, &count, at, strcspn(at, "\n"));
	}
	deck_run_clear(&run);
	return count;
}

static const char *place_of(const char *name)
{
	return strchr(name, '-') + 1;
}

static bool was_covered(const char *place, size_t until)
{
	size_t i;

	for (i = 0; i < until && strcmp(covered[i], place) != 0; i++)
		;
	return i < until;
}

static bool is_also(const struct scenario *scenario, const char *place)
{
	size_t i;

	for (i = 0; i < 6 && scenario->also[i]; i++)
		if (strcmp(scenario->also[i], place) == 0)
			return true;
	return false;
}

/* How often an answer comes while something is followed is a matter of time: it is killed at the first. */
static unsigned turns_of(const struct passed *list, size_t count, const struct passed *passed)
{
	char *before = mem_printf("before-%s", place_of(passed->name));
	unsigned turns = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].name, before) == 0)
			turns = list[i].times;
	free(before);
	return turns > TURNS ? TURNS : turns;
}

static void kill_at(const struct scenario *scenario, const char *name, unsigned turn)
{
	char *at = mem_printf("%s:%u", name, turn);
	struct deck_run run;

	tried++;
	begin(scenario);
	first_run(scenario, at, &run);
	if (run.status != KILLED)
		fail_msg("it was not killed at %s: %d %s", at, run.status, run.output);
	deck_run_clear(&run);
	print_message("# %s, %s\n", scenario->name, at);
	recover(scenario);
	survived++;
	free(at);
}

static void test_scenario(void **state)
{
	const struct scenario *scenario = *state;
	struct passed list[2 * PLACES];
	size_t count = listen(scenario, list), before = covered_count, i;
	unsigned turn;

	assert_true(count > 0);
	for (i = 0; i < count; i++) {
		const char *place = place_of(list[i].name);

		if (!scenario->whole && was_covered(place, before) && !is_also(scenario, place))
			continue;
		for (turn = 1; turn <= turns_of(list, count, &list[i]); turn++)
			kill_at(scenario, list[i].name, turn);
		if (!was_covered(place, covered_count))
			text_copy(covered[covered_count++], CRASH_PLACE_SIZE, place);
	}
}

static void every_place_was_tried(void **state)
{
	char place[CRASH_PLACE_SIZE];
	size_t i;

	(void)state;
	for (i = 0; crash_place(i, place); i++)
		if (!was_covered(place, covered_count) && strcmp(place, "rebuild") != 0) /* the console's: it forgets what was read, and changes nothing */
			fail_msg("no scenario passes %s", place);
	assert_true(covered_count + 1 >= i);
	print_message("# crash points survived: %zu of %zu\n", survived, tried);
	assert_int_equal(survived, tried);
}

/* ---- */

static const struct scenario scenarios[] = {
	{ .name = "two transactions", .cvm = "payments-api", .transactions = 2, .whole = true },
	{ .name = "an override", .cvm = "checkout-web", .faults = HOSTILE_KMS, .more = { "--override", "would-boot=the test says so" }, .transactions = 1,
	  .also = { "check", "journal-approval" } },
	{ .name = "an owner that is a contract", .cvm = "treasury-signer", .prepared = true, .also = { "patch", "journal-patched" } },
	{ .name = "a commit", .cvm = "treasury-signer", .transactions = 0, .run = commit,
	  .also = { "journal-review", "journal-confirm", "confirm", "journal-accepted", "journal-outcome" } },
	{ .name = "applied at once", .cvm = "docs-search", .also = { "journal-review", "patch", "journal-accepted", "journal-outcome" } },
	{ .name = "env values alone", .cvm = "checkout-web", .run = env_alone, .also = { "read", "journal-review", "patch", "journal-accepted", "watch" } },
	{ .name = "a plan applied", .cvm = "checkout-web", .transactions = 1, .run = apply, .also = { "journal-review", "patch", "journal-approval" } },
	{ .name = "a confirm refused for now", .cvm = "checkout-web", .faults = "{\"backend\":{\"confirm_status\":467,\"confirm_times\":1}}", .transactions = 1,
	  .also = { "confirm", "timer" } },
	{ .name = "a confirm's answer lost", .cvm = "checkout-web", .faults = "{\"backend\":{\"lose_confirm\":true}}", .transactions = 1,
	  .also = { "confirm" } },
};

int main(void)
{
	enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };
	struct CMUnitTest tests[SCENARIOS + 1];
	size_t i;

	for (i = 0; i < SCENARIOS; i++)
		tests[i] = (struct CMUnitTest){ scenarios[i].name, test_scenario, NULL, NULL, (void *)(uintptr_t)&scenarios[i] };
	tests[SCENARIOS] = (struct CMUnitTest)cmocka_unit_test(every_place_was_tried);
	return deck_run_tests("crash matrix", &deck, "tests/fault/cvmdeck_fast", tests, SCENARIOS + 1);
}
