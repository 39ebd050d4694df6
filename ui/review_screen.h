/* SPDX-License-Identifier: Apache-2.0 */
/* What the review is made of: screen_review.c draws it, review_actions.c does what its keys say. */
#ifndef CVMDECK_UI_REVIEW_SCREEN_H
#define CVMDECK_UI_REVIEW_SCREEN_H

#include "ui/review_diff.h"
#include "ui/screen.h"
#include "ui/widget_text.h"

enum review_tab { TAB_SUMMARY, TAB_COMPOSE, TAB_MANIFEST, TAB_ENV, TAB_COUNT };

struct review_screen {
	struct screen screen;
	enum review_tab tab;
	struct diff_view diff;
	struct page pages[TAB_COUNT];
};

#endif
