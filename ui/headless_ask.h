/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question on the terminal while the loop goes on: the answer comes as a
 * call, and signals are heard meanwhile. What was typed before the question
 * appeared is thrown away.
 */
#ifndef CVMDECK_UI_HEADLESS_ASK_H
#define CVMDECK_UI_HEADLESS_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <termios.h>

#include "loop/loop.h"

/* The line without its end, wiped behind the call; NULL: the input has ended. */
typedef void ask_answered_fn(void *ctx, char *line, size_t len);

struct ask {
	bool waiting;
	/* inside */
	struct loop *loop;
	FILE *people;
	bool hidden;
	struct termios before;
	ask_answered_fn *answered;
	void *ctx;
};

/* Puts the question and waits for one line on standard input. hidden: without echo. */
void ask_begin(struct ask *ask, struct loop *loop, FILE *people, const char *question, bool hidden, ask_answered_fn *answered, void *ctx);
/* Takes an open question back and leaves the terminal as it was; nothing where none is open. */
void ask_end(struct ask *ask);

#endif
