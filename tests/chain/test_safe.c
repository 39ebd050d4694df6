/* SPDX-License-Identifier: Apache-2.0 */
/* The real Safe contracts, two of two owners: what is shown, hashed and signed here is what they accept and do. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/contract.h"
#include "chain/node.h"
#include "chain/receipt.h"
#include "chain/safe.h"

/* A batch that allows a device and a hash, as an owner would be given it. */
struct plan {
	struct address safe, app;
	struct bytes32 hash, device;
	struct buf calls[2];
	struct buf batch;
	struct safe_tx tx;
	struct safe_hashes hashes;
};

static char *hex_of(const struct buf *bytes)
{
	char *out = mem_new(1, 2 * bytes->len + 3);

	hex_encode_0x(out, (const uint8_t *)bytes->data, bytes->len);
	return out;
}

/* eth_call of bytes at an address; the answer as hex, freed by the caller. */
static char *ask(const struct node *node, const struct address *to, const struct buf *data)
{
	char text[ADDRESS_TEXT_SIZE], *hex = hex_of(data);
	char *answer = anvil_text(node->anvil, "eth_call", "[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]", address_format(text, to), hex);

	free(hex);
	return answer;
}

static void read_info(struct node *node, const struct address *safe, struct safe_info *info)
{
	struct safe_answer answers[SAFE_READS];
	uint8_t *data[SAFE_READS];
	struct error err;

	for (size_t i = 0; i < SAFE_READS; i++) {
		struct buf call = BUF_INIT;
		uint8_t selector[4];
		char *hex;

		safe_read_calldata(selector, (enum safe_read)i);
		buf_add(&call, selector, sizeof(selector));
		hex = ask(node, safe, &call);
		data[i] = data_parse_new(hex, 4096, &answers[i].len);
		answers[i].data = data[i];
		free(hex);
		buf_clear(&call);
	}
	if (!safe_info_read(info, answers, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < SAFE_READS; i++)
		free(data[i]);
}

static void make_plan(struct node *node, struct plan *plan)
{
	struct safe_call calls[2] = { 0 };
	struct safe_info info;
	struct error err;

	memset(plan, 0, sizeof(*plan));
	plan->safe = node_address(node, "safe");
	plan->app = node_address(node, "safe_app");
	plan->hash = node_filled(0x51);
	plan->device = node_filled(0x52);
	contract_encode_word(CALL_ADD_DEVICE, &plan->device, &plan->calls[0]);
	contract_encode_word(CALL_ADD_COMPOSE_HASH, &plan->hash, &plan->calls[1]);
	for (size_t i = 0; i < 2; i++) {
		calls[i].to = plan->app;
		calls[i].data = (const uint8_t *)plan->calls[i].data;
		calls[i].data_len = plan->calls[i].len;
	}
	read_info(node, &plan->safe, &info);
	assert_string_equal(info.version, "1.4.1");
	assert_int_equal(info.threshold, 2);
	if (!safe_plan(&plan->tx, &plan->batch, info.version, 8453, calls, 2, &info.nonce, &err))
		fail_msg("%s", err.message);
	safe_tx_hashes(&plan->hashes, 8453, &plan->safe, &plan->tx);
	safe_info_clear(&info);
}

static void clear_plan(struct plan *plan)
{
	buf_clear(&plan->calls[0]);
	buf_clear(&plan->calls[1]);
	buf_clear(&plan->batch);
}

static void sign_as(const struct node *node, const char *path, const struct plan *plan, struct safe_signature *out)
{
	struct secret key = SECRET_INIT;
	struct error err;

	secret_alloc(&key, 32);
	assert_true(hex_decode(key.data, 32, anvil_value(node->anvil, path)));
	if (!safe_sign(out, &key, &plan->hashes.tx, &err))
		fail_msg("%s", err.message);
	secret_clear(&key);
}

/* Calldata of execTransaction with the signatures of these accounts. */
static char *exec_call(const struct node *node, const struct plan *plan, const char *const paths[], size_t count)
{
	struct buf signatures = BUF_INIT, exec = BUF_INIT;
	struct safe_signature list[2];
	struct error err;
	char *hex;

	for (size_t i = 0; i < count; i++)
		sign_as(node, paths[i], plan, &list[i]);
	assert_true(safe_add_signatures(&signatures, list, count, &err));
	safe_add_exec(&exec, &plan->tx, (const uint8_t *)signatures.data, signatures.len);
	hex = hex_of(&exec);
	buf_clear(&signatures);
	buf_clear(&exec);
	return hex;
}

/* Runs it from an account that owns nothing; *receipt is cleared by the caller. */
static void execute(struct node *node, const char *data, struct receipt *receipt)
{
	char *hash = anvil_text(node->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"gas\":\"0x989680\"}]",
	                        anvil_value(node->anvil, "third.address"), anvil_value(node->anvil, "safe"), data);
	struct error err;
	json *tree;

	anvil_do(node->anvil, "evm_mine", "[]");
	tree = anvil_call(node->anvil, "eth_getTransactionReceipt", "[\"%s\"]", hash);
	if (!receipt_parse(json_member(tree, "result"), receipt, &err))
		fail_msg("%s", err.message);
	json_free(tree);
	free(hash);
}

static bool has_outcome(const struct receipt *receipt, const struct plan *plan, struct safe_event *event)
{
	for (size_t i = 0; i < receipt->log_count; i++) {
		const struct log_entry *log = &receipt->logs[i];

		if (address_equal(&log->address, &plan->safe) && safe_read_event(event, log->topics, log->topic_count, log->data, log->len))
			return true;
	}
	return false;
}

static const char *const both[] = { "owner.key", "other.key" };

static void test_hash_is_the_safes(void **state)
{
	struct buf call = BUF_INIT;
	char text[BYTES32_TEXT_SIZE], *answer;
	struct plan plan;

	make_plan(*state, &plan);
	safe_add_get_hash(&call, &plan.tx);
	answer = ask(*state, &plan.safe, &call);
	assert_string_equal(answer, bytes32_format(text, &plan.hashes.tx));
	free(answer);
	buf_clear(&call);
	clear_plan(&plan);
}

static void test_two_owners(void **state)
{
	struct node *node = *state;
	struct safe_event event;
	struct receipt receipt;
	struct plan plan;
	char *data;

	make_plan(node, &plan);
	data = exec_call(node, &plan, both, 2);
	execute(node, data, &receipt);
	assert_true(receipt.success);
	assert_true(has_outcome(&receipt, &plan, &event));
	assert_true(event.success);
	assert_true(bytes32_equal(&event.tx_hash, &plan.hashes.tx));
	assert_true(receipt_has_event(&receipt, &plan.app, EVENT_DEVICE_ADDED, &plan.device));
	assert_true(receipt_has_event(&receipt, &plan.app, EVENT_COMPOSE_HASH_ADDED, &plan.hash));
	receipt_clear(&receipt);
	/* The nonce is used: the same signatures do nothing a second time. */
	execute(node, data, &receipt);
	assert_false(receipt.success);
	receipt_clear(&receipt);
	free(data);
	clear_plan(&plan);
}

static void test_one_owner_is_too_few(void **state)
{
	struct node *node = *state;
	struct receipt receipt;
	struct plan plan;
	char *data;

	make_plan(node, &plan);
	data = exec_call(node, &plan, both, 1);
	execute(node, data, &receipt);
	assert_false(receipt.success);
	receipt_clear(&receipt);
	free(data);
	clear_plan(&plan);
}

static void test_a_stranger_does_not_count(void **state)
{
	static const char *const strangers[] = { "owner.key", "third.key" };
	struct node *node = *state;
	struct receipt receipt;
	struct plan plan;
	char *data;

	make_plan(node, &plan);
	data = exec_call(node, &plan, strangers, 2);
	execute(node, data, &receipt);
	assert_false(receipt.success);
	receipt_clear(&receipt);
	free(data);
	clear_plan(&plan);
}

#define ON_CHAIN(test) cmocka_unit_test_setup_teardown(test, node_begin, node_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CHAIN(test_hash_is_the_safes), ON_CHAIN(test_two_owners), ON_CHAIN(test_one_owner_is_too_few),
		ON_CHAIN(test_a_stranger_does_not_count),
	};

	return anvil_available() ? cmocka_run_group_tests_name("safe", tests, node_start, node_stop) : 0;
}
