/* SPDX-License-Identifier: Apache-2.0 */
/* Remembers the last text said under a key, so that a front end says only what changed. */
#ifndef CVMDECK_UI_MEMO_H
#define CVMDECK_UI_MEMO_H

#include <stdbool.h>
#include <stddef.h>

struct memo {
	struct memo_entry {
		char *key, *text;
	} *entries;
	size_t count, cap;
};

/* True when text differs from the last under key (or is the first); keeps it. */
bool memo_changed(struct memo *memo, const char *key, const char *text);
void memo_clear(struct memo *memo);

#endif
