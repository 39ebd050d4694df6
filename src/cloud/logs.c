/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CVM's logs are, and what is asked for. Pure functions; the stream
 * itself is in log_stream.c.
 */
#include "cloud/logs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

static void add(struct log_sources *sources, enum log_kind kind, const char *name, char *url)
{
	struct log_source *source;

	sources->items = mem_resize(sources->items, sources->count + 1, sizeof(*sources->items));
	source = &sources->items[sources->count++];
	memset(source, 0, sizeof(*source));
	source->kind = kind;
	text_safe_copy(source->name, sizeof(source->name), name, strlen(name));
	source->url = url;
}

static bool is_web_address(const char *url)
{
	return url && (text_starts(url, "https://") || text_starts(url, "http://"));
}

static char *with_flag(const char *url, const char *flag)
{
	return mem_printf("%s%c%s", url, strchr(url, '?') ? '&' : '?', flag);
}

/* The newer API names each channel's address; the older one address for all. */
static void add_channel(struct log_sources *sources, enum log_kind kind, const char *name, const char *own, const char *shared)
{
	char flag[16] = "ch=";

	if (is_web_address(own)) {
		add(sources, kind, name, mem_strdup(own));
	} else if (is_web_address(shared)) {
		strncat(flag, name, sizeof(flag) - 4);
		add(sources, kind, name, with_flag(shared, flag));
	}
}

bool log_sources_add_channels(struct log_sources *sources, const struct cvm_detail *detail, struct error *err)
{
	size_t before = sources->count;

	if (detail->cvm.public_logs == CVM_NO) {
		error_set(err, STATUS_API, "logs-off", "the logs of %s are off (public_logs is false), so nobody can read them from outside", detail->cvm.name);
		return error_next(err, "turn them on with an update that sets public logs (--public-logs); that changes the compose hash");
	}
	add_channel(sources, LOG_KIND_SERIAL, "serial", detail->log_serial, detail->syslog_endpoint);
	add_channel(sources, LOG_KIND_STDOUT, "stdout", detail->log_stdout, detail->syslog_endpoint);
	add_channel(sources, LOG_KIND_STDERR, "stderr", detail->log_stderr, detail->syslog_endpoint);
	if (sources->count > before)
		return true;
	error_set(err, STATUS_API, "no-logs", "the API names no log address for %s", detail->cvm.name);
	return error_next(err, "wait until the CVM has started; a stopped one has none");
}

void log_sources_add_containers(struct log_sources *sources, const struct api_composition *composition)
{
	size_t i;

	for (i = 0; i < composition->count; i++) {
		const struct api_container *container = &composition->containers[i];

		if (!is_web_address(container->log_endpoint))
			continue;
		add(sources, LOG_KIND_CONTAINER, container->name, mem_strdup(container->log_endpoint));
		text_copy(sources->items[sources->count - 1].id, sizeof(sources->items[0].id), container->id);
		text_copy(sources->items[sources->count - 1].state, sizeof(sources->items[0].state), container->state);
	}
}

void log_sources_clear(struct log_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		free(sources->items[i].url);
	free(sources->items);
	*sources = (struct log_sources){ 0 };
}

enum { SECONDS_DIGITS = 12 };
#define LONG_AGO_MS (INT64_C(1) << 53) /* longer than there have been logs */

/* One number with its unit; returns what stands behind it, or NULL. */
static const char *take_span(const char *text, int64_t *ms)
{
	static const struct { char letter; int64_t ms; } units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	size_t digits = strspn(text, "0123456789"), i;
	int64_t number;

	if (!digits || digits > 9)
		return NULL;
	number = strtoll(text, NULL, 10);
	text += digits;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*text != units[i].letter)
			continue;
		*ms += number * units[i].ms;
		return *ms < LONG_AGO_MS ? text + 1 : NULL;
	}
	return NULL;
}

bool log_time(const char *text, int64_t now_ms, int64_t *ms)
{
	int64_t ago = 0;
	size_t digits = strspn(text, "0123456789");

	if (clock_parse(text, ms, NULL))
		return true;
	if (!digits)
		return false;
	if (!text[digits] && digits <= SECONDS_DIGITS) {
		*ms = strtoll(text, NULL, 10) * 1000;
		return true;
	}
	while (text && *text)
		text = take_span(text, &ago);
	*ms = now_ms - ago;
	return text != NULL;
}

static void add_flag(struct buf *url, const char *flag)
{
	buf_add_byte(url, strchr(buf_text(url), '?') ? '&' : '?');
	buf_add_text(url, flag);
}

static void add_value(struct buf *url, const char *name, const char *value)
{
	add_flag(url, name);
	buf_add_byte(url, '=');
	for (; *value; value++) {
		if (isalnum((unsigned char)*value) || strchr("-_.~:", *value))
			buf_add_byte(url, *value);
		else
			buf_add_format(url, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

char *log_url(const struct log_source *source, const struct log_query *query)
{
	struct buf url = BUF_INIT;
	char number[24];

	buf_add_text(&url, source->url);
	if (query->since)
		add_value(&url, "since", query->since);
	if (query->until)
		add_value(&url, "until", query->until);
	if (query->follow)
		add_flag(&url, "follow");
	if (query->tail >= 0) {
		snprintf(number, sizeof(number), "%ld", query->tail);
		add_value(&url, "tail", number);
		add_value(&url, "lines", number);
	}
	if (query->timestamps)
		add_flag(&url, "timestamps");
	if (query->ansi)
		add_flag(&url, "ansi");
	if (query->text && source->kind == LOG_KIND_CONTAINER)
		add_flag(&url, "text");
	if (query->bare && source->kind == LOG_KIND_CONTAINER)
		add_flag(&url, "bare");
	return buf_take(&url);
}
