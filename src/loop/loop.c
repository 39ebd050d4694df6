/* SPDX-License-Identifier: Apache-2.0 */
/*
 * epoll for file descriptors, a binary heap for timers, a signalfd for
 * signals; the worker is in worker.c. A callback may change any watch or timer:
 * before each callback the table is read again, so a watch removed earlier in
 * the same turn never fires.
 */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/worker.h"

/* Few a turn, so that a frame and a key do not wait for many; the kernel gives those that had to wait first the next time. */
enum { TURN_FDS = 4 };

struct watch {
	loop_fd_fn *fn;
	void *ctx;
	int events;
	uint32_t generation; /* tells a reused fd from the one that was ready */
};

struct call {
	loop_fn *fn;
	void *ctx;
};

struct loop {
	int epoll_fd, signal_fd;
	bool stopping;
	uint64_t wakeups;
	uint32_t generation;
	struct watch *watches; /* by fd */
	size_t watch_cap;
	struct loop_timer **heap;
	size_t timers, heap_cap;
	struct { loop_signal_fn *fn; void *ctx; } signals[65];
	sigset_t signal_set;
	struct call *before;
	size_t before_count, before_cap;
	struct call *deferred;
	size_t deferred_count, deferred_cap;
	struct worker *worker;
};

/* ---- timers ---- */

static bool earlier(const struct loop *loop, size_t a, size_t b)
{
	return loop->heap[a]->due_us < loop->heap[b]->due_us;
}

static void swap(struct loop *loop, size_t a, size_t b)
{
	struct loop_timer *t = loop->heap[a];

	loop->heap[a] = loop->heap[b];
	loop->heap[b] = t;
	loop->heap[a]->slot = a + 1;
	loop->heap[b]->slot = b + 1;
}

static void rise(struct loop *loop, size_t i)
{
	for (; i && earlier(loop, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(loop, i, (i - 1) / 2);
}

static void sink(struct loop *loop, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;

		if (child < loop->timers && earlier(loop, child, least))
			least = child;
		if (child + 1 < loop->timers && earlier(loop, child + 1, least))
			least = child + 1;
		if (least == i)
			return;
		swap(loop, i, least);
		i = least;
	}
}

void loop_timer_cancel(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	size_t at = timer->slot;

	if (!at)
		return;
	at--;
	timer->slot = 0;
	if (at != --loop->timers) {
		loop->heap[at] = loop->heap[loop->timers];
		loop->heap[at]->slot = at + 1;
		rise(loop, at);
		sink(loop, at);
	}
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t after_ms, loop_fn *fn, void *ctx)
{
	loop_timer_cancel(timer);
	*timer = (struct loop_timer){ .loop = loop, .due_us = clock_mono_us() + after_ms * 1000, .fn = fn, .ctx = ctx };
	loop->heap = mem_grow(loop->heap, loop->timers, &loop->heap_cap, sizeof(struct loop_timer *));
	loop->heap[loop->timers] = timer;
	timer->slot = ++loop->timers;
	rise(loop, timer->slot - 1);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->slot != 0;
}

static void run_timers(struct loop *loop)
{
	int64_t now = clock_mono_us();
	size_t budget = loop->timers; /* a timer that sets itself to 0 waits a turn */

	while (budget-- && loop->timers && loop->heap[0]->due_us <= now) {
		struct loop_timer *timer = loop->heap[0];

		loop_timer_cancel(timer);
		timer->fn(timer->ctx);
	}
}

/* Milliseconds to the next timer, rounded up so that it is due when we wake. */
static int wait_time(const struct loop *loop, int max_wait_ms)
{
	int64_t left;

	if (loop->deferred_count)
		return 0;
	if (!loop->timers)
		return max_wait_ms;
	left = (loop->heap[0]->due_us - clock_mono_us() + 999) / 1000;
	if (left < 0)
		left = 0;
	if (max_wait_ms >= 0 && left > max_wait_ms)
		left = max_wait_ms;
	return left > 3600000 ? 3600000 : (int)left;
}

/* ---- file descriptors ---- */

void loop_fd(struct loop *loop, int fd, int events, loop_fd_fn *fn, void *ctx)
{
	struct epoll_event ev = { 0 };
	size_t at = (size_t)fd;
	bool known;

	if (at >= loop->watch_cap) {
		size_t cap = loop->watch_cap ? loop->watch_cap : 64;

		while (cap <= at)
			cap *= 2;
		loop->watches = mem_resize(loop->watches, cap, sizeof(*loop->watches));
		memset(loop->watches + loop->watch_cap, 0, (cap - loop->watch_cap) * sizeof(*loop->watches));
		loop->watch_cap = cap;
	}
	known = loop->watches[at].events != 0;
	if (!events && !known)
		return;
	if (!known)
		loop->watches[at].generation = ++loop->generation;
	loop->watches[at].fn = fn;
	loop->watches[at].ctx = ctx;
	loop->watches[at].events = events;
	ev.events = (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) | (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
	ev.data.u64 = (uint64_t)loop->watches[at].generation << 32 | (uint32_t)fd;
	if (epoll_ctl(loop->epoll_fd, !events ? EPOLL_CTL_DEL : known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) == 0 || !events)
		return;
	/* The kernel forgets an fd that was closed and opened anew behind our back. */
	if (errno == ENOENT && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0)
		return;
	loop->watches[at].events = 0;
}

static void run_fd(struct loop *loop, const struct epoll_event *ev)
{
	size_t at = (size_t)(ev->data.u64 & 0xFFFFFFFF);
	struct watch watch;
	int ready = 0;

	if (at >= loop->watch_cap)
		return;
	watch = loop->watches[at];
	if (!watch.events || watch.generation != (uint32_t)(ev->data.u64 >> 32))
		return;
	if (ev->events & (EPOLLERR | EPOLLHUP))
		ready = watch.events;
	if (ev->events & EPOLLIN)
		ready |= LOOP_READ;
	if (ev->events & EPOLLOUT)
		ready |= LOOP_WRITE;
	if (ready & watch.events)
		watch.fn(watch.ctx, (int)at, ready & watch.events);
}

/* ---- signals ---- */

static void read_signals(void *ctx, int fd, int events)
{
	struct loop *loop = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo < 65 && loop->signals[info.ssi_signo].fn)
			loop->signals[info.ssi_signo].fn(loop->signals[info.ssi_signo].ctx, (int)info.ssi_signo);
}

void loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx)
{
	int fd;

	loop->signals[signo].fn = fn;
	loop->signals[signo].ctx = ctx;
	sigaddset(&loop->signal_set, signo);
	pthread_sigmask(SIG_BLOCK, &loop->signal_set, NULL);
	fd = signalfd(loop->signal_fd, &loop->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd >= 0 && loop->signal_fd < 0) {
		loop->signal_fd = fd;
		loop_fd(loop, fd, LOOP_READ, read_signals, loop);
	}
}

/* ---- calls ---- */

void loop_before_sleep(struct loop *loop, loop_fn *fn, void *ctx)
{
	loop->before = mem_grow(loop->before, loop->before_count, &loop->before_cap, sizeof(*loop->before));
	loop->before[loop->before_count++] = (struct call){ fn, ctx };
}

void loop_defer(struct loop *loop, loop_fn *fn, void *ctx)
{
	loop->deferred = mem_grow(loop->deferred, loop->deferred_count, &loop->deferred_cap, sizeof(*loop->deferred));
	loop->deferred[loop->deferred_count++] = (struct call){ fn, ctx };
}

void loop_undefer(struct loop *loop, void *ctx)
{
	size_t i;

	for (i = 0; i < loop->deferred_count; i++)
		if (loop->deferred[i].ctx == ctx)
			loop->deferred[i].fn = NULL;
}

/* Runs what was deferred so far; what these calls defer waits for the next turn. */
static void run_deferred(struct loop *loop)
{
	size_t count = loop->deferred_count, i;

	if (!count)
		return;
	for (i = 0; i < count; i++) {
		struct call call = loop->deferred[i];

		if (call.fn)
			call.fn(call.ctx);
	}
	memmove(loop->deferred, loop->deferred + count, (loop->deferred_count - count) * sizeof(*loop->deferred));
	loop->deferred_count -= count;
}

static void on_worker(void *ctx, int fd, int events)
{
	struct loop *loop = ctx;

	(void)fd;
	(void)events;
	worker_deliver(loop->worker);
}

void loop_work(struct loop *loop, loop_fn *job, loop_fn *done, void *ctx)
{
	worker_add(loop->worker, job, done, ctx);
}

/* ---- the turn ---- */

struct loop *loop_new(struct error *err)
{
	struct loop *loop = mem_new(1, sizeof(*loop));

	loop->signal_fd = -1;
	sigemptyset(&loop->signal_set);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->worker = loop->epoll_fd < 0 ? NULL : worker_new();
	if (!loop->worker) {
		error_set(err, STATUS_INPUT, "no-epoll", "the system gives no event queue: %s", strerror(errno));
		if (loop->epoll_fd >= 0)
			close(loop->epoll_fd);
		free(loop);
		return NULL;
	}
	loop_fd(loop, worker_fd(loop->worker), LOOP_READ, on_worker, loop);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	worker_free(loop->worker);
	while (loop->timers)
		loop_timer_cancel(loop->heap[0]);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll_fd);
	free(loop->watches);
	free(loop->heap);
	free(loop->before);
	free(loop->deferred);
	free(loop);
}

void loop_turn(struct loop *loop, int max_wait_ms)
{
	struct epoll_event ready[TURN_FDS];
	int count = epoll_wait(loop->epoll_fd, ready, TURN_FDS, wait_time(loop, max_wait_ms));
	int i;
	size_t hook;

	loop->wakeups++;
	for (i = 0; i < count; i++)
		run_fd(loop, &ready[i]);
	run_timers(loop);
	run_deferred(loop);
	for (hook = 0; hook < loop->before_count; hook++)
		loop->before[hook].fn(loop->before[hook].ctx);
}

void loop_run(struct loop *loop)
{
	loop->stopping = false;
	while (!loop->stopping)
		loop_turn(loop, -1);
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

uint64_t loop_wakeups(const struct loop *loop)
{
	return loop->wakeups;
}
