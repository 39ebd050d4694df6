/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real program with a wallet that sends and never only signs: what it sent
 * is looked up on our own node, held against what was approved, and looked for
 * again after a crash. A wallet that sends something else is found out.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "chain/plain_http.h"
#include "chain/stage.h"
#include "unit/server.h"

static const struct stage_bind binds[] = { { "checkout-web", "app", true }, { NULL, NULL, false } };

/* Before anvil, which holds the owner's key. */
struct wallet {
	uint16_t port;
	const char *owner, *other;
	bool lies;          /* sends another transaction than it was asked to */
	atomic_int asked_back;
	struct server *server;
};

static json *hand_on(const struct wallet *wallet, const char *body)
{
	struct buf answer = BUF_INIT;
	json *tree;

	plain_http(wallet->port, "POST", "/", "", body, &answer);
	tree = json_parse(buf_text(&answer), answer.len, NULL);
	buf_clear(&answer);
	return tree;
}

static json *send_other(const struct wallet *wallet)
{
	char *body = mem_printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendTransaction\",\"params\":[{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"0x1\"}]}",
	                        wallet->owner, wallet->other);
	json *answer = hand_on(wallet, body);

	free(body);
	return answer;
}

static json *answer_of(struct wallet *wallet, const char *method, const char *body)
{
	static const char not_here[] = "{\"error\":{\"code\":-32601,\"message\":\"not here\"}}";

	if (text_equal(method, "eth_signTransaction"))
		return json_parse(not_here, strlen(not_here), NULL);
	if (text_equal(method, "eth_sendTransaction") && wallet->lies)
		return send_other(wallet);
	if (!text_equal(method, "eth_accounts") && !text_equal(method, "eth_sendTransaction"))
		atomic_fetch_add(&wallet->asked_back, 1);
	return hand_on(wallet, body);
}

static bool handle(void *ctx, int fd, const struct server_request *request)
{
	struct buf out = BUF_INIT;
	json *asked = json_parse(request->body, request->body_len, NULL), *answer = answer_of(ctx, json_text(asked, "method"), request->body);
	const json *result = json_member(answer, "result");

	buf_add_format(&out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"%s\":", (long long)json_int(asked, "id", 0), result ? "result" : "error");
	json_print(&out, result ? result : json_member(answer, "error"));
	buf_add_byte(&out, '}');
	server_json(fd, 200, buf_text(&out));
	buf_clear(&out);
	json_free(answer);
	json_free(asked);
	return true;
}

static void open_wallet(struct wallet *wallet, struct stage *stage, bool lies)
{
	*wallet = (struct wallet){ .port = (uint16_t)atoi(strrchr(anvil_url(stage->anvil), ':') + 1), .lies = lies };
	wallet->owner = anvil_value(stage->anvil, "owner.address");
	wallet->other = anvil_value(stage->anvil, "other.address");
	wallet->server = server_start(handle, wallet);
}

static unsigned owner_nonce(struct stage *stage)
{
	return stage_nonce(stage, anvil_value(stage->anvil, "owner.address"));
}

static void test_sends(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	struct wallet wallet;
	json *result;

	open_wallet(&wallet, stage, false);
	result = stage_deploy(stage, "checkout-web", NULL, 0, (const char *const[]){ "--signer-url", server_url(wallet.server), NULL });
	assert_int_equal(owner_nonce(stage), nonce + 1);
	assert_int_equal(wallet.asked_back, 0); /* its word about the chain is not taken */
	server_stop(wallet.server);
	json_free(result);
}

static void test_sends_something_else(void **state)
{
	struct stage *stage = *state;
	struct wallet wallet;
	json *result;

	open_wallet(&wallet, stage, true);
	result = stage_deploy(stage, "checkout-web", NULL, 7, (const char *const[]){ "--signer-url", server_url(wallet.server), NULL });
	assert_string_equal(json_text(result, "error_code"), "signer-differs");
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	assert_false(stage_allows_hash(stage, "app", json_text(result, "compose_hash")));
	server_stop(wallet.server);
	json_free(result);
}

/* Killed when the wallet had sent it and nothing of that was on disk: it is found by what it did, and not sent a second time. */
static void test_killed_behind_its_back(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	struct wallet wallet;
	struct child *child;
	json *result;

	open_wallet(&wallet, stage, false);
	const char *const signer[] = { "--signer-url", server_url(wallet.server), NULL };
	const char *const resume[] = { "resume", "--yes", "--json", "--wait", "--rpc-url", anvil_url(stage->anvil), "--signer-url", server_url(wallet.server), NULL };
	assert_int_equal(setenv("CVMDECK_CRASH_AT", "after-sign", 1), 0);
	child = stage_spawn_deploy(stage, "checkout-web", NULL, signer);
	unsetenv("CVMDECK_CRASH_AT");
	assert_int_equal(child_wait(child, 2 * child_deadline_ms()), 128 + SIGKILL);
	child_free(child);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	result = stage_result(stage, stage_spawn(stage, NULL, resume), 0);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	assert_true(stage_allows_hash(stage, "app", json_text(result, "compose_hash")));
	server_stop(wallet.server);
	json_free(result);
}

static int start(void **state)
{
	*state = stage_start(binds);
	return 0;
}

static int stop(void **state)
{
	stage_stop(*state);
	return 0;
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)

int main(void)
{
	const struct CMUnitTest tests[] = { ON_STAGE(test_sends), ON_STAGE(test_sends_something_else), ON_STAGE(test_killed_behind_its_back) };

	return anvil_available() ? cmocka_run_group_tests_name("wallet", tests, start, stop) : 0;
}
