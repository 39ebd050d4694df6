/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of commands: what a key does, what the footer hints, what the
 * help and the man page list, and what can be typed after ':'.
 */
#ifndef CVMDECK_UI_COMMANDS_H
#define CVMDECK_UI_COMMANDS_H

#include <stdio.h>

#include "ui/keys.h"
#include "ui/ui.h"

struct command {
	const char *id;   /* typed after ':' */
	const char *hint; /* word in the footer; NULL: not hinted */
	const char *help; /* one line */
	const char *keys; /* list of key names */
	unsigned contexts;
	/* NULL when it can be done now, else why not; may itself be NULL. */
	const char *(*why_not)(struct ui *ui);
	void (*run)(struct ui *ui, const char *argument, int param);
	int param;
};

/* The table; ends with a row whose id is NULL. */
const struct command *commands_table(void);
const struct command *command_by_key(unsigned context, const struct key *key);
/* By id, or by a prefix of it that no other command of the context has. */
const struct command *command_by_id(unsigned context, const char *id);
/* Runs it, or says why not. */
void command_run(struct ui *ui, const struct command *command, const char *argument);
/* Runs "id argument" as typed after ':'. */
void command_line(struct ui *ui, const char *line);
/* A context's name, for lists; one bit at a time. */
const char *context_name(unsigned context);

#endif
