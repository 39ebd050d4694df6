/* SPDX-License-Identifier: Apache-2.0 */
/* Only write, tcsetattr, signal and raise are called once a signal has come: they are safe there. */
#include "config.h"

#include "ui/term_crash.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

static struct termios before;
static volatile sig_atomic_t armed;
static char last_words[256];
static size_t last_words_len;

static void put_back(void)
{
	ssize_t ignored;

	if (!armed)
		return;
	armed = 0;
	ignored = write(STDOUT_FILENO, last_words, last_words_len);
	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void on_crash(int signo)
{
	put_back();
	signal(signo, SIG_DFL);
	raise(signo);
}

bool term_crash_remember(void)
{
	return tcgetattr(STDIN_FILENO, &before) == 0;
}

void term_crash_arm(bool arm)
{
	armed = arm;
}

void term_crash_prepare(const char *farewell, size_t len)
{
#ifdef WITH_SANITIZERS /* they tell more about the others than we can */
	static const int fatal[] = { SIGABRT };
#else
	static const int fatal[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
#endif
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | (unsigned)SA_NODEFER) };
	size_t i;

	last_words_len = len < sizeof(last_words) ? len : sizeof(last_words);
	memcpy(last_words, farewell, last_words_len);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &action, NULL);
	mem_set_last_words(put_back);
}
