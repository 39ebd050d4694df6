/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One piece at a time: the loop makes some hundred kilobytes of text, a worker
 * writes them, and so on. Between the two the loop turns; while the worker
 * writes, `text` and `fd` are its own. When everything is saved, the next piece
 * goes on behind the last line by the store's order, whatever has come or gone
 * meanwhile; so millions of lines need no list.
 */
#include "ui/log_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "logs/render.h"

enum { PIECE = 256 * 1024, SLICE_US = 2000 };

struct log_save {
	struct loop *loop;
	const struct logs_store *store;
	uint64_t *numbers; /* NULL: everything before `end` */
	size_t count, next, lost;
	size_t lines, taken; /* whole lines; and their parts, as the store has them */
	int64_t until_us;   /* of this slice */
	uint64_t end, last; /* last: the line last looked at, with its time */
	int64_t last_us;
	uint16_t source;    /* of the line last written */
	bool over, begun;
	char *path, *part;
	int fd, failed; /* errno of the write that failed */
	struct buf text;
	struct logs_rendered rendered;
	struct log_save_handler handler;
	struct error error;
	bool abandoned;
};

static void end(struct log_save *save)
{
	if (save->fd >= 0)
		close(save->fd);
	if (save->abandoned || save->error.status != STATUS_OK)
		unlink(save->part);
	buf_clear(&save->text);
	logs_rendered_clear(&save->rendered);
	free(save->numbers);
	free(save->path);
	free(save->part);
	free(save);
}

/* Each line ends when the next one begins, or with the file. */
static void add_begin(struct log_save *save, const struct logs_line *line)
{
	char stamp[CLOCK_TEXT_SIZE], name[140];

	if (save->begun)
		buf_add_byte(&save->text, '\n');
	save->begun = true;
	save->lines++;
	save->handler.name(save->handler.ctx, line->source, name, sizeof(name));
	clock_format(stamp, line->time_us / 1000);
	buf_add_format(&save->text, "%.19s.%06dZ %s%s ", stamp, (int)(line->time_us % 1000000), line->flags & LOGS_MARKER ? "rollout" : name,
	               line->flags & LOGS_STDERR ? "!" : "");
}

/* Its colours are left out. */
static void add_safe(struct log_save *save, const struct logs_line *line)
{
	logs_render(&save->rendered, line->text, line->len);
	buf_add(&save->text, buf_text(&save->rendered.text), save->rendered.text.len);
}

static void add_line(struct log_save *save, uint64_t number)
{
	struct logs_line line = logs_store_line(save->store, number);

	if (!line.text) {
		save->lost++;
		return;
	}
	/* The rest of a long line goes on where its begin ended. */
	if (!(line.flags & LOGS_CONTINUED) || !save->begun || line.source != save->source)
		add_begin(save, &line);
	save->taken++;
	add_safe(save, &line);
	save->source = line.source;
}

/* True when all that was asked for has been looked at. */
static bool add_next_of_all(struct log_save *save)
{
	size_t place = logs_store_place_after(save->store, save->last_us, save->last), count = logs_store_count(save->store);

	for (; place < count && save->text.len < PIECE; place++) {
		uint64_t number = logs_store_number(save->store, place);

		save->last = number;
		save->last_us = logs_store_line(save->store, number).time_us;
		if (number >= save->end)
			continue;
		add_line(save, number);
		save->next++;
		if (save->next % 64 == 0 && clock_mono_us() >= save->until_us)
			return false;
	}
	return place >= count;
}

static bool add_next_of_list(struct log_save *save)
{
	while (save->next < save->count && save->text.len < PIECE) {
		add_line(save, save->numbers[save->next++]);
		if (save->next % 64 == 0 && clock_mono_us() >= save->until_us)
			break;
	}
	return save->next >= save->count;
}

/* On the worker. */
static void write_piece(void *ctx)
{
	struct log_save *save = ctx;
	size_t at = 0;

	while (at < save->text.len) {
		ssize_t n = write(save->fd, save->text.data + at, save->text.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			save->failed = n < 0 ? errno : EIO;
			return;
		}
		at += (size_t)n;
	}
	if (save->over && ((fsync(save->fd) != 0 && errno != EINVAL) || rename(save->part, save->path) != 0))
		save->failed = errno;
}

static void piece_written(void *ctx);

static void make_piece(struct log_save *save)
{
	buf_reset(&save->text);
	save->until_us = clock_mono_us() + SLICE_US;
	save->over = save->numbers ? add_next_of_list(save) : add_next_of_all(save);
	if (save->over && save->begun)
		buf_add_byte(&save->text, '\n');
	loop_work(save->loop, write_piece, piece_written, save);
}

static void piece_written(void *ctx)
{
	struct log_save *save = ctx;

	if (save->abandoned) {
		end(save);
		return;
	}
	if (!save->failed && !save->over) {
		make_piece(save);
		return;
	}
	if (save->failed) {
		error_set(&save->error, STATUS_INPUT, "file-not-written", "%.200s could not be written: %s", save->path, strerror(save->failed));
		error_next(&save->error, "choose another place");
	}
	if (!save->numbers)
		save->lost = save->count - save->taken;
	save->handler.done(save->handler.ctx, save->path, save->lines, save->lost, &save->error);
	end(save);
}

struct log_save *log_save_start(struct loop *loop, const struct logs_store *store, uint64_t *numbers, size_t count, const char *path,
                                const struct log_save_handler *handler, struct error *err)
{
	struct log_save *save = mem_new(1, sizeof(*save));

	save->loop = loop;
	save->store = store;
	save->numbers = numbers;
	save->count = numbers ? count : logs_store_count(store);
	save->end = logs_store_end(store);
	save->last_us = INT64_MIN;
	save->handler = *handler;
	save->path = mem_strdup(path);
	save->part = mem_printf("%s.part", path);
	/* The finished file takes the place of what is there, which must be a file: not of /dev/null or a pipe. */
	errno = EINVAL;
	save->fd = file_is_plain(path) ? open(save->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (save->fd < 0) {
		error_set(err, STATUS_INPUT, "file-not-written", "%.200s could not be written: %s", path, errno == EINVAL ? "it is no regular file" : strerror(errno));
		error_next(err, "choose another place");
		save->error.status = STATUS_INPUT;
		end(save);
		return NULL;
	}
	make_piece(save);
	return save;
}

void log_save_abandon(struct log_save *save)
{
	if (save)
		save->abandoned = true; /* the worker has it; piece_written ends it */
}

unsigned log_save_percent(const struct log_save *save)
{
	return save->count ? (unsigned)(save->next * 100 / save->count) : 100;
}
