/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/verb_logs_print.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "wire/json.h"

/* 2026-01-01T00:00:00.123456Z */
static void add_time(struct buf *out, int64_t time_us)
{
	char time[CLOCK_TEXT_SIZE];

	buf_add_format(out, "%.19s.%06dZ", clock_format(time, time_us / 1000), (int)(time_us % 1000000));
}

static void add_member(struct buf *out, const char *name, const char *value)
{
	buf_add_format(out, "\"%s\":", name);
	json_quote(out, value, strlen(value));
	buf_add_byte(out, ',');
}

static void add_json(struct buf *out, const struct printed_source *source, const struct logs_line *line)
{
	buf_add_byte(out, '{');
	add_member(out, "cvm", source->cvm);
	add_member(out, "source", source->name);
	add_member(out, "channel", line->flags & LOGS_STDERR ? "stderr" : "stdout");
	buf_add_text(out, "\"time\":");
	if (line->flags & LOGS_NO_TIME) {
		buf_add_text(out, "null");
	} else {
		buf_add_byte(out, '"');
		add_time(out, line->time_us);
		buf_add_byte(out, '"');
	}
	if (line->flags & LOGS_CONTINUED)
		buf_add_text(out, ",\"continued\":true");
	buf_add_text(out, ",\"message\":");
	json_quote(out, line->text, line->len);
	buf_add_byte(out, '}');
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

static void add_text(struct log_printer *printer, struct buf *out, const char *text, size_t len)
{
	const struct logs_rendered *rendered = &printer->rendered;
	struct logs_style now = LOGS_STYLE_PLAIN;
	size_t i;

	logs_render(&printer->rendered, text, len);
	if (!printer->colours) {
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

static void add_label(const struct log_printer *printer, struct buf *out, const struct printed_source *source)
{
	static const int colours[] = { 36, 35, 34, 96, 95, 94 };

	if (printer->labels == LOG_LABEL_NONE)
		return;
	if (printer->colours)
		buf_add_format(out, "\033[%dm", colours[source->number % 6]);
	if (printer->labels == LOG_LABEL_CVM) {
		text_safe(out, source->cvm, strlen(source->cvm), TEXT_ONE_LINE);
		buf_add_byte(out, '/');
	}
	text_safe(out, source->name, strlen(source->name), TEXT_ONE_LINE);
	buf_add_text(out, printer->colours ? " |\033[0m " : " | ");
}

void log_printer_line(struct log_printer *printer, const struct printed_source *source, const struct logs_line *line)
{
	struct buf out = BUF_INIT;

	if (printer->json) {
		add_json(&out, source, line);
	} else {
		add_label(printer, &out, source);
		if (printer->timestamps && !(line->flags & LOGS_NO_TIME)) {
			add_time(&out, line->time_us);
			buf_add_byte(&out, ' ');
		}
		add_text(printer, &out, line->text, line->len);
	}
	puts(buf_text(&out));
	buf_clear(&out);
}

void log_printer_clear(struct log_printer *printer)
{
	logs_rendered_clear(&printer->rendered);
}
