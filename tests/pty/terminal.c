/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pty, the program in it, and what it writes. The screen itself is read in
 * screen.c; golden files are golden.c. One thread, no signals of its own.
 */
#include "pty/terminal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/unit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "child.h"

enum { OUTPUT_KEPT = 4 << 20, ENV_MAX = 64 };

static const char *const kept_variables[] = { "PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "builddir", "srcdir" };

static void become(const struct terminal *terminal, const char *const argv[], const struct terminal_options *options)
{
	char *env[ENV_MAX + 1] = { mem_strdup("TERM=xterm-256color"), mem_strdup("LC_ALL=C.UTF-8"), mem_strdup("TZ=UTC"),
		                   mem_printf("HOME=%s", terminal->home) };
	size_t n = 4, i;

	for (i = 0; i < sizeof(kept_variables) / sizeof(*kept_variables); i++)
		if (getenv(kept_variables[i]))
			env[n++] = mem_printf("%s=%s", kept_variables[i], getenv(kept_variables[i]));
	for (const char *const *own = options->env; own && *own && n < ENV_MAX; own++)
		env[n++] = mem_strdup(*own);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(options->working_folder ? options->working_folder : terminal->home) == 0)
		execve(argv[0], (char *const *)(uintptr_t)argv, env);
	fprintf(stderr, "%s: %s\r\n", argv[0], strerror(errno));
	_exit(127);
}

struct terminal *terminal_start(const char *const argv[], const struct terminal_options *options)
{
	static const struct terminal_options plain = { 0 };
	struct terminal *terminal = mem_new(1, sizeof(*terminal));
	struct winsize size = { 0 };

	options = options ? options : &plain;
	terminal->columns = options->columns ? options->columns : 80;
	terminal->rows = options->rows ? options->rows : 24;
	terminal->own_home = !options->home;
	terminal->home = options->home ? mem_strdup(options->home) : child_make_dir();
	terminal_open_screen(terminal);
	size.ws_col = (unsigned short)terminal->columns;
	size.ws_row = (unsigned short)terminal->rows;
	terminal->pid = forkpty(&terminal->fd, NULL, NULL, &size);
	if (terminal->pid < 0)
		mem_die("no pseudo-terminal (is /dev/pts mounted?)");
	if (!terminal->pid)
		become(terminal, argv, options);
	fcntl(terminal->fd, F_SETFD, FD_CLOEXEC);
	terminal->running = true;
	return terminal;
}

static void keep_output(struct terminal *terminal, const char *bytes, size_t len)
{
	terminal->written += len;
	if (terminal->output.len + len > OUTPUT_KEPT)
		buf_shift(&terminal->output, terminal->output.len / 2);
	buf_add(&terminal->output, bytes, len);
}

static void write_all(struct terminal *terminal, const char *bytes, size_t len)
{
	while (len && terminal->fd >= 0) {
		ssize_t n = write(terminal->fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
}

/* What a terminal answers to questions (where is the cursor, what are you) goes back to the program. */
static void answer(struct terminal *terminal)
{
	char bytes[256];
	size_t n;

	while ((n = vterm_output_read(terminal->vterm, bytes, sizeof(bytes))) > 0)
		write_all(terminal, bytes, n);
}

bool terminal_read(struct terminal *terminal, int64_t ms)
{
	struct pollfd pollfd = { .fd = terminal->fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	if (terminal->fd < 0 || poll(&pollfd, 1, (int)(ms > 0 ? ms : 0)) <= 0)
		return false;
	n = read(terminal->fd, bytes, sizeof(bytes));
	if (n <= 0) {
		if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			close(terminal->fd);
			terminal->fd = -1;
		}
		return false;
	}
	keep_output(terminal, bytes, (size_t)n);
	vterm_input_write(terminal->vterm, bytes, (size_t)n);
	vterm_screen_flush_damage(terminal->screen);
	answer(terminal);
	return true;
}

void terminal_type(struct terminal *terminal, const char *text)
{
	write_all(terminal, text, strlen(text));
}

void terminal_key(struct terminal *terminal, const char *name)
{
	static const struct {
		const char *name, *bytes;
	} keys[] = {
		{ "enter", "\r" }, { "esc", "\033" }, { "tab", "\t" }, { "backtab", "\033[Z" }, { "space", " " },
		{ "up", "\033OA" }, { "down", "\033OB" }, { "right", "\033OC" }, { "left", "\033OD" },
		{ "home", "\033OH" }, { "end", "\033OF" }, { "pgup", "\033[5~" }, { "pgdn", "\033[6~" },
		{ "bs", "\177" }, { "del", "\033[3~" }, { "ins", "\033[2~" },
		{ "f1", "\033OP" }, { "f2", "\033OQ" }, { "f3", "\033OR" }, { "f4", "\033OS" }, { "f5", "\033[15~" },
		{ "f6", "\033[17~" }, { "f7", "\033[18~" }, { "f8", "\033[19~" }, { "f9", "\033[20~" }, { "f10", "\033[21~" },
		{ "f11", "\033[23~" }, { "f12", "\033[24~" },
	};
	char control[2] = { 0 };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(name, keys[i].name)) {
			terminal_type(terminal, keys[i].bytes);
			return;
		}
	if (strncmp(name, "ctrl-", 5) || !name[5])
		fail_msg("no key is called %s", name);
	control[0] = (char)(name[5] & 0x1F);
	terminal_type(terminal, control);
}

void terminal_resize(struct terminal *terminal, int columns, int rows)
{
	struct winsize size = { .ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows };

	terminal->columns = columns;
	terminal->rows = rows;
	vterm_set_size(terminal->vterm, rows, columns);
	if (terminal->fd >= 0 && ioctl(terminal->fd, TIOCSWINSZ, &size) < 0)
		fail_msg("the pty takes no new size");
}

bool terminal_wait_until(struct terminal *terminal, bool (*condition)(struct terminal *, const void *ctx), const void *ctx,
                         int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (!condition(terminal, ctx)) {
		int64_t left = end - clock_mono_ms();

		if (left <= 0)
			return false;
		if (!terminal_read(terminal, left) && terminal->fd < 0)
			return condition(terminal, ctx);
	}
	return true;
}

static bool text_is_there(struct terminal *terminal, const void *text)
{
	return terminal_find(terminal, text, NULL) >= 0;
}

static bool text_is_gone(struct terminal *terminal, const void *text)
{
	return terminal_find(terminal, text, NULL) < 0;
}

bool terminal_wait_text(struct terminal *terminal, const char *text, int64_t ms)
{
	return terminal_wait_until(terminal, text_is_there, text, ms);
}

bool terminal_wait_gone(struct terminal *terminal, const char *text, int64_t ms)
{
	return terminal_wait_until(terminal, text_is_gone, text, ms);
}

void terminal_wait_quiet(struct terminal *terminal, int64_t quiet_ms)
{
	while (terminal_read(terminal, quiet_ms))
		;
}

static void reap(struct terminal *terminal, int options)
{
	int status;

	if (!terminal->running || waitpid(terminal->pid, &status, options) != terminal->pid)
		return;
	terminal->running = false;
	terminal->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int terminal_wait_exit(struct terminal *terminal, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	for (;;) {
		while (terminal_read(terminal, 10))
			;
		reap(terminal, WNOHANG);
		if (!terminal->running) {
			while (terminal_read(terminal, 0))
				;
			return terminal->status;
		}
		if (clock_mono_ms() >= end)
			return -1;
		if (terminal->fd < 0)
			poll(NULL, 0, 5);
	}
}

void terminal_free(struct terminal *terminal)
{
	if (!terminal)
		return;
	if (terminal->fd >= 0)
		close(terminal->fd);
	terminal->fd = -1;
	if (terminal->running && terminal_wait_exit(terminal, 5000) < 0) {
		kill(terminal->pid, SIGKILL);
		reap(terminal, 0);
	}
	if (terminal->own_home)
		child_remove_dir(terminal->home);
	terminal_close_screen(terminal);
	buf_clear(&terminal->title);
	buf_clear(&terminal->output);
	buf_clear(&terminal->text);
	buf_clear(&terminal->line);
	free(terminal->home);
	free(terminal);
}

void terminal_show(struct terminal *terminal)
{
	const char *text = terminal_screen(terminal);

	fprintf(stderr, "# the screen (%d×%d%s):\n", terminal->columns, terminal->rows, terminal->running ? "" : ", ended");
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(stderr, "# |%.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void terminal_expect_at(struct terminal *terminal, const char *text, bool there, const char *file, int line)
{
	int64_t ms = child_deadline_ms();

	if (there ? terminal_wait_text(terminal, text, ms) : terminal_wait_gone(terminal, text, ms))
		return;
	terminal_show(terminal);
	fail_msg("%s:%d: the screen %s “%s”", file, line, there ? "never showed" : "went on showing", text);
}

void terminal_expect_exit_at(struct terminal *terminal, int status, const char *file, int line)
{
	int got = terminal_wait_exit(terminal, child_deadline_ms());

	if (got == status)
		return;
	terminal_show(terminal);
	fail_msg("%s:%d: it %s %d instead of %d", file, line, got < 0 ? "did not end:" : "ended with", got, status);
}

size_t terminal_bytes(const struct terminal *terminal)
{
	return terminal->written;
}

const char *terminal_output(const struct terminal *terminal, size_t *len)
{
	if (len)
		*len = terminal->output.len;
	return buf_text(&terminal->output);
}

pid_t terminal_pid(const struct terminal *terminal)
{
	return terminal->pid;
}

const char *terminal_home(const struct terminal *terminal)
{
	return terminal->home;
}
