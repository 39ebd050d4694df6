/* SPDX-License-Identifier: Apache-2.0 */
/* Where the console is, by its screen alone, and which keys its own table binds there. */
#ifndef CVMDECK_TESTS_PLACES_H
#define CVMDECK_TESTS_PLACES_H

#include "pty/terminal.h"

#include "base/buf.h"

enum { KEY_ROWS = 400 };

/* One line of `cvmdeck --dump-keys`. */
struct key_row {
	char context[24], keys[48], id[32];
};

struct key_table {
	struct key_row rows[KEY_ROWS];
	size_t count;
};

/* Asks the program. */
void places_read_keys(struct key_table *table);
/* The next name of a list of keys ("N n <Enter>"); false behind the last. *at begins as the list. */
bool places_next_key(const char **at, char name[16]);
/* Types a key by the table's name for it: "j", "<PageDown>", "<C-l>". */
void places_type(struct terminal *terminal, const char *name);

/*
 * The context as in the table ("workspace", "review", …, "card"), or "confirm", "prompt", or "" where it cannot be told.
 * Borrowed for ever.
 */
const char *places_now(struct terminal *terminal);
/*
 * The screen without what changes by itself: numbers count as one digit, spinners not at all, nor what the header says of
 * the network.
 */
void places_picture(struct terminal *terminal, struct buf *out);

#endif
