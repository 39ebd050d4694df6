/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: one thread owns all state.
 *
 * One turn waits (until the next timer, or for ever), runs the callbacks of
 * what is ready, then the before-sleep hooks, in which the front end draws.
 * Callbacks change state and set flags; they never block and never run the
 * loop again. What blocks goes to loop_work and comes back as a callback.
 * Everything here is called from the loop's own thread only.
 */
#ifndef CVMDECK_LOOP_LOOP_H
#define CVMDECK_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct loop;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop *loop_new(struct error *err) MUST_CHECK;
/* Waits for the worker's jobs and calls their done, closes the loop's own fds. */
void loop_free(struct loop *loop);

/* Turns until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* One turn that waits at most max_wait_ms (-1: as long as it takes). */
void loop_turn(struct loop *loop, int max_wait_ms);

/* Watches fd; events is a mask of LOOP_READ and LOOP_WRITE; 0 forgets it.
 * An error or hang-up of the fd counts as everything it is watched for. */
typedef void loop_fd_fn(void *ctx, int fd, int events);
void loop_fd(struct loop *loop, int fd, int events, loop_fd_fn *fn, void *ctx);

/* A timer lives in its owner's memory, zeroed before the first use; it fires
 * once. Setting a set timer moves it. The owner cancels it before freeing. */
typedef void loop_fn(void *ctx);
struct loop_timer {
	struct loop *loop;
	int64_t due_us; /* on the monotonic clock */
	loop_fn *fn;
	void *ctx;
	size_t slot; /* place in the heap + 1; 0: not set */
};
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t after_ms, loop_fn *fn, void *ctx);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

/* Runs fn on the loop when the signal arrives (signals of one kind merge). */
typedef void loop_signal_fn(void *ctx, int signo);
void loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx);

/* Runs at the end of every turn, in the order given. */
void loop_before_sleep(struct loop *loop, loop_fn *fn, void *ctx);

/* Runs fn once, after the callbacks of this turn. */
void loop_defer(struct loop *loop, loop_fn *fn, void *ctx);
/* Drops what was deferred for ctx: its owner is about to go. */
void loop_undefer(struct loop *loop, void *ctx);

/*
 * Runs job(ctx) on a worker thread, then done(ctx) on the loop. Between the
 * two calls ctx belongs to the worker.
 */
void loop_work(struct loop *loop, loop_fn *job, loop_fn *done, void *ctx);

/* How often the loop has woken since it began (the idle test reads it). */
uint64_t loop_wakeups(const struct loop *loop);

#endif
