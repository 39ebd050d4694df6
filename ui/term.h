/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal; the one file that knows curses. Keys come out as names, one
 * frame of cells goes in, and only what changed is written. Whatever ends the
 * program, the terminal is put back: at term_stop, at a fatal signal (with
 * calls that are safe there, then the signal is raised again) and when memory
 * runs out. One terminal at a time; the loop's thread only.
 */
#ifndef CVMDECK_UI_TERM_H
#define CVMDECK_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "loop/loop.h"
#include "ui/cells.h"
#include "ui/keys.h"

/*
 * keys     each key of one wake, in order; a paste is one of them
 * resized  the size changed, or everything must be painted anew
 */
struct term_handler {
	void (*key)(void *ctx, const struct key *key);
	void (*resized)(void *ctx);
	void *ctx;
};

/* Errors: STATUS_USAGE "no-terminal" with the ways to go on without one. */
bool term_start(struct loop *loop, const struct term_handler *handler, struct error *err) MUST_CHECK;
/* Puts the terminal back; safe to call twice. */
void term_stop(void);

int term_height(void);
int term_width(void);
/* Writes what differs from the last frame. While suspended nothing is written. */
void term_present(const struct cells *frame);
/* Throws away every key that was typed but not yet delivered. */
void term_forget_keys(void);
/* Paints everything anew at the next frame. */
void term_repaint(void);

/* Stops the job as Ctrl-Z does, and comes back when it is continued. False: nobody is there who could continue it. */
bool term_stop_job(void);

/*
 * Gives the terminal to another program (an editor, through /bin/sh) while the
 * loop turns on; nothing is drawn and no key read until it ends, then ended is
 * called with its exit code (-1: killed). argument is passed as "$1".
 * Errors: STATUS_INPUT "editor-failed".
 */
typedef void term_ended_fn(void *ctx, int code);
bool term_run(const char *command, const char *argument, term_ended_fn *ended, void *ctx, struct error *err) MUST_CHECK;

/* True while another program has the terminal. */
bool term_is_lent(void);

/* Puts text into the terminal's clipboard (OSC 52), through tmux too. */
void term_copy(const char *text, size_t len);

#endif
