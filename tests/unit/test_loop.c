/* SPDX-License-Identifier: Apache-2.0 */
/* The loop by itself: timers in their order, descriptors in turns, signals, what is deferred and what is worked on beside. */
#include "unit/unit.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"

enum { MOST = 400, PIPES = 40 };

static struct {
	struct loop *loop;
	int fired[MOST];
	size_t count;
} seen;

static int setup(void **state)
{
	struct error err;

	memset(&seen, 0, sizeof(seen));
	seen.loop = loop_new(&err);
	*state = seen.loop;
	return seen.loop ? 0 : -1;
}

static int teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void fire(void *ctx)
{
	assert_true(seen.count < MOST);
	seen.fired[seen.count++] = *(int *)ctx;
}

/* ---- timers ---- */

static void test_timer_order(void **state)
{
	struct loop_timer timers[MOST] = { { 0 } };
	int due[MOST];
	size_t i, cancelled = 0;

	srand(7);
	for (i = 0; i < MOST; i++) {
		due[i] = rand() % 40;
		loop_timer_set(*state, &timers[i], due[i], fire, &due[i]);
	}
	for (i = 0; i < MOST; i += 3, cancelled++)
		loop_timer_cancel(&timers[i]);
	for (i = 1; i < MOST; i += 3) {
		due[i] = rand() % 40;
		loop_timer_set(*state, &timers[i], due[i], fire, &due[i]); /* a set one moves */
	}
	while (seen.count < MOST - cancelled)
		loop_turn(*state, -1);
	for (i = 1; i < seen.count; i++)
		assert_true(seen.fired[i - 1] <= seen.fired[i]);
	for (i = 0; i < MOST; i++)
		assert_false(loop_timer_is_set(&timers[i]));
	assert_int_equal(seen.count, MOST - cancelled);
}

static void test_timer_is_never_early(void **state)
{
	struct loop_timer timer = { 0 };
	int64_t began = clock_mono_us();
	int one = 1;

	loop_timer_set(*state, &timer, 7, fire, &one);
	while (!seen.count)
		loop_turn(*state, -1);
	assert_true(clock_mono_us() - began >= 7000);
	assert_true(loop_wakeups(*state) <= 2); /* rounded up: one wait is enough */
}

static struct loop_timer again;

static void set_again(void *ctx)
{
	fire(ctx);
	loop_timer_set(seen.loop, &again, 0, set_again, ctx);
}

static void test_timer_that_sets_itself_waits_a_turn(void **state)
{
	int one = 1;

	again = (struct loop_timer){ 0 };
	loop_timer_set(*state, &again, 0, set_again, &one);
	loop_turn(*state, -1);
	assert_int_equal(seen.count, 1);
	loop_turn(*state, -1);
	assert_int_equal(seen.count, 2);
	loop_timer_cancel(&again);
}

/* ---- descriptors ---- */

static int served[PIPES], ends[PIPES][2];
static bool forget_others;

/* Leaves its byte where it is, so that it stays ready. */
static void serve(void *ctx, int fd, int events)
{
	int me = *(int *)ctx, i;

	assert_int_equal(fd, ends[me][0]);
	assert_int_equal(events, LOOP_READ);
	served[me]++;
	for (i = 0; i < PIPES && forget_others; i++)
		if (i != me)
			loop_fd(seen.loop, ends[i][0], 0, NULL, NULL);
}

static void open_pipes(int numbers[PIPES])
{
	int i;

	memset(served, 0, sizeof(served));
	for (i = 0; i < PIPES; i++) {
		numbers[i] = i;
		assert_int_equal(pipe(ends[i]), 0);
		assert_int_equal(write(ends[i][1], "x", 1), 1);
		loop_fd(seen.loop, ends[i][0], LOOP_READ, serve, &numbers[i]);
	}
}

static void close_pipes(void)
{
	int i;

	for (i = 0; i < PIPES; i++) {
		loop_fd(seen.loop, ends[i][0], 0, NULL, NULL);
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

/* However many are always ready, each has its turn as often as the others, and no turn is long. */
static void test_fds_take_turns(void **state)
{
	int numbers[PIPES], turns, i, all, before = 0, longest = 0, least = 1 << 30, most = 0;

	open_pipes(numbers);
	for (turns = 0; turns < 400; turns++) {
		loop_turn(*state, 0);
		for (all = i = 0; i < PIPES; i++)
			all += served[i];
		longest = all - before > longest ? all - before : longest;
		before = all;
	}
	for (i = 0; i < PIPES; i++) {
		least = served[i] < least ? served[i] : least;
		most = served[i] > most ? served[i] : most;
	}
	assert_in_range(longest, 1, 8);
	assert_true(least > 0 && most - least <= 1);
	close_pipes();
}

static void test_fd_forgotten_in_its_turn(void **state)
{
	int numbers[PIPES], i, all = 0;

	open_pipes(numbers);
	forget_others = true;
	loop_turn(*state, 0);
	forget_others = false;
	for (i = 0; i < PIPES; i++)
		all += served[i];
	assert_int_equal(all, 1); /* the others were ready in the same turn */
	close_pipes();
}

static void test_fd_of_another_after_close(void **state)
{
	int numbers[PIPES], fd;

	open_pipes(numbers);
	fd = ends[3][0];
	loop_fd(*state, fd, 0, NULL, NULL);
	assert_int_equal(dup2(ends[5][0], fd), fd);
	loop_fd(*state, fd, LOOP_READ, serve, &numbers[3]);
	while (!served[3])
		loop_turn(*state, 0);
	close_pipes();
}

static int hung_up;

static void on_hang_up(void *ctx, int fd, int events)
{
	(void)ctx;
	hung_up = events;
	loop_fd(seen.loop, fd, 0, NULL, NULL);
}

static void test_hang_up_counts_as_readable(void **state)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	hung_up = 0;
	loop_fd(*state, fds[0], LOOP_READ, on_hang_up, NULL);
	close(fds[1]);
	loop_turn(*state, -1);
	assert_int_equal(hung_up, LOOP_READ);
	close(fds[0]);
}

/* ---- the rest of a turn ---- */

static void defer_more(void *ctx)
{
	fire(ctx);
	loop_defer(seen.loop, fire, ctx);
}

static void test_deferred(void **state)
{
	int one = 1, two = 2;

	loop_defer(*state, defer_more, &one);
	loop_defer(*state, fire, &two);
	loop_undefer(*state, &two);
	loop_turn(*state, -1);
	assert_int_equal(seen.count, 1);
	loop_turn(*state, -1); /* does not wait while something is deferred */
	assert_int_equal(seen.count, 2);
}

static void test_before_sleep(void **state)
{
	int one = 1, two = 2, three = 3;

	loop_before_sleep(*state, fire, &two);
	loop_before_sleep(*state, fire, &three);
	loop_defer(*state, fire, &one);
	loop_turn(*state, 0);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.fired[0], 1);
	assert_int_equal(seen.fired[1], 2);
	assert_int_equal(seen.fired[2], 3);
}

static void on_signal(void *ctx, int signo)
{
	assert_int_equal(signo, SIGUSR2);
	fire(ctx);
}

static void test_signals_merge(void **state)
{
	int one = 1;

	loop_signal(*state, SIGUSR2, on_signal, &one);
	raise(SIGUSR2);
	raise(SIGUSR2);
	loop_turn(*state, 1000);
	assert_int_equal(seen.count, 1);
}

static void double_it(void *ctx)
{
	*(int *)ctx *= 2;
}

static void test_work_comes_back_in_order(void **state)
{
	int numbers[20], i;

	for (i = 0; i < 20; i++) {
		numbers[i] = i;
		loop_work(*state, double_it, fire, &numbers[i]);
	}
	while (seen.count < 20)
		loop_turn(*state, -1);
	for (i = 0; i < 20; i++)
		assert_int_equal(seen.fired[i], 2 * i);
}

static atomic_int ran;

static void run_it(void *ctx)
{
	(void)ctx;
	atomic_store(&ran, 1);
}

/* Asks for more, and is not over before the first of it has ended: the worker does its jobs one after the other. */
static void fire_and_ask(void *ctx)
{
	static int two = 2, three = 3;

	fire(ctx);
	atomic_store(&ran, 0);
	loop_work(seen.loop, double_it, fire, &two);
	loop_work(seen.loop, run_it, fire, &three);
	while (!atomic_load(&ran))
		sched_yield();
}

/* Or one that always has more to do would keep the loop from everything else. */
static void test_work_asked_for_by_work_waits_a_turn(void **state)
{
	int one = 1;

	loop_work(*state, double_it, fire_and_ask, &one);
	loop_turn(*state, -1);
	assert_int_equal(seen.count, 1);
	while (seen.count < 3)
		loop_turn(*state, -1);
}

/* What was asked for is done, begun or not. */
static void test_work_queued_at_the_end(void **state)
{
	struct loop *loop = loop_new(NULL);
	int numbers[20], i;

	(void)state;
	for (i = 0; i < 20; i++) {
		numbers[i] = i;
		loop_work(loop, double_it, fire, &numbers[i]);
	}
	loop_free(loop);
	assert_int_equal(seen.count, 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(seen.fired[i], 2 * i);
}

/* Its owner frees what it gave to the worker there, and wipes a key in it. */
static void test_work_ended_at_the_end(void **state)
{
	struct loop *loop = loop_new(NULL);
	int one = 1;

	(void)state;
	atomic_store(&ran, 0);
	loop_work(loop, run_it, fire, &one);
	while (!atomic_load(&ran))
		sched_yield();
	loop_free(loop);
	assert_int_equal(seen.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_timer_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer_is_never_early, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer_that_sets_itself_waits_a_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fds_take_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fd_forgotten_in_its_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fd_of_another_after_close, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hang_up_counts_as_readable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deferred, setup, teardown),
		cmocka_unit_test_setup_teardown(test_before_sleep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signals_merge, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work_comes_back_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work_asked_for_by_work_waits_a_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work_ended_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work_queued_at_the_end, setup, teardown),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
