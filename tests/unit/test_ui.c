/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's screens over example records, without a terminal: what is
 * drawn at each size, and what each key does. Screens are held against
 * tests/unit/golden; CVMDECK_GOLDEN=write rewrites them, to be read in review.
 */
#include "unit/unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/commands.h"
#include "ui/flow.h"
#include "ui/request.h"
#include "ui/screens.h"
#include "ui/ui.h"
#include "ui_fake.h"
#include "ui_hand.h"

/* ---- screens ---- */

static void test_workspace(void **state)
{
	(void)state;
	begin(60, 24, 80);
	loop_turn(ui.loop, 300); /* the cursor rests, so the details are asked for */
	at_all_sizes("workspace");
	press("j"); /* not allowed, a Safe, an owner to come */
	loop_turn(ui.loop, 300);
	paint(24, 80);
	expect("(Safe 2 of 3)   pending owner 0x7099…79C8");
	expect("device fc6f…580f ✗ not allowed");
	press("j j j"); /* not read: only why */
	loop_turn(ui.loop, 300);
	paint(24, 80);
	expect("? the node said: header not found");
	press("g");
	press("/");
	type("svc-0000");
	paint(24, 80);
	expect("9 of 60 CVMs");
	press("<Enter> G");
	paint(24, 80);
	expect("▸svc-00009");
	press("<Esc>");
	paint(24, 80);
	expect("60 CVMs");
	press("s s");
	paint(24, 80);
	expect("APP ID▲");
	end();
}

static void test_too_small(void **state)
{
	(void)state;
	begin(3, 24, 80);
	paint(20, 60);
	expect("This window is 60×20.");
	paint(2, 10);
	paint(1, 1);
	end();
}

static void test_review(void **state)
{
	(void)state;
	begin(3, 24, 80);
	flow_start(&ui, request_new("x", NULL, 0));
	paint(24, 80);
	expect("nothing has been sent");
	fake_phase(PHASE_REVIEW);
	at_all_sizes("review_summary");
	press("2");
	at_all_sizes("review_compose");
	press("z w");
	paint(24, 80);
	golden("review_white");
	press("w n n");
	paint(24, 80);
	expect("▸");
	press("/");
	type("ALPINE");
	press("<Enter>");
	paint(24, 80);
	expect("alpine:latest");
	press("3");
	at_all_sizes("review_manifest");
	press("4");
	at_all_sizes("review_env");
	end();
}

static void test_approval_is_asked_for(void **state)
{
	struct key burst = { .name = "y" }, paste = { .name = "<Paste>", .paste = "y\n", .paste_len = 2 };

	(void)state;
	begin(3, 24, 80);
	to_review();
	paint(24, 80);
	press("a y"); /* typed before the question was painted */
	assert_string_equal(fake_ops(), "");
	assert_true(ui.forget_keys);
	paint(24, 80);
	expect("Send this update?");
	ui_key(&ui, &burst);
	ui_key(&ui, &paste);
	assert_string_equal(fake_ops(), "");
	press("<Enter>"); /* the default is no */
	assert_string_equal(fake_ops(), "");
	press("a");
	paint(24, 80);
	press("y");
	assert_string_equal(fake_ops(), "approve ");
	/* Until the disk has it nothing is sent, and nothing more is asked. */
	fake_view()->waits_for_operator = false;
	text_copy(fake_view()->message, sizeof(fake_view()->message), "writing the approval to the journal");
	fake_changed();
	paint(24, 80);
	expect(" writing the approval to the journal…\n");
	press("a");
	assert_non_null(strstr(ui.message, "does not wait for a review"));
	assert_string_equal(fake_ops(), "");
	end();
}

static void test_declined_review_leads_home(void **state)
{
	static struct step declined[] = { { .id = "review", .title = "review", .state = STEP_FAILED } };
	static struct outcome outcome;

	(void)state;
	begin(3, 24, 80);
	to_review();
	paint(24, 80);
	press("d");
	assert_string_equal(fake_ops(), "decline ");
	error_set(&outcome.error, STATUS_DECLINED, "declined", "The review was not approved; nothing was sent.");
	fake_view()->phase = PHASE_FAILED;
	fake_view()->outcome = &outcome;
	fake_view()->steps = declined;
	fake_view()->step_count = 1;
	fake_changed();
	assert_int_equal(ui_context(&ui), CTX_WORKSPACE);
	paint(24, 80);
	expect("not approved; nothing was sent");
	end();
}

/* Who went to another screen stays there, and is told how it ended. */
static void test_wandering(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	assert_int_equal(ui_context(&ui), CTX_ALLOWLIST);
	fake_phase(PHASE_MINING); /* led there by the rollout, so led on by it */
	assert_int_equal(ui_context(&ui), CTX_ROLLOUT);
	press("a");
	fake_phase(PHASE_CONFIRMING);
	assert_int_equal(ui_context(&ui), CTX_ALLOWLIST);
	press("v");
	assert_int_equal(ui_context(&ui), CTX_REVIEW);
	fake_phase(PHASE_FAILED);
	assert_int_equal(ui_context(&ui), CTX_REVIEW);
	paint(24, 80);
	expect("✗ the rollout of payments-api failed; r shows why");
	press("r");
	assert_int_equal(ui_context(&ui), CTX_ROLLOUT);
	press("q"); /* home, not through what is over */
	assert_int_equal(ui_context(&ui), CTX_WORKSPACE);
	end();
}

/* A question's consequence, and what to do next, are never beyond an edge. */
static void test_nothing_is_cut(void **state)
{
	struct error err = { 0 };

	(void)state;
	begin(3, 24, 80);
	to_review();
	press("a");
	paint(24, 80);
	expect(" Signatures come later, each with its own\n card.\n");
	press("n");
	error_set(&err, STATUS_INPUT, "example", "This is a message of more than eighty columns, as most messages about the wire are");
	error_next(&err, "do this, which stands at the very end");
	ui_say_error(&ui, &err);
	paint(24, 80);
	expect("at the very end");
	press(": ");
	type("xyz");
	press("<Enter>");
	assert_non_null(strstr(ui.message, "there is no command “xyz” here"));
	press("1 q");
	press(":");
	type("s");
	press("<Enter>");
	assert_non_null(strstr(ui.message, "more than one command begins with “s”"));
	end();
}

/* What failed for a passing reason goes on from here; log keys without log lines are no hints. */
static void test_failure_offers_the_next_step(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CONFIRMING);
	turn(5);
	paint(24, 80);
	expect("/ search");
	fake_phase(PHASE_FAILED);
	fake_view()->can_retry = true;
	fake_view()->can_restart = false;
	paint(24, 80);
	expect("r try again");
	expect("q back");
	press("r /");
	assert_string_equal(fake_ops(), "retry ");
	assert_non_null(strstr(ui.message, "no logs are shown here"));
	press("R o");
	assert_string_equal(fake_ops(), "");
	end();
}

static void test_allowlist(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	at_all_sizes("allowlist");
	end();
}

/* How many lines hold the text. */
static unsigned lines_with(const char *text)
{
	struct buf out = BUF_INIT;
	unsigned count = 0;
	char *rest = NULL, *line;

	cells_dump(&ui.frame, &out);
	for (line = strtok_r(out.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		count += strstr(line, text) != NULL;
	buf_clear(&out);
	return count;
}

/* Checks out of sight are not missed for want of a word. */
static void test_more_checks_below(void **state)
{
	struct check checks[20];
	size_t i;

	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	paint(24, 80);
	assert_int_equal(lines_with("more below"), 0);
	for (i = 0; i < 20; i++)
		checks[i] = (struct check){ .id = "balance", .title = "balance covers the cost", .mark = MARK_GOOD, .source = SOURCE_CHAIN, .value = "4 ETH" };
	fake_view()->checks = checks;
	fake_view()->check_count = 20;
	paint(24, 80);
	expect("⠋ simulating the transaction");
	expect(" ↓ more below\n");
	press("G");
	paint(24, 80);
	assert_int_equal(lines_with("more below"), 0);
	end();
}

/* Whatever the width, a value stands clear of where it comes from, and both are whole. */
static void test_long_value_and_its_source(void **state)
{
	static const struct check checks[] = {
		{ .id = "hash-new", .title = "hash of the new document", .mark = MARK_GOOD, .source = SOURCE_HERE, .value = FAKE_HASH_NEW },
		{ .id = "balance", .title = "the transaction succeeds when simulated", .mark = MARK_GOOD, .source = SOURCE_CHAIN,
		  .value = "4.12 ETH, needed at most 0.000001 ETH" },
		{ .id = "after-tee", .title = "the TEE's event log replays to RTMR3 with this hash", .mark = MARK_GOOD, .source = SOURCE_TEE, .value = "yes" },
	};
	int width;

	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	fake_view()->checks = checks;
	fake_view()->check_count = 2;
	for (width = 80; width <= 130; width++) {
		paint(24, width);
		expect("4.12 ETH, needed at most 0.000001 ETH");
		assert_int_equal(lines_with("0.000001 ETH chain"), 0);
		assert_int_equal(lines_with("  chain"), 1);
		/* Where the long value stands below, the sources do not stay where it would have been. */
		if (lines_with("simulated  4.12 ETH") == 0)
			assert_int_equal(lines_with("d1e8…d2c6       computed here"), 1);
	}
	fake_view()->check_count = 3;
	paint(24, 80); /* a title that leaves no room for a value does not move the others' */
	expect("hash of the new document                 d1e8…d2c6       computed here");
	expect("RTMR3 with this hash      TEE\n     yes\n");
	end();
}

static void test_card(void **state)
{
	struct key burst = { .name = "y" }, paste = { .name = "<Paste>", .paste = "y", .paste_len = 1 };

	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	fake_card(1, true);
	press("y y"); /* before it was drawn */
	assert_string_equal(fake_ops(), "");
	at_all_sizes("card");
	ui_key(&ui, &burst);
	ui_key(&ui, &paste);
	press(": ? l <Tab> /");
	assert_string_equal(fake_ops(), "");
	press("x");
	paint(24, 80);
	expect("unsigned transaction");
	press("x");
	paint(24, 80);
	press("y");
	assert_string_equal(fake_ops(), "sign:0x0101010101010101010101010101010101010101010101010101010101010101 ");
	press("y"); /* once is enough */
	assert_string_equal(fake_ops(), "");
	fake_card(2, true); /* another card under the same eyes */
	press("y");
	assert_string_equal(fake_ops(), "");
	paint(24, 80);
	press("<Enter>");
	assert_string_equal(fake_ops(), "decline ");
	end();
}

static void test_card_not_offered(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	fake_card(2, false);
	at_all_sizes("card_refused");
	press("y");
	assert_string_equal(fake_ops(), "");
	press("N"); /* nothing is left to decline, but the card goes, and stays away */
	assert_string_equal(fake_ops(), "");
	fake_changed();
	assert_int_equal(ui_context(&ui), CTX_ROLLOUT);
	end();
}

static void test_card_needs_its_window(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CHECKING);
	fake_card(1, true);
	paint(24, 80);
	paint(10, 40); /* the window shrank: the card cannot be seen */
	press("y");
	assert_string_equal(fake_ops(), "");
	end();
}

static void test_rollout(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_CONFIRMING);
	turn(5);
	fake_log_line("serial", "[    0.5] boot \033[31mred\033[0m");
	fake_log_line("web", "GET / 200");
	at_all_sizes("rollout");
	press("k");
	paint(24, 80);
	expect("paused · 0 new · line");
	press("G");
	press("r");
	assert_string_equal(fake_ops(), "retry ");
	press("q");
	assert_true(ui_context(&ui) != CTX_ROLLOUT);
	end();
}

static void test_rollout_failed(void **state)
{
	(void)state;
	begin(3, 24, 80);
	to_review();
	fake_phase(PHASE_FAILED);
	at_all_sizes("rollout_failed");
	press("R");
	assert_string_equal(fake_ops(), "restart ");
	end();
}

static void test_logs(void **state)
{
	int i;

	(void)state;
	begin(3, 24, 80);
	press("l");
	turn(5);
	for (i = 0; i < 50; i++) {
		fake_log_line("web", i % 10 ? "GET /healthz 200 0.8ms \033]0;title\007" : "ERROR upstream timed out");
		fake_log_line("serial", "[    1.0] dstack: \033[32mok\033[0m and a rather long line that does not fit into eighty columns at all");
	}
	at_all_sizes("logs");
	press("w");
	paint(24, 80);
	golden("logs_wrapped");
	press("w k");
	paint(24, 80);
	expect("paused");
	press("/");
	type("time[d]");
	press("<Enter>");
	paint(24, 80);
	paint(24, 80);
	expect("upstream timed out");
	press("&");
	type("ERROR");
	press("<Enter> G");
	paint(24, 80);
	expect("5 of 100 lines");
	press("/");
	type("(");
	press("<Enter>");
	paint(24, 80);
	assert_non_null(strstr(ui.message, "regular expression"));
	end();
}

static void test_help_and_commands(void **state)
{
	(void)state;
	begin(3, 24, 80);
	press("?");
	at_all_sizes("help");
	press("q :");
	type("devi");
	press("<Tab> <Enter>");
	turn(3);
	at_all_sizes("devices");
	press("q :");
	type("nonsense");
	press("<Enter>");
	assert_non_null(strstr(ui.message, "nonsense"));
	press("q");
	assert_true(ui.quit);
	end();
}

/* Of more candidates than fit, the chosen one is always in sight. */
static void test_candidates_are_in_sight(void **state)
{
	(void)state;
	begin(3, 24, 80);
	press(":");
	press("<Tab>");
	paint(24, 80);
	expect(" filter  sort  ");
	expect(" ›\n");
	press("<Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab> <Tab>");
	paint(24, 80);
	expect(" ‹ history  ");
	expect("  down  up  ");
	expect(" : up\n");
	press("<Esc>");
	end();
}

/* Every key a screen hints at does something there, and no key does two things in one context. */
static void test_table_is_sound(void **state)
{
	const struct command *a, *b;

	(void)state;
	for (a = commands_table(); a->id; a++) {
		const char *at = a->keys;

		assert_non_null(a->run);
		assert_true(a->contexts != 0);
		while (*at) {
			struct key key = { 0 };
			size_t n = strcspn(at, " ");

			memcpy(key.name, at, n);
			for (b = a + 1; b->id; b++)
				if ((a->contexts & b->contexts) && key_in(&key, b->keys) && b->run != do_move)
					fail_msg("%s does %s and %s", key.name, a->id, b->id);
			at += n + strspn(at + n, " ");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workspace), cmocka_unit_test(test_too_small), cmocka_unit_test(test_review),
		cmocka_unit_test(test_approval_is_asked_for), cmocka_unit_test(test_declined_review_leads_home), cmocka_unit_test(test_wandering),
		cmocka_unit_test(test_nothing_is_cut), cmocka_unit_test(test_failure_offers_the_next_step), cmocka_unit_test(test_allowlist), cmocka_unit_test(test_long_value_and_its_source), cmocka_unit_test(test_more_checks_below),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_card_not_offered), cmocka_unit_test(test_card_needs_its_window), cmocka_unit_test(test_rollout),
		cmocka_unit_test(test_rollout_failed), cmocka_unit_test(test_logs), cmocka_unit_test(test_help_and_commands),
		cmocka_unit_test(test_candidates_are_in_sight), cmocka_unit_test(test_table_is_sound),
	};

	setenv("CVMDECK_NOW", "1767225600", 1);
	setenv("TZ", "UTC", 1);
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("ui", tests, NULL, NULL);
}
