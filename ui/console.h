/* SPDX-License-Identifier: Apache-2.0 */
/* The console's way in, for main.c: everything else in ui is its own affair. */
#ifndef CVMDECK_UI_CONSOLE_H
#define CVMDECK_UI_CONSOLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

struct session;
struct rollout_request;

enum console_start { CONSOLE_WORKSPACE, CONSOLE_REVIEW };

struct console_options {
	enum console_start start;
	bool sandbox;                    /* SANDBOX in the header */
	struct rollout_request *request; /* CONSOLE_REVIEW: what to begin with; taken over */
	const struct rollout_request *moment; /* the command line's limits, for every rollout begun here; NULL: none */
	const char *resume;              /* a journal id to go on with at once; NULL: none */
};

/*
 * Runs the session's loop with the console on it until the operator quits.
 * The terminal is put back on every path, a crash included.
 * Returns false when the rollout begun with `request` did not succeed, with
 * its error (so that the exit code tells); true otherwise.
 * Errors: STATUS_USAGE "no-terminal"; STATUS_DECLINED and those of a rollout.
 */
bool console_run(struct session *session, const struct console_options *options, struct error *err) MUST_CHECK;

/* Writes the table of keys as text, a line each: context, keys, command, help (the man page is held against it). */
void console_dump_keys(FILE *out);

#endif
