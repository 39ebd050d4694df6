/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that go to disk: the merged order against a plain list, a store that
 * spills against one that holds everything, and a disk that is small, full,
 * broken, or not one. Real files, the loop's real worker.
 */
#include "config.h"

#include "unit/unit.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "logs/order.h"
#include "logs/search.h"
#include "logs/spill.h"

static uint64_t seed = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

/* ---- the merged order ---- */

enum { NUMBERS = 40000 };

static void order_is(struct logs_order *order, const uint32_t *model, size_t count)
{
	size_t i;

	assert_int_equal(logs_order_count(order), count);
	for (i = 0; i < count; i++)
		assert_int_equal(logs_order_at(order, i), model[i]);
	for (i = 0; i < 1000 && count; i++) {
		size_t place = any((uint32_t)count);

		assert_int_equal(logs_order_at(order, place), model[place]);
	}
}

static size_t remove_from(uint32_t *model, size_t count, uint32_t first, uint32_t gone)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (model[i] - first >= gone)
			model[kept++] = model[i];
	return kept;
}

/* The numbers wrap round on the way. */
static void test_order(void **state)
{
	struct logs_order *order = logs_order_new();
	uint32_t *model = mem_new(NUMBERS, sizeof(*model)), first = UINT32_MAX - NUMBERS / 3, next = first, gone;
	size_t count = 0;
	int i;

	(void)state;
	for (i = 0; i < NUMBERS; i++) {
		size_t place = any(4) ? count : any((uint32_t)count + 1);

		memmove(model + place + 1, model + place, (count++ - place) * sizeof(*model));
		model[place] = next;
		logs_order_insert(order, place, next++);
		if (i % 9000 != 8999)
			continue;
		gone = any((next - first) / 2);
		logs_order_remove(order, first, gone);
		count = remove_from(model, count, first, gone);
		first += gone;
		order_is(order, model, count);
	}
	assert_true(logs_order_bytes(order) < 3 * count * sizeof(uint32_t));
	logs_order_remove(order, first, next - first);
	assert_int_equal(logs_order_count(order), 0);
	logs_order_insert(order, 0, next);
	assert_int_equal(logs_order_at(order, 0), next);
	logs_order_free(order);
	free(model);
}

/* ---- a store with a disk ---- */

struct disk {
	struct loop *loop;
	struct logs_store *store;
	int fd; /* the same file, for the test */
	unsigned told;
	struct error problem;
	unsigned problems;
};

static void on_changed(void *ctx)
{
	struct disk *disk = ctx;
	struct error err;

	disk->told++;
	if (!logs_store_problem(disk->store, &err))
		return;
	disk->problem = err;
	disk->problems++;
}

static void disk_on(struct disk *disk, int fd, size_t memory, uint64_t ceiling, uint64_t keep_free)
{
	struct error err;
	struct logs_spill *spill;

	assert_true(fd >= 0);
	*disk = (struct disk){ .loop = loop_new(&err), .store = logs_store_new(memory), .fd = dup(fd) };
	spill = logs_spill_on(disk->loop, fd, ceiling, keep_free, &err);
	assert_non_null(spill);
	logs_store_spill(disk->store, spill, on_changed, disk);
}

static void disk_new(struct disk *disk, size_t memory, uint64_t ceiling)
{
	disk_on(disk, memfd_create("logs", MFD_CLOEXEC), memory, ceiling, 0);
}

static void disk_free(struct disk *disk)
{
	logs_store_free(disk->store);
	loop_free(disk->loop);
	close(disk->fd);
}

/* Waits until what had to be written is: as whoever adds lines should. */
static void keep_up(struct disk *disk)
{
	while (logs_store_is_behind(disk->store))
		loop_turn(disk->loop, 1000);
}

struct made {
	uint16_t source;
	int64_t time_us;
	unsigned flags;
	size_t len;
	const char *text;
};

/* Mostly short, some empty, some too long for one record; times that run apart and sometimes back. */
static struct made make(int i)
{
	static const char *const words[] = { "GET /healthz", "ERROR timeout", "ok", "Ünïcode", "warn: retry", "", "a b", "<tail>" };
	static char text[3 * LIMIT_LOG_LINE];
	struct made made = { .source = (uint16_t)any(6), .text = text, .flags = any(9) ? 0 : LOGS_STDERR };
	int len = snprintf(text, sizeof(text), "%s %d %s %s", words[any(8)], i, words[any(8)], words[any(8)]);

	made.len = any(50) ? (size_t)len : 0;
	if (!any(400)) {
		made.len = any(sizeof(text));
		memset(text + len, 'x', sizeof(text) - (size_t)len);
	}
	made.time_us = any(60) ? 1000000 + (int64_t)i * 10 + any(5000) : 0;
	return made;
}

static void add_to(struct logs_store *store, const struct made *made)
{
	logs_store_add(store, made->source, made->time_us, 77, made->flags, made->text, made->len);
}

static void same_line(struct logs_line a, struct logs_line b)
{
	assert_int_equal(a.number, b.number);
	assert_int_equal(a.time_us, b.time_us);
	assert_int_equal(a.source, b.source);
	assert_int_equal(a.flags, b.flags);
	assert_int_equal(a.level, b.level);
	assert_int_equal(a.len, b.len);
	assert_non_null(a.text);
	assert_memory_equal(a.text, b.text, a.len);
	assert_int_equal(a.text[a.len], '\n');
}

static void same_stores(struct logs_store *a, struct logs_store *b)
{
	size_t i, count = logs_store_count(a);

	assert_int_equal(count, logs_store_count(b));
	assert_int_equal(logs_store_begin(a), logs_store_begin(b));
	assert_int_equal(logs_store_end(a), logs_store_end(b));
	for (i = 0; i < count; i++) {
		same_line(logs_store_at(a, i), logs_store_at(b, i));
		assert_int_equal(logs_store_place(a, logs_store_number(a, i)), i);
	}
}

static void same_filtered(struct logs_store *a, struct logs_store *b, const char *include)
{
	struct logs_filter *filters[2] = { logs_filter_new(a), logs_filter_new(b) };
	struct logs_pattern *wanted = logs_pattern_new(include, NULL);
	size_t i;

	assert_int_equal(logs_search_count(a, wanted), logs_search_count(b, wanted));
	for (i = 0; i < 2; i++) {
		logs_filter_include(filters[i], logs_pattern_new(include, NULL));
		logs_filter_hide_source(filters[i], 3, true);
		while (!logs_filter_work(filters[i], 500))
			;
	}
	assert_true(logs_filter_shown(filters[0]) > 0);
	assert_int_equal(logs_filter_shown(filters[0]), logs_filter_shown(filters[1]));
	for (i = 0; i < logs_filter_shown(filters[0]); i++)
		assert_int_equal(logs_filter_number(filters[0], i), logs_filter_number(filters[1], i));
	logs_filter_free(filters[0]);
	logs_filter_free(filters[1]);
	logs_pattern_free(wanted);
}

/* Every row that matches, found one after the other through the disk. */
static void same_found(struct logs_store *a, struct logs_store *b, const char *text)
{
	struct logs_filter *filters[2] = { logs_filter_new(a), logs_filter_new(b) };
	struct logs_pattern *wanted = logs_pattern_new(text, NULL);
	struct logs_store *stores[2] = { a, b };
	size_t row[2] = { 0, 0 }, i, step;

	for (step = 0; step < 40; step++) {
		for (i = 0; i < 2; i++) {
			struct logs_search search;
			enum logs_search_state got;

			logs_search_begin(&search, stores[i], filters[i], wanted, row[i], step % 3 == 2);
			while ((got = logs_search_work(&search, 100, &row[i])) == LOGS_SEARCH_GOING_ON)
				;
			assert_int_equal(got, LOGS_SEARCH_FOUND);
		}
		assert_int_equal(row[0], row[1]);
	}
	logs_filter_free(filters[0]);
	logs_filter_free(filters[1]);
	logs_pattern_free(wanted);
}

static void test_like_one_without_ceiling(void **state)
{
	enum { LINES = 250000 };
	struct logs_store *whole = logs_store_new((size_t)1 << 30);
	struct disk disk;
	size_t most = 0;
	int i;

	(void)state;
	disk_new(&disk, 4 * (size_t)LOGS_CHUNK, 256 * (uint64_t)LOGS_CHUNK);
	for (i = 0; i < LINES; i++) {
		struct made made = make(i);

		add_to(disk.store, &made);
		add_to(whole, &made);
		if (any(5000) == 0)
			loop_turn(disk.loop, 0);
		keep_up(&disk);
		most = logs_store_bytes(disk.store) > most ? logs_store_bytes(disk.store) : most;
		if (i % 60000 == 59999)
			same_stores(disk.store, whole);
	}
	print_message("# %zu KiB at most in memory, %llu KiB on disk\n", most / 1024, (unsigned long long)logs_store_disk_bytes(disk.store) / 1024);
	assert_true(logs_store_disk_bytes(disk.store) > 16 * (uint64_t)LOGS_CHUNK);
	assert_true(most <= 5 * (size_t)LOGS_CHUNK);
	assert_int_equal(logs_store_dropped(disk.store), 0);
	assert_int_equal(disk.problems, 0);
	same_stores(disk.store, whole);
	same_filtered(disk.store, whole, "timeout [0-9]*7 ");
	same_found(disk.store, whole, "warn: retry \\d*00 ok");
	logs_store_free(whole);
	disk_free(&disk);
}

/* The same lines at each number still held as were added, and each number below is gone. */
static void holds_the_newest(struct disk *disk, uint64_t added)
{
	uint64_t begin = logs_store_begin(disk->store), number;
	char want[80];

	assert_int_equal(logs_store_end(disk->store), added);
	assert_int_equal(logs_store_dropped(disk->store), begin);
	assert_int_equal(logs_store_count(disk->store), added - begin);
	for (number = begin; number < added; number++) {
		struct logs_line line = logs_store_line(disk->store, number);
		int len = snprintf(want, sizeof(want), "line number %llu with some more text behind it", (unsigned long long)number);

		assert_int_equal(line.len, len);
		assert_memory_equal(line.text, want, line.len);
	}
	assert_null(begin ? logs_store_line(disk->store, begin - 1).text : NULL);
}

static uint64_t add_numbered(struct disk *disk, uint64_t from, uint64_t count)
{
	char text[80];

	for (; count; count--, from++) {
		int len = snprintf(text, sizeof(text), "line number %llu with some more text behind it", (unsigned long long)from);

		logs_store_add(disk->store, (uint16_t)(from % 3), (int64_t)from + 1, 0, 0, text, (size_t)len);
		keep_up(disk);
	}
	return from;
}

/* The disk has a ceiling too: the oldest go, the loss is counted, and the file grows no further. */
static void test_small_disk(void **state)
{
	struct disk disk;
	struct stat file;
	uint64_t added = 0;
	int i;

	(void)state;
	disk_new(&disk, 2 * (size_t)LOGS_CHUNK, 7 * (uint64_t)LOGS_CHUNK + 12345);
	for (i = 0; i < 12; i++) {
		added = add_numbered(&disk, added, 40000);
		holds_the_newest(&disk, added);
	}
	assert_true(logs_store_dropped(disk.store) > 0);
	assert_true(logs_store_disk_bytes(disk.store) > 4 * (uint64_t)LOGS_CHUNK);
	assert_int_equal(fstat(disk.fd, &file), 0);
	assert_true(file.st_size <= 7 * (off_t)LOGS_CHUNK + 12345);
	assert_int_equal(disk.problems, 0);
	disk_free(&disk);
}

/* A filter at work while the disk drops. */
static void test_filter_while_the_disk_drops(void **state)
{
	struct disk disk;
	struct logs_filter *filter;
	uint64_t added = 0;
	size_t row;
	int i;

	(void)state;
	disk_new(&disk, 2 * (size_t)LOGS_CHUNK, 5 * (uint64_t)LOGS_CHUNK);
	filter = logs_filter_new(disk.store);
	logs_filter_include(filter, logs_pattern_new("number \\d*7 ", NULL));
	for (i = 0; i < 60; i++) {
		added = add_numbered(&disk, added, 5000);
		logs_filter_work(filter, i % 2 ? 0 : 100000);
	}
	while (!logs_filter_work(filter, 0))
		;
	assert_true(logs_store_begin(disk.store) > 0);
	for (row = 0; row < logs_filter_shown(filter); row++)
		assert_int_equal(logs_filter_number(filter, row), logs_store_begin(disk.store) / 10 * 10 + 7 + 10 * (row + (logs_store_begin(disk.store) % 10 > 7)));
	assert_int_equal(logs_filter_shown(filter), (added + 2) / 10 - (logs_store_begin(disk.store) + 2) / 10);
	logs_filter_free(filter);
	disk_free(&disk);
}

/* ---- disks that fail ---- */

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_DFL); /* it would end the test, if the worker did not keep it away */
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What was written stays in use, in a smaller ring, and it is said once. */
static void test_full_disk(void **state)
{
	struct disk disk;
	uint64_t added;

	(void)state;
	disk_new(&disk, 2 * (size_t)LOGS_CHUNK, 64 * (uint64_t)LOGS_CHUNK);
	limit_files(5 * LOGS_CHUNK + 4321);
	added = add_numbered(&disk, 0, 200000);
	holds_the_newest(&disk, added);
	assert_int_equal(disk.problems, 1);
	assert_int_equal(disk.problem.status, STATUS_INPUT);
	assert_string_equal(disk.problem.code, "log-disk");
	assert_non_null(strstr(disk.problem.message, "File too large"));
	assert_true(logs_store_dropped(disk.store) > 0);
	assert_true(logs_store_disk_bytes(disk.store) > 2 * (uint64_t)LOGS_CHUNK);
	added = add_numbered(&disk, added, 200000);
	holds_the_newest(&disk, added);
	assert_int_equal(disk.problems, 1);
	limit_files(RLIM_INFINITY);
	disk_free(&disk);
}

/* A disk that takes nothing at all leaves a store like one without it. */
static void test_no_disk(void **state)
{
	struct disk disk;
	uint64_t added;

	(void)state;
	disk_new(&disk, 2 * (size_t)LOGS_CHUNK, 64 * (uint64_t)LOGS_CHUNK);
	limit_files(0);
	added = add_numbered(&disk, 0, 100000);
	limit_files(RLIM_INFINITY);
	holds_the_newest(&disk, added);
	assert_int_equal(disk.problems, 1);
	assert_int_equal(logs_store_disk_bytes(disk.store), 0);
	assert_true(logs_store_bytes(disk.store) <= 3 * (size_t)LOGS_CHUNK);
	assert_true(logs_store_dropped(disk.store) > 0);
	disk_free(&disk);
}

/* What others need of a disk stays free. */
static void test_nearly_full_disk(void **state)
{
	char path[] = "logs-spill-XXXXXX";
	struct disk disk;
	uint64_t added;

	(void)state;
	disk_on(&disk, mkstemp(path), 2 * (size_t)LOGS_CHUNK, 64 * (uint64_t)LOGS_CHUNK, UINT64_MAX / 2);
	unlink(path);
	added = add_numbered(&disk, 0, 100000);
	holds_the_newest(&disk, added);
	assert_int_equal(disk.problems, 1);
	assert_non_null(strstr(disk.problem.message, "No space left"));
	assert_int_equal(logs_store_disk_bytes(disk.store), 0);
	disk_free(&disk);
}

/* A disk that fails when it is read: no crash, the lines on it are given up, and that is said. */
static void test_unreadable_disk(void **state)
{
	struct disk disk;
	struct logs_filter *filter;
	uint64_t added;
	size_t i;

	(void)state;
	disk_new(&disk, 2 * (size_t)LOGS_CHUNK, 64 * (uint64_t)LOGS_CHUNK);
	added = add_numbered(&disk, 0, 100000);
	while (logs_store_bytes(disk.store) > 2 * (size_t)LOGS_CHUNK)
		loop_turn(disk.loop, 1000);
	filter = logs_filter_new(disk.store);
	logs_filter_include(filter, logs_pattern_new("number", NULL));
	assert_int_equal(ftruncate(disk.fd, 300000), 0); /* pages behind it can be read no more: a bus error */
	for (i = 0; i < logs_store_count(disk.store); i++) {
		struct logs_line line = logs_store_line(disk.store, i);

		assert_true(line.len < LOGS_CHUNK && (!line.len || memchr(line.text, '\n', line.len) != line.text));
	}
	while (!logs_filter_work(filter, 0))
		;
	logs_store_tend(disk.store);
	assert_int_equal(disk.problems, 1);
	assert_non_null(strstr(disk.problem.message, "gave log lines back no more"));
	holds_the_newest(&disk, added);
	assert_int_equal(logs_store_disk_bytes(disk.store), 0);
	assert_true(logs_store_count(disk.store) > 0);
	added = add_numbered(&disk, added, 100000);
	holds_the_newest(&disk, added);
	logs_filter_free(filter);
	disk_free(&disk);
}

/* Going while a chunk is being written. */
static void test_free_while_writing(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct disk disk;
		char text[1000];
		int k;

		disk_new(&disk, 0, 64 * (uint64_t)LOGS_CHUNK);
		memset(text, 'x', sizeof(text));
		for (k = 0; k < 2200 + i * 100; k++)
			logs_store_add(disk.store, 0, k + 1, 0, 0, text, sizeof(text));
		if (i % 2)
			loop_turn(disk.loop, 0);
		if (i % 3) {
			logs_store_free(disk.store);
			disk.store = NULL;
			loop_turn(disk.loop, 1000);
		}
		disk_free(&disk);
	}
}

/* ---- the file ---- */

static size_t entries(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

/* The newest descriptor is the file's. */
static void has_no_name(int fd)
{
	struct stat file;

	assert_int_equal(fstat(fd, &file), 0);
	assert_int_equal(file.st_nlink, 0);
	assert_int_equal(file.st_mode & 07777, 0600);
}

static void test_file(void **state)
{
	char folder[] = "logs-spill-XXXXXX", *inner;
	struct error err = { 0 };
	struct loop *loop = loop_new(&err);
	struct logs_spill *spill;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	inner = mem_printf("%s/made/on the way", folder);
	fd = dup(0); /* the next one to be given out */
	close(fd);
	spill = logs_spill_new(loop, inner, LOGS_CHUNK, &err);
	assert_int_equal(spill != NULL, logs_spill_try(inner, &err));
	if (spill) {
		has_no_name(fd);
		assert_int_equal(entries(inner), 0);
	} else {
		assert_non_null(strstr(err.message, "is in memory")); /* the tests are run in a tmpfs */
	}
	logs_spill_free(spill);
	loop_free(loop);
	rmdir(inner);
	*strrchr(inner, '/') = '\0';
	rmdir(inner);
	rmdir(folder);
	free(inner);
}

static void test_no_such_place(void **state)
{
	struct error err = { 0 };
	struct loop *loop = loop_new(&err);

	(void)state;
	assert_null(logs_spill_new(loop, "/proc/self/nowhere", LOGS_CHUNK, &err));
	assert_int_equal(err.status, STATUS_INPUT);
	assert_true(err.next[0]);
	error_clear(&err);
	assert_null(logs_spill_new(loop, "/dev/shm", LOGS_CHUNK, &err));
	assert_non_null(strstr(err.message, "in memory"));
	assert_non_null(strstr(err.next, "--log-disk-dir"));
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_like_one_without_ceiling),
		cmocka_unit_test(test_small_disk),
		cmocka_unit_test(test_filter_while_the_disk_drops),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_no_disk),
		cmocka_unit_test(test_nearly_full_disk),
		cmocka_unit_test(test_unreadable_disk),
		cmocka_unit_test(test_free_while_writing),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_no_such_place),
	};

	return cmocka_run_group_tests_name("logs_spill", tests, NULL, NULL);
}
