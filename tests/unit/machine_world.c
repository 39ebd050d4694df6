/* SPDX-License-Identifier: Apache-2.0 */
/* The model world: see machine_world.h. */
#include "unit/machine_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->device_allowed = true;
	world->card_answer = ROLLOUT_SIGN;
	world->crash_at = -1;
	world->now = 1000;
	world->request.wait = true;
}

void world_clear(struct world *world)
{
	free(world->saved);
	world->saved = NULL;
}

static bool has(uint8_t (*list)[32], unsigned count, const uint8_t digest[32])
{
	for (unsigned i = 0; i < count; i++)
		if (memcmp(list[i], digest, 32) == 0)
			return true;
	return false;
}

static void add(uint8_t (*list)[32], unsigned *count, const uint8_t digest[32])
{
	if (!has(list, *count, digest) && *count < DIGESTS)
		memcpy(list[(*count)++], digest, 32);
}

/* The transaction's hash is its digest turned over, so that it cannot be taken for it. */
static void hash_of(uint8_t out[32], const uint8_t digest[32])
{
	for (int i = 0; i < 32; i++)
		out[i] = (uint8_t)~digest[i];
}

static bool crash_point(struct world *world)
{
	if (world->point++ == world->crash_at)
		world->crashed = true;
	return world->crashed;
}

struct event world_event(struct world *world, enum event_kind kind)
{
	struct event event = { .kind = kind, .now_ms = world->now += 10 };
	return event;
}

static struct event failure(struct world *world, enum status status, const char *code, bool resumable)
{
	struct event event = world_event(world, EVENT_FAILED);
	error_set(&event.error, status, code, "a test's failure");
	event.resumable = resumable;
	return event;
}

static void save(struct world *world, const struct machine *machine)
{
	struct buf text = BUF_INIT;
	json *saved = machine_save(machine);
	json_print(&text, saved);
	json_free(saved);
	free(world->saved);
	world->saved = buf_take(&text);
}

static struct event do_journal(struct world *world, const struct machine *machine, const struct effect *effect)
{
	if (++world->writes == world->journal_fail_at) {
		struct event event = failure(world, STATUS_INPUT, "journal-full", true);
		event.kind = EVENT_JOURNAL_FAILED;
		return event;
	}
	save(world, machine);
	switch (effect->write) {
	case WRITE_REVIEW: world->review_on_disk = true; break;
	case WRITE_APPROVAL: add(world->approved, &world->approved_count, effect->digest); break;
	case WRITE_TX: add(world->stored, &world->stored_count, effect->digest); break;
	case WRITE_RECEIPT: world->receipt_on_disk = true; break;
	case WRITE_OVERRIDE: world->unrecorded = false; break;
	case WRITE_OUTCOME: world->outcome_on_disk = true; break;
	default: break;
	}
	return world_event(world, EVENT_JOURNALED);
}

struct event world_read(struct world *world)
{
	struct event event = world_event(world, EVENT_READ);
	event.facts.onchain = !world->direct;
	event.facts.hash_changes = !world->direct;
	event.facts.contract_owner = world->contract_owner;
	memset(event.facts.new_hash, 0x22, 32);
	memset(event.facts.old_hash, 0x11, 32);
	return event;
}

static struct event do_patch(struct world *world)
{
	assert_true(world->review_on_disk);
	world->patches++;
	if (world->lose_patches > 0) {
		world->lose_patches--;
		world->taken = world->taken || (world->direct && world->lost_but_taken);
		return world_event(world, EVENT_LOST);
	}
	if (world->direct) {
		world->taken = true;
		return world_event(world, EVENT_ACCEPTED);
	}
	struct event event = world_event(world, EVENT_HASH_NEEDED);
	memset(event.hash, world->hostile_hash ? 0x66 : 0x22, 32);
	return event;
}

static struct event do_check(struct world *world)
{
	struct event event = world_event(world, EVENT_CHECKED);
	if (world->red || world->owner_differs) {
		event.checked.red = true;
		event.checked.overridable = world->overridable;
		error_set(&event.error, STATUS_CHECK, "owner", "a red check");
		world->red = false;
	}
	uint8_t device[32];
	memset(device, 0x33, 32);
	memcpy(event.checked.device, device, 32);
	event.checked.device_allowed = world->device_allowed;
	event.checked.hash_allowed = world->hash_allowed;
	for (unsigned i = 0; i < world->mined_count; i++) {
		event.checked.device_allowed |= world->mined[i][0] == ALLOW_ADD_DEVICE + 1;
		event.checked.hash_allowed |= world->mined[i][0] == ALLOW_ADD_HASH + 1;
	}
	return event;
}

/* A digest says what it is about: verb, nonce, kind of card. */
static struct event do_build(struct world *world, const struct machine *machine, const struct effect *effect)
{
	struct event event = world_event(world, EVENT_CARD);
	const struct machine_tx *tx = &machine->txs[effect->index];
	event.offered = true;
	event.digest[0] = (uint8_t)(tx->verb + 1);
	event.digest[1] = (uint8_t)world->mined_count;
	event.digest[2] = (uint8_t)effect->as;
	memcpy(event.digest + 3, tx->value, 4);
	/* an approved step is never asked for again */
	if (effect->as == CARD_NEW && has(world->approved, world->approved_count, event.digest))
		world->card_asked_twice = true;
	return event;
}

static struct event do_sign(struct world *world, const struct effect *effect)
{
	assert_true(has(world->approved, world->approved_count, effect->digest));
	world->signs++;
	struct event event = world_event(world, EVENT_SIGNED);
	memcpy(event.digest, effect->digest, 32);
	hash_of(event.hash, effect->digest);
	return event;
}

static struct event do_broadcast(struct world *world, const struct effect *effect)
{
	assert_true(has(world->stored, world->stored_count, effect->digest));
	world->broadcasts++;
	add(world->pool, &world->pool_count, effect->digest);
	return world_event(world, EVENT_SENT);
}

static struct event do_track(struct world *world, const struct effect *effect)
{
	struct event event = world_event(world, EVENT_TX);
	event.fate = FATE_MINED;
	if (world->fate_times > 0) {
		world->fate_times--;
		event.fate = world->fate;
		error_set(&event.error, STATUS_CHAIN, "tx-test", "a test's fate");
		return event;
	}
	assert_true(has(world->pool, world->pool_count, effect->digest));
	add(world->mined, &world->mined_count, effect->digest);
	hash_of(event.hash, effect->digest);
	return event;
}

static struct event do_confirm(struct world *world, const struct effect *effect)
{
	assert_true(effect->by_state || world->receipt_on_disk);
	world->confirms++;
	if (world->refuse_times > 0) {
		world->refuse_times--;
		struct event event = failure(world, STATUS_API, "ERR-01-007", true);
		event.kind = EVENT_REFUSED;
		event.number = world->refuse_status;
		event.flag = world->refuse_flag;
		return event;
	}
	if (world->lose_confirms > 0) {
		world->lose_confirms--;
		world->taken = world->taken || world->lost_but_taken;
		return world_event(world, EVENT_LOST);
	}
	assert_false(world->taken); /* nothing is confirmed twice */
	world->taken = true;
	struct event event = world_event(world, EVENT_ACCEPTED);
	strcpy(event.correlation_id, "corr");
	return event;
}

static struct event do_state(struct world *world)
{
	struct event event = world_event(world, EVENT_STATE);
	event.live.known = true;
	if (!world->taken) {
		event.live.running = event.live.has_old = true;
		return event;
	}
	if (world->live_reads++ < 2) {
		event.live.busy = event.live.has_old = true;
		return event;
	}
	event.live.running = true;
	event.live.has_new = !world->goes_back;
	event.live.has_old = world->goes_back;
	event.live.boot_error = world->boot_fails;
	error_set(&event.error, STATUS_CHECK, "went-back", "the CVM is back on its old compose");
	return event;
}

static struct event do_verify(struct world *world)
{
	struct event event = world_event(world, EVENT_VERIFIED);
	world->verifies++;
	event.later = world->unreported > 0 && world->unreported-- > 0;
	event.flag = !world->verify_fails && !world->no_report;
	event.checked.unrecorded = world->unrecorded;
	event.checked.overridable = event.resumable = world->no_report;
	error_set(&event.error, STATUS_CHECK, world->no_report ? "after-report" : "after-hash", "another hash runs, or none is told");
	return event;
}

bool world_perform(struct world *world, const struct machine *machine, const struct effect *effect, struct event *event)
{
	if (effect->kind != EFFECT_READ && effect->kind != EFFECT_JOURNAL && effect->kind != EFFECT_STOP_TRACK)
		assert_true(world->review_on_disk || machine->kind != ROLLOUT_UPDATE);
	switch (effect->kind) {
	case EFFECT_READ: *event = world_read(world); return true;
	case EFFECT_JOURNAL: *event = do_journal(world, machine, effect); return true;
	case EFFECT_PATCH: *event = do_patch(world); return true;
	case EFFECT_CHECK: *event = do_check(world); return true;
	case EFFECT_BUILD: *event = do_build(world, machine, effect); return true;
	case EFFECT_SIGN: *event = do_sign(world, effect); return true;
	case EFFECT_BROADCAST: *event = do_broadcast(world, effect); return true;
	case EFFECT_TRACK: *event = do_track(world, effect); return true;
	case EFFECT_CONFIRM: *event = do_confirm(world, effect); return true;
	case EFFECT_RESOLVE:
	case EFFECT_WATCH: *event = do_state(world); return true;
	case EFFECT_VERIFY: *event = do_verify(world); return true;
	case EFFECT_PREPARE: *event = world_event(world, EVENT_PREPARED); return true;
	case EFFECT_TIMER:
		if (machine->state == M_ROLLING)
			return false; /* the limit, far away */
		world->now = effect->until_ms;
		*event = world_event(world, EVENT_TIMER);
		return true;
	default: return false;
	}
}

/* What the operator says when the machine waits. */
bool world_operate(struct world *world, const struct machine *machine, struct event *event)
{
	*event = world_event(world, EVENT_OP);
	if (machine->state == M_REVIEW) {
		world->review_asked_twice |= world->review_on_disk;
		world->review_seen = true;
		event->op = ROLLOUT_APPROVE_REVIEW;
		return true;
	}
	if (machine->state == M_CARD) {
		event->op = world->card_answer;
		const struct machine_tx *tx = &machine->txs[machine->tx_index];
		memcpy(event->digest, tx->tries[tx->try_count - 1].digest, 32);
		return true;
	}
	if (machine->state == M_STOPPED) {
		event->op = world->stops ? ROLLOUT_DECLINE : ROLLOUT_OVERRIDE;
		world->unrecorded = !world->stops;
		world->no_report = world->stops;
		return true;
	}
	if (machine->state == M_ROLLING) { /* the watch goes on */
		world->now += 5000;
		*event = do_state(world);
		return true;
	}
	return false;
}

static bool is_over(const struct machine *machine)
{
	return machine->writing == WRITE_NONE && !machine->resuming &&
	       (machine->state == M_DONE || machine->state == M_FAILED || machine->state == M_PREPARED);
}

/* Runs until the end or a crash. Returns false when it crashed. */
bool world_live(struct world *world, struct machine *machine, struct effects *effects)
{
	for (int steps = 0; steps < 500; steps++) {
		struct event event;
		bool got = false;
		for (size_t i = 0; i < effects->count && !got; i++) {
			if (crash_point(world))
				return false;
			got = world_perform(world, machine, &effects->list[i], &event);
			if (got && crash_point(world))
				return false;
		}
		if (!got && is_over(machine))
			return true;
		if (!got && !world_operate(world, machine, &event))
			fail_msg("stands still in %s", machine_state_name(machine->state));
		machine_step(machine, &event, effects);
	}
	fail_msg("never ends; in %s", machine_state_name(machine->state));
	return true;
}

void world_begin(struct world *world, struct machine *machine)
{
	struct effects effects;
	machine_start(machine, &world->request, &effects);
	world_live(world, machine, &effects);
}

void world_again(struct world *world, struct machine *machine)
{
	struct error err = { 0 };
	struct effects effects;
	json *saved = json_parse(world->saved, strlen(world->saved), &err);
	assert_non_null(saved);
	assert_true(machine_load(machine, saved, &err));
	json_free(saved);
	machine_resume(machine, &effects);
	world_live(world, machine, &effects);
}
