/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What will change, before anything is sent: the hashes on top, then four
 * tabs. Approving is possible only here and only while the rollout waits; what
 * the keys do is in review_actions.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/flow.h"
#include "ui/review_screen.h"
#include "ui/review_tabs.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

static const char *const tab_names[TAB_COUNT] = { "Summary", "Compose", "Manifest", "Env" };

/* ---- the hashes ---- */

static void draw_old_hash(struct ui *ui, struct area area, int row, const struct review *review)
{
	char brief[TEXT_SHORT_SIZE];
	int col = area_put(area, row, 1, ROLE_DIM, "old hash ");

	col = area_put(area, row, col, ROLE_STRONG, short_hash(brief, review->old_hash));
	if (review->old_verified) {
		col = area_put(area, row, col, ROLE_GOOD, " ✓");
		col = area_putf(area, row, col, ROLE_TEXT, " recomputed, form “%s”", review->form);
	} else {
		col = area_put(area, row, col, ROLE_WARN, " ?");
		col = area_put(area, row, col, ROLE_WARN, " no known form gives it: the new hash cannot be foreseen");
	}
	if (review->old_on_chain == MARK_NONE)
		return;
	col = area_put(area, row, col, ROLE_DIM, " · ");
	col = area_put(area, row, col, mark_style(review->old_on_chain), mark_text(ui, review->old_on_chain));
	area_put(area, row, col, ROLE_TEXT, review->old_on_chain == MARK_GOOD ? " on chain" : review->old_on_chain == MARK_BAD ? " not on chain" : " chain not asked");
}

static const char *consequence(const struct review *review)
{
	if (review->nothing_changes)
		return "nothing changes";
	if (review->applies_at_once)
		return "no on-chain KMS: sending this applies it at once";
	if (!review->hash_changes)
		return review->env_changes ? "no signature needed; only the env ciphertext is sent" : "no signature needed";
	return "nothing was sent yet";
}

/* The review stays open behind the rollout, and must not say then that nothing was sent. */
static bool is_approved(const struct rollout_view *view)
{
	size_t i;

	for (i = 0; i < view->step_count; i++)
		if (text_equal(view->steps[i].id, "review"))
			return view->steps[i].state == STEP_DONE;
	return false;
}

/* Answered, and the answer is on its way to the disk: the phase is still this one. */
static bool is_writing(const struct rollout_view *view)
{
	return view->phase == PHASE_REVIEW && !view->waits_for_operator;
}

static void draw_new_hash(struct ui *ui, struct area area, int row, const struct rollout_view *view)
{
	const struct review *review = view->review;
	bool approved = is_approved(view);
	char brief[TEXT_SHORT_SIZE];
	int col = area_put(area, row, 1, ROLE_DIM, "new hash ");

	if (review->hash_changes) {
		col = area_put(area, row, col, ROLE_STRONG, review->new_hash[0] ? short_hash(brief, review->new_hash) : "–");
		col = area_put(area, row, col, ROLE_DIM, approved ? " approved" : " preview");
	} else {
		col = area_put(area, row, col, ROLE_STRONG, "unchanged");
	}
	col = area_put(area, row, col, ROLE_DIM, " · ");
	if (approved) {
		area_put(area, row, col, ROLE_TEXT, "the rollout shows what was done");
		return;
	}
	if (is_writing(view)) {
		area_putf(area, row, col, ROLE_TEXT, "%s %s…", ui_spinner(ui), view->message);
		return;
	}
	area_put(area, row, col, review->applies_at_once ? ROLE_WARN | ATTR_BOLD : ROLE_TEXT, consequence(review));
}

/* ---- the screen ---- */

static void compose_page(struct review_screen *self, const struct review *review, int width)
{
	struct page *page = &self->pages[self->tab];

	page_reset(page);
	if (self->tab == TAB_SUMMARY)
		review_add_summary(page, review, width);
	else if (self->tab == TAB_MANIFEST)
		review_add_manifest(page, review, width);
	else
		review_add_env(page, review, width);
}

static void draw_tab(struct review_screen *self, struct area body, const struct review *review)
{
	if (self->tab != TAB_COMPOSE) {
		compose_page(self, review, body.width);
		page_draw(&self->pages[self->tab], body);
	} else if (review->diff && (review->diff->added || review->diff->removed)) {
		diff_view_draw(&self->diff, body);
	} else {
		draw_empty(body, "The compose file is the same, byte for byte.", NULL);
	}
}

static void draw_tab_line(struct review_screen *self, struct area line, const struct review *review)
{
	const struct list *scroll = self->tab == TAB_COMPOSE ? &self->diff.scroll : &self->pages[self->tab].scroll;
	bool cut = self->tab == TAB_COMPOSE && self->diff.cut;
	char place[8], text[64];

	draw_tabs(line, 0, 1, tab_names, TAB_COUNT, self->tab);
	if (self->tab == TAB_COMPOSE && review->diff && (review->diff->added || review->diff->removed))
		snprintf(text, sizeof(text), "%s+%zu −%zu  %s", cut ? "→ more  " : "", review->diff->added, review->diff->removed, list_place(place, scroll));
	else
		snprintf(text, sizeof(text), "%s", list_place(place, scroll));
	area_put_before(line, 0, line.width - 1, ROLE_DIM, text);
}

static void draw_reading(struct ui *ui, struct area body, const struct rollout_view *view)
{
	char line[400];

	if (view && view->outcome) {
		draw_error(body, 2, &view->outcome->error);
		return;
	}
	snprintf(line, sizeof(line), "%s %s", ui_spinner(ui), view && view->message[0] ? view->message : "reading the CVM as it is now");
	draw_empty(body, line, "nothing has been sent");
}

static void review_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct review_screen *self = (struct review_screen *)screen;
	const struct rollout_view *view = flow_view(ui);
	struct area head, tabs;

	if (!view || !view->review) {
		draw_reading(ui, body, view);
		return;
	}
	diff_view_set(&self->diff, view->review->diff);
	head = area_top(&body, 2);
	draw_old_hash(ui, head, 0, view->review);
	draw_new_hash(ui, head, 1, view);
	area_rule(area_top(&body, 1), 0);
	tabs = area_top(&body, 1);
	area_top(&body, 1);
	draw_tab(self, body, view->review);
	draw_tab_line(self, tabs, view->review);
}

static void review_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	const struct rollout_view *view = flow_view(ui);

	(void)screen;
	buf_add_format(out, "%s › review", view ? view->cvm.name : "");
}

static void review_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct review_screen *self = (struct review_screen *)screen;

	(void)ui;
	scroll_move(self->tab == TAB_COMPOSE ? &self->diff.scroll : &self->pages[self->tab].scroll, move);
}

static void review_free(struct screen *screen)
{
	struct review_screen *self = (struct review_screen *)screen;
	size_t i;

	diff_view_clear(&self->diff);
	for (i = 0; i < TAB_COUNT; i++)
		page_clear(&self->pages[i]);
	free(self);
}

static const struct screen_ops review_ops = {
	.name = "review",
	.context = CTX_REVIEW,
	.draw = review_draw,
	.title = review_title,
	.move = review_move,
	.free = review_free,
};

struct screen *screen_review_new(struct ui *ui)
{
	struct review_screen *self = mem_new(1, sizeof(*self));

	(void)ui;
	self->screen.ops = &review_ops;
	return &self->screen;
}
