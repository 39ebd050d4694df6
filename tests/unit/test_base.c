/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/secret.h"
#include "base/text.h"
#include "unit/unit.h"

static void safe_is(const char *in, const char *want)
{
	struct buf out = BUF_INIT;

	text_safe(&out, in, strlen(in), TEXT_ONE_LINE);
	assert_string_equal(buf_text(&out), want);
	buf_clear(&out);
}

static void test_safe(void **state)
{
	(void)state;
	safe_is("plain é …", "plain é …");
	safe_is("\033]0;title\007", "^[]0;title^G");
	safe_is("a\nb\tc", "a^Jb^Ic");
	safe_is("\xE2\x80\xAE" "evil", "<U+202E>evil");
	safe_is("\xC2\x9B" "31m", "<U+009B>31m");
	safe_is("\x9B" "31m", "<9B>31m");
	safe_is("\xC0\xAF\xED\xA0\x80", "<C0><AF><ED><A0><80>");
}

static void test_short(void **state)
{
	char out[TEXT_SHORT_SIZE];

	(void)state;
	assert_string_equal(text_short_hex(out, "0x5fc8d32690cc91d4c39d9d3abcbd16989f875707"), "0x5fc8…5707");
	assert_string_equal(text_short_hex(out, "42ac000000000000bf5c"), "42ac…bf5c");
	assert_string_equal(text_short_hex(out, "0x12"), "0x12");
	assert_string_equal(text_bare_hex("0x42ac"), "42ac");
	assert_string_equal(text_bare_hex("42ac"), "42ac");
	assert_string_equal(text_bare_hex(""), "");
	assert_string_equal(text_duration(out, 850), "850 ms");
	assert_string_equal(text_duration(out, 0), "<1 ms");
	assert_string_equal(text_duration(out, 185000), "3m 05s");
	assert_string_equal(text_duration(out, 276480000), "3d 4h");
}

static void test_hash(void **state)
{
	uint8_t out[48], want[48];

	(void)state;
	hash_keccak256(out, "", 0);
	assert_true(hex_decode(want, 32, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"));
	assert_memory_equal(out, want, 32);
	hash_sha384(out, "abc", 3);
	assert_true(hex_decode(want, 48, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"));
	assert_memory_equal(out, want, 48);
}

static void test_clock(void **state)
{
	int64_t ms;
	uint32_t ns;
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	assert_true(clock_parse("2026-01-02T03:04:05.123456789Z", &ms, &ns));
	assert_int_equal(ns, 123456789);
	assert_string_equal(clock_format(text, ms), "2026-01-02T03:04:05Z");
	assert_true(clock_parse("2026-01-02T03:04:05+02:00", &ms, NULL));
	assert_string_equal(clock_format(text, ms), "2026-01-02T01:04:05Z");
	assert_false(clock_parse("2026-13-02T03:04:05Z", &ms, NULL));
	assert_false(clock_parse("", &ms, NULL));
}

static void test_buf_ceiling(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	buf_add_text(&buf, "abc");
	assert_false(buf.overflow);
	buf_add_text(&buf, "de");
	assert_true(buf.overflow);
	assert_string_equal(buf_text(&buf), "abc");
	buf_clear(&buf);
}

/* Closed standard files get no other file's number. */
static void test_standard_files(void **state)
{
	pid_t child = fork();
	int status = -1;

	(void)state;
	if (child == 0) {
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		_exit(file_hold_standard() && open("/dev/null", O_RDONLY) > STDERR_FILENO && write(STDOUT_FILENO, "x", 1) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* What is no regular file is written into, and nothing takes its place; other files are replaced whole. */
static void test_file_write(void **state)
{
	char dir[] = "/tmp/base-test-XXXXXX", path[64], text[8] = "";
	struct stat there;
	struct buf read_back = BUF_INIT;
	struct error err;
	int reader;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(file_write(path, "hello", 5, 0600, &err));
	assert_int_equal(read(reader, text, sizeof(text)), 5);
	close(reader);
	assert_true(stat(path, &there) == 0 && S_ISFIFO(there.st_mode));
	unlink(path);
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_true(file_write(path, "one", 3, 0600, &err));
	assert_true(file_write(path, "two", 3, 0600, &err));
	assert_true(file_read(path, "file", 100, &read_back, &err));
	assert_string_equal(buf_text(&read_back), "two");
	assert_false(file_write(dir, "x", 1, 0600, &err));
	assert_string_equal(err.code, "file-unwritable");
	unlink(path);
	rmdir(dir);
	buf_clear(&read_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_safe), cmocka_unit_test(test_short), cmocka_unit_test(test_hash), cmocka_unit_test(test_clock),
		cmocka_unit_test(test_buf_ceiling), cmocka_unit_test(test_standard_files), cmocka_unit_test(test_file_write),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return secret_setup(NULL) ? cmocka_run_group_tests_name("base", tests, NULL, NULL) : 1;
}
