/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGTSTP with its default action, since the kernel itself drops it in a job
 * that no shell watches; SIGSTOP would stop such a one for ever. The signal
 * is blocked for the loop's signalfd, and let through here alone.
 */
#include "ui/term_job.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t continued;

static void on_continue(int signo)
{
	(void)signo;
	continued = 1;
}

bool term_job_stop(bool whole_job)
{
	struct sigaction noted = { .sa_handler = on_continue }, before;
	sigset_t stop;

	continued = 0;
	sigaction(SIGCONT, &noted, &before);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(whole_job ? 0 : getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here it stops */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigaction(SIGCONT, &before, NULL);
	return continued;
}
