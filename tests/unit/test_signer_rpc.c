/* SPDX-License-Identifier: Apache-2.0 */
/* The external signer against a server that lies in every way it can. The keys are throw-away test keys. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "chain/signer.h"
#include "unit/server.h"

enum { METHODS = 4 };
static const char *const methods[METHODS] = { "eth_accounts", "eth_signTransaction", "eth_sendTransaction", "eth_getTransactionByHash" };
#define NO_METHOD "\"error\":{\"code\":-32601,\"message\":\"the method does not exist\"}"

/* What the server answers to each method ("result":… or "error":…), and how often it says null first. */
struct script {
	char *answer[METHODS];
	int nulls;
	int asked[METHODS];
};

static int method_of(const char *body)
{
	for (int i = 0; i < METHODS; i++)
		if (strstr(body, methods[i]))
			return i;
	return -1;
}

static bool handle(void *ctx, int fd, const struct server_request *request)
{
	struct script *script = ctx;
	const char *id = strstr(request->body, "\"id\":");
	int which = method_of(request->body);
	const char *answer = which < 0 || !script->answer[which] ? NO_METHOD : script->answer[which];
	char *body;

	if (which >= 0 && script->asked[which]++ < script->nulls && which == 3)
		answer = "\"result\":null";
	body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":%ld,%s}", id ? strtol(id + 5, NULL, 10) : 0, answer);
	server_json(fd, 200, body);
	free(body);
	return true;
}

struct scene {
	struct script script;
	struct loop *loop;
	struct http *http;
	struct rpc *rpc;
	struct server *server;
	struct signer *signer;
	struct secret key, other_key;
	struct address address, other;
	struct tx tx;
	/* seen */
	int done;
	bool ok, sent, has_hash;
	char code[40], detail[1024];
	struct bytes32 hash;
	uint8_t raw[512];
	size_t raw_len;
};

static void make_key(struct secret *key, int byte, struct address *address)
{
	secret_alloc(key, ECDSA_KEY_SIZE);
	memset(key->data, byte, ECDSA_KEY_SIZE);
	assert_true(ecdsa_address(key, address, NULL));
}

static void set_answer(struct scene *scene, int which, char *answer)
{
	free(scene->script.answer[which]);
	scene->script.answer[which] = answer;
}

static int set_up(void **state)
{
	struct scene *scene = mem_new(1, sizeof(*scene));
	char text[ADDRESS_TEXT_SIZE], other[ADDRESS_TEXT_SIZE];

	make_key(&scene->key, 0x11, &scene->address);
	make_key(&scene->other_key, 0x22, &scene->other);
	scene->tx = (struct tx){ .chain_id = 31337, .nonce = 3, .gas = 60000 };
	scene->tx.max_fee = u256_from_u64(3000000000);
	scene->tx.max_priority_fee = u256_from_u64(5);
	scene->tx.to = scene->other;
	tx_set_data(&scene->tx, "\xdf\xc7\x72\x23", 4);
	set_answer(scene, 0, mem_printf("\"result\":[\"%s\",\"%s\"]", address_format(other, &scene->other), address_format(text, &scene->address)));
	scene->server = server_start(handle, &scene->script);
	scene->loop = loop_new(NULL);
	scene->http = http_new(scene->loop, NULL);
	scene->rpc = rpc_new(scene->http, server_url(scene->server));
	scene->signer = signer_new_rpc(scene->loop, scene->rpc, &scene->address);
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	signer_free(scene->signer);
	rpc_free(scene->rpc);
	http_free(scene->http);
	server_stop(scene->server);
	loop_free(scene->loop);
	for (int i = 0; i < METHODS; i++)
		free(scene->script.answer[i]);
	secret_clear(&scene->key);
	secret_clear(&scene->other_key);
	tx_clear(&scene->tx);
	free(scene);
	return 0;
}

static void wait_done(struct scene *scene)
{
	int64_t end = clock_mono_ms() + 30000;

	while (!scene->done && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_int_equal(scene->done, 1);
}

static void on_report(void *ctx, const struct error *err)
{
	struct scene *scene = ctx;

	scene->done++;
	snprintf(scene->code, sizeof(scene->code), "%s", err ? err->code : "");
}

static void on_result(void *ctx, const struct signer_result *result)
{
	struct scene *scene = ctx;

	scene->done++;
	scene->ok = !result->error;
	snprintf(scene->code, sizeof(scene->code), "%s", result->error ? result->error->code : "");
	snprintf(scene->detail, sizeof(scene->detail), "%s", result->error ? result->error->detail : "");
	scene->sent = result->sent;
	scene->has_hash = result->has_hash;
	scene->hash = result->hash;
	scene->raw_len = result->raw_len;
	assert_true(result->raw_len <= sizeof(scene->raw));
	if (result->raw_len)
		memcpy(scene->raw, result->raw, result->raw_len);
}

static const char *find(struct scene *scene)
{
	scene->done = 0;
	signer_find_address(scene->signer, on_report, scene);
	assert_int_equal(scene->done, 0);
	wait_done(scene);
	return scene->code;
}

static const char *sign(struct scene *scene)
{
	struct bytes32 digest;

	scene->done = 0;
	tx_signing_hash(&scene->tx, &digest);
	assert_non_null(signer_sign(scene->signer, &scene->tx, &digest, on_result, scene));
	assert_int_equal(scene->done, 0);
	wait_done(scene);
	return scene->code;
}

/* "result":"0x…" with what the key signs. */
static char *signed_answer(const struct tx *tx, const struct secret *key, const char *form, struct bytes32 *hash)
{
	struct buf raw = BUF_INIT;
	char *hex, *answer, *quoted;

	assert_true(tx_sign(tx, key, &raw, hash, NULL));
	hex = mem_new(2 * raw.len + 3, 1);
	hex_encode_0x(hex, (const uint8_t *)raw.data, raw.len);
	quoted = mem_printf("\"%s\"", hex);
	answer = strcmp(form, "raw") ? mem_printf("\"result\":%s", quoted) : mem_printf("\"result\":{\"raw\":%s,\"tx\":{}}", quoted);
	free(quoted);
	free(hex);
	buf_clear(&raw);
	return answer;
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
	default: tx->data[3] ^= 1; break;
	}
}
enum { SPOILS = 8 };

static void test_account(void **state)
{
	struct scene *scene = *state;

	assert_string_equal(sign(scene), "signer-locked");
	assert_string_equal(find(scene), "");
	assert_string_equal(find(scene), "");
	assert_int_equal(scene->script.asked[0], 1);
	assert_non_null(strstr(signer_name(scene->signer), "external signer at 127.0.0.1:"));
}

static void test_account_not_offered(void **state)
{
	struct scene *scene = *state;
	struct address address;

	set_answer(scene, 0, mem_strdup("\"result\":[]"));
	assert_string_equal(find(scene), "signer-account");
	set_answer(scene, 0, mem_strdup("\"result\":[\"0x0000000000000000000000000000000000000001\",7,null]"));
	assert_string_equal(find(scene), "signer-account");
	set_answer(scene, 0, mem_strdup("\"error\":{\"code\":-32000,\"message\":\"no\"}"));
	assert_string_equal(find(scene), "rpc--32000");
	assert_false(signer_address(scene->signer, &address));
}

static void test_first_account(void **state)
{
	struct scene *scene = *state;
	struct address address;

	signer_free(scene->signer);
	scene->signer = signer_new_rpc(scene->loop, scene->rpc, NULL);
	assert_string_equal(find(scene), "");
	assert_true(signer_address(scene->signer, &address));
	assert_true(address_equal(&address, &scene->other));
}

static void test_signed(void **state)
{
	struct scene *scene = *state;
	struct bytes32 hash;

	assert_string_equal(find(scene), "");
	set_answer(scene, 1, signed_answer(&scene->tx, &scene->key, "text", &hash));
	assert_string_equal(sign(scene), "");
	assert_true(scene->ok && !scene->sent && scene->raw_len && bytes32_equal(&scene->hash, &hash));
	set_answer(scene, 1, signed_answer(&scene->tx, &scene->key, "raw", &hash));
	assert_string_equal(sign(scene), "");
	assert_int_equal(scene->script.asked[2], 0);
}

static void test_signed_something_else(void **state)
{
	struct scene *scene = *state;
	struct bytes32 hash;

	assert_string_equal(find(scene), "");
	for (int which = 0; which < SPOILS; which++) {
		struct tx other;

		tx_copy(&other, &scene->tx);
		spoil(&other, which);
		set_answer(scene, 1, signed_answer(&other, &scene->key, "text", &hash));
		assert_string_equal(sign(scene), "signer-differs");
		assert_true(*scene->detail && !scene->raw_len && !scene->has_hash);
		tx_clear(&other);
	}
	set_answer(scene, 1, signed_answer(&scene->tx, &scene->other_key, "text", &hash));
	assert_string_equal(sign(scene), "signer-differs");
	assert_false(scene->has_hash);
	assert_int_equal(scene->script.asked[2], 0);
}

static void test_signed_nonsense(void **state)
{
	static const char *const answers[] = { "\"result\":\"0x\"", "\"result\":\"\"",  "\"result\":null",    "\"result\":[1]",
					       "\"result\":\"0x02c0\"", "\"result\":\"zz\"", "\"result\":{\"raw\":7}", "\"result\":\"0x02f8\"" };
	struct scene *scene = *state;

	assert_string_equal(find(scene), "");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		set_answer(scene, 1, mem_strdup(answers[i]));
		assert_string_equal(sign(scene), "signer-differs");
		assert_int_equal(scene->raw_len, 0);
	}
	assert_int_equal(scene->script.asked[2], 0);
}

static void test_refused(void **state)
{
	struct scene *scene = *state;

	assert_string_equal(find(scene), "");
	set_answer(scene, 1, mem_strdup("\"error\":{\"code\":4001,\"message\":\"User rejected\"}"));
	assert_string_equal(sign(scene), "signer-refused");
	set_answer(scene, 1, mem_strdup("\"error\":{\"code\":-32000,\"message\":\"busy\"}"));
	assert_string_equal(sign(scene), "rpc--32000");
	/* Only a method that is not there leads to sending. */
	assert_int_equal(scene->script.asked[2], 0);
	set_answer(scene, 1, NULL);
	set_answer(scene, 2, mem_strdup("\"error\":{\"code\":4001,\"message\":\"User rejected\"}"));
	assert_string_equal(sign(scene), "signer-refused");
	assert_false(scene->sent);
}

static void quantity(char *out, const uint8_t *bytes)
{
	struct u256 value = u256_from_bytes(bytes);

	u256_format_quantity(out, &value);
}

/* What a node shows of a signed transaction. */
static char *found_answer(const struct tx *tx, const struct secret *key, struct bytes32 *hash)
{
	struct buf raw = BUF_INIT;
	struct tx_signed got;
	char to[ADDRESS_TEXT_SIZE], fee[U256_QUANTITY_SIZE], tip[U256_QUANTITY_SIZE], value[U256_QUANTITY_SIZE], r[U256_QUANTITY_SIZE],
		s[U256_QUANTITY_SIZE], data[64], *answer;

	assert_true(tx_sign(tx, key, &raw, hash, NULL));
	assert_true(tx_decode((const uint8_t *)raw.data, raw.len, &got, NULL));
	quantity(r, got.signature.r);
	quantity(s, got.signature.s);
	hex_encode_0x(data, tx->data, tx->data_len);
	answer = mem_printf("\"result\":{\"type\":\"0x2\",\"chainId\":\"0x%llx\",\"nonce\":\"0x%llx\",\"gas\":\"0x%llx\",\"to\":\"%s\","
			    "\"maxFeePerGas\":\"%s\",\"maxPriorityFeePerGas\":\"%s\",\"value\":\"%s\",\"input\":\"%s\",\"r\":\"%s\",\"s\":\"%s\","
			    "\"yParity\":\"0x%x\"}",
			    (unsigned long long)tx->chain_id, (unsigned long long)tx->nonce, (unsigned long long)tx->gas,
			    address_format(to, &tx->to), u256_format_quantity(fee, &tx->max_fee),
			    u256_format_quantity(tip, &tx->max_priority_fee), u256_format_quantity(value, &tx->value), data, r, s,
			    got.signature.recovery);
	tx_clear(&got.tx);
	buf_clear(&raw);
	return answer;
}

static char *hash_answer(const struct bytes32 *hash)
{
	char text[BYTES32_TEXT_SIZE];

	return mem_printf("\"result\":\"%s\"", bytes32_format(text, hash));
}

static void test_sent(void **state)
{
	struct scene *scene = *state;
	struct bytes32 hash;

	assert_string_equal(find(scene), "");
	set_answer(scene, 3, found_answer(&scene->tx, &scene->key, &hash));
	set_answer(scene, 2, hash_answer(&hash));
	scene->script.nulls = 2;
	assert_string_equal(sign(scene), "");
	assert_true(scene->ok && scene->sent && scene->has_hash && scene->raw_len && bytes32_equal(&scene->hash, &hash));
	assert_int_equal(scene->script.asked[1], 1);
	assert_int_equal(scene->script.asked[3], 3);
}

static void test_sent_something_else(void **state)
{
	struct scene *scene = *state;
	struct bytes32 hash;

	assert_string_equal(find(scene), "");
	for (int which = 0; which < SPOILS; which++) {
		struct tx other;

		tx_copy(&other, &scene->tx);
		spoil(&other, which);
		set_answer(scene, 3, found_answer(&other, &scene->key, &hash));
		set_answer(scene, 2, hash_answer(&hash));
		assert_string_equal(sign(scene), "signer-differs");
		/* It is out there, so its hash is told. */
		assert_true(scene->sent && scene->has_hash && bytes32_equal(&scene->hash, &hash));
		tx_clear(&other);
	}
	set_answer(scene, 3, found_answer(&scene->tx, &scene->other_key, &hash));
	assert_string_equal(sign(scene), "signer-differs");
	/* The right transaction under another hash. */
	set_answer(scene, 3, found_answer(&scene->tx, &scene->key, &hash));
	hash.bytes[0] ^= 1;
	set_answer(scene, 2, hash_answer(&hash));
	assert_string_equal(sign(scene), "signer-differs");
	assert_true(scene->sent && bytes32_equal(&scene->hash, &hash));
	set_answer(scene, 3, mem_strdup("\"result\":{\"type\":\"0x0\"}"));
	assert_string_equal(sign(scene), "signer-differs");
}

static void test_sent_without_hash(void **state)
{
	struct scene *scene = *state;

	assert_string_equal(find(scene), "");
	set_answer(scene, 2, mem_strdup("\"result\":\"0x12\""));
	assert_string_equal(sign(scene), "signer-unseen");
	assert_true(scene->sent && !scene->has_hash);
}

static void test_cancelled(void **state)
{
	struct scene *scene = *state;
	struct bytes32 digest;

	assert_string_equal(find(scene), "");
	scene->done = 0;
	tx_signing_hash(&scene->tx, &digest);
	signer_cancel(signer_sign(scene->signer, &scene->tx, &digest, on_result, scene));
	signer_sign(scene->signer, &scene->tx, &digest, on_result, scene);
	signer_free(scene->signer);
	scene->signer = NULL;
	assert_int_equal(scene->done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_account, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_account_not_offered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_first_account, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signed_something_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signed_nonsense, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sent_something_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sent_without_hash, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cancelled, set_up, tear_down),
	};

	return secret_setup(NULL) ? cmocka_run_group_tests_name("signer_rpc", tests, NULL, NULL) : 1;
}
