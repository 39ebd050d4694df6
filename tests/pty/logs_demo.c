/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console over example records with log lines of the caller's choice, for
 * terminal tests and the benchmark. Arguments: "corpus FILE": every line of
 * the file, once; "rate N [MOST [MIB DISK_MIB DIR]]": N made-up lines a second,
 * MOST in all, of which so many MiB are in memory and the rest in a file in DIR.
 * SIGUSR1 begins. Either way the source is "web".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "loop/loop.h"
#include "ui/console.h"
#include "unit/ui_fake.h"

enum { EVERY_MS = 5, CORPUS_MOST = 64 * 1024 * 1024 };

static struct loop *loop;
static struct loop_timer timer;
static long rate, most, made;
static int64_t began_us;

static void make_line(void)
{
	char text[160];
	int len;

	if (made % 100 == 99)
		len = snprintf(text, sizeof(text), "ERROR request=%08lx the needle of line %ld is here: timeout after 30000ms at the upstream, tried again", made, made);
	else
		len = snprintf(text, sizeof(text), "INFO request=%08lx path=/api/v1/items/%ld took=%ldms line %ld served from the cache of the worker", made * 2654435761L % 0xFFFFFFF, made % 977,
		               made % 313, made);
	fake_log_bytes("web", text, (size_t)len);
	made++;
}

static void pump(void *ctx)
{
	int64_t due = (clock_mono_us() - began_us) * rate / 1000000;

	(void)ctx;
	while (made < due && (!most || made < most))
		make_line();
	if (!most || made < most)
		loop_timer_set(loop, &timer, EVERY_MS, pump, NULL);
}

static void feed_corpus(const char *path)
{
	struct buf all = BUF_INIT;
	struct error err = { 0 };
	const char *at, *end;

	if (!file_read(path, "corpus", CORPUS_MOST, &all, &err))
		exit(1);
	for (at = buf_text(&all), end = at + all.len; at < end;) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t len = feed ? (size_t)(feed - at) : (size_t)(end - at);

		fake_log_bytes("web", at, len);
		at += len + 1;
	}
	buf_clear(&all);
}

static void on_begin(void *ctx, int signo)
{
	(void)signo;
	if (rate) {
		began_us = clock_mono_us();
		pump(NULL);
	} else {
		feed_corpus(ctx);
	}
}

static void set_limits(char **argv)
{
	struct session_logs limits = { .memory = strtoull(argv[4], NULL, 10) << 20, .disk = strtoull(argv[5], NULL, 10) << 20, .disk_dir = argv[6] };

	fake_log_limits(&limits);
}

int main(int argc, char **argv)
{
	struct console_options options = { .sandbox = true };
	struct error err = { 0 };
	struct session *session;

	loop = loop_new(&err);
	if (!loop || argc < 3)
		return 1;
	if (strcmp(argv[1], "rate") == 0)
		rate = atol(argv[2]);
	most = argc > 3 ? atol(argv[3]) : 0;
	if (argc > 6)
		set_limits(argv);
	session = fake_session(loop, 40);
	loop_signal(loop, SIGUSR1, on_begin, argv[2]);
	if (!console_run(session, &options, &err))
		fprintf(stderr, "%s; %s\n", err.message, err.next);
	loop_timer_cancel(&timer);
	fake_session_free(session);
	loop_free(loop);
	return (int)err.status;
}
