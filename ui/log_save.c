/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One piece at a time: the loop makes some hundred kilobytes of text, a worker
 * writes them, and so on. Between the two the loop turns; while the worker
 * writes, `text` and `fd` are its own.
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
#include "base/mem.h"
#include "base/text.h"

enum { PIECE = 256 * 1024, SLICE_US = 2000 };

struct log_save {
	struct loop *loop;
	const struct logs_store *store;
	uint64_t *numbers;
	size_t count, next, lines, lost;
	char *path, *part;
	int fd, failed; /* errno of the write that failed */
	struct buf text;
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
	free(save->numbers);
	free(save->path);
	free(save->part);
	free(save);
}

static void add_line(struct log_save *save, uint64_t number)
{
	struct logs_line line = logs_store_line(save->store, number);
	char stamp[CLOCK_TEXT_SIZE], name[140];

	if (!line.text) {
		save->lost++;
		return;
	}
	save->handler.name(save->handler.ctx, line.source, name, sizeof(name));
	clock_format(stamp, line.time_us / 1000);
	buf_add_format(&save->text, "%.19s.%06dZ %s%s ", stamp, (int)(line.time_us % 1000000), line.flags & LOGS_MARKER ? "rollout" : name,
	               line.flags & LOGS_STDERR ? "!" : "");
	text_safe(&save->text, line.text, line.len, TEXT_KEEP_TABS);
	buf_add_byte(&save->text, '\n');
	save->lines++;
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
	if (save->next == save->count && (fsync(save->fd) != 0 || rename(save->part, save->path) != 0) && errno != EINVAL)
		save->failed = errno;
}

static void piece_written(void *ctx);

static void make_piece(struct log_save *save)
{
	int64_t until = clock_mono_us() + SLICE_US;

	buf_reset(&save->text);
	while (save->next < save->count && save->text.len < PIECE) {
		add_line(save, save->numbers[save->next++]);
		if (save->next % 64 == 0 && clock_mono_us() >= until)
			break;
	}
	loop_work(save->loop, write_piece, piece_written, save);
}

static void piece_written(void *ctx)
{
	struct log_save *save = ctx;

	if (save->abandoned) {
		end(save);
		return;
	}
	if (!save->failed && save->next < save->count) {
		make_piece(save);
		return;
	}
	if (save->failed) {
		error_set(&save->error, STATUS_INPUT, "file-not-written", "%.200s could not be written: %s", save->path, strerror(save->failed));
		error_next(&save->error, "choose another place");
	}
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
	save->count = count;
	save->handler = *handler;
	save->path = mem_strdup(path);
	save->part = mem_printf("%s.part", path);
	save->fd = open(save->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (save->fd < 0) {
		error_set(err, STATUS_INPUT, "file-not-written", "%.200s could not be written: %s", path, strerror(errno));
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
