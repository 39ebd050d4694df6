/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, keystores and watchers; the external signer is test_signer_rpc.c. The keys are throw-away test keys. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "chain/signer.h"

static const char key_text[] = "0x57e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc060";
static const char other_key_text[] = "1111111111111111111111111111111111111111111111111111111111111111";
/* Of the first key, password "low", n 1024. */
static const char keystore_text[] =
	"{\"version\":3,\"id\":\"f51e666a-bfa1-4dc8-95d1-53ceb5e06f0e\",\"address\":\"40dc0cc900d56ef89b4a75a7001e159721e4347e\","
	"\"crypto\":{\"ciphertext\":\"46eabb84203e03920d6e12c4d2808dac43e4781e04a4f7f9cb07f30e489fd158\","
	"\"cipherparams\":{\"iv\":\"4cc3d928ea88d96d9af4c39e82aa27a2\"},\"cipher\":\"aes-128-ctr\",\"kdf\":\"scrypt\","
	"\"kdfparams\":{\"n\":1024,\"r\":8,\"p\":1,\"dklen\":32,\"salt\":\"2da7f6be290cae3e18bda6c9ba20c4851741677f45ca7d23ac201e18032d1f6d\"},"
	"\"mac\":\"3e9c804a5966752636a15269abda8c042ce3d630faade80cfef7a14e3d56dd88\"}}";
static const char address_text[] = "0x40dC0cC900D56Ef89b4a75a7001E159721e4347E";

static struct loop *loop;

static int set_up(void **state)
{
	(void)state;
	loop = loop_new(NULL);
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void wait_for(const int *count, int want)
{
	int64_t end = clock_mono_ms() + 20000;

	while (*count < want && clock_mono_ms() < end)
		loop_turn(loop, 100);
	assert_int_equal(*count, want);
}

static struct secret secret_of(const char *text)
{
	struct secret secret = SECRET_INIT;

	secret_alloc(&secret, strlen(text));
	memcpy(secret.data, text, strlen(text));
	return secret;
}

struct seen {
	int results, reports;
	char code[40];
	bool ok;
	uint8_t raw[512];
	size_t raw_len;
	struct bytes32 hash;
	bool has_hash;
};

static void on_result(void *ctx, const struct signer_result *result)
{
	struct seen *seen = ctx;

	seen->results++;
	seen->ok = !result->error;
	snprintf(seen->code, sizeof(seen->code), "%s", result->error ? result->error->code : "");
	seen->raw_len = result->raw_len;
	assert_true(result->raw_len <= sizeof(seen->raw));
	if (result->raw_len)
		memcpy(seen->raw, result->raw, result->raw_len);
	seen->has_hash = result->has_hash;
	seen->hash = result->hash;
}

static void on_report(void *ctx, const struct error *err)
{
	struct seen *seen = ctx;

	seen->reports++;
	snprintf(seen->code, sizeof(seen->code), "%s", err ? err->code : "");
}

static struct tx example(void)
{
	struct tx tx = { .chain_id = 8453, .nonce = 7, .gas = 90000 };

	tx.max_fee = u256_from_u64(2000000000);
	tx.max_priority_fee = u256_from_u64(1000000);
	assert_true(address_parse(&tx.to, "0xEbf963E85ff87A4d8a25753f541D0453C35e5BC4"));
	tx_set_data(&tx, "\xdf\xc7\x72\x23 and the hash of thirty-two bytes", 36);
	return tx;
}

static struct seen sign(struct signer *signer, const struct tx *tx, const struct bytes32 *approved)
{
	struct seen seen = { 0 };

	assert_non_null(signer_sign(signer, tx, approved, on_result, &seen));
	assert_int_equal(seen.results, 0);
	wait_for(&seen.results, 1);
	return seen;
}

static struct seen sign_approved(struct signer *signer, const struct tx *tx)
{
	struct bytes32 digest;

	tx_signing_hash(tx, &digest);
	return sign(signer, tx, &digest);
}

static void unlock(struct signer *signer, const char *text, const char *code)
{
	struct secret secret = secret_of(text);
	struct seen seen = { 0 };

	signer_unlock(signer, &secret, on_report, &seen);
	assert_null(secret.data);
	assert_int_equal(seen.reports, 0);
	wait_for(&seen.reports, 1);
	assert_string_equal(seen.code, code);
}

static struct signer *key_signer(void)
{
	struct secret text = secret_of(key_text), key = SECRET_INIT;
	struct signer *signer;

	assert_true(signer_parse_key(&text, &key, NULL));
	assert_null(text.data);
	signer = signer_new_key(loop, &key, "PRIVATE_KEY", NULL);
	assert_non_null(signer);
	assert_null(key.data);
	return signer;
}

static void is_signed(const struct seen *seen, const struct tx *tx)
{
	struct tx_signed got;
	char text[ADDRESS_TEXT_SIZE];

	assert_true(seen->ok);
	assert_true(tx_decode(seen->raw, seen->raw_len, &got, NULL));
	assert_true(tx_require_same(tx, &got.tx, NULL));
	assert_string_equal(address_format(text, &got.from), address_text);
	assert_true(seen->has_hash && bytes32_equal(&got.hash, &seen->hash));
	tx_clear(&got.tx);
}

static void test_key(void **state)
{
	struct signer *signer = key_signer();
	struct tx tx = example();
	struct seen seen = sign_approved(signer, &tx);

	(void)state;
	is_signed(&seen, &tx);
	assert_string_equal(signer_name(signer), "key from PRIVATE_KEY");
	assert_int_equal(signer_state(signer), SIGNER_READY);
	tx_clear(&tx);
	signer_free(signer);
}

static void spoil(struct tx *tx, int which)
{
	switch (which) {
	case 0: tx->chain_id++; break;
	case 1: tx->nonce++; break;
	case 2: tx->gas++; break;
	case 3: tx->max_fee.limb[0]++; break;
	case 4: tx->max_priority_fee.limb[0]++; break;
	case 5: tx->to.bytes[19] ^= 1; break;
	case 6: tx->value.limb[0]++; break;
	case 7: tx->data[35] ^= 1; break;
	default: tx->create = true; break;
	}
}

/* Whatever differs from what was approved, nothing is signed. */
static void test_other_than_approved(void **state)
{
	struct signer *signer = key_signer();

	(void)state;
	for (int which = 0; which <= 8; which++) {
		struct tx tx = example();
		struct bytes32 approved;
		struct seen seen;

		tx_signing_hash(&tx, &approved);
		spoil(&tx, which);
		seen = sign(signer, &tx, &approved);
		assert_string_equal(seen.code, "approval-mismatch");
		assert_int_equal(seen.raw_len, 0);
		assert_false(seen.has_hash);
		tx_clear(&tx);
	}
	signer_free(signer);
}

static void test_wiped_after_use(void **state)
{
	struct signer *signer = key_signer();
	struct tx tx = example();
	struct seen seen;

	(void)state;
	signer_set_rule(signer, (struct signer_rule){ .wipe_after_use = true });
	seen = sign_approved(signer, &tx);
	is_signed(&seen, &tx);
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	seen = sign_approved(signer, &tx);
	assert_string_equal(seen.code, "signer-locked");
	unlock(signer, other_key_text, "signer-other-key");
	unlock(signer, "no key", "key-invalid");
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	unlock(signer, key_text, "");
	seen = sign_approved(signer, &tx);
	is_signed(&seen, &tx);
	tx_clear(&tx);
	signer_free(signer);
}

static void test_idle_lock(void **state)
{
	struct signer *signer = key_signer();
	int64_t end = clock_mono_ms() + 20000;

	(void)state;
	signer_set_rule(signer, (struct signer_rule){ .idle_ms = 20 });
	while (signer_state(signer) == SIGNER_READY && clock_mono_ms() < end)
		loop_turn(loop, 1000);
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	unlock(signer, key_text, "");
	signer_free(signer);
}

static char *keystore_file(void)
{
	char *path = mem_printf("/tmp/cvmdeck-test-keystore-%d.json", (int)getpid());

	assert_true(file_write(path, keystore_text, strlen(keystore_text), 0600, NULL));
	return path;
}

static struct signer *keystore_signer(void)
{
	char *path = keystore_file();
	struct signer *signer = signer_new_keystore(loop, path, NULL);

	assert_non_null(signer);
	unlink(path);
	free(path);
	return signer;
}

static void test_keystore(void **state)
{
	struct signer *signer = keystore_signer();
	struct tx tx = example();
	struct address address;
	char text[ADDRESS_TEXT_SIZE];
	struct seen seen;

	(void)state;
	assert_true(signer_address(signer, &address));
	assert_string_equal(address_format(text, &address), address_text);
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	assert_true(signer_cost(signer).memory_bytes >= 1024 * 1024);
	seen = sign_approved(signer, &tx);
	assert_string_equal(seen.code, "signer-locked");
	unlock(signer, "wrong", "keystore-password");
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	unlock(signer, "low", "");
	seen = sign_approved(signer, &tx);
	is_signed(&seen, &tx);
	signer_lock(signer);
	seen = sign_approved(signer, &tx);
	assert_string_equal(seen.code, "signer-locked");
	tx_clear(&tx);
	signer_free(signer);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void count_up(void *ctx)
{
	++*(int *)ctx;
}

/* Jobs end in order, so once this one came back everything before it did. */
static void drain_worker(void)
{
	int done = 0;

	loop_work(loop, nothing, count_up, &done);
	wait_for(&done, 1);
}

static void test_left_while_unlocking(void **state)
{
	struct signer *signer = keystore_signer();
	struct secret password = secret_of("low");
	struct seen seen = { 0 };

	(void)state;
	signer_unlock(signer, &password, on_report, &seen);
	assert_int_equal(signer_state(signer), SIGNER_UNLOCKING);
	signer_lock(signer);
	wait_for(&seen.reports, 1);
	assert_string_equal(seen.code, "signer-locked");
	drain_worker();
	assert_int_equal(signer_state(signer), SIGNER_LOCKED);
	password = secret_of("low");
	signer_unlock(signer, &password, on_report, &seen);
	signer_free(signer);
	drain_worker();
	assert_int_equal(seen.reports, 1);
}

static void test_cancelled(void **state)
{
	struct signer *signer = key_signer();
	struct tx tx = example();
	struct seen seen = { 0 };
	struct bytes32 digest;
	int turns = 0;

	(void)state;
	tx_signing_hash(&tx, &digest);
	signer_cancel(signer_sign(signer, &tx, &digest, on_result, &seen));
	signer_sign(signer, &tx, &digest, on_result, &seen);
	signer_free(signer);
	loop_defer(loop, count_up, &turns);
	wait_for(&turns, 1);
	assert_int_equal(seen.results, 0);
	tx_clear(&tx);
}

static void test_watch(void **state)
{
	struct address address;
	struct signer *signer;
	struct tx tx = example();
	struct buf line = BUF_INIT;
	struct seen seen;

	(void)state;
	assert_true(address_parse(&address, address_text));
	signer = signer_new_watch(loop, &address);
	assert_int_equal(signer_state(signer), SIGNER_CANNOT);
	seen = sign_approved(signer, &tx);
	assert_string_equal(seen.code, "signer-watch");
	assert_int_equal(seen.raw_len, 0);
	signer_cast_line(&line, &tx, &address);
	assert_string_equal(buf_text(&line),
			    "cast send --rpc-url \"$ETH_RPC_URL\" --chain 8453 --from 0x40dC0cC900D56Ef89b4a75a7001E159721e4347E --nonce 7"
			    " --gas-limit 90000 --gas-price 2000000000 --priority-gas-price 1000000 --value 0"
			    " 0xEbf963E85ff87A4d8a25753f541D0453C35e5BC4"
			    " 0xdfc7722320616e64207468652068617368206f66207468697274792d74776f2062797465");
	buf_clear(&line);
	tx_clear(&tx);
	signer_free(signer);
}

static void test_parse_key(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "57e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc060", true },
		{ "0x57E9F935326A704A706FADD3C2308573958699A54D6CF33CB2820A1DC61BC060\r\n", true },
		{ "  \t0x57e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc060 ", true },
		{ "", false },
		{ "0x", false },
		{ "0x57e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc0", false },
		{ "0x57e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc06000", false },
		{ "g7e9f935326a704a706fadd3c2308573958699a54d6cf33cb2820a1dc61bc060", false },
		{ "0000000000000000000000000000000000000000000000000000000000000000", false },
		{ "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret text = secret_of(rows[i].text), key = SECRET_INIT;
		struct error err = { 0 };

		assert_int_equal(signer_parse_key(&text, &key, &err), rows[i].ok);
		assert_null(text.data);
		assert_int_equal(key.data != NULL, rows[i].ok);
		assert_true(rows[i].ok || err.status == STATUS_USAGE);
		/* No digit of the key in what a person is told. */
		assert_null(strstr(err.message, "57e9"));
		secret_clear(&key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_than_approved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wiped_after_use, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_idle_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_keystore, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_left_while_unlocking, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cancelled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watch, set_up, tear_down),
		cmocka_unit_test(test_parse_key),
	};

	return secret_setup(NULL) ? cmocka_run_group_tests_name("signer", tests, NULL, NULL) : 1;
}
