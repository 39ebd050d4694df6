/* SPDX-License-Identifier: Apache-2.0 */
/* See rollout_drive.h. */
#include "unit/rollout_drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/plan_file.h"
#include "wire/http.h"

static char answer[1 << 20];

const char *drive_compose(void)
{
	return "services:\n  web:\n    image: nginx:1.27\n    ports:\n      - \"80:80\"\n";
}

static void take_told(struct child *sandbox, const char *name, char *out, size_t size)
{
	char *value = child_told(sandbox, name);

	text_copy(out, size, value);
	free(value);
}

void drive_begin(struct drive *drive, const char *faults)
{
	memset(drive, 0, sizeof(*drive));
	const char *const options[] = { "--speed", "8", "--mine-ms", "40", "--faults", faults ? faults : "{}", NULL };
	drive->sandbox = child_start_sandbox(options);
	take_told(drive->sandbox, "api", drive->api, sizeof(drive->api));
	take_told(drive->sandbox, "rpc", drive->rpc, sizeof(drive->rpc));
	take_told(drive->sandbox, "private-key", drive->key, sizeof(drive->key));
	take_told(drive->sandbox, "owner", drive->owner, sizeof(drive->owner));
	take_told(drive->sandbox, "other-key", drive->other_key, sizeof(drive->other_key));
	drive->state_dir = child_make_dir();
}

void drive_end(struct drive *drive)
{
	drive_close(drive);
	child_free(drive->sandbox);
	child_remove_dir(drive->state_dir);
	free(drive->state_dir);
}

void drive_open(struct drive *drive, const char *key)
{
	struct error err = { 0 };
	struct session_options options = { .api_prefix = drive->api, .rpc_urls = { drive->rpc }, .rpc_count = 1, .key_source = "a test",
					   .state_dir = drive->state_dir };
	if (drive->second_rpc)
		options.rpc_urls[options.rpc_count++] = drive->second_rpc;
	char api_key[] = "sandbox";
	drive_close(drive);
	secret_set(&options.api_key, api_key, strlen(api_key), false);
	if (key) {
		secret_alloc(&options.private_key, 32);
		assert_true(hex_decode(options.private_key.data, 32, key));
	}
	drive->session = session_new(&options, &err);
	if (!drive->session)
		fail_msg("%s", err.message);
	if (!drive->knows_nonce)
		drive->first_nonce = drive_nonce(drive);
	drive->knows_nonce = true;
}

void drive_close(struct drive *drive)
{
	rollout_free(drive->rollout);
	drive->rollout = NULL;
	session_free(drive->session);
	drive->session = NULL;
}

struct rollout_request drive_request(const char *cvm, const char *compose)
{
	struct rollout_request request = { .kind = ROLLOUT_UPDATE, .cvm_ref = mem_strdup(cvm), .wait = true };
	if (compose) {
		request.compose_path = mem_strdup("compose.yml");
		request.compose_text = mem_strdup(compose);
		request.compose_len = strlen(compose);
	}
	return request;
}

static void must(bool ok, const struct error *err)
{
	if (!ok)
		fail_msg("%s: %s", err->code, err->message);
}

static void answer_card(struct drive *drive, struct rollout *rollout, const struct card *card)
{
	struct error err = { 0 };
	char digest[67];
	drive->cards++;
	text_copy(drive->simulation, sizeof(drive->simulation), card->simulation);
	text_copy(drive->argument_note, sizeof(drive->argument_note), card->argument_note);
	hex_encode_0x(digest, card->digest, sizeof(card->digest));
	if (drive->decline_card)
		must(rollout_do(rollout, ROLLOUT_DECLINE, NULL, NULL, &err), &err);
	else if (drive->use_registered && card->can_skip)
		must(rollout_do(rollout, ROLLOUT_USE_REGISTERED, NULL, NULL, &err), &err);
	else
		must(rollout_do(rollout, ROLLOUT_SIGN, digest, NULL, &err), &err);
}

static void end(struct drive *drive, const struct error *err)
{
	drive->over = true;
	if (err)
		drive->outcome.error = *err;
}

static void answer_review(struct drive *drive, struct rollout *rollout, const struct review *review)
{
	struct error err = { 0 };
	drive->reviews++;
	text_copy(drive->form, sizeof(drive->form), review->form);
	if (!rollout_do(rollout, drive->decline_review ? ROLLOUT_DECLINE : ROLLOUT_APPROVE_REVIEW, NULL, NULL, &err))
		end(drive, &err);
}

static void changed(void *ctx, struct rollout *rollout)
{
	struct drive *drive = ctx;
	struct error err = { 0 };
	const struct rollout_view *view = rollout_view(rollout);
	text_copy(drive->id, sizeof(drive->id), view->id);
	drive->phase = view->phase;
	if (drive->stop && drive->stop(drive, view)) {
		drive->stopped = true;
		return;
	}
	if (view->outcome) {
		drive->outcome = *view->outcome;
		end(drive, NULL);
	} else if (view->waits_for_operator && view->phase == PHASE_REVIEW) {
		answer_review(drive, rollout, view->review);
	} else if (view->waits_for_operator && view->card) {
		answer_card(drive, rollout, view->card);
	} else if (view->waits_for_operator && view->phase == PHASE_CHECKING) {
		drive->overrides++;
		if (!drive->override || !rollout_do(rollout, ROLLOUT_OVERRIDE, drive->override, NULL, &err))
			must(rollout_do(rollout, ROLLOUT_DECLINE, NULL, NULL, &err), &err);
	}
}

void drive_wait(struct drive *drive)
{
	int64_t until = clock_mono_ms() + child_deadline_ms();
	while (!drive->over && !drive->stopped) {
		if (clock_mono_ms() > until)
			fail_msg("never ends; in %s: %s", rollout_phase_name(drive->phase), rollout_view(drive->rollout)->message);
		loop_turn(session_loop(drive->session), 100);
	}
}

static void fresh(struct drive *drive)
{
	rollout_free(drive->rollout);
	drive->rollout = NULL;
	drive->over = drive->stopped = false;
	drive->cards = drive->reviews = drive->overrides = 0;
	memset(&drive->outcome, 0, sizeof(drive->outcome));
}

void drive_run(struct drive *drive, struct rollout_request *request)
{
	fresh(drive);
	drive->rollout = rollout_start(drive->session, request, changed, drive, &drive->outcome.error);
	if (drive->rollout)
		drive_wait(drive);
}

void drive_apply(struct drive *drive, const char *path)
{
	struct rollout_request options = { .wait = true };
	fresh(drive);
	drive->rollout = rollout_apply(drive->session, path, &options, changed, drive, &drive->outcome.error);
	if (drive->rollout)
		drive_wait(drive);
}

static bool at_review(struct drive *drive, const struct rollout_view *view)
{
	(void)drive;
	return view->phase == PHASE_REVIEW;
}

void drive_run_until_review(struct drive *drive, struct rollout_request *request)
{
	drive->stop = at_review;
	drive_run(drive, request);
	drive->stop = NULL;
	assert_true(drive->stopped);
	drive->stopped = false;
}

void drive_resume(struct drive *drive, const char *id)
{
	fresh(drive);
	drive->rollout = rollout_resume(drive->session, id, drive->moment, changed, drive, &drive->outcome.error);
	if (drive->rollout)
		drive_wait(drive);
}

enum mark drive_mark(const struct drive *drive, const char *id)
{
	const struct rollout_view *view = rollout_view(drive->rollout);
	for (size_t i = 0; i < view->check_count; i++)
		if (strcmp(view->checks[i].id, id) == 0)
			return view->checks[i].mark;
	return MARK_NONE;
}

/* ---- the sandbox's control ---- */

static bool answered;

static void on_answer(void *ctx, const struct http_response *response, const struct error *err)
{
	(void)ctx;
	answered = true;
	if (response->status != 200)
		fail_msg("control: %d %s", response->status, err ? err->message : response->body);
	text_copy(answer, sizeof(answer), response->body);
}

static const char *fetch(struct drive *drive, const char *url, const char *body)
{
	struct http_request request = { .method = body ? "POST" : "GET", .url = url, .body = body, .body_len = body ? strlen(body) : 0 };
	struct http_handler handler = { .done = on_answer };
	answered = false;
	http_send(session_http(drive->session), &request, &handler);
	while (!answered)
		loop_turn(session_loop(drive->session), 100);
	return answer;
}

const char *drive_control(struct drive *drive, const char *path, const char *body)
{
	char url[160];
	snprintf(url, sizeof(url), "%.*s%s", (int)(strstr(drive->api, "/api/") - drive->api), drive->api, path);
	return fetch(drive, url, body);
}

static const char *ask_node(struct drive *drive, const char *body)
{
	static char result[4096];
	struct error err = { 0 };
	const char *text = fetch(drive, drive->rpc, body);
	json *tree = json_parse(text, strlen(text), &err);
	text_copy(result, sizeof(result), json_text(tree, "result"));
	json_free(tree);
	return result;
}

static unsigned ask_number(struct drive *drive, const char *body)
{
	return (unsigned)strtoul(ask_node(drive, body), NULL, 16);
}

unsigned drive_nonce(struct drive *drive)
{
	char body[200];
	snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getTransactionCount\",\"params\":[\"%s\",\"pending\"]}", drive->owner);
	return ask_number(drive, body);
}

unsigned drive_block(struct drive *drive)
{
	return ask_number(drive, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_blockNumber\",\"params\":[]}");
}

const char *drive_call(struct drive *drive, const char *to, const char *data)
{
	char body[600];
	snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]}", to,
		 data);
	return ask_node(drive, body);
}

unsigned drive_sent(struct drive *drive)
{
	return drive_nonce(drive) - drive->first_nonce;
}

unsigned drive_requests(struct drive *drive, const char *method, const char *target)
{
	struct error err = { 0 };
	unsigned count = 0;
	const char *text = drive_control(drive, "/__requests", NULL);
	json *all = json_parse(text, strlen(text), &err);
	for (const json *item = json_first(json_member(all, "requests")); item; item = json_next(item))
		count += strcmp(json_text(item, "method"), method) == 0 && strstr(json_text(item, "target"), target);
	json_free(all);
	return count;
}
