/* SPDX-License-Identifier: Apache-2.0 */
/* Search, filters, levels and settings of the log pane. */
#include "ui/log_pane_private.h"

#include <string.h>

/* ---- search ---- */

/* Following, nothing is ahead: the newest match is the nearest, whichever way was asked for. */
void log_pane_match(struct log_pane *pane, bool backward)
{
	size_t from = pane->follow ? log_pane_rows(pane) : log_pane_row(pane);

	if (!pane->pattern)
		return;
	logs_search_begin(&pane->search, pane->store, pane->filter, pane->pattern, from, backward || pane->follow);
	pane->searching = true;
	log_pane_work(pane);
	ui_dirty(pane->ui);
}

bool log_pane_search(struct log_pane *pane, const char *text, bool backward, struct error *err)
{
	struct logs_pattern *pattern = NULL;

	if (*text) {
		pattern = logs_pattern_new(text, err);
		if (!pattern)
			return false;
	}
	pane->searching = false;
	logs_pattern_free(pane->pattern);
	pane->pattern = pattern;
	log_pane_match(pane, backward);
	return true;
}

bool log_pane_has_search(const struct log_pane *pane)
{
	return pane->pattern != NULL;
}

void log_pane_error(struct log_pane *pane, bool backward)
{
	size_t from = pane->follow ? log_pane_rows(pane) : log_pane_row(pane);

	logs_search_begin_level(&pane->search, pane->store, pane->filter, LOGS_ERROR, from, backward || pane->follow);
	pane->searching = true;
	log_pane_work(pane);
	ui_dirty(pane->ui);
}

/* ---- filters ---- */

static void remove_filters(struct log_pane *pane, bool of_kind)
{
	size_t i = logs_filter_count(pane->filter);
	bool exclude;

	while (i--) {
		logs_filter_pattern(pane->filter, i, &exclude);
		if (exclude == of_kind)
			logs_filter_remove(pane->filter, i);
	}
}

bool log_pane_filter(struct log_pane *pane, const char *text, bool exclude, struct error *err)
{
	struct logs_pattern *pattern;

	if (!*text) {
		remove_filters(pane, exclude);
		return true;
	}
	pattern = logs_pattern_new(text, err);
	if (!pattern)
		return false;
	if (exclude)
		logs_filter_exclude(pane->filter, pattern);
	else
		logs_filter_include(pane->filter, pattern);
	logs_filter_suspend(pane->filter, false);
	return true;
}

bool log_pane_has_filter(const struct log_pane *pane)
{
	return logs_filter_count(pane->filter) > 0 || pane->least != LOGS_NONE;
}

bool log_pane_suspend_filters(struct log_pane *pane)
{
	bool suspended = !logs_filter_suspended(pane->filter);

	logs_filter_suspend(pane->filter, suspended);
	return suspended;
}

const char *log_pane_next_level(struct log_pane *pane)
{
	static const struct { enum logs_level next; const char *words; } steps[] = {
		[LOGS_NONE] = { LOGS_WARN, "warnings and errors" }, [LOGS_WARN] = { LOGS_ERROR, "errors alone" }, [LOGS_ERROR] = { LOGS_NONE, "lines of every level" },
	};
	enum logs_level was = pane->least;

	pane->least = steps[was].next;
	logs_filter_least_level(pane->filter, pane->least);
	return steps[was].words;
}

/* ---- sources ---- */

bool log_pane_source_shown(const struct log_pane *pane, size_t source)
{
	return !logs_filter_is_hidden(pane->filter, (uint16_t)source);
}

void log_pane_show_source(struct log_pane *pane, size_t source, bool shown)
{
	logs_filter_hide_source(pane->filter, (uint16_t)source, !shown);
}

void log_pane_only_source(struct log_pane *pane, size_t source)
{
	size_t i, count = log_feed_count(pane->feed), shown = 0;
	bool alone;

	for (i = 0; i < count; i++)
		shown += log_pane_source_shown(pane, i);
	alone = shown == 1 && log_pane_source_shown(pane, source);
	for (i = 0; i < count; i++)
		log_pane_show_source(pane, i, alone || i == source);
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
