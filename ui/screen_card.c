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
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_text.h"

enum { CARD_WIDTH = 76 };

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

/* ---- its lines ---- */

/* A word of 32 bytes in groups of eight digits, two lines of four. */
static void add_call(struct page *page, const struct card *card)
{
	const char *hex = text_starts(card->argument, "0x") ? card->argument + 2 : card->argument;
	size_t len = strlen(hex), at;
	int indent = (int)strlen(card->function) + 2;

	page_add(page, 1, ROLE_STRONG, card->function);
	page_add(page, -1, ROLE_TEXT, "( ");
	for (at = 0; at < len; at += 8) {
		if (at && at % 32 == 0) {
			page_end_line(page);
			page_add(page, indent + 1, ROLE_TEXT, "");
		}
		page_addf(page, at % 32 == 0 ? indent + 1 : -1, ROLE_STRONG, "%.8s ", hex + at);
	}
	page_add(page, -1, ROLE_TEXT, ")");
	page_end_line(page);
	if (card->argument_note[0])
		page_add_wrapped(page, 3, CARD_WIDTH - 8, ROLE_DIM, card->argument_note);
}

/* What a check says about the very argument above it, in words; NULL for the others. */
static const char *equals_words(const struct check *check, const struct card *card)
{
	static const struct { const char *id, *words; } equals[] = {
		{ "hash-new", "equals the hash computed here from the compose you saw" },
		{ "hash-backend", "equals the hash the backend asked for" },
		{ "device", "equals the id of the node's device" },
	};
	const char *argument = text_starts(card->argument, "0x") ? card->argument + 2 : card->argument;
	const char *value = text_starts(check->value, "0x") ? check->value + 2 : check->value;
	size_t i;

	if (check->mark != MARK_GOOD || !text_equal_nocase(argument, value))
		return NULL;
	for (i = 0; i < sizeof(equals) / sizeof(equals[0]); i++)
		if (text_equal(equals[i].id, check->id))
			return equals[i].words;
	return NULL;
}

static void add_check(struct ui *ui, struct page *page, const struct check *check, const struct card *card)
{
	const char *equals = equals_words(check, card);

	page_add(page, 3, mark_style(check->mark), mark_text(ui, check->mark));
	page_add(page, 5, check->mark == MARK_BAD ? ROLE_BAD | ATTR_BOLD : ROLE_TEXT, equals ? equals : check->title);
	if (equals || !check->value[0]) {
		page_end_line(page);
	} else if (strlen(check->value) + strlen(check->title) < CARD_WIDTH - 10) {
		page_addf(page, -1, ROLE_DIM, "  %s", check->value);
		page_end_line(page);
	} else {
		page_end_line(page);
		page_add_wrapped(page, 5, CARD_WIDTH - 8, ROLE_DIM, check->value);
	}
	if (check->mark != MARK_GOOD)
		page_add_wrapped(page, 5, CARD_WIDTH - 8, ROLE_TEXT, check->note);
}

static void add_pair(struct page *page, int col, const char *name, const char *value)
{
	if (!value[0])
		return;
	page_addf(page, col, ROLE_DIM, "%s ", name);
	page_add(page, -1, ROLE_TEXT, value);
	page_add(page, -1, ROLE_TEXT, "  ");
}

/* Begins a line for what would not fit behind `used` columns. */
static void fit_line(struct page *page, const char *text, size_t used)
{
	if (used + text_width(text, strlen(text)) > CARD_WIDTH - 2)
		page_end_line(page);
}

static void add_terms(struct ui *ui, struct page *page, const struct card *card)
{
	char nonce[TEXT_SHORT_SIZE + 8];

	add_pair(page, 1, "contract", card->contract);
	page_addf(page, -1, ROLE_TEXT, "%s  ", card->chain);
	add_pair(page, -1, "nonce", text_grouped(nonce, card->nonce));
	if (card->replaces != CARD_NEW)
		page_end_line(page);
	if (card->replaces != CARD_NEW)
		page_add(page, 1, ROLE_WARN, card->replaces == CARD_BUMP ? "replaces the waiting one, higher fee" : "cancels the waiting one");
	page_end_line(page);
	add_pair(page, 1, "gas", card->gas);
	add_pair(page, -1, "max fee", card->max_fee);
	fit_line(page, card->cost, strlen(card->gas) + strlen(card->max_fee) + 24);
	add_pair(page, 1, "cost", card->cost);
	page_end_line(page);
	if (card->simulation[0]) {
		page_add(page, 1, ROLE_DIM, "simulated: ");
		page_add(page, -1, mark_style(card->simulated), mark_text(ui, card->simulated));
		page_addf(page, -1, card->simulated == MARK_BAD ? ROLE_BAD : ROLE_TEXT, " %s", card->simulation);
		page_end_line(page);
	}
	add_pair(page, 1, "from", card->from);
	fit_line(page, card->signer, strlen(card->from) + 10);
	page_add(page, 6, ROLE_TEXT, card->signer);
	page_end_line(page);
	if (card->can_skip)
		page_add_wrapped(page, 1, CARD_WIDTH - 4, ROLE_DIM, card->skip_note);
}

static void add_hex(struct page *page, const char *title, const char *hex)
{
	size_t len = hex ? strlen(hex) : 0, at;

	page_add(page, 1, ROLE_DIM, title);
	page_end_line(page);
	for (at = 0; at < len; at += 64) {
		page_addf(page, 3, ROLE_TEXT, "%.64s", hex + at);
		page_end_line(page);
	}
}

static void compose(struct card_screen *self, struct ui *ui, const struct card *card)
{
	size_t i;

	page_reset(&self->page);
	if (self->raw) {
		add_hex(&self->page, "unsigned transaction", card->raw);
		add_hex(&self->page, "call data", card->calldata);
		if (card->cast) {
			page_add(&self->page, 1, ROLE_DIM, "to sign it elsewhere");
			page_end_line(&self->page);
			page_add_wrapped(&self->page, 3, CARD_WIDTH - 6, ROLE_TEXT, card->cast);
		}
		return;
	}
	add_call(&self->page, card);
	for (i = 0; i < card->check_count; i++)
		add_check(ui, &self->page, &card->checks[i], card);
	add_terms(ui, &self->page, card);
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

static void draw_buttons(struct ui *ui, struct area area, const struct card *card, const struct card_screen *self)
{
	int row = area.height - 2, col = 3;

	if (self->answered) {
		area_putf(area, row, col, ROLE_TEXT, "%s  working on it", ui_spinner(ui));
		return;
	}
	if (card->offered)
		col = draw_button(area, row, col, "y", card->needs_unlock ? "unlock the key first" : "sign and send", false);
	col = draw_button(area, row, col, "N", card->offered ? "no" : "stop here", true);
	if (card->can_skip && card->offered)
		col = draw_button(area, row, col, "s", "no transaction", false);
	draw_button(area, row, col, "x", self->raw ? "back" : "raw data", false);
}

static void card_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct card_screen *self = (struct card_screen *)screen;
	const struct card *card = card_of(ui);
	int height, width = body.width - 2 < CARD_WIDTH ? body.width - 2 : CARD_WIDTH;
	struct area area;
	char title[64];
	bool airy;

	if (!card)
		return;
	meet(self, ui, card);
	compose(self, ui, card);
	airy = (int)self->page.lines + 4 <= body.height;
	height = (int)self->page.lines + 3 + airy < body.height ? (int)self->page.lines + 3 + airy : body.height;
	area = area_cut(body, (body.height - height) / 2, (body.width - width) / 2, height, width);
	/* Where little is left beside it, scraps of words would only disturb. */
	area_wipe(body.width - width < 40 ? area_cut(body, (body.height - height) / 2, 0, height, body.width) : area, ROLE_TEXT);
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

void do_card_sign(struct ui *ui, const char *argument, int param)
{
	struct card_screen *self = card_screen_of(ui);
	const struct card *card = card_of(ui);
	char digest[67];

	(void)argument;
	(void)param;
	if (!self || !card)
		return;
	if (card->needs_unlock) {
		prompt_secret(ui, "password or key:", unlocked, NULL);
		return;
	}
	hex_encode_0x(digest, self->digest, sizeof(self->digest));
	self->answered = flow_do(ui, ROLLOUT_SIGN, digest, NULL);
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
