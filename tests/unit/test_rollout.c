/* SPDX-License-Identifier: Apache-2.0 */
/* Whole rollouts against the sandbox: the ways that end well. */
#include "unit/rollout_drive.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "loop/loop.h"
#include "rollout/journal.h"

static struct drive drive;

static int setup(void **state)
{
	(void)state;
	drive_begin(&drive, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	drive_end(&drive);
	return 0;
}

static void must_succeed(void)
{
	if (!drive.outcome.success)
		fail_msg("%s: %s [%s] %s", drive.outcome.error.code, drive.outcome.error.message, drive.outcome.error.detail, drive.outcome.error.next);
}

static void update(const char *cvm)
{
	struct rollout_request request = drive_request(cvm, drive_compose());
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
}

/* The same in a world where something goes wrong. */
static void update_with(const char *cvm, const char *faults)
{
	struct rollout_request request = drive_request(cvm, drive_compose());
	drive_open(&drive, drive.key);
	drive_control(&drive, "/__faults", faults);
	drive_run(&drive, &request);
}

static void hash_alone_takes_one_signature(void **state)
{
	(void)state;
	update("checkout-web");
	must_succeed();
	assert_int_equal(drive.reviews, 1);
	assert_int_equal(drive.cards, 1);
	assert_int_equal(strlen(drive.outcome.transaction_hash), 66);
	assert_string_equal(drive.outcome.device_transaction_hash, "");
	assert_true(drive.outcome.correlation_id[0] != '\0');
	assert_string_equal(drive.simulation, "succeeds, emits ComposeHashAdded, allowed no → yes");
	static const char *const good[] = { "hash-current", "hash-new", "hash-backend", "target-pin", "chain-id", "contract-code", "implementation",
					    "owner", "device", "would-boot", "simulation", "balance", "after-started", "after-running", "after-hash",
					    "after-report", "after-tee" };
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (drive_mark(&drive, good[i]) != MARK_GOOD)
			fail_msg("%s is %s", good[i], rollout_mark_name(drive_mark(&drive, good[i])));
}

static void new_device_takes_two(void **state)
{
	(void)state;
	update("payments-api");
	must_succeed();
	assert_int_equal(drive.cards, 2);
	assert_int_equal(strlen(drive.outcome.transaction_hash), 66);
	assert_int_equal(strlen(drive.outcome.device_transaction_hash), 66);
	assert_string_equal(drive.outcome.done, "the CVM runs the compose that was signed");
}

/* Somebody is there to take it as it is: asked, it ends, and says what was not seen. */
static void missing_report_waits_for_a_word(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	request.can_override = true;
	drive.override = "after-report because this one shows none";
	drive_open(&drive, drive.key);
	drive_control(&drive, "/__faults", "{\"backend\":{\"attestation\":\"private\"}}");
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.overrides, 1);
	assert_int_equal(drive.cards, 1);
	assert_int_equal(drive_mark(&drive, "after-tee"), MARK_NONE);
	assert_string_equal(drive.outcome.done, "the CVM runs the compose that was signed; its TEE said nothing of it, which was overridden");
}

static void every_form_is_calibrated(void **state)
{
	(void)state;
	update("billing-worker");
	must_succeed();
	assert_string_equal(drive.form, "pretty");
}

static void without_onchain_kms_the_patch_applies(void **state)
{
	(void)state;
	update("docs-search");
	must_succeed();
	assert_int_equal(drive.cards, 0);
	assert_string_equal(drive.outcome.transaction_hash, "");
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 1);
}

static void env_values_alone_need_no_signature(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", NULL);
	request.has_env = true;
	compose_env_add(&request.env, "SESSION_KEY", 11, "s3cret", 6);
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 0);
	assert_int_equal(drive_mark(&drive, "env-key"), MARK_GOOD);
}

static void new_env_names_change_the_hash(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", NULL);
	request.has_env = true;
	compose_env_add(&request.env, "OTHER_KEY", 9, "s3cret", 6);
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 1);
}

static void without_wait_it_ends_with_the_confirm(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	request.wait = false;
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive_mark(&drive, "after-hash"), MARK_NONE);
}

static void nothing_to_change_is_said(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", NULL);
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	assert_string_equal(drive.outcome.error.code, "nothing-changes");
	assert_int_equal(drive.outcome.error.status, STATUS_INPUT);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
}

static void declined_review_sends_nothing(void **state)
{
	(void)state;
	drive.decline_review = true;
	update("checkout-web");
	assert_int_equal(drive.outcome.error.status, STATUS_DECLINED);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
}

static void declined_card_signs_nothing(void **state)
{
	(void)state;
	drive.decline_card = true;
	update("checkout-web");
	assert_int_equal(drive.outcome.error.status, STATUS_DECLINED);
	assert_int_equal(drive_sent(&drive), 0);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 1);
}

static void allowed_hash_can_be_confirmed_by_state(void **state)
{
	(void)state;
	update("checkout-web");
	must_succeed();
	struct rollout_request back = drive_request("checkout-web", "services:\n  web:\n    image: nginx:1.28\n");
	drive_run(&drive, &back);
	must_succeed();
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	request.already_registered = true;
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 0);
	struct rollout_request again = drive_request("checkout-web", "services:\n  web:\n    image: nginx:1.28\n");
	drive.use_registered = true;
	drive_run(&drive, &again);
	must_succeed();
	assert_int_equal(drive.cards, 1);
	assert_string_equal(drive.outcome.transaction_hash, "");
}

/* The disk, as slow as the test wants: the one thread that writes to it has this to do first. */
static sem_t disk;

static void stand_still(void *ctx)
{
	struct timespec until;
	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += child_deadline_ms() / 1000;
	sem_timedwait(&disk, &until);
}

static void moves_again(void *ctx)
{
	(void)ctx;
}

static bool while_approval_is_written(struct drive *seen, const struct rollout_view *view)
{
	if (view->phase == PHASE_REVIEW && view->waits_for_operator && !seen->reviews)
		loop_work(session_loop(seen->session), stand_still, moves_again, NULL);
	if (strcmp(view->message, "writing the approval to the journal") != 0)
		return false;
	sem_post(&disk);
	return true;
}

/* Between the yes and the disk's answer the rollout waits for the disk, says so, and has sent nothing. */
static void approval_on_its_way_is_said(void **state)
{
	(void)state;
	assert_int_equal(sem_init(&disk, 0, 0), 0);
	drive.stop = while_approval_is_written;
	update("checkout-web");
	drive.stop = NULL;
	assert_true(drive.stopped);
	assert_false(rollout_view(drive.rollout)->waits_for_operator);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
}

static void device_calls_need_no_patch(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", NULL);
	request.kind = ROLLOUT_ALLOW;
	request.calls = calloc(2, sizeof(*request.calls));
	request.call_count = 2;
	request.calls[0] = (struct allow_call){ ALLOW_ANY_DEVICE_ON, { 0 } };
	request.calls[1] = (struct allow_call){ ALLOW_ADD_DEVICE, { 1, 2, 3 } };
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 2);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
	/* A card never calls another machine by the name of the CVM's own. */
	assert_string_equal(drive.argument_note, "another device than that of this CVM's node prod3");
	assert_string_equal(drive.simulation, "succeeds, emits DeviceAdded"); /* and says nothing of a device that was not read */
	assert_string_equal(drive.outcome.done, "the contract's allowlist is changed");
	assert_false(rollout_view(drive.rollout)->can_remove_old);
}

/* What was mined and reverted was signed, and cost something: nobody is told otherwise. */
static void reverted_transaction_is_told_as_it_is(void **state)
{
	(void)state;
	update_with("payments-api", "{\"chain\":{\"revert\":true}}");
	assert_string_equal(drive.outcome.error.code, "tx-reverted");
	assert_string_equal(drive.outcome.safe, "The contract is as it was, only the gas is spent; the CVM keeps its present compose.");
	assert_int_equal(strlen(drive.outcome.device_transaction_hash), 66);
}

/* The reason of a refused card is looked at anew: it may have been mended. */
static void refused_card_can_be_tried_again(void **state)
{
	(void)state;
	struct error err = { 0 };
	update_with("checkout-web", "{\"rpc\":[{\"method\":\"eth_estimateGas\",\"action\":\"error\",\"status\":3,\"text\":\"execution reverted\"}]}");
	assert_string_equal(drive.outcome.error.code, "simulation");
	assert_non_null(rollout_view(drive.rollout)->card);
	assert_true(text_starts(drive.outcome.resume, "cvmdeck resume "));
	drive_control(&drive, "/__faults", "{}");
	drive.over = false;
	if (!rollout_do(drive.rollout, ROLLOUT_RETRY_NOW, NULL, NULL, &err))
		fail_msg("%s", err.message);
	drive_wait(&drive);
	must_succeed();
	assert_int_equal(drive.cards, 1);
}

static const char *last_step(void)
{
	const struct rollout_view *view = rollout_view(drive.rollout);
	return view->steps[view->step_count - 1].id;
}

static void old_hash_is_removed_on_request(void **state)
{
	(void)state;
	struct error err = { 0 };
	update("checkout-web");
	must_succeed();
	assert_true(rollout_view(drive.rollout)->can_remove_old);
	drive.over = false;
	drive.cards = 0;
	assert_true(rollout_do(drive.rollout, ROLLOUT_REMOVE_OLD_HASH, NULL, NULL, &err));
	drive_wait(&drive);
	must_succeed();
	assert_int_equal(drive.cards, 1);
	assert_string_equal(drive.outcome.done, "the CVM runs the compose that was signed; the old hash is off the allowlist");
	assert_string_equal(drive.simulation, "succeeds, emits ComposeHashRemoved, allowed yes → no");
	assert_string_equal(last_step(), "removal-mined"); /* and not the update's own steps once more */
	assert_false(rollout_view(drive.rollout)->can_remove_old);
}

/* No to the removal is no to nothing else: the update stays done, also in the journal. */
static void declined_removal_leaves_it_done(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct journal *journal;
	struct journal_rollout found;
	update("checkout-web");
	must_succeed();
	drive.over = false;
	drive.decline_card = true;
	assert_true(rollout_do(drive.rollout, ROLLOUT_REMOVE_OLD_HASH, NULL, NULL, &err));
	drive_wait(&drive);
	must_succeed();
	assert_int_equal(rollout_view(drive.rollout)->phase, PHASE_DONE);
	assert_string_equal(last_step(), "verified");
	assert_true(rollout_view(drive.rollout)->can_remove_old);
	journal = session_journal(drive.session, &err);
	assert_non_null(journal);
	assert_true(journal_find(journal, drive.id, &found, &err));
	assert_string_equal(found.outcome, "done");
}

static bool at_confirm(struct drive *d, const struct rollout_view *view)
{
	(void)d;
	return view->phase == PHASE_CONFIRMING;
}

static void interrupted_rollout_goes_on(void **state)
{
	(void)state;
	drive.stop = at_confirm;
	update("checkout-web");
	assert_true(drive.stopped);
	drive.stop = NULL;
	char id[40];
	strcpy(id, drive.id);
	drive_open(&drive, drive.key);
	drive_resume(&drive, id);
	must_succeed();
	assert_int_equal(drive.reviews + drive.cards, 0);
	assert_int_equal(drive_sent(&drive), 1);
}

static bool at_mining(struct drive *d, const struct rollout_view *view)
{
	(void)d;
	return view->phase == PHASE_MINING && strstr(view->message, "pending") != NULL;
}

/* Nothing is mined until the replacement is out. */
static void replace(enum rollout_op op)
{
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	struct error err = { 0 };
	drive_open(&drive, drive.key);
	drive_control(&drive, "/__faults", "{\"chain\":{\"never_mine\":true}}");
	drive.stop = at_mining;
	drive_run(&drive, &request);
	assert_true(drive.stopped);
	if (!rollout_do(drive.rollout, op, NULL, NULL, &err))
		fail_msg("%s", err.message);
	drive.stopped = false;
	drive_wait(&drive); /* signed again by the operator, and pending again */
	assert_int_equal(drive.cards, 2);
	drive.stop = NULL;
	drive.stopped = false;
	drive_control(&drive, "/__faults", "{}");
	drive_wait(&drive);
	assert_int_equal(drive_sent(&drive), 1);
}

static void bumped_transaction_is_mined_once(void **state)
{
	(void)state;
	replace(ROLLOUT_BUMP);
	must_succeed();
}

static void cancelled_transaction_ends_it(void **state)
{
	(void)state;
	replace(ROLLOUT_CANCEL_TX);
	assert_string_equal(drive.outcome.error.code, "tx-cancelled");
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(hash_alone_takes_one_signature), CASE(new_device_takes_two), CASE(missing_report_waits_for_a_word),
		   CASE(every_form_is_calibrated),
		CASE(without_onchain_kms_the_patch_applies), CASE(env_values_alone_need_no_signature), CASE(new_env_names_change_the_hash),
		CASE(without_wait_it_ends_with_the_confirm), CASE(nothing_to_change_is_said), CASE(declined_review_sends_nothing),
		CASE(approval_on_its_way_is_said),
		CASE(declined_card_signs_nothing), CASE(allowed_hash_can_be_confirmed_by_state), CASE(device_calls_need_no_patch),
		CASE(old_hash_is_removed_on_request), CASE(declined_removal_leaves_it_done), CASE(reverted_transaction_is_told_as_it_is),
		CASE(refused_card_can_be_tried_again), CASE(interrupted_rollout_goes_on),
		CASE(bumped_transaction_is_mined_once), CASE(cancelled_transaction_ends_it),
	};
	struct error err = { 0 };
	return secret_setup(&err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
