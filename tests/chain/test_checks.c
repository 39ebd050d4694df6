/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that need a real chain to be red: code replaced behind its proxy, a call that reverts, a block lost behind the confirm. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/stage.h"

#define SLOT "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc" /* ERC-1967 */

static const struct stage_bind binds[] = {
	{ "checkout-web", "app", true }, { "nightly-batch", "reverter", true }, { NULL, NULL, false },
};

static const char *owner_key(const struct stage *stage)
{
	return anvil_value(stage->anvil, "owner.key");
}

static unsigned owner_nonce(struct stage *stage)
{
	return stage_nonce(stage, anvil_value(stage->anvil, "owner.address"));
}

static void expect_red(const struct stage *stage, const char *id)
{
	char *word = mem_printf("\"id\":\"%s\"", id);
	json *check = stage_event(stage, "check", word);

	assert_non_null(check);
	assert_string_equal(json_text(check, "mark"), "bad");
	json_free(check);
	free(word);
}

/* The owner puts the code of another contract behind the proxy, as an attacker with the key would. */
static void upgrade(struct stage *stage, const char *proxy, const char *like)
{
	char *slot = anvil_text(stage->anvil, "eth_getStorageAt", "[\"%s\",\"%s\",\"latest\"]", anvil_value(stage->anvil, like), SLOT);
	char *hash = anvil_text(stage->anvil, "eth_sendTransaction",
	                        "[{\"from\":\"%s\",\"to\":\"%s\",\"gas\":\"0x989680\",\"data\":\"0x4f1ef286%s%064x%064x\"}]",
	                        anvil_value(stage->anvil, "owner.address"), anvil_value(stage->anvil, proxy), slot + 2, 0x40, 0);
	char *now;

	stage_mine(stage);
	now = anvil_text(stage->anvil, "eth_getStorageAt", "[\"%s\",\"%s\",\"latest\"]", anvil_value(stage->anvil, proxy), SLOT);
	assert_string_equal(now, slot);
	free(now);
	free(slot);
	free(hash);
}

static void test_implementation_changed(void **state)
{
	static const char *const known[] = { "--override", "implementation=we upgraded it ourselves", NULL };
	struct stage *stage = *state;
	unsigned nonce;
	json *result = stage_deploy(stage, "checkout-web", owner_key(stage), 0, NULL);

	json_free(result);
	upgrade(stage, "app", "reverter");
	nonce = owner_nonce(stage);
	result = stage_deploy(stage, "checkout-web", owner_key(stage), 7, NULL);
	assert_string_equal(json_text(result, "error_code"), "implementation");
	expect_red(stage, "implementation");
	assert_int_equal(owner_nonce(stage), nonce);
	json_free(result);

	result = stage_deploy(stage, "checkout-web", owner_key(stage), 0, known); /* who knows why says so, once */
	json_free(result);
	result = stage_deploy(stage, "checkout-web", owner_key(stage), 0, NULL);
	assert_int_equal(owner_nonce(stage), nonce + 2);
	json_free(result);
}

static void test_simulation_reverts(void **state)
{
	static const char yes[] = "0000000000000000000000000000000000000000000000000000000000000001";
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	char *hash = stage_call_as(stage, anvil_value(stage->anvil, "other.address"), anvil_value(stage->anvil, "reverter"), "arm(bool)", yes);
	json *result = stage_deploy(stage, "nightly-batch", owner_key(stage), 7, NULL);

	assert_string_equal(json_text(result, "error_code"), "simulation");
	expect_red(stage, "simulation");
	assert_int_equal(owner_nonce(stage), nonce);
	json_free(result);
	free(hash);
}

static void test_fee_is_capped(void **state)
{
	static const char *const cap[] = { "--max-fee", "0.9", NULL };
	struct stage *stage = *state;
	json *result = stage_deploy(stage, "checkout-web", owner_key(stage), 0, cap);
	json *card = stage_event(stage, "card", NULL), *answer;

	assert_string_equal(json_text(card, "max_fee"), "0.9 gwei, --max-fee");
	answer = anvil_call(stage->anvil, "eth_getTransactionByHash", "[\"%s\"]", json_text(result, "transaction_hash"));
	assert_string_equal(json_text(answer, "result.maxFeePerGas"), "0x35a4e900");
	json_free(answer);
	json_free(card);
	json_free(result);
}

/* The backend has taken it; then the chain loses the block. The same bytes go out again, and nothing is signed or confirmed twice. */
static void test_reorganised_behind_the_confirm(void **state)
{
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	struct child *child;
	json *result;

	stage_mine(stage);
	stage_post(stage, "/__faults", "{\"http\":[{\"method\":\"GET\",\"path\":\"/cvms/\",\"delay_ms\":400}]}");
	child = stage_spawn_deploy(stage, "checkout-web", owner_key(stage), NULL);
	if (!child_wait_text(child, "\"phase\":\"rolling\"", 2 * child_deadline_ms()))
		fail_msg("it was not taken: %s", child_output(child));
	anvil_do(stage->anvil, "anvil_reorg", "[1,[]]");
	assert_int_equal(owner_nonce(stage), nonce);
	result = stage_result(stage, child, 0);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	assert_true(stage_allows_hash(stage, "app", json_text(result, "compose_hash")));
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 2);
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
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_implementation_changed), ON_STAGE(test_simulation_reverts), ON_STAGE(test_fee_is_capped),
		ON_STAGE(test_reorganised_behind_the_confirm),
	};

	return anvil_available() ? cmocka_run_group_tests_name("checks", tests, start, stop) : 0;
}
