/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hundred log streams followed at once on one thread, at 2,000 lines a
 * second in all: every line comes once and in order, and the thread hardly
 * notices. Built with SOAK_AS_BENCH it prints its row of the benchmark.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/log_server.h"
#include "cloud/logs.h"
#include "logs/store.h"

#ifndef SOAK_AS_BENCH
#define SOAK_AS_BENCH false
#endif

enum { STREAMS = 200, PER_SECOND = 2000, LINES = 80, DEADLINE_MS = 60000 };

struct soak {
	struct loop *loop;
	struct http *http;
	struct logs_store *store;
	struct reader {
		struct soak *soak;
		struct log_stream *stream;
		char url[64];
		int number, next, wrong;
	} readers[STREAMS];
	int over;
	double share;
};

static double cpu_seconds(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static bool on_line(void *ctx, const struct log_line *line)
{
	struct reader *reader = ctx;
	char want[64];
	int len = snprintf(want, sizeof(want), "stream %d line %d of", reader->number, reader->next++);

	if (line->len < (size_t)len || memcmp(line->text, want, (size_t)len) != 0)
		reader->wrong++;
	logs_store_add(reader->soak->store, (uint16_t)reader->number, line->stamp_ns / 1000, 0, 0, line->text, line->len);
	return true;
}

static void on_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct reader *reader = ctx;

	(void)retry_ms;
	(void)err;
	reader->soak->over += state == LOG_ENDED || state == LOG_FAILED || state == LOG_WAITING;
}

static void start_reader(struct soak *soak, int i, int port)
{
	struct reader *reader = &soak->readers[i];
	struct log_source source = { .kind = LOG_KIND_SERIAL, .name = "serial", .url = reader->url };
	struct log_query query = { .tail = -1, .follow = true, .timestamps = true, .retry_ms = 60000 };
	struct log_handler handler = { on_line, on_state, reader };

	*reader = (struct reader){ .soak = soak, .number = i };
	snprintf(reader->url, sizeof(reader->url), "http://127.0.0.1:%d/%d", port, i);
	source.url = reader->url;
	reader->stream = log_stream_start(soak->loop, soak->http, &source, &query, &handler);
}

static void run(struct soak *soak)
{
	struct log_server server;
	struct error err = { 0 };
	int64_t began = clock_mono_ms();
	double cpu;
	int i;

	log_server_streams(&server, STREAMS, PER_SECOND, LINES);
	soak->loop = loop_new(&err);
	soak->http = http_new(soak->loop, &err);
	soak->store = logs_store_new((size_t)64 << 20);
	for (i = 0; i < STREAMS; i++)
		start_reader(soak, i, server.port);
	cpu = cpu_seconds();
	while (soak->over < STREAMS && clock_mono_ms() - began < DEADLINE_MS)
		loop_turn(soak->loop, 100);
	soak->share = (cpu_seconds() - cpu) / ((double)(clock_mono_ms() - began) / 1000);
	log_server_end(&server);
}

static void end(struct soak *soak)
{
	int i;

	for (i = 0; i < STREAMS; i++)
		log_stream_free(soak->readers[i].stream);
	logs_store_free(soak->store);
	http_free(soak->http);
	loop_free(soak->loop);
}

static int missing(const struct soak *soak)
{
	int i, bad = 0;

	for (i = 0; i < STREAMS; i++)
		bad += soak->readers[i].wrong != 0 || soak->readers[i].next != LINES;
	return bad;
}

static void test_soak(void **state)
{
	static struct soak soak;

	(void)state;
	run(&soak);
	print_message("# %d streams, %d lines a second in all: %.1f %% of a core\n", STREAMS, PER_SECOND, soak.share * 100);
	assert_int_equal(missing(&soak), 0);
	assert_int_equal(logs_store_count(soak.store), STREAMS * LINES);
	end(&soak);
}

static int bench(void)
{
	static struct soak soak;
	bool good;

	run(&soak);
	good = !missing(&soak) && soak.share < 0.10;
	printf("%d log streams on one thread, %d lines/s\t%.1f %% of a core\t< 10 %%\t-\t%s\n", STREAMS, PER_SECOND, soak.share * 100, good ? "ok" : "missed");
	end(&soak);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_soak) };

	return SOAK_AS_BENCH ? bench() : cmocka_run_group_tests(tests, NULL, NULL);
}
