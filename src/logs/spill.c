/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is mapped once, over its whole ceiling, while it is still empty;
 * only what was written is ever read, so the map may be longer than the file.
 * Regions follow each other up to the ceiling and then begin anew where the
 * oldest have been given back. While the worker writes, the pieces are its own;
 * if the spill goes meanwhile, the writing outlives it.
 */
#include "logs/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "logs/spill_guard.h"

enum { ALIGN = 64, KEEP_FREE = 256 * 1024 * 1024 };

struct writing {
	struct logs_spill *spill; /* NULL: it is gone */
	int fd;
	uint64_t keep_free; /* 0: the file does not grow */
	struct spill_region region;
	struct spill_pieces pieces;
	int failed; /* errno */
	spill_done_fn *done;
	void *ctx;
	struct writing *next; /* of those whose spill is gone */
};

struct logs_spill {
	struct loop *loop;
	int fd, guard;
	char *map;
	size_t mapped;
	uint64_t ceiling, keep_free, high; /* high: the end of the last byte written well */
	struct spill_region *regions; /* a queue: `count` from `first` on */
	size_t first, count, cap;
	struct writing *writing;
};

/* Keeps them reachable until the worker gives them back; at the end of the program it may not. */
static struct writing *left_behind;

static bool fail(struct error *err, int why)
{
	error_set(err, STATUS_INPUT, "log-disk", "log lines cannot be kept on disk: %s", strerror(why));
	return error_next(err, "make room there, or name another folder with --log-disk-dir");
}

/* ---- the file ---- */

static int named_and_unlinked(const char *folder)
{
	char *path = mem_printf("%s/.logs-XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

/* Some file systems know no file without a name. */
static int make_file(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
		return fd;
	return named_and_unlinked(folder);
}

static bool is_memory(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static int open_file(const char *folder, struct error *err)
{
	int fd;

	if (!file_make_dirs(folder, err))
		return -1;
	fd = make_file(folder);
	if (fd < 0) {
		fail(err, errno);
		error_detail(err, "%s", folder);
		return -1;
	}
	if (!is_memory(fd))
		return fd;
	close(fd);
	error_set(err, STATUS_INPUT, "log-disk", "%.200s is in memory (tmpfs): log lines put there would save none", folder);
	error_next(err, "name a folder on a disk with --log-disk-dir");
	return -1;
}

bool logs_spill_try(const char *folder, struct error *err)
{
	int fd = open_file(folder, err);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

struct logs_spill *logs_spill_new(struct loop *loop, const char *folder, uint64_t ceiling, struct error *err)
{
	int fd = open_file(folder, err);

	return fd < 0 ? NULL : logs_spill_on(loop, fd, ceiling, KEEP_FREE, err);
}

struct logs_spill *logs_spill_on(struct loop *loop, int fd, uint64_t ceiling, uint64_t keep_free, struct error *err)
{
	struct logs_spill *spill = mem_new(1, sizeof(*spill));

	*spill = (struct logs_spill){ .loop = loop, .fd = fd, .guard = -1, .mapped = (size_t)ceiling, .ceiling = ceiling, .keep_free = keep_free };
	spill->map = mmap(NULL, spill->mapped, PROT_READ, MAP_SHARED, fd, 0);
	if (spill->map == MAP_FAILED) {
		spill->map = NULL;
		fail(err, errno);
	} else {
		spill->guard = spill_guard_begin(spill->map, spill->mapped);
		if (spill->guard >= 0)
			return spill;
		fail(err, EMFILE);
	}
	logs_spill_free(spill);
	return NULL;
}

static void free_writing(struct writing *writing)
{
	free(writing->pieces.at[0]);
	free(writing->pieces.at[1]);
	free(writing);
}

void logs_spill_free(struct logs_spill *spill)
{
	if (!spill)
		return;
	if (spill->map)
		munmap(spill->map, spill->mapped);
	if (spill->guard >= 0)
		spill_guard_end(spill->guard);
	if (spill->writing) {
		spill->writing->spill = NULL; /* its file is closed with it */
		spill->writing->next = left_behind;
		left_behind = spill->writing;
	} else {
		close(spill->fd);
	}
	free(spill->regions);
	free(spill);
}

uint64_t logs_spill_ceiling(const struct logs_spill *spill)
{
	return spill->ceiling;
}

bool logs_spill_lost(const struct logs_spill *spill)
{
	return spill_guard_hit(spill->guard);
}

/* ---- the ring ---- */

static struct spill_region *region_at(const struct logs_spill *spill, size_t i)
{
	return &spill->regions[(spill->first + i) % spill->cap];
}

/* The queue grows by laying it out anew from its first. */
static void queue_reserve(struct logs_spill *spill)
{
	size_t cap = spill->cap ? 2 * spill->cap : 64, i;
	struct spill_region *regions;

	if (spill->count < spill->cap)
		return;
	regions = mem_new(cap, sizeof(*regions));
	for (i = 0; i < spill->count; i++)
		regions[i] = *region_at(spill, i);
	free(spill->regions);
	spill->regions = regions;
	spill->first = 0;
	spill->cap = cap;
}

/* Behind the newest, or at the begin of the file, but never into the oldest. */
static bool find_room(const struct logs_spill *spill, uint64_t len, uint64_t *offset)
{
	uint64_t oldest, end;

	*offset = 0;
	if (!spill->count)
		return len <= spill->ceiling;
	oldest = region_at(spill, 0)->offset;
	end = region_at(spill, spill->count - 1)->offset + region_at(spill, spill->count - 1)->len;
	if (end <= oldest) {
		*offset = end;
		return len <= oldest - end;
	}
	if (end <= spill->ceiling && len <= spill->ceiling - end)
		*offset = end;
	else
		return len <= oldest;
	return true;
}

bool logs_spill_reserve(struct logs_spill *spill, uint64_t len, struct spill_region *out)
{
	out->len = (len + ALIGN - 1) / ALIGN * ALIGN;
	if (!find_room(spill, out->len, &out->offset))
		return false;
	queue_reserve(spill);
	spill->regions[(spill->first + spill->count++) % spill->cap] = *out;
	return true;
}

void logs_spill_release(struct logs_spill *spill)
{
	spill->first = (spill->first + 1) % spill->cap;
	spill->count--;
}

/* ---- writing and reading ---- */

static size_t second_at(const size_t len[2])
{
	return (len[0] + ALIGN - 1) / ALIGN * ALIGN;
}

uint64_t logs_spill_size(const struct spill_pieces *pieces)
{
	return second_at(pieces->len) + pieces->len[1];
}

void *logs_spill_at(const struct logs_spill *spill, const struct spill_region *region, const size_t len[2], int i)
{
	return spill->map + region->offset + (i ? second_at(len) : 0);
}

void logs_spill_will_read(const struct logs_spill *spill, const struct spill_region *region)
{
	uintptr_t from = (uintptr_t)(spill->map + region->offset), page = (uintptr_t)sysconf(_SC_PAGESIZE);

	from &= ~(page - 1);
	madvise((void *)from, (size_t)((uintptr_t)(spill->map + region->offset) - from + region->len), MADV_WILLNEED);
}

static int write_all(int fd, const char *bytes, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static bool has_room(int fd, uint64_t keep_free, uint64_t len)
{
	struct statvfs fs;

	return !keep_free || fstatvfs(fd, &fs) != 0 || !fs.f_blocks || (uint64_t)fs.f_bavail * fs.f_frsize >= keep_free + len;
}

/* On the worker, which has all signals blocked: a file too large for the user's limit is an error like any other. */
static void write_pieces(void *ctx)
{
	struct writing *writing = ctx;
	const struct spill_pieces *pieces = &writing->pieces;

	writing->failed = has_room(writing->fd, writing->keep_free, writing->region.len) ? 0 : ENOSPC;
	if (!writing->failed)
		writing->failed = write_all(writing->fd, pieces->at[0], pieces->len[0], writing->region.offset);
	if (!writing->failed)
		writing->failed = write_all(writing->fd, pieces->at[1], pieces->len[1], writing->region.offset + second_at(pieces->len));
}

static void forget(struct writing *writing)
{
	struct writing **at = &left_behind;

	while (*at != writing)
		at = &(*at)->next;
	*at = writing->next;
	close(writing->fd);
	free_writing(writing);
}

/* What was written well before stays, and is the ring from now on. */
static void shrink(struct logs_spill *spill)
{
	int ignored;

	spill->count--; /* the newest: that which failed */
	spill->ceiling = spill->high < spill->ceiling ? spill->high : 0;
	ignored = ftruncate(spill->fd, (off_t)spill->high);
	(void)ignored;
}

static void pieces_written(void *ctx)
{
	struct writing *writing = ctx;
	struct logs_spill *spill = writing->spill;
	uint64_t end = writing->region.offset + writing->region.len;
	struct error err = { 0 };

	if (!spill) {
		forget(writing);
		return;
	}
	spill->writing = NULL;
	if (writing->failed) {
		fail(&err, writing->failed);
		shrink(spill);
	} else if (end > spill->high) {
		spill->high = end;
	}
	writing->done(writing->ctx, &writing->pieces, &err);
	if (writing->failed)
		free(writing);
	else
		free_writing(writing);
}

void logs_spill_write(struct logs_spill *spill, const struct spill_region *region, const struct spill_pieces *pieces, spill_done_fn *done, void *ctx)
{
	struct writing *writing = mem_new(1, sizeof(*writing));

	*writing = (struct writing){ .spill = spill, .fd = spill->fd, .region = *region, .pieces = *pieces, .done = done, .ctx = ctx };
	writing->keep_free = region->offset + region->len > spill->high ? spill->keep_free : 0;
	spill->writing = writing;
	loop_work(spill->loop, write_pieces, pieces_written, writing);
}
