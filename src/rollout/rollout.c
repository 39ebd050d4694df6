/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running rollout: holds the data, gives events to the machine and its
 * effects to the adapters, tells the front end. Adapters may answer before
 * they returned; such events wait until the effects of the present one ran.
 */
#include "rollout/rollout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/crash.h"
#include "rollout/run.h"

static run_effect *const adapters[] = {
	[EFFECT_READ] = run_read,	      [EFFECT_PATCH] = run_patch,
	[EFFECT_CHECK] = run_check,	      [EFFECT_BUILD] = run_build,	  [EFFECT_SIGN] = run_sign,
	[EFFECT_BROADCAST] = run_broadcast,   [EFFECT_TRACK] = run_track,	  [EFFECT_STOP_TRACK] = run_stop_track,
	[EFFECT_CONFIRM] = run_confirm,	      [EFFECT_RESOLVE] = run_resolve,	  [EFFECT_PREPARE] = run_prepare,
	[EFFECT_WATCH] = run_watch,	      [EFFECT_STOP_WATCH] = run_stop_watch, [EFFECT_VERIFY] = run_verify,
	[EFFECT_TIMER] = run_timer,	      [EFFECT_REBUILD] = run_rebuild,
};

struct event run_new_event(enum event_kind kind)
{
	struct event event = { .kind = kind, .now_ms = clock_wall_ms() };
	return event;
}

static void tell(void *ctx)
{
	struct rollout *rollout = ctx;
	rollout->dirty = false;
	if (rollout->changed)
		rollout->changed(rollout->ctx, rollout);
}

void run_touch(struct rollout *rollout)
{
	run_fill_view(rollout);
	if (rollout->dirty)
		return;
	rollout->dirty = true;
	loop_defer(rollout->loop, tell, rollout);
}

void run_note(struct rollout *rollout, const char *fmt, ...)
{
	char text[sizeof(rollout->note)];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (strcmp(text, rollout->note) == 0)
		return;
	text_safe_copy(rollout->note, sizeof(rollout->note), text, strlen(text));
	timeline_note(&rollout->timeline, rollout->note);
	run_touch(rollout);
}

/* What has ended holds nobody else up. */
static void let_go(struct rollout *rollout)
{
	enum rollout_phase phase = rollout->view.phase;
	if (rollout->lock_fd < 0 || (phase != PHASE_DONE && phase != PHASE_FAILED && phase != PHASE_PREPARED))
		return;
	close(rollout->lock_fd);
	rollout->lock_fd = -1;
}

/* The journal's writes have places of their own, at the disk. */
static void run_one(struct rollout *rollout, const struct effect *effect)
{
	const char *name = machine_effect_name(effect->kind);
	if (effect->kind == EFFECT_JOURNAL) {
		run_journal(rollout, effect);
		return;
	}
	crash_before(name);
	if (machine_effect_answers(effect->kind))
		rollout->under_way = name;
	adapters[effect->kind](rollout, effect);
	if (!machine_effect_answers(effect->kind))
		crash_after(name);
}

static bool is_an_answer(const struct event *event)
{
	return event->kind != EVENT_JOURNALED && event->kind != EVENT_JOURNAL_FAILED && event->kind != EVENT_TIMER && event->kind != EVENT_OP;
}

static void step(struct rollout *rollout, const struct event *event)
{
	struct effects effects;
	enum machine_state before = rollout->machine.state;
	machine_step(&rollout->machine, event, &effects);
	timeline_update(&rollout->timeline, &rollout->machine, event->now_ms);
	if (rollout->machine.state != before)
		rollout->note[0] = '\0';
	for (size_t i = 0; i < effects.count; i++)
		run_one(rollout, &effects.list[i]);
	run_touch(rollout);
	if (rollout->view.outcome)
		let_go(rollout);
}

void run_event(struct rollout *rollout, struct event *event)
{
	if (is_an_answer(event) && rollout->under_way)
		crash_after(rollout->under_way);
	if (rollout->in_event) {
		if (rollout->queued < RUN_QUEUE)
			rollout->queue[rollout->queued++] = *event;
		return;
	}
	rollout->in_event = true;
	step(rollout, event);
	for (size_t i = 0; i < rollout->queued; i++) {
		struct event next = rollout->queue[i];
		step(rollout, &next);
	}
	rollout->queued = 0;
	rollout->in_event = false;
}

void run_fail(struct rollout *rollout, const struct error *err, bool resumable)
{
	struct event event = run_new_event(EVENT_FAILED);
	event.error = *err;
	event.resumable = resumable;
	run_event(rollout, &event);
}

static void on_timer(void *ctx)
{
	struct rollout *rollout = ctx;
	struct event event = run_new_event(EVENT_TIMER);
	run_event(rollout, &event);
}

void run_timer(struct rollout *rollout, const struct effect *effect)
{
	int64_t wait = effect->until_ms - clock_wall_ms();
	loop_timer_set(rollout->loop, &rollout->timer, wait > 0 ? wait : 0, on_timer, rollout);
}

void run_cancel(struct rollout *rollout)
{
	struct run_calls *calls = &rollout->calls;
	resolve_cancel(calls->resolve);
	api_cancel(calls->api);
	api_cancel(calls->poll);
	chain_read_cancel(calls->read);
	chain_call_cancel(calls->call);
	chain_prepare_cancel(calls->prepare);
	chain_broadcast_cancel(calls->broadcast);
	chain_lookup_cancel(calls->lookup);
	signer_cancel(calls->sign);
	watch_cancel(calls->watch);
	rpc_cancel(calls->receipt);
	rpc_cancel(calls->nonces);
	rpc_cancel(calls->search);
	memset(calls, 0, sizeof(*calls));
	loop_timer_cancel(&rollout->timer);
	loop_timer_cancel(&rollout->poll_timer);
	if (session_signer(rollout->session)) {
		signer_forget(session_signer(rollout->session));
		signer_on_idle_lock(session_signer(rollout->session), NULL, NULL);
	}
	if (rollout->explaining)
		*rollout->explaining = NULL;
	rollout->explaining = NULL;
	run_drop_write(rollout);
	run_drop_prepare(rollout);
	run_drop_agreement(rollout);
	loop_undefer(rollout->loop, rollout);
}

/* ---- beginning ---- */

static struct rollout *make(struct session *session, rollout_changed_fn *changed, void *ctx)
{
	struct rollout *rollout = mem_new(1, sizeof(*rollout));
	rollout->session = session;
	rollout->loop = session_loop(session);
	rollout->changed = changed;
	rollout->ctx = ctx;
	rollout->lock_fd = -1;
	return rollout;
}

static void run_first(void *ctx)
{
	static const struct effect first = { .kind = EFFECT_READ };
	run_one(ctx, &first);
}

static void begin(struct rollout *rollout)
{
	timeline_init(&rollout->timeline, rollout->plan.kind);
	timeline_update(&rollout->timeline, &rollout->machine, clock_wall_ms());
	run_fill_view(rollout);
	loop_defer(rollout->loop, run_first, rollout);
}

static bool take_overrides(struct rollout *rollout, struct error *err)
{
	struct rollout_request *request = &rollout->request;
	for (size_t i = 0; i < request->override_count; i++)
		if (!checks_expect_override(&rollout->checks, request->overrides[i], err))
			return false;
	request->overrides = NULL;
	request->override_count = 0;
	return true;
}

/* What is wrong with the operator's own files is said before anything is asked. */
static bool check_files(const struct rollout_request *request, struct error *err)
{
	if (!request->compose_text)
		return true;
	struct compose_summary *summary = compose_summary_new(NULL, 0, request->compose_text, request->compose_len, err);
	compose_summary_free(summary);
	return summary != NULL;
}

struct rollout *rollout_start(struct session *session, struct rollout_request *request, rollout_changed_fn *changed, void *ctx, struct error *err)
{
	struct effects effects;
	struct rollout *rollout = make(session, changed, ctx);
	rollout->request = *request;
	memset(request, 0, sizeof(*request));
	plan_from_request(&rollout->plan, &rollout->request);
	if (!check_files(&rollout->request, err) || !take_overrides(rollout, err)) {
		rollout_free(rollout);
		return NULL;
	}
	machine_start(&rollout->machine, &rollout->request, &effects);
	begin(rollout);
	return rollout;
}

/* After 466: the same change on what is there now, as a new rollout; what was mined for it counts. */
void run_rebuild(struct rollout *rollout, const struct effect *effect)
{
	struct plan *plan = &rollout->plan;
	struct effects effects;
	(void)effect;
	run_cancel(rollout);
	rollout->dirty = false;
	plan->asked_device[0] = plan->commit_token[0] = '\0';
	rollout->id[0] = '\0';
	rollout->written_ms = 0;
	rollout->resumed = rollout->has_list = rollout->has_review = rollout->has_card = false;
	memset(&rollout->checks, 0, sizeof(rollout->checks)); /* overrides too: they were for what was found then */
	rollout->request.kind = plan->kind;
	rollout->request.wait = plan->wait;
	rollout->request.already_registered = plan->already_registered;
	rollout->request.can_override = rollout->machine.can_override;
	machine_restart(&rollout->machine, &rollout->request, &effects);
	begin(rollout);
}

/* ---- resuming ---- */

/* The backend is not told a second time: what it asked for then stands on the card as it was recorded. */
static void recall_answer(struct rollout *rollout, const char *asked)
{
	char approved[65];
	hex_encode(approved, rollout->machine.facts.new_hash, 32);
	bool same = compose_hash_equal(asked, approved);
	checks_set(&rollout->checks, CHECK_HASH_BACKEND, same ? MARK_GOOD : MARK_BAD, asked,
		   same ? "equals the hash computed here; the answer is the journal's" : "in the journal, and not the hash that was approved");
}

static void take_entry(void *ctx, const struct journal_entry *entry)
{
	struct rollout *rollout = ctx;
	struct error ignored;
	if (strcmp(entry->what, machine_write_name(WRITE_PATCHED)) == 0)
		recall_answer(rollout, entry->text);
	if (entry->kind == JOURNAL_PREPARED)
		run_load_prepared(rollout, entry->text);
	if (entry->kind == JOURNAL_OVERRIDE && !checks_recall_override(&rollout->checks, entry->text, entry->digest, &ignored))
		run_note(rollout, "an override in the journal cannot be read");
}

static bool load_parts(struct rollout *rollout, const char *state, const char *plan, struct error *err)
{
	json *saved = json_parse(state, strlen(state), err);
	bool ok = saved && machine_load(&rollout->machine, saved, err);
	json_free(saved);
	saved = ok ? json_parse(plan, strlen(plan), err) : NULL;
	ok = saved && plan_load(&rollout->plan, saved, err);
	json_free(saved);
	return ok;
}

/* The lock before the state: whoever held the CVM until now may have written more. */
static bool find_and_lock(struct rollout *rollout, const char *id, struct journal_rollout *found, struct error *err)
{
	char this_one[JOURNAL_ID_SIZE];
	if (!journal_find(rollout->journal, id, found, err))
		return false;
	if (found->outcome[0])
		return true;
	text_copy(rollout->plan.cvm_uuid, sizeof(rollout->plan.cvm_uuid), found->cvm_uuid);
	text_copy(rollout->plan.cvm_name, sizeof(rollout->plan.cvm_name), found->cvm_name);
	text_copy(this_one, sizeof(this_one), found->id);
	return run_lock(rollout, err) && journal_find(rollout->journal, this_one, found, err);
}

static bool load(struct rollout *rollout, const char *id, struct error *err)
{
	struct journal_rollout found;
	char *state = NULL, *plan = NULL;
	rollout->journal = session_journal(rollout->session, err);
	if (!rollout->journal || !find_and_lock(rollout, id, &found, err))
		return false;
	text_copy(rollout->id, sizeof(rollout->id), found.id);
	rollout->written_ms = found.changed_ms;
	bool ok = journal_load(rollout->journal, found.id, &state, &plan, err) && load_parts(rollout, state, plan, err) &&
		  journal_entries(rollout->journal, found.id, take_entry, rollout, err);
	free(state);
	free(plan);
	if (!ok || !found.outcome[0] || strcmp(found.outcome, "done") == 0 || rollout->machine.restartable)
		return ok;
	error_set(err, STATUS_USAGE, "rollout-ended", "The rollout %s has ended (%s); there is nothing to go on with.", found.id, found.outcome);
	return error_next(err, "cvmdeck history %s shows what happened", found.id);
}

/* It ended when the backend had taken it, and now somebody wants to know what became of it. */
static bool is_to_be_followed(const struct machine *machine, const struct rollout_request *moment)
{
	return moment->wait && !machine->wait && machine->state == M_DONE && machine->accepted && !machine->removing_old;
}

/* Whoever goes on with it may be another than who began, with other wishes. */
static bool take_moment(struct rollout *rollout, const struct rollout_request *moment, struct error *err)
{
	static const struct rollout_request none = { 0 };
	struct plan *plan = &rollout->plan;
	struct machine *machine = &rollout->machine;
	if (!moment)
		moment = &none;
	machine->can_override = moment->can_override;
	bool follow = is_to_be_followed(machine, moment);
	if (follow)
		machine->state = M_ROLLING;
	machine->wait = plan->wait = plan->wait || moment->wait;
	machine->already_registered |= moment->already_registered; /* the machine's own says more than the plan's by now */
	plan->already_registered |= moment->already_registered;
	if (moment->confirmations)
		plan->confirmations = moment->confirmations;
	if (moment->max_cost_wei[0])
		text_copy(plan->max_cost_wei, sizeof(plan->max_cost_wei), moment->max_cost_wei);
	if (moment->max_fee_wei[0])
		text_copy(plan->max_fee_wei, sizeof(plan->max_fee_wei), moment->max_fee_wei);
	rollout->request.overrides = moment->overrides;
	rollout->request.override_count = moment->override_count;
	return (!follow || run_lock(rollout, err)) && take_overrides(rollout, err);
}

struct rollout *rollout_resume(struct session *session, const char *id, const struct rollout_request *moment, rollout_changed_fn *changed, void *ctx,
			       struct error *err)
{
	struct effects effects;
	struct rollout *rollout = make(session, changed, ctx);
	rollout->resumed = true;
	bool ok = load(rollout, id, err);
	bool anew = ok && rollout->machine.state == M_FAILED && rollout->machine.restartable;
	rollout->request.kind = rollout->plan.kind;
	if (anew)
		run_rebuild(rollout, NULL);
	if (!ok || !take_moment(rollout, moment, err)) {
		rollout_free(rollout);
		return NULL;
	}
	if (!anew) {
		machine_resume(&rollout->machine, &effects);
		begin(rollout);
	}
	return rollout;
}

/* ---- ending ---- */

static void free_tx(struct run_tx *tx)
{
	tx_prepared_clear(&tx->prepared);
	buf_clear(&tx->unsigned_bytes);
	buf_clear(&tx->raw);
	receipt_clear(&tx->receipt);
}

void rollout_free(struct rollout *rollout)
{
	if (!rollout)
		return;
	run_cancel(rollout);
	rollout_request_clear(&rollout->request);
	plan_clear(&rollout->plan);
	if (rollout->applied)
		plan_clear(rollout->applied);
	free(rollout->applied);
	run_clear_documents(&rollout->docs);
	cvm_detail_free(rollout->detail);
	allowlist_clear(&rollout->list);
	free_tx(&rollout->tx);
	free(rollout->card_cast);
	free(rollout->card_raw);
	free(rollout->card_data);
	free(rollout->prepared_calls);
	free(rollout->prepared_text);
	if (rollout->lock_fd >= 0)
		close(rollout->lock_fd);
	free(rollout);
}

const struct rollout_view *rollout_view(const struct rollout *rollout)
{
	return &rollout->view;
}
