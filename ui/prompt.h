/* SPDX-License-Identifier: Apache-2.0 */
/* Questions on the bottom line: a text, a path, a secret, yes or no. Each is a screen; none waits in a loop. */
#ifndef CVMDECK_UI_PROMPT_H
#define CVMDECK_UI_PROMPT_H

#include "base/secret.h"
#include "ui/ui.h"

/* What was typed at prompts of one kind: Up brings it back. Zeroed memory is an empty one. */
enum { PROMPT_REMEMBERED = 32 };
struct prompt_history {
	char lines[PROMPT_REMEMBERED][256]; /* oldest first */
	size_t count;
};

/*
 * label     what is asked, before the cursor ("filter: ")
 * initial   text to begin with; NULL: none
 * changed   while typing; may be NULL
 * done      at the end; text NULL: given up. The prompt is gone before it is called.
 * complete  adds candidates for the text, one a line; NULL: no completion
 * history   outlives the prompt; NULL: none
 */
struct prompt_options {
	const char *label;
	const char *initial;
	void (*changed)(struct ui *ui, void *ctx, const char *text);
	void (*done)(struct ui *ui, void *ctx, const char *text);
	void (*complete)(struct ui *ui, void *ctx, const char *text, struct buf *out);
	struct prompt_history *history;
	void *ctx;
};
void prompt_open(struct ui *ui, const struct prompt_options *options);

/* Candidates for a path: what the file system has, folders with a slash behind. */
void prompt_complete_path(struct ui *ui, void *ctx, const char *text, struct buf *out);

/* Reads without echo into locked memory; done gets the secret (its own to keep), NULL: given up. */
typedef void prompt_secret_fn(struct ui *ui, void *ctx, struct secret *secret);
void prompt_secret(struct ui *ui, const char *label, prompt_secret_fn *done, void *ctx);

/*
 * A yes-or-no question with lines of explanation above it; No is the default,
 * and only a single y typed after it was painted says yes. A paste never does.
 */
typedef void confirm_fn(struct ui *ui, void *ctx, bool yes);
void confirm_open(struct ui *ui, const char *question, const char *explanation, confirm_fn *done, void *ctx);

#endif
