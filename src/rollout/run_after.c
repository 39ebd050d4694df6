/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the backend took it: following the CVM to running (its state stream,
 * and reading it whole where the hash matters), and the last checks.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"
#include "chain/contract.h"
#include "rollout/rtmr3.h"
#include "rollout/run.h"

enum { REPORT_PATIENCE_MS = 20 * 60 * 1000, REPORT_EXCUSED_MS = 30 * 1000, POLL_FAST_MS = 700, POLL_SLOW_MS = 5000, POLL_FAST_FOR_MS = 20000 };

static const char *reference(const struct rollout *rollout, char out[CVM_REF_SIZE])
{
	return cvm_ref(out, &rollout->detail->cvm);
}

/* ---- what the CVM is doing ---- */

static void went_back_error(const struct rollout *rollout, struct error *err)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	const char *id = rollout->machine.correlation_id[0] ? rollout->machine.correlation_id : "unknown";
	if (cvm->boot_error[0])
		error_set(err, STATUS_CHECK, "boot-error", "The CVM did not boot the new compose: %s (correlation id %s).", cvm->boot_error, id);
	else if (!compose_hash_equal(cvm->compose_hash, rollout->plan.reported))
		error_set(err, STATUS_CHECK, "after-hash", "The CVM runs the compose %.66s, which is not the one that was signed (correlation id %s).", cvm->compose_hash, id);
	else
		error_set(err, STATUS_CHECK, "went-back", "The CVM runs its old compose again (correlation id %s).", id);
	error_next(err, "read the serial log; if it keeps happening, give support the correlation id");
}

static void give_state(struct rollout *rollout, bool whole)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	struct event event = run_new_event(EVENT_STATE);
	event.live.busy = cvm->in_progress || cvm->state == CVM_STATE_CHANGING;
	event.live.running = cvm->state == CVM_STATE_RUNNING;
	event.live.known = whole;
	event.live.has_new = whole && compose_hash_equal(cvm->compose_hash, rollout->plan.new_hash);
	event.live.has_old = whole && compose_hash_equal(cvm->compose_hash, rollout->plan.reported);
	event.live.boot_error = cvm->boot_error[0] && !event.live.busy;
	text_copy(event.correlation_id, sizeof(event.correlation_id), cvm->in_progress ? cvm->correlation_id : "");
	went_back_error(rollout, &event.error);
	if (event.live.busy && rollout->machine.state == M_ROLLING)
		checks_set(&rollout->checks, CHECK_AFTER_STARTED, MARK_GOOD, cvm->status, "an operation was seen in progress");
	run_note(rollout, "%s%s%s", cvm->status, cvm->boot_progress[0] ? ": " : "", cvm->boot_progress);
	run_event(rollout, &event);
}

static void poll_later(struct rollout *rollout);

/* It started and runs something else now: only its status says why. */
static bool wants_reason(const struct rollout *rollout)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	const struct machine *machine = &rollout->machine;
	return machine->state == M_ROLLING && machine->facts.hash_changes && machine->seen_started && cvm->state == CVM_STATE_RUNNING &&
	       !cvm->in_progress && !cvm->boot_error[0] && !compose_hash_equal(cvm->compose_hash, rollout->plan.new_hash);
}

static void polled(struct rollout *rollout)
{
	give_state(rollout, true);
	if (rollout->machine.state == M_ROLLING)
		poll_later(rollout);
}

static void on_reason(void *ctx, const struct api_reply *reply, const json *status)
{
	struct rollout *rollout = ctx;
	(void)reply; /* without it the failure is told without its reason */
	rollout->calls.poll = NULL;
	if (status && json_text(status, "boot_error")[0])
		text_safe_copy(rollout->detail->cvm.boot_error, sizeof(rollout->detail->cvm.boot_error), json_text(status, "boot_error"),
			       strlen(json_text(status, "boot_error")));
	polled(rollout);
}

static void on_polled(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	char ref[CVM_REF_SIZE];
	rollout->calls.poll = NULL;
	if (!detail) {
		run_note(rollout, "the CVM cannot be read: %.120s", reply->error.message);
		poll_later(rollout);
		return;
	}
	rollout->detail->cvm = detail->cvm;
	if (wants_reason(rollout))
		rollout->calls.poll = api_get_state(session_api(rollout->session), reference(rollout, ref), on_reason, rollout);
	else
		polled(rollout);
}

static void poll(void *ctx)
{
	struct rollout *rollout = ctx;
	char ref[CVM_REF_SIZE];
	if (!rollout->calls.poll)
		rollout->calls.poll = api_get_cvm(session_api(rollout->session), reference(rollout, ref), API_VERSION_NEWER, on_polled, rollout);
}

/* Quick at first, since what starts is seen only once; later the stream says when to look. */
static void poll_later(struct rollout *rollout)
{
	bool young = clock_mono_ms() - rollout->live_since_ms < POLL_FAST_FOR_MS;
	loop_timer_set(rollout->loop, &rollout->poll_timer, young ? POLL_FAST_MS : POLL_SLOW_MS, poll, rollout);
}

static void on_watch_event(void *ctx, enum watch_event kind, const json *data)
{
	struct rollout *rollout = ctx;
	struct cvm *cvm = &rollout->detail->cvm;
	if ((kind != WATCH_STATE && kind != WATCH_COMPLETE) || !data || !cvm_update_status(cvm, data))
		return;
	if (cvm->state == CVM_STATE_RUNNING && !cvm->in_progress)
		poll(rollout); /* the hash decides, and the stream does not carry it */
	else
		give_state(rollout, false);
}

static void on_watch_done(void *ctx, const json *last, const struct error *err)
{
	struct rollout *rollout = ctx;
	(void)last;
	(void)err; /* polling goes on without the stream */
	rollout->calls.watch = NULL;
}

void run_watch(struct rollout *rollout, const struct effect *effect)
{
	static const struct watch_options options = { 0 };
	const struct watch_handler handler = { on_watch_event, on_watch_done, rollout };
	char ref[CVM_REF_SIZE];
	(void)effect;
	rollout->live_since_ms = clock_mono_ms();
	rollout->calls.watch = watch_start(session_api(rollout->session), reference(rollout, ref), &options, &handler);
	poll(rollout);
}

static void set_running(struct rollout *rollout)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	bool good = cvm->state == CVM_STATE_RUNNING && !cvm->in_progress && !cvm->boot_error[0];
	checks_set(&rollout->checks, CHECK_AFTER_RUNNING, good ? MARK_GOOD : MARK_BAD, cvm->status, cvm->boot_error);
}

static void set_hash(struct rollout *rollout)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	bool same = compose_hash_equal(cvm->compose_hash, rollout->plan.new_hash);
	checks_set(&rollout->checks, CHECK_AFTER_HASH, same ? MARK_GOOD : MARK_BAD, cvm->compose_hash, same ? "the hash computed here" : "not the hash computed here");
}

/* It ends here, and not well: the rows say what did not come. */
static void set_missing(struct rollout *rollout)
{
	const struct cvm *cvm = &rollout->detail->cvm;
	if (!rollout->machine.seen_started)
		checks_set(&rollout->checks, CHECK_AFTER_STARTED, MARK_BAD, cvm->status, "no operation was seen to begin");
	set_running(rollout);
	set_hash(rollout);
}

static bool ends_badly(const struct machine *machine)
{
	return machine->state == M_FAILED || (machine->writing == WRITE_OUTCOME && machine->after == M_FAILED);
}

void run_stop_watch(struct rollout *rollout, const struct effect *effect)
{
	(void)effect;
	watch_cancel(rollout->calls.watch);
	rollout->calls.watch = NULL;
	api_cancel(rollout->calls.poll);
	rollout->calls.poll = NULL;
	loop_timer_cancel(&rollout->poll_timer);
	if (ends_badly(&rollout->machine))
		set_missing(rollout);
}

static void on_resolved(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (!detail) {
		run_fail(rollout, &reply->error, true);
		return;
	}
	rollout->detail->cvm = detail->cvm;
	give_state(rollout, true);
}

void run_resolve(struct rollout *rollout, const struct effect *effect)
{
	char ref[CVM_REF_SIZE];
	(void)effect;
	rollout->calls.api = api_get_cvm(session_api(rollout->session), reference(rollout, ref), API_VERSION_NEWER, on_resolved, rollout);
}

/* ---- the last checks ---- */

static void verdict(struct rollout *rollout)
{
	struct event event = run_new_event(EVENT_VERIFIED);
	const struct check *red = checks_red(&rollout->checks);
	event.flag = !red;
	event.checked.overridable = red && checks_overridable(red);
	event.checked.unrecorded = !red && checks_unrecorded(&rollout->checks);
	rollout->report_since_ms = 0;
	event.gone = red && red == checks_find(&rollout->checks, CHECK_AFTER_ALLOWED);
	if (event.gone) { /* the bytes to be sent again are the journal's */
		run_note(rollout, "the chain was reorganised: the transaction is sent again");
		buf_reset(&rollout->tx.raw);
		rollout->tx.out = false;
	}
	if (red) {
		checks_error(red, &event.error);
		event.resumable = true;
	}
	run_event(rollout, &event);
}

static unsigned log_version(const struct rollout *rollout)
{
	const struct compose_document *document = rollout->docs.fresh;
	if (!document)
		return 1;
	return exact_json_number(exact_json_get(compose_document_tree(document), "event_log_version"), 1) >= 2 ? 2 : 1;
}

static void judge_log(struct rollout *rollout, const struct rtmr3_verdict *found)
{
	struct buf text = BUF_INIT;
	if (!found->problems) {
		checks_set(&rollout->checks, CHECK_AFTER_TEE, MARK_GOOD, rollout->plan.new_hash, "reported by the TEE, quote signature not verified here");
		return;
	}
	for (unsigned bit = 1; bit < 1u << RTMR3_PROBLEMS; bit <<= 1)
		if (found->problems & bit)
			buf_add_format(&text, "%s%s", text.len ? "; " : "", rtmr3_problem_text(bit));
	checks_set(&rollout->checks, CHECK_AFTER_TEE, MARK_BAD, "does not fit", buf_text(&text));
	buf_clear(&text);
}

static void check_log(struct rollout *rollout, const json *info)
{
	struct buf text = BUF_INIT;
	struct rtmr3_log log = { 0 };
	struct rtmr3_verdict found;
	struct error err;
	uint8_t rtmr3[RTMR3_SIZE], want[32];
	json_print(&text, json_member(info, "event_log"));
	if (!hex_decode(rtmr3, sizeof(rtmr3), json_text(info, "rtmr3")) || !hex_decode(want, sizeof(want), rollout->plan.new_hash)) {
		checks_set(&rollout->checks, CHECK_AFTER_TEE, MARK_BAD, "malformed", "the attestation names no RTMR3 of 48 bytes");
	} else if (!rtmr3_log_parse(&log, buf_text(&text), text.len, log_version(rollout), &err)) {
		checks_set(&rollout->checks, CHECK_AFTER_TEE, MARK_BAD, "malformed", err.message);
	} else {
		rtmr3_check(&found, &log, rtmr3, want);
		judge_log(rollout, &found);
	}
	rtmr3_log_clear(&log);
	buf_clear(&text);
}

/* ---- its report ---- */

/* Where nothing has been said against its lack it is waited for as long as for the CVM itself. */
static int64_t patience_ms(const struct rollout *rollout)
{
	const struct check_override *override = &rollout->checks.overrides[CHECK_AFTER_REPORT];
	if (!override->reason[0])
		return REPORT_PATIENCE_MS;
	return override->recorded ? 0 : REPORT_EXCUSED_MS;
}

static void begin_report(struct rollout *rollout)
{
	if (rollout->report_since_ms)
		return;
	rollout->report_since_ms = clock_mono_ms();
	rollout->report_until_ms = clock_wall_ms() + patience_ms(rollout);
	checks_forget(&rollout->checks, CHECK_AFTER_REPORT);
	checks_forget(&rollout->checks, CHECK_AFTER_TEE);
}

/* never: it will not come, however long it is asked for. */
static void no_report(struct rollout *rollout, const char *value, const char *why, bool never)
{
	struct event later = run_new_event(EVENT_VERIFIED);
	char until[CLOCK_TEXT_SIZE];
	bool waits = !never && !checks_red(&rollout->checks) && clock_mono_ms() - rollout->report_since_ms < patience_ms(rollout);
	checks_set(&rollout->checks, CHECK_AFTER_REPORT, waits ? MARK_RUNNING : MARK_BAD, value, why);
	if (!waits) {
		verdict(rollout);
		return;
	}
	later.later = true;
	run_note(rollout, "no report of the TEE yet, asked for until %s: %.100s", clock_format_local(until, rollout->report_until_ms), why);
	run_event(rollout, &later);
}

/* Asked too early, too often, or of a server in trouble; anything else is its answer. */
static bool is_final(int status)
{
	return status >= 400 && status < 500 && status != 408 && status != 409 && status != 425 && status != 429;
}

static void no_tcb_info(struct rollout *rollout, const json *answer)
{
	const char *why = json_text(answer, "error");
	if (!json_flag(answer, "is_public", true) || rollout->detail->cvm.public_tcbinfo == CVM_NO)
		no_report(rollout, "not public", "public_tcbinfo is off, so the CVM shows nothing of its TEE", true);
	else if (!json_flag(answer, "is_online", true))
		no_report(rollout, "not online", why[0] ? why : "the CVM does not answer the API", false);
	else
		no_report(rollout, "no TCB info", why[0] ? why : "the API shows none for this CVM", false);
}

static void on_attestation(void *ctx, const struct api_reply *reply, const json *answer)
{
	struct rollout *rollout = ctx;
	const json *info = json_member(answer, "tcb_info");
	rollout->calls.api = NULL;
	if (!answer) {
		no_report(rollout, "no answer", reply->error.message, is_final(reply->status));
	} else if (json_kind(info) != JSON_OBJECT) {
		no_tcb_info(rollout, answer);
	} else {
		checks_set(&rollout->checks, CHECK_AFTER_REPORT, MARK_GOOD, "there", "");
		check_log(rollout, info);
		verdict(rollout);
	}
}

static void ask_report(struct rollout *rollout)
{
	char ref[CVM_REF_SIZE];
	rollout->calls.api = api_get_attestation(session_api(rollout->session), reference(rollout, ref), on_attestation, rollout);
}

/* A block may have been lost behind the confirm, and the transaction with it. */
static void on_allowed(void *ctx, const uint8_t *data, size_t len, const struct error *failure)
{
	struct rollout *rollout = ctx;
	struct error err;
	bool allowed = false;
	if (data && contract_decode_bool(CALL_ALLOWED_COMPOSE_HASHES, data, len, &allowed, &err))
		checks_set(&rollout->checks, CHECK_AFTER_ALLOWED, allowed ? MARK_GOOD : MARK_BAD, allowed ? "yes" : "no",
			   allowed ? "read after the CVM came up" : "the transaction that allowed it is not on the chain any more");
	else
		checks_set(&rollout->checks, CHECK_AFTER_ALLOWED, MARK_UNKNOWN, "not read", data ? err.message : failure->message);
	ask_report(rollout);
}

static void ask_allowed(struct rollout *rollout)
{
	struct bytes32 hash;
	struct buf data = BUF_INIT;
	if (!rollout->plan.onchain || !rollout->rpc_count || !bytes32_parse(&hash, rollout->plan.new_hash)) {
		ask_report(rollout);
		return;
	}
	contract_encode_word(CALL_ALLOWED_COMPOSE_HASHES, &hash, &data);
	const struct call_request call = { .to = &rollout->contract, .data = (const uint8_t *)data.data, .len = data.len };
	run_ask_all(rollout, &call, "latest", on_allowed);
	buf_clear(&data);
}

static void on_final(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail)
{
	struct rollout *rollout = ctx;
	rollout->calls.api = NULL;
	if (!detail && rollout->machine.asked) { /* it was read before: only the report is missing */
		no_report(rollout, "no answer", reply->error.message, false);
		return;
	}
	if (!detail) {
		run_fail(rollout, &reply->error, true);
		return;
	}
	rollout->detail->cvm = detail->cvm;
	if (!checks_find(&rollout->checks, CHECK_AFTER_STARTED))
		checks_set(&rollout->checks, CHECK_AFTER_STARTED, rollout->machine.facts.hash_changes ? MARK_GOOD : MARK_UNKNOWN,
			   rollout->machine.facts.hash_changes ? "another compose than before" : "not seen",
			   rollout->machine.facts.hash_changes ? "" : "the hash does not change, so only a restart could have been seen");
	set_running(rollout);
	set_hash(rollout);
	ask_allowed(rollout);
}

void run_verify(struct rollout *rollout, const struct effect *effect)
{
	char ref[CVM_REF_SIZE];
	(void)effect;
	begin_report(rollout);
	rollout->calls.api = api_get_cvm(session_api(rollout->session), reference(rollout, ref), API_VERSION_NEWER, on_final, rollout);
}
