/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping as Ctrl-Z stops a program that leaves the key to the terminal. */
#ifndef CVMDECK_UI_TERM_JOB_H
#define CVMDECK_UI_TERM_JOB_H

#include <stdbool.h>

/*
 * Stops this process, or its whole job (the script it was started by hears of
 * it then, and through it the shell), and returns when it is continued. False
 * at once where nobody could continue it: the job has no shell above it, or
 * the signal was ignored from the start.
 */
bool term_job_stop(bool whole_job);

#endif
