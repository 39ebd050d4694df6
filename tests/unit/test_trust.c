/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors of trust leave out: refusals, the newer env-key signature, a Safe's state. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "chain/abi.h"
#include "chain/ecdsa.h"
#include "chain/env_key.h"
#include "chain/keystore.h"
#include "chain/safe.h"
#include "chain/safe_batch.h"
#include "rollout/rtmr3.h"

enum { NOW = 1760000000 };

/* ---- the env key ---- */

struct env_scene {
	struct secret root, other;
	uint8_t root_public[ECDSA_COMPRESSED_SIZE];
	struct address app;
	uint8_t key[ENV_KEY_SIZE];
	char key_text[2 * ENV_KEY_SIZE + 1];
};

static void fill(struct secret *key, int byte)
{
	secret_alloc(key, ECDSA_KEY_SIZE);
	memset(key->data, byte, ECDSA_KEY_SIZE);
}

static void env_begin(struct env_scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	fill(&scene->root, 0x31);
	fill(&scene->other, 0x32);
	assert_true(ecdsa_public_key(&scene->root, NULL, scene->root_public, NULL));
	memset(scene->app.bytes, 0xab, ADDRESS_SIZE);
	memset(scene->key, 0xcd, ENV_KEY_SIZE);
	hex_encode(scene->key_text, scene->key, ENV_KEY_SIZE);
}

static void env_end(struct env_scene *scene)
{
	secret_clear(&scene->root);
	secret_clear(&scene->other);
}

static char *env_sign(const struct env_scene *scene, const struct secret *by, bool timed, uint64_t timestamp)
{
	struct env_key_message message = { scene->app.bytes, ADDRESS_SIZE, scene->key, ENV_KEY_SIZE, timed, timestamp };
	struct buf text = BUF_INIT;
	struct bytes32 digest;
	struct signature made;
	uint8_t bytes[ENV_KEY_SIGNATURE_SIZE];
	char *hex = mem_new(2 * sizeof(bytes) + 3, 1);

	env_key_message(&text, &message);
	hash_keccak256(digest.bytes, buf_text(&text), text.len);
	buf_clear(&text);
	assert_true(ecdsa_sign(by, &digest, &made, NULL));
	memcpy(bytes, made.r, 32);
	memcpy(bytes + 32, made.s, 32);
	bytes[64] = made.recovery;
	hex_encode_0x(hex, bytes, sizeof(bytes));
	return hex;
}

/* The code of the refusal, or "" where the answer is believed. Frees both signatures. */
static const char *env_verify(const struct env_scene *scene, char *plain, char *timed, uint64_t timestamp)
{
	static struct error err;
	struct env_key_answer answer = { scene->key_text, plain, timed, timestamp };
	struct env_key out;

	error_clear(&err);
	if (env_key_verify(&out, &answer, &scene->app, scene->root_public, NOW, &err))
		assert_memory_equal(out.key, scene->key, ENV_KEY_SIZE);
	else
		assert_int_equal(err.status, STATUS_CHECK);
	free(plain);
	free(timed);
	return err.code;
}

static void test_env_key_timestamped(void **state)
{
	struct env_scene s;

	(void)state;
	env_begin(&s);
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW), NOW), "");
	assert_string_equal(env_verify(&s, env_sign(&s, &s.root, false, 0), env_sign(&s, &s.root, true, NOW), NOW), "");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW - 300), NOW - 300), "");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW - 301), NOW - 301), "env-key-stale");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW + 60), NOW + 60), "");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW + 61), NOW + 61), "env-key-stale");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, UINT64_MAX), UINT64_MAX), "env-key-stale");
	/* The newer signature under the older name. */
	assert_string_equal(env_verify(&s, env_sign(&s, &s.root, true, NOW), NULL, NOW), "");
	assert_string_equal(env_verify(&s, env_sign(&s, &s.root, true, NOW - 400), NULL, NOW - 400), "env-key-stale");
	env_end(&s);
}

static void test_env_key_refused(void **state)
{
	struct env_scene s;

	(void)state;
	env_begin(&s);
	assert_string_equal(env_verify(&s, NULL, NULL, 0), "env-key-unsigned");
	assert_string_equal(env_verify(&s, mem_strdup(""), mem_strdup(""), NOW), "env-key-unsigned");
	assert_string_equal(env_verify(&s, env_sign(&s, &s.other, false, 0), NULL, 0), "env-key-signer");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.other, true, NOW), NOW), "env-key-signer");
	/* One good signature does not make up for a bad one. */
	assert_string_equal(env_verify(&s, env_sign(&s, &s.other, false, 0), env_sign(&s, &s.root, true, NOW), NOW), "env-key-signer");
	assert_string_equal(env_verify(&s, env_sign(&s, &s.root, false, 0), env_sign(&s, &s.other, true, NOW), NOW), "env-key-signer");
	/* Another time than the one signed. */
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, NOW - 9), NOW), "env-key-signer");
	assert_string_equal(env_verify(&s, NULL, env_sign(&s, &s.root, true, 0), 0), "env-key-malformed");
	assert_string_equal(env_verify(&s, mem_strdup("0x12"), NULL, 0), "env-key-malformed");
	memcpy(s.key_text, "zz", 2);
	assert_string_equal(env_verify(&s, env_sign(&s, &s.root, false, 0), NULL, 0), "env-key-malformed");
	env_end(&s);
}

/* ---- Safe ---- */

static struct address numbered(uint8_t n)
{
	struct address out = { { 0 } };

	out.bytes[19] = n;
	return out;
}

static void encode(struct buf *out, const char *type, struct abi_value value)
{
	assert_true(abi_encode(type, &value, 1, out, NULL));
}

static const char *read_info(const uint8_t *owners, size_t count, uint64_t threshold, const char *version)
{
	static struct error err;
	struct buf parts[SAFE_READS] = { BUF_INIT };
	struct abi_value items[8];
	struct safe_answer answers[SAFE_READS];
	struct safe_info info;

	error_clear(&err);
	for (size_t i = 0; i < count; i++) {
		struct address owner = numbered(owners[i]);

		items[i] = abi_address(&owner);
	}
	encode(&parts[SAFE_GET_OWNERS], "address[]", abi_array(items, count));
	encode(&parts[SAFE_GET_THRESHOLD], "uint256", abi_u64(threshold));
	encode(&parts[SAFE_NONCE], "uint256", abi_u64(41));
	encode(&parts[SAFE_VERSION], "string", abi_text(version));
	for (size_t i = 0; i < SAFE_READS; i++)
		answers[i] = (struct safe_answer){ (const uint8_t *)buf_text(&parts[i]), parts[i].len };
	if (safe_info_read(&info, answers, &err))
		assert_true(info.owner_count == count && info.threshold == threshold && info.nonce.limb[0] == 41);
	safe_info_clear(&info);
	for (size_t i = 0; i < SAFE_READS; i++) {
		answers[i] = (struct safe_answer){ (const uint8_t *)"", 0 };
		assert_false(safe_info_read(&info, answers, NULL));
		safe_info_clear(&info);
		answers[i] = (struct safe_answer){ (const uint8_t *)buf_text(&parts[i]), parts[i].len };
	}
	for (size_t i = 0; i < SAFE_READS; i++)
		buf_clear(&parts[i]);
	return err.code;
}

static void test_safe_info(void **state)
{
	static const uint8_t owners[] = { 3, 1, 2 }, twice[] = { 1, 1, 2 };

	(void)state;
	assert_string_equal(read_info(owners, 3, 2, "1.3.0"), "");
	assert_string_equal(read_info(owners, 3, 3, "1.4.1+L2"), "");
	assert_string_equal(read_info(owners, 3, 1, "2.0.0"), "");
	assert_string_equal(read_info(owners, 3, 4, "1.3.0"), "safe-read");
	assert_string_equal(read_info(owners, 3, 0, "1.3.0"), "safe-read");
	assert_string_equal(read_info(owners, 0, 0, "1.3.0"), "safe-read");
	assert_string_equal(read_info(twice, 3, 2, "1.3.0"), "safe-read");
	assert_string_equal(read_info(owners, 3, 2, "1.2.0"), "safe-version");
	assert_string_equal(read_info(owners, 3, 2, "one"), "safe-version");
	assert_string_equal(read_info(owners, 3, 2, "1.3.0 and so on, longer than any"), "safe-read");
}

/* What read_batch says about a batch that was changed after planning. */
static const char *batch_code(void (*change)(struct safe_tx *tx, uint8_t *data))
{
	static struct error err;
	const struct safe_call calls[2] = { { .to = numbered(1) }, { .to = numbered(2), .data = (const uint8_t *)"abcd", .data_len = 4 } };
	struct safe_call *read = NULL;
	struct buf data = BUF_INIT;
	struct u256 nonce = U256_ZERO;
	struct safe_tx tx;
	size_t count;

	error_clear(&err);
	assert_true(safe_plan(&tx, &data, "1.4.1", 8453, calls, 2, &nonce, NULL));
	if (change)
		change(&tx, (uint8_t *)data.data);
	if (safe_read_batch(&tx, "1.4.1", 8453, &read, &count, &err))
		assert_true(count == 2 && address_equal(&read[1].to, &calls[1].to));
	free(read);
	buf_clear(&data);
	return err.code;
}

enum { PACKED_AT = 4 + 32 + 32 };

static void other_target(struct safe_tx *tx, uint8_t *data)
{
	(void)data;
	tx->call.to.bytes[0] ^= 1;
}

static void plain_call(struct safe_tx *tx, uint8_t *data)
{
	(void)data;
	tx->call.operation = SAFE_CALL;
}

static void with_value(struct safe_tx *tx, uint8_t *data)
{
	(void)data;
	tx->call.value.limb[0] = 1;
}

static void inner_delegatecall(struct safe_tx *tx, uint8_t *data)
{
	(void)tx;
	data[PACKED_AT] = SAFE_DELEGATECALL;
}

static void inner_unknown(struct safe_tx *tx, uint8_t *data)
{
	(void)tx;
	data[PACKED_AT] = 2;
}

static void other_method(struct safe_tx *tx, uint8_t *data)
{
	(void)tx;
	data[0] ^= 1;
}

static void cut(struct safe_tx *tx, uint8_t *data)
{
	(void)data;
	tx->call.data_len = PACKED_AT + 85;
}

static void test_safe_batch_refused(void **state)
{
	(void)state;
	assert_string_equal(batch_code(NULL), "");
	assert_string_equal(batch_code(other_target), "safe-delegatecall");
	assert_string_equal(batch_code(plain_call), "safe-delegatecall");
	assert_string_equal(batch_code(with_value), "safe-delegatecall");
	assert_string_equal(batch_code(inner_delegatecall), "safe-delegatecall");
	assert_string_equal(batch_code(inner_unknown), "multisend");
	assert_string_equal(batch_code(other_method), "multisend");
	assert_string_equal(batch_code(cut), "multisend");
}

static void test_safe_unknown_version(void **state)
{
	const struct safe_call calls[2] = { { .to = numbered(1) }, { .to = numbered(2) } };
	struct address targets[SAFE_CALL_ONLY_MAX];
	struct u256 nonce = U256_ZERO;
	struct buf data = BUF_INIT;
	struct safe_tx tx;

	(void)state;
	assert_int_equal(safe_call_only(targets, "1.30.0", 1), 0);
	assert_int_equal(safe_call_only(targets, "1.4.1+L2", 1), 1);
	assert_false(safe_plan(&tx, &data, "9.9.9", 1, calls, 2, &nonce, NULL));
	assert_true(safe_plan(&tx, &data, "9.9.9", 1, calls, 1, &nonce, NULL));
	buf_clear(&data);
}

/* A signature as a wallet's eth_sign makes it: over the prefixed hash, v + 4. */
static void eth_sign(struct safe_signature *out, const struct secret *key, const struct bytes32 *hash)
{
	static const char prefix[] = "\x19" "Ethereum Signed Message:\n32";
	uint8_t text[sizeof(prefix) - 1 + BYTES32_SIZE];
	struct bytes32 digest;

	memcpy(text, prefix, sizeof(prefix) - 1);
	memcpy(text + sizeof(prefix) - 1, hash->bytes, BYTES32_SIZE);
	hash_keccak256(digest.bytes, text, sizeof(text));
	assert_true(safe_sign(out, key, &digest, NULL));
	out->bytes[64] = (uint8_t)(out->bytes[64] + 4);
}

static void test_safe_signatures(void **state)
{
	struct secret key = SECRET_INIT;
	struct bytes32 hash = { { 7 } };
	struct safe_signature list[2], read;
	struct buf all = BUF_INIT;

	(void)state;
	fill(&key, 0x33);
	eth_sign(&list[0], &key, &hash);
	assert_true(safe_read_signature(&read, list[0].bytes, &hash, NULL));
	assert_true(address_equal(&read.owner, &list[0].owner));
	assert_true(safe_sign(&list[1], &key, &hash, NULL));
	assert_false(safe_add_signatures(&all, list, 2, NULL));
	safe_prevalidated(&list[1], &list[0].owner);
	assert_true(safe_read_signature(&read, list[1].bytes, &hash, NULL));
	assert_true(address_equal(&read.owner, &list[0].owner));
	list[1].bytes[0] = 1;
	assert_false(safe_read_signature(&read, list[1].bytes, &hash, NULL));
	for (unsigned v = 0; v < 256; v++) {
		list[0].bytes[64] = (uint8_t)v;
		if (v != 27 && v != 28 && v != 31 && v != 32)
			assert_false(safe_read_signature(&read, list[0].bytes, &hash, NULL));
	}
	secret_clear(&key);
	buf_clear(&all);
}

static void test_safe_batch_calls(void **state)
{
	struct safe_batch_call call = { .method = "addDevice", .argument = "0x12" };
	uint8_t dirty[36] = { 0x7c, 0x4b, 0xee, 0xb8 };
	struct buf out = BUF_INIT;
	char *argument;

	(void)state;
	assert_false(safe_batch_calldata(&call, &out, NULL));
	call.argument = NULL;
	assert_false(safe_batch_calldata(&call, &out, NULL));
	call.method = "acceptOwnership";
	assert_true(safe_batch_calldata(&call, &out, NULL));
	call.argument = "1";
	assert_false(safe_batch_calldata(&call, &out, NULL));
	call = (struct safe_batch_call){ .method = "upgradeTo" };
	assert_false(safe_batch_knows(call.method));
	assert_false(safe_batch_calldata(&call, &out, NULL));
	/* setAllowAnyDevice(2) is no call that may be shown as true. */
	dirty[35] = 2;
	call = (struct safe_batch_call){ .data = dirty, .data_len = sizeof(dirty) };
	assert_false(safe_batch_name_call(&call, &argument));
	assert_null(argument);
	dirty[35] = 1;
	assert_true(safe_batch_name_call(&call, &argument));
	assert_string_equal(argument, "true");
	free(argument);
	buf_clear(&out);
}

/* ---- keystores and event logs ---- */

static void test_keystore_cost(void **state)
{
	static const struct {
		const char *n, *r, *p, *code;
	} rows[] = {
		{ "262144", "8", "1", "" },
		{ "1048576", "8", "1", "" },
		{ "2097152", "8", "1", "keystore-cost" },
		{ "8192", "1073741824", "1", "keystore-cost" },
		{ "8192", "8", "1073741824", "keystore-cost" },
		{ "1048576", "8", "9", "keystore-cost" },
		{ "1125899906842624", "1", "1", "keystore-cost" },
		{ "8192", "4503599627370496", "1", "keystore-cost" },
		{ "9007199254740993", "1", "1", "keystore-format" },
		{ "8192", "0", "1", "keystore-format" },
		{ "8192", "8", "0", "keystore-format" },
		{ "1", "8", "1", "keystore-format" },
		{ "8192.5", "8", "1", "keystore-format" },
		{ "-8192", "8", "1", "keystore-format" },
		{ "\"8192\"", "8", "1", "keystore-format" },
		{ "1e999", "8", "1", "keystore-format" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_printf("{\"version\":3,\"crypto\":{\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"%032d\"},"
					"\"ciphertext\":\"%064d\",\"mac\":\"%064d\",\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,"
					"\"salt\":\"00\",\"n\":%s,\"r\":%s,\"p\":%s}}}",
					0, 0, 0, rows[i].n, rows[i].r, rows[i].p);
		struct error err = { 0 };
		struct keystore *keystore;

		keystore = keystore_parse(text, strlen(text), &err);
		assert_string_equal(err.code, rows[i].code);
		assert_int_equal(keystore != NULL, !*rows[i].code);
		if (keystore)
			assert_true(keystore_cost(keystore).memory_bytes >= 256u << 20 && keystore_cost(keystore).time_ms > 0);
		keystore_free(keystore);
		free(text);
	}
}

static void test_account_path(void **state)
{
	char *path;

	(void)state;
	setenv("HOME", "/home/test", 1);
	path = keystore_account_path("ops", NULL);
	assert_string_equal(path, "/home/test/.foundry/keystores/ops");
	free(path);
	assert_null(keystore_account_path("", NULL));
	assert_null(keystore_account_path("..", NULL));
	assert_null(keystore_account_path("../../etc/passwd", NULL));
}

/* A log of version 2 without the version in its events, as the cloud API gives it. */
static void test_event_log_forms(void **state)
{
	static const char event[] = "[{\"imr\":3,\"event_type\":134217729,\"event\":\"a\",\"event_payload\":\"\"}]";
	static const char text[] = "\"[{\\\"imr\\\":3,\\\"event_type\\\":134217729,\\\"event\\\":\\\"a\\\",\\\"event_payload\\\":\\\"\\\"}]\"";
	uint8_t one[RTMR3_SIZE], two[RTMR3_SIZE], again[RTMR3_SIZE];
	struct rtmr3_log log;

	(void)state;
	assert_true(rtmr3_log_parse(&log, event, strlen(event), 1, NULL));
	rtmr3_replay(one, &log, NULL);
	rtmr3_log_clear(&log);
	assert_true(rtmr3_log_parse(&log, event, strlen(event), 2, NULL));
	rtmr3_replay(two, &log, NULL);
	rtmr3_log_clear(&log);
	assert_memory_not_equal(one, two, RTMR3_SIZE);
	assert_true(rtmr3_log_parse(&log, text, strlen(text), 1, NULL));
	rtmr3_replay(again, &log, NULL);
	rtmr3_log_clear(&log);
	assert_memory_equal(one, again, RTMR3_SIZE);
	assert_false(rtmr3_log_parse(&log, "\"no\"", 4, 1, NULL));
	rtmr3_log_clear(&log);
	assert_false(rtmr3_log_parse(&log, "{}", 2, 1, NULL));
	rtmr3_log_clear(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_env_key_timestamped), cmocka_unit_test(test_env_key_refused),
		cmocka_unit_test(test_safe_info),           cmocka_unit_test(test_safe_batch_refused),
		cmocka_unit_test(test_safe_unknown_version), cmocka_unit_test(test_safe_signatures),
		cmocka_unit_test(test_safe_batch_calls),    cmocka_unit_test(test_keystore_cost),
		cmocka_unit_test(test_account_path),        cmocka_unit_test(test_event_log_forms),
	};

	return secret_setup(NULL) ? cmocka_run_group_tests_name("trust", tests, NULL, NULL) : 1;
}
