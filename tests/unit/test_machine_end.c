/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the update's transition function: "done" needs the TEE's report.
 * It is waited for, asked for again, or its lack is overridden by somebody;
 * without either the rollout stays open.
 */
#include "unit/machine_world.h"

#include <string.h>

static void a_late_report_is_waited_for(void **state)
{
	(void)state;
	struct world world, prompt;
	struct machine machine;
	world_init(&prompt);
	world_begin(&prompt, &machine);
	world_init(&world);
	world.unreported = 6;
	world_begin(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.verifies, 7);
	assert_in_range(world.now - prompt.now, 1000 * (1 + 2 + 4 + 8 + 16 + 16), 1000 * (1 + 2 + 4 + 8 + 16 + 16) + 1000);
	world_clear(&world);
	world_clear(&prompt);
}

static void without_a_report_it_stays_open(void **state)
{
	(void)state;
	struct world world;
	struct machine machine;
	world_init(&world);
	world.no_report = true;
	world_begin(&world, &machine);
	assert_int_equal(machine.state, M_FAILED);
	assert_int_equal(machine.error.status, STATUS_CHECK);
	assert_string_equal(machine.error.code, "after-report");
	assert_true(machine.resumable);
	world_again(&world, &machine); /* and again it is looked at, and nothing else done */
	assert_int_equal(machine.state, M_FAILED);
	world.no_report = false;
	world_again(&world, &machine);
	assert_true(machine.success);
	assert_int_equal(world.verifies, 3);
	assert_int_equal(world.confirms, 1);
	assert_int_equal(world.mined_count, 1);
	world_clear(&world);
}

/* An override counts once it is on disk; said no to, the rollout stays open as where nobody is there to say it. */
static void its_lack_can_be_overridden(void **state)
{
	(void)state;
	for (int stops = 0; stops < 2; stops++) {
		struct world world;
		struct machine machine;
		world_init(&world);
		world.no_report = world.request.can_override = true;
		world.stops = stops;
		world_begin(&world, &machine);
		assert_int_equal(machine.success, !stops);
		assert_int_equal(machine.resumable, stops);
		assert_false(world.unrecorded);
		world.no_report = false;
		world_again(&world, &machine);
		assert_true(machine.success);
		assert_int_equal(world.confirms, 1);
		world_clear(&world);
	}
}

static void the_wait_can_be_cut_short(void **state)
{
	(void)state;
	struct machine machine = { .state = M_VERIFYING, .accepted = true, .journaled = true };
	struct effects effects;
	struct error err;
	struct event later = { .kind = EVENT_VERIFIED, .now_ms = 5000, .later = true };
	struct event now = { .kind = EVENT_OP, .now_ms = 5010, .op = ROLLOUT_RETRY_NOW };
	assert_false(machine_allows(&machine, ROLLOUT_RETRY_NOW, &err)); /* it is being asked */
	machine_step(&machine, &later, &effects);
	assert_int_equal(effects.list[0].kind, EFFECT_TIMER);
	assert_int_equal(effects.list[0].until_ms, 6000);
	assert_true(machine_allows(&machine, ROLLOUT_RETRY_NOW, &err));
	machine_step(&machine, &now, &effects);
	assert_int_equal(effects.list[0].kind, EFFECT_VERIFY);
	now.kind = EVENT_TIMER; /* the one that was cut short */
	machine_step(&machine, &now, &effects);
	assert_int_equal(effects.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_report_is_waited_for), cmocka_unit_test(without_a_report_it_stays_open),
		cmocka_unit_test(its_lack_can_be_overridden), cmocka_unit_test(the_wait_can_be_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
