/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of a log pane: one line of all of them, a list to choose from, and what is wrong in words. */
#ifndef CVMDECK_UI_LOG_PANEL_H
#define CVMDECK_UI_LOG_PANEL_H

#include "ui/log_pane.h"
#include "ui/widget_list.h"

enum { LOG_PANEL_WIDTH = 34 };

/* Every source with its state's sign, as many as fit. */
void log_panel_strip(const struct log_pane *pane, struct ui *ui, struct area line);
void log_panel_list(const struct log_pane *pane, struct ui *ui, struct area area, struct list *list);
/* What is known of one source, as a text to read; false when there is none. */
bool log_panel_words(const struct log_pane *pane, size_t source, struct buf *title, struct buf *text);
/* Why something does not come, and what to look at instead. */
void log_panel_trouble(const struct log_pane *pane, struct ui *ui, struct area line);

#endif
