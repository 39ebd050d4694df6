/* SPDX-License-Identifier: Apache-2.0 */
/* What the three files of the terminal share; tests include pty/terminal.h alone. */
#ifndef CVMDECK_TESTS_TERMINAL_PRIVATE_H
#define CVMDECK_TESTS_TERMINAL_PRIVATE_H

#include "pty/terminal.h"

#include <vterm.h>

#include "base/buf.h"

struct terminal {
	pid_t pid;
	int fd; /* the pty's master, -1 once the program's side is closed */
	bool running;
	int status;
	char *home;
	bool own_home;
	int columns, rows;
	VTerm *vterm;
	VTermScreen *screen;
	bool alternate;
	bool cursor_visible;
	struct buf title;
	struct buf output; /* the last bytes written */
	size_t written;    /* all of them */
	struct buf text;   /* what terminal_screen lends */
	struct buf line;   /* what terminal_line lends */
};

/* screen.c: the emulator, made and taken down with the terminal. */
void terminal_open_screen(struct terminal *terminal);
void terminal_close_screen(struct terminal *terminal);

/* terminal.c: reads what is there, waiting up to ms for the first byte; false when nothing came. */
bool terminal_read(struct terminal *terminal, int64_t ms);
/* terminal.c: the screen on stderr, for a test that is about to fail. */
void terminal_show(struct terminal *terminal);

#endif
