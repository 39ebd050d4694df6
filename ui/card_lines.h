/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on a signature card: the call and what it was compared with, the terms, or the bare bytes. */
#ifndef CVMDECK_UI_CARD_LINES_H
#define CVMDECK_UI_CARD_LINES_H

#include "rollout/rollout.h"
#include "ui/ui.h"
#include "ui/widget_text.h"

enum { CARD_WIDTH = 76 };

void card_add_lines(struct page *page, struct ui *ui, const struct card *card);
/* The unsigned transaction and its call data; who only watches gets the command that signs it elsewhere. */
void card_add_raw(struct page *page, const struct card *card);

#endif
