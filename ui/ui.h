/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console at work: the stack of screens, the message line, what is seen
 * and when it is drawn. Everything here is on the loop's thread. State changes
 * call ui_dirty; one frame is drawn before the loop sleeps.
 */
#ifndef CVMDECK_UI_UI_H
#define CVMDECK_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "loop/loop.h"
#include "rollout/rollout.h"
#include "rollout/session.h"
#include "ui/cells.h"
#include "ui/console.h"
#include "ui/screen.h"

enum { UI_DEPTH = 16, UI_MIN_WIDTH = 80, UI_MIN_HEIGHT = 24, UI_SPIN_MS = 120 };

struct ui {
	struct session *session;
	struct loop *loop;
	const struct console_options *options;
	struct screen *stack[UI_DEPTH];
	size_t depth;
	struct cells frame;
	bool dirty, forget_keys, quit;
	bool interrupted; /* it was a signal that said so, not the operator */
	struct loop_timer wake;
	int64_t wake_ms; /* the earliest redraw somebody asked for; -1: none */
	char message[640];
	text_style message_style;
	struct rollout *rollout; /* the one in hand, or NULL */
	enum rollout_phase phase; /* for which the screens were chosen last (flow.c) */
	unsigned led_to; /* the screen that choice led to */
	bool followed;
	const struct rollout *put_away; /* whose refused card was closed: it is not laid on the table again */
	char asked_for[CVM_REF_SIZE]; /* the CVM the open path prompt is about */
	bool more_than_compose;       /* the rollout in hand brings env values, a script or flags too */
	bool edit_wanted;             /* open the compose in $EDITOR once the review is there (edit.c) */
};

/* Takes the screen over and puts it on top. */
void ui_push(struct ui *ui, struct screen *screen);
/* Ends the top screen, or the one given, wherever it lies. */
void ui_pop(struct ui *ui);
void ui_remove(struct ui *ui, struct screen *screen);
struct screen *ui_top(const struct ui *ui);
/* The topmost screen of a context, or NULL. */
struct screen *ui_find(const struct ui *ui, unsigned context);
/* Ends every screen above the topmost one of the context. */
void ui_back_to(struct ui *ui, unsigned context);
/* The context that commands see: of the top screen. */
unsigned ui_context(const struct ui *ui);

/* Draw once more before the loop sleeps. */
void ui_dirty(struct ui *ui);
/* Draw again within so many milliseconds: called while drawing something that moves. */
void ui_wake_in(struct ui *ui, int64_t ms);
/* The spinner's present character; asks for the next one by itself. */
const char *ui_spinner(struct ui *ui);

/* The one place for messages; they stay until the next key. */
void ui_say(struct ui *ui, text_style style, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* What failed and what to do next. */
void ui_say_error(struct ui *ui, const struct error *err);

/* Handles one key: screen, then command table. */
void ui_key(struct ui *ui, const struct key *key);
/* Draws header, screens, message or footer into ui->frame. */
void ui_compose(struct ui *ui, int height, int width);
/* Tells every screen that the model changed. */
void ui_changed(struct ui *ui);

#endif
