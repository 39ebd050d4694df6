/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child reads its standard input and ends at its end, so it never outlives
 * us, not even after kill -9. Its error output is thrown away: the screen is ours.
 */
#include "sandbox_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

enum { MOST_ARGUMENTS = 16 };

/* The sandbox beside our own program, or its bare name for PATH; the caller frees. */
static char *program(void)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash, *beside;

	if (len > 0) {
		self[len] = '\0';
		slash = strrchr(self, '/');
		beside = mem_printf("%.*s/cvmdeck-sandbox", (int)(slash - self), self);
		if (access(beside, X_OK) == 0)
			return beside;
		free(beside);
	}
	return mem_strdup("cvmdeck-sandbox");
}

static void run_child(const char *path, const char *const *extra, int in, int out)
{
	const char *argv[MOST_ARGUMENTS + 3] = { path, "--stdin-watch" };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;
	size_t i;

	for (i = 0; extra && extra[i] && i < MOST_ARGUMENTS; i++)
		argv[i + 2] = extra[i];
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0); /* Ctrl-C at the terminal is for the console alone */
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || (null >= 0 && dup2(null, 2) < 0))
		_exit(126);
	execvp(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void learn(struct sandbox_child *child, const char *line)
{
	static const struct { const char *name; size_t offset, size; } fields[] = {
		{ "api ", offsetof(struct sandbox_child, api), sizeof(child->api) },
		{ "rpc ", offsetof(struct sandbox_child, rpc), sizeof(child->rpc) },
		{ "api-key ", offsetof(struct sandbox_child, api_key), sizeof(child->api_key) },
		{ "private-key ", offsetof(struct sandbox_child, private_key), sizeof(child->private_key) },
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_starts(line, fields[i].name))
			text_copy((char *)child + fields[i].offset, fields[i].size, line + strlen(fields[i].name));
}

static bool read_until_ready(struct sandbox_child *child, int fd)
{
	FILE *from = fdopen(fd, "r");
	char line[512];
	bool ready = false;

	if (!from)
		return false;
	while (!ready && fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\r\n")] = '\0';
		learn(child, line);
		ready = strcmp(line, "ready") == 0;
	}
	fclose(from);
	return ready && *child->api && *child->rpc;
}

bool sandbox_child_start(struct sandbox_child *child, const char *const *extra, struct error *err)
{
	int in[2], out[2];
	char *path = program();
	bool ready;

	*child = (struct sandbox_child){ .stdin_fd = -1 };
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		mem_die("no pipe for the sandbox");
	child->pid = fork();
	if (child->pid == 0)
		run_child(path, extra, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	child->stdin_fd = in[1];
	ready = child->pid > 0 && read_until_ready(child, out[0]);
	free(path);
	if (ready)
		return true;
	sandbox_child_stop(child);
	error_set(err, STATUS_API, "sandbox-failed", "the sandbox did not start");
	return error_next(err, "check that cvmdeck-sandbox is installed beside cvmdeck, and run it by hand to see why");
}

void sandbox_child_stop(struct sandbox_child *child)
{
	if (child->stdin_fd >= 0)
		close(child->stdin_fd);
	if (child->pid > 0) {
		kill(child->pid, SIGTERM);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	*child = (struct sandbox_child){ .stdin_fd = -1 };
}
