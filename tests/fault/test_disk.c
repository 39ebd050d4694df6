/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that is really full: the state folder is a small file system of its
 * own, mounted where only this program and its children see it, filled but for
 * a few pages. With ever more room the update gets further before it stops;
 * wherever that is, it says so, and once there is room again it ends as it
 * should. Where no such file system can be had, the test says that it is left out.
 */
#include "config.h"

#include "unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"

#define CVM "payments-api" /* its update takes two signatures */

enum { PAGE = 4096, DISK_KIB = 2048, STEPS_MAX = 64 };

static struct deck *deck;
static char *mounted, *ballast;
static const char *why_not; /* no file system of our own: why */

static const char *const RESUME[] = { "resume", "--yes", "--json", "--wait", NULL };

/* ---- a file system of our own ---- */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* As root in a mount namespace of our own; else as root of a user namespace, where the system lets everybody have one. */
static bool enter_namespace(void)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWNS) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			return false;
		snprintf(map, sizeof(map), "0 %u 1\n", uid);
		if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", map))
			return false;
		snprintf(map, sizeof(map), "0 %u 1\n", gid);
		if (!write_text("/proc/self/gid_map", map))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool mount_disk(void)
{
	char options[64];

	mounted = deck_path(deck, "state");
	ballast = mem_printf("%s/ballast", mounted);
	snprintf(options, sizeof(options), "size=%dk,mode=0700", DISK_KIB);
	return mkdir(mounted, 0700) == 0 && mount("none", mounted, "tmpfs", 0, options) == 0;
}

static void unmount_disk(void)
{
	if (mounted)
		umount2(mounted, MNT_DETACH);
	free(mounted);
	free(ballast);
	mounted = ballast = NULL;
}

/* Leaves so many pages. */
static void fill(size_t pages)
{
	static const char bytes[PAGE];
	struct statvfs disk;
	int fd = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	size_t left;

	assert_true(fd >= 0);
	assert_int_equal(statvfs(mounted, &disk), 0);
	for (left = (size_t)disk.f_bfree * disk.f_bsize / PAGE; left > pages; left--)
		assert_int_equal(write(fd, bytes, PAGE), PAGE);
	close(fd);
	assert_int_equal(statvfs(mounted, &disk), 0);
	assert_int_equal((size_t)disk.f_bfree * disk.f_bsize / PAGE, pages);
}

/* ---- the update ---- */

static void update(struct deck_run *run)
{
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", "--wait", NULL };

	deck_run(deck, NULL, args, run);
}

static void expect_done(const struct deck_run *run)
{
	json *cvm = deck_cvm(deck, CVM);

	deck_expect(run, 0, NULL);
	assert_string_equal(json_text(cvm, "compose_hash"), json_text(run->result, "compose_hash"));
	assert_int_equal(deck_mined(deck), 2);
	json_free(cvm);
}

static bool is_about_the_disk(const struct deck_run *run)
{
	return text_equal(json_text(run->result, "error_code"), "journal-full") && strstr(json_text(run->result, "next"), "make room");
}

/* It stopped for want of room, or got through; with room it ends, and what was mined is mined once. */
static bool gets_through(size_t pages)
{
	struct deck_run run;
	bool through;

	deck_reset(deck, NULL);
	assert_true(mount_disk());
	fill(pages);
	update(&run);
	through = run.status == 0;
	if (!through) {
		deck_expect(&run, 1, NULL);
		if (!is_about_the_disk(&run))
			fail_msg("%zu pages: it does not say that the disk is full: %s", pages, run.output);
		deck_run_clear(&run);
		assert_int_equal(unlink(ballast), 0);
		deck_run(deck, NULL, RESUME, &run);
		if (run.status == 2) { /* nothing had been written, so nothing had happened */
			deck_expect_untouched(deck);
			deck_run_clear(&run);
			update(&run);
		}
	}
	expect_done(&run);
	deck_run_clear(&run);
	unmount_disk();
	return through;
}

static void test_disk_full(void **state)
{
	size_t pages = 0, steps;

	(void)state;
	if (why_not) {
		print_message("# left out: no file system of our own can be mounted here (%s)\n", why_not);
		skip();
	}
	for (steps = 0; !gets_through(pages); steps++) {
		assert_true(steps < STEPS_MAX);
		pages += pages < 8 ? 1 : 3;
	}
	assert_true(steps > 8);
	print_message("# a full disk survived at %zu places; %zu pages were enough\n", steps, pages);
}

/* ---- the lock ---- */

static bool is_held(void)
{
	char *path = deck_path(deck, "state/cvmdeck/locks");
	struct dirent *entry;
	DIR *dir = opendir(path);
	bool held = false;

	while (dir && !held && (entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDWR | O_CLOEXEC);

		held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	free(path);
	return held;
}

/* There is no room for the name of who holds it: it is held all the same, and let go with its holder. */
static void test_lock_without_room(void **state)
{
	int64_t end = clock_mono_ms() + child_deadline_ms();
	struct child *first;
	struct deck_run run;

	(void)state;
	if (why_not)
		skip();
	deck_reset(deck, "{\"http\":[{\"method\":\"GET\",\"path\":\"compose_file\",\"delay_ms\":60000,\"times\":1}]}");
	assert_true(mount_disk());
	fill(0);
	first = deck_start(deck, NULL, (const char *const[]){ "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", NULL });
	while (!is_held()) {
		if (clock_mono_ms() > end)
			fail_msg("it does not hold the CVM: %s", child_output(first));
		poll(NULL, 0, 5);
	}
	update(&run);
	deck_expect(&run, 1, "cvm-held");
	assert_non_null(strstr(json_text(run.result, "message"), "another cvmdeck"));
	deck_run_clear(&run);
	kill(child_pid(first), SIGINT);
	deck_finish(first, &run);
	deck_expect(&run, 8, "interrupted");
	deck_run_clear(&run);
	update(&run);
	deck_expect(&run, 1, "journal-full");
	deck_expect_untouched(deck);
	deck_run_clear(&run);
	unmount_disk();
}

/* ---- a folder that nobody may write to ---- */

/* A rollout that stands at its card; then the folder is mounted read-only, which holds for root too. */
static void test_read_only(void **state)
{
	static const char *const history[] = { "history", "--json", NULL };
	struct deck_run run;

	(void)state;
	if (why_not)
		skip();
	deck_reset(deck, NULL);
	assert_true(mount_disk());
	deck_run(deck, (const char *const[]){ "PRIVATE_KEY", NULL },
		 (const char *const[]){ "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "--yes", "--json", NULL }, &run);
	deck_expect(&run, 4, "no-key");
	deck_run_clear(&run);
	assert_int_equal(mount(NULL, mounted, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	deck_run(deck, NULL, RESUME, &run);
	deck_expect(&run, 1, NULL);
	assert_non_null(strstr(run.output, "ead-only"));
	deck_run_clear(&run);
	update(&run);
	deck_expect(&run, 1, NULL);
	deck_run_clear(&run);
	deck_run(deck, NULL, history, &run);
	deck_expect(&run, 1, "journal-folder"); /* a log beside it may have to be taken in first */
	deck_run_clear(&run);
	deck_expect_unsigned(deck);
	assert_int_equal(deck_seen(deck, "api", "PATCH"), 1);

	assert_int_equal(mount(NULL, mounted, NULL, MS_REMOUNT, NULL), 0);
	deck_run(deck, NULL, RESUME, &run);
	expect_done(&run);
	deck_run_clear(&run);
	unmount_disk();
}

/* ---- */

static int up(void **state)
{
	(void)state;
	if (!enter_namespace())
		why_not = strerror(errno);
	deck = deck_new(NULL);
	if (!why_not && !mount_disk())
		why_not = strerror(errno);
	unmount_disk();
	return 0;
}

static int down(void **state)
{
	(void)state;
	unmount_disk();
	deck_free(deck);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_disk_full), cmocka_unit_test(test_lock_without_room), cmocka_unit_test(test_read_only) };

	return cmocka_run_group_tests_name("disk", tests, up, down);
}
