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
	char *asked;        /* what it was asked to send */
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
	if (text_equal(method, "eth_sendTransaction")) {
		free(wallet->asked);
		wallet->asked = mem_strdup(body);
	}
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

static void close_wallet(struct wallet *wallet)
{
	server_stop(wallet->server);
	free(wallet->asked);
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
	close_wallet(&wallet);
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
	close_wallet(&wallet);
	json_free(result);
}

/* The same transaction once more, at a higher price, as its user would do it in the wallet's own window. */
static char *bump_by_itself(struct stage *stage, struct wallet *wallet)
{
	json *asked = json_parse(wallet->asked, strlen(wallet->asked), NULL);
	const json *tx = json_first(json_member(asked, "params"));
	char *hash = anvil_text(stage->anvil, "eth_sendTransaction",
	                        "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"nonce\":\"%s\",\"gas\":\"%s\",\"gasPrice\":\"0x12a05f2000\"}]", json_text(tx, "from"),
	                        json_text(tx, "to"), *json_text(tx, "data") ? json_text(tx, "data") : json_text(tx, "input"), json_text(tx, "nonce"),
	                        json_text(tx, "gas"));

	json_free(asked);
	return hash;
}

static struct child *until_pending(struct stage *stage, struct wallet *wallet, const char *confirmations)
{
	const char *const more[] = { "--signer-url", server_url(wallet->server), "--confirmations", confirmations, NULL };
	struct child *child;

	stage_mining(stage, false);
	child = stage_spawn_deploy(stage, "checkout-web", NULL, more);
	if (!child_wait_text(child, " pending\"", 2 * child_deadline_ms()))
		fail_msg("it was not sent: %s", child_output(child));
	return child;
}

/* Found by what it did, held against account and nonce, followed to the confirmations, and confirmed with: nothing is sent again. */
static void test_bumps_by_itself(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	struct wallet wallet;
	struct child *child;
	json *result;
	char *hash;

	open_wallet(&wallet, stage, false);
	child = until_pending(stage, &wallet, "3");
	hash = bump_by_itself(stage, &wallet);
	stage_mine(stage);
	if (!child_wait_text(child, "makes the same call", 2 * child_deadline_ms()) || !child_wait_text(child, "1 of 3 confirmations", 2 * child_deadline_ms()))
		fail_msg("it was not found: %s", child_output(child));
	stage_mine(stage);
	if (!child_wait_text(child, "2 of 3 confirmations", 2 * child_deadline_ms()))
		fail_msg("it was not waited for: %s", child_output(child));
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	assert_string_equal(json_text(result, "transaction_hash"), hash);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	assert_true(stage_allows_hash(stage, "app", json_text(result, "compose_hash")));
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 2);
	close_wallet(&wallet);
	json_free(result);
	free(hash);
}

/* The same call by the same account, but with another nonce: that is not ours, replaced by something else. */
static void test_replaced_beside_the_same_call(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	struct wallet wallet;
	struct child *child;
	json *result, *asked;
	char *hash;

	open_wallet(&wallet, stage, false);
	child = until_pending(stage, &wallet, "1");
	asked = json_parse(wallet.asked, strlen(wallet.asked), NULL);
	hash = anvil_text(stage->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"nonce\":\"0x%x\",\"gas\":\"0x5208\",\"gasPrice\":\"0x12a05f2000\"}]",
	                  wallet.owner, wallet.other, nonce);
	free(anvil_text(stage->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"nonce\":\"0x%x\",\"gas\":\"0x30000\",\"gasPrice\":\"0x12a05f2000\"}]",
	                wallet.owner, anvil_value(stage->anvil, "app"), json_text(json_first(json_member(asked, "params")), "data"), nonce + 1));
	stage_mine(stage);
	result = stage_result(stage, child, 6);
	assert_string_equal(json_text(result, "error_code"), "tx-replaced");
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	json_free(result);

	/* Allowed by then, and not by us: it is confirmed by state, and no further signature is asked for. */
	stage_mining(stage, true);
	const char *const resume[] = { "resume", "--yes", "--json", "--wait", "--rpc-url", anvil_url(stage->anvil), "--signer-url", server_url(wallet.server), NULL };
	result = stage_result(stage, stage_spawn(stage, NULL, resume), 0);
	assert_null(stage_event(stage, "card", NULL));
	assert_int_equal(owner_nonce(stage), nonce + 2);
	close_wallet(&wallet);
	json_free(asked);
	json_free(result);
	free(hash);
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
	close_wallet(&wallet);
	json_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = { ON_STAGE(test_sends), ON_STAGE(test_sends_something_else), ON_STAGE(test_killed_behind_its_back),
		                            ON_STAGE(test_bumps_by_itself), ON_STAGE(test_replaced_beside_the_same_call) };

	return stage_run("wallet", binds, tests, sizeof(tests) / sizeof(tests[0]));
}
