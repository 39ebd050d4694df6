/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/log_panel.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const char *state_sign(struct ui *ui, const struct feed_source *source)
{
	switch (source->state) {
	case FEED_CONNECTING:
		return ui_spinner(ui);
	case FEED_STREAMING:
		return source->paused ? "‖" : "●";
	case FEED_RETRYING:
		return "◐";
	case FEED_ENDED:
		return "○";
	case FEED_FAILED:
		break;
	}
	return "✗";
}

static text_style state_style(const struct feed_source *source)
{
	switch (source->state) {
	case FEED_STREAMING:
		return ROLE_GOOD;
	case FEED_FAILED:
		return ROLE_BAD;
	case FEED_ENDED:
		return ROLE_DIM;
	case FEED_CONNECTING:
	case FEED_RETRYING:
		break;
	}
	return ROLE_WARN;
}

/* "connecting", "retry in 4s", "exited": what the sign stands for. */
static void state_words(struct ui *ui, const struct feed_source *source, char *out, size_t size)
{
	char left[TEXT_SHORT_SIZE];
	int64_t ms = source->retry_ms - clock_wall_ms();

	out[0] = '\0';
	if (source->state == FEED_RETRYING && ms > 0) {
		ui_wake_in(ui, ms % 1000 + 1);
		snprintf(out, size, "retry in %s", text_duration(left, (ms + 999) / 1000 * 1000));
	} else if (source->state == FEED_CONNECTING || source->state == FEED_RETRYING) {
		snprintf(out, size, "connecting");
	} else if (source->state == FEED_FAILED) {
		snprintf(out, size, "refused");
	} else if (source->state == FEED_ENDED) {
		snprintf(out, size, "%s", source->container_state[0] ? source->container_state : "ended");
	} else if (source->paused) {
		snprintf(out, size, "held back");
	} else if (!source->lines) {
		snprintf(out, size, "nothing yet");
	}
}

/* Where there are several CVMs, each one's name once before its sources. */
static int put_cvm(const struct log_pane *pane, struct area line, int col, const char *cvm, const char *before)
{
	if (log_feed_cvms(log_pane_feed(pane)) < 2 || (before && strcmp(cvm, before) == 0))
		return col;
	return area_put(line, 0, col, ROLE_TEXT, cvm) + 2;
}

static int width_of(const char *text)
{
	return (int)text_width(text, strlen(text));
}

void log_panel_strip(const struct log_pane *pane, struct ui *ui, struct area line)
{
	size_t i, count = log_feed_count(log_pane_feed(pane));
	const char *before = NULL;
	int col = 1;

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(log_pane_feed(pane), i);
		bool shown = log_pane_source_shown(pane, i), last = i + 1 == count;
		char words[64];
		int cvm = log_feed_cvms(log_pane_feed(pane)) > 1 && (!before || strcmp(source->cvm, before) != 0) ? width_of(source->cvm) + 2 : 0;

		state_words(ui, source, words, sizeof(words));
		if (col + cvm + width_of(source->name) + width_of(shown ? words : "hidden") + 4 + (last ? 0 : 12) > line.width) {
			area_putf(line, 0, col, ROLE_DIM, "and %zu more", count - i);
			return;
		}
		col = put_cvm(pane, line, col, source->cvm, before);
		before = source->cvm;
		col = area_put(line, 0, col, state_style(source), state_sign(ui, source)) + 1;
		col = area_put(line, 0, col, shown ? log_pane_source_style(i) : ROLE_DIM, source->name);
		if (!shown || words[0])
			col = area_put(line, 0, col + 1, ROLE_DIM, shown ? words : "hidden");
		col += 3;
	}
}

/* ---- the list ---- */

static void draw_source(const struct log_pane *pane, struct ui *ui, struct area area, int row, size_t i, bool here)
{
	const struct feed_source *source = log_feed_source(log_pane_feed(pane), i);
	bool shown = log_pane_source_shown(pane, i);
	text_style mark = here ? ATTR_SELECTED : 0;
	char count[TEXT_SHORT_SIZE + 8], name[140], words[64];
	const char *right;

	if (here)
		area_fill(area, row, 0, area.width, mark, ' ');
	log_pane_source_name(pane, i, name, sizeof(name));
	state_words(ui, source, words, sizeof(words));
	right = !shown ? "hidden" : words[0] ? words : text_grouped(count, source->lines);
	area_put(area, row, 0, ROLE_ACCENT | mark, here ? "▸" : " ");
	area_put(area, row, 1, state_style(source) | mark, state_sign(ui, source));
	area_field(area, row, 3, area.width - 5 - width_of(right), (shown ? log_pane_source_style(i) : ROLE_DIM) | mark, name);
	area_put_before(area, row, area.width - 1, ROLE_DIM | mark, right);
}

void log_panel_list(const struct log_pane *pane, struct ui *ui, struct area area, struct list *list)
{
	size_t i, count = log_feed_count(log_pane_feed(pane));

	for (i = 0; (int)i < area.height; i++)
		area_put(area, (int)i, area.width - 1, ROLE_RULE, "│");
	area = area_cut(area, 0, 0, area.height, area.width - 1);
	area_put(area, 0, 1, ROLE_DIM, "SOURCES");
	area_put_before(area, 0, area.width - 1, ROLE_DIM, "LINES");
	area_put(area, area.height - 2, 1, ROLE_DIM, "Space show/hide  o only this");
	area_put(area, area.height - 1, 1, ROLE_DIM, "⏎ details  Tab back");
	area = area_cut(area, 1, 0, area.height - 3, area.width);
	list_fit(list, count, area.height);
	for (i = 0; i < list->height && list->top + i < count; i++)
		draw_source(pane, ui, area, (int)i, list->top + i, list->selected == list->top + i);
}

static const char *kind_words(const struct feed_source *source)
{
	static const char *const kinds[] = { "the serial console", "the CVM's standard output", "the CVM's standard error", "a container" };

	return kinds[source->kind];
}

static const char *stream_words(const struct feed_source *source)
{
	static const char *const states[] = { "being connected", "open: lines come as they are written", "cut; it is tried again", "at its end", "refused" };

	return source->paused ? "held back: lines come faster than they are taken" : states[source->state];
}

bool log_panel_words(const struct log_pane *pane, size_t i, struct buf *title, struct buf *text)
{
	const struct feed_source *source = log_feed_source(log_pane_feed(pane), i);
	char count[TEXT_SHORT_SIZE + 8];

	if (!source)
		return false;
	buf_add_format(title, "%s  %s", source->name, source->cvm);
	buf_add_format(text, "what        %s\n", kind_words(source));
	if (source->container_state[0])
		buf_add_format(text, "container   %s\n", text_equal(source->container_state, "gone") ? "gone: it is listed no more; its lines stay" : source->container_state);
	buf_add_format(text, "stream      %s\n", stream_words(source));
	if (source->why[0])
		buf_add_format(text, "why         %s\n", source->why);
	if (source->next[0])
		buf_add_format(text, "next        %s\n", source->next);
	if (source->reconnects)
		buf_add_format(text, "reconnects  %u; nothing is lost or comes twice where lines have times\n", source->reconnects);
	buf_add_format(text, "lines       %s\n", text_grouped(count, source->lines));
	buf_add_format(text, "shown       %s\n", log_pane_source_shown(pane, i) ? "yes; Space in the list hides it" : "no; Space in the list shows it");
	return true;
}

/* ---- what is wrong ---- */

/* A channel that stays empty while containers speak is usual, and worth a word. */
static bool empty_channel(const struct log_pane *pane, char *out, size_t size)
{
	const struct log_feed *feed = log_pane_feed(pane);
	const struct feed_source *empty = NULL, *full = NULL;
	size_t i, count = log_feed_count(feed);

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(feed, i);

		if (!source->lines && source->state == FEED_STREAMING && !empty && log_pane_source_shown(pane, i))
			empty = source;
		else if (source->lines && (!full || source->kind == LOG_KIND_CONTAINER))
			full = source;
	}
	if (!empty || !full)
		return false;
	snprintf(out, size, "%s is empty so far; %s has lines", empty->name, full->name);
	return true;
}

/* The first source that is shown and in this state. */
static const struct feed_source *source_in(const struct log_pane *pane, enum feed_state state, size_t *at)
{
	const struct log_feed *feed = log_pane_feed(pane);

	for (*at = 0; *at < log_feed_count(feed); ++*at)
		if (log_feed_source(feed, *at)->state == state && log_pane_source_shown(pane, *at))
			return log_feed_source(feed, *at);
	return NULL;
}

static void source_trouble(const struct log_pane *pane, struct ui *ui, const struct feed_source *source, size_t i, char *out, size_t size)
{
	char name[140], words[64];

	log_pane_source_name(pane, i, name, sizeof(name));
	state_words(ui, source, words, sizeof(words));
	snprintf(out, size, "%s %s: %s", name, words, source->why);
}

void log_panel_trouble(const struct log_pane *pane, struct ui *ui, struct area line)
{
	const struct log_feed *feed = log_pane_feed(pane);
	const struct feed_source *source;
	text_style style = ROLE_WARN;
	char words[600], name[64];
	size_t i;

	if (line.width < 8)
		return;
	if (log_feed_problem(feed)[0]) {
		snprintf(words, sizeof(words), "%s", log_feed_problem(feed));
	} else if ((source = source_in(pane, FEED_FAILED, &i))) {
		source_trouble(pane, ui, source, i, words, sizeof(words));
		style = ROLE_BAD;
	} else if (log_feed_offline(feed, name, sizeof(name))) {
		snprintf(words, sizeof(words), "%s is not running; these are its last lines", name);
	} else if ((source = source_in(pane, FEED_RETRYING, &i))) {
		source_trouble(pane, ui, source, i, words, sizeof(words));
	} else if (empty_channel(pane, words, sizeof(words))) {
		style = ROLE_DIM;
	} else {
		return;
	}
	area_field(line, 0, 1, line.width - 1, style, words);
}
