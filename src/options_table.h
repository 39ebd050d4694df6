/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind the command line; for options.c and options_print.c alone. */
#ifndef CVMDECK_OPTIONS_TABLE_H
#define CVMDECK_OPTIONS_TABLE_H

#include "options.h"

struct verb_row {
	const char *name, *arguments, *help;
	size_t most; /* positional arguments */
	const char *choices; /* what the argument can be, for the completions; NULL: anything */
};

struct option_row {
	const char *name;
	char letter;
	const char *argument; /* NULL: a flag */
	unsigned verbs;       /* 1 << verb; 0: not in the manual */
	const char *help;
};

/*
 * An option that only the official CLI has, so that a script of it can change
 * one word: another name of one of ours, one that is left aside with the
 * reason said, or one that is refused because leaving it aside would do
 * something else than the script expects.
 */
enum stranger_fate { STRANGER_ALIAS, STRANGER_ASIDE, STRANGER_REFUSED };

struct stranger_row {
	const char *name;     /* NULL: only the letter */
	char letter;
	const char *argument;
	unsigned verbs;
	enum stranger_fate fate;
	enum option_id as;    /* of an alias */
	const char *why;
};

/* A command of the official CLI, and what does the same here. */
struct foreign_verb {
	const char *name, *instead;
};

extern const struct verb_row verb_rows[VERB_COUNT];
extern const struct option_row option_rows[OPTION_COUNT];
extern const struct stranger_row stranger_rows[];
extern const size_t stranger_count;
extern const struct foreign_verb foreign_verbs[];
extern const size_t foreign_verb_count;

#endif
