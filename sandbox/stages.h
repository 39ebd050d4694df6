/* SPDX-License-Identifier: Apache-2.0 */
/* Where a CVM stands at this moment: worked out from when its rollout began. */
#ifndef CVMDECK_SANDBOX_STAGES_H
#define CVMDECK_SANDBOX_STAGES_H

#include "sandbox/faults.h"
#include "sandbox/world.h"

struct sb_stage {
	const char *status;
	const char *boot_progress;     /* NULL: none */
	const char *shutdown_progress; /* NULL: none */
	const char *boot_error;        /* NULL: none */
	const char *operation;         /* NULL: none in progress */
	int64_t operation_ms;
	const char *correlation_id;
	bool in_progress;
};

/* Ends what has ended by now and says how it stands. */
struct sb_stage sb_stage_now(struct sb_world *world, struct sb_cvm *cvm);

/* Begins the rollout of a document; out: the correlation id. */
void sb_stage_begin(struct sb_world *world, struct sb_cvm *cvm, const char *text, const char *encrypted_env,
	const struct sb_rollout_lies *lies, char correlation_id[SB_UUID_TEXT]);

/* The CVM was told as it is: one that is to stop once it was told as running stops now. */
void sb_stage_told(struct sb_world *world, struct sb_cvm *cvm);

/* Gives up what is in progress; false when nothing is. */
bool sb_stage_cancel(struct sb_world *world, struct sb_cvm *cvm, char correlation_id[SB_UUID_TEXT]);
/* Starts or stops a machine at once. */
void sb_stage_power(struct sb_world *world, struct sb_cvm *cvm, bool on);

#endif
