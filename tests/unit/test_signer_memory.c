/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After signing and clearing, the key is nowhere in the process's memory.
 *
 * The needle is made byte by byte from a masked form while searching, so that
 * the search does not find itself; a control shows that a key which is there
 * is found. The key and password are throw-away test values.
 */
#include "config.h"

#include "unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "chain/signer.h"

enum { KEY = 32, MASK = 0xa5, CHUNK = 1 << 16, DIGITS = 64 };

/* The key, each byte exclusive-or MASK. */
static const uint8_t masked_key[KEY] = {
	0xf2, 0x4c, 0x5c, 0x90, 0x97, 0xcf, 0xd5, 0xef, 0xd5, 0xca, 0x08, 0x76, 0x67, 0x95, 0x20, 0xd6,
	0x30, 0x23, 0x3c, 0x00, 0xe8, 0xc9, 0x56, 0x99, 0x17, 0x27, 0xaf, 0xb8, 0x63, 0xbe, 0x65, 0xc5,
};
/* The password of the keystore below, masked likewise. */
static const uint8_t masked_password[] = { 'l' ^ MASK, 'o' ^ MASK, 'w' ^ MASK };

static const char keystore_text[] =
	"{\"version\":3,\"crypto\":{\"ciphertext\":\"46eabb84203e03920d6e12c4d2808dac43e4781e04a4f7f9cb07f30e489fd158\","
	"\"cipherparams\":{\"iv\":\"4cc3d928ea88d96d9af4c39e82aa27a2\"},\"cipher\":\"aes-128-ctr\",\"kdf\":\"scrypt\","
	"\"kdfparams\":{\"n\":1024,\"r\":8,\"p\":1,\"dklen\":32,\"salt\":\"2da7f6be290cae3e18bda6c9ba20c4851741677f45ca7d23ac201e18032d1f6d\"},"
	"\"mac\":\"3e9c804a5966752636a15269abda8c042ce3d630faade80cfef7a14e3d56dd88\"}}";

/* How the key may lie in memory: as it is, as hex text, as words of 64 bits little-endian. */
enum form { FORM_BYTES, FORM_HEX, FORM_LIMBS, FORMS };

static uint8_t needle_byte(enum form form, size_t i)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t byte;

	if (form == FORM_BYTES)
		return masked_key[i] ^ MASK;
	if (form == FORM_LIMBS)
		return masked_key[KEY - 1 - i] ^ MASK;
	byte = masked_key[i / 2] ^ MASK;
	return (uint8_t)digits[i % 2 ? byte & 15 : byte >> 4];
}

static size_t needle_len(enum form form)
{
	return form == FORM_HEX ? DIGITS : KEY;
}

static bool is_at(const uint8_t *at, enum form form)
{
	for (size_t i = 0; i < needle_len(form); i++)
		if (at[i] != needle_byte(form, i))
			return false;
	return true;
}

static size_t count_in(const uint8_t *bytes, size_t len)
{
	size_t found = 0;

	for (enum form form = 0; form < FORMS; form++)
		for (size_t i = 0; i + needle_len(form) <= len; i++)
			if (is_at(bytes + i, form))
				found++;
	return found;
}

/* Reads one mapping in pieces that overlap by a needle, past the piece itself. */
static size_t search_range(int mem, unsigned long from, unsigned long to, uint8_t *piece)
{
	size_t found = 0;

	for (unsigned long at = from; at < to; at += CHUNK) {
		size_t want = to - at < CHUNK + DIGITS - 1 ? to - at : CHUNK + DIGITS - 1;
		ssize_t got = pread(mem, piece, want, (off_t)at);

		if (got > 0)
			found += count_in(piece, (size_t)got);
		secret_wipe(piece, CHUNK + DIGITS);
	}
	return found;
}

/* One mapping without the piece, into which the kernel may have merged it. */
static size_t search_but(int mem, unsigned long from, unsigned long to, uint8_t *piece)
{
	unsigned long begin = (unsigned long)piece, end = begin + CHUNK + DIGITS;

	if (end <= from || begin >= to)
		return search_range(mem, from, to, piece);
	return search_range(mem, from, begin, piece) + search_range(mem, end, to, piece);
}

/* Counts the key's copies in all writable memory. Out: *bytes searched. */
static size_t search_memory(uint64_t *bytes)
{
	uint8_t *piece = mmap(NULL, CHUNK + DIGITS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *maps = fopen("/proc/self/maps", "re");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512], rights[8];
	unsigned long from, to;
	size_t found = 0;

	assert_true(piece != MAP_FAILED && maps && mem >= 0);
	*bytes = 0;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[1] != 'w')
			continue;
		found += search_but(mem, from, to, piece);
		*bytes += to - from;
	}
	close(mem);
	fclose(maps);
	munmap(piece, CHUNK + DIGITS);
	return found;
}

static void fill_key(uint8_t out[KEY])
{
	for (size_t i = 0; i < KEY; i++)
		out[i] = masked_key[i] ^ MASK;
}

static struct tx example(void)
{
	struct tx tx = { .chain_id = 1, .nonce = 1, .gas = 21000 };

	tx.max_fee = u256_from_u64(1000);
	return tx;
}

static void on_result(void *ctx, const struct signer_result *result)
{
	assert_null(result->error);
	++*(int *)ctx;
}

static void on_report(void *ctx, const struct error *err)
{
	assert_null(err);
	++*(int *)ctx;
}

static void wait_for(struct loop *loop, const int *count, int want)
{
	int64_t end = clock_mono_ms() + 30000;

	while (*count < want && clock_mono_ms() < end)
		loop_turn(loop, 100);
	assert_int_equal(*count, want);
}

static void sign_once(struct loop *loop, struct signer *signer)
{
	struct tx tx = example();
	struct bytes32 digest;
	int done = 0;

	tx_signing_hash(&tx, &digest);
	signer_sign(signer, &tx, &digest, on_result, &done);
	wait_for(loop, &done, 1);
	tx_clear(&tx);
}

static void test_control(void **state)
{
	uint8_t *copy = mem_new(KEY, 1);
	uint64_t bytes;

	(void)state;
	assert_int_equal(search_memory(&bytes), 0);
	fill_key(copy);
	assert_true(search_memory(&bytes) >= 1);
	secret_wipe(copy, KEY);
	free(copy);
	assert_int_equal(search_memory(&bytes), 0);
	print_message("# searched %llu KiB\n", (unsigned long long)(bytes >> 10));
}

static void test_raw_key(void **state)
{
	struct loop *loop = loop_new(NULL);
	struct secret text = SECRET_INIT, key = SECRET_INIT;
	struct signer *signer;
	uint64_t bytes;

	(void)state;
	secret_alloc(&text, DIGITS);
	for (size_t i = 0; i < DIGITS; i++)
		text.data[i] = needle_byte(FORM_HEX, i);
	assert_true(signer_parse_key(&text, &key, NULL));
	signer = signer_new_key(loop, &key, "a test", NULL);
	assert_non_null(signer);
	sign_once(loop, signer);
	assert_true(search_memory(&bytes) >= 1);
	signer_lock(signer);
	assert_int_equal(search_memory(&bytes), 0);
	signer_free(signer);
	loop_free(loop);
	assert_int_equal(search_memory(&bytes), 0);
}

static void test_keystore(void **state)
{
	struct loop *loop = loop_new(NULL);
	char *path = mem_printf("/tmp/cvmdeck-test-memory-%d.json", (int)getpid());
	struct secret password = SECRET_INIT;
	struct signer *signer;
	uint64_t bytes;
	int done = 0;

	(void)state;
	assert_true(file_write(path, keystore_text, strlen(keystore_text), 0600, NULL));
	signer = signer_new_keystore(loop, path, NULL);
	unlink(path);
	free(path);
	assert_non_null(signer);
	secret_alloc(&password, sizeof(masked_password));
	for (size_t i = 0; i < sizeof(masked_password); i++)
		password.data[i] = masked_password[i] ^ MASK;
	signer_set_rule(signer, (struct signer_rule){ .wipe_after_use = true });
	signer_unlock(signer, &password, on_report, &done);
	wait_for(loop, &done, 1);
	sign_once(loop, signer);
	assert_int_equal(search_memory(&bytes), 0);
	signer_free(signer);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_raw_key),
		cmocka_unit_test(test_keystore),
	};

#ifdef WITH_SANITIZERS
	/* Their shadow is terabytes of memory, and they keep what was freed. */
	print_message("1..0 # SKIP not under the sanitizers\n");
	return 0;
#endif
	if (!secret_setup(NULL))
		return 1;
	/* The test looks into its own memory, which the product forbids. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return cmocka_run_group_tests_name("signer_memory", tests, NULL, NULL);
}
