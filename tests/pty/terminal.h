/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program in a terminal of its own: a pty with libvterm behind it, driven as
 * a person would and read as a person would. Everything waits on a condition
 * with a deadline (child_deadline_ms); an _expect_ function that does not see
 * its condition prints the screen and fails the cmocka test it runs in.
 *
 * The program sees a fixed world: TERM=xterm-256color, LC_ALL=C.UTF-8, TZ=UTC,
 * PATH, a HOME of its own, the sanitizers' options, and what the test adds;
 * nothing else of the environment.
 */
#ifndef CVMDECK_TESTS_TERMINAL_H
#define CVMDECK_TESTS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct terminal;

/*
 * columns, rows   the size at start; 0: 80×24
 * env             NULL, or "NAME=value" texts ending in NULL, added last
 * home            NULL: a fresh folder, removed at the end; else a folder of
 *                 the caller's, kept (to start a program twice in one home)
 * working_folder  NULL: the home
 */
struct terminal_options {
	int columns;
	int rows;
	const char *const *env;
	const char *home;
	const char *working_folder;
};

/* How one cell looks. Colours: -1 default, 0–255 palette, else 0x1000000 | rgb. */
struct terminal_cell {
	char text[32]; /* UTF-8; "" for the right half of a wide character */
	int width;
	bool bold, underline, italic, reverse, blink;
	int foreground, background;
};

/* Starts argv[0] (a path). `options` may be NULL. Never returns NULL. */
struct terminal *terminal_start(const char *const argv[], const struct terminal_options *options);
/* Hangs up, kills what is left, reaps and frees. NULL is fine. */
void terminal_free(struct terminal *terminal);

/* Keys: bytes as they are, or by name: enter esc tab up down left right pgup pgdn home end bs del space f1…f12 ctrl-x. */
void terminal_type(struct terminal *terminal, const char *text);
void terminal_key(struct terminal *terminal, const char *name);
/* The new size goes to the screen, the pty and (SIGWINCH) the program. */
void terminal_resize(struct terminal *terminal, int columns, int rows);

/* Reads what the program writes until `condition` holds; false when ms passed or it ended without. */
bool terminal_wait_until(struct terminal *terminal, bool (*condition)(struct terminal *, const void *ctx), const void *ctx,
                         int64_t ms);
bool terminal_wait_text(struct terminal *terminal, const char *text, int64_t ms);
bool terminal_wait_gone(struct terminal *terminal, const char *text, int64_t ms);
/* Until the program wrote nothing for quiet_ms: for "and then nothing happens", never instead of a condition. */
void terminal_wait_quiet(struct terminal *terminal, int64_t quiet_ms);
/* Its exit status, 128 + signal, or -1 when it still runs after ms. */
int terminal_wait_exit(struct terminal *terminal, int64_t ms);

/* As above with the default deadline; the test fails with the screen shown when it does not come. */
#define terminal_expect(terminal, text) terminal_expect_at(terminal, text, true, __FILE__, __LINE__)
#define terminal_expect_gone(terminal, text) terminal_expect_at(terminal, text, false, __FILE__, __LINE__)
#define terminal_expect_exit(terminal, status) terminal_expect_exit_at(terminal, status, __FILE__, __LINE__)
void terminal_expect_at(struct terminal *terminal, const char *text, bool there, const char *file, int line);
void terminal_expect_exit_at(struct terminal *terminal, int status, const char *file, int line);

/* The screen: rows without trailing blanks, each ended by a line feed. Borrowed until the next call. */
const char *terminal_screen(struct terminal *terminal);
/* One row, 0 is the top; "" outside. Borrowed until the next call of it. */
const char *terminal_line(struct terminal *terminal, int row);
/* The first row that holds text, or -1; *column (may be NULL) gets the cell it begins in. */
int terminal_find(struct terminal *terminal, const char *text, int *column);
struct terminal_cell terminal_cell_at(struct terminal *terminal, int row, int column);
void terminal_cursor(struct terminal *terminal, int *row, int *column, bool *visible);
/* Whether the program is in the alternate screen; the title it set, or "". */
bool terminal_alternate(struct terminal *terminal);
const char *terminal_title(struct terminal *terminal);

/* Bytes written by the program since start, and the last 4 MiB of them with a NUL behind (borrowed, *len may be NULL). */
size_t terminal_bytes(const struct terminal *terminal);
const char *terminal_output(const struct terminal *terminal, size_t *len);

pid_t terminal_pid(const struct terminal *terminal);
const char *terminal_home(const struct terminal *terminal);

/*
 * Compares the screen with tests/pty/golden/NAME.txt once it looks like it,
 * waiting up to the deadline. `masks`: NULL, or POSIX extended expressions
 * ending in NULL; each match is shown as as many `#` as it has characters, so
 * that what differs from run to run (ports, latencies) does not count.
 * CVMDECK_GOLDEN=write writes the file instead, in the source folder, after
 * the screen was quiet for half a second.
 */
#define terminal_golden(terminal, name, masks) terminal_golden_at(terminal, name, masks, __FILE__, __LINE__)
void terminal_golden_at(struct terminal *terminal, const char *name, const char *const masks[], const char *file, int line);

#endif
