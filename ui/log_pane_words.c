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

/* ---- nothing to show ---- */

/* No source gives anything: what the first of them says stands for all. */
static void add_why_none_comes(const struct log_feed *feed, struct buf *out)
{
	size_t i, count = log_feed_count(feed), tried = 0, refused = 0;
	const char *why = "";

	for (i = 0; i < count; i++) {
		const struct feed_source *source = log_feed_source(feed, i);

		tried += source->state == FEED_RETRYING;
		refused += source->state == FEED_FAILED;
		why = why[0] ? why : source->why;
	}
	if (!count)
		buf_add_text(out, "asking which sources there are");
	else if (tried + refused < count)
		buf_add_format(out, "waiting for the first line of %zu source%s", count, count == 1 ? "" : "s");
	else
		buf_add_format(out, "no source gives a line: %s%s", why, tried ? "; each is tried again" : "");
}

bool log_pane_why_nothing(const struct log_pane *pane, struct buf *out)
{
	uint64_t done, all;
	size_t i, count = log_feed_count(pane->feed), shown = 0;

	for (i = 0; i < count; i++)
		shown += log_pane_source_shown(pane, i);
	logs_filter_progress(pane->filter, &done, &all);
	if (!logs_store_count(pane->store) && log_feed_problem(pane->feed)[0])
		buf_add_text(out, log_feed_problem(pane->feed));
	else if (!logs_store_count(pane->store))
		add_why_none_comes(pane->feed, out);
	else if (done < all)
		buf_add_text(out, "looking for lines that pass the filter");
	else if (count && !shown)
		buf_add_text(out, "every source is hidden; Tab lists them, Space shows one");
	else
		buf_add_text(out, log_pane_has_filter(pane) ? "no line passes the filter; x sets it aside" : "the sources shown have no line yet");
	return !logs_store_count(pane->store) && !log_feed_problem(pane->feed)[0];
}

/* ---- status ---- */

static unsigned percent(uint64_t done, uint64_t all)
{
	return all ? (unsigned)(done * 100 / all) : 100;
}

/* in_full: the patterns too, not only how many there are. */
static void add_filters(const struct log_pane *pane, struct buf *out, bool in_full)
{
	size_t i, count = logs_filter_count(pane->filter);
	bool exclude;

	if (!log_pane_has_filter(pane))
		return;
	buf_add_text(out, logs_filter_suspended(pane->filter) ? " · filters aside:" : " ·");
	if (!in_full && count)
		buf_add_format(out, " %zu filter%s", count, count == 1 ? "" : "s");
	for (i = 0; in_full && i < count; i++) {
		const char *text = logs_pattern_text(logs_filter_pattern(pane->filter, i, &exclude));
		size_t len = strlen(text), fits = text_fit(text, len, 24);

		buf_add_text(out, exclude ? " !" : " &");
		text_safe(out, text, fits, TEXT_ONE_LINE);
		buf_add_text(out, fits < len ? "…" : "");
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

/* "12 016 lines", "559 of 12 031 lines"; paused: "line 556 of 559 · 12 031 in all". */
static void add_place(const struct log_pane *pane, struct buf *out)
{
	size_t rows = log_pane_rows(pane), all = logs_store_count(pane->store);
	char here[TEXT_SHORT_SIZE + 8], shown[TEXT_SHORT_SIZE + 8], held[TEXT_SHORT_SIZE + 8];

	text_grouped(here, log_pane_row(pane) + 1);
	text_grouped(shown, rows);
	text_grouped(held, all);
	if (!pane->follow && rows)
		buf_add_format(out, " · line %s of %s%s%s%s", here, shown, rows == all ? "" : " · ", rows == all ? "" : held, rows == all ? "" : " in all");
	else if (rows == all)
		buf_add_format(out, " · %s lines", shown);
	else
		buf_add_format(out, " · %s of %s lines", shown, held);
}

static void add_status(const struct log_pane *pane, struct buf *out, bool in_full)
{
	char count[TEXT_SHORT_SIZE + 8];

	if (pane->follow)
		buf_add_text(out, "following");
	else
		buf_add_format(out, "paused · %s new", text_grouped(count, logs_filter_shown_since(pane->filter, pane->paused_at)));
	if (log_pane_selected(pane))
		buf_add_format(out, " · %s selected", text_grouped(count, log_pane_selected(pane)));
	add_place(pane, out);
	if (pane->offset && !pane->wrap)
		buf_add_format(out, " · from column %d", pane->offset + 1);
	add_filters(pane, out, in_full);
	add_work(pane, out);
	if (logs_store_disk_bytes(pane->store))
		buf_add_format(out, " · %s MiB on disk", text_grouped(count, (logs_store_disk_bytes(pane->store) + (1 << 20) - 1) >> 20));
	if (logs_store_dropped(pane->store))
		buf_add_format(out, " · %s oldest dropped", text_grouped(count, logs_store_dropped(pane->store)));
}

void log_pane_status(const struct log_pane *pane, int columns, struct buf *out)
{
	size_t begin = out->len;

	add_status(pane, out, true);
	if (text_width(buf_text(out) + begin, out->len - begin) <= (size_t)columns)
		return;
	out->len = begin;
	add_status(pane, out, false);
}

/* ---- a rollout's marks ---- */

static const struct { const char *step, *ended; bool with_note; } noted_steps[] = {
	{ "patch", "patched: the backend was told", true }, { "device-mined", "device transaction mined", true }, { "hash-mined", "transaction mined", true },
	{ "confirm", "confirmed", true },                   { "rolling", "restarted", false },                    { "running", "running", true },
	{ "verified", "verified", true },
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
		if (step->state == STEP_DONE)
			note(pane, i, step->ended_ms, noted_steps[i].ended, noted_steps[i].with_note ? step->note : "");
		else if (step->state == STEP_FAILED)
			note(pane, i, step->ended_ms, "failed", step->title);
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
