/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a signature card. */
#include "ui/card_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/widget_frame.h"

/* A word of 32 bytes in groups of eight digits, two lines of four. */
static void add_call(struct page *page, const struct card *card)
{
	const char *hex = text_bare_hex(card->argument);
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
		page_add_wrapped(page, 3, CARD_WIDTH - 8, ROLE_TEXT, card->argument_note);
}

/* What takes the waiting transaction's place calls nothing: it only uses up its nonce. */
static void add_cancel(struct page *page)
{
	page_add(page, 1, ROLE_STRONG, "cancel");
	page_end_line(page);
	page_add(page, 3, ROLE_TEXT, "an empty transaction to your own address, with the nonce of the waiting one");
	page_end_line(page);
}

/* What a check says about the very argument above it, in words; NULL for the others. */
static const char *equals_words(const struct check *check, const struct card *card)
{
	static const struct { const char *id, *words; } equals[] = {
		{ "hash-new", "equals the hash computed here from the compose you saw" },
		{ "hash-backend", "equals the hash the backend asked for" },
		{ "device", "equals the id of the node's device" },
	};
	const char *argument = text_bare_hex(card->argument);
	const char *value = text_bare_hex(check->value);
	size_t i;

	if (check->mark != MARK_GOOD || !text_equal_nocase(argument, value))
		return NULL;
	for (i = 0; i < sizeof(equals) / sizeof(equals[0]); i++)
		if (text_equal(equals[i].id, check->id))
			return equals[i].words;
	return NULL;
}

/* A simulation that went well has a line of its own, with the event. */
static bool is_said_below(const struct check *check)
{
	return check->mark == MARK_GOOD && text_equal(check->id, "simulation");
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

	add_pair(page, 1, card->replaces == CARD_CANCEL ? "to" : "contract", card->contract);
	page_addf(page, -1, ROLE_TEXT, "%s  ", card->chain);
	add_pair(page, -1, "nonce", text_grouped(nonce, card->nonce));
	if (card->replaces != CARD_NEW)
		page_end_line(page);
	if (card->replaces != CARD_NEW)
		page_add(page, 1, ROLE_WARN, card->replaces == CARD_BUMP ? "takes the waiting transaction's place, with a higher fee" : "takes the waiting transaction's place");
	page_end_line(page);
	add_pair(page, 1, "gas", card->gas);
	add_pair(page, -1, "max fee", card->max_fee);
	fit_line(page, card->cost, strlen(card->gas) + strlen(card->max_fee) + 24);
	add_pair(page, 1, "cost", card->cost);
	page_end_line(page);
	if (card->simulation[0] && card->replaces != CARD_CANCEL) {
		page_add(page, 1, ROLE_DIM, "simulated: ");
		page_add(page, -1, mark_style(card->simulated), mark_text(ui, card->simulated));
		page_addf(page, -1, card->simulated == MARK_BAD ? ROLE_BAD : ROLE_TEXT, " %s", card->simulation);
		page_end_line(page);
	}
	add_pair(page, 1, "from", card->from);
	fit_line(page, card->signer, strlen(card->from) + 10);
	page_add_wrapped(page, 6, CARD_WIDTH - 9, ROLE_TEXT, card->signer); /* a keystore's path may be long */
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

void card_add_raw(struct page *page, const struct card *card)
{
	add_hex(page, "unsigned transaction", card->raw);
	add_hex(page, "call data", card->calldata);
	if (!card->cast)
		return;
	page_add(page, 1, ROLE_DIM, "to sign it elsewhere");
	page_end_line(page);
	page_add_wrapped(page, 3, CARD_WIDTH - 6, ROLE_TEXT, card->cast);
}

void card_add_lines(struct page *page, struct ui *ui, const struct card *card)
{
	size_t i;

	if (card->replaces == CARD_CANCEL)
		add_cancel(page);
	else
		add_call(page, card);
	for (i = 0; i < card->check_count; i++)
		if (!is_said_below(&card->checks[i]))
			add_check(ui, page, &card->checks[i], card);
	add_terms(ui, page, card);
	if (card->unlock_error[0])
		page_add_wrapped(page, 1, CARD_WIDTH - 4, ROLE_BAD, card->unlock_error);
}
