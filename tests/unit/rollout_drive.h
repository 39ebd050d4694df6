/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives whole rollouts against a sandbox, as a headless front end would: a
 * sandbox as a child, a session with a state folder of its own, and an
 * operator who says yes (or what a test says).
 */
#ifndef CVMDECK_TESTS_ROLLOUT_DRIVE_H
#define CVMDECK_TESTS_ROLLOUT_DRIVE_H

#include "unit/unit.h"

#include "child.h"
#include "rollout/rollout.h"
#include "rollout/session.h"

struct drive {
	struct child *sandbox;
	char api[80], rpc[80], key[80], other_key[80], owner[48];
	unsigned first_nonce;
	bool knows_nonce;
	const char *second_rpc;  /* a further endpoint; NULL: none */
	char *state_dir;
	struct session *session;
	struct rollout *rollout;
	/* the operator */
	bool decline_review, decline_card, use_registered;
	const char *override;    /* typed when a check stops */
	const struct rollout_request *moment; /* what a resume is given; NULL: nothing */
	/* what was seen */
	unsigned cards, reviews, overrides;
	bool over;
	struct outcome outcome;
	enum rollout_phase phase;
	char id[40];
	char form[24], simulation[200], argument_note[160];
	bool (*stop)(struct drive *drive, const struct rollout_view *view); /* true: stop the loop here */
	bool stopped;
};

/* faults: JSON or NULL. */
void drive_begin(struct drive *drive, const char *faults);
void drive_end(struct drive *drive);
/* A session; key NULL: without one; rpc_count times the sandbox's RPC, or urls of one's own. */
void drive_open(struct drive *drive, const char *key);
void drive_close(struct drive *drive);
/* The request for an update of a CVM; the compose may be NULL. */
struct rollout_request drive_request(const char *cvm, const char *compose);
void drive_run(struct drive *drive, struct rollout_request *request);
void drive_run_until_review(struct drive *drive, struct rollout_request *request);
void drive_wait(struct drive *drive);
void drive_resume(struct drive *drive, const char *id);
/* Does what a plan file says. */
void drive_apply(struct drive *drive, const char *path);
/* POST to the sandbox's control paths; the answer's body, borrowed until the next. */
const char *drive_control(struct drive *drive, const char *path, const char *body);
/* The owner's pending nonce, and how many transactions it has sent since the drive began. */
unsigned drive_nonce(struct drive *drive);
unsigned drive_sent(struct drive *drive);
unsigned drive_block(struct drive *drive);
/* What the chain answers to a call of a contract now, "0x…"; borrowed until the next. */
const char *drive_call(struct drive *drive, const char *to, const char *data);
/* How many requests the sandbox got whose line holds both texts. */
unsigned drive_requests(struct drive *drive, const char *method, const char *target);
/* The mark of a check of the last view, MARK_NONE when there is no row. */
enum mark drive_mark(const struct drive *drive, const char *id);
const char *drive_compose(void);

#endif
