/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curses is started with newterm (initscr ends the program when it fails) and
 * raw(), so that Ctrl-C and Ctrl-Z are keys. A lone Esc is held for 25 ms at
 * most. On every wake the input is read until there is none, since curses
 * takes more from the terminal than it gives, and poll cannot see that.
 * Signals that end or stop us come through the loop, where curses may be
 * called; only those of a crash are handled in place, with write and
 * tcsetattr alone.
 */
#define NCURSES_WIDECHAR 1
#include "config.h"

#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "ui/term_codes.h"

#include <term.h> /* last: its macros have everyday names */
#include "ui/term_crash.h"
#include "ui/term_entry.h"
#include "ui/term_job.h"

enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END, FOCUS_IGNORED, PAIRS_MAX = 256, PASTE_LIMIT = 256 * 1024, PASTE_ROOM = PASTE_LIMIT + 16, BURST = 512 };

static struct {
	struct loop *loop;
	struct term_handler handler;
	SCREEN *screen;
	bool started, suspended, utf8, few_signs, repaint;
	int colours;
	struct cells shown;
	struct { int fg, bg; } pairs[PAIRS_MAX];
	short pair_count;
	struct buf paste;
	bool pasting;
	pid_t child;
	int child_fd;
	term_ended_fn *ended;
	void *ended_ctx;
} term;

/* ---- a crash ---- */

static void add_farewell(struct buf *out, const char *capability)
{
	const char *text = tigetstr(capability);

	if (text && text != (const char *)-1)
		buf_add_text(out, text);
}

static void prepare_crash(void)
{
	struct buf farewell = BUF_INIT;

	buf_add_text(&farewell, TERM_PASTE_OFF);
	add_farewell(&farewell, "sgr0");
	add_farewell(&farewell, "cnorm");
	add_farewell(&farewell, "rmkx");
	add_farewell(&farewell, "rmcup");
	term_crash_prepare(buf_text(&farewell), farewell.len);
	buf_clear(&farewell);
}

/* ---- keys ---- */

static const struct { int code; const char *name; } special[] = {
	{ KEY_UP, "<Up>" },        { KEY_DOWN, "<Down>" },     { KEY_LEFT, "<Left>" },       { KEY_RIGHT, "<Right>" },
	{ KEY_HOME, "<Home>" },    { KEY_END, "<End>" },       { KEY_PPAGE, "<PageUp>" },    { KEY_NPAGE, "<PageDown>" },
	{ KEY_ENTER, "<Enter>" },  { KEY_BACKSPACE, "<BS>" },  { KEY_DC, "<Del>" },          { KEY_BTAB, "<S-Tab>" },
	{ KEY_SLEFT, "<S-Left>" }, { KEY_SRIGHT, "<S-Right>" }, { KEY_SF, "<S-Down>" },      { KEY_SR, "<S-Up>" },
};

static bool name_special(struct key *key, int code)
{
	size_t i;

	*key = (struct key){ .alone = true };
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i].code == code)
			snprintf(key->name, sizeof(key->name), "%s", special[i].name);
	if (code >= KEY_F(1) && code <= KEY_F(12))
		snprintf(key->name, sizeof(key->name), "<F%d>", code - KEY_F0);
	return key->name[0] != '\0';
}

static void paste_char(wint_t c)
{
	if (term.paste.len >= PASTE_LIMIT)
		return;
	text_encode(&term.paste, c == '\r' ? '\n' : (uint32_t)c);
}

/* One step of reading; false when there is nothing more. *got says whether *key holds one. */
static bool read_one(struct key *key, bool *got)
{
	wint_t c;
	int result = wget_wch(stdscr, &c);

	*got = false;
	if (result == ERR)
		return false;
	if (result == KEY_CODE_YES && c == PASTE_BEGIN) {
		term.pasting = true;
		buf_reset(&term.paste);
	} else if (result == KEY_CODE_YES && c == PASTE_END) {
		term.pasting = false;
		*key = (struct key){ .name = "<Paste>", .paste = buf_text(&term.paste), .paste_len = term.paste.len };
		*got = true;
	} else if (term.pasting) {
		if (result == OK)
			paste_char(c);
	} else if (result == KEY_CODE_YES) {
		*got = name_special(key, (int)c);
	} else {
		key_from_char(key, (uint32_t)c);
		*got = true;
	}
	return true;
}

static bool input_gone(void)
{
	struct termios now;

	return tcgetattr(STDIN_FILENO, &now) != 0;
}

static void deliver(struct key *keys, size_t count)
{
	size_t i;

	for (i = 0; i < count && term.started && !term.suspended; i++) {
		if (count > 1)
			keys[i].alone = false;
		term.handler.key(term.handler.ctx, &keys[i]);
	}
}

/* A key or a paste may have been part of a password. */
static void forget(struct key *keys, size_t count)
{
	secret_wipe(keys, count * sizeof(*keys));
	if (term.paste.data)
		secret_wipe(term.paste.data, term.paste.len);
}

static void on_input(void *ctx, int fd, int events)
{
	static struct key keys[BURST];
	struct key key;
	size_t count = 0;
	bool got, any = false;

	(void)ctx;
	(void)fd;
	(void)events;
	while (read_one(&key, &got)) {
		any = true;
		if (!got)
			continue;
		keys[count++] = key;
		/* A paste borrows the paste buffer, so it is delivered before the next can begin. */
		if (count == BURST || key.paste) {
			deliver(keys, count);
			forget(keys, count);
			count = 0;
		}
		if (!term.started || term.suspended)
			return;
	}
	deliver(keys, count);
	forget(keys, count);
	/* Readable, yet nothing to read: the terminal has gone. */
	if (!any && term.started && !term.suspended && input_gone())
		raise(SIGHUP);
}

void term_forget_keys(void)
{
	struct key key;
	bool got;

	if (!term.started || term.suspended)
		return;
	while (read_one(&key, &got))
		continue;
	tcflush(STDIN_FILENO, TCIFLUSH);
	flushinp();
}

/* ---- size, stop and go on ---- */

static void fit_size(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	term.repaint = true;
}

static void on_resize(void *ctx, int signo)
{
	(void)ctx;
	(void)signo;
	if (!term.started || term.suspended)
		return;
	fit_size();
	term.handler.resized(term.handler.ctx);
}

static void write_raw(const char *text, size_t len)
{
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = write(STDOUT_FILENO, text + sent, len - sent);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			sent += (size_t)n;
	}
}

static void leave(void)
{
	term.suspended = true;
	loop_fd(term.loop, STDIN_FILENO, 0, NULL, NULL);
	write_raw(TERM_PASTE_OFF, sizeof(TERM_PASTE_OFF) - 1);
	endwin();
	term_crash_arm(false);
}

static void come_back(void)
{
	term.suspended = false;
	term_crash_arm(true);
	reset_prog_mode();
	write_raw(TERM_PASTE_ON, sizeof(TERM_PASTE_ON) - 1);
	fit_size();
	clearok(curscr, TRUE);
	loop_fd(term.loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	term.handler.resized(term.handler.ctx);
}

static bool stop(bool whole_job)
{
	bool stopped;

	if (!term.started)
		return false;
	if (!term.suspended)
		leave();
	stopped = term_job_stop(whole_job);
	if (!term.child)
		come_back();
	return stopped;
}

bool term_stop_job(void)
{
	return stop(true);
}

/* Whoever sends the signal has sent it to those it is meant for. */
static void on_stop(void *ctx, int signo)
{
	(void)ctx;
	(void)signo;
	stop(false);
}

/* ---- another program ---- */

static void child_ended(void *ctx, int fd, int events)
{
	int status = 0, code;
	term_ended_fn *ended = term.ended;

	(void)ctx;
	(void)events;
	if (waitpid(term.child, &status, WNOHANG) == 0)
		return;
	loop_fd(term.loop, fd, 0, NULL, NULL);
	close(fd);
	term.child = 0;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	come_back();
	ended(term.ended_ctx, code);
}

static void become(const char *command, const char *argument)
{
	sigset_t none;
	int signo;

	sigemptyset(&none);
	for (signo = 1; signo < 32; signo++)
		signal(signo, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, "sh", argument, (char *)NULL);
	_exit(127);
}

bool term_run(const char *command, const char *argument, term_ended_fn *ended, void *ctx, struct error *err)
{
	char *line = mem_printf("%s \"$1\"", command);

	leave();
	term.child = fork();
	if (term.child == 0)
		become(line, argument);
	free(line);
	term.child_fd = term.child > 0 ? (int)syscall(SYS_pidfd_open, term.child, 0) : -1;
	if (term.child_fd >= 0) {
		term.ended = ended;
		term.ended_ctx = ctx;
		loop_fd(term.loop, term.child_fd, LOOP_READ, child_ended, NULL);
		return true;
	}
	error_set(err, STATUS_INPUT, "editor-failed", "the editor could not be started: %s", strerror(errno));
	if (term.child > 0)
		waitpid(term.child, NULL, 0);
	term.child = 0;
	come_back();
	return false;
}

bool term_is_lent(void)
{
	return term.child > 0;
}

/* ---- output ---- */

static short pair_for(int fg, int bg)
{
	short i;

	if (fg < 0 && bg < 0)
		return 0;
	for (i = 0; i < term.pair_count; i++)
		if (term.pairs[i].fg == fg && term.pairs[i].bg == bg)
			return (short)(i + 1);
	if (term.pair_count + 1 >= PAIRS_MAX || term.pair_count + 1 >= COLOR_PAIRS)
		return 0;
	term.pairs[term.pair_count].fg = fg;
	term.pairs[term.pair_count].bg = bg;
	term.pair_count++;
	init_pair(term.pair_count, (short)fg, (short)bg);
	return term.pair_count;
}

static attr_t attributes_of(text_style attributes)
{
	attr_t result = A_NORMAL;

	if (attributes & ATTR_BOLD)
		result |= A_BOLD;
	if (attributes & ATTR_DIM)
		result |= A_DIM;
	if (attributes & ATTR_UNDERLINE)
		result |= A_UNDERLINE;
	if (attributes & ATTR_REVERSE)
		result |= A_REVERSE;
	return result;
}

static void to_curses(cchar_t *out, const struct cell *cell)
{
	static text_style last_style;
	static attr_t last_attributes;
	static short last_pair = -1;
	wchar_t text[3] = { (wchar_t)cell->cp, (wchar_t)cell->mark, 0 };

	if (last_pair < 0 || cell->style != last_style) {
		struct look look = theme_look(cell->style, term.colours);

		last_style = cell->style;
		last_attributes = attributes_of(look.attributes);
		last_pair = pair_for(look.fg, look.bg);
	}
	if (!term.utf8) {
		text[0] = (wchar_t)theme_ascii(cell->cp);
		text[1] = 0;
	} else if (term.few_signs && cell->cp > 0x7F && theme_stand_in(cell->cp)) {
		text[0] = (wchar_t)theme_stand_in(cell->cp);
	}
	setcchar(out, text, last_attributes, last_pair, NULL);
}

static bool row_equal(const struct cells *frame, int row)
{
	size_t at = (size_t)row * (size_t)frame->width;

	return memcmp(frame->at + at, term.shown.at + at, (size_t)frame->width * sizeof(*frame->at)) == 0;
}

static void draw_row(const struct cells *frame, int row)
{
	const struct cell *line = frame->at + (size_t)row * (size_t)frame->width;
	int col;

	for (col = 0; col < frame->width; col++) {
		cchar_t c;

		if (!line[col].cp && term.utf8)
			continue;
		to_curses(&c, line[col].cp ? &line[col] : &(struct cell){ .cp = ' ', .style = line[col].style });
		mvadd_wch(row, col, &c);
	}
}

static void place_cursor(const struct cells *frame)
{
	static int visible = -1;
	int want = frame->cursor_row >= 0;

	if (want != visible || term.repaint)
		curs_set(want);
	visible = want;
	leaveok(stdscr, !want); /* a hidden cursor may stay where it was */
	if (want)
		move(frame->cursor_row, frame->cursor_col);
}

void term_present(const struct cells *frame)
{
	size_t bytes = (size_t)frame->height * (size_t)frame->width * sizeof(*frame->at);
	bool same_size = term.shown.height == frame->height && term.shown.width == frame->width;
	bool whole;
	int row;

	if (!term.started || term.suspended)
		return;
	if (!same_size)
		cells_begin(&term.shown, frame->height, frame->width);
	whole = !same_size || term.repaint;
	if (whole)
		clearok(stdscr, TRUE);
	for (row = 0; row < frame->height; row++)
		if (whole || !row_equal(frame, row))
			draw_row(frame, row);
	memcpy(term.shown.at, frame->at, bytes);
	place_cursor(frame);
	term.repaint = false;
	wnoutrefresh(stdscr);
	doupdate();
}

void term_repaint(void)
{
	term.repaint = true;
}

int term_height(void)
{
	return term.started ? LINES : 24;
}

int term_width(void)
{
	return term.started ? COLS : 80;
}

void term_copy(const char *text, size_t len)
{
	struct buf out = BUF_INIT;

	term_codes_copy(&out, text, len, getenv("TMUX") != NULL);
	if (term.started && !term.suspended)
		write_raw(buf_text(&out), out.len);
	buf_clear(&out);
}

/* ---- start and stop ---- */

static void choose_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	term.colours = 0;
	if ((no_color && *no_color) || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	term.colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
}

static void set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* What moved up is scrolled by the terminal, not written again: by line feeds at
	 * the region's end, which every terminal knows, where SU is not known to some. */
	parm_index = NULL;
	parm_rindex = NULL;
	idlok(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	choose_colours();
	define_key("\033[200~", PASTE_BEGIN);
	define_key("\033[201~", PASTE_END);
	write_raw(TERM_PASTE_ON, sizeof(TERM_PASTE_ON) - 1);
}

static bool no_terminal(struct error *err, const char *why)
{
	error_set(err, STATUS_USAGE, "no-terminal", "the console needs a terminal, and %s", why);
	return error_next(err, "run it in a terminal, or use the commands without a screen (cvmdeck list, cvmdeck deploy --plain or --json)");
}

bool term_start(struct loop *loop, const struct term_handler *handler, struct error *err)
{
	const char *kind = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return no_terminal(err, "standard input or output is none");
	if (!kind || !*kind || !term_crash_remember())
		return no_terminal(err, "TERM is not set");
	setlocale(LC_CTYPE, "");
	term.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	/* The kernel's console has some hundreds of glyphs: to it, ✓ and ✗ look the same. */
	term.few_signs = !term.utf8 || strcmp(kind, "linux") == 0;
	keys_spell_out(term.few_signs);
	term_entry_begin();
	term.screen = newterm(NULL, stdout, stdin);
	term_entry_end();
	if (!term.screen)
		return no_terminal(err, "TERM names one that is not known here");
	define_key("\033[A", KEY_UP); /* arrows as sent outside the keypad's application mode */
	define_key("\033[B", KEY_DOWN);
	define_key("\033[C", KEY_RIGHT);
	define_key("\033[D", KEY_LEFT);
	define_key("\033[H", KEY_HOME); /* and what one terminal says inside another */
	define_key("\033[F", KEY_END);
	define_key("\033[1~", KEY_HOME);
	define_key("\033[4~", KEY_END);
	/* Never grown, so that no old copy of a pasted password is left behind. */
	term.paste = (struct buf){ .data = mem_new(PASTE_ROOM, 1), .cap = PASTE_ROOM };
	term.loop = loop;
	term.handler = *handler;
	term.started = true;
	term.repaint = true;
	prepare_crash();
	term_crash_arm(true);
	set_modes();
	loop_fd(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	loop_signal(loop, SIGWINCH, on_resize, NULL);
	loop_signal(loop, SIGTSTP, on_stop, NULL);
	return true;
}

void term_stop(void)
{
	if (!term.started)
		return;
	if (!term.suspended)
		leave();
	term.started = false;
	delscreen(term.screen);
	cells_clear(&term.shown);
	buf_clear(&term.paste);
	term.screen = NULL;
	term.pair_count = 0;
}
