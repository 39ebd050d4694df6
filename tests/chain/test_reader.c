/* SPDX-License-Identifier: Apache-2.0 */
/* The allowlist as the chain has it, read from a real one: by Multicall3, by a batch, and where reads fail. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "chain/node.h"
#include "chain/reader.h"

struct reading {
	bool done;
	bool failed;
	struct allowlist list;
	struct error error;
};

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct reading *reading = ctx;

	reading->done = true;
	if (list)
		allowlist_take(&reading->list, list);
	else
		reading->error = *err;
	reading->failed = !list;
}

static struct allowlist_question question(const struct node *node, const char *app, const char *signer)
{
	struct allowlist_question question = {
		.chain_id = 8453, .contract = node_address(node, app), .new_hash = node_filled(0x77),
		.old_hash = node_word(node, "old_hash"), .device = node_word(node, "device"), .signer = node_address(node, signer),
		.has_new_hash = true, .has_old_hash = true, .has_device = true, .has_signer = true,
	};

	return question;
}

static void ask(struct node *node, const struct allowlist_question *question, struct reading *reading)
{
	memset(reading, 0, sizeof(*reading));
	assert_non_null(chain_read_allowlist(node->rpc, question, on_list, reading));
	assert_false(reading->done);
	node_wait(node, &reading->done);
}

/* Asks and expects that every read was answered. */
static void read_all(struct node *node, const char *app, const char *signer, struct reading *reading)
{
	struct allowlist_question asked = question(node, app, signer);
	const struct error *failure;
	const char *name = "";

	ask(node, &asked, reading);
	if (reading->failed)
		fail_msg("%s", reading->error.message);
	failure = allowlist_first_failure(&reading->list, &name);
	if (failure)
		fail_msg("%s: %s", name, failure->message);
}

static void check_usual(const struct node *node, const struct allowlist *list)
{
	struct address owner = node_address(node, "owner.address"), code = node_address(node, "app_implementation");

	assert_int_equal(list->chain_id, 8453);
	assert_int_equal(list->new_hash.state, READ_NO);
	assert_int_equal(list->old_hash.state, READ_YES);
	assert_int_equal(list->any_device.state, READ_NO);
	assert_int_equal(list->device.state, READ_YES);
	assert_int_equal(allowlist_device_state(list), READ_YES);
	assert_int_equal(list->owner.state, READ_VALUE);
	assert_true(address_equal(&list->owner.address, &owner));
	assert_int_equal(list->owner_account.kind, ACCOUNT_EOA);
	assert_int_equal(list->code.state, READ_YES);
	assert_int_equal(list->implementation.state, READ_VALUE);
	assert_true(address_equal(&list->implementation.address, &code));
	assert_int_equal(list->require_tcb.state, READ_NO);
	assert_int_equal(list->version.number.limb[0], 2);
	assert_false(u256_is_zero(&list->balance.number));
	assert_true(list->has_nonces);
}

static void test_device_allowed(void **state)
{
	struct node *node = *state;
	struct reading reading;

	read_all(node, "app", "owner.address", &reading);
	check_usual(node, &reading.list);
	assert_true(reading.list.multicall);
	assert_int_equal(reading.list.calls, 1);
	allowlist_clear(&reading.list);
}

static void test_device_not_allowed(void **state)
{
	struct reading reading;

	read_all(*state, "app_no_device", "owner.address", &reading);
	assert_int_equal(reading.list.device.state, READ_NO);
	assert_int_equal(allowlist_device_state(&reading.list), READ_NO);
	allowlist_clear(&reading.list);
}

static void test_any_device_allowed(void **state)
{
	struct reading reading;

	read_all(*state, "app_any_device", "owner.address", &reading);
	assert_int_equal(reading.list.device.state, READ_NO);
	assert_int_equal(reading.list.any_device.state, READ_YES);
	assert_int_equal(allowlist_device_state(&reading.list), READ_YES);
	allowlist_clear(&reading.list);
}

/* Without Multicall3 the same facts come in one batch, pinned to one block. */
static void test_no_multicall(void **state)
{
	struct node *node = *state;
	struct reading with, without;
	struct error err;

	read_all(node, "app", "owner.address", &with);
	anvil_do(node->anvil, "anvil_setCode", "[\"%s\",\"0x\"]", anvil_value(node->anvil, "multicall3"));
	read_all(node, "app", "owner.address", &without);
	check_usual(node, &without.list);
	assert_false(without.list.multicall);
	assert_int_equal(without.list.calls, 1);
	if (!allowlist_require_same(&with.list, &without.list, &err))
		fail_msg("%s", err.message);
	allowlist_clear(&with.list);
	allowlist_clear(&without.list);
}

static void test_endpoints_that_disagree(void **state)
{
	struct node *node = *state;
	struct reading one, other;
	struct error err;

	read_all(node, "app", "owner.address", &one);
	read_all(node, "app_no_device", "owner.address", &other);
	assert_false(allowlist_require_same(&one.list, &other.list, &err));
	assert_int_equal(err.status, STATUS_CHECK);
	assert_string_equal(err.code, "rpc-disagree");
	allowlist_clear(&one.list);
	allowlist_clear(&other.list);
}

static void test_owner_is_a_contract(void **state)
{
	struct reading reading;

	read_all(*state, "app_of_contract", "owner.address", &reading);
	assert_int_equal(reading.list.owner_account.kind, ACCOUNT_CONTRACT);
	assert_false(account_is_person(&reading.list.owner_account));
	allowlist_clear(&reading.list);
}

static void test_owner_is_a_safe(void **state)
{
	struct node *node = *state;
	struct address first = node_address(node, "owner.address"), second = node_address(node, "other.address");
	struct reading reading;
	const struct account *safe = &reading.list.owner_account;

	read_all(node, "safe_app", "owner.address", &reading);
	assert_int_equal(safe->kind, ACCOUNT_SAFE);
	assert_int_equal(safe->threshold, 2);
	assert_int_equal(safe->owner_count, 2);
	assert_true(address_equal(&safe->owners[0], &first));
	assert_true(address_equal(&safe->owners[1], &second));
	allowlist_clear(&reading.list);
}

/* An owner with a delegation (EIP-7702) still signs with its own key. */
static void test_owner_delegates(void **state)
{
	struct node *node = *state;
	struct address silent = node_address(node, "silent");
	struct reading reading;

	anvil_do(node->anvil, "anvil_setCode", "[\"%s\",\"0xef0100%s\"]", anvil_value(node->anvil, "owner.address"),
	         anvil_value(node->anvil, "silent") + 2);
	read_all(node, "app", "owner.address", &reading);
	assert_int_equal(reading.list.owner_account.kind, ACCOUNT_DELEGATED_EOA);
	assert_true(account_is_person(&reading.list.owner_account));
	assert_true(address_equal(&reading.list.owner_account.delegate, &silent));
	allowlist_clear(&reading.list);
}

static void test_ownership_on_offer(void **state)
{
	struct node *node = *state;
	struct address other = node_address(node, "other.address");
	struct reading reading;
	char *hash = anvil_text(node->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"0xf2fde38b%024d%s\"}]",
	                        anvil_value(node->anvil, "owner.address"), anvil_value(node->anvil, "app"), 0,
	                        anvil_value(node->anvil, "other.address") + 2);

	free(hash);
	anvil_do(node->anvil, "evm_mine", "[]");
	read_all(node, "app", "owner.address", &reading);
	assert_int_equal(reading.list.pending_owner.state, READ_VALUE);
	assert_true(address_equal(&reading.list.pending_owner.address, &other));
	allowlist_clear(&reading.list);
}

static void test_signer_without_coin(void **state)
{
	struct reading reading;

	read_all(*state, "app_of_poor", "poor.address", &reading);
	assert_int_equal(reading.list.balance.state, READ_VALUE);
	assert_true(u256_is_zero(&reading.list.balance.number));
	allowlist_clear(&reading.list);
}

static void test_other_chain(void **state)
{
	struct node *node = *state;
	struct allowlist_question asked = question(node, "app", "owner.address");
	struct reading reading;

	asked.chain_id = 1;
	ask(node, &asked, &reading);
	assert_true(reading.failed);
	assert_int_equal(reading.error.status, STATUS_CHECK);
	assert_string_equal(reading.error.code, "chain-id");
}

/* A contract that answers nothing, and an address without code, never read as "no". */
static void test_no_such_functions(void **state)
{
	static const char *const targets[] = { "silent", "other.address" };
	struct reading reading;

	for (size_t i = 0; i < 2; i++) {
		struct allowlist_question asked = question(*state, targets[i], "owner.address");
		const char *name = NULL;

		ask(*state, &asked, &reading);
		assert_false(reading.failed);
		assert_non_null(allowlist_first_failure(&reading.list, &name));
		assert_int_not_equal(reading.list.new_hash.state, READ_NO);
		assert_int_not_equal(reading.list.device.state, READ_NO);
		assert_int_equal(allowlist_device_state(&reading.list), READ_FAILED);
		assert_int_equal(reading.list.code.state, i == 0 ? READ_YES : READ_NO);
		allowlist_clear(&reading.list);
	}
}

static void test_nobody_answers(void **state)
{
	struct node *node = *state;
	struct rpc *nowhere = rpc_new(node->http, "http://127.0.0.1:9");
	struct allowlist_question asked = question(node, "app", "owner.address");
	struct reading reading = { 0 };

	assert_non_null(chain_read_allowlist(nowhere, &asked, on_list, &reading));
	node_wait(node, &reading.done);
	assert_true(reading.failed);
	assert_int_not_equal(reading.error.status, STATUS_OK);
	assert_true(strlen(reading.error.message) > 0);
	rpc_free(nowhere);
}

static void test_cancelled(void **state)
{
	struct node *node = *state;
	struct allowlist_question asked = question(node, "app", "owner.address");
	struct reading dropped = { 0 }, reading;

	chain_read_cancel(chain_read_allowlist(node->rpc, &asked, on_list, &dropped));
	read_all(node, "app", "owner.address", &reading);
	assert_false(dropped.done);
	allowlist_clear(&reading.list);
}

#define ON_CHAIN(test) cmocka_unit_test_setup_teardown(test, node_begin, node_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CHAIN(test_device_allowed), ON_CHAIN(test_device_not_allowed), ON_CHAIN(test_any_device_allowed),
		ON_CHAIN(test_no_multicall), ON_CHAIN(test_endpoints_that_disagree), ON_CHAIN(test_owner_is_a_contract),
		ON_CHAIN(test_owner_is_a_safe), ON_CHAIN(test_owner_delegates), ON_CHAIN(test_ownership_on_offer),
		ON_CHAIN(test_signer_without_coin), ON_CHAIN(test_other_chain), ON_CHAIN(test_no_such_functions),
		ON_CHAIN(test_nobody_answers), ON_CHAIN(test_cancelled),
	};

	return anvil_available() ? cmocka_run_group_tests_name("reader", tests, node_start, node_stop) : 0;
}
