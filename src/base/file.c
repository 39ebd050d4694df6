/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

static bool cannot_read(struct error *err, const char *what, const char *path, int why)
{
	if (why == ENOENT) {
		error_set(err, STATUS_INPUT, "file-missing", "the %s %s does not exist", what, path);
		return error_next(err, "check the path; it is taken from the folder you are in");
	}
	error_set(err, STATUS_INPUT, "file-unreadable", "the %s %s cannot be read: %s", what, path, strerror(why));
	return error_next(err, "check its permissions, and that it is a file");
}

static bool read_all(int fd, const char *path, const char *what, size_t max, struct buf *out, struct error *err)
{
	char chunk[65536];
	size_t total = 0;
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cannot_read(err, what, path, errno);
		total += (size_t)got;
		if (total > max) {
			error_set(err, STATUS_INPUT, "file-too-large", "the %s %s is larger than %zu KiB, the most that is accepted", what, path, max / 1024);
			return error_next(err, "make it smaller, or check that it is the right file");
		}
		buf_add(out, chunk, (size_t)got);
	}
	return true;
}

bool file_read(const char *path, const char *what, size_t max, struct buf *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return cannot_read(err, what, path, errno);
	ok = read_all(fd, path, what, max, out, err);
	close(fd);
	return ok;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return fsync(fd) == 0;
}

bool file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err)
{
	char *fresh = mem_printf("%s.new.%ld", path, (long)getpid());
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	bool ok = fd >= 0 && fchmod(fd, mode) == 0 && write_all(fd, bytes, len);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (ok && rename(fresh, path) < 0) {
		why = errno;
		ok = false;
	}
	if (!ok) {
		if (fd >= 0)
			unlink(fresh);
		error_set(err, STATUS_INPUT, "file-unwritable", "%s cannot be written: %s; an earlier file is unchanged", path, strerror(why));
		error_next(err, "check the folder's permissions and the free space");
	}
	free(fresh);
	return ok;
}

bool file_make_dirs(const char *path, struct error *err)
{
	char *copy = mem_strdup(path);
	char *at = copy;
	bool ok = true;

	while (ok && at) {
		at = strchr(at + 1, '/');
		if (at)
			*at = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST) {
			error_set(err, STATUS_INPUT, "folder-unwritable", "the folder %s cannot be made: %s", copy, strerror(errno));
			ok = error_next(err, "check the permissions of the folder above it, or set XDG_STATE_HOME");
		}
		if (at)
			*at = '/';
	}
	free(copy);
	return ok;
}

static const char *home(void)
{
	const char *dir = getenv("HOME");

	return dir && *dir ? dir : "/";
}

char *file_state_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME");

	if (state && state[0] == '/')
		return mem_printf("%s/cvmdeck", state);
	return mem_printf("%s/.local/state/cvmdeck", home());
}

char *file_expand(const char *path)
{
	return text_starts(path, "~/") ? mem_printf("%s%s", home(), path + 1) : mem_strdup(path);
}
