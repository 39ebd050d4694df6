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

void log_panel_strip(const struct log_pane *pane, struct ui *ui, struct area line)
{
	size_t i, count = log_feed_count(log_pane_feed(pane));
	int col = 1;

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(log_pane_feed(pane), i);
		bool shown = log_pane_source_shown(pane, i), last = i + 1 == count;
		char name[140], words[64];

		log_pane_source_name(pane, i, name, sizeof(name));
		state_words(ui, source, words, sizeof(words));
		if (col + (int)(text_width(name, strlen(name)) + text_width(words, strlen(words))) + 4 + (last ? 0 : 10) > line.width) {
			area_putf(line, 0, col, ROLE_DIM, "and %zu more", count - i);
			return;
		}
		col = area_put(line, 0, col, state_style(source), state_sign(ui, source)) + 1;
		col = area_put(line, 0, col, shown ? log_pane_source_style(i) : ROLE_DIM, name);
		if (!shown || words[0])
			col = area_put(line, 0, col + 1, ROLE_DIM, shown ? words : "hidden");
		col += 3;
	}
}

static void draw_source(const struct log_pane *pane, struct ui *ui, struct area area, int row, size_t i, bool here)
{
	const struct feed_source *source = log_feed_source(log_pane_feed(pane), i);
	bool shown = log_pane_source_shown(pane, i);
	text_style mark = here ? ATTR_SELECTED : 0;
	char count[TEXT_SHORT_SIZE + 8], name[140], words[64];

	if (here)
		area_fill(area, row, 0, area.width, mark, ' ');
	log_pane_source_name(pane, i, name, sizeof(name));
	state_words(ui, source, words, sizeof(words));
	area_put(area, row, 0, ROLE_ACCENT | mark, here ? "▸" : " ");
	area_put(area, row, 1, state_style(source) | mark, state_sign(ui, source));
	area_field(area, row, 3, 14, (shown ? log_pane_source_style(i) : ROLE_DIM) | mark, name);
	if (!shown || words[0])
		area_field_right(area, row, 18, area.width - 19, ROLE_DIM | mark, shown ? words : "hidden");
	else
		area_field_right(area, row, 18, area.width - 19, ROLE_DIM | mark, text_grouped(count, source->lines));
}

void log_panel_list(const struct log_pane *pane, struct ui *ui, struct area area, struct list *list)
{
	size_t i, count = log_feed_count(log_pane_feed(pane));

	for (i = 0; (int)i < area.height; i++)
		area_put(area, (int)i, area.width - 1, ROLE_RULE, "│");
	area = area_cut(area, 0, 0, area.height, area.width - 1);
	area_put(area, 0, 1, ROLE_DIM, "SOURCES");
	area_field_right(area, 0, 18, area.width - 19, ROLE_DIM, "LINES");
	area = area_cut(area, 1, 0, area.height - 1, area.width);
	list_fit(list, count, area.height);
	for (i = 0; i < list->height && list->top + i < count; i++)
		draw_source(pane, ui, area, (int)i, list->top + i, list->selected == list->top + i);
}

/* A channel that stays empty while containers speak is usual, and worth a word. */
static bool draw_empty_channel(const struct log_pane *pane, struct area line)
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
	area_putf(line, 0, 1, ROLE_DIM, "%s is empty so far; %s has lines", empty->name, full->name);
	return true;
}

void log_panel_trouble(const struct log_pane *pane, struct ui *ui, struct area line)
{
	const struct log_feed *feed = log_pane_feed(pane);
	size_t i, count = log_feed_count(feed);
	char words[64];

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(feed, i);

		if ((source->state != FEED_RETRYING && source->state != FEED_FAILED) || !log_pane_source_shown(pane, i))
			continue;
		state_words(ui, source, words, sizeof(words));
		area_putf(line, 0, 1, source->state == FEED_FAILED ? ROLE_BAD : ROLE_WARN, "%s: %s%s%s", source->name, source->why,
		          source->state == FEED_FAILED ? "" : ", ", source->state == FEED_FAILED ? "" : words);
		return;
	}
	if (count && log_feed_problem(feed)[0])
		area_put(line, 0, 1, ROLE_WARN, log_feed_problem(feed));
	else
		draw_empty_channel(pane, line);
}
