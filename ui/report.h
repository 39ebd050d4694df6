/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a rollout is told without a screen: as lines for people (plain.c) or as
 * one JSON object a line (json.c). Both tell the same steps from the same view.
 */
#ifndef CVMDECK_UI_REPORT_H
#define CVMDECK_UI_REPORT_H

#include <stdio.h>

#include "rollout/rollout.h"
#include "ui/memo.h"

struct report {
	void (*view)(struct report *report, const struct rollout_view *view);
	/* The end; view may be NULL when nothing was begun. */
	void (*result)(struct report *report, const struct rollout_view *view, const struct outcome *outcome);
	struct memo memo;
	FILE *out;    /* what a script reads */
	FILE *people; /* progress */
};

void report_init_plain(struct report *report);
void report_init_json(struct report *report);
void report_clear(struct report *report);

/* The review as text. */
void report_print_review(FILE *out, const struct rollout_view *view);

/* An error that came before any rollout, in the same form. Returns the exit code. */
enum status report_error(struct report *report, const struct error *err);

#endif
