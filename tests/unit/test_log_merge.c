/* SPDX-License-Identifier: Apache-2.0 */
/* Followed sources in one order: history that comes source by source, lines out of turn, more than can be held. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ui/verb_logs_merge.h"

struct scene {
	struct loop *loop;
	struct log_merge *merge;
	size_t given, resumed;
	int64_t last_us;
	uint16_t last_source;
	bool in_order;
};

static void on_line(void *ctx, const struct logs_line *line)
{
	struct scene *scene = ctx;

	if (scene->given && line->time_us < scene->last_us)
		scene->in_order = false;
	scene->last_us = line->time_us;
	scene->last_source = line->source;
	scene->given++;
	assert_int_equal(line->text[0], 'x');
}

static void on_resume(void *ctx)
{
	((struct scene *)ctx)->resumed++;
}

static int begin(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct log_merge_handler handler = { on_line, on_resume, scene };
	struct error err;

	scene->loop = loop_new(&err);
	scene->merge = log_merge_new(scene->loop, &handler);
	scene->in_order = true;
	*state = scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	log_merge_free(scene->merge);
	loop_free(scene->loop);
	free(scene);
	return 0;
}

/* An hour ago and i ms. */
static int64_t old_ns(int64_t i)
{
	return (clock_wall_ms() / 1000 * 1000 - 3600 * 1000 + i) * 1000000;
}

static void wait_for(struct scene *scene, size_t lines)
{
	int64_t until = clock_mono_ms() + 30000;

	while (scene->given < lines && clock_mono_ms() < until)
		loop_turn(scene->loop, 1000);
	assert_int_equal(scene->given, lines);
}

static void test_history(void **state)
{
	struct scene *scene = *state;
	int64_t base = old_ns(0);
	int source, i;

	for (source = 0; source < 5; source++) {
		for (i = 0; i < 1000; i++)
			assert_true(log_merge_add(scene->merge, (uint16_t)source, base + (int64_t)(i * 5 + source) * 1000000, 0, "x", 1));
		loop_turn(scene->loop, 60);
		assert_int_equal(scene->given, 0); /* the others may still come */
	}
	wait_for(scene, 5000);
	assert_true(scene->in_order);
}

static void test_live(void **state)
{
	struct scene *scene = *state;
	int64_t now = clock_wall_ms() * 1000000 + INT64_C(3600000000000);

	log_merge_add(scene->merge, 0, now + 500, 0, "x", 1);
	wait_for(scene, 1);
	/* Out of turn within the time that lines are held. */
	log_merge_add(scene->merge, 0, now + 2000, 0, "x", 1);
	loop_turn(scene->loop, 60);
	log_merge_add(scene->merge, 1, now + 1000, 0, "x", 1);
	log_merge_add(scene->merge, 0, now + 3000, 0, "x", 1);
	assert_int_equal(scene->given, 1);
	wait_for(scene, 4);
	assert_true(scene->in_order);
	/* Later than that: given at once, so that it is not lost. */
	log_merge_add(scene->merge, 1, now + 2000, 0, "x", 1);
	assert_int_equal(scene->given, 5);
	assert_int_equal(scene->last_source, 1);
}

static void test_same_time(void **state)
{
	struct scene *scene = *state;
	int64_t stamp = old_ns(0);
	int i;

	for (i = 0; i < 10; i++)
		log_merge_add(scene->merge, 0, stamp, 0, "x", 1);
	wait_for(scene, 10);
	for (i = 0; i < 10; i++)
		log_merge_add(scene->merge, (uint16_t)(i % 2), stamp, 0, "x", 1);
	wait_for(scene, 20);
}

static void test_flush(void **state)
{
	struct scene *scene = *state;

	log_merge_add(scene->merge, 0, old_ns(20), 0, "x", 1);
	log_merge_add(scene->merge, 1, old_ns(10), 0, "x", 1);
	log_merge_flush(scene->merge);
	assert_int_equal(scene->given, 2);
	assert_true(scene->in_order);
}

/* More than can be held: the reader stops, all is given, the reader is called again; nothing is lost. */
static void test_too_much(void **state)
{
	static char text[1000];
	struct scene *scene = *state;
	size_t added = 0, more;

	memset(text, 'x', sizeof(text));
	while (log_merge_add(scene->merge, (uint16_t)(added % 3), old_ns((int64_t)added), 0, text, sizeof(text)))
		added++;
	for (added++, more = 0; more < 100; more++, added++) /* what had already come */
		assert_false(log_merge_add(scene->merge, (uint16_t)(added % 3), old_ns((int64_t)added), 0, text, sizeof(text)));
	assert_true(added > 1000 && added < 20000);
	wait_for(scene, added);
	assert_int_equal(scene->resumed, 1);
	assert_true(log_merge_add(scene->merge, 0, old_ns((int64_t)added), 0, text, sizeof(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_history, begin, end),   cmocka_unit_test_setup_teardown(test_live, begin, end),
		cmocka_unit_test_setup_teardown(test_same_time, begin, end), cmocka_unit_test_setup_teardown(test_flush, begin, end),
		cmocka_unit_test_setup_teardown(test_too_much, begin, end),
	};

	return cmocka_run_group_tests_name("log_merge", tests, NULL, NULL);
}
