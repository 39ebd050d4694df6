/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two texts on screen: side by side where there is room, unified where not. */
#ifndef CVMDECK_UI_REVIEW_DIFF_H
#define CVMDECK_UI_REVIEW_DIFF_H

#include "compose/diff.h"
#include "ui/widget_list.h"

enum { DIFF_WIDE = 140, DIFF_CONTEXT = 3 };

struct diff_entry {
	size_t index;  /* row or line of the difference */
	size_t folded; /* lines hidden here; 0: the row itself is shown */
	bool changed;
};

struct diff_view {
	const struct compose_diff *diff; /* borrowed */
	bool folded, white, wide;
	bool built;
	bool cut; /* a line drawn last goes on beyond the right edge */
	struct diff_entry *entries;
	size_t count, cap;
	struct list scroll;
	char search[128];
	size_t here; /* the entry last jumped to */
	bool has_here;
};

void diff_view_clear(struct diff_view *view);
/* Another difference, or NULL. */
void diff_view_set(struct diff_view *view, const struct compose_diff *diff);
/* Folds or unfolds; false: there is nothing that it would hide. */
bool diff_view_fold(struct diff_view *view);
void diff_view_draw(struct diff_view *view, struct area area);
/* To the next or previous change, or match while something is looked for; false: there is none that way. */
bool diff_view_jump(struct diff_view *view, bool backward);

#endif
