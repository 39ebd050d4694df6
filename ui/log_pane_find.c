/* SPDX-License-Identifier: Apache-2.0 */
/* Search, filter, errors, settings and saving of the log pane. */
#include "ui/log_pane_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

enum { SAVE_MAX = 256 * 1024 * 1024 };

/* ---- search ---- */

static size_t present_row(const struct log_pane *pane)
{
	size_t count = logs_filter_shown(pane->filter);

	if (pane->match != UINT64_MAX)
		return logs_filter_row(pane->filter, pane->match);
	if (pane->follow)
		return count ? count - 1 : 0;
	return logs_filter_row(pane->filter, pane->top);
}

void log_pane_match(struct log_pane *pane, struct ui *ui, bool backward)
{
	if (!pane->pattern)
		return;
	logs_search_begin(&pane->search, pane->store, pane->filter, pane->pattern, present_row(pane), backward);
	pane->searching = true;
	ui_dirty(ui);
}

bool log_pane_search(struct log_pane *pane, struct ui *ui, const char *text, bool backward, struct error *err)
{
	struct logs_pattern *pattern = NULL;

	if (*text) {
		pattern = logs_pattern_new(text, err);
		if (!pattern)
			return false;
	}
	pane->searching = false;
	pane->match = UINT64_MAX;
	logs_pattern_free(pane->pattern);
	pane->pattern = pattern;
	log_pane_match(pane, ui, backward);
	return true;
}

bool log_pane_has_search(const struct log_pane *pane)
{
	return pane->pattern != NULL;
}

bool log_pane_error(struct log_pane *pane, bool backward)
{
	size_t count = logs_filter_shown(pane->filter), row = present_row(pane);

	while (backward ? row > 0 : row + 1 < count) {
		struct logs_line line;

		row = backward ? row - 1 : row + 1;
		line = logs_store_line(pane->store, logs_filter_number(pane->filter, row));
		if (line.level != LOGS_ERROR)
			continue;
		pane->match = line.number;
		log_pane_go_to_row(pane, row > pane->height / 3 ? row - pane->height / 3 : 0);
		return true;
	}
	return false;
}

/* ---- filter ---- */

bool log_pane_filter(struct log_pane *pane, const char *text, struct error *err)
{
	struct logs_pattern *pattern = NULL;

	if (*text) {
		pattern = logs_pattern_new(text, err);
		if (!pattern)
			return false;
	}
	while (logs_filter_count(pane->filter))
		logs_filter_remove(pane->filter, 0);
	if (pattern)
		logs_filter_include(pane->filter, pattern);
	return true;
}

bool log_pane_source_shown(const struct log_pane *pane, size_t source)
{
	return !logs_filter_is_hidden(pane->filter, (uint16_t)source);
}

void log_pane_show_source(struct log_pane *pane, size_t source, bool shown)
{
	logs_filter_hide_source(pane->filter, (uint16_t)source, !shown);
}

/* ---- settings ---- */

const struct log_feed *log_pane_feed(const struct log_pane *pane)
{
	return pane->feed;
}

bool log_pane_follows(const struct log_pane *pane)
{
	return pane->follow;
}

bool log_pane_wraps(const struct log_pane *pane)
{
	return pane->wrap;
}

void log_pane_wrap(struct log_pane *pane, bool wrap)
{
	pane->wrap = wrap;
	pane->offset = 0;
}

enum log_times log_pane_times(const struct log_pane *pane)
{
	return pane->times;
}

void log_pane_set_times(struct log_pane *pane, enum log_times times)
{
	pane->times = times;
}

/* ---- saving ---- */

bool log_pane_save(struct log_pane *pane, const char *path, size_t *lines, struct error *err)
{
	struct buf out;
	size_t row, count = logs_filter_shown(pane->filter);
	bool good;

	buf_init(&out, SAVE_MAX);
	for (row = 0; row < count; row++) {
		struct logs_line line = logs_store_line(pane->store, logs_filter_number(pane->filter, row));
		const struct feed_source *source = log_feed_source(pane->feed, line.source);
		char stamp[CLOCK_TEXT_SIZE];

		buf_add_format(&out, "%s %s ", clock_format(stamp, line.time_us / 1000), source ? source->name : "");
		text_safe(&out, line.text, line.len, TEXT_KEEP_TABS);
		buf_add_byte(&out, '\n');
	}
	*lines = count;
	good = !out.overflow && file_write(path, buf_text(&out), out.len, 0600, err);
	if (out.overflow)
		error_set(err, STATUS_INPUT, "file-too-large", "these are more than 256 MiB of lines; filter them first");
	buf_clear(&out);
	return good;
}
