/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cvmdeck logs: any number of sources of one or several CVMs. Following, lines
 * are printed as they come, through cuts and restarts, also of containers that
 * appear later; else all sources are read to their end and printed. Both are
 * merged by time. A closed pipe ends it quietly.
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
#include "ui/log_feed.h"
#include "ui/log_store.h"
#include "ui/verb_logs_merge.h"
#include "ui/verb_logs_print.h"
#include "ui/verbs.h"

struct target {
	struct cvm_detail *detail;
	struct log_sources sources; /* all that it has */
};

struct reader {
	struct log_run *run;
	struct log_stream *stream;
	const struct target *target;
	const struct log_source *source;
	uint16_t index;
	bool over;
};

enum { SOURCES_TOLD = 512 };

struct log_run {
	struct session *session;
	const struct verb_logs_options *options;
	struct log_printer printer;
	struct logs_pattern *pattern;
	struct target targets[VERB_LOGS_CVMS];
	size_t target_count; /* found so far */
	size_t named;        /* of those that were named, looked for */
	struct resolve *resolving;
	struct api_call *call;
	struct error error;
	/* following */
	struct log_feed *feed;
	struct log_merge *merge;    /* once there is more than one source */
	uint8_t told[SOURCES_TOLD]; /* the state last said of each source, + 1 */
	struct loop_timer flush;
	/* reading to the end */
	struct log_query query;
	struct reader *readers;
	size_t reader_count, running;
	struct logs_store *store;
};

static void stop(struct log_run *run)
{
	loop_stop(session_loop(run->session));
}

static bool matches(struct log_run *run, const char *text, size_t len)
{
	size_t start, end;

	return !run->pattern || logs_pattern_match(run->pattern, text, len, 0, &start, &end);
}

static enum log_label labels_for(const struct log_run *run, size_t sources)
{
	if (run->target_count > 1)
		return LOG_LABEL_CVM;
	return sources > 1 || run->options->all_containers ? LOG_LABEL_SOURCE : LOG_LABEL_NONE;
}

/* ---- which sources ---- */

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

static bool is_there(const struct log_run *run, const char *container)
{
	size_t i, k;

	for (i = 0; i < run->target_count; i++)
		for (k = 0; k < run->targets[i].sources.count; k++)
			if (run->targets[i].sources.items[k].kind == LOG_KIND_CONTAINER && text_equal(run->targets[i].sources.items[k].name, container))
				return true;
	return false;
}

/* name "": no container was named, and there is none. */
static void set_missing(struct log_run *run, const char *name)
{
	struct buf names = BUF_INIT;
	size_t i, k;

	if (*name)
		error_set(&run->error, STATUS_API, "no-log-source", "%s no such log source as %s", run->target_count > 1 ? "these CVMs have" : "this CVM has", name);
	else
		error_set(&run->error, STATUS_API, "no-log-source", "no container runs, so there is no log of one");
	for (i = 0; i < run->target_count; i++)
		for (k = 0; k < run->targets[i].sources.count; k++)
			buf_add_format(&names, "%s%s", names.len ? ", " : "", run->targets[i].sources.items[k].name);
	error_detail(&run->error, "it has: %s", names.len ? buf_text(&names) : "none now");
	error_next(&run->error, "name one of these; while no container runs, --serial shows the boot");
	buf_clear(&names);
}

/* Following, what was named and is not there may still come. */
static void check_named(struct log_run *run)
{
	size_t i;

	for (i = 0; i < run->options->container_count; i++) {
		const char *name = run->options->containers[i];

		if (is_there(run, name))
			continue;
		if (run->options->follow)
			fprintf(stderr, "cvmdeck: there is no container %s now; it is followed when it comes\n", name);
		else
			set_missing(run, name);
	}
}

/* ---- following ---- */

static void flush_now(void *ctx)
{
	if (fflush(stdout) != 0)
		stop(ctx);
}

/* Many lines of one turn are written together. */
static void print_followed(void *ctx, const struct logs_line *line)
{
	struct log_run *run = ctx;
	const struct feed_source *source = log_feed_source(run->feed, line->source);
	struct printed_source printed = { source->cvm, source->name, line->source };

	run->printer.labels = labels_for(run, log_feed_count(run->feed));
	log_printer_line(&run->printer, &printed, line);
	if (!loop_timer_is_set(&run->flush))
		loop_timer_set(session_loop(run->session), &run->flush, 0, flush_now, run);
}

static void resume_feed(void *ctx)
{
	log_feed_resume(((struct log_run *)ctx)->feed);
}

static bool on_feed_line(void *ctx, uint16_t source, int64_t stamp_ns, bool is_stderr, bool continued, const char *text, size_t len)
{
	struct log_run *run = ctx;
	struct log_merge_handler handler = { print_followed, resume_feed, run };
	unsigned flags = (is_stderr ? LOGS_STDERR : 0u) | (continued ? LOGS_CONTINUED : 0u) | (stamp_ns < 0 ? LOGS_NO_TIME : 0u);
	struct logs_line line = { .text = text, .len = len, .time_us = stamp_ns / 1000, .source = source, .flags = (uint8_t)flags };

	if (!matches(run, text, len))
		return true;
	if (!run->merge && log_feed_count(run->feed) > 1)
		run->merge = log_merge_new(session_loop(run->session), &handler);
	if (run->merge)
		return log_merge_add(run->merge, source, stamp_ns, flags, text, len);
	print_followed(run, &line);
	return true;
}

static void say_state(struct log_run *run, size_t i)
{
	const struct feed_source *source = log_feed_source(run->feed, i);
	char wait[TEXT_SHORT_SIZE];

	if (i >= SOURCES_TOLD || run->told[i] == (uint8_t)(source->state + 1))
		return;
	if (source->state == FEED_RETRYING)
		fprintf(stderr, "cvmdeck: %s: %s; again in %s\n", source->name, source->why, text_duration(wait, source->retry_ms - clock_wall_ms()));
	if (source->state == FEED_FAILED)
		fprintf(stderr, "cvmdeck: %s: %s\n", source->name, source->why);
	if (source->state != FEED_CONNECTING)
		run->told[i] = (uint8_t)(source->state + 1);
}

/* Says what happens to a source once, and ends when nothing more can come. */
static void on_feed_change(void *ctx)
{
	struct log_run *run = ctx;
	size_t i, count = run->feed ? log_feed_count(run->feed) : 0, ended = 0;
	bool no_more_to_come = (run->options->container_count && !run->options->all_containers) || run->options->until;

	for (i = 0; i < count; i++) {
		say_state(run, i);
		ended += log_feed_source(run->feed, i)->state == FEED_ENDED;
	}
	/* What was named has ended; or everything has, since the time given has come. */
	if (count && ended == count && no_more_to_come)
		stop(run);
}

static void start_following(struct log_run *run)
{
	const struct verb_logs_options *options = run->options;
	struct feed_options what = { .tail = options->tail, .since = options->since, .until = options->until, .wanted = is_wanted };
	struct feed_handler handler = { .line = on_feed_line, .changed = on_feed_change, .ctx = run };
	size_t i;

	run->feed = log_feed_new(run->session, &what, &handler);
	for (i = 0; i < run->target_count; i++)
		log_feed_add(run->feed, &run->targets[i].detail->cvm);
}

/* ---- reading to the end ---- */

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

static void on_state(void *ctx, enum log_state state, int64_t retry_ms, const struct error *err)
{
	struct reader *reader = ctx;

	(void)retry_ms;
	if (state == LOG_FAILED) {
		if (reader->run->reader_count > 1) /* which of them; the end says it where it is the only one */
			fprintf(stderr, "cvmdeck: %s: %s\n", reader->source->name, err->message);
		reader->run->error = *err;
	}
	if ((state != LOG_ENDED && state != LOG_FAILED) || reader->over)
		return;
	reader->over = true;
	if (!--reader->run->running)
		stop(reader->run);
}

static void gather_readers(struct log_run *run)
{
	size_t i, k, all = 0;

	for (i = 0; i < run->target_count; i++)
		all += run->targets[i].sources.count;
	run->readers = mem_new(all + 1, sizeof(*run->readers));
	for (i = 0; i < run->target_count; i++)
		for (k = 0; k < run->targets[i].sources.count; k++) {
			const struct log_source *source = &run->targets[i].sources.items[k];

			if (!is_wanted(run, source))
				continue;
			run->readers[run->reader_count] = (struct reader){ .run = run, .target = &run->targets[i], .source = source, .index = (uint16_t)run->reader_count };
			run->reader_count++;
		}
	run->running = run->reader_count;
}

static void start_readers(struct log_run *run)
{
	struct log_handler handler = { .line = on_line, .state = on_state };
	size_t i;

	for (i = 0; i < run->reader_count; i++) {
		handler.ctx = &run->readers[i];
		run->readers[i].stream = log_stream_start(session_loop(run->session), session_http(run->session), run->readers[i].source, &run->query, &handler);
	}
}

static void print_store(struct log_run *run)
{
	size_t i, count = logs_store_count(run->store);

	if (logs_store_dropped(run->store))
		fprintf(stderr, "cvmdeck: the %llu oldest lines are not here: there is no room for them; --log-memory and --log-disk give more\n",
		        (unsigned long long)logs_store_dropped(run->store));
	run->printer.labels = labels_for(run, run->reader_count);
	for (i = 0; i < count && !ferror(stdout); i++) {
		struct logs_line line = logs_store_at(run->store, i);
		const struct reader *reader = &run->readers[line.source];
		struct printed_source printed = { reader->target->detail->cvm.name, reader->source->name, line.source };

		log_printer_line(&run->printer, &printed, &line);
	}
}

/* ---- finding the sources ---- */

static void find_next(struct log_run *run);

static void start(struct log_run *run)
{
	check_named(run);
	gather_readers(run);
	if (run->options->follow && (run->reader_count || run->options->all_containers || run->options->container_count)) {
		start_following(run);
	} else if (run->reader_count) {
		start_readers(run);
	} else {
		if (run->error.status == STATUS_OK)
			set_missing(run, "");
		stop(run);
	}
}

static void on_composition(void *ctx, const struct api_reply *reply, const struct api_composition *composition)
{
	struct log_run *run = ctx;

	run->call = NULL;
	if (reply->error.status == STATUS_OK) {
		log_sources_add_containers(&run->targets[run->target_count++].sources, composition);
		find_next(run);
		return;
	}
	run->error = reply->error;
	stop(run);
}

static void set_logs_off(struct log_run *run, const char *cvm)
{
	error_set(&run->error, STATUS_API, "logs-off", "the logs of %s are not public, so none can be read", cvm);
	error_next(&run->error, "cvmdeck deploy --cvm-id %s --public-logs turns them on (it changes the compose hash)", cvm);
}

/* Named twice, perhaps in two ways. */
static bool is_known(const struct log_run *run, const struct cvm_detail *detail)
{
	size_t i;

	for (i = 0; i < run->target_count; i++)
		if (text_equal(run->targets[i].detail->cvm.vm_uuid, detail->cvm.vm_uuid))
			return true;
	return false;
}

static void on_resolved(void *ctx, const struct cvm_detail *detail, const struct error *err)
{
	struct log_run *run = ctx;
	struct target *target = &run->targets[run->target_count];
	struct error why = { 0 };
	char ref[CVM_REF_SIZE];

	run->resolving = NULL;
	if (!detail) {
		run->error = *err;
		stop(run);
		return;
	}
	if (detail->cvm.public_logs == CVM_NO) {
		set_logs_off(run, run->options->cvms[run->named - 1]);
		stop(run);
		return;
	}
	if (is_known(run, detail)) {
		find_next(run);
		return;
	}
	target->detail = cvm_detail_copy(detail);
	if (!log_sources_add_channels(&target->sources, target->detail, &why) && (run->options->serial || run->options->cvm_stdout || run->options->cvm_stderr)) {
		run->error = why;
		stop(run);
		return;
	}
	run->call = api_get_composition(session_api(run->session), cvm_ref(ref, &target->detail->cvm), on_composition, run);
}

/* One CVM after the other; then all of them at once. */
static void find_next(struct log_run *run)
{
	if (run->named == run->options->cvm_count)
		start(run);
	else
		run->resolving = resolve_start(session_api(run->session), run->options->cvms[run->named++], NULL, on_resolved, run);
}

/* ---- the whole ---- */

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
	log_merge_free(run->merge);
	loop_timer_cancel(&run->flush);
	resolve_cancel(run->resolving);
	if (run->call)
		api_cancel(run->call);
	log_printer_clear(&run->printer);
	free(run->readers);
	for (i = 0; i < VERB_LOGS_CVMS; i++) {
		log_sources_clear(&run->targets[i].sources);
		cvm_detail_free(run->targets[i].detail);
	}
	logs_store_free(run->store);
	logs_pattern_free(run->pattern);
}

static bool prepare(struct log_run *run, struct error *err)
{
	const struct verb_logs_options *options = run->options;

	run->printer = (struct log_printer){ .json = options->json, .timestamps = options->timestamps, .colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") };
	run->query = (struct log_query){ .since = options->since, .until = options->until, .tail = options->tail, .timestamps = true, .ansi = true };
	if (options->grep && !(run->pattern = logs_pattern_new(options->grep, err)))
		return false;
	if (options->follow)
		return true;
	run->store = log_store_new(run->session, on_store_changed, run, err);
	return err->status == STATUS_OK;
}

bool verb_logs(struct session *session, const struct verb_logs_options *options, struct error *err)
{
	struct log_run run = { .session = session, .options = options };

	error_clear(err);
	if (!prepare(&run, err)) {
		clear(&run);
		return false;
	}
	loop_signal(session_loop(session), SIGINT, on_interrupt, &run);
	loop_signal(session_loop(session), SIGTERM, on_interrupt, &run);
	find_next(&run);
	loop_run(session_loop(session));
	if (run.store)
		print_store(&run);
	if (run.merge)
		log_merge_flush(run.merge);
	fflush(stdout); /* a reader that went away has what it wanted */
	clearerr(stdout);
	*err = run.error;
	clear(&run);
	return err->status == STATUS_OK;
}
