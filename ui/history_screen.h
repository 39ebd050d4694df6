/* SPDX-License-Identifier: Apache-2.0 */
/* What the history screen is made of: screen_history.c draws it, history_actions.c does what its keys say. */
#ifndef CVMDECK_UI_HISTORY_SCREEN_H
#define CVMDECK_UI_HISTORY_SCREEN_H

#include "ui/history.h"
#include "ui/screen.h"
#include "ui/widget_list.h"

struct history {
	struct screen screen;
	struct ui *ui;
	struct cvm cvm;
	bool has_cvm; /* false: the journal of every CVM */
	struct history_list *all;
	struct list list;
	char chosen[64]; /* id of the entry that was gone to; "" while nobody has moved: the newest is chosen */
	char marks[2][64]; /* ids; "" where none is marked */
	/* what a key asked for, while it is read */
	struct history_read *read;
	struct history_item wanted[2];
	struct history_text texts[2];
	size_t at, count;
};

bool history_is_marked(const struct history *self, const struct history_item *item);

#endif
