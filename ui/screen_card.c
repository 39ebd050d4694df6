/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature card: the one thing with a frame of its own. What is signed
 * is what stands here, or nothing is:
 *  - keys typed before it was painted are thrown away, and so are pastes;
 *  - the approval names the digest of the card that was painted;
 *  - where the card is longer than the screen, it must be read to its end;
 *  - where a check is red, no signature is offered at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/card_lines.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

enum { CARD_ROW = 24, CARD_ABOVE = 18 }; /* rows that the contract's answers and the first checks take */

struct card_screen {
	struct screen screen;
	uint8_t digest[32]; /* of the card last composed */
	bool composed, painted, answered, raw, seen_end;
	struct page page;
};

static struct card_screen *card_screen_of(struct ui *ui)
{
	return (struct card_screen *)ui_find(ui, CTX_CARD);
}

static const struct card *card_of(struct ui *ui)
{
	const struct rollout_view *view = flow_view(ui);

	return view ? view->card : NULL;
}

/* ---- the screen ---- */

/* Another card than the one painted: it has to be seen before any key counts. */
static void meet(struct card_screen *self, struct ui *ui, const struct card *card)
{
	if (self->composed && memcmp(self->digest, card->digest, sizeof(self->digest)) == 0)
		return;
	memcpy(self->digest, card->digest, sizeof(self->digest));
	self->composed = true;
	self->painted = self->answered = self->raw = self->seen_end = false;
	self->page.scroll.top = 0;
	ui->forget_keys = true;
}

static int draw_button(struct area area, int row, int col, const char *key, const char *word, bool chosen)
{
	text_style look = chosen ? ROLE_STRONG : ROLE_TEXT;

	col = area_put(area, row, col, look, "[ ");
	col = area_put(area, row, col, ROLE_ACCENT | ATTR_BOLD, key);
	col = area_putf(area, row, col, look, " %s ]", word);
	return col + 3;
}

/* Who only watches sees what is to be signed elsewhere before anything ends here. */
static const char *sign_word(const struct card *card, bool raw)
{
	if (card->cast)
		return raw ? "end here, go on once it is mined" : "show what to sign elsewhere";
	return card->needs_unlock ? "unlock the key first" : "sign and send";
}

static void draw_buttons(struct ui *ui, struct area area, const struct card *card, const struct card_screen *self)
{
	int row = area.height - 2, col = 3;

	if (self->answered) {
		area_putf(area, row, col, ROLE_TEXT, "%s  working on it", ui_spinner(ui));
		return;
	}
	if (card->unlocking)
		col = area_putf(area, row, col, ROLE_TEXT, "%s unlocking the key", ui_spinner(ui)) + 3;
	else if (card->offered)
		col = draw_button(area, row, col, "y", sign_word(card, self->raw), false);
	col = draw_button(area, row, col, "N", card->offered ? "no" : "stop here", true);
	if (card->can_skip && card->offered)
		col = draw_button(area, row, col, "s", "no transaction", false);
	draw_button(area, row, col, "x", self->raw ? "back" : "raw data", false);
}

static void card_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct card_screen *self = (struct card_screen *)screen;
	const struct card *card = card_of(ui);
	int row, height, width = body.width - 2 < CARD_WIDTH ? body.width - 2 : CARD_WIDTH;
	struct area area;
	char title[64];
	bool airy;

	if (!card)
		return;
	meet(self, ui, card);
	page_reset(&self->page);
	if (self->raw)
		card_add_raw(&self->page, card);
	else
		card_add_lines(&self->page, ui, card);
	airy = (int)self->page.lines + 4 <= body.height;
	height = (int)self->page.lines + 3 + airy < body.height ? (int)self->page.lines + 3 + airy : body.height;
	/* In a high window what it rests on stays in sight above it. */
	row = (body.height - height) / 2;
	if (body.height >= height + CARD_ABOVE && row < CARD_ROW)
		row = body.height - height - 1 < CARD_ROW ? body.height - height - 1 : CARD_ROW;
	area = area_cut(body, row, (body.width - width) / 2, height, width);
	/* Where little is left beside it, scraps of words would only disturb. */
	area_wipe(body.width - width < 60 ? area_cut(body, row, 0, height, body.width) : area, ROLE_TEXT);
	snprintf(title, sizeof(title), card->offered ? "Signature %u of %u" : "Signature %u of %u: not offered, a check is red", card->index, card->count);
	area_frame(area, card->offered ? ROLE_CARD : ROLE_BAD, title);
	page_draw(&self->page, area_cut(area, 1, 1, height - 3 - airy, width - 2));
	if (!self->raw && self->page.scroll.top + self->page.scroll.height >= self->page.lines)
		self->seen_end = true;
	if (self->page.scroll.top + self->page.scroll.height < self->page.lines)
		area_put_before(area, height - 1, width - 2, ROLE_WARN, " ↓ more below ");
	draw_buttons(ui, area, card, self);
}

static bool card_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct card_screen *self = (struct card_screen *)screen;
	const struct card *card = card_of(ui);
	bool visible = ui->frame.height >= UI_MIN_HEIGHT && ui->frame.width >= UI_MIN_WIDTH;

	if (!card || !self->painted || self->answered || !visible || key->paste)
		return true;
	if (memcmp(self->digest, card->digest, sizeof(self->digest)) != 0)
		return true; /* it changed in this very turn and was not painted yet */
	if (key_is(key, "y") && !key->alone) {
		ui_say(ui, ROLE_WARN, "that came together with other keys; press y alone to sign");
		return true;
	}
	return false;
}

static void card_move(struct screen *screen, struct ui *ui, enum move move)
{
	(void)ui;
	scroll_move(&((struct card_screen *)screen)->page.scroll, move);
}

static void card_painted(struct screen *screen, struct ui *ui)
{
	struct card_screen *self = (struct card_screen *)screen;

	(void)ui;
	self->painted = self->composed;
}

static void card_free(struct screen *screen)
{
	page_clear(&((struct card_screen *)screen)->page);
	free(screen);
}

static const struct screen_ops card_ops = {
	.name = "card",
	.context = CTX_CARD,
	.overlay = true,
	.draw = card_draw,
	.key = card_key,
	.move = card_move,
	.painted = card_painted,
	.free = card_free,
};

struct screen *screen_card_new(struct ui *ui)
{
	struct card_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &card_ops;
	ui->forget_keys = true;
	return &self->screen;
}

/* ---- commands ---- */

const char *why_card_no_signature(struct ui *ui)
{
	const struct card *card = card_of(ui);
	const struct card_screen *self = card_screen_of(ui);

	if (!card || !card->offered)
		return "a check is red: no signature is offered; N stops here";
	return self && self->seen_end ? NULL : "the card is longer than the screen: read it to its end first (PgDn)";
}

static void unlocked(struct ui *ui, void *ctx, struct secret *secret)
{
	(void)ctx;
	if (secret)
		flow_do(ui, ROLLOUT_UNLOCK, NULL, secret);
}

static void ask_for_key(struct ui *ui, const struct card *card)
{
	if (card->unlocking)
		ui_say(ui, ROLE_DIM, "one moment: the key is being unlocked");
	else
		prompt_secret(ui, strstr(card->signer, "keystore") ? "password of the keystore:" : "private key:", unlocked, NULL);
}

void do_card_sign(struct ui *ui, const char *argument, int param)
{
	struct card_screen *self = card_screen_of(ui);
	const struct card *card = card_of(ui);
	char digest[67];

	(void)argument;
	(void)param;
	if (!self || !card)
		return;
	if (card->cast && !self->raw) {
		do_card_raw(ui, NULL, 0);
		return;
	}
	if (!card->needs_unlock) {
		hex_encode_0x(digest, self->digest, sizeof(self->digest));
		self->answered = flow_do(ui, ROLLOUT_SIGN, digest, NULL);
	}
	/* Also a key that has locked itself since the card was drawn: that is seen only now. */
	if (card->needs_unlock)
		ask_for_key(ui, card);
}

void do_card_decline(struct ui *ui, const char *argument, int param)
{
	struct card_screen *self = card_screen_of(ui);

	(void)argument;
	(void)param;
	if (!self)
		return;
	/* A card that is not offered ends the rollout by itself: it is only closed, and the outcome stands below it. */
	if (flow_view(ui)->outcome) {
		ui->put_away = ui->rollout;
		ui_remove(ui, &self->screen);
		return;
	}
	self->answered = flow_do(ui, ROLLOUT_DECLINE, NULL, NULL);
}

void do_card_raw(struct ui *ui, const char *argument, int param)
{
	struct card_screen *self = card_screen_of(ui);

	(void)argument;
	(void)param;
	if (!self)
		return;
	self->raw = !self->raw;
	self->page.scroll.top = 0;
}

const char *why_card_no_registered(struct ui *ui)
{
	const struct card *card = card_of(ui);

	return card && card->can_skip && card->offered ? NULL : "the hash is not allowed yet, so a transaction is needed";
}

void do_card_registered(struct ui *ui, const char *argument, int param)
{
	struct card_screen *self = card_screen_of(ui);

	(void)argument;
	(void)param;
	if (self)
		self->answered = flow_do(ui, ROLLOUT_USE_REGISTERED, NULL, NULL);
}
