/* SPDX-License-Identifier: Apache-2.0 */
/* What the files log_pane*.c share; others include ui/log_pane.h. */
#ifndef CVMDECK_UI_LOG_PANE_PRIVATE_H
#define CVMDECK_UI_LOG_PANE_PRIVATE_H

#include "logs/render.h"
#include "logs/search.h"
#include "ui/log_pane.h"
#include "ui/log_save.h"

enum { LOG_ROLLOUT_SOURCE = 0xFFFF };
#define LOG_NO_LINE UINT64_MAX

struct log_pane {
	struct ui *ui;
	unsigned shares;
	struct log_feed *feed;
	struct logs_store *store;
	struct logs_filter *filter;
	struct logs_pattern *pattern; /* of the search, or NULL */
	struct logs_search search;
	bool searching;
	enum logs_level least;
	bool follow, wrap;
	enum log_times times;
	uint64_t top;       /* number of the first line shown, when not following */
	uint64_t skip_of;   /* of this line, when it is the first, */
	int skip;           /* so many screen rows are above the screen */
	int tall;           /* the present line, when it is that one, has so many more than the screen */
	bool from_below;    /* it was come to from the line below */
	uint64_t at;        /* the present line, when not following */
	uint64_t anchor;    /* where a selection began; LOG_NO_LINE: there is none */
	uint64_t paused_at; /* the store's end when reading was paused */
	uint64_t *marks;    /* ascending */
	size_t mark_count, mark_cap;
	int offset;
	size_t height;      /* in screen rows, */
	size_t shown;       /* and so many lines were painted in them */
	bool held;          /* streams were told to wait */
	struct loop_timer frame, work;
	struct log_save *save;
	struct logs_rendered rendered;
	char noted_id[40];  /* the rollout whose steps are noted */
	uint64_t noted;     /* a bit for each step */
};

size_t log_pane_rows(const struct log_pane *pane);
struct logs_line log_pane_line(const struct log_pane *pane, size_t row);
/* The row of the present line. */
size_t log_pane_row(const struct log_pane *pane);
/* Pauses there; a row out of sight is put at a third of the height. */
void log_pane_go_to_row(struct log_pane *pane, size_t row);
bool log_pane_is_marked(const struct log_pane *pane, uint64_t number);
/* First and last row of the selection, or of the present line. */
void log_pane_extent(const struct log_pane *pane, size_t *first, size_t *last);
/* Goes on with filter and search, in slices, until they are done. */
void log_pane_work(struct log_pane *pane);
/* The time column's text for a line; `before` is the one above it or NULL. Returns the column's width. */
int log_time_text(char out[40], enum log_times times, const struct logs_line *line, const struct logs_line *before);
/* Why there is no line to show; true when one may come by itself. */
bool log_pane_why_nothing(const struct log_pane *pane, struct buf *out);
/* 2026-01-01T00:00:00.123456Z */
void log_time_exact(char out[40], int64_t time_us);

#endif
