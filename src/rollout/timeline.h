/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a rollout with their times, made from the machine's states as they pass. Pure. */
#ifndef CVMDECK_ROLLOUT_TIMELINE_H
#define CVMDECK_ROLLOUT_TIMELINE_H

#include "rollout/machine.h"

enum step_id {
	STEP_ID_READ,
	STEP_ID_REVIEW,
	STEP_ID_PATCH,
	STEP_ID_CHECK,
	STEP_ID_SIGN_DEVICE,
	STEP_ID_DEVICE_MINED,
	STEP_ID_SIGN_HASH,
	STEP_ID_HASH_MINED,
	STEP_ID_PREPARE,
	STEP_ID_CONFIRM,
	STEP_ID_ROLLING,
	STEP_ID_RUNNING,
	STEP_ID_VERIFIED,
	STEP_ID_SIGN_REMOVAL, /* these two only once the old hash is to be removed */
	STEP_ID_REMOVAL_MINED,
	STEPS,
};

struct timeline {
	struct step steps[STEPS];
	size_t count; /* those that this kind of rollout can have */
	enum step_id ids[STEPS];
	int current; /* index into steps, -1 before the first */
};

void timeline_init(struct timeline *timeline, enum rollout_kind kind);
/* Brings it up to the machine's state. */
void timeline_update(struct timeline *timeline, const struct machine *machine, int64_t now_ms);
/* Says what the current step waits for; "" for nothing. */
void timeline_note(struct timeline *timeline, const char *note);

#endif
