/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvmdeck logs: any number of sources of one CVM. Following, lines are printed
 * as they come; else all sources are read to their end and printed merged by
 * time. A closed pipe ends it quietly.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/logs.h"
#include "cloud/resolve.h"
#include "logs/pattern.h"
#include "logs/store.h"
#include "ui/verbs.h"
#include "wire/json.h"

struct reader {
	struct log_run *run;
	struct log_stream *stream;
	uint16_t index; /* of its source */
	bool over;
	int64_t last_stamp_ns;
};

struct log_run {
	struct session *session;
	const struct verb_logs_options *options;
	struct log_query query;
	struct log_sources sources; /* all that the CVM has */
	struct reader *readers;     /* one for each source that is read */
	size_t reader_count, running;
	struct logs_store *store;   /* not following: merged at the end */
	struct logs_pattern *pattern;
	struct api_call *call;
	struct cvm_detail *detail;
	struct error error;
	bool colours;
};

static void stop(struct log_run *run)
{
	loop_stop(session_loop(run->session));
}

/* ---- printing ---- */

static void print_json_line(const struct log_source *source, int64_t time_us, unsigned flags, const char *text, size_t len)
{
	char time[CLOCK_TEXT_SIZE];
	struct buf line = BUF_INIT;

	buf_add_text(&line, "{\"source\":");
	json_quote(&line, source->name, strlen(source->name));
	buf_add_format(&line, ",\"channel\":\"%s\",\"time\":", flags & LOGS_STDERR ? "stderr" : "stdout");
	if (flags & LOGS_NO_TIME)
		buf_add_text(&line, "null");
	else
		buf_add_format(&line, "\"%s\"", clock_format(time, time_us / 1000));
	buf_add_text(&line, ",\"message\":");
	json_quote(&line, text, len);
	buf_add_text(&line, "}");
	puts(buf_text(&line));
	buf_clear(&line);
}

static void print_line(struct log_run *run, uint16_t index, int64_t time_us, unsigned flags, const char *text, size_t len)
{
	const struct log_source *source = &run->sources.items[index];
	char time[CLOCK_TEXT_SIZE];
	struct buf safe = BUF_INIT;

	if (run->options->json) {
		print_json_line(source, time_us, flags, text, len);
		return;
	}
	if (run->reader_count > 1)
		printf("%s%s |%s ", run->colours ? "\033[36m" : "", source->name, run->colours ? "\033[0m" : "");
	if (run->options->timestamps && !(flags & LOGS_NO_TIME))
		printf("%s ", clock_format(time, time_us / 1000));
	text_safe(&safe, text, len, TEXT_KEEP_TABS);
	puts(buf_text(&safe));
	buf_clear(&safe);
}

static bool matches(struct log_run *run, const char *text, size_t len)
{
	size_t start, end;

	return !run->pattern || logs_pattern_match(run->pattern, text, len, 0, &start, &end);
}

static void print_store(struct log_run *run)
{
	size_t i, count = logs_store_count(run->store);

	for (i = 0; i < count; i++) {
		struct logs_line line = logs_store_at(run->store, i);

		print_line(run, line.source, line.time_us, line.flags, line.text, line.len);
	}
}

/* ---- streams ---- */

static bool on_line(void *ctx, const struct log_line *line)
{
	struct reader *reader = ctx;
	struct log_run *run = reader->run;
	unsigned flags = line->channel == LOG_STDERR ? LOGS_STDERR : 0;

	if (!matches(run, line->text, line->len))
		return true;
	if (run->store) {
		logs_store_add(run->store, reader->index, line->stamp_ns < 0 ? 0 : line->stamp_ns / 1000, clock_wall_ms() * 1000, flags, line->text, line->len);
		return true;
	}
	print_line(run, reader->index, line->stamp_ns / 1000, line->stamp_ns < 0 ? flags | LOGS_NO_TIME : flags, line->text, line->len);
	if (fflush(stdout) != 0)
		stop(run);
	return true;
}

static void reader_over(struct reader *reader)
{
	if (reader->over)
		return;
	reader->over = true;
	if (!--reader->run->running)
		stop(reader->run);
}

static void on_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct reader *reader = ctx;
	const char *name = reader->run->sources.items[reader->index].name;
	char wait[TEXT_SHORT_SIZE];

	if (state == LOG_WAITING)
		fprintf(stderr, "cvmdeck: %s: %s; again in %s\n", name, err->message, text_duration(wait, retry_ms - clock_wall_ms()));
	if (state == LOG_FAILED) {
		fprintf(stderr, "cvmdeck: %s: %s\n", name, err->message);
		reader->run->error = *err;
	}
	if (state == LOG_ENDED || state == LOG_FAILED)
		reader_over(reader);
}

static bool is_wanted(const struct verb_logs_options *options, const struct log_source *source)
{
	bool none_named = !options->container_count && !options->all_containers && !options->serial && !options->cvm_stdout && !options->cvm_stderr;
	size_t i;

	if (source->kind == LOG_KIND_SERIAL)
		return options->serial;
	if (source->kind == LOG_KIND_STDOUT)
		return options->cvm_stdout;
	if (source->kind == LOG_KIND_STDERR)
		return options->cvm_stderr;
	for (i = 0; i < options->container_count; i++)
		if (text_equal(options->containers[i], source->name))
			return true;
	return none_named || options->all_containers;
}

static void nothing_to_read(struct log_run *run)
{
	struct buf names = BUF_INIT;
	size_t i;

	error_set(&run->error, STATUS_API, "no-log-source", "this CVM has no such log source");
	for (i = 0; i < run->sources.count; i++)
		buf_add_format(&names, "%s%s", i ? ", " : "", run->sources.items[i].name);
	error_detail(&run->error, "it has: %s", names.len ? buf_text(&names) : "none now");
	error_next(&run->error, "name one of these; while no container runs, --serial shows the boot");
	buf_clear(&names);
	stop(run);
}

static void start_readers(struct log_run *run)
{
	struct log_handler handler = { .line = on_line, .state = on_state };
	size_t i;

	run->readers = mem_new(run->sources.count, sizeof(*run->readers));
	for (i = 0; i < run->sources.count; i++)
		if (is_wanted(run->options, &run->sources.items[i]))
			run->readers[run->reader_count++] = (struct reader){ .run = run, .index = (uint16_t)i };
	run->running = run->reader_count;
	if (!run->reader_count) {
		nothing_to_read(run);
		return;
	}
	for (i = 0; i < run->reader_count; i++) {
		handler.ctx = &run->readers[i];
		run->readers[i].stream = log_stream_start(session_loop(run->session), session_http(run->session), &run->sources.items[run->readers[i].index], &run->query, &handler);
	}
}

/* ---- finding the sources ---- */

static void on_composition(void *ctx, const struct api_reply *reply, const struct api_composition *composition)
{
	struct log_run *run = ctx;

	run->call = NULL;
	if (reply->error.status == STATUS_OK) {
		log_sources_add_containers(&run->sources, composition);
		start_readers(run);
		return;
	}
	run->error = reply->error;
	stop(run);
}

static void on_resolved(void *ctx, const struct cvm_detail *detail, const struct error *err)
{
	struct log_run *run = ctx;
	char ref[CVM_REF_SIZE];

	if (!detail) {
		run->error = *err;
		stop(run);
		return;
	}
	run->detail = cvm_detail_copy(detail);
	if (detail->cvm.public_logs == CVM_NO) {
		error_set(&run->error, STATUS_API, "logs-off", "the logs of this CVM are not public, so none can be read");
		error_next(&run->error, "cvmdeck deploy --cvm-id %s --public-logs turns them on (it changes the compose hash)", run->options->cvm);
		stop(run);
		return;
	}
	if (!log_sources_add_channels(&run->sources, run->detail, &run->error) && (run->options->serial || run->options->cvm_stdout || run->options->cvm_stderr)) {
		stop(run);
		return;
	}
	error_clear(&run->error);
	run->call = api_get_composition(session_api(run->session), cvm_ref(ref, &run->detail->cvm), on_composition, run);
}

static void on_interrupt(void *ctx, int signo)
{
	(void)signo;
	stop(ctx);
}

static void clear(struct log_run *run)
{
	size_t i;

	for (i = 0; i < run->reader_count; i++)
		log_stream_free(run->readers[i].stream);
	free(run->readers);
	log_sources_clear(&run->sources);
	logs_store_free(run->store);
	logs_pattern_free(run->pattern);
	cvm_detail_free(run->detail);
}

bool verb_logs(struct session *session, const struct verb_logs_options *options, struct error *err)
{
	struct log_run run = { .session = session, .options = options, .colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") };

	run.query = (struct log_query){ .since = options->since, .until = options->until, .tail = options->tail, .follow = options->follow, .timestamps = true };
	if (options->grep && !(run.pattern = logs_pattern_new(options->grep, err)))
		return false;
	if (!options->follow)
		run.store = logs_store_new((size_t)session_log_memory(session));
	loop_signal(session_loop(session), SIGINT, on_interrupt, &run);
	loop_signal(session_loop(session), SIGTERM, on_interrupt, &run);
	resolve_start(session_api(session), options->cvm, NULL, on_resolved, &run);
	loop_run(session_loop(session));
	if (run.store)
		print_store(&run);
	*err = run.error;
	clear(&run);
	return err->status == STATUS_OK;
}
