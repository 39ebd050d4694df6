/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, selection, copying, a line in full, saving. */
#include "ui/log_pane_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "logs/pretty.h"

/* ---- marks ---- */

/* Where number stands, or would stand, among the marks. */
static size_t mark_place(const struct log_pane *pane, uint64_t number)
{
	size_t low = 0, high = pane->mark_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pane->marks[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool log_pane_is_marked(const struct log_pane *pane, uint64_t number)
{
	size_t i = mark_place(pane, number);

	return i < pane->mark_count && pane->marks[i] == number;
}

static uint64_t present(const struct log_pane *pane)
{
	return log_pane_line(pane, log_pane_row(pane)).number;
}

void log_pane_mark(struct log_pane *pane)
{
	uint64_t number;
	size_t i;

	if (!log_pane_rows(pane))
		return;
	log_pane_follow(pane, false);
	number = present(pane);
	i = mark_place(pane, number);
	if (i < pane->mark_count && pane->marks[i] == number) {
		memmove(pane->marks + i, pane->marks + i + 1, (--pane->mark_count - i) * sizeof(*pane->marks));
		return;
	}
	pane->marks = mem_grow(pane->marks, pane->mark_count, &pane->mark_cap, sizeof(*pane->marks));
	memmove(pane->marks + i + 1, pane->marks + i, (pane->mark_count++ - i) * sizeof(*pane->marks));
	pane->marks[i] = number;
}

bool log_pane_next_mark(struct log_pane *pane)
{
	size_t here = log_pane_row(pane), i, best = SIZE_MAX, first = SIZE_MAX;

	for (i = 0; i < pane->mark_count; i++) {
		size_t row;

		if (!logs_store_line(pane->store, pane->marks[i]).text)
			continue;
		row = logs_filter_row(pane->filter, pane->marks[i]);
		first = row < first ? row : first;
		if (row > here && row < best)
			best = row;
	}
	if (best == SIZE_MAX || best >= log_pane_rows(pane))
		best = first;
	if (best == SIZE_MAX || best == here)
		return false;
	log_pane_go_to_row(pane, best);
	return true;
}

/* ---- selection ---- */

void log_pane_select(struct log_pane *pane)
{
	if (pane->anchor != LOG_NO_LINE) {
		pane->anchor = LOG_NO_LINE;
		return;
	}
	log_pane_follow(pane, false);
	if (log_pane_rows(pane))
		pane->anchor = present(pane);
}

void log_pane_extent(const struct log_pane *pane, size_t *first, size_t *last)
{
	size_t here = log_pane_row(pane), there = pane->anchor == LOG_NO_LINE ? here : logs_filter_row(pane->filter, pane->anchor);

	if (there >= log_pane_rows(pane))
		there = here;
	*first = here < there ? here : there;
	*last = here < there ? there : here;
}

size_t log_pane_selected(const struct log_pane *pane)
{
	size_t first, last;

	if (pane->anchor == LOG_NO_LINE)
		return 0;
	log_pane_extent(pane, &first, &last);
	return last - first + 1;
}

static void add_line(struct log_pane *pane, struct buf *out, const struct logs_line *line)
{
	logs_render(&pane->rendered, line->text, line->len);
	buf_add(out, buf_text(&pane->rendered.text), pane->rendered.text.len);
}

size_t log_pane_copy(struct log_pane *pane, struct buf *out, size_t max)
{
	size_t first, last, row, count = 0;

	if (!log_pane_rows(pane))
		return 0;
	log_pane_extent(pane, &first, &last);
	for (row = first; row <= last; row++) {
		struct logs_line line = log_pane_line(pane, row);
		size_t before = out->len;

		if (!line.text)
			continue;
		if (out->len)
			buf_add_byte(out, '\n');
		add_line(pane, out, &line);
		if (out->len > max) {
			out->len = before;
			break;
		}
		count++;
	}
	return count;
}

/* ---- a line in full ---- */

/* The pieces of one line that was too long for one record, put together. */
static void gather(const struct log_pane *pane, uint64_t number, struct buf *out)
{
	enum { WHOLE_MOST = 1024 * 1024, LOOK_MOST = 100000 };
	struct logs_line line = logs_store_line(pane->store, number);
	uint16_t source = line.source;
	uint64_t end = logs_store_end(pane->store);

	while ((line.flags & LOGS_CONTINUED) && number > logs_store_begin(pane->store)) {
		line = logs_store_line(pane->store, --number);
		if (line.source != source)
			line.flags = LOGS_CONTINUED;
	}
	buf_add(out, line.text, line.len);
	end = end < number + LOOK_MOST ? end : number + LOOK_MOST;
	while (++number < end && out->len < WHOLE_MOST) {
		line = logs_store_line(pane->store, number);
		if (line.source != source)
			continue;
		if (!(line.flags & LOGS_CONTINUED))
			break;
		buf_add(out, line.text, line.len);
	}
}

bool log_pane_whole(struct log_pane *pane, struct buf *title, struct buf *text)
{
	struct buf raw = BUF_INIT;
	struct logs_line line;
	char time[40], name[140];
	size_t at;

	if (!log_pane_rows(pane))
		return false;
	line = log_pane_line(pane, log_pane_row(pane));
	log_time_exact(time, line.time_us);
	log_pane_source_name(pane, line.source, name, sizeof(name));
	buf_add_format(title, "%s  %s%s", name, time, line.flags & LOGS_STDERR ? "  stderr" : "");
	gather(pane, line.number, &raw);
	at = logs_json_begin(buf_text(&raw), raw.len);
	logs_render(&pane->rendered, buf_text(&raw), at);
	buf_add(text, buf_text(&pane->rendered.text), pane->rendered.text.len);
	if (at < raw.len) {
		struct buf laid_out = BUF_INIT;

		if (at)
			buf_add_text(text, "\n\n");
		logs_json_lay_out(&laid_out, buf_text(&raw) + at, raw.len - at);
		text_safe(text, buf_text(&laid_out), laid_out.len, TEXT_KEEP_LINES);
		buf_clear(&laid_out);
	}
	buf_clear(&raw);
	return true;
}

/* ---- saving ---- */

static void saved(void *ctx, const char *path, size_t lines, size_t lost, const struct error *err)
{
	struct log_pane *pane = ctx;

	pane->save = NULL;
	if (err->status != STATUS_OK)
		ui_say_error(pane->ui, err);
	else if (lost)
		ui_say(pane->ui, ROLE_WARN, "%zu lines written to %s; %zu were dropped from memory meanwhile", lines, path, lost);
	else
		ui_say(pane->ui, ROLE_GOOD, "%zu lines written to %s", lines, path);
}

/* NULL: everything. */
static uint64_t *numbers_of(const struct log_pane *pane, enum log_extent extent, size_t *count)
{
	size_t first = 0, last, i;
	uint64_t *numbers;

	*count = log_pane_rows(pane);
	if (extent == LOG_EVERYTHING || (extent == LOG_SHOWN && *count == logs_store_count(pane->store)))
		return NULL;
	if (extent == LOG_SELECTION && *count) {
		log_pane_extent(pane, &first, &last);
		*count = last - first + 1;
	}
	numbers = mem_new(*count + 1, sizeof(*numbers));
	for (i = 0; i < *count; i++)
		numbers[i] = logs_filter_number(pane->filter, first + i);
	return numbers;
}

static void name_of(void *ctx, uint16_t source, char *out, size_t size)
{
	log_pane_source_name(ctx, source, out, size);
}

bool log_pane_save(struct log_pane *pane, const char *path, enum log_extent extent, struct error *err)
{
	struct log_save_handler handler = { .done = saved, .name = name_of, .ctx = pane };
	uint64_t *numbers;
	size_t count;

	if (pane->save)
		return error_set(err, STATUS_USAGE, "busy", "a file is being written already");
	numbers = numbers_of(pane, extent, &count);
	pane->save = log_save_start(pane->ui->loop, pane->store, numbers, count, path, &handler, err);
	return pane->save != NULL;
}
