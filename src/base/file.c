/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum { PIPE_PATIENCE_MS = 30000, PATH_SHOWN = 256 };

/* A path is shown as any text from outside: phala.toml of a stranger's folder can name one. */
static const char *shown(char out[PATH_SHOWN], const char *path)
{
	text_safe_copy(out, PATH_SHOWN, path, strlen(path));
	return out;
}

static bool cannot_read(struct error *err, const char *what, const char *path, int why)
{
	char safe[PATH_SHOWN];

	if (why == ENOENT) {
		error_set(err, STATUS_INPUT, "file-missing", "the %s %s does not exist", what, shown(safe, path));
		return error_next(err, "check the path; it is taken from the folder you are in");
	}
	error_set(err, STATUS_INPUT, "file-unreadable", "the %s %s cannot be read: %s", what, shown(safe, path), strerror(why));
	return error_next(err, "check its permissions, and that it is a file");
}

/* Of a pipe whose other side is slow, such as a shell's <(command); false when nothing came for long. */
static bool wait_for_more(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&wanted, 1, PIPE_PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (!ready)
		errno = ETIMEDOUT;
	return ready > 0;
}

static bool read_all(int fd, const char *path, const char *what, size_t max, struct buf *out, struct error *err)
{
	char chunk[65536], safe[PATH_SHOWN];
	struct stat kind;
	size_t total = 0;
	ssize_t got;

	/* Until somebody writes into a named pipe it looks like one that was written to its end. */
	if (fstat(fd, &kind) == 0 && S_ISFIFO(kind.st_mode) && !wait_for_more(fd))
		return cannot_read(err, what, path, errno);
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_more(fd))))
			continue;
		if (got < 0)
			return cannot_read(err, what, path, errno);
		total += (size_t)got;
		if (total > max) {
			error_set(err, STATUS_INPUT, "file-too-large", "the %s %s is larger than %zu KiB, the most that is accepted", what, shown(safe, path), max / 1024);
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

static bool cannot_write(const char *path, int why, struct error *err)
{
	char safe[PATH_SHOWN];

	error_set(err, STATUS_INPUT, "file-unwritable", "%s cannot be written: %s; an earlier file is unchanged", shown(safe, path), strerror(why));
	return error_next(err, "check the folder's permissions and the free space");
}

bool file_is_plain(const char *path)
{
	struct stat there;

	return stat(path, &there) < 0 || S_ISREG(there.st_mode);
}

/* A device or a pipe: nothing may take its place, least of all /dev/null's. */
static bool write_into(const char *path, const void *bytes, size_t len, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool ok = fd >= 0 && (write_all(fd, bytes, len) || errno == EINVAL || errno == EROFS); /* there it cannot be synced */
	int why = errno;

	if (fd >= 0)
		close(fd);
	return ok || cannot_write(path, why, err);
}

bool file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err)
{
	char *fresh;
	bool ok;
	int fd, why;

	if (!file_is_plain(path))
		return write_into(path, bytes, len, err);
	fresh = mem_printf("%s.new.%ld", path, (long)getpid());
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	ok = fd >= 0 && fchmod(fd, mode) == 0 && write_all(fd, bytes, len);
	why = errno;
	if (fd >= 0)
		close(fd);
	if (ok && rename(fresh, path) < 0) {
		why = errno;
		ok = false;
	}
	if (!ok && fd >= 0)
		unlink(fresh);
	free(fresh);
	return ok || cannot_write(path, why, err);
}

bool file_make_dirs(const char *path, struct error *err)
{
	char *copy = mem_strdup(path), *at = copy, safe[PATH_SHOWN];
	bool ok = true;

	while (ok && at) {
		at = strchr(at + 1, '/');
		if (at)
			*at = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST) {
			int why = errno;

			error_set(err, STATUS_INPUT, "folder-unwritable", "the folder %s cannot be made: %s", shown(safe, copy), strerror(why));
			ok = error_next(err, "check the permissions of the folder above it, or set XDG_STATE_HOME");
		}
		if (at)
			*at = '/';
	}
	free(copy);
	return ok;
}

bool file_hold_standard(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd > STDERR_FILENO)
		close(fd);
	return fd >= 0;
}

static const char *home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *user = dir && *dir ? NULL : getpwuid(getuid());

	if (user && user->pw_dir)
		dir = user->pw_dir;
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
