/* SPDX-License-Identifier: Apache-2.0 */
/* See headless_ask.h. Standard input is a terminal in lines: a read that has something gives one whole line. */
#include "ui/headless_ask.h"

#include <errno.h>
#include <unistd.h>

#include "base/secret.h"

enum { LINE_MOST = 4096 }; /* of a terminal in lines */

/* line_ended: Enter was typed, and where the terminal echoes it has moved on by itself. Half a password is left to nobody. */
static void close_question(struct ask *ask, bool line_ended)
{
	loop_fd(ask->loop, STDIN_FILENO, 0, NULL, NULL);
	if (ask->hidden)
		tcsetattr(STDIN_FILENO, line_ended ? TCSANOW : TCSAFLUSH, &ask->before);
	if (ask->hidden || !line_ended)
		fputc('\n', ask->people);
	ask->waiting = false;
}

void ask_end(struct ask *ask)
{
	if (ask->waiting)
		close_question(ask, false);
}

static void on_typed(void *ctx, int fd, int events)
{
	struct ask *ask = ctx;
	char text[LINE_MOST + 1];
	ssize_t got = read(fd, text, LINE_MOST);
	bool line_ended = got > 0 && text[got - 1] == '\n';

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	close_question(ask, line_ended);
	if (got <= 0) {
		ask->answered(ask->ctx, NULL, 0);
		return;
	}
	got -= line_ended;
	text[got] = '\0';
	ask->answered(ask->ctx, text, (size_t)got);
	secret_wipe(text, sizeof(text));
}

/* Without a terminal to be had there is nothing to hide, and nothing to give back. */
static void hide(struct ask *ask)
{
	struct termios quiet;

	ask->hidden = tcgetattr(STDIN_FILENO, &ask->before) == 0;
	if (!ask->hidden)
		return;
	quiet = ask->before;
	quiet.c_lflag &= (tcflag_t)~ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

void ask_begin(struct ask *ask, struct loop *loop, FILE *people, const char *question, bool hidden, ask_answered_fn *answered, void *ctx)
{
	*ask = (struct ask){ .waiting = true, .loop = loop, .people = people, .answered = answered, .ctx = ctx };
	if (hidden)
		hide(ask);
	tcflush(STDIN_FILENO, TCIFLUSH);
	fputs(question, people);
	fflush(people);
	loop_fd(loop, STDIN_FILENO, LOOP_READ, on_typed, ask);
}
