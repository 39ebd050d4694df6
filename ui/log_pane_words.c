/* SPDX-License-Identifier: Apache-2.0 */
/* What the log pane says: times, its status, and the marks of a rollout. */
#include "ui/log_pane_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

/* ---- times ---- */

void log_time_exact(char out[40], int64_t time_us)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t ms = time_us / 1000;

	clock_format(text, ms);
	snprintf(out, 40, "%.19s.%06dZ", text, (int)(time_us % 1000000));
}

static int delta_text(char out[40], const struct logs_line *line, const struct logs_line *before)
{
	char brief[TEXT_SHORT_SIZE];
	int64_t us = before ? line->time_us - before->time_us : 0;

	if (!before || us < 0)
		out[0] = '\0';
	else if (us < 1000000)
		snprintf(out, 40, "+%d.%03dms", (int)(us / 1000), (int)(us % 1000));
	else
		snprintf(out, 40, "+%s", text_duration(brief, us / 1000));
	return 10;
}

int log_time_text(char out[40], enum log_times times, const struct logs_line *line, const struct logs_line *before)
{
	char text[CLOCK_TEXT_SIZE], brief[TEXT_SHORT_SIZE];

	out[0] = '\0';
	switch (times) {
	case LOG_TIMES_SERVER:
		if (!(line->flags & LOGS_NO_TIME))
			log_time_exact(out, line->time_us);
		return 27;
	case LOG_TIMES_LOCAL:
		snprintf(out, 40, "%s", clock_format_local(text, line->time_us / 1000));
		return 8;
	case LOG_TIMES_RELATIVE:
		snprintf(out, 40, "%s", text_duration(brief, clock_wall_ms() - line->time_us / 1000));
		return 7;
	case LOG_TIMES_DELTA:
		return delta_text(out, line, before);
	case LOG_TIMES_NONE:
	case LOG_TIMES_COUNT:
		break;
	}
	return 0;
}

/* ---- status ---- */

static unsigned percent(uint64_t done, uint64_t all)
{
	return all ? (unsigned)(done * 100 / all) : 100;
}

static void add_filters(const struct log_pane *pane, struct buf *out)
{
	size_t i;
	bool exclude;

	if (!log_pane_has_filter(pane))
		return;
	buf_add_text(out, logs_filter_suspended(pane->filter) ? " · filters aside:" : " ·");
	for (i = 0; i < logs_filter_count(pane->filter); i++) {
		const char *text = logs_pattern_text(logs_filter_pattern(pane->filter, i, &exclude));

		buf_add_format(out, " %s%.24s", exclude ? "!" : "&", text);
	}
	if (pane->least != LOGS_NONE)
		buf_add_text(out, pane->least == LOGS_ERROR ? " errors" : " warnings+");
}

static void add_work(const struct log_pane *pane, struct buf *out)
{
	uint64_t done, all;

	logs_filter_progress(pane->filter, &done, &all);
	if (done + 1000 < all)
		buf_add_format(out, " · filtering %u%%", percent(done, all));
	if (pane->searching)
		buf_add_format(out, " · searching %u%%", percent(log_pane_rows(pane) - pane->search.left, log_pane_rows(pane)));
	if (pane->save)
		buf_add_format(out, " · writing %u%%", log_save_percent(pane->save));
}

void log_pane_status(const struct log_pane *pane, struct buf *out)
{
	char count[TEXT_SHORT_SIZE + 8];
	size_t rows = log_pane_rows(pane), all = logs_store_count(pane->store);

	if (pane->follow)
		buf_add_text(out, "following");
	else
		buf_add_format(out, "paused · %s new", text_grouped(count, logs_store_end(pane->store) - pane->paused_at));
	if (log_pane_selected(pane))
		buf_add_format(out, " · %s selected", text_grouped(count, log_pane_selected(pane)));
	if (!pane->follow)
		buf_add_format(out, " · line %s of", text_grouped(count, log_pane_row(pane) + 1));
	else
		buf_add_text(out, " ·");
	buf_add_format(out, " %s%s", text_grouped(count, rows), rows == all ? pane->follow ? " lines" : "" : " lines");
	if (rows != all)
		buf_add_format(out, " of %s", text_grouped(count, all));
	add_filters(pane, out);
	add_work(pane, out);
	if (logs_store_disk_bytes(pane->store))
		buf_add_format(out, " · %s MiB on disk", text_grouped(count, (logs_store_disk_bytes(pane->store) + (1 << 20) - 1) >> 20));
	if (logs_store_dropped(pane->store))
		buf_add_format(out, " · %s oldest dropped", text_grouped(count, logs_store_dropped(pane->store)));
}

/* ---- a rollout's marks ---- */

static const struct { const char *step, *began, *ended; } noted_steps[] = {
	{ "patch", NULL, "patched: the backend was told" }, { "device-mined", NULL, "device transaction mined" }, { "hash-mined", NULL, "transaction mined" },
	{ "confirm", NULL, "confirmed" },                   { "rolling", "restarting", "restarted" },            { "running", NULL, "running" },
	{ "verified", NULL, "verified" },
};

static void note(struct log_pane *pane, unsigned bit, int64_t time_ms, const char *text, const char *more)
{
	char line[300];
	bool says_more = more[0] && !text_equal(more, text);
	int len = snprintf(line, sizeof(line), "rollout: %s%s%.200s", text, says_more ? " · " : "", says_more ? more : "");

	if (!time_ms || (pane->noted >> bit & 1))
		return;
	pane->noted |= (uint64_t)1 << bit;
	log_feed_look(pane->feed); /* containers come and go with it */
	logs_store_add(pane->store, LOG_ROLLOUT_SOURCE, time_ms * 1000, time_ms * 1000, LOGS_MARKER, line, (size_t)len);
}

static void note_step(struct log_pane *pane, const struct step *step)
{
	unsigned i;

	for (i = 0; i < sizeof(noted_steps) / sizeof(noted_steps[0]); i++) {
		if (strcmp(step->id, noted_steps[i].step) != 0)
			continue;
		if (noted_steps[i].began && step->began_ms)
			note(pane, 2 * i, step->began_ms, noted_steps[i].began, "");
		if (step->state == STEP_DONE)
			note(pane, 2 * i + 1, step->ended_ms, noted_steps[i].ended, step->note);
		else if (step->state == STEP_FAILED)
			note(pane, 2 * i + 1, step->ended_ms, "failed", step->title);
	}
}

void log_pane_note_rollout(struct log_pane *pane, const struct rollout_view *view)
{
	size_t i;

	if (!view || !log_pane_is_of(pane, &view->cvm))
		return;
	if (strcmp(pane->noted_id, view->id) != 0) {
		text_copy(pane->noted_id, sizeof(pane->noted_id), view->id);
		pane->noted = 0;
	}
	for (i = 0; i < view->step_count; i++)
		note_step(pane, &view->steps[i]);
}
