/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A screen: something that draws itself and takes keys. Screens lie on a
 * stack; the top one has the keys. A prompt, a confirmation, help and the
 * signature card are screens too, so no loop ever runs inside another.
 */
#ifndef CVMDECK_UI_SCREEN_H
#define CVMDECK_UI_SCREEN_H

#include <stdbool.h>

#include "ui/cells.h"
#include "ui/keys.h"

struct ui;
struct screen;

/* What the keys mean depends on these; a command names those it belongs to. */
enum context {
	CTX_WORKSPACE = 1,
	CTX_REVIEW = 2,
	CTX_ALLOWLIST = 4,
	CTX_CARD = 8,
	CTX_ROLLOUT = 16,
	CTX_LOGS = 32,
	CTX_HELP = 64,
	CTX_HISTORY = 128,
	CTX_DEVICES = 256,
	CTX_PENDING = 512,
	CTX_DIFF = 1024,
	CTX_CONFIRM = 2048,
	CTX_PROMPT = 4096,
	CTX_SCROLL = CTX_WORKSPACE | CTX_REVIEW | CTX_ALLOWLIST | CTX_ROLLOUT | CTX_LOGS | CTX_HELP | CTX_HISTORY | CTX_DEVICES |
	             CTX_PENDING | CTX_DIFF,
	CTX_SIDEWAYS = CTX_REVIEW | CTX_ALLOWLIST | CTX_ROLLOUT | CTX_LOGS | CTX_DIFF, /* lines longer than the window */
	CTX_PLACES = CTX_SCROLL, /* the screens one can go from and to */
};

enum move {
	MOVE_DOWN,
	MOVE_UP,
	MOVE_PAGE_DOWN,
	MOVE_PAGE_UP,
	MOVE_HOME,
	MOVE_END,
	MOVE_LEFT,
	MOVE_RIGHT,
};

/* All but name, context and draw may be NULL. */
struct screen_ops {
	const char *name;  /* as in the help and the man page: "review" */
	unsigned context;
	bool overlay;      /* what lies below is drawn first */
	void (*draw)(struct screen *screen, struct ui *ui, struct area body);
	/* What stands behind the program's name in the header. */
	void (*title)(struct screen *screen, struct ui *ui, struct buf *out);
	/* Before any command; true: the key was used. */
	bool (*key)(struct screen *screen, struct ui *ui, const struct key *key);
	void (*move)(struct screen *screen, struct ui *ui, enum move move);
	/* A frame with this screen on top has reached the terminal. */
	void (*painted)(struct screen *screen, struct ui *ui);
	/* The model changed (a rollout, the workspace, health). */
	void (*changed)(struct screen *screen, struct ui *ui);
	void (*free)(struct screen *screen);
};

/* The first member of every screen's own struct. */
struct screen {
	const struct screen_ops *ops;
};

#endif
