/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/verb_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum { GAP = 2, LEAST = 8 };

void verb_table_add(struct verb_table *table, const char *text)
{
	table->cells = mem_grow(table->cells, table->count, &table->room, sizeof(*table->cells));
	table->cells[table->count++] = mem_strdup(text);
}

static size_t terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

static size_t measure(const struct verb_table *table, size_t columns, size_t widths[])
{
	size_t i, all = GAP * (columns - 1);

	for (i = 0; i < columns; i++)
		widths[i] = text_width(table->heads[i], strlen(table->heads[i]));
	for (i = 0; i < table->count; i++) {
		size_t width = text_width(table->cells[i], strlen(table->cells[i]));

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	for (i = 0; i < columns; i++)
		all += widths[i];
	return all;
}

/* One cell; the last of a row, and blanks before nothing more, end without blanks. */
static void print_cell(const char *text, size_t width, size_t *owed)
{
	size_t len = strlen(text), used = text_width(text, len);
	const char *more = "";

	if (used > width) {
		len = text_fit(text, len, width - 1);
		used = text_width(text, len) + 1;
		more = "…";
	}
	if (len || *more) {
		printf("%*s%.*s%s", (int)*owed, "", (int)len, text, more);
		*owed = 0;
	}
	*owed += width - used + GAP;
}

static void print_row(const char *const cells[], size_t columns, const size_t widths[])
{
	size_t i, owed = 0;

	for (i = 0; i < columns; i++)
		print_cell(cells[i], widths[i], &owed);
	putchar('\n');
}

void verb_table_print(struct verb_table *table)
{
	size_t widths[VERB_TABLE_COLUMNS], columns = 0, room = terminal_columns(), all, i;

	while (table->heads[columns])
		columns++;
	all = measure(table, columns, widths);
	if (room && all > room) {
		size_t over = all - room, *width = &widths[table->yields];

		*width = *width > over + LEAST ? *width - over : *width < LEAST ? *width : LEAST;
	}
	print_row(table->heads, columns, widths);
	for (i = 0; i + columns <= table->count; i += columns)
		print_row((const char *const *)table->cells + i, columns, widths);
	for (i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct verb_table){ .heads = table->heads, .yields = table->yields };
}
