/* SPDX-License-Identifier: Apache-2.0 */
/* Rows under headings for standard output, each column as wide as what stands in it. */
#ifndef CVMDECK_UI_VERB_TABLE_H
#define CVMDECK_UI_VERB_TABLE_H

#include <stddef.h>

enum { VERB_TABLE_COLUMNS = 8 };

/*
 * heads    ends in NULL
 * yields   the column that is cut where a row is wider than the terminal;
 *          where standard output is none, nothing is cut
 */
struct verb_table {
	const char *const *heads;
	size_t yields;
	char **cells;
	size_t count, room;
};

/* The next cell, from left to right, row by row; text is safe to show and copied. */
void verb_table_add(struct verb_table *table, const char *text);
/* Prints it whole and frees what it holds. */
void verb_table_print(struct verb_table *table);

#endif
