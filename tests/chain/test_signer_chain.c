/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anvil as an external signer: it signs for its own accounts. Where only
 * sending is to be had, a small server in front of it says so, and the product
 * looks what was sent up at anvil itself.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "chain/node.h"
#include "chain/signer.h"
#include "unit/server.h"

struct seen {
	bool done, ok, sent;
	char code[40], detail[1024];
	struct bytes32 hash;
	struct buf raw;
};

static void on_report(void *ctx, const struct error *err)
{
	struct seen *seen = ctx;

	seen->done = true;
	snprintf(seen->code, sizeof(seen->code), "%s", err ? err->code : "");
}

static void on_result(void *ctx, const struct signer_result *result)
{
	struct seen *seen = ctx;

	seen->done = true;
	seen->ok = !result->error;
	seen->sent = result->sent;
	seen->hash = result->hash;
	snprintf(seen->code, sizeof(seen->code), "%s", result->error ? result->error->code : "");
	snprintf(seen->detail, sizeof(seen->detail), "%s", result->error ? result->error->detail : "");
	buf_reset(&seen->raw);
	buf_add(&seen->raw, result->raw, result->raw_len);
}

static void find(struct node *node, struct signer *signer)
{
	struct seen seen = { 0 };

	signer_find_address(signer, on_report, &seen);
	node_wait(node, &seen.done);
	assert_string_equal(seen.code, "");
}

static void sign(struct node *node, struct signer *signer, const struct tx *tx, struct seen *seen)
{
	struct bytes32 digest;

	seen->done = false;
	tx_signing_hash(tx, &digest);
	signer_sign(signer, tx, &digest, on_result, seen);
	assert_false(seen->done);
	node_wait(node, &seen->done);
	if (!seen->ok)
		fail_msg("%s: %s", seen->code, seen->detail);
}

static struct tx transfer(struct node *node, struct signer *signer)
{
	struct tx tx = { .chain_id = 8453, .gas = 50000 };
	struct address from;
	char text[ADDRESS_TEXT_SIZE], *nonce;

	assert_true(signer_address(signer, &from));
	nonce = anvil_text(node->anvil, "eth_getTransactionCount", "[\"%s\",\"pending\"]", address_format(text, &from));
	assert_true(u64_parse_quantity(&tx.nonce, nonce));
	free(nonce);
	tx.max_fee = u256_from_u64(20000000000);
	tx.max_priority_fee = u256_from_u64(1000000000);
	tx.value = u256_from_u64(12345);
	memset(tx.to.bytes, 0x77, ADDRESS_SIZE);
	tx_set_data(&tx, "\x01\x02\x03", 3);
	return tx;
}

/* The chain mines a moment after it took a transaction. */
static void is_mined(struct node *node, const struct bytes32 *hash)
{
	int64_t end = clock_mono_ms() + 30000;
	char text[BYTES32_TEXT_SIZE];
	bool mined = false;

	while (!mined && clock_mono_ms() < end) {
		json *receipt = anvil_call(node->anvil, "eth_getTransactionReceipt", "[\"%s\"]", bytes32_format(text, hash));

		mined = !strcmp(json_text(receipt, "result.status"), "0x1");
		json_free(receipt);
	}
	assert_true(mined);
}

static void test_sign(void **state)
{
	struct node *node = *state;
	struct signer *signer = signer_new_rpc(node->loop, node->rpc, NULL);
	struct seen seen = { 0 };
	struct tx tx;
	char *hex, *hash, text[BYTES32_TEXT_SIZE];

	find(node, signer);
	tx = transfer(node, signer);
	sign(node, signer, &tx, &seen);
	assert_false(seen.sent);
	hex = mem_new(2 * seen.raw.len + 3, 1);
	hex_encode_0x(hex, (const uint8_t *)buf_text(&seen.raw), seen.raw.len);
	hash = anvil_text(node->anvil, "eth_sendRawTransaction", "[\"%s\"]", hex);
	assert_string_equal(hash, bytes32_format(text, &seen.hash));
	is_mined(node, &seen.hash);
	free(hash);
	free(hex);
	buf_clear(&seen.raw);
	tx_clear(&tx);
	signer_free(signer);
}

/* Hands one call on to anvil. Returns the answer's `"result":…`, freed by the caller. */
static char *hand_on(struct node *node, const json *request)
{
	struct buf params = BUF_INIT, result = BUF_INIT;
	json *answer;

	json_print(&params, json_member(request, "params"));
	answer = anvil_call(node->anvil, json_text(request, "method"), "%s", buf_text(&params));
	buf_add_text(&result, "\"result\":");
	json_print(&result, json_member(answer, "result"));
	json_free(answer);
	buf_clear(&params);
	return buf_take(&result);
}

/* A wallet that sends and never only signs. */
static bool handle(void *ctx, int fd, const struct server_request *request)
{
	json *tree = json_parse(request->body, request->body_len, NULL);
	char *result, *body;

	if (!strcmp(json_text(tree, "method"), "eth_signTransaction"))
		result = mem_strdup("\"error\":{\"code\":-32601,\"message\":\"not here\"}");
	else
		result = hand_on(ctx, tree);
	body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":%lld,%s}", (long long)json_int(tree, "id", 0), result);
	server_json(fd, 200, body);
	free(body);
	free(result);
	json_free(tree);
	return true;
}

static void test_send(void **state)
{
	struct node *node = *state;
	struct server *server = server_start(handle, node);
	struct rpc *wallet = rpc_new(node->http, server_url(server));
	struct signer *signer = signer_new_rpc(node->loop, wallet, NULL);
	struct seen seen = { 0 };
	struct tx tx;

	signer_set_chain(signer, node->rpc);
	find(node, signer);
	tx = transfer(node, signer);
	sign(node, signer, &tx, &seen);
	assert_true(seen.sent && seen.raw.len);
	is_mined(node, &seen.hash);
	buf_clear(&seen.raw);
	tx_clear(&tx);
	signer_free(signer);
	rpc_free(wallet);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sign, node_begin, node_end),
		cmocka_unit_test_setup_teardown(test_send, node_begin, node_end),
	};

	return anvil_available() ? cmocka_run_group_tests_name("signer_chain", tests, node_start, node_stop) : 0;
}
