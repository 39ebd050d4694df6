/* SPDX-License-Identifier: Apache-2.0 */
/* Lines written to a file while others come and go: the loop's real worker, real files. */
#include "config.h"

#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "child.h"
#include "ui/log_save.h"

struct saving {
	struct loop *loop;
	struct logs_store *store;
	struct log_save *save;
	char *folder, *path;
	bool over;
	size_t lines, lost;
	struct error error;
};

static void done(void *ctx, const char *path, size_t lines, size_t lost, const struct error *err)
{
	struct saving *saving = ctx;

	assert_string_equal(path, saving->path);
	saving->over = true;
	saving->lines = lines;
	saving->lost = lost;
	saving->error = *err;
}

static void name(void *ctx, uint16_t source, char *out, size_t size)
{
	(void)ctx;
	snprintf(out, size, "s%u", (unsigned)source);
}

static int begin(void **state)
{
	struct saving *saving = mem_new(1, sizeof(*saving));
	struct error err;

	saving->loop = loop_new(&err);
	saving->folder = child_make_dir();
	saving->path = mem_printf("%s/lines", saving->folder);
	*state = saving;
	return 0;
}

static int end(void **state)
{
	struct saving *saving = *state;

	logs_store_free(saving->store);
	loop_free(saving->loop);
	child_remove_dir(saving->folder);
	free(saving->folder);
	free(saving->path);
	free(saving);
	return 0;
}

static void add(struct saving *saving, uint16_t source, int64_t time_us, int number)
{
	char text[80];
	int len = snprintf(text, sizeof(text), "line %06d with some words that make it as long as usual", number);

	logs_store_add(saving->store, source, time_us, 0, 0, text, (size_t)len);
}

static void start(struct saving *saving)
{
	struct log_save_handler handler = { done, name, saving };
	struct error err;

	saving->save = log_save_start(saving->loop, saving->store, NULL, 0, saving->path, &handler, &err);
	assert_non_null(saving->save);
}

static void finish(struct saving *saving)
{
	while (!saving->over)
		loop_turn(saving->loop, 1000);
}

static struct buf contents(const struct saving *saving)
{
	struct buf text = BUF_INIT;
	struct error err;

	assert_true(file_read(saving->path, "saved lines", (size_t)64 << 20, &text, &err));
	return text;
}

/* The numbers in the file are first to first + count - 1, in this order, and nothing else is there. */
static void holds(const struct saving *saving, int first, size_t count)
{
	struct buf text = contents(saving);
	const char *at = buf_text(&text);
	size_t i;

	for (i = 0; i < count; i++) {
		const char *line = strstr(at, " line ");

		assert_non_null(line);
		assert_int_equal(atoi(line + 6), first + (int)i);
		at = strchr(line, '\n');
		assert_non_null(at);
		at++;
	}
	assert_int_equal(*at, '\0');
	buf_clear(&text);
}

/* What there was at the start, in merged order; what comes meanwhile is not in it, wherever it stands. */
static void test_while_lines_come(void **state)
{
	enum { LINES = 40000 };
	struct saving *saving = *state;
	size_t turns = 0;
	int i;

	saving->store = logs_store_new((size_t)64 << 20);
	for (i = 0; i < LINES; i += 2) {
		add(saving, 0, 1 + i * 10, i);
		if (i >= 1000)
			add(saving, 1, 1 + (i - 999) * 10, i - 999);
	}
	for (i = LINES - 999; i < LINES; i += 2)
		add(saving, 1, 1 + i * 10, i);
	start(saving);
	while (!saving->over) {
		loop_turn(saving->loop, 1000);
		turns++;
		for (i = 0; i < 50; i++)
			add(saving, (uint16_t)(2 + turns), 1 + (i * 7919 * 10) % (LINES * 10), 999999);
	}
	assert_true(turns > 3);
	assert_int_equal(saving->error.status, STATUS_OK);
	assert_int_equal(saving->lines, LINES);
	assert_int_equal(saving->lost, 0);
	holds(saving, 0, LINES);
}

/* The oldest go while they are written: the loss is told, the rest is there. */
static void test_while_lines_go(void **state)
{
	enum { LINES = 20000 };
	struct saving *saving = *state;
	int number = 0, i;

	saving->store = logs_store_new(2 * (size_t)LOGS_CHUNK);
	for (; number < LINES; number++)
		add(saving, 0, 1 + number, number);
	assert_int_equal(logs_store_dropped(saving->store), 0);
	start(saving);
	while (!saving->over) {
		for (i = 0; i < 40000; i++, number++)
			add(saving, 0, 1 + number, number);
		loop_turn(saving->loop, 1000);
	}
	assert_int_equal(saving->error.status, STATUS_OK);
	assert_true(saving->lost > 0);
	assert_int_equal(saving->lines + saving->lost, LINES);
	holds(saving, 0, saving->lines);
}

/* A line in pieces is one again; colours are left out, what could harm is made visible. */
static void test_text(void **state)
{
	static const char coloured[] = "\033[1;31mred\033[0m \033]0;title\007 tab\there";
	struct saving *saving = *state;
	size_t len = 3 * (size_t)LIMIT_LOG_LINE + 5;
	char *text = mem_new(1, len + 1), *want;
	struct buf got;

	memset(text, 'x', len);
	saving->store = logs_store_new(0);
	logs_store_add(saving->store, 0, 1000000, 0, LOGS_STDERR, coloured, sizeof(coloured) - 1);
	logs_store_add(saving->store, 1, 2000000, 0, 0, text, len);
	logs_store_add(saving->store, 9, 3000000, 0, LOGS_MARKER, "mined", 5);
	logs_store_add(saving->store, 0, 4000000, 0, 0, "", 0);
	start(saving);
	finish(saving);
	got = contents(saving);
	want = mem_printf("1970-01-01T00:00:01.000000Z s0! red ^[]0;title^G tab    here\n1970-01-01T00:00:02.000000Z s1 %s\n"
	                  "1970-01-01T00:00:03.000000Z rollout mined\n1970-01-01T00:00:04.000000Z s0 \n", text);
	assert_string_equal(buf_text(&got), want);
	assert_int_equal(saving->lines, 4);
	buf_clear(&got);
	free(want);
	free(text);
}

static void test_nothing(void **state)
{
	struct saving *saving = *state;
	struct stat file;

	saving->store = logs_store_new(0);
	start(saving);
	finish(saving);
	assert_int_equal(saving->lines, 0);
	assert_int_equal(stat(saving->path, &file), 0);
	assert_int_equal(file.st_size, 0);
	assert_int_equal(file.st_mode & 07777, 0600);
}

/* A disk that is full: what was there stays, and nothing half-written is left. */
static void test_full(void **state)
{
	struct saving *saving = *state;
	struct rlimit limit;
	struct buf text;
	struct error err;
	int i;

	assert_true(file_write(saving->path, "before", 6, 0600, &err));
	saving->store = logs_store_new((size_t)64 << 20);
	for (i = 0; i < 20000; i++)
		add(saving, 0, 1 + i, i);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 500000;
	setrlimit(RLIMIT_FSIZE, &limit);
	start(saving);
	finish(saving);
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_string_equal(saving->error.code, "file-not-written");
	text = contents(saving);
	assert_string_equal(buf_text(&text), "before");
	buf_clear(&text);
	assert_int_equal(unlink(saving->path), 0);
	assert_int_equal(rmdir(saving->folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_while_lines_come, begin, end), cmocka_unit_test_setup_teardown(test_while_lines_go, begin, end),
		cmocka_unit_test_setup_teardown(test_text, begin, end),             cmocka_unit_test_setup_teardown(test_nothing, begin, end),
		cmocka_unit_test_setup_teardown(test_full, begin, end),
	};

	return cmocka_run_group_tests_name("log_save", tests, NULL, NULL);
}
