/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator's desk: a sandbox, a home with a compose file in it, the real
 * program in a terminal, and what can be asked of the world beside the screen:
 * the contract, the sandbox's record of requests, the program's own journal.
 */
#ifndef CVMDECK_TESTS_DESK_H
#define CVMDECK_TESTS_DESK_H

#include "pty/terminal.h"
#include "unit/rollout_drive.h"

#include "base/clock.h"
#include "chain/contract.h"
#include "wire/json.h"

enum { DESK_EXTRAS = 8 };

struct desk {
	struct drive drive;
	char *home;
	struct terminal *terminal; /* NULL: not open */
	const char *program;       /* in the build folder; NULL: cvmdeck */
	const char *shell;         /* NULL, or what is started instead, by its path */
	bool no_key;               /* without PRIVATE_KEY */
	const char *extra[DESK_EXTRAS + 1]; /* "NAME=value" for the program */
};

/* A sandbox with these faults (NULL: none) and a home that holds compose.yml. */
void desk_begin(struct desk *desk, const char *faults);
/* Starts the program with these arguments (NULL: the console), at 80×24 or as given. */
void desk_start(struct desk *desk, const char *const arguments[], int columns, int rows);
/* The console, with its list there. */
void desk_open(struct desk *desk);
/* Leaves the console by Ctrl-C: exit 0, and the terminal as it was. It can be opened again. */
void desk_leave(struct desk *desk);
/* Leaves where it is open, and takes everything down. */
void desk_end(struct desk *desk);

/* Reads what the program writes until the condition holds; fails the test when it never does. */
#define desk_until(desk, condition) \
	for (int64_t until_ms = clock_mono_ms() + child_deadline_ms(); !(condition);) \
	desk_wait(desk, until_ms, #condition, __FILE__, __LINE__)
void desk_wait(struct desk *desk, int64_t until_ms, const char *condition, const char *file, int line);

/* ---- what an operator does ---- */

/* Finds a CVM by typing, from the list. */
void desk_go_to(struct desk *desk, const char *name);
/* From the list: the review of compose.yml. */
void desk_review(struct desk *desk);
/* Approves the review. */
void desk_approve(struct desk *desk);
/* One key on its own, once `expected` is seen. */
void desk_press(struct desk *desk, const char *expected, const char *key);
/* The same key again and again, until the text is seen. */
void desk_press_until(struct desk *desk, const char *key, const char *text);
/* Signs the card on which `words` stand. */
void desk_sign(struct desk *desk, const char *words);
/* A whole update with one card, to its end. */
void desk_update(struct desk *desk);

/* ---- beside the screen ---- */

/* What `cvmdeck ARGUMENTS --json` prints with the same home, its last line parsed; the caller frees. */
json *desk_ask(struct desk *desk, const char *const arguments[]);
/* All its lines as text; the caller frees. */
char *desk_lines(struct desk *desk, const char *const arguments[]);
/* How many lines of `cvmdeck history --json` (of one rollout, where it is named) hold both texts. */
unsigned desk_history(struct desk *desk, const char *rollout, const char *one, const char *other);
/* What a contract's yes-or-no read says now; word: hex of 32 bytes, NULL where it takes none. */
bool desk_allowed(struct desk *desk, const char *contract, enum contract_call call, const char *word);
/* One member of `cvmdeck show CVM --json`; the caller frees. */
char *desk_cvm(struct desk *desk, const char *name, const char *member);
/* A member of the newest rollout of `cvmdeck history --json`; the caller frees. */
char *desk_newest(struct desk *desk, const char *member);
/* What the program has put into the clipboard (OSC 52) last; fails the test when it never did. The caller frees. */
char *desk_copied(struct desk *desk);
/* JSON-RPC calls of this method that the node got. */
unsigned desk_rpc_calls(struct desk *desk, const char *method);
/* Other faults from now on. */
void desk_faults(struct desk *desk, const char *faults);

#endif
