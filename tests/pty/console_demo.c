/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console over example records, for looking at it and for the terminal
 * tests. Arguments: how many CVMs; "quiet" for no log lines and no clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "ui/console.h"
#include "unit/ui_fake.h"

static struct loop *loop;
static struct loop_timer timer;
static int step;
static bool quiet;

/* Goes on when the operator answered. */
static void play(void *ctx)
{
	const char *ops = fake_view() ? fake_ops() : "";

	(void)ctx;
	if (fake_view()) {
		if (fake_view()->phase == PHASE_READING) {
			fake_phase(PHASE_REVIEW);
			step = 1;
		} else if (step == 1 && ops[0] == 'a') {
			fake_phase(PHASE_CHECKING);
			step = 2;
		} else if (step == 2) {
			fake_card(1, true);
			step = 3;
		} else if (step == 3 && ops[0] == 's') {
			fake_phase(PHASE_SIGNING);
			step = 4;
		} else if (step == 4) {
			fake_card(2, true);
			step = 5;
		} else if (step == 5 && ops[0] == 's') {
			fake_phase(PHASE_CONFIRMING);
			step = 6;
		} else if ((step == 3 || step == 5) && ops[0] == 'd') {
			fake_phase(PHASE_FAILED);
			step = 9;
		}
	} else {
		step = 0;
	}
	if (quiet && step == 0 && !fake_view()) {
		loop_timer_set(loop, &timer, 3000, play, NULL);
		return;
	}
	fake_log_line("serial", "[    0.512] dstack: \033[32mmeasuring compose\033[0m");
	fake_log_line("web", "GET /healthz 200 \033]0;title\007 0.8ms");
	fake_log_line("worker", "ERROR cannot reach database: connection refused");
	loop_timer_set(loop, &timer, 250, play, NULL);
}

int main(int argc, char **argv)
{
	struct console_options options = { .sandbox = true };
	struct error err = { 0 };
	struct session *session;

	quiet = argc > 2 && strcmp(argv[2], "quiet") == 0;
	loop = loop_new(&err);
	if (!loop)
		return 1;
	session = fake_session(loop, argc > 1 ? (size_t)atol(argv[1]) : 40);
	loop_timer_set(loop, &timer, 300, play, NULL);
	if (!console_run(session, &options, &err))
		fprintf(stderr, "%s; %s\n", err.message, err.next);
	loop_timer_cancel(&timer);
	fake_session_free(session);
	loop_free(loop);
	return (int)err.status;
}
