/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The update's transition function in a model world: every path and fault.
 * Crashes and the random walk are in test_machine_crash.c.
 */
#include "unit/machine_world.h"

#include <stdlib.h>
#include <string.h>

static void hash_alone_needs_one_transaction(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_DONE);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 1);
	assert_int_equal(world.confirms, 1);
	assert_string_equal(machine.correlation_id, "corr");
	world_clear(&world);
}

static void new_device_needs_two(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.device_allowed = false;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 2);
	assert_int_equal(machine.txs[0].verb, ALLOW_ADD_DEVICE);
	assert_int_equal(machine.txs[1].verb, ALLOW_ADD_HASH);
	world_clear(&world);
}

static void allowed_hash_is_sent_all_the_same(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.hash_allowed = true;
	world_begin(&world, &machine);
	assert_int_equal(world.mined_count, 1);
	world_clear(&world);

	world_init(&world);
	world.hash_allowed = world.request.already_registered = true;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 0);
	world_clear(&world);
}

static void by_state_falls_back_to_sending(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.hash_allowed = world.request.already_registered = true;
	world.refuse_status = 467;
	world.refuse_times = 1;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 1);
	assert_int_equal(world.confirms, 2);
	world_clear(&world);
}

static void registered_can_be_chosen_on_the_card(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.hash_allowed = true;
	world.card_answer = ROLLOUT_USE_REGISTERED;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.signs, 0);
	world_clear(&world);
}

static void direct_update_needs_no_chain(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.direct = true;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.patches, 1);
	assert_int_equal(world.confirms, 0);
	world_clear(&world);
}

static void lost_direct_patch_is_looked_at(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.direct = world.lost_but_taken = true;
	world.lose_patches = 1;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.patches, 1);
	world_clear(&world);
}

static void other_hash_stops_before_any_signature(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.hostile_hash = true;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_FAILED);
	assert_int_equal(machine.error.status, STATUS_CHECK);
	assert_string_equal(machine.error.code, "hash-backend");
	assert_int_equal(world.signs + world.broadcasts + world.confirms, 0);
	world_clear(&world);
}

static void red_check_stops_before_any_signature(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.owner_differs = true;
	world_begin(&world, &machine);
	assert_int_equal(machine.error.status, STATUS_CHECK);
	assert_int_equal(world.signs, 0);
	world_clear(&world);
}

static void overridable_check_waits_for_somebody(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.red = world.overridable = world.request.can_override = true;
	world_begin(&world, &machine);
	assert_true(machine.success);
	world_clear(&world);

	world_init(&world);
	world.red = world.overridable = true; /* nobody there to type it */
	world_begin(&world, &machine);
	assert_int_equal(machine.error.status, STATUS_CHECK);
	assert_int_equal(world.signs, 0);
	world_clear(&world);
}

static void declined_card_sends_nothing(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.card_answer = ROLLOUT_DECLINE;
	world_begin(&world, &machine);
	assert_int_equal(machine.error.status, STATUS_DECLINED);
	assert_int_equal(world.signs + world.broadcasts + world.confirms, 0);
	assert_false(machine.resumable);
	world_clear(&world);
}

static void declined_review_writes_and_sends_nothing(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	world_init(&world);
	machine_start(&machine, &world.request, &effects);
	struct event event = world_read(&world);
	machine_step(&machine, &event, &effects);
	assert_int_equal(machine.state, M_REVIEW);
	event = world_event(&world, EVENT_OP);
	event.op = ROLLOUT_DECLINE;
	machine_step(&machine, &event, &effects);
	assert_int_equal(machine.state, M_FAILED);
	assert_int_equal(effects.count, 0);
	world_clear(&world);
}

static void another_digest_is_not_signed(void **state)
{
	(void)state;
	struct world world;
	struct machine machine = { .state = M_CARD, .tx_count = 1 };
	struct effects effects;
	world_init(&world);
	machine.txs[0].try_count = 1;
	memset(machine.txs[0].tries[0].digest, 1, 32);
	struct event event = world_event(&world, EVENT_OP);
	event.op = ROLLOUT_SIGN;
	memset(event.digest, 2, 32);
	machine_step(&machine, &event, &effects);
	assert_int_equal(effects.count, 0);
	assert_int_equal(machine.state, M_CARD);
	assert_int_equal(machine.writing, WRITE_NONE);
}

static void confirm_is_retried_with_growing_gaps(void **state)
{
	(void)state;
	static const int statuses[] = { 465, 467 };
	for (size_t i = 0; i < 2; i++) {
		struct world world;
		struct machine machine;
		world_init(&world);
		world.refuse_status = statuses[i];
		world.refuse_times = 5;
		int64_t before = world.now;
		world_begin(&world, &machine);
		assert_true(machine.success);
		assert_int_equal(world.confirms, 6);
		assert_in_range(world.now - before - 10000, 60000, 62000); /* two looks at the rolling CVM besides */
		assert_int_equal(world.mined_count, 1);
		world_clear(&world);
	}
}

static void confirm_gives_up_and_can_be_resumed(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.refuse_status = 467;
	world.refuse_times = 6;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_FAILED);
	assert_true(machine.resumable);
	world_again(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 1);
	world_clear(&world);
}

static void expired_provision_offers_a_restart(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	world_init(&world);
	world.refuse_status = 466;
	world.refuse_times = 1;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_FAILED);
	assert_true(machine.restartable);
	struct event event = world_event(&world, EVENT_OP);
	event.op = ROLLOUT_RESTART;
	machine_step(&machine, &event, &effects);
	assert_int_equal(effects.list[0].kind, EFFECT_REBUILD);
	world_clear(&world);
}

/* What was mined counts for the same hash, and for no other. */
static void restart_keeps_what_was_mined(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	uint8_t hash[32];
	world_init(&world);
	world.refuse_status = 466;
	world.refuse_times = 1;
	world_begin(&world, &machine);
	assert_int_equal(world.mined_count, 1);
	machine_restart(&machine, &world.request, &effects);
	memset(machine.facts.new_hash, 0x33, 32);
	assert_false(machine_hash_tx(&machine, ALLOW_ADD_HASH, hash));
	memset(machine.facts.new_hash, 0x22, 32);
	assert_true(machine_hash_tx(&machine, ALLOW_ADD_HASH, hash));
	assert_false(world_live(&world, &machine, &effects) && !machine.success);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 1);
	assert_int_equal(world.confirms, 2);
	world_clear(&world);
}

static void not_allowed_stops_unless_the_chain_says_otherwise(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.refuse_status = 468;
	world.refuse_times = 1;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_FAILED);
	assert_int_equal(world.confirms, 1);
	world_clear(&world);

	world_init(&world);
	world.refuse_status = 468;
	world.refuse_times = 2;
	world.refuse_flag = true;
	world_begin(&world, &machine);
	assert_true(machine.success);
	world_clear(&world);
}

static void lost_confirm_is_resolved_by_reading(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.lose_confirms = 1;
	world.lost_but_taken = true;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.confirms, 1);
	world_clear(&world);

	world_init(&world);
	world.lose_confirms = 1;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.confirms, 2);
	world_clear(&world);
}

static void fates_are_told_apart(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.fate = FATE_DROPPED;
	world.fate_times = 2;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.signs, 1);
	assert_int_equal(world.broadcasts, 3);
	world_clear(&world);

	world_init(&world);
	world.fate = FATE_REVERTED;
	world.fate_times = 1;
	world_begin(&world, &machine);
	assert_int_equal(machine.error.status, STATUS_CHAIN);
	assert_false(machine.resumable);
	assert_int_equal(world.confirms, 0);
	world_clear(&world);

	world_init(&world);
	world.fate = FATE_REPLACED;
	world.fate_times = 1;
	world_begin(&world, &machine);
	assert_true(machine.resumable);
	assert_int_equal(world.confirms, 0);
	world_again(&world, &machine);
	assert_true(machine.success);
	world_clear(&world);
}

static void going_back_is_a_failure(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct world world;
		struct machine machine;
		world_init(&world);
		world.goes_back = i == 0;
		world.boot_fails = i == 1;
		world.verify_fails = i == 2;
		world_begin(&world, &machine);
		assert_int_equal(machine.state, M_FAILED);
		assert_int_equal(machine.error.status, STATUS_CHECK);
		world_clear(&world);
	}
}

static void without_wait_the_confirm_is_the_end(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.request.wait = false;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.live_reads, 0);
	world_clear(&world);
}

static void contract_owner_prepares(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.contract_owner = true;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_PREPARED);
	assert_int_equal(world.signs + world.confirms, 0);
	world_clear(&world);
}

static void commit_waits_for_the_owners(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.request.kind = ROLLOUT_COMMIT;
	world_begin(&world, &machine);
	assert_string_equal(machine.error.code, "hash-not-allowed");
	assert_int_equal(world.confirms, 0);
	world_clear(&world);
}

static void allow_calls_go_one_by_one(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct allow_call calls[] = { { ALLOW_ADD_DEVICE, { 1 } }, { ALLOW_REMOVE_HASH, { 2 } }, { ALLOW_ANY_DEVICE_OFF, { 0 } } };
	world_init(&world);
	world.request.kind = ROLLOUT_ALLOW;
	world.request.calls = calls;
	world.request.call_count = 3;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.mined_count, 3);
	assert_int_equal(world.patches + world.confirms, 0);
	world_clear(&world);
}

static void old_hash_can_be_removed_at_the_end(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	world_init(&world);
	world_begin(&world, &machine);
	struct event event = world_event(&world, EVENT_OP);
	event.op = ROLLOUT_REMOVE_OLD_HASH;
	machine_step(&machine, &event, &effects);
	world_live(&world, &machine, &effects);
	assert_int_equal(machine.state, M_DONE);
	assert_int_equal(world.mined_count, 2);
	assert_int_equal(machine.txs[1].verb, ALLOW_REMOVE_HASH);
	assert_int_equal(world.confirms, 1);
	world_clear(&world);
}

static void mine_until(struct world *world, struct machine *machine, struct effects *effects)
{
	struct event event;
	machine_start(machine, &world->request, effects);
	while (machine->state != M_MINING || machine->writing) {
		if (!effects->count || !world_perform(world, machine, &effects->list[effects->count - 1], &event))
			assert_true(world_operate(world, machine, &event));
		machine_step(machine, &event, effects);
	}
}

static void bump_and_cancel_have_their_own_cards(void **state)
{
	(void)state;
	for (int declines = 0; declines < 2; declines++) {
		struct world world;
		struct machine machine;
		struct effects effects;
		world_init(&world);
		mine_until(&world, &machine, &effects);
		struct event event = world_event(&world, EVENT_OP);
		event.op = ROLLOUT_BUMP;
		machine_step(&machine, &event, &effects);
		assert_int_equal(machine.state, M_BUILDING);
		assert_int_equal(effects.list[1].as, CARD_BUMP);
		world.card_answer = declines ? ROLLOUT_DECLINE : ROLLOUT_SIGN;
		world_live(&world, &machine, &effects);
		assert_true(machine.success);
		assert_int_equal(world.signs, declines ? 1 : 2);
		assert_int_equal(world.mined_count, 1);
		world_clear(&world);

		world_init(&world);
		mine_until(&world, &machine, &effects);
		event.op = ROLLOUT_CANCEL_TX;
		machine_step(&machine, &event, &effects);
		world_live(&world, &machine, &effects);
		assert_string_equal(machine.error.code, "tx-cancelled");
		assert_int_equal(world.confirms, 0);
		world_clear(&world);
	}
}

/* A check that is red for the dearer one alone is no end of the one that is on its way. */
static void refused_replacement_leaves_the_waiting_one(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	world_init(&world);
	mine_until(&world, &machine, &effects);
	struct event event = world_event(&world, EVENT_OP);
	event.op = ROLLOUT_BUMP;
	machine_step(&machine, &event, &effects);
	event = world_event(&world, EVENT_CARD);
	event.offered = false;
	error_set(&event.error, STATUS_CHAIN, "balance", "too dear");
	machine_step(&machine, &event, &effects);
	assert_int_equal(machine.state, M_MINING);
	world_live(&world, &machine, &effects);
	assert_true(machine.success);
	assert_int_equal(world.signs, 1);
	world_clear(&world);
}

static void locked_key_is_asked_for_with_a_card(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	struct effects effects;
	struct event event;
	world_init(&world);
	machine_start(&machine, &world.request, &effects);
	while (machine.state != M_SIGNING || machine.writing) {
		if (!effects.count || !world_perform(&world, &machine, &effects.list[effects.count - 1], &event))
			assert_true(world_operate(&world, &machine, &event));
		machine_step(&machine, &event, &effects);
	}
	event = world_event(&world, EVENT_LOCKED);
	machine_step(&machine, &event, &effects);
	assert_int_equal(machine.state, M_CHECKING);
	world_live(&world, &machine, &effects);
	assert_true(machine.success);
	assert_int_equal(world.signs, 1);
	assert_int_equal(world.mined_count, 1);
	world_clear(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_alone_needs_one_transaction),
		cmocka_unit_test(new_device_needs_two),
		cmocka_unit_test(allowed_hash_is_sent_all_the_same),
		cmocka_unit_test(by_state_falls_back_to_sending),
		cmocka_unit_test(registered_can_be_chosen_on_the_card),
		cmocka_unit_test(direct_update_needs_no_chain),
		cmocka_unit_test(lost_direct_patch_is_looked_at),
		cmocka_unit_test(other_hash_stops_before_any_signature),
		cmocka_unit_test(red_check_stops_before_any_signature),
		cmocka_unit_test(overridable_check_waits_for_somebody),
		cmocka_unit_test(declined_card_sends_nothing),
		cmocka_unit_test(declined_review_writes_and_sends_nothing),
		cmocka_unit_test(another_digest_is_not_signed),
		cmocka_unit_test(confirm_is_retried_with_growing_gaps),
		cmocka_unit_test(confirm_gives_up_and_can_be_resumed),
		cmocka_unit_test(expired_provision_offers_a_restart),
		cmocka_unit_test(restart_keeps_what_was_mined),
		cmocka_unit_test(not_allowed_stops_unless_the_chain_says_otherwise),
		cmocka_unit_test(lost_confirm_is_resolved_by_reading),
		cmocka_unit_test(fates_are_told_apart),
		cmocka_unit_test(going_back_is_a_failure),
		cmocka_unit_test(without_wait_the_confirm_is_the_end),
		cmocka_unit_test(contract_owner_prepares),
		cmocka_unit_test(commit_waits_for_the_owners),
		cmocka_unit_test(allow_calls_go_one_by_one),
		cmocka_unit_test(old_hash_can_be_removed_at_the_end),
		cmocka_unit_test(bump_and_cancel_have_their_own_cards),
		cmocka_unit_test(refused_replacement_leaves_the_waiting_one),
		cmocka_unit_test(locked_key_is_asked_for_with_a_card),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
