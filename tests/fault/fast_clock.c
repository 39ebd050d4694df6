/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into tests/fault/cvmdeck_fast, which is otherwise cvmdeck object for
 * object: both clocks run FAST_CLOCK times as fast, and what the loop waits is
 * that much shorter. So what takes minutes by design is tried in seconds. On
 * SIGUSR1 the wall clock is set back by an hour, as by a time service; on
 * SIGUSR2 an hour passes on both at once.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { HOUR_S = 3600 };
#define SECOND_NS INT64_C(1000000000)

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __real_epoll_wait(int fd, struct epoll_event *events, int most, int wait_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int wait_ms);

static int64_t scale = 1, began_ns[2];
static atomic_int hours_back, hours_passed;

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	__real_clock_gettime(clock, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void set_back(int signo)
{
	(void)signo;
	atomic_fetch_add(&hours_back, 1);
}

static void pass_an_hour(int signo)
{
	(void)signo;
	atomic_fetch_add(&hours_passed, 1);
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAST_CLOCK");
	struct sigaction back = { .sa_handler = set_back, .sa_flags = SA_RESTART }, passing = { .sa_handler = pass_an_hour, .sa_flags = SA_RESTART };

	scale = text ? strtol(text, NULL, 10) : 1;
	began_ns[0] = now_ns(CLOCK_MONOTONIC);
	began_ns[1] = now_ns(CLOCK_REALTIME);
	sigaction(SIGUSR1, &back, NULL);
	sigaction(SIGUSR2, &passing, NULL);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
	bool wall = clock == CLOCK_REALTIME;
	int64_t began = began_ns[wall], now;

	if (clock != CLOCK_MONOTONIC && !wall)
		return __real_clock_gettime(clock, out);
	now = began + (now_ns(clock) - began) * scale + atomic_load(&hours_passed) * HOUR_S * SECOND_NS;
	if (wall)
		now -= atomic_load(&hours_back) * HOUR_S * SECOND_NS;
	*out = (struct timespec){ .tv_sec = (time_t)(now / SECOND_NS), .tv_nsec = (long)(now % SECOND_NS) };
	return 0;
}

/* Rounded up, so that it does not wake before what it waits for. */
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int wait_ms)
{
	int count = __real_epoll_wait(fd, events, most, wait_ms <= 0 ? wait_ms : (int)((wait_ms + scale - 1) / scale));

	return count < 0 && errno == EINTR ? 0 : count;
}
