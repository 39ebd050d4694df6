/* SPDX-License-Identifier: Apache-2.0 */
/* A rollout over time: one table of stages, one end of three. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/stages.h"

enum { CONTAINERS_STOP_MS = 500, POWER_OFF_MS = 1100, CONTAINERS_START_MS = 3700, BACK_MS = 5200, END_MS = 4300 };

static const struct {
	int64_t until_ms;
	const char *status, *boot_progress, *shutdown_progress;
} stages[] = {
	{ CONTAINERS_STOP_MS, "updating", NULL, "stopping containers" },
	{ POWER_OFF_MS, "updating", NULL, "powering off" },
	{ 1700, "starting", "initializing", NULL },
	{ 2300, "starting", "requesting app keys", NULL },
	{ 2900, "starting", "preparing storage", NULL },
	{ CONTAINERS_START_MS, "starting", "pulling images", NULL },
	{ END_MS, "starting", "starting containers", NULL },
	{ BACK_MS, "starting", "going back to the previous compose", NULL },
};
enum { STAGES = sizeof(stages) / sizeof(stages[0]), STAGE_PULLING = 5 };

static int64_t scaled(const struct sb_world *world, int64_t ms)
{
	return (int64_t)((double)ms / world->speed);
}

static struct sb_operation *last_operation(struct sb_cvm *cvm)
{
	return cvm->operation_count > 0 ? &cvm->operations[cvm->operation_count - 1] : NULL;
}

static void close_epochs(struct sb_cvm *cvm, bool machine, int64_t at_ms)
{
	for (size_t i = 0; i < cvm->epoch_count; i++) {
		struct sb_epoch *epoch = &cvm->epochs[i];
		bool is_machine = epoch->image[0] == '\0';
		if (epoch->until_ms == 0 && is_machine == machine)
			epoch->until_ms = at_ms > epoch->from_ms ? at_ms : epoch->from_ms + 1;
	}
}

static void open_machine(struct sb_cvm *cvm, int64_t at_ms)
{
	sb_cvm_add_epoch(cvm, "serial", "", at_ms);
	sb_cvm_add_epoch(cvm, "stdout", "", at_ms);
	sb_cvm_add_epoch(cvm, "stderr", "", at_ms);
}

/* The machine's logs turn over when it does; the containers' when their stage comes. */
static void move_logs(struct sb_world *world, struct sb_cvm *cvm)
{
	struct sb_rollout *rollout = &cvm->rollout;
	int64_t start = rollout->started_ms;
	bool back = rollout->outcome == SB_ROLL_BACK;
	close_epochs(cvm, false, start + scaled(world, CONTAINERS_STOP_MS));
	close_epochs(cvm, true, start + scaled(world, POWER_OFF_MS));
	open_machine(cvm, start + scaled(world, POWER_OFF_MS));
	if (rollout->outcome != SB_ROLL_NEVER)
		sb_cvm_start_containers(cvm, back ? cvm->text : rollout->text, start + scaled(world, back ? END_MS : CONTAINERS_START_MS));
	rollout->logs_moved = true;
}

static void end_operation(struct sb_cvm *cvm, int64_t at_ms, const char *error)
{
	struct sb_operation *operation = last_operation(cvm);
	if (operation != NULL && operation->ended_ms == 0) {
		operation->ended_ms = at_ms;
		operation->error = mem_strdup(error);
	}
}

static void rollout_end(struct sb_world *world, struct sb_cvm *cvm)
{
	struct sb_rollout *rollout = &cvm->rollout;
	bool back = rollout->outcome == SB_ROLL_BACK;
	int64_t at_ms = rollout->started_ms + scaled(world, back ? BACK_MS : END_MS);
	rollout->active = false;
	cvm->status = SB_RUNNING;
	cvm->booted_ms = at_ms;
	if (back) {
		text_copy(cvm->boot_error, sizeof(cvm->boot_error), rollout->boot_error);
		end_operation(cvm, at_ms, rollout->boot_error);
		return;
	}
	sb_cvm_set_text(cvm, rollout->text);
	if (rollout->encrypted_env != NULL) {
		free(cvm->encrypted_env);
		cvm->encrypted_env = mem_strdup(rollout->encrypted_env);
	}
	end_operation(cvm, at_ms, NULL);
	sb_cvm_add_revision(world, cvm, "compose_update", at_ms);
}

static size_t stage_at(const struct sb_world *world, const struct sb_rollout *rollout, int64_t elapsed)
{
	for (size_t i = 0; i < STAGES; i++)
		if (elapsed < scaled(world, stages[i].until_ms))
			return rollout->outcome == SB_ROLL_NEVER && i > STAGE_PULLING ? STAGE_PULLING : i;
	return rollout->outcome == SB_ROLL_NEVER ? STAGE_PULLING : STAGES;
}

static struct sb_stage stage_rolling(struct sb_world *world, struct sb_cvm *cvm)
{
	struct sb_rollout *rollout = &cvm->rollout;
	int64_t elapsed = clock_wall_ms() - rollout->started_ms;
	size_t at = stage_at(world, rollout, elapsed);
	bool back = rollout->outcome == SB_ROLL_BACK;
	if (!rollout->logs_moved)
		move_logs(world, cvm);
	if (at == STAGES || (!back && at > STAGE_PULLING && elapsed >= scaled(world, END_MS))) {
		rollout_end(world, cvm);
		return sb_stage_now(world, cvm);
	}
	return (struct sb_stage){ .status = stages[at].status, .boot_progress = stages[at].boot_progress,
		.shutdown_progress = stages[at].shutdown_progress, .in_progress = true, .operation = "compose_update",
		.boot_error = back && at > STAGE_PULLING ? rollout->boot_error : NULL, .operation_ms = rollout->started_ms,
		.correlation_id = rollout->correlation_id };
}

struct sb_stage sb_stage_now(struct sb_world *world, struct sb_cvm *cvm)
{
	static const char stuck_id[] = "57c0ffee-0000-4000-8000-000000000465";
	if (cvm->rollout.active)
		return stage_rolling(world, cvm);
	switch (cvm->status) {
	case SB_STOPPED:
		return (struct sb_stage){ .status = "stopped" };
	case SB_STUCK:
		return (struct sb_stage){ .status = "updating", .in_progress = true, .boot_progress = "pulling images",
			.operation = "compose_update", .operation_ms = world->began_ms - 7200000, .correlation_id = stuck_id };
	case SB_STARTING:
		return (struct sb_stage){ .status = "starting", .in_progress = true, .boot_progress = "pulling images", .operation = "start",
			.operation_ms = world->began_ms - 12000, .correlation_id = stuck_id };
	case SB_RUNNING:
		break;
	}
	return (struct sb_stage){ .status = "running", .boot_progress = "done", .boot_error = cvm->boot_error[0] ? cvm->boot_error : NULL };
}

void sb_stage_begin(struct sb_world *world, struct sb_cvm *cvm, const char *text, const char *encrypted_env,
	const struct sb_rollout_lies *lies, char correlation_id[SB_UUID_TEXT])
{
	struct sb_rollout *rollout = &cvm->rollout;
	free(rollout->text);
	free(rollout->encrypted_env);
	*rollout = (struct sb_rollout){ .active = true, .started_ms = clock_wall_ms(), .text = mem_strdup(text),
		.encrypted_env = mem_strdup(encrypted_env), .outcome = (enum sb_outcome)lies->mode };
	hash_sha256(rollout->hash, text, strlen(text));
	sb_world_new_uuid(world, rollout->correlation_id);
	memcpy(correlation_id, rollout->correlation_id, SB_UUID_TEXT);
	if (rollout->outcome == SB_ROLL_IDLE) { /* taken, and nothing begins */
		rollout->active = false;
		return;
	}
	text_copy(rollout->boot_error, sizeof(rollout->boot_error),
		lies->boot_error[0] != '\0' ? lies->boot_error : "failed to start containers: image not found");
	cvm->boot_error[0] = '\0';
	cvm->operations = mem_grow(cvm->operations, cvm->operation_count, &cvm->operation_cap, sizeof(*cvm->operations));
	struct sb_operation *operation = &cvm->operations[cvm->operation_count++];
	*operation = (struct sb_operation){ .type = "compose_update", .started_ms = rollout->started_ms };
	memcpy(operation->correlation_id, rollout->correlation_id, SB_UUID_TEXT);
	memcpy(operation->hash, rollout->hash, HASH_SIZE);
}

void sb_stage_told(struct sb_world *world, struct sb_cvm *cvm)
{
	if (cvm->rollout.outcome != SB_ROLL_STOPS || cvm->rollout.active || cvm->status != SB_RUNNING)
		return;
	cvm->rollout.outcome = SB_ROLL_OK;
	sb_stage_power(world, cvm, false);
}

bool sb_stage_cancel(struct sb_world *world, struct sb_cvm *cvm, char correlation_id[SB_UUID_TEXT])
{
	struct sb_stage stage = sb_stage_now(world, cvm);
	if (!stage.in_progress)
		return false;
	text_copy(correlation_id, SB_UUID_TEXT, stage.correlation_id);
	cvm->rollout.active = false;
	cvm->status = SB_RUNNING;
	end_operation(cvm, clock_wall_ms(), "cancelled");
	return true;
}

void sb_stage_power(struct sb_world *world, struct sb_cvm *cvm, bool on)
{
	int64_t now = clock_wall_ms();
	(void)world;
	if (on == (cvm->status == SB_RUNNING))
		return;
	cvm->status = on ? SB_RUNNING : SB_STOPPED;
	if (on) {
		cvm->booted_ms = now;
		open_machine(cvm, now);
		sb_cvm_start_containers(cvm, cvm->text, now + 500);
	} else {
		close_epochs(cvm, false, now);
		close_epochs(cvm, true, now);
	}
}
