/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/widget_frame.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/actions.h"
#include "ui/commands.h"
#include "ui/widget_text.h"

/* ---- header ---- */

/* How much of the header is left out for want of room; each includes those before. */
enum brevity { WHOLE, NO_USER, NO_BLOCK, NO_LATENCY, NO_WORKSPACE, BREVITIES };

/* One of the two that must be reached, as the last call to it found it. */
struct reach {
	const char *what;
	bool ok;
	int status; /* HTTP; 0: no answer, -1: not asked yet */
	int64_t ms;
};

static int draw_trouble(struct area line, int col, int status)
{
	col = area_put(line, 0, col, ROLE_BAD, " ✗ ");
	if (status == 401 || status == 403)
		return area_put(line, 0, col, ROLE_BAD, "refused");
	if (status > 0)
		return area_putf(line, 0, col, ROLE_BAD, "HTTP %d", status);
	return area_put(line, 0, col, ROLE_BAD, "unreachable");
}

static int draw_reach(struct area line, int col, const struct reach *reach, enum brevity brevity)
{
	char took[TEXT_SHORT_SIZE];

	col = area_put(line, 0, col, ROLE_DIM, reach->what);
	if (reach->status < 0)
		return area_put(line, 0, col, ROLE_DIM, " ○");
	if (!reach->ok)
		return draw_trouble(line, col, reach->status);
	col = area_put(line, 0, col, ROLE_GOOD, " ●");
	if (brevity >= NO_LATENCY || reach->ms < 0)
		return col;
	return area_putf(line, 0, col, ROLE_DIM, " %s", text_duration(took, reach->ms));
}

static const char *chain_label(uint64_t id)
{
	return id == 8453 ? "base" : id == 1 ? "ethereum" : id == 84532 ? "base-sepolia" : id == 11155111 ? "sepolia" : "chain";
}

static int draw_chain(struct area line, int col, const struct session_health *health, enum brevity brevity)
{
	char block[TEXT_SHORT_SIZE + 8], what[64];
	struct reach reach = { what, health->rpc_ok, health->rpc_status, health->rpc_ms };

	if (!health->chain_id && health->rpc_status < 0)
		return col;
	if (health->block && brevity < NO_BLOCK)
		snprintf(what, sizeof(what), "%s #%s", chain_label(health->chain_id), text_grouped(block, health->block));
	else
		snprintf(what, sizeof(what), "%s", chain_label(health->chain_id));
	return draw_reach(line, col + 3, &reach, brevity);
}

static int draw_left(struct ui *ui, struct area line, const struct session_health *health, enum brevity brevity)
{
	struct reach api = { "api", health->api_ok, health->api_status, health->api_ms };
	int col = area_put(line, 0, 1, ROLE_HEADER, PACKAGE_NAME);

	if (ui->options->sandbox)
		col = area_put(line, 0, col + 2, ROLE_BADGE, " SANDBOX ");
	if (health->workspace[0] && brevity < NO_WORKSPACE)
		col = area_put(line, 0, col + 2, ROLE_TEXT, health->workspace);
	if (health->user[0] && brevity < NO_USER)
		col = area_putf(line, 0, col, ROLE_TEXT, "%s%s", health->workspace[0] ? " / " : "  ", health->user);
	col = draw_reach(line, col + 3, &api, brevity);
	return draw_chain(line, col, health, brevity);
}

/* "NAME › screen" in at most `room` columns: the name gives way, since a screen's word says where one is. */
static void shorten_title(struct buf *title, int room)
{
	const char *text = buf_text(title), *arrow = strstr(text, " › ");
	size_t head = arrow ? (size_t)(arrow - text) : title->len, tail = arrow ? text_width(arrow, strlen(arrow)) : 0, fit;
	struct buf brief = BUF_INIT;

	if ((int)text_width(text, title->len) <= room || room < (int)tail + 2)
		return;
	fit = text_fit(text, head, (size_t)room - tail - 1);
	buf_add(&brief, text, fit);
	buf_add_format(&brief, "…%s", arrow ? arrow : "");
	buf_clear(title);
	*title = brief;
}

static const char *help_hint(const struct ui *ui)
{
	unsigned context = ui_context(ui);

	/* In the logs ? looks backwards; a card and a question take their own keys alone. */
	return context == CTX_LOGS ? "F1 help" : (context & CTX_PLACES) && context != CTX_HELP ? "? help" : "";
}

void frame_header(struct ui *ui, struct area line)
{
	struct session_health health = { 0 };
	struct screen *top = ui_find(ui, CTX_PLACES);
	struct buf title = BUF_INIT, safe = BUF_INIT;
	struct cells scratch = { 0 };
	enum brevity brevity = WHOLE;
	int end = area_put_before(line, 0, line.width - 1, ROLE_DIM, help_hint(ui));
	int room;

	end -= end < line.width - 1 ? 2 : 0;
	session_health(ui->session, &health);
	if (top && top->ops->title)
		top->ops->title(top, ui, &title);
	text_safe(&safe, buf_text(&title), title.len, TEXT_ONE_LINE);
	cells_begin(&scratch, 1, 512);
	room = end - 2 - draw_left(ui, area_all(&scratch), &health, NO_WORKSPACE);
	shorten_title(&safe, room);
	end = area_put_before(line, 0, end, ROLE_TEXT, buf_text(&safe));
	while (brevity + 1 < BREVITIES && draw_left(ui, area_all(&scratch), &health, brevity) + 2 > end)
		brevity++;
	draw_left(ui, area_cut(line, 0, 0, 1, end - 1), &health, brevity);
	cells_clear(&scratch);
	buf_clear(&title);
	buf_clear(&safe);
}

/* ---- footer ---- */

static int hint_width(const struct command *command)
{
	char label[KEY_NAME_SIZE], first[KEY_NAME_SIZE];
	const char *key = key_label(label, key_first(first, command->keys));

	return (int)(text_width(key, strlen(key)) + strlen(command->hint)) + 3;
}

static int draw_hint(struct area line, int col, const struct command *command)
{
	char label[KEY_NAME_SIZE], first[KEY_NAME_SIZE];

	col = area_put(line, 0, col, ROLE_ACCENT, key_label(label, key_first(first, command->keys)));
	col = area_put(line, 0, col + 1, ROLE_FOOTER, command->hint);
	return col + 2;
}

static bool is_hinted(struct ui *ui, const struct command *command, unsigned context)
{
	return command->hint && (command->contexts & context) && (!command->why_not || !command->why_not(ui));
}

/* The way out, which a footer without room for everything still shows. */
static const struct command *way_out(struct ui *ui, unsigned context)
{
	const struct command *command;

	for (command = commands_table(); command->id; command++)
		if ((command->run == do_back || command->run == do_quit) && is_hinted(ui, command, context))
			return command;
	return NULL;
}

static void draw_hints(struct ui *ui, struct area line)
{
	unsigned context = ui_context(ui);
	const struct command *command, *out = way_out(ui, context);
	int col = 1, room = line.width - (out ? hint_width(out) : 0);

	for (command = commands_table(); command->id; command++) {
		if (command == out) {
			col = draw_hint(line, col, command);
			room = line.width;
			out = NULL;
		} else if (is_hinted(ui, command, context)) {
			if (col + hint_width(command) > room)
				break;
			col = draw_hint(line, col, command);
		}
	}
	if (out)
		draw_hint(line, col, out);
}

enum { MESSAGE_ROWS = 5 };

void frame_message(const struct ui *ui, struct area area)
{
	struct cells scratch = { 0 };
	int width = area.width - 2, rows;

	cells_begin(&scratch, MESSAGE_ROWS + 1, area.width);
	rows = draw_wrapped(area_all(&scratch), 0, 1, width, ROLE_TEXT, ui->message);
	cells_clear(&scratch);
	rows = rows < 1 ? 1 : rows > MESSAGE_ROWS ? MESSAGE_ROWS : rows;
	if (rows > 1)
		area_rule(area_cut(area, area.height - rows - 1, 0, 1, area.width), 0);
	area = area_bottom(&area, rows);
	area_wipe(area, ROLE_TEXT);
	draw_wrapped(area, 0, 1, width, ui->message_style, ui->message);
}

void frame_footer(struct ui *ui, struct area line)
{
	/* The card has its keys on itself. */
	if (ui_context(ui) == CTX_CARD)
		area_put(line, 0, 1, ROLE_DIM, "No is the default; a key typed before this card was drawn does not count");
	else
		draw_hints(ui, line);
}

/* ---- small things ---- */

int draw_tabs(struct area area, int row, int col, const char *const *names, size_t count, size_t chosen)
{
	size_t i;

	for (i = 0; i < count; i++) {
		text_style look = i == chosen ? ROLE_ACCENT | ATTR_BOLD | ATTR_UNDERLINE : ROLE_DIM;

		col = area_putf(area, row, col, ROLE_DIM, "%zu ", i + 1);
		col = area_put(area, row, col, look, names[i]);
		col += 3;
	}
	return col;
}

const char *mark_text(struct ui *ui, enum mark mark)
{
	switch (mark) {
	case MARK_GOOD:
		return "✓";
	case MARK_BAD:
		return "✗";
	case MARK_UNKNOWN:
		return "?";
	case MARK_RUNNING:
		return ui_spinner(ui);
	case MARK_NONE:
		break;
	}
	return " ";
}

text_style mark_style(enum mark mark)
{
	return mark == MARK_GOOD ? ROLE_GOOD : mark == MARK_BAD ? ROLE_BAD : mark == MARK_UNKNOWN ? ROLE_WARN : ROLE_DIM;
}

const char *draw_age(char out[24], int64_t then_ms)
{
	int64_t ms = clock_wall_ms() - then_ms;

	return text_duration(out, ms < 1000 ? 1000 : ms); /* what was a moment ago is not measured */
}

void draw_empty(struct area area, const char *what, const char *next)
{
	int row = area.height / 2 - 1;

	area_put(area, row, (area.width - (int)text_width(what, strlen(what))) / 2, ROLE_TEXT, what);
	if (next)
		area_put(area, row + 1, (area.width - (int)text_width(next, strlen(next))) / 2, ROLE_DIM, next);
}

static int draw_labelled(struct area area, int row, const char *label, text_style style, const char *text)
{
	if (!text[0])
		return row;
	area_put(area, row, 2, ROLE_DIM, label);
	return row + draw_wrapped(area, row, 14, area.width - 16, style, text);
}

int draw_error(struct area area, int row, const struct error *err)
{
	int first = row;

	row = draw_labelled(area, row, "what", ROLE_BAD, err->message);
	row = draw_labelled(area, row, "next", ROLE_STRONG, err->next);
	row = draw_labelled(area, row, "detail", ROLE_DIM, err->detail);
	return row - first;
}

const char *short_value(char out[24], const char *value)
{
	const char *digits = text_bare_hex(value);
	size_t len = strlen(digits);

	return len >= 40 && strspn(digits, "0123456789abcdefABCDEF") == len ? text_short_hex(out, value) : value;
}

const char *short_hash(char out[24], const char *hash)
{
	return text_short_hex(out, text_bare_hex(hash));
}
