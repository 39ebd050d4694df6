/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvmdeck logs: any number of sources of one CVM. Following, lines are printed
 * as they come, through cuts and restarts, also of containers that appear
 * later; else all sources are read to their end and printed merged by time. A
 * closed pipe ends it quietly.
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
#include "logs/render.h"
#include "logs/store.h"
#include "ui/log_feed.h"
#include "ui/log_store.h"
#include "ui/verbs.h"
#include "wire/json.h"

struct reader {
	struct log_run *run;
	struct log_stream *stream;
	uint16_t index; /* of its source */
	bool over;
};

enum { SOURCES_TOLD = 512 };

struct log_run {
	struct session *session;
	struct log_feed *feed;      /* following */
	uint8_t told[SOURCES_TOLD]; /* the state last said of each source of the feed, + 1 */
	struct loop_timer flush;
	struct logs_rendered rendered;
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

/* 2026-01-01T00:00:00.123456Z */
static void add_time(struct buf *out, int64_t time_us)
{
	char time[CLOCK_TEXT_SIZE];

	buf_add_format(out, "%.19s.%06dZ", clock_format(time, time_us / 1000), (int)(time_us % 1000000));
}

static void print_json_line(const char *source, int64_t time_us, unsigned flags, const char *text, size_t len)
{
	struct buf line = BUF_INIT;

	buf_add_text(&line, "{\"source\":");
	json_quote(&line, source, strlen(source));
	buf_add_format(&line, ",\"channel\":\"%s\",\"time\":", flags & LOGS_STDERR ? "stderr" : "stdout");
	if (flags & LOGS_NO_TIME) {
		buf_add_text(&line, "null");
	} else {
		buf_add_byte(&line, '"');
		add_time(&line, time_us);
		buf_add_byte(&line, '"');
	}
	if (flags & LOGS_CONTINUED)
		buf_add_text(&line, ",\"continued\":true");
	buf_add_text(&line, ",\"message\":");
	json_quote(&line, text, len);
	buf_add_text(&line, "}");
	puts(buf_text(&line));
	buf_clear(&line);
}

static void add_colour(struct buf *out, int code, int colour)
{
	if (colour >= 0)
		buf_add_format(out, ";%d;5;%d", code, colour);
}

/* The line's own colours, made anew from what was understood of them. */
static void add_sgr(struct buf *out, const struct logs_style *style)
{
	static const struct { unsigned bit; const char *code; } attributes[] = {
		{ LOGS_BOLD, ";1" }, { LOGS_DIM, ";2" }, { LOGS_ITALIC, ";3" }, { LOGS_UNDERLINE, ";4" }, { LOGS_REVERSE, ";7" },
	};
	size_t i;

	buf_add_text(out, "\033[0");
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (style->attributes & attributes[i].bit)
			buf_add_text(out, attributes[i].code);
	add_colour(out, 38, style->fg);
	add_colour(out, 48, style->bg);
	buf_add_byte(out, 'm');
}

static void add_text(struct log_run *run, struct buf *out, const char *text, size_t len)
{
	const struct logs_rendered *rendered = &run->rendered;
	struct logs_style now = LOGS_STYLE_PLAIN;
	size_t i;

	logs_render(&run->rendered, text, len);
	if (!run->colours) {
		buf_add(out, buf_text(&rendered->text), rendered->text.len);
		return;
	}
	for (i = 0; i < rendered->count; i++) {
		const struct logs_piece *piece = &rendered->pieces[i];

		if (piece->style.fg != now.fg || piece->style.bg != now.bg || piece->style.attributes != now.attributes)
			add_sgr(out, &piece->style);
		now = piece->style;
		buf_add(out, buf_text(&rendered->text) + piece->safe, piece->safe_len);
	}
	if (now.fg >= 0 || now.bg >= 0 || now.attributes)
		buf_add_text(out, "\033[0m");
}

static void print_line(struct log_run *run, const char *source, uint16_t number, int64_t time_us, unsigned flags, const char *text, size_t len)
{
	static const int colours[] = { 36, 35, 34, 96, 95, 94 };
	size_t sources = run->feed ? log_feed_count(run->feed) : run->reader_count;
	struct buf out = BUF_INIT;

	if (run->options->json) {
		print_json_line(source, time_us, flags, text, len);
		return;
	}
	if (sources > 1 || run->options->all_containers) {
		if (run->colours)
			buf_add_format(&out, "\033[%dm", colours[number % 6]);
		text_safe(&out, source, strlen(source), TEXT_ONE_LINE);
		buf_add_text(&out, run->colours ? " |\033[0m " : " | ");
	}
	if (run->options->timestamps && !(flags & LOGS_NO_TIME)) {
		add_time(&out, time_us);
		buf_add_byte(&out, ' ');
	}
	add_text(run, &out, text, len);
	puts(buf_text(&out));
	buf_clear(&out);
}

static bool matches(struct log_run *run, const char *text, size_t len)
{
	size_t start, end;

	return !run->pattern || logs_pattern_match(run->pattern, text, len, 0, &start, &end);
}

static void print_store(struct log_run *run)
{
	size_t i, count = logs_store_count(run->store);

	if (logs_store_dropped(run->store))
		fprintf(stderr, "cvmdeck: the %llu oldest lines are not here: there is no room for them; --log-memory and --log-disk give more\n",
		        (unsigned long long)logs_store_dropped(run->store));
	for (i = 0; i < count && !ferror(stdout); i++) {
		struct logs_line line = logs_store_at(run->store, i);

		print_line(run, run->sources.items[line.source].name, line.source, line.time_us, line.flags, line.text, line.len);
	}
}

/* ---- following ---- */

static void flush_now(void *ctx)
{
	if (fflush(stdout) != 0)
		stop(ctx);
}

static bool on_feed_line(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len)
{
	struct log_run *run = ctx;
	unsigned flags = (is_stderr ? LOGS_STDERR : 0u) | (continued ? LOGS_CONTINUED : 0u) | (stamp_ns < 0 ? LOGS_NO_TIME : 0u);

	if (!matches(run, text, len))
		return true;
	print_line(run, log_feed_source(run->feed, source)->name, source, stamp_ns / 1000, flags, text, len);
	/* Many lines of one turn are written together. */
	if (!loop_timer_is_set(&run->flush))
		loop_timer_set(session_loop(run->session), &run->flush, 0, flush_now, run);
	return true;
}

/* Says what happens to a source once, and ends when nothing more can come. */
static void on_feed_change(void *ctx)
{
	struct log_run *run = ctx;
	size_t i, count = run->feed ? log_feed_count(run->feed) : 0, ended = 0;

	for (i = 0; i < count && i < SOURCES_TOLD; i++) {
		const struct feed_source *source = log_feed_source(run->feed, i);
		char wait[TEXT_SHORT_SIZE];
		bool fresh = run->told[i] != (uint8_t)(source->state + 1);

		if (fresh && source->state == FEED_RETRYING)
			fprintf(stderr, "cvmdeck: %s: %s; again in %s\n", source->name, source->why, text_duration(wait, source->retry_ms - clock_wall_ms()));
		if (fresh && source->state == FEED_FAILED)
			fprintf(stderr, "cvmdeck: %s: %s\n", source->name, source->why);
		if (source->state != FEED_CONNECTING)
			run->told[i] = (uint8_t)(source->state + 1);
		ended += source->state == FEED_ENDED;
	}
	/* What was named has ended; or everything has, since the time given has come. */
	if (count && ended == count && ((run->options->container_count && !run->options->all_containers) || run->options->until))
		stop(run);
}

static bool is_wanted(void *ctx, const struct log_source *source);

static void start_following(struct log_run *run)
{
	const struct verb_logs_options *options = run->options;
	struct feed_options what = { .tail = options->tail ? options->tail : -1, .since = options->since, .until = options->until, .wanted = is_wanted };
	struct feed_handler handler = { .line = on_feed_line, .changed = on_feed_change, .ctx = run };

	run->feed = log_feed_new(run->session, &what, &handler);
	log_feed_add(run->feed, &run->detail->cvm);
}

/* ---- streams ---- */

static bool on_line(void *ctx, const struct log_line *line)
{
	struct reader *reader = ctx;
	struct log_run *run = reader->run;
	unsigned flags = line->channel == LOG_STDERR ? LOGS_STDERR : 0;

	if (matches(run, line->text, line->len))
		logs_store_add(run->store, reader->index, line->stamp_ns < 0 ? 0 : line->stamp_ns / 1000, clock_wall_ms() * 1000,
		               flags | (line->continued ? LOGS_CONTINUED : 0u), line->text, line->len);
	return !logs_store_is_behind(run->store);
}

/* The disk has taken some: who waits for it goes on. What it takes no more is dropped, and said with the loss. */
static void on_store_changed(void *ctx)
{
	struct log_run *run = ctx;
	struct error err;
	size_t i;

	if (logs_store_problem(run->store, &err))
		fprintf(stderr, "cvmdeck: %s; %s\n", err.message, err.next);
	for (i = 0; i < run->reader_count && !logs_store_is_behind(run->store); i++)
		log_stream_resume(run->readers[i].stream);
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

	(void)retry_ms;
	if (state == LOG_FAILED) {
		fprintf(stderr, "cvmdeck: %s: %s\n", name, err->message);
		reader->run->error = *err;
	}
	if (state == LOG_ENDED || state == LOG_FAILED)
		reader_over(reader);
}

static bool is_wanted(void *ctx, const struct log_source *source)
{
	const struct verb_logs_options *options = ((struct log_run *)ctx)->options;
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
		if (is_wanted(run, &run->sources.items[i]))
			run->readers[run->reader_count++] = (struct reader){ .run = run, .index = (uint16_t)i };
	run->running = run->reader_count;
	if (!run->reader_count && !(run->options->follow && run->options->all_containers)) {
		nothing_to_read(run);
		return;
	}
	if (run->options->follow) {
		start_following(run);
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
	log_feed_free(run->feed);
	loop_timer_cancel(&run->flush);
	logs_rendered_clear(&run->rendered);
	free(run->readers);
	log_sources_clear(&run->sources);
	logs_store_free(run->store);
	logs_pattern_free(run->pattern);
	cvm_detail_free(run->detail);
}

bool verb_logs(struct session *session, const struct verb_logs_options *options, struct error *err)
{
	struct log_run run = { .session = session, .options = options, .colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") };

	run.query = (struct log_query){ .since = options->since, .until = options->until, .tail = options->tail, .timestamps = true, .ansi = true };
	if (options->grep && !(run.pattern = logs_pattern_new(options->grep, err)))
		return false;
	if (!options->follow)
		run.store = log_store_new(session, on_store_changed, &run, err);
	if (run.store && err->status != STATUS_OK) {
		clear(&run);
		return false;
	}
	loop_signal(session_loop(session), SIGINT, on_interrupt, &run);
	loop_signal(session_loop(session), SIGTERM, on_interrupt, &run);
	resolve_start(session_api(session), options->cvm, NULL, on_resolved, &run);
	loop_run(session_loop(session));
	if (run.store)
		print_store(&run);
	fflush(stdout); /* a reader that went away has what it wanted */
	clearerr(stdout);
	*err = run.error;
	clear(&run);
	return err->status == STATUS_OK;
}
