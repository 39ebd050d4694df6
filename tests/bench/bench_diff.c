/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The diff of two compose files of 110 KB with 600 changes, beside diff -u on
 * the same two files; each the best of several runs. The time of diff holds
 * the start of its process, as an operator would see it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "compose/diff.h"

enum { SERVICES = 760, CHANGES = 600, RUNS = 30, TIMES = 3 };

static void add_service(struct buf *out, int i, int changed)
{
	buf_add_format(out, "  service-%d:\n    image: registry.example/team/app-%d:1.%d@sha256:%08x%08x\n", i, i % 40,
		changed ? 28 : 27, (unsigned)i * 2654435761u, (unsigned)i * 40503u);
	buf_add_format(out, "    restart: always\n    environment:\n      - TOKEN=${TOKEN_%d}\n", i);
	if (changed && i % 5 == 0)
		buf_add_text(out, "      - EXTRA=1\n");
}

static void make_file(struct buf *out, int changes)
{
	int i;

	buf_add_text(out, "services:\n");
	for (i = 0; i < SERVICES; i++)
		add_service(out, i, i < changes);
}

static char *write_file(const struct buf *text)
{
	char *path = mem_strdup("/tmp/cvmdeck-bench-XXXXXX");
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len)
		mem_die("the bench cannot write to /tmp");
	close(fd);
	return path;
}

static void run_ours(const struct buf *before, const struct buf *after)
{
	struct compose_diff *diff = compose_diff_new(before->data, before->len, after->data, after->len);
	struct buf out = BUF_INIT;

	compose_diff_print(&out, diff, "a", "b", 3);
	buf_clear(&out);
	compose_diff_free(diff);
}

static int64_t time_diff(const char *a, const char *b)
{
	int64_t start = clock_mono_us();
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(2);
		execlp("diff", "diff", "-u", a, b, (char *)NULL);
		_exit(2);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 1)
		mem_die("diff -u did not run");
	return clock_mono_us() - start;
}

static int64_t time_ours(const struct buf *before, const struct buf *after)
{
	int64_t start = clock_mono_us();

	run_ours(before, after);
	return clock_mono_us() - start;
}

int main(void)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	int64_t ours = INT64_MAX, theirs = INT64_MAX;
	char *a, *b;
	int i;

	make_file(&before, 0);
	make_file(&after, CHANGES);
	a = write_file(&before);
	b = write_file(&after);
	for (i = 0; i < RUNS; i++) {
		int64_t one = time_ours(&before, &after), other = time_diff(a, b);

		ours = one < ours ? one : ours;
		theirs = other < theirs ? other : theirs;
	}
	unlink(a);
	unlink(b);
	free(a);
	free(b);
	fprintf(stderr, "diff of %zu and %zu bytes\n", before.len, after.len);
	printf("diff, 110 KB, 600 changes\t%.2f ms (%.2fx)\t<= %dx diff -u\t%.2f ms (diff -u)\t%s\n", (double)ours / 1000,
		(double)ours / (double)theirs, TIMES, (double)theirs / 1000, ours <= TIMES * theirs ? "ok" : "missed");
	buf_clear(&before);
	buf_clear(&after);
	return 0;
}
