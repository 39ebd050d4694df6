/* SPDX-License-Identifier: Apache-2.0 */
/* How a rollout ended, in lines: what happened, what is safe now, what to do next. */
#ifndef CVMDECK_UI_ROLLOUT_OUTCOME_H
#define CVMDECK_UI_ROLLOUT_OUTCOME_H

#include "rollout/rollout.h"
#include "ui/widget_text.h"

/* Adds the lines for a window of this width. */
void outcome_add(struct page *page, const struct rollout_view *view, int width);
/* The same and every step's note, as one text. */
void outcome_add_details(struct buf *out, const struct rollout_view *view);

#endif
