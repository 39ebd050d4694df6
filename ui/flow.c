/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rollout moves by itself; here the screens follow it: review when there
 * is something to approve, the checks while they run, the card over everything
 * when a signature is asked, then the timeline. A screen is changed only when
 * the phase changes and only from where the last change led: who went to
 * another screen meanwhile stays there, and is told how it ended.
 */
#include "ui/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/edit.h"
#include "ui/resume.h"
#include "ui/screens.h"

const struct rollout_view *flow_view(const struct ui *ui)
{
	return ui->rollout ? rollout_view(ui->rollout) : NULL;
}

bool flow_is_under_way(const struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view && view->phase > PHASE_REVIEW && view->phase < PHASE_DONE && view->phase != PHASE_PREPARED;
}

static bool is_following(const struct ui *ui)
{
	return !ui->followed || ui_context(ui) == ui->led_to || ui_context(ui) == CTX_ROLLOUT;
}

static void show(struct ui *ui, unsigned context, struct screen *(*make)(struct ui *ui))
{
	if (!ui_find(ui, context))
		ui_push(ui, make(ui));
	else
		ui_back_to(ui, context);
	ui->led_to = context;
}

/* What lies below the timeline is over: leaving it leads home, and v shows the review again. */
static void close_review(struct ui *ui)
{
	struct screen *review;

	while ((review = ui_find(ui, CTX_REVIEW)))
		ui_remove(ui, review);
}

static bool was_declined_at_review(const struct rollout_view *view)
{
	size_t i;

	for (i = 0; i < view->step_count; i++)
		if (text_equal(view->steps[i].id, "review"))
			return view->steps[i].state == STEP_FAILED && view->outcome && view->outcome->error.status == STATUS_DECLINED;
	return false;
}

static struct screen *make_allowlist(struct ui *ui)
{
	(void)ui;
	return screen_allowlist_new();
}

/* Where a phase is seen best. */
static void follow_phase(struct ui *ui, const struct rollout_view *view)
{
	switch (view->phase) {
	case PHASE_READING:
	case PHASE_REVIEW:
		if (view->kind == ROLLOUT_UPDATE || view->kind == ROLLOUT_PREPARE)
			show(ui, CTX_REVIEW, screen_review_new);
		else
			show(ui, CTX_ROLLOUT, screen_rollout_new);
		return;
	case PHASE_CHECKING:
		close_review(ui);
		show(ui, CTX_ROLLOUT, screen_rollout_new);
		show(ui, CTX_ALLOWLIST, make_allowlist);
		return;
	case PHASE_CARD:
		return;
	default:
		close_review(ui);
		show(ui, CTX_ROLLOUT, screen_rollout_new);
		return;
	}
}

static void say_end(struct ui *ui, const struct rollout_view *view)
{
	if (view->phase == PHASE_DONE)
		ui_say(ui, ROLE_GOOD, "✓ the rollout of %s is done; r shows it", view->cvm.name);
	else if (view->phase == PHASE_FAILED)
		ui_say(ui, ROLE_BAD, "✗ the rollout of %s failed; r shows why", view->cvm.name);
	else if (view->phase == PHASE_PREPARED)
		ui_say(ui, ROLE_GOOD, "✓ the update of %s is prepared; r shows it", view->cvm.name);
}

static void take_phase(struct ui *ui, const struct rollout_view *view)
{
	bool at_review = ui->phase <= PHASE_REVIEW && ui->followed;

	if (at_review && is_following(ui) && view->phase == PHASE_FAILED && was_declined_at_review(view)) {
		ui_back_to(ui, CTX_WORKSPACE);
		ui_say(ui, ROLE_TEXT, "not approved; nothing was sent");
	} else if (is_following(ui)) {
		follow_phase(ui, view);
	} else {
		say_end(ui, view);
	}
	ui->phase = view->phase;
	ui->followed = true;
}

static void follow_card(struct ui *ui, const struct rollout_view *view)
{
	struct screen *card = ui_find(ui, CTX_CARD);

	if (!view->outcome)
		ui->put_away = NULL;
	if (view->card && !card && ui->put_away != ui->rollout)
		ui_push(ui, screen_card_new(ui));
	else if (!view->card && card)
		ui_remove(ui, card);
}

static void on_changed(void *ctx, struct rollout *rollout)
{
	struct ui *ui = ctx;
	const struct rollout_view *view = rollout_view(rollout);

	if (!ui->rollout)
		ui->rollout = rollout;
	if (!view->card)
		follow_card(ui, view);
	if (!ui->followed || view->phase != ui->phase)
		take_phase(ui, view);
	follow_card(ui, view);
	ui_changed(ui);
	edit_when_ready(ui);
}

static void take_up(struct ui *ui, struct rollout *rollout, const struct error *err)
{
	if (!rollout) {
		ui_say_error(ui, err);
		return;
	}
	ui->rollout = rollout;
	ui->followed = false;
	on_changed(ui, rollout);
}

static bool make_room(struct ui *ui)
{
	if (flow_is_under_way(ui)) {
		ui_say(ui, ROLE_WARN, "a rollout is under way; r shows it");
		return false;
	}
	ui_back_to(ui, CTX_WORKSPACE);
	flow_end(ui);
	return true;
}

static bool has_more_than_compose(const struct rollout_request *request)
{
	return request->has_env || request->script_text || request->public_logs != TRI_KEEP || request->public_sysinfo != TRI_KEEP ||
	       request->public_tcbinfo != TRI_KEEP;
}

/* What the command line said of ceilings and overrides holds for every rollout begun or resumed here, whatever key did it. */
static void apply_moment(const struct ui *ui, struct rollout_request *request)
{
	const struct rollout_request *moment = ui->options->moment;

	request->can_override = request->wait = true;
	if (!moment)
		return;
	request->already_registered = moment->already_registered;
	request->confirmations = moment->confirmations;
	memcpy(request->max_cost_wei, moment->max_cost_wei, sizeof(request->max_cost_wei));
	memcpy(request->max_fee_wei, moment->max_fee_wei, sizeof(request->max_fee_wei));
	request->overrides = moment->overrides;
	request->override_count = moment->override_count;
}

/* rollout_start takes the members over, also when it fails; what remains is the struct. */
static void start(struct ui *ui, struct rollout_request *request)
{
	struct error err = { 0 };

	apply_moment(ui, request);
	ui->more_than_compose = has_more_than_compose(request);
	if (make_room(ui))
		take_up(ui, rollout_start(ui->session, request, on_changed, ui, &err), &err);
	else
		rollout_request_clear(request);
}

void flow_start(struct ui *ui, struct rollout_request *request)
{
	start(ui, request);
	free(request);
}

void flow_resume(struct ui *ui, const char *id)
{
	struct rollout_request moment = { 0 };
	struct error err = { 0 };

	apply_moment(ui, &moment);
	if (make_room(ui))
		take_up(ui, rollout_resume(ui->session, id, &moment, on_changed, ui, &err), &err);
}

bool flow_do(struct ui *ui, enum rollout_op op, const char *text, struct secret *secret)
{
	struct error err = { 0 };

	if (!ui->rollout)
		return false;
	if (rollout_do(ui->rollout, op, text, secret, &err))
		return true;
	ui_say_error(ui, &err);
	return false;
}

void flow_begin(struct ui *ui)
{
	if (ui->options->start == CONSOLE_REVIEW && ui->options->request)
		start(ui, ui->options->request);
	else if (ui->options->resume)
		flow_resume(ui, ui->options->resume);
	else
		resume_offer(ui);
}

static bool was_left_open(const struct ui *ui, const struct rollout_view *view)
{
	return flow_is_under_way(ui) || (view->resumed && view->phase <= PHASE_REVIEW);
}

static bool say_interrupted(const struct rollout_view *view, struct error *err)
{
	error_set(err, STATUS_INTERRUPTED, "interrupted", "left while the rollout of %s was under way; what was done so far is in the journal", view->cvm.name);
	return error_next(err, "cvmdeck resume %s goes on where it stands", view->id);
}

/* Who leaves a rollout begun from the list by a key was told so there; a signal asks nobody. */
bool flow_result(struct ui *ui, struct error *err)
{
	const struct rollout_view *view = flow_view(ui);

	if (view && ui->interrupted && was_left_open(ui, view))
		return say_interrupted(view, err);
	if (!view || ui->options->start != CONSOLE_REVIEW)
		return true;
	if (view->outcome && view->outcome->success)
		return true;
	if (view->outcome)
		*err = view->outcome->error;
	else if (view->phase <= PHASE_REVIEW)
		error_set(err, STATUS_DECLINED, "not-approved", "the review was not approved; nothing was sent");
	else
		return say_interrupted(view, err);
	return false;
}

void flow_end(struct ui *ui)
{
	struct screen *card = ui_find(ui, CTX_CARD);

	if (card)
		ui_remove(ui, card);
	rollout_free(ui->rollout);
	ui->rollout = NULL;
	ui->put_away = NULL;
	ui->followed = false;
}
