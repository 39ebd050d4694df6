/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the signatures, while the real program still follows the CVM: the
 * key, the password and the env values are nowhere in its memory, its argv and
 * environment, its outputs, or any file it wrote. A control shows that what is
 * there is found. All values are throw-away ones.
 */
#include "config.h"

#include "unit/unit.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"

#define CVM "checkout-web"
#define ENV_VALUE "throw-away-env-value-93ab17"
#define PASSWORD "throw-away-password-71c2e9"
#define NEVER_UP "{\"rollout\":{\"mode\":\"never\"}}"

enum { NEEDLES = 6, CHUNK = 1 << 20 };

/* The sandbox owner's key under PASSWORD. */
static const char keystore[] =
	"{\"version\":3,\"address\":\"f39fd6e51aad88f6f4ce6ab8827279cfffb92266\",\"crypto\":{\"cipher\":\"aes-128-ctr\","
	"\"cipherparams\":{\"iv\":\"000102030405060708090a0b0c0d0e0f\"},"
	"\"ciphertext\":\"12e54258bdc4860a062688181ee6946da403059ae5e063b886448bf41768fbf6\",\"kdf\":\"pbkdf2\","
	"\"kdfparams\":{\"c\":2000,\"dklen\":32,\"prf\":\"hmac-sha256\","
	"\"salt\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"},"
	"\"mac\":\"5f41e5ecbec596d2b4c7891aca74af1d9ac5de9d645c3ee96871cf3a351aa8ff\"}}";

struct needle {
	const char *name;
	uint8_t bytes[80];
	size_t len;
};

/* The sanitizers map shadow memory of terabytes and keep what was freed: nothing to be searched. */
#ifdef WITH_SANITIZERS
static const bool memory_is_searched = false;
#else
static const bool memory_is_searched = true;
#endif

static struct needle needles[NEEDLES];
static struct deck *deck;

static void set_needle(size_t i, const char *name, const void *bytes, size_t len)
{
	needles[i].name = name;
	memcpy(needles[i].bytes, bytes, len);
	needles[i].len = len;
}

static void make_needles(void)
{
	char hex[65], upper[65];
	uint8_t key[32], limbs[32];
	size_t i;

	text_copy(hex, sizeof(hex), deck_value(deck, "private-key") + 2);
	assert_true(hex_decode(key, sizeof(key), hex));
	for (i = 0; i < 65; i++)
		upper[i] = hex[i] >= 'a' ? (char)(hex[i] - 32) : hex[i];
	for (i = 0; i < 32; i++)
		limbs[i] = key[31 - i];
	set_needle(0, "the key's bytes", key, 32);
	set_needle(1, "the key in hex", hex, 64);
	set_needle(2, "the key in upper-case hex", upper, 64);
	set_needle(3, "the key in words", limbs, 32);
	set_needle(4, "the password", PASSWORD, strlen(PASSWORD));
	set_needle(5, "an env value", ENV_VALUE, strlen(ENV_VALUE));
}

static const char *found_in(const void *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < NEEDLES; i++)
		if (memmem(bytes, len, needles[i].bytes, needles[i].len))
			return needles[i].name;
	return NULL;
}

static void expect_none(const char *where, const void *bytes, size_t len)
{
	const char *name = found_in(bytes, len);

	if (name)
		fail_msg("%s holds %s", where, name);
}

/* ---- the process ---- */

static void check_proc(pid_t pid, const char *name)
{
	char *path = mem_printf("/proc/%ld/%s", (long)pid, name);
	FILE *file = fopen(path, "rb");
	char *bytes = mem_new(CHUNK, 1);

	if (file) { /* a process that cannot be dumped hides it from others */
		expect_none(path, bytes, fread(bytes, 1, CHUNK, file));
		fclose(file);
	}
	free(bytes);
	free(path);
}

static void check_range(FILE *memory, const char *line, unsigned long from, unsigned long to)
{
	size_t len = to - from;
	char *bytes = mem_new(len, 1);

	if (fseek(memory, (long)from, SEEK_SET) == 0)
		expect_none(line, bytes, fread(bytes, 1, len, memory));
	free(bytes);
}

/* Returns how many bytes were looked at; 0 where the system does not let us. */
static size_t check_memory(pid_t pid)
{
	char *maps_path = mem_printf("/proc/%ld/maps", (long)pid), *memory_path = mem_printf("/proc/%ld/mem", (long)pid);
	FILE *maps = fopen(maps_path, "r"), *memory = fopen(memory_path, "rb");
	char line[512], mode[8];
	unsigned long from, to;
	size_t seen = 0;

	while (maps && memory && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[0] != 'r' || to - from > (1ul << 30) || strstr(line, "[v"))
			continue;
		check_range(memory, line, from, to);
		seen += to - from;
	}
	if (maps)
		fclose(maps);
	if (memory)
		fclose(memory);
	free(maps_path);
	free(memory_path);
	return seen;
}

/* ---- files ---- */

static int check_file(const char *path, const struct stat *info, int kind, struct FTW *at)
{
	FILE *file = kind == FTW_F ? fopen(path, "rb") : NULL;
	char *bytes = mem_new((size_t)info->st_size + 1, 1);

	(void)at;
	if (file) {
		expect_none(path, bytes, fread(bytes, 1, (size_t)info->st_size, file));
		fclose(file);
	}
	free(bytes);
	return 0;
}

static void check_files(void)
{
	char *dir = deck_state_dir(deck);

	assert_int_equal(nftw(dir, check_file, 16, FTW_PHYS), 0);
	free(dir);
}

/* ---- */

/* Signed, and still at work. */
static struct child *signed_and_waiting(const char *const env[], const char *option, const char *value, const char *more, const char *more_value)
{
	const char *const args[] = { "deploy", "--cvm-id", CVM, "-c", deck_compose(deck), "-e", "SESSION_KEY=" ENV_VALUE, "--yes", "--json", "--wait", option, value,
		more, more_value, NULL };
	struct child *child = deck_start(deck, env, args);

	if (!child_wait_text(child, "\"phase\":\"rolling\"", child_deadline_ms()))
		fail_msg("it did not come so far: %s", child_output(child));
	return child;
}

/* No core file is written whatever happens, though this process may write one. */
static void check_no_core(pid_t pid)
{
	char *path = mem_printf("/proc/%ld/limits", (long)pid), line[256], soft[32], hard[32];
	FILE *file = fopen(path, "r");
	bool none = false;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "Max core file size %31s %31s", soft, hard) == 2)
			none = strcmp(soft, "0") == 0 && strcmp(hard, "0") == 0;
	fclose(file);
	if (!none)
		fail_msg("%s: a core file could be written", path);
	free(path);
}

static void check_all(struct child *child)
{
	struct deck_run run;

	check_no_core(child_pid(child));
	check_proc(child_pid(child), "cmdline");
	check_proc(child_pid(child), "environ");
	if (memory_is_searched && !check_memory(child_pid(child)))
		print_message("# its memory cannot be read here\n");
	kill(child_pid(child), SIGINT);
	deck_finish(child, &run);
	deck_expect(&run, 8, NULL);
	expect_none("the output", run.output, strlen(run.output));
	check_files();
	deck_run_clear(&run);
}

static void test_key_in_environment(void **state)
{
	(void)state;
	deck_reset(deck, NEVER_UP);
	check_all(signed_and_waiting(NULL, NULL, NULL, NULL, NULL));
}

static void test_key_in_argv(void **state)
{
	(void)state;
	deck_reset(deck, NEVER_UP);
	check_all(signed_and_waiting((const char *const[]){ "PRIVATE_KEY", NULL }, "--private-key", deck_value(deck, "private-key"), NULL, NULL));
}

static void test_key_in_file(void **state)
{
	const char *key = deck_value(deck, "private-key");
	char *path;

	(void)state;
	deck_reset(deck, NEVER_UP);
	path = deck_write(deck, "key", key, strlen(key));
	check_all(signed_and_waiting((const char *const[]){ "PRIVATE_KEY", NULL }, "--private-key-file", path, NULL, NULL));
	free(path);
}

static void test_keystore(void **state)
{
	char *path, *password;

	(void)state;
	deck_reset(deck, NEVER_UP);
	path = deck_write(deck, "keystore.json", keystore, sizeof(keystore) - 1);
	password = deck_write(deck, "password", PASSWORD "\n", sizeof(PASSWORD));
	check_all(signed_and_waiting((const char *const[]){ "PRIVATE_KEY", NULL }, "--keystore", path, "--password-file", password));
	free(path);
	free(password);
}

/* By its name, in the folder where cast keeps them. */
static void test_account(void **state)
{
	char *folder, *path, *password;

	(void)state;
	deck_reset(deck, NEVER_UP);
	folder = deck_path(deck, ".foundry");
	assert_int_equal(mkdir(folder, 0700), 0);
	free(folder);
	folder = deck_path(deck, ".foundry/keystores");
	assert_int_equal(mkdir(folder, 0700), 0);
	path = deck_write(deck, ".foundry/keystores/ops", keystore, sizeof(keystore) - 1);
	password = deck_write(deck, "password", PASSWORD "\n", sizeof(PASSWORD));
	check_all(signed_and_waiting((const char *const[]){ "PRIVATE_KEY", NULL }, "--account", "ops", "--password-file", password));
	free(folder);
	free(path);
	free(password);
}

/* What is there is found: this process holds the needles. */
static void test_control(void **state)
{
	char held[128];

	(void)state;
	snprintf(held, sizeof(held), "before %s behind", ENV_VALUE);
	assert_string_equal(found_in(held, sizeof(held)), "an env value");
	memcpy(held + 3, needles[3].bytes, needles[3].len);
	assert_string_equal(found_in(held, sizeof(held)), "the key in words");
}

static int up(void **state)
{
	struct rlimit core;

	(void)state;
	if (getrlimit(RLIMIT_CORE, &core) == 0) { /* the program must not have it from us */
		core.rlim_cur = core.rlim_max;
		setrlimit(RLIMIT_CORE, &core);
	}
	deck = deck_new(NULL);
	make_needles();
	return 0;
}

static int down(void **state)
{
	(void)state;
	deck_free(deck);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control), cmocka_unit_test(test_key_in_environment), cmocka_unit_test(test_key_in_argv),
		cmocka_unit_test(test_key_in_file), cmocka_unit_test(test_keystore), cmocka_unit_test(test_account),
	};

	return cmocka_run_group_tests_name("secrets", tests, up, down);
}
