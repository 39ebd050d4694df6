/* SPDX-License-Identifier: Apache-2.0 */
/* How each screen is made; it is handed to ui_push, which owns it from then on. */
#ifndef CVMDECK_UI_SCREENS_H
#define CVMDECK_UI_SCREENS_H

#include "ui/ui.h"

struct log_pane;
struct prepared_view;

struct screen *screen_workspace_new(struct ui *ui);
struct screen *screen_review_new(struct ui *ui);
struct screen *screen_allowlist_new(void);
/* Lies over whatever is shown while the rollout's view has a card. */
struct screen *screen_card_new(struct ui *ui);
struct screen *screen_rollout_new(struct ui *ui);
/* NULL until logs are followed there. */
struct log_pane *screen_rollout_pane(struct screen *rollout);
/* Whether its lines are on the screen now: a failure may take their room. */
bool screen_rollout_shows_logs(const struct screen *rollout);
/* What is chosen of a prepared update. */
struct prepared_view *screen_rollout_prepared(struct screen *rollout);
/* pane: one that shows this CVM's logs already, to go on in; NULL: a new one. */
struct screen *screen_logs_new(struct ui *ui, const struct cvm *cvm, struct log_pane *pane);
struct log_pane *screen_logs_pane(struct screen *logs);
/* The list of sources: open or not, and which is chosen; false when it is closed. */
bool screen_logs_toggle_list(struct screen *logs);
bool screen_logs_chosen(const struct screen *logs, size_t *source);
/* The keys of a context. */
struct screen *screen_help_new(unsigned context);
/* cvm NULL: the journal of every CVM. */
struct screen *screen_history_new(struct ui *ui, const struct cvm *cvm);
struct screen *screen_pending_new(struct ui *ui, const struct cvm *cvm);
struct screen *screen_devices_new(struct ui *ui, const struct cvm *cvm);
/* A text that fills the screen: details of a failure, raw data. Copies both. */
struct screen *screen_text_new(const char *title, const char *text);

#endif
