/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a rollout without a screen: who approves, when it stops, what is told. */
#ifndef CVMDECK_UI_HEADLESS_H
#define CVMDECK_UI_HEADLESS_H

#include "rollout/rollout.h"
#include "rollout/session.h"
#include "ui/headless_ask.h"
#include "ui/report.h"

enum headless_goal {
	HEADLESS_ALL,    /* to the end */
	HEADLESS_REVIEW, /* until the review is there: diff, hash, plan; nothing is sent */
};

struct headless_options {
	enum headless_goal goal;
	bool yes;               /* approve the review and every card that is offered */
	bool prepare;           /* --prepare-only: nothing will be signed */
	bool ask;               /* a person is at the terminal: ask */
};

/*
 * Runs the rollout that start_or_resume made until its goal, an end or an
 * interrupt, on the session's loop. With HEADLESS_REVIEW, reviewed is called
 * with the finished view and no result is told.
 * Returns the process's exit code.
 */
struct headless {
	struct session *session;
	struct report *report;
	struct headless_options options;
	/* Returns false with the reason when what the review was for failed (a plan that cannot be written). */
	bool (*reviewed)(struct headless *headless, const struct rollout_view *view, struct error *err);
	void *ctx;
	/* inside */
	struct rollout *rollout;
	enum status status;
	bool ended;
	struct ask ask;
	bool unlocking, typed; /* a password or key was given; by hand */
	unsigned tries;
};

/* Starts request (taken over) and runs. */
enum status headless_run(struct headless *headless, struct rollout_request *request);
/* Does what a plan file says; options (taken over) holds what is of the moment. */
enum status headless_apply(struct headless *headless, const char *path, struct rollout_request *options);
/* Resumes the journal's rollout and runs; moment (borrowed) holds what is of the moment. */
enum status headless_resume(struct headless *headless, const char *id, const struct rollout_request *moment);

#endif
