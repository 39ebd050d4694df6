/* SPDX-License-Identifier: Apache-2.0 */
/* What is around every screen, and the small things they share. */
#ifndef CVMDECK_UI_WIDGET_FRAME_H
#define CVMDECK_UI_WIDGET_FRAME_H

#include "rollout/rollout.h"
#include "ui/ui.h"

/* Where one is, who one is, and whether everything is reachable. */
void frame_header(struct ui *ui, struct area line);
/* The keys that work now, the most useful first; the way out always. */
void frame_footer(struct ui *ui, struct area line);
/* The message at the bottom of the area, over as many rows as it takes. */
void frame_message(const struct ui *ui, struct area area);

/* Names in a row, the chosen one marked. Returns the column behind them. */
int draw_tabs(struct area area, int row, int col, const char *const *names, size_t count, size_t chosen);
/* ✓ ✗ ? or the spinner. */
const char *mark_text(struct ui *ui, enum mark mark);
text_style mark_style(enum mark mark);
/* "3m 05s ago" is "3m 05s": the time since then, in the one form. */
const char *draw_age(char out[24], int64_t then_ms);
/* A value as it stands in a list: a lone hash or address in its short form, anything else as it is. Borrowed. */
const char *short_value(char out[24], const char *value);
/* A compose hash in its short form, bare as everywhere: 42ac…bf5c. */
const char *short_hash(char out[24], const char *hash);
/* An empty screen's words in its middle. */
void draw_empty(struct area area, const char *what, const char *next);
/* What happened, what to do next, and the detail, each where it belongs. Returns the rows used. */
int draw_error(struct area area, int row, const struct error *err);

#endif
