/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The update's transition function where things break: a crash before and
 * after every effect, a journal that is full, damaged records, and a long
 * random walk.
 */
#include "unit/machine_world.h"

#include <stdlib.h>
#include <string.h>

static void no_write_no_deed(void **state)
{
	(void)state;
	for (int at = 1; at <= 7; at++) {
		struct world world;
		struct machine machine;
		world_init(&world);
		world.journal_fail_at = at;
		world_begin(&world, &machine);
		assert_int_equal(machine.state, M_FAILED);
		assert_string_equal(machine.error.code, "journal-full");
		if (at == 1)
			assert_int_equal(world.patches, 0);
		if (at <= 3)
			assert_int_equal(world.signs, 0);
		if (at <= 4)
			assert_int_equal(world.broadcasts, 0);
		if (at <= 6)
			assert_int_equal(world.confirms, 0);
		if (world.saved) {
			world_again(&world, &machine);
			assert_true(machine.success);
			assert_int_equal(world.mined_count, 1);
		}
		world_clear(&world);
	}
}

/* A crash at every point of the way, then one at every point of the way after it. */
static void every_crash_ends_alike(void **state)
{
	(void)state;
	int points = 0, survived = 0;
	for (int variant = 0; variant < 4; variant++) {
		for (int crash = 0;; crash++) {
			struct world world;
			struct machine machine;
			world_init(&world);
			world.device_allowed = variant != 1;
			world.direct = variant == 2;
			world.lost_but_taken = true;
			world.refuse_times = variant == 3 ? 2 : 0;
			world.refuse_status = 467;
			world.crash_at = crash;
			world_begin(&world, &machine);
			if (!world.crashed) {
				world_clear(&world);
				break;
			}
			points++;
			world.crashed = false;
			world.crash_at = world.point + 3; /* and once more while it recovers */
			if (world.saved)
				world_again(&world, &machine);
			else
				world_begin(&world, &machine);
			if (world.crashed) {
				world.crashed = false;
				world.crash_at = -1;
				if (world.saved)
					world_again(&world, &machine);
				else
					world_begin(&world, &machine);
			}
			if (!machine.success)
				fail_msg("variant %d, crash point %d: %s: %s", variant, crash, machine_state_name(machine.state), machine.error.message);
			unsigned want = variant == 1 ? 2 : variant == 2 ? 0 : 1;
			if (world.mined_count != want)
				fail_msg("variant %d, crash point %d: %u transactions mined", variant, crash, world.mined_count);
			assert_false(world.review_asked_twice);
			assert_false(world.card_asked_twice);
			assert_true(world.taken);
			survived++;
			world_clear(&world);
		}
	}
	print_message("# crash points survived: %d of %d\n", survived, points);
	assert_int_equal(points, survived);
	assert_in_range(points, 80, 1000);
}

/* Events at random, fitting or not: the invariants hold and nothing runs out of bounds. */
static void nothing_breaks_the_invariants(void **state)
{
	(void)state;
	srand(1);
	for (int run = 0; run < 3000; run++) {
		struct world world;
		struct machine machine;
		struct effects effects;
		bool reviewed = false;
		world_init(&world);
		machine_start(&machine, &world.request, &effects);
		for (int step = 0; step < 60; step++) {
			struct event event = world_event(&world, (enum event_kind)(rand() % (EVENT_OP + 1)));
			event.op = (enum rollout_op)(rand() % (ROLLOUT_UNLOCK + 1));
			event.fate = (enum tx_fate)(rand() % 6);
			event.number = 464 + rand() % 6;
			event.offered = rand() % 4;
			event.flag = rand() % 2;
			event.resumable = rand() % 2;
			event.live.busy = rand() % 2;
			event.facts.onchain = event.facts.hash_changes = true;
			event.digest[0] = (uint8_t)(rand() % 2);
			reviewed |= event.kind == EVENT_OP && event.op == ROLLOUT_APPROVE_REVIEW && machine.state == M_REVIEW;
			bool was_writing = machine.writing != WRITE_NONE;
			machine_step(&machine, &event, &effects);
			assert_in_range(effects.count, 0, MACHINE_EFFECTS);
			for (size_t i = 0; i < effects.count; i++) {
				const struct effect *effect = &effects.list[i];
				const struct machine_tx *tx = &machine.txs[effect->index];
				if (effect->kind == EFFECT_PATCH || effect->kind == EFFECT_CONFIRM || effect->kind == EFFECT_SIGN)
					assert_true(reviewed);
				if (effect->kind == EFFECT_PATCH)
					assert_true(was_writing || machine.state == M_PATCHING);
				if (effect->kind == EFFECT_SIGN)
					assert_true(was_writing && tx->tries[tx->try_count - 1].approved);
				if (effect->kind == EFFECT_BROADCAST)
					assert_true(tx->tries[tx->try_count - 1].is_signed);
			}
			json *saved = machine_save(&machine);
			struct machine loaded;
			struct error err;
			assert_true(machine_load(&loaded, saved, &err));
			json_free(saved);
		}
		world_clear(&world);
	}
}

static void broken_records_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{}",
		"{\"kind\":0,\"state\":\"nowhere\",\"tx_index\":0}",
		"{\"kind\":9,\"state\":\"review\",\"tx_index\":0}",
		"{\"kind\":0,\"state\":\"sending\",\"tx_index\":0,\"new_hash\":\"\",\"old_hash\":\"\"}",
		"{\"kind\":0,\"state\":\"review\",\"tx_index\":99}",
		"[]",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct error err = { 0 };
		struct machine machine;
		json *saved = json_parse(texts[i], strlen(texts[i]), &err);
		assert_false(machine_load(&machine, saved, &err));
		assert_string_equal(err.code, "journal-damaged");
		json_free(saved);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_write_no_deed),
		cmocka_unit_test(every_crash_ends_alike),
		cmocka_unit_test(nothing_breaks_the_invariants),
		cmocka_unit_test(broken_records_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
