/* SPDX-License-Identifier: Apache-2.0 */
/* A million log lines over HTTP into the store, as the viewer takes them, beside lnav reading the same file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/log_server.h"
#include "cloud/logs.h"
#include "logs/store.h"

enum { LINES = 1000000 };

struct run {
	struct logs_store *store;
	bool over;
};

static double cpu_seconds(int who)
{
	struct rusage use;

	getrusage(who, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* About 112 bytes each. */
static size_t write_lines(const char *path)
{
	FILE *file = fopen(path, "w");
	size_t bytes = 0;
	int i;

	if (!file)
		mem_die("no place for the bench's file");
	for (i = 0; i < LINES; i++)
		bytes += (size_t)fprintf(file, "2026-01-01T%02d:%02d:%02d.%06dZ %s request=%08x path=/api/v1/items/%d took=%dms %s\n", i / 3600 % 24, i / 60 % 60, i % 60,
		                         i % 1000000, i % 50 ? "INFO " : "ERROR", (unsigned)i * 2654435761u, i % 977, i % 313,
		                         i % 1000 ? "served from the cache of a worker" : "timeout after 30000ms at upstream");
	fclose(file);
	return bytes;
}

static bool on_line(void *ctx, const struct log_line *line)
{
	struct run *run = ctx;

	logs_store_add(run->store, 0, line->stamp_ns / 1000, 0, 0, line->text, line->len);
	return true;
}

static void on_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct run *run = ctx;

	(void)retry_ms;
	if (state == LOG_FAILED)
		fprintf(stderr, "%s\n", err->message);
	run->over = state == LOG_ENDED || state == LOG_FAILED;
}

static double stream_in(const char *path, struct run *run)
{
	struct log_server server;
	struct error err = { 0 };
	struct log_source source = { .kind = LOG_KIND_SERIAL, .name = "serial" };
	struct log_query query = { .tail = -1, .timestamps = true };
	struct log_handler handler = { on_line, on_state, run };
	struct log_stream *stream;
	struct loop *loop;
	struct http *http;
	double before;

	log_server_file(&server, path);
	before = cpu_seconds(RUSAGE_SELF);
	loop = loop_new(&err);
	http = http_new(loop, &err);
	source.url = mem_printf("http://127.0.0.1:%d/", server.port);
	stream = log_stream_start(loop, http, &source, &query, &handler);
	while (!run->over)
		loop_turn(loop, -1);
	before = cpu_seconds(RUSAGE_SELF) - before;
	log_stream_free(stream);
	http_free(http);
	loop_free(loop);
	free(source.url);
	log_server_end(&server);
	return before;
}

int main(void)
{
	char path[] = "/tmp/cvmdeck-bench-XXXXXX", *command;
	struct run run = { .store = logs_store_new((size_t)1 << 30) };
	int fd = mkstemp(path);
	size_t bytes = write_lines(path);
	double ours = stream_in(path, &run), peer;

	close(fd);
	peer = cpu_seconds(RUSAGE_CHILDREN);
	command = mem_printf("command -v lnav >/dev/null && lnav -n %s >/dev/null 2>&1", path);
	if (system(command) == 127)
		return 1;
	peer = cpu_seconds(RUSAGE_CHILDREN) - peer;
	fprintf(stderr, "%zu MB over HTTP\n", bytes / 1000000);
	if (peer > 0.01)
		printf("1 000 000 log lines over HTTP\t%.2f s CPU, %.2f x\t<= 0.50 x lnav -n\t%.2f s CPU\t%s\n", ours, ours / peer, peer,
		       ours / peer <= 0.5 && logs_store_count(run.store) == LINES ? "ok" : "missed");
	else
		printf("1 000 000 log lines over HTTP\t%.2f s CPU\t<= 0.50 x lnav -n\t-\t%s\n", ours, logs_store_count(run.store) == LINES ? "ok" : "missed");
	logs_store_free(run.store);
	unlink(path);
	free(command);
	return 0;
}
