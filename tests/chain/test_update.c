/* SPDX-License-Identifier: Apache-2.0 */
/* The whole update by the real program, on a real chain: what is mined, and what never is. */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/stage.h"

static const struct stage_bind binds[] = {
	{ "payments-api", "app_no_device", false }, { "checkout-web", "app", true },          { "fleet-agent", "app_any_device", false },
	{ "vault-sync", "app_of_poor", true },      { "nightly-batch", "reverter", true },    { "billing-worker", "app_of_contract", true },
	{ NULL, NULL, false },
};

static const char *key_of(const struct stage *stage, const char *path)
{
	return anvil_value(stage->anvil, path);
}

static unsigned owner_nonce(struct stage *stage)
{
	return stage_nonce(stage, key_of(stage, "owner.address"));
}

/* What a success must have left: the allowlist on the chain, and the CVM running that hash. */
static void expect_rolled(struct stage *stage, const json *result, const char *cvm, const char *contract)
{
	char *path = mem_printf("cvms/%s", cvm);
	json *now = stage_get(stage, path);

	assert_true(json_flag(result, "success", false));
	assert_true(stage_allows_hash(stage, contract, json_text(result, "compose_hash")));
	assert_string_equal(json_text(now, "compose_hash"), json_text(result, "compose_hash"));
	assert_string_equal(json_text(now, "status"), "running");
	json_free(now);
	free(path);
}

static void expect_failure(const json *result, const char *code)
{
	assert_false(json_flag(result, "success", true));
	assert_string_equal(json_text(result, "error_code"), code);
	assert_true(strlen(json_text(result, "message")) > 0);
	assert_true(strlen(json_text(result, "next")) > 0);
}

/* Neither a transaction nor a confirm. */
static void expect_nothing_sent(struct stage *stage, const char *account, unsigned nonce)
{
	char *pool = anvil_text(stage->anvil, "txpool_status", "[]");

	assert_non_null(strstr(pool, "\"pending\":\"0x0\""));
	assert_int_equal(stage_nonce(stage, account), nonce);
	free(pool);
}

static void test_device_not_allowed(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	json *result;

	assert_false(stage_allows_device(stage, "app_no_device", "payments-api"));
	result = stage_deploy(stage, "payments-api", key_of(stage, "owner.key"), 0, NULL);
	expect_rolled(stage, result, "payments-api", "app_no_device");
	assert_true(stage_allows_device(stage, "app_no_device", "payments-api"));
	assert_int_equal(owner_nonce(stage), nonce + 2);
	assert_int_equal(strlen(json_text(result, "device_transaction_hash")), 66);
	assert_int_equal(strlen(json_text(result, "transaction_hash")), 66);
	json_free(result);
}

static void one_transaction(struct stage *stage, const char *cvm, const char *contract)
{
	unsigned nonce = owner_nonce(stage);
	json *result = stage_deploy(stage, cvm, key_of(stage, "owner.key"), 0, NULL);

	expect_rolled(stage, result, cvm, contract);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	assert_int_equal(json_kind(json_member(result, "device_transaction_hash")), JSON_NULL);
	json_free(result);
}

static void test_device_allowed(void **state)
{
	struct stage *stage = *state;
	json *list;

	one_transaction(stage, "checkout-web", "app");
	list = stage_event(stage, "allowlist", NULL);
	assert_true(json_flag(list, "multicall", false));
	assert_int_equal(json_int(list, "chain_id", 0), 8453);
	json_free(list);
}

static void test_any_device(void **state)
{
	one_transaction(*state, "fleet-agent", "app_any_device");
}

static void test_no_multicall(void **state)
{
	struct stage *stage = *state;
	json *list;

	anvil_do(stage->anvil, "anvil_setCode", "[\"%s\",\"0x\"]", key_of(stage, "multicall3"));
	one_transaction(stage, "checkout-web", "app");
	list = stage_event(stage, "allowlist", NULL);
	assert_non_null(list);
	assert_false(json_flag(list, "multicall", true));
	json_free(list);
}

static void test_wrong_key(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = stage_nonce(stage, key_of(stage, "other.address"));
	json *result = stage_deploy(stage, "checkout-web", key_of(stage, "other.key"), 7, NULL);

	expect_failure(result, "owner");
	expect_nothing_sent(stage, key_of(stage, "other.address"), nonce);
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	json_free(result);
}

/* No Safe and no person: the calls are prepared for it, and nothing is signed with a key that could not make them. */
static void test_owner_is_a_contract(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	json *result = stage_deploy(stage, "billing-worker", key_of(stage, "owner.key"), 0, NULL);
	json *prepared = stage_event(stage, "prepared", NULL);

	assert_non_null(prepared);
	assert_string_equal(json_text(prepared, "owner_kind"), "contract");
	assert_string_equal(json_text(result, "prepared"), json_text(prepared, "commit_token"));
	assert_non_null(strstr(json_text(prepared, "calls"), json_text(result, "compose_hash")));
	assert_int_equal(json_kind(json_member(result, "transaction_hash")), JSON_NULL);
	assert_false(stage_allows_hash(stage, "app_of_contract", json_text(result, "compose_hash")));
	expect_nothing_sent(stage, key_of(stage, "owner.address"), nonce);
	json_free(prepared);
	json_free(result);
}

static void test_not_enough_balance(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = stage_nonce(stage, key_of(stage, "poor.address"));
	json *result = stage_deploy(stage, "vault-sync", key_of(stage, "poor.key"), 6, NULL);

	expect_failure(result, "balance");
	expect_nothing_sent(stage, key_of(stage, "poor.address"), nonce);
	json_free(result);
}

/* ---- with the miner in hand ---- */

static struct child *until_pending(struct stage *stage, const char *cvm, const char *const more[], char **hash)
{
	struct child *child;

	stage_mining(stage, false);
	child = stage_spawn_deploy(stage, cvm, key_of(stage, "owner.key"), more);
	*hash = stage_pending(stage);
	return child;
}

static void until_told(struct child *child, const char *text)
{
	if (!child_wait_text(child, text, child_deadline_ms()))
		fail_msg("\"%s\" was not told: %s", text, child_output(child));
}

/* Fine when it was simulated, refused when it is mined. */
static void test_reverted(void **state)
{
	static const char yes[] = "0000000000000000000000000000000000000000000000000000000000000001";
	struct stage *stage = *state;
	char *hash, *armed;
	struct child *child = until_pending(stage, "nightly-batch", NULL, &hash);
	json *result;

	armed = stage_call_as(stage, key_of(stage, "other.address"), key_of(stage, "reverter"), "arm(bool)", yes);
	stage_mine(stage);
	result = stage_result(stage, child, 6);
	expect_failure(result, "tx-reverted");
	assert_non_null(strstr(json_text(result, "message"), hash));
	assert_false(stage_allows_hash(stage, "reverter", json_text(result, "compose_hash")));
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	json_free(result);
	free(armed);
	free(hash);
}

static void test_pending(void **state)
{
	struct stage *stage = *state;
	char *hash;
	struct child *child = until_pending(stage, "checkout-web", NULL, &hash);
	json *result;

	until_told(child, " pending\"");
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_string_equal(json_text(result, "transaction_hash"), hash);
	json_free(result);
	free(hash);
}

/* The one that was left, where id is NULL. */
static json *resume(struct stage *stage, const char *id, int expected)
{
	const char *const arguments[] = { "resume", id ? id : "--yes", "--rpc-url", anvil_url(stage->anvil), "--yes", "--json", NULL };

	return stage_result(stage, stage_spawn(stage, key_of(stage, "owner.key"), arguments), expected);
}

/* The same key elsewhere uses the nonce; then the rollout is resumed and needs a new transaction. */
static void test_replaced(void **state)
{
	struct stage *stage = *state;
	const char *owner = key_of(stage, "owner.address"), *other = key_of(stage, "other.address");
	unsigned nonce = owner_nonce(stage);
	char *hash, *replacement;
	struct child *child = until_pending(stage, "checkout-web", NULL, &hash);
	json *result, *again;

	until_told(child, " pending\"");
	replacement = anvil_text(stage->anvil, "eth_sendTransaction",
	                         "[{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"0x1\",\"nonce\":\"0x%x\",\"gas\":\"0x5208\",\"gasPrice\":\"0x12a05f2000\"}]",
	                         owner, other, nonce);
	stage_mine(stage);
	result = stage_result(stage, child, 6);
	expect_failure(result, "tx-replaced");
	stage_mining(stage, true);
	again = resume(stage, json_text(result, "rollout"), 0);
	expect_rolled(stage, again, "checkout-web", "app");
	assert_int_equal(owner_nonce(stage), nonce + 2);
	json_free(again);
	json_free(result);
	free(replacement);
	free(hash);
}

static void test_dropped(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	char *hash, *again;
	struct child *child = until_pending(stage, "checkout-web", NULL, &hash);
	json *result;

	until_told(child, " pending\"");
	anvil_do(stage->anvil, "anvil_dropTransaction", "[\"%s\"]", hash);
	again = stage_pending(stage);
	assert_string_equal(again, hash);
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_int_equal(owner_nonce(stage), nonce + 1);
	json_free(result);
	free(again);
	free(hash);
}

static void test_reorganised(void **state)
{
	static const char *const three[] = { "--confirmations", "3", NULL };
	struct stage *stage = *state;
	char *hash, *again;
	struct child *child;
	json *result;

	stage_mine(stage);
	child = until_pending(stage, "checkout-web", three, &hash);
	stage_mine(stage);
	until_told(child, "1 of 3 confirmations");
	anvil_do(stage->anvil, "anvil_reorg", "[1,[]]");
	again = stage_pending(stage);
	assert_string_equal(again, hash);
	stage_mine(stage);
	stage_mine(stage);
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	json_free(result);
	free(again);
	free(hash);
}

/* So many blocks, and not one less; the backend is not asked before. */
static void test_confirmations(void **state)
{
	static const char *const three[] = { "--confirmations", "3", NULL };
	struct stage *stage = *state;
	char *hash;
	struct child *child = until_pending(stage, "checkout-web", three, &hash);
	json *result;

	stage_mine(stage);
	until_told(child, "1 of 3 confirmations");
	stage_mine(stage);
	until_told(child, "2 of 3 confirmations");
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_string_equal(json_text(result, "transaction_hash"), hash);
	json_free(result);
	free(hash);
}

/* Another transaction of the account waits: ours waits behind it, and where that one is lost, for somebody to fill its place. */
static void test_foreign_and_gap(void **state)
{
	struct stage *stage = *state;
	const char *owner = key_of(stage, "owner.address"), *other = key_of(stage, "other.address");
	unsigned nonce = owner_nonce(stage);
	struct child *child;
	json *result;
	char *foreign;

	stage_mining(stage, false);
	foreign = stage_call_as(stage, owner, other, "hello()", NULL);
	child = stage_spawn_deploy(stage, "checkout-web", key_of(stage, "owner.key"), NULL);
	until_told(child, "other transactions of this account are pending");
	until_told(child, "pending, behind 1 more of this account");
	anvil_do(stage->anvil, "anvil_dropTransaction", "[\"%s\"]", foreign);
	until_told(child, "a nonce before it is free");
	free(stage_call_as(stage, owner, other, "hello()", NULL));
	stage_mine(stage);
	result = stage_result(stage, child, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_int_equal(owner_nonce(stage), nonce + 2);
	json_free(result);
	free(foreign);
}

/* Killed with its transaction on the way: the journal knows it, and it is not sent a second time. */
static void test_killed(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	char *hash;
	struct child *child = until_pending(stage, "checkout-web", NULL, &hash);
	json *result;

	assert_int_equal(kill(child_pid(child), SIGKILL), 0);
	assert_int_equal(child_wait(child, child_deadline_ms()), 128 + SIGKILL);
	child_free(child);
	stage_mine(stage);
	stage_mining(stage, true);
	result = resume(stage, NULL, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_string_equal(json_text(result, "transaction_hash"), hash);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	json_free(result);
	free(hash);
}

static void test_interrupted(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	char *hash;
	struct child *child = until_pending(stage, "payments-api", NULL, &hash);
	json *result, *resumed;

	until_told(child, " pending\"");
	assert_int_equal(kill(child_pid(child), SIGTERM), 0);
	result = stage_result(stage, child, 8);
	expect_failure(result, "interrupted");
	stage_mine(stage);
	stage_mining(stage, true);
	resumed = resume(stage, json_text(result, "rollout"), 0);
	expect_rolled(stage, resumed, "payments-api", "app_no_device");
	assert_string_equal(json_text(resumed, "device_transaction_hash"), hash);
	assert_int_equal(owner_nonce(stage), nonce + 2);
	json_free(result);
	json_free(resumed);
	free(hash);
}

/* ---- other ways to sign, and not to ---- */

static void test_external_signer(void **state)
{
	struct stage *stage = *state;
	const char *const signer[] = { "--signer-url", anvil_url(stage->anvil), NULL };
	json *result = stage_deploy(stage, "checkout-web", NULL, 0, signer);

	expect_rolled(stage, result, "checkout-web", "app");
	json_free(result);
}

/* ---- an address that is only watched ---- */

/* The card says what to sign, and nothing was: not here. */
static void expect_elsewhere(struct stage *stage, const json *result, const char *function)
{
	json *card = stage_event(stage, "card", NULL);

	expect_failure(result, "signer-watch");
	assert_non_null(card);
	assert_string_equal(json_text(card, "function"), function);
	assert_true(!strncmp(json_text(card, "unsigned"), "0x02", 4));
	assert_true(!strncmp(json_text(card, "cast_send"), "cast send ", 10));
	assert_non_null(strstr(json_text(card, "cast_send"), json_text(card, "contract")));
	assert_non_null(strstr(json_text(result, "next"), json_text(result, "rollout")));
	expect_nothing_sent(stage, key_of(stage, "owner.address"), (unsigned)json_int(card, "nonce", 0));
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 1);
	json_free(card);
}

/* What the card asks for, by the owner's wallet elsewhere. */
static void sign_elsewhere(struct stage *stage)
{
	json *card = stage_event(stage, "card", NULL);

	anvil_do(stage->anvil, "anvil_impersonateAccount", "[\"%s\"]", json_text(card, "from"));
	anvil_do(stage->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\"}]", json_text(card, "from"),
	         json_text(card, "contract"), json_text(card, "calldata"));
	anvil_do(stage->anvil, "anvil_stopImpersonatingAccount", "[\"%s\"]", json_text(card, "from"));
	json_free(card);
}

/* Goes on with it, with the address named again or without; nothing is there to be approved. */
static json *watch_on(struct stage *stage, const char *id, const char *owner, int expected)
{
	const char *const arguments[] = { "resume", id, "--rpc-url", anvil_url(stage->anvil), "--json", owner ? "--watch-only" : NULL, owner, NULL };

	return stage_result(stage, stage_spawn(stage, NULL, arguments), expected);
}

/* Two transactions, sent by another hand; each start says what is still to be signed, and the last one goes to the end. */
static void watch_to_the_end(struct stage *stage, const char *owner, bool named)
{
	const char *const watch[] = { "--watch-only", owner, NULL };
	json *first = stage_deploy(stage, "payments-api", NULL, 3, watch), *result;
	const char *id = json_text(first, "rollout"), *again = named ? owner : NULL;
	unsigned nonce = owner_nonce(stage);

	expect_elsewhere(stage, first, "addDevice");
	result = watch_on(stage, id, again, 3);
	expect_elsewhere(stage, result, "addDevice");
	json_free(result);
	sign_elsewhere(stage);
	result = watch_on(stage, id, again, 3);
	expect_elsewhere(stage, result, "addComposeHash");
	json_free(result);
	sign_elsewhere(stage);
	result = watch_on(stage, id, again, 0);
	expect_rolled(stage, result, "payments-api", "app_no_device");
	assert_int_equal(owner_nonce(stage), nonce + 2);
	json_free(result);
	json_free(first);
}

static void test_watch_only(void **state)
{
	struct stage *stage = *state;

	watch_to_the_end(stage, key_of(stage, "owner.address"), true);
}

static void test_watch_only_not_named_again(void **state)
{
	struct stage *stage = *state;

	watch_to_the_end(stage, key_of(stage, "owner.address"), false);
}

/* The backend's node is a block behind: asked again, and nobody is asked to sign a second time. */
static void test_watch_only_confirm_again(void **state)
{
	struct stage *stage = *state;
	const char *owner = key_of(stage, "owner.address");
	const char *const watch[] = { "--watch-only", owner, NULL };
	json *first = stage_deploy(stage, "checkout-web", NULL, 3, watch), *result;
	unsigned nonce = owner_nonce(stage);

	expect_elsewhere(stage, first, "addComposeHash");
	sign_elsewhere(stage);
	stage_post(stage, "/__faults", "{\"backend\":{\"confirm_status\":467,\"confirm_times\":1}}");
	result = watch_on(stage, json_text(first, "rollout"), owner, 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_int_equal(owner_nonce(stage), nonce + 1);
	json_free(result);
	json_free(first);
}

/* With the key after all: what was allowed elsewhere, and a transaction of its own for the backend. */
static void test_watch_only_then_a_key(void **state)
{
	struct stage *stage = *state;
	const char *const watch[] = { "--watch-only", key_of(stage, "owner.address"), NULL };
	json *first = stage_deploy(stage, "checkout-web", NULL, 3, watch), *result;

	result = resume(stage, json_text(first, "rollout"), 0);
	expect_rolled(stage, result, "checkout-web", "app");
	assert_int_equal(strlen(json_text(result, "transaction_hash")), 66);
	json_free(result);
	json_free(first);
}

/* Its code delegates (EIP-7702), and it signs like anybody: no contract whose owners would have to. */
static void test_owner_delegates(void **state)
{
	struct stage *stage = *state;

	anvil_do(stage->anvil, "anvil_setCode", "[\"%s\",\"0xef0100%s\"]", key_of(stage, "owner.address"), key_of(stage, "silent") + 2);
	one_transaction(stage, "checkout-web", "app");
	anvil_do(stage->anvil, "anvil_setCode", "[\"%s\",\"0x\"]", key_of(stage, "owner.address"));
}

static void test_max_cost(void **state)
{
	static const char *const little[] = { "--max-cost", "0.000000000000000001", NULL };
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	json *result = stage_deploy(stage, "checkout-web", key_of(stage, "owner.key"), 6, little);

	expect_failure(result, "balance");
	expect_nothing_sent(stage, key_of(stage, "owner.address"), nonce);
	json_free(result);
}

/* ---- nodes that are not what they should be ---- */

static void test_wrong_chain(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	json *result;

	anvil_do(stage->anvil, "anvil_setChainId", "[1]");
	result = stage_deploy(stage, "checkout-web", key_of(stage, "owner.key"), 7, NULL);
	anvil_do(stage->anvil, "anvil_setChainId", "[8453]");
	expect_failure(result, "chain-id");
	expect_nothing_sent(stage, key_of(stage, "owner.address"), nonce);
	json_free(result);
}

/* The sandbox's own chain has the same contract in another state. */
static void test_nodes_disagree(void **state)
{
	struct stage *stage = *state;
	const char *const two[] = { "--rpc-url", stage->rpc, NULL };
	unsigned nonce = owner_nonce(stage);
	json *result = stage_deploy(stage, "payments-api", key_of(stage, "owner.key"), 7, two);

	expect_failure(result, "rpc-disagree");
	expect_nothing_sent(stage, key_of(stage, "owner.address"), nonce);
	json_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_device_not_allowed), ON_STAGE(test_device_allowed), ON_STAGE(test_any_device), ON_STAGE(test_no_multicall),
		ON_STAGE(test_wrong_key), ON_STAGE(test_owner_is_a_contract), ON_STAGE(test_not_enough_balance), ON_STAGE(test_reverted),
		ON_STAGE(test_pending), ON_STAGE(test_replaced), ON_STAGE(test_dropped), ON_STAGE(test_reorganised),
		ON_STAGE(test_confirmations), ON_STAGE(test_foreign_and_gap),
		ON_STAGE(test_killed), ON_STAGE(test_interrupted), ON_STAGE(test_external_signer),
		ON_STAGE(test_watch_only), ON_STAGE(test_watch_only_not_named_again), ON_STAGE(test_watch_only_confirm_again),
		ON_STAGE(test_watch_only_then_a_key), ON_STAGE(test_owner_delegates), ON_STAGE(test_max_cost), ON_STAGE(test_wrong_chain), ON_STAGE(test_nodes_disagree),
	};

	return stage_run("update", binds, tests, sizeof(tests) / sizeof(tests[0]));
}
