/* SPDX-License-Identifier: Apache-2.0 */
/* Owners that are contracts: prepare, what the owners execute, commit; and pins, overrides, plans. */
#include "unit/rollout_drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/safe_batch.h"
#include "cloud/api.h"
#include "rollout/plan_file.h"
#include "wire/json.h"

static struct drive drive;

static int setup(void **state)
{
	(void)state;
	drive_begin(&drive, NULL);
	drive_open(&drive, drive.key);
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
		fail_msg("%s: %s [%s]", drive.outcome.error.code, drive.outcome.error.message, drive.outcome.error.detail);
}

/* Executes what was prepared, as the Safe's owners would; returns the transaction's hash. */
static void execute(const struct prepared *prepared, char tx[80])
{
	char body[2048], *calls = mem_strdup(prepared->calls_text);
	struct error err = { 0 };
	for (char *line = strtok(calls, "\n"); line; line = strtok(NULL, "\n")) {
		char *data = strchr(line, ' ');
		*data++ = '\0';
		snprintf(body, sizeof(body), "{\"to\":\"%s\",\"data\":\"%s\"}", line, data);
		const char *text = drive_control(&drive, "/__execute", body);
		json *answer = json_parse(text, strlen(text), &err);
		for (const json *item = json_first(answer); item; item = json_next(item))
			if (strlen(json_string(item, "")) == 66)
				text_copy(tx, 80, json_string(item, ""));
		json_free(answer);
	}
	free(calls);
}

static void prepare(struct prepared *out)
{
	struct rollout_request request = drive_request("treasury-signer", drive_compose());
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.phase, PHASE_PREPARED);
	*out = *rollout_view(drive.rollout)->prepared;
}

static struct rollout_request commit_request(const struct prepared *prepared, const char *tx)
{
	struct rollout_request request = drive_request("treasury-signer", NULL);
	request.kind = ROLLOUT_COMMIT;
	request.commit_token = mem_strdup(prepared->token);
	request.commit_tx = mem_strdup(tx);
	return request;
}

static void safe_owner_prepares_and_commits(void **state)
{
	(void)state;
	struct prepared prepared;
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	struct safe_batch_checksum checksum;
	struct stat info;
	prepare(&prepared);
	assert_string_equal(prepared.kind, "safe");
	assert_int_equal(prepared.owners, 2);
	assert_int_equal(strlen(prepared.safe_tx_hash), 66);
	assert_int_equal(drive_sent(&drive), 0);
	assert_true(file_read(prepared.batch_path, "batch", LIMIT_CONFIG_FILE, &text, &err));
	assert_true(safe_batch_check(&checksum, buf_text(&text), text.len, &err));
	assert_true(checksum.valid);
	safe_batch_checksum_clear(&checksum);
	buf_clear(&text);
	assert_int_equal(stat(prepared.batch_path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);

	char tx[80] = "";
	struct rollout_request early = commit_request(&prepared, "");
	char *calls = mem_strdup(prepared.calls_text); /* the rollout's own, and that one goes now */
	drive_run(&drive, &early);
	assert_string_equal(drive.outcome.error.code, "hash-not-allowed");
	prepared.calls_text = calls;
	execute(&prepared, tx);
	free(calls);
	struct rollout_request request = commit_request(&prepared, tx);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 0);
	assert_int_equal(drive_mark(&drive, "receipt"), MARK_GOOD);
	assert_int_equal(drive_mark(&drive, "after-hash"), MARK_GOOD);
}

static void another_transaction_is_no_proof(void **state)
{
	(void)state;
	struct rollout_request own = drive_request("checkout-web", drive_compose());
	drive_run(&drive, &own);
	must_succeed();
	char other[80];
	text_copy(other, sizeof(other), drive.outcome.transaction_hash);
	struct prepared prepared;
	prepare(&prepared);
	char tx[80] = "";
	execute(&prepared, tx);
	struct rollout_request request = commit_request(&prepared, other);
	drive_run(&drive, &request);
	assert_int_equal(drive.outcome.error.status, STATUS_CHECK);
	assert_int_equal(drive_mark(&drive, "receipt"), MARK_BAD);
}

/* ---- taken over: prepared elsewhere, known here by its hash alone ---- */

static struct api_pending waiting[4];
static size_t waiting_count;
static bool listed;

static void on_pending(void *ctx, const struct api_reply *reply, const struct api_pending *items, size_t count)
{
	(void)ctx;
	if (reply->error.status != STATUS_OK)
		fail_msg("%s", reply->error.message);
	waiting_count = count;
	for (size_t i = 0; i < count && i < 4; i++)
		waiting[i] = items[i];
	listed = true;
}

static void list_pending(void)
{
	const char *app = rollout_view(drive.rollout)->cvm.app_id;
	listed = false;
	api_get_pending(session_api(drive.session), app, on_pending, NULL);
	while (!listed)
		loop_turn(session_loop(drive.session), 100);
}

/* Another console, another machine: nothing but the CVM's name and the hash. */
static struct rollout_request take_over_request(const char *hash)
{
	struct rollout_request request = drive_request("treasury-signer", NULL);
	request.kind = ROLLOUT_COMMIT;
	request.commit_hash = mem_printf("0x%s", hash);
	return request;
}

static void pending_update_is_taken_over(void **state)
{
	(void)state;
	struct prepared prepared;
	char tx[80] = "";
	prepare(&prepared);
	list_pending();
	assert_int_equal(waiting_count, 1);
	assert_false(waiting[0].on_chain);
	char *calls = mem_strdup(prepared.calls_text);
	prepared.calls_text = calls;
	struct rollout_request early = take_over_request(waiting[0].compose_hash);
	drive_run(&drive, &early);
	assert_string_equal(drive.outcome.error.code, "hash-not-allowed");
	assert_int_equal(drive_requests(&drive, "POST", "commit-update"), 0);
	execute(&prepared, tx);
	free(calls);
	list_pending();
	assert_true(waiting[0].on_chain);
	struct rollout_request request = take_over_request(waiting[0].compose_hash);
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.cards, 0);
	assert_int_equal(drive_sent(&drive), 0);
	assert_int_equal(drive_mark(&drive, "after-hash"), MARK_GOOD);
	assert_string_equal(drive.outcome.compose_hash + 2, waiting[0].compose_hash);
	list_pending();
	assert_int_equal(waiting_count, 0);
}

static void a_hash_nobody_prepared_is_not_taken_over(void **state)
{
	(void)state;
	static const char unknown[] = "1111111111111111111111111111111111111111111111111111111111111111";
	struct rollout_request request = take_over_request(unknown), broken = take_over_request("12 34");
	drive_run(&drive, &request);
	assert_false(drive.outcome.success);
	assert_string_equal(drive.outcome.error.code, "hash-not-allowed");
	drive_run(&drive, &broken);
	assert_false(drive.outcome.success);
	assert_int_equal(drive.outcome.error.status, STATUS_INPUT);
	assert_int_equal(drive_sent(&drive), 0);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
}

static bool while_waiting(struct drive *d, const struct rollout_view *view)
{
	(void)d;
	return strstr(view->message, "waiting for the allowlist") != NULL;
}

static void watch_waits_for_the_owners(void **state)
{
	(void)state;
	struct prepared prepared;
	struct error err = { 0 };
	prepare(&prepared);
	char *calls = mem_strdup(prepared.calls_text), tx[80] = "";
	prepared.calls_text = calls;
	struct rollout_request request = commit_request(&prepared, "");
	request.watch = true;
	drive.stop = while_waiting;
	drive_run(&drive, &request);
	assert_true(drive.stopped);
	drive.stop = NULL;
	drive.stopped = false;
	execute(&prepared, tx);
	free(calls);
	if (!drive.over && !rollout_do(drive.rollout, ROLLOUT_RETRY_NOW, NULL, NULL, &err))
		print_message("# %s\n", err.message);
	drive_wait(&drive);
	must_succeed();
}

static void prepared_rollout_is_shown_again(void **state)
{
	(void)state;
	struct prepared prepared;
	char id[40];
	prepare(&prepared);
	text_copy(id, sizeof(id), drive.id);
	drive_open(&drive, drive.key);
	drive_resume(&drive, id);
	assert_int_equal(drive.phase, PHASE_PREPARED);
	assert_string_equal(rollout_view(drive.rollout)->prepared->safe_tx_hash, prepared.safe_tx_hash);
	assert_string_equal(rollout_view(drive.rollout)->prepared->token, prepared.token);
}

static void another_kms_than_pinned_is_red(void **state)
{
	(void)state;
	struct rollout_request first = drive_request("checkout-web", drive_compose());
	drive_run(&drive, &first);
	must_succeed();
	drive_control(&drive, "/__faults", "{\"backend\":{\"kms_contract\":\"0x1111111111111111111111111111111111111111\"}}");
	struct rollout_request request = drive_request("checkout-web", "services:\n  web:\n    image: nginx:1.28\n");
	drive_run(&drive, &request);
	assert_int_equal(drive.outcome.error.status, STATUS_CHECK);
	assert_int_equal(drive_mark(&drive, "target-pin"), MARK_BAD);
	assert_int_equal(drive_sent(&drive), 1);
}

static void override_is_typed_and_kept(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	request.can_override = true;
	drive.override = "would-boot because the test says so";
	drive_control(&drive, "/__faults", "{\"backend\":{\"kms_contract\":\"0x1111111111111111111111111111111111111111\"}}");
	drive_run(&drive, &request);
	must_succeed();
	assert_int_equal(drive.overrides, 1);
}

static bool at_the_red_check(struct drive *unused, const struct rollout_view *view)
{
	(void)unused;
	return view->waits_for_operator && view->phase == PHASE_CHECKING;
}

/* Begun where somebody could answer, resumed where nobody is: it ends instead of waiting, and an answer given beforehand counts. */
static void resumed_without_anybody_it_ends(void **state)
{
	(void)state;
	static const char *const overrides[] = { "would-boot=the test says so" };
	struct rollout_request request = drive_request("checkout-web", drive_compose()), moment = { .overrides = overrides, .override_count = 1 };
	char id[40];
	request.can_override = true;
	drive.stop = at_the_red_check;
	drive_control(&drive, "/__faults", "{\"backend\":{\"kms_contract\":\"0x1111111111111111111111111111111111111111\"}}");
	drive_run(&drive, &request);
	assert_true(drive.stopped);
	drive.stop = NULL;
	text_copy(id, sizeof(id), drive.id);
	drive_open(&drive, drive.key);
	drive_resume(&drive, id);
	assert_int_equal(drive.overrides, 0);
	assert_string_equal(drive.outcome.error.code, "would-boot");
	assert_int_equal(drive_sent(&drive), 0);
	drive.moment = &moment;
	drive_resume(&drive, id);
	drive.moment = NULL;
	must_succeed();
	assert_int_equal(drive_sent(&drive), 1);
}

/* What is given with a resume counts from then on. */
static void resume_takes_what_is_of_the_moment(void **state)
{
	(void)state;
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	const struct rollout_request moment = { .max_cost_wei = "1000000000000000000", .wait = true };
	char id[40];
	request.wait = false;
	text_copy(request.max_cost_wei, sizeof(request.max_cost_wei), "1");
	drive_run(&drive, &request);
	assert_string_equal(drive.outcome.error.code, "balance");
	text_copy(id, sizeof(id), drive.id);
	drive_resume(&drive, id); /* nothing is given: it is as it was begun */
	assert_string_equal(drive.outcome.error.code, "balance");
	assert_int_equal(drive_sent(&drive), 0);
	drive.moment = &moment;
	drive_resume(&drive, id);
	drive.moment = NULL;
	must_succeed();
	assert_int_equal(drive_mark(&drive, "after-hash"), MARK_GOOD); /* it was followed to the end */
}

static void two_consoles_do_not_meet(void **state)
{
	(void)state;
	struct rollout_request first = drive_request("checkout-web", drive_compose()), second = drive_request("checkout-web", drive_compose());
	struct drive other = drive;
	other.session = NULL;
	other.rollout = NULL;
	drive_open(&other, drive.key);
	/* the first holds the CVM from its reading on, even at the review */
	drive_run_until_review(&drive, &first);
	drive_run(&other, &second);
	assert_string_equal(other.outcome.error.code, "cvm-held");
	assert_non_null(strstr(other.outcome.error.message, "process"));
	/* once it has ended, its object may live on without holding anybody up */
	struct rollout_request third = drive_request("checkout-web", drive_compose());
	struct error err = { 0 };
	assert_true(rollout_do(drive.rollout, ROLLOUT_DECLINE, NULL, NULL, &err));
	drive_wait(&drive);
	drive_run(&other, &third);
	assert_int_equal(other.reviews, 1);
	drive_close(&other);
}

/* It failed here, was resumed elsewhere and ended there: a retry of what is known here would do it a second time. */
static void stale_rollout_is_not_retried(void **state)
{
	(void)state;
	struct rollout_request first = drive_request("checkout-web", drive_compose());
	const struct rollout_request moment = { .max_cost_wei = "1000000000000000000", .wait = true };
	struct drive other = drive;
	struct error err = { 0 };
	other.session = NULL;
	other.rollout = NULL;
	text_copy(first.max_cost_wei, sizeof(first.max_cost_wei), "1");
	drive_run(&drive, &first);
	assert_string_equal(drive.outcome.error.code, "balance");
	drive_open(&other, drive.key);
	other.moment = &moment;
	drive_resume(&other, drive.id);
	assert_true(other.outcome.success);
	drive.over = false;
	assert_true(rollout_do(drive.rollout, ROLLOUT_RETRY_NOW, NULL, NULL, &err));
	drive_wait(&drive);
	assert_string_equal(drive.outcome.error.code, "rollout-moved-on");
	assert_int_equal(drive_sent(&drive), 1);
	drive_close(&other);
}

static char *plan_path(void)
{
	return mem_printf("%s/plan.json", drive.state_dir);
}

static void write_plan(const char *path, bool env)
{
	struct error err = { 0 };
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	request.has_env = env;
	if (env)
		compose_env_add(&request.env, "SESSION_KEY", 11, "s3cret-value", 12);
	drive_run_until_review(&drive, &request);
	if (!rollout_write_plan(drive.rollout, path, &err))
		fail_msg("%s", err.message);
}

static void plan_is_done_exactly(void **state)
{
	(void)state;
	char *path = plan_path();
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	write_plan(path, true);
	assert_true(file_read(path, "plan", 1 << 20, &text, &err));
	assert_null(strstr(buf_text(&text), "s3cret"));
	buf_clear(&text);
	drive_apply(&drive, path);
	must_succeed();
	assert_int_equal(drive.cards, 1);
	drive_apply(&drive, path); /* it rests on what is no more */
	assert_string_equal(drive.outcome.error.code, "plan-changed");
	assert_int_equal(drive.outcome.error.status, STATUS_CHECK);
	assert_int_equal(drive_sent(&drive), 1);
	free(path);
}

static void plan_changed_by_hand_is_refused(void **state)
{
	(void)state;
	char *path = plan_path();
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	write_plan(path, false);
	assert_true(file_read(path, "plan", 1 << 20, &text, &err));
	char *at = strstr(text.data, "nginx:1.27");
	assert_non_null(at);
	at[9] = '8';
	assert_true(file_write(path, text.data, text.len, 0600, &err));
	buf_clear(&text);
	drive_apply(&drive, path);
	assert_string_equal(drive.outcome.error.code, "plan-broken");
	drive_apply(&drive, "/nowhere/plan.json");
	assert_string_equal(drive.outcome.error.code, "plan-missing");
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
	free(path);
}

static void without_a_journal_nothing_leaves(void **state)
{
	(void)state;
	struct error err = { 0 };
	char *plain = mem_printf("%s/plain", drive.state_dir), *own = drive.state_dir;
	assert_true(file_write(plain, "x", 1, 0600, &err));
	drive.state_dir = plain;
	drive_open(&drive, drive.key);
	drive.state_dir = own;
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	drive_run(&drive, &request);
	assert_int_equal(drive.outcome.error.status, STATUS_INPUT);
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
	assert_int_equal(drive_sent(&drive), 0);
	free(plain);
}

static void damaged_journal_stops_before_anything_leaves(void **state)
{
	(void)state;
	static const char text[] = "this is no journal, however long it goes on and on";
	struct error err = { 0 };
	char *path = mem_printf("%s/journal.db", drive.state_dir);
	assert_true(file_write(path, text, sizeof(text), 0600, &err));
	struct rollout_request request = drive_request("checkout-web", drive_compose());
	drive_run(&drive, &request);
	assert_string_equal(drive.outcome.error.code, "journal-damaged");
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
	free(path);
}

static void endpoints_that_differ_stop(void **state)
{
	(void)state;
	struct drive second;
	struct rollout_request request = drive_request("checkout-web", drive_compose()), elsewhere = drive_request("checkout-web", drive_compose());
	drive_begin(&second, NULL);
	drive_open(&second, second.key);
	drive_run(&second, &elsewhere); /* there the hash is allowed now, here it is not */
	unsigned there = drive_block(&second);
	while (drive_block(&drive) < there) /* what is read here is pinned to a block the other has passed */
		loop_turn(session_loop(drive.session), 50);
	drive.second_rpc = second.rpc;
	drive_open(&drive, drive.key);
	drive_run(&drive, &request);
	assert_int_equal(drive.outcome.error.status, STATUS_CHECK);
	assert_int_equal(drive_mark(&drive, "rpc-agreement"), MARK_BAD);
	assert_int_equal(drive_sent(&drive), 0);
	drive_end(&second);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(safe_owner_prepares_and_commits), CASE(another_transaction_is_no_proof), CASE(watch_waits_for_the_owners), CASE(pending_update_is_taken_over),
		CASE(a_hash_nobody_prepared_is_not_taken_over),
		CASE(prepared_rollout_is_shown_again), CASE(another_kms_than_pinned_is_red), CASE(override_is_typed_and_kept),
		CASE(resumed_without_anybody_it_ends), CASE(resume_takes_what_is_of_the_moment), CASE(stale_rollout_is_not_retried),
		CASE(two_consoles_do_not_meet), CASE(plan_is_done_exactly), CASE(plan_changed_by_hand_is_refused),
		CASE(without_a_journal_nothing_leaves), CASE(damaged_journal_stops_before_anything_leaves), CASE(endpoints_that_differ_stop),
	};
	struct error err = { 0 };
	return secret_setup(&err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
