/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on screen: the logs screen and the lower part of the rollout. The
 * lines lie in src/logs (store, filter, search); here is only what is shown
 * of them and where one reads.
 */
#ifndef CVMDECK_UI_LOG_PANE_H
#define CVMDECK_UI_LOG_PANE_H

#include "ui/log_feed.h"
#include "ui/ui.h"

struct log_pane;

enum log_times { LOG_TIMES_NONE, LOG_TIMES_SERVER, LOG_TIMES_LOCAL, LOG_TIMES_RELATIVE, LOG_TIMES_COUNT };

struct log_pane *log_pane_new(struct ui *ui, const struct cvm *cvm);
/* NULL is fine. */
void log_pane_free(struct log_pane *pane);
void log_pane_draw(struct log_pane *pane, struct ui *ui, struct area area);
void log_pane_move(struct log_pane *pane, struct ui *ui, enum move move);

const struct log_feed *log_pane_feed(const struct log_pane *pane);
bool log_pane_source_shown(const struct log_pane *pane, size_t source);
void log_pane_show_source(struct log_pane *pane, size_t source, bool shown);
text_style log_pane_source_style(size_t source);

bool log_pane_follows(const struct log_pane *pane);
void log_pane_follow(struct log_pane *pane, bool follow);
bool log_pane_wraps(const struct log_pane *pane);
void log_pane_wrap(struct log_pane *pane, bool wrap);
enum log_times log_pane_times(const struct log_pane *pane);
void log_pane_set_times(struct log_pane *pane, enum log_times times);

/* "" takes the search away. Errors: a pattern that cannot be read. */
bool log_pane_search(struct log_pane *pane, struct ui *ui, const char *text, bool backward, struct error *err) MUST_CHECK;
bool log_pane_has_search(const struct log_pane *pane);
void log_pane_match(struct log_pane *pane, struct ui *ui, bool backward);
/* "" takes the filter away. */
bool log_pane_filter(struct log_pane *pane, const char *text, struct error *err) MUST_CHECK;
/* The next or previous line whose words speak of an error; false when there is none. */
bool log_pane_error(struct log_pane *pane, bool backward);
/* Writes the lines that pass the filter, made safe. Out: *lines. */
bool log_pane_save(struct log_pane *pane, const char *path, size_t *lines, struct error *err) MUST_CHECK;
/* "following", "paused · 132 below", and what the filter hides. */
void log_pane_status(const struct log_pane *pane, struct buf *out);

#endif
