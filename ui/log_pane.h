/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on screen: the logs screen and the lower part of the rollout. The
 * lines lie in src/logs (store, filter, search); here is only what is shown
 * of them, where one reads, and what one does with the lines there.
 *
 * A pane is shared by counting: the logs screen opened from a rollout shows
 * the rollout's own pane.
 */
#ifndef CVMDECK_UI_LOG_PANE_H
#define CVMDECK_UI_LOG_PANE_H

#include "ui/log_feed.h"
#include "ui/ui.h"

struct log_pane;

enum log_times { LOG_TIMES_NONE, LOG_TIMES_SERVER, LOG_TIMES_LOCAL, LOG_TIMES_RELATIVE, LOG_TIMES_DELTA, LOG_TIMES_COUNT };

struct log_pane *log_pane_new(struct ui *ui, const struct cvm *cvm);
struct log_pane *log_pane_share(struct log_pane *pane);
/* The last one frees it; NULL is fine. */
void log_pane_free(struct log_pane *pane);
/* Follows the logs of this CVM too; false when it is there already. */
bool log_pane_add_cvm(struct log_pane *pane, const struct cvm *cvm);
bool log_pane_is_of(const struct log_pane *pane, const struct cvm *cvm);
void log_pane_draw(struct log_pane *pane, struct ui *ui, struct area area);
void log_pane_move(struct log_pane *pane, struct ui *ui, enum move move);
/* Puts what the rollout has reached between the lines: patched, mined, restarted, running. */
void log_pane_note_rollout(struct log_pane *pane, const struct rollout_view *view);

const struct log_feed *log_pane_feed(const struct log_pane *pane);
bool log_pane_source_shown(const struct log_pane *pane, size_t source);
void log_pane_show_source(struct log_pane *pane, size_t source, bool shown);
/* Only this one; or all, when it is the only one already. */
void log_pane_only_source(struct log_pane *pane, size_t source);
text_style log_pane_source_style(size_t source);
/* "web", or "payments-api web" where there are several CVMs. */
void log_pane_source_name(const struct log_pane *pane, size_t source, char *out, size_t size);

bool log_pane_follows(const struct log_pane *pane);
void log_pane_follow(struct log_pane *pane, bool follow);
bool log_pane_wraps(const struct log_pane *pane);
void log_pane_wrap(struct log_pane *pane, bool wrap);
enum log_times log_pane_times(const struct log_pane *pane);
void log_pane_set_times(struct log_pane *pane, enum log_times times);

/* "" takes the search away. Errors: a pattern that cannot be read. */
bool log_pane_search(struct log_pane *pane, const char *text, bool backward, struct error *err) MUST_CHECK;
bool log_pane_has_search(const struct log_pane *pane);
void log_pane_match(struct log_pane *pane, bool backward);
/* Adds a pattern; "" takes those of its kind away. */
bool log_pane_filter(struct log_pane *pane, const char *text, bool exclude, struct error *err) MUST_CHECK;
bool log_pane_has_filter(const struct log_pane *pane);
/* All filters aside, or back; the same line stays in sight. */
bool log_pane_suspend_filters(struct log_pane *pane);
/* The next least level: all, warnings, errors. */
const char *log_pane_next_level(struct log_pane *pane);
/* Goes to the next or previous line whose words speak of an error, following to the newest; it is said when there is none. */
void log_pane_error(struct log_pane *pane, bool backward);

/* Marks the present line, or takes the mark away. */
void log_pane_mark(struct log_pane *pane);
/* Goes to the next mark, round the end; false when there is none. */
bool log_pane_next_mark(struct log_pane *pane);
/* Begins a selection at the present line, or ends it. */
void log_pane_select(struct log_pane *pane);
size_t log_pane_selected(const struct log_pane *pane);
/* The selection, or the present line, as harmless text. Returns how many lines fit below `max` bytes. */
size_t log_pane_copy(struct log_pane *pane, struct buf *out, size_t max);
/* The present line whole, JSON in it laid out, as text to read; false when there is no line. */
bool log_pane_whole(struct log_pane *pane, struct buf *title, struct buf *text);

enum log_extent { LOG_SELECTION, LOG_SHOWN, LOG_EVERYTHING };
/* Begins to write lines, made safe, to a file; it is said when it is done. */
bool log_pane_save(struct log_pane *pane, const char *path, enum log_extent extent, struct error *err) MUST_CHECK;

/* "following", "paused · 132 new", what the filter hides and what is under way; shorter where it has no room. */
void log_pane_status(const struct log_pane *pane, int columns, struct buf *out);

#endif
