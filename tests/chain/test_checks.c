/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks that need a real chain to be red: code replaced behind its proxy, a call that reverts, a block lost
 * behind the confirm, a KMS that refuses, and fees that nobody agreed to.
 */
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

/* Nobody looks at the cards: what costs more than a twentieth of an ether is for somebody who says so. */
static void test_dear_where_nobody_looks(void **state)
{
	static const char *const more[] = { "--max-cost", "3", NULL };
	struct stage *stage = *state;
	unsigned nonce = owner_nonce(stage);
	json *result, *check;

	anvil_do(stage->anvil, "anvil_setNextBlockBaseFeePerGas", "[\"0x%llx\"]", 5000000000000ull); /* some 0.6 ether for the whole */
	stage_mine(stage);
	result = stage_deploy(stage, "checkout-web", owner_key(stage), 6, NULL);
	assert_string_equal(json_text(result, "error_code"), "balance");
	check = stage_event(stage, "check", "\"id\":\"balance\"");
	assert_non_null(strstr(json_text(check, "note"), "(0.05 ETH)"));
	assert_int_equal(owner_nonce(stage), nonce);
	json_free(check);
	json_free(result);
	result = stage_deploy(stage, "checkout-web", owner_key(stage), 0, more);
	assert_int_equal(owner_nonce(stage), nonce + 1);
	json_free(result);
}

/* Answers every call with (false, "OS image is not allowed"): memory is a zero word, 0x40, the length, the text. */
#define REFUSES \
	"0x604060205260176040527f" \
	"4f5320696d616765206973206e6f7420616c6c6f77656400000000000000000060" \
	"605260806000f3"

/* The app's contract allows hash and device; the KMS it asks for its keys does not know the image any more. */
static void test_kms_refuses(void **state)
{
	struct stage *stage = *state;
	unsigned nonce;
	json *result, *check;

	json_free(stage_deploy(stage, "checkout-web", owner_key(stage), 0, NULL));
	anvil_do(stage->anvil, "anvil_setCode", "[\"%s\",\"" REFUSES "\"]", anvil_value(stage->anvil, "kms"));
	nonce = owner_nonce(stage);
	result = stage_deploy(stage, "checkout-web", owner_key(stage), 7, NULL);
	assert_string_equal(json_text(result, "error_code"), "would-boot");
	expect_red(stage, "would-boot");
	check = stage_event(stage, "check", "\"id\":\"would-boot\"");
	assert_string_equal(json_text(check, "value"), "OS image is not allowed");
	assert_int_equal(owner_nonce(stage), nonce);
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 3); /* two of the first update, and no confirm of the second */
	json_free(check);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_implementation_changed), ON_STAGE(test_simulation_reverts), ON_STAGE(test_fee_is_capped),
		ON_STAGE(test_reorganised_behind_the_confirm), ON_STAGE(test_kms_refuses), ON_STAGE(test_dear_where_nobody_looks),
	};

	return stage_run("checks", binds, tests, sizeof(tests) / sizeof(tests[0]));
}
