/* SPDX-License-Identifier: Apache-2.0 */
/* Children of a test: one pipe for both outputs, read only while somebody waits. One thread. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { SANDBOX_OPTIONS = 40 };

struct child {
	pid_t pid;
	int fd;
	bool running;
	int status;
	struct rusage usage;
	struct buf output;
};

int64_t child_deadline_ms(void)
{
	const char *seconds = getenv("CVMDECK_TEST_SECONDS");

	return 1000 * (seconds && atoi(seconds) > 0 ? atoi(seconds) : 30);
}

static void become(const char *const argv[], const char *const env[], int out)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	for (; env && *env; env++)
		putenv(mem_strdup(*env));
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

struct child *child_start(const char *const argv[], const char *const env[])
{
	struct child *child = mem_new(1, sizeof(*child));
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		mem_die("no pipe for a child");
	child->pid = fork();
	if (child->pid < 0)
		mem_die("no child process");
	if (!child->pid)
		become(argv, env, ends[1]);
	close(ends[1]);
	child->fd = ends[0];
	child->running = true;
	return child;
}

/* Returns false at the end of the output, or when ms passed without a byte. */
static bool read_some(struct child *child, int64_t ms)
{
	struct pollfd pollfd = { .fd = child->fd, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	if (child->fd < 0 || poll(&pollfd, 1, (int)(ms > 0 ? ms : 0)) <= 0)
		return false;
	n = read(child->fd, bytes, sizeof(bytes));
	if (n <= 0)
		return false;
	buf_add(&child->output, bytes, (size_t)n);
	return true;
}

const char *child_wait_text(struct child *child, const char *text, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	const char *found;

	while (!(found = strstr(buf_text(&child->output), text)))
		if (!read_some(child, end - clock_mono_ms()))
			return NULL;
	return found;
}

static void reap(struct child *child, int options)
{
	int status;

	if (!child->running || wait4(child->pid, &status, options, &child->usage) != child->pid)
		return;
	child->running = false;
	child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_wait(struct child *child, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	for (;;) {
		/* The output ends before the process does, or a grandchild holds it open: look at both. */
		while (read_some(child, 20))
			;
		reap(child, WNOHANG);
		if (!child->running) {
			while (read_some(child, 0))
				;
			return child->status;
		}
		if (clock_mono_ms() >= end)
			return -1;
		if (poll(NULL, 0, 5) < 0 && errno != EINTR)
			return -1;
	}
}

void child_usage(const struct child *child, double *cpu_ms, long *max_kib)
{
	const struct timeval *user = &child->usage.ru_utime, *system = &child->usage.ru_stime;

	*cpu_ms = (double)(user->tv_sec + system->tv_sec) * 1e3 + (double)(user->tv_usec + system->tv_usec) / 1e3;
	*max_kib = child->usage.ru_maxrss;
}

struct child *child_start_sandbox(const char *const options[])
{
	const char *argv[SANDBOX_OPTIONS + 2] = { NULL };
	char *program = child_build_path("cvmdeck-sandbox");
	struct child *child;
	size_t i;

	argv[0] = program;
	for (i = 0; options[i]; i++) {
		if (i == SANDBOX_OPTIONS)
			mem_die("too many options for the sandbox");
		argv[i + 1] = options[i];
	}
	child = child_start(argv, NULL);
	if (!child_wait_text(child, "\nready\n", child_deadline_ms()))
		mem_die("the sandbox did not start");
	free(program);
	return child;
}

char *child_told(struct child *child, const char *name)
{
	size_t len = strlen(name);
	const char *line;

	for (line = child_output(child); line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return mem_copy(line + len + 1, strcspn(line + len + 1, "\n"));
	mem_die("the sandbox does not say what it should");
}

const char *child_output(struct child *child)
{
	while (read_some(child, 0))
		;
	return buf_text(&child->output);
}

pid_t child_pid(const struct child *child)
{
	return child->pid;
}

void child_free(struct child *child)
{
	if (!child)
		return;
	if (child->running && child_wait(child, 0) < 0) {
		kill(child->pid, SIGTERM);
		if (child_wait(child, 5000) < 0) {
			kill(child->pid, SIGKILL);
			reap(child, 0);
		}
	}
	close(child->fd);
	buf_clear(&child->output);
	free(child);
}

char *child_make_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = mem_printf("%s/cvmdeck-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	if (!mkdtemp(path))
		mem_die("no folder for a test");
	return path;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

void child_remove_dir(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *below(const char *variable, const char *name)
{
	const char *folder = getenv(variable);

	return mem_printf("%s/%s", folder && *folder ? folder : ".", name);
}

char *child_build_path(const char *name)
{
	return below("builddir", name);
}

char *child_source_path(const char *name)
{
	return below("srcdir", name);
}
