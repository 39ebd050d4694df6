/* SPDX-License-Identifier: Apache-2.0 */
/* An old document deployed again: all that is hashed comes back, and what an update cannot set is said. */
#include "unit/rollout_drive.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/request.h"
#include "rollout/run.h"

static struct drive drive;

/* What the review said of the old document. */
static struct {
	bool is_there, same_hash;
	char label[96], left[200]; /* names of what could not be taken over, a blank behind each */
} seen;

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

static bool look(struct drive *d, const struct rollout_view *view)
{
	const struct review_origin *origin = view->review ? view->review->origin : NULL;

	(void)d;
	if (view->phase != PHASE_REVIEW)
		return false;
	seen.is_there = origin != NULL;
	seen.same_hash = origin && origin->same_hash;
	seen.left[0] = '\0';
	text_copy(seen.label, sizeof(seen.label), origin ? origin->label : "");
	for (size_t i = 0; origin && i < origin->manifest->count; i++)
		if (origin->manifest->fields[i].kind != COMPOSE_FIELD_SAME)
			strcat(strcat(seen.left, origin->manifest->fields[i].name), " ");
	return false;
}

/* The document in force, and its hash. The caller frees. */
static char *present_document(const char *cvm, char hash[67])
{
	struct rollout_request request = drive_request(cvm, NULL);
	const char *text;
	size_t len;
	char *copy;

	request.review_only = true;
	drive_run_until_review(&drive, &request);
	text = compose_document_raw(drive.rollout->docs.old, &len);
	copy = mem_copy(text, len);
	text_copy(hash, 67, drive.rollout->plan.reported);
	rollout_free(drive.rollout);
	drive.rollout = NULL;
	return copy;
}

/* Changes all that an update can change. */
static void change_everything(const char *cvm)
{
	struct rollout_request request = drive_request(cvm, drive_compose());

	request.script_text = mem_strdup("#!/bin/sh\necho other\n");
	request.script_len = strlen(request.script_text);
	request.has_env = true;
	compose_env_add(&request.env, "OTHER_KEY", 9, "s3cret", 6);
	request.public_logs = TRI_OFF;
	request.public_sysinfo = TRI_OFF;
	request.public_tcbinfo = TRI_OFF;
	drive_run(&drive, &request);
	must_succeed();
}

static void deploy_again(const char *cvm, const char *text)
{
	struct rollout_request request = drive_request(cvm, NULL);
	struct error err;

	drive.stop = look;
	if (!rollout_request_document(&request, "of last week", text, strlen(text), &err))
		fail_msg("%s", err.message);
	drive_run(&drive, &request);
	drive.stop = NULL;
}

static void old_document_comes_back_whole(void **state)
{
	char before[67], after[67], *old, *now;

	(void)state;
	old = present_document("checkout-web", before);
	change_everything("checkout-web");
	deploy_again("checkout-web", old);
	must_succeed();
	assert_true(seen.is_there && seen.same_hash);
	assert_string_equal(seen.label, "of last week");
	now = present_document("checkout-web", after);
	assert_string_equal(after, before);
	assert_string_equal(now, old);
	free(old);
	free(now);
}

/* It had no script; an update can only leave an empty one, which is another text in the compact form. */
static void what_cannot_be_taken_over_is_said(void **state)
{
	char before[67], *old;

	(void)state;
	old = present_document("fleet-agent", before);
	assert_null(strstr(old, "pre_launch_script"));
	change_everything("fleet-agent");
	deploy_again("fleet-agent", old);
	must_succeed();
	assert_true(seen.is_there && !seen.same_hash);
	assert_string_equal(seen.left, "pre_launch_script ");
	free(old);
}

/* A member that no update knows stays as it is. */
static void unknown_members_stay(void **state)
{
	char before[67], *old, *at;

	(void)state;
	old = present_document("checkout-web", before);
	at = strstr(old, "\"zfs\"");
	assert_non_null(at);
	memcpy(at, "\"xfs\"", 5);
	change_everything("checkout-web");
	deploy_again("checkout-web", old);
	must_succeed();
	assert_false(seen.same_hash);
	assert_string_equal(seen.left, "storage_fs ");
	free(old);
}

/* Neither then nor now a script: none is sent, so the hash stays what it was. */
static void no_script_stays_no_script(void **state)
{
	char before[67], *old;

	(void)state;
	old = present_document("fleet-agent", before);
	deploy_again("fleet-agent", old);
	assert_string_equal(drive.outcome.error.code, "nothing-changes");
	assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
	free(old);
}

static void what_is_no_document_is_refused(void **state)
{
	struct rollout_request request = drive_request("checkout-web", NULL);
	struct error err = { 0 };

	(void)state;
	assert_false(rollout_request_document(&request, "x", "{\"name\":\"y\"}", 12, &err));
	assert_string_equal(err.code, "no-compose");
	assert_false(rollout_request_document(&request, "x", "nonsense", 8, &err));
	rollout_request_clear(&request);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(old_document_comes_back_whole), CASE(what_cannot_be_taken_over_is_said), CASE(unknown_members_stay), CASE(no_script_stays_no_script),
		CASE(what_is_no_document_is_refused),
	};
	struct error err = { 0 };
	return secret_setup(&err) ? cmocka_run_group_tests_name("again", tests, NULL, NULL) : 1;
}
