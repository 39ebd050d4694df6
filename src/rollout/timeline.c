/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline: each state belongs to one step; when a later step begins, the
 * ones before it are done, or skipped where they never began: neither here nor,
 * of a resumed rollout, in an earlier process.
 */
#include "rollout/timeline.h"

#include <string.h>

#include "base/text.h"

struct step_kind {
	const char *id, *title;
	unsigned kinds; /* of rollouts that have it, as bits */
};

#define KIND(k) (1u << ROLLOUT_##k)
#define CHAIN_KINDS (KIND(UPDATE) | KIND(ALLOW))

static const struct step_kind kinds[STEPS] = {
	[STEP_ID_READ] = { "read", "read the CVM", KIND(UPDATE) | KIND(PREPARE) | KIND(COMMIT) | KIND(ALLOW) },
	[STEP_ID_REVIEW] = { "review", "review", KIND(UPDATE) | KIND(PREPARE) },
	[STEP_ID_PATCH] = { "patch", "tell the backend", KIND(UPDATE) | KIND(PREPARE) },
	[STEP_ID_CHECK] = { "check", "check the chain", KIND(UPDATE) | KIND(PREPARE) | KIND(COMMIT) | KIND(ALLOW) },
	[STEP_ID_SIGN_DEVICE] = { "sign-device", "sign for the device", CHAIN_KINDS },
	[STEP_ID_DEVICE_MINED] = { "device-mined", "device transaction mined", CHAIN_KINDS },
	[STEP_ID_SIGN_HASH] = { "sign-hash", "sign for the compose hash", CHAIN_KINDS },
	[STEP_ID_HASH_MINED] = { "hash-mined", "hash transaction mined", CHAIN_KINDS },
	[STEP_ID_PREPARE] = { "prepare", "prepare for the owners", KIND(UPDATE) | KIND(PREPARE) },
	[STEP_ID_CONFIRM] = { "confirm", "confirm with the backend", KIND(UPDATE) | KIND(COMMIT) },
	[STEP_ID_ROLLING] = { "rolling", "the CVM restarts", KIND(UPDATE) | KIND(COMMIT) },
	[STEP_ID_RUNNING] = { "running", "the CVM runs", KIND(UPDATE) | KIND(COMMIT) },
	[STEP_ID_VERIFIED] = { "verified", "verified", KIND(UPDATE) | KIND(COMMIT) },
	[STEP_ID_SIGN_REMOVAL] = { "sign-removal", "sign for the removal", 0 },
	[STEP_ID_REMOVAL_MINED] = { "removal-mined", "removal mined", 0 },
};

static void add_step(struct timeline *timeline, enum step_id id)
{
	struct step *step = &timeline->steps[timeline->count];
	memset(step, 0, sizeof(*step));
	step->id = kinds[id].id;
	step->title = kinds[id].title;
	timeline->ids[timeline->count++] = id;
}

void timeline_init(struct timeline *timeline, enum rollout_kind kind)
{
	memset(timeline, 0, sizeof(*timeline));
	timeline->current = -1;
	for (int i = 0; i < STEPS; i++)
		if (kinds[i].kinds & (1u << kind))
			add_step(timeline, (enum step_id)i);
}

static bool is_about_device(const struct machine *machine)
{
	if (machine->tx_index >= machine->tx_count)
		return false;
	enum allow_verb verb = machine->txs[machine->tx_index].verb;
	return verb != ALLOW_ADD_HASH && verb != ALLOW_REMOVE_HASH;
}

static enum step_id step_of(const struct machine *machine, enum machine_state state)
{
	bool device = is_about_device(machine), removal = machine->removing_old;
	switch (state) {
	case M_READING: return STEP_ID_READ;
	case M_REVIEW: return STEP_ID_REVIEW;
	case M_PATCHING: return STEP_ID_PATCH;
	case M_STOPPED: return machine->accepted ? STEP_ID_VERIFIED : STEP_ID_CHECK;
	case M_CHECKING:
	case M_WAITING: return STEP_ID_CHECK;
	case M_BUILDING:
	case M_CARD:
	case M_SIGNING: return removal ? STEP_ID_SIGN_REMOVAL : device ? STEP_ID_SIGN_DEVICE : STEP_ID_SIGN_HASH;
	case M_SENDING:
	case M_MINING: return removal ? STEP_ID_REMOVAL_MINED : device ? STEP_ID_DEVICE_MINED : STEP_ID_HASH_MINED;
	case M_PREPARING:
	case M_PREPARED: return STEP_ID_PREPARE;
	case M_CONFIRMING:
	case M_CONFIRM_GAP:
	case M_RESOLVING: return machine->confirm_sent ? STEP_ID_CONFIRM : STEP_ID_PATCH;
	case M_ROLLING: return machine->seen_started ? STEP_ID_RUNNING : STEP_ID_ROLLING;
	default: return STEP_ID_VERIFIED;
	}
}

static int index_of(const struct timeline *timeline, enum step_id id)
{
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->ids[i] == id)
			return (int)i;
	return -1;
}

static void finish_step(struct step *step, enum step_state state, int64_t now_ms)
{
	if (step->state == STEP_RUNNING) {
		step->state = state;
		step->ended_ms = now_ms;
		step->until_ms = 0;
	}
}

static bool has_mined(const struct machine *machine, enum allow_verb verb)
{
	uint8_t hash[32];
	return machine_hash_tx(machine, verb, hash);
}

/* What the record says that nobody need see again. */
static bool was_done_earlier(const struct machine *machine, enum step_id id)
{
	switch (id) {
	case STEP_ID_REVIEW: return machine->journaled;
	case STEP_ID_PATCH: return machine->patched;
	case STEP_ID_CHECK: return machine->tx_count > 0 || machine->confirm_sent;
	case STEP_ID_SIGN_DEVICE:
	case STEP_ID_DEVICE_MINED: return has_mined(machine, ALLOW_ADD_DEVICE);
	case STEP_ID_SIGN_HASH:
	case STEP_ID_HASH_MINED: return has_mined(machine, ALLOW_ADD_HASH);
	case STEP_ID_CONFIRM: return machine->confirm_sent && machine->accepted;
	case STEP_ID_ROLLING: return machine->seen_started;
	case STEP_ID_RUNNING:
	case STEP_ID_VERIFIED: return machine->seen_started && machine->state == M_DONE;
	default: return false;
	}
}

/* Steps jumped over were done before, or not needed. */
static void skip_before(struct timeline *timeline, const struct machine *machine, int index)
{
	for (int i = 0; i < index; i++) {
		struct step *step = &timeline->steps[i];
		if (step->state != STEP_WAITING)
			continue;
		bool earlier = was_done_earlier(machine, timeline->ids[i]);
		step->state = earlier ? STEP_DONE : STEP_SKIPPED;
		text_copy(step->note, sizeof(step->note), earlier ? "done earlier" : "");
	}
}

static void go_to(struct timeline *timeline, const struct machine *machine, int index, int64_t now_ms)
{
	if (index == timeline->current || index < 0)
		return;
	if (timeline->current >= 0)
		finish_step(&timeline->steps[timeline->current], STEP_DONE, now_ms);
	skip_before(timeline, machine, index);
	struct step *step = &timeline->steps[index];
	if (!step->began_ms)
		step->began_ms = now_ms;
	step->state = STEP_RUNNING;
	step->ended_ms = 0;
	step->note[0] = '\0';
	timeline->current = index;
}

static void end_all(struct timeline *timeline, const struct machine *machine, enum step_state state, int64_t now_ms)
{
	if (timeline->current >= 0)
		finish_step(&timeline->steps[timeline->current], state, now_ms);
	if (state == STEP_DONE)
		skip_before(timeline, machine, (int)timeline->count);
}

/* The removal is a way of its own behind the end; said no to, it leaves no trace. */
static void fit_removal(struct timeline *timeline, const struct machine *machine)
{
	int index = index_of(timeline, STEP_ID_SIGN_REMOVAL);
	if (machine->removing_old && index < 0) {
		add_step(timeline, STEP_ID_SIGN_REMOVAL);
		add_step(timeline, STEP_ID_REMOVAL_MINED);
	} else if (!machine->removing_old && index >= 0) {
		timeline->count = (size_t)index;
		timeline->current = -1;
	}
}

void timeline_update(struct timeline *timeline, const struct machine *machine, int64_t now_ms)
{
	enum machine_state state = machine->resuming ? M_READING : machine->state;
	fit_removal(timeline, machine);
	if (machine->writing == WRITE_OUTCOME || state == M_DONE || state == M_FAILED) {
		end_all(timeline, machine, machine->success ? STEP_DONE : STEP_FAILED, now_ms);
		return;
	}
	go_to(timeline, machine, index_of(timeline, step_of(machine, state)), now_ms);
	if (timeline->current < 0)
		return;
	struct step *step = &timeline->steps[timeline->current];
	step->until_ms = state == M_CONFIRM_GAP || state == M_WAITING || state == M_VERIFYING ? machine->until_ms : 0;
	if (step->until_ms)
		step->attempt = state == M_VERIFYING ? machine->asked : machine->attempts;
	if (state == M_PREPARED)
		end_all(timeline, machine, STEP_DONE, now_ms);
}

void timeline_note(struct timeline *timeline, const char *note)
{
	if (timeline->current >= 0)
		text_safe_copy(timeline->steps[timeline->current].note, sizeof(timeline->steps[0].note), note, strlen(note));
}
