/* SPDX-License-Identifier: Apache-2.0 */
/* How each screen is made; it is handed to ui_push, which owns it from then on. */
#ifndef CVMDECK_UI_SCREENS_H
#define CVMDECK_UI_SCREENS_H

#include "ui/ui.h"

struct screen *screen_workspace_new(struct ui *ui);
struct screen *screen_review_new(struct ui *ui);
struct screen *screen_allowlist_new(void);
/* Lies over whatever is shown while the rollout's view has a card. */
struct screen *screen_card_new(struct ui *ui);
struct screen *screen_rollout_new(struct ui *ui);
struct screen *screen_logs_new(struct ui *ui, const struct cvm *cvm);
/* The keys of a context. */
struct screen *screen_help_new(unsigned context);
struct screen *screen_history_new(struct ui *ui);
struct screen *screen_devices_new(struct ui *ui, const struct cvm *cvm);
/* A text that fills the screen: details of a failure, raw data. Copies both. */
struct screen *screen_text_new(const char *title, const char *text);

#endif
