/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners that are contracts, with the real Safe: the program prepares, two
 * owners sign what it printed and execute it, and the program finishes.
 */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/text.h"
#include "chain/safe.h"
#include "chain/safe_batch.h"
#include "chain/stage.h"

static const struct stage_bind binds[] = { { "treasury-signer", "safe_app", false }, { NULL, NULL, false } };
static const char *const cvm = "treasury-signer";

/* What --prepare-only printed. */
struct told {
	json *result, *prepared;
	const char *hash, *token;
};

static void forget(struct told *told)
{
	json_free(told->result);
	json_free(told->prepared);
}

static struct told prepare(struct stage *stage)
{
	const char *const arguments[] = { "deploy", "--cvm-id", cvm, "-c", stage_change(stage, cvm), "--rpc-url", anvil_url(stage->anvil), "--prepare-only",
		                          "--json", NULL };
	struct told told;

	told.result = stage_result(stage, stage_spawn(stage, NULL, arguments), 0);
	told.prepared = stage_event(stage, "prepared", NULL);
	assert_non_null(told.prepared);
	told.hash = json_text(told.result, "compose_hash");
	told.token = json_text(told.prepared, "commit_token");
	assert_true(strlen(told.token) > 0);
	return told;
}

/* ---- what owners do elsewhere ---- */

static struct address address_of(const struct stage *stage, const char *path)
{
	struct address out;

	assert_true(address_parse(&out, anvil_value(stage->anvil, path)));
	return out;
}

static char *ask_safe(struct stage *stage, const char *data)
{
	return anvil_text(stage->anvil, "eth_call", "[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]", anvil_value(stage->anvil, "safe"), data);
}

static char *hex_of(const struct buf *bytes)
{
	char *out = mem_new(1, 2 * bytes->len + 3);

	hex_encode_0x(out, (const uint8_t *)bytes->data, bytes->len);
	return out;
}

/* The calls as they were printed: "0xTO 0xDATA" a line. */
static size_t read_calls(const struct told *told, struct safe_call calls[2], uint8_t *data[2])
{
	char *text = mem_strdup(json_text(told->prepared, "calls")), *at = text, *line;
	size_t count = 0;

	while ((line = strsep(&at, "\n")) && count < 2) {
		char *space = strchr(line, ' ');

		assert_non_null(space);
		*space = '\0';
		calls[count] = (struct safe_call){ 0 };
		assert_true(address_parse(&calls[count].to, line));
		data[count] = hex_decode_new(space + 1, 4096, &calls[count].data_len);
		assert_non_null(data[count]);
		calls[count].data = data[count];
		count++;
	}
	free(text);
	return count;
}

/* A Safe transaction with these calls; its hashes are those the Safe computes. */
struct proposal {
	struct safe_tx tx;
	struct buf data;
	struct safe_hashes hashes;
};

static void propose(struct stage *stage, const struct safe_call *calls, size_t count, struct proposal *out)
{
	struct address safe = address_of(stage, "safe");
	char *answer = ask_safe(stage, "0xaffed0e0"); /* nonce() */
	struct u256 nonce;
	struct error err;

	memset(out, 0, sizeof(*out));
	assert_true(u256_parse_hex(&nonce, answer));
	if (!safe_plan(&out->tx, &out->data, "1.4.1", 8453, calls, count, &nonce, &err))
		fail_msg("%s", err.message);
	safe_tx_hashes(&out->hashes, 8453, &safe, &out->tx);
	free(answer);
}

/* Both owners sign, somebody executes; returns the transaction's hash. */
static char *execute(struct stage *stage, const struct proposal *proposal)
{
	static const char *const keys[] = { "owner.key", "other.key" };
	struct safe_signature list[2];
	struct buf signatures = BUF_INIT, exec = BUF_INIT;
	struct error err;
	char *data, *hash;

	for (size_t i = 0; i < 2; i++) {
		struct secret key = SECRET_INIT;

		secret_alloc(&key, 32);
		assert_true(hex_decode(key.data, 32, anvil_value(stage->anvil, keys[i])));
		assert_true(safe_sign(&list[i], &key, &proposal->hashes.tx, &err));
		secret_clear(&key);
	}
	assert_true(safe_add_signatures(&signatures, list, 2, &err));
	safe_add_exec(&exec, &proposal->tx, (const uint8_t *)signatures.data, signatures.len);
	data = hex_of(&exec);
	hash = anvil_text(stage->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"gas\":\"0x989680\"}]",
	                  anvil_value(stage->anvil, "third.address"), anvil_value(stage->anvil, "safe"), data);
	stage_mine(stage);
	buf_clear(&signatures);
	buf_clear(&exec);
	free(data);
	return hash;
}

static char *sign_and_execute(struct stage *stage, const struct told *told)
{
	struct safe_call calls[2];
	struct proposal proposal;
	uint8_t *data[2];
	size_t count = read_calls(told, calls, data), i;
	char *hash;

	propose(stage, calls, count, &proposal);
	hash = execute(stage, &proposal);
	buf_clear(&proposal.data);
	for (i = 0; i < count; i++)
		free(data[i]);
	return hash;
}

/* ---- finishing ---- */

static struct child *spawn_commit(struct stage *stage, const struct told *told, const char *transaction, const char *more)
{
	const char *const arguments[] = { "deploy", "--cvm-id", cvm, "--commit", "--token", told->token, "--compose-hash", told->hash, "--rpc-url",
		                          anvil_url(stage->anvil), "--wait", "--yes", "--json", transaction ? "--transaction-hash" : more, transaction,
		                          transaction ? more : NULL, NULL };

	return stage_spawn(stage, NULL, arguments);
}

static json *commit(struct stage *stage, const struct told *told, const char *transaction, int expected)
{
	return stage_result(stage, spawn_commit(stage, told, transaction, NULL), expected);
}

static void expect_rolled(struct stage *stage, const struct told *told, const json *result)
{
	json *now = stage_get(stage, "cvms/treasury-signer");

	assert_true(json_flag(result, "success", false));
	assert_string_equal(json_text(now, "compose_hash"), told->hash);
	assert_string_equal(json_text(now, "status"), "running");
	json_free(now);
}

static void expect_refused(struct stage *stage, const struct told *told, const json *result)
{
	json *now = stage_get(stage, "cvms/treasury-signer");

	assert_false(json_flag(result, "success", true));
	assert_string_not_equal(json_text(now, "compose_hash"), told->hash);
	assert_int_equal(stage_requests(stage, "POST", "/commit-update"), 0);
	json_free(now);
}

/* ---- what is printed ---- */

static void test_hashes_are_the_safes(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	struct safe_call calls[2];
	struct proposal proposal;
	uint8_t *data[2];
	struct buf get_hash = BUF_INIT;
	char *hex, *answer, *domain = ask_safe(stage, "0xf698da25"); /* domainSeparator() */

	assert_int_equal(read_calls(&told, calls, data), 2);
	propose(stage, calls, 2, &proposal);
	safe_add_get_hash(&get_hash, &proposal.tx);
	hex = hex_of(&get_hash);
	answer = ask_safe(stage, hex);
	assert_string_equal(json_text(told.prepared, "safe_tx_hash"), answer);
	assert_string_equal(json_text(told.prepared, "safe_domain_hash"), domain);
	assert_int_equal(strlen(json_text(told.prepared, "safe_message_hash")), 66);
	assert_string_equal(json_text(told.prepared, "owner_kind"), "safe");
	assert_int_equal(json_int(told.prepared, "threshold", 0), 2);
	assert_int_equal(json_int(told.prepared, "owners", 0), 2);
	assert_true(json_int(told.prepared, "expires_ms", 0) > clock_wall_ms() + 13 * INT64_C(86400000));
	free(data[0]);
	free(data[1]);
	buf_clear(&proposal.data);
	buf_clear(&get_hash);
	free(hex);
	free(answer);
	free(domain);
	forget(&told);
}

static void test_batch_file(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	struct safe_batch_checksum check;
	struct buf text = BUF_INIT;
	struct error err;
	json *file;
	const json *first, *second;

	assert_true(file_read(json_text(told.prepared, "batch_file"), "batch file", 65536, &text, &err));
	assert_true(safe_batch_check(&check, text.data, text.len, &err));
	assert_true(check.valid);
	file = json_parse(text.data, text.len, &err);
	assert_string_equal(json_text(file, "chainId"), "8453");
	first = json_first(json_member(file, "transactions"));
	second = json_next(first);
	assert_non_null(second);
	assert_true(text_equal_nocase(json_text(first, "to"), anvil_value(stage->anvil, "safe_app")));
	assert_string_equal(json_text(first, "contractMethod.name"), "addDevice");
	assert_string_equal(json_text(second, "contractMethod.name"), "addComposeHash");
	assert_non_null(strstr(buf_text(&text), told.hash));
	json_free(file);
	safe_batch_checksum_clear(&check);
	buf_clear(&text);
	forget(&told);
}

/* ---- the whole way ---- */

static void test_two_owners(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	char *transaction;
	json *result;

	assert_false(stage_allows_hash(stage, "safe_app", told.hash));
	transaction = sign_and_execute(stage, &told);
	assert_true(stage_allows_hash(stage, "safe_app", told.hash));
	assert_true(stage_allows_device(stage, "safe_app", cvm));
	result = commit(stage, &told, transaction, 0);
	expect_rolled(stage, &told, result);
	json_free(result);
	free(transaction);
	forget(&told);
}

static void test_already_registered(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	json *result;

	free(sign_and_execute(stage, &told));
	result = commit(stage, &told, "already-registered", 0);
	expect_rolled(stage, &told, result);
	json_free(result);
	forget(&told);
}

static void test_watch(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	struct child *child = spawn_commit(stage, &told, NULL, "--watch");
	json *result;

	if (!child_wait_text(child, "\"note\":\"waiting for the allowlist to show the hash\"", child_deadline_ms()))
		fail_msg("%s", child_output(child));
	assert_int_equal(child_wait(child, 500), -1);
	free(sign_and_execute(stage, &told));
	result = stage_result(stage, child, 0);
	expect_rolled(stage, &told, result);
	json_free(result);
	forget(&told);
}

static void test_before_the_owners_acted(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	json *result = commit(stage, &told, "already-registered", 7);

	expect_refused(stage, &told, result);
	json_free(result);
	forget(&told);
}

/* ---- transactions that are not what they should be ---- */

/*
 * A reserve of gas makes the Safe swallow what happens inside: the transaction
 * succeeds, and did nothing. Here it calls an app that is not the Safe's.
 */
static char *fail_inside(struct stage *stage, const struct told *told)
{
	struct safe_call calls[2];
	struct proposal proposal;
	struct address safe = address_of(stage, "safe");
	uint8_t *data[2];
	char *transaction;
	json *receipt;

	assert_int_equal(read_calls(told, calls, data), 2);
	calls[1].to = address_of(stage, "app");
	propose(stage, &calls[1], 1, &proposal);
	proposal.tx.safe_tx_gas = u256_from_u64(100000);
	safe_tx_hashes(&proposal.hashes, 8453, &safe, &proposal.tx);
	transaction = execute(stage, &proposal);
	receipt = anvil_call(stage->anvil, "eth_getTransactionReceipt", "[\"%s\"]", transaction);
	assert_string_equal(json_text(receipt, "result.status"), "0x1");
	json_free(receipt);
	buf_clear(&proposal.data);
	free(data[0]);
	free(data[1]);
	return transaction;
}

static void expect_red_receipt(struct stage *stage, const char *part)
{
	json *check = stage_event(stage, "check", "\"id\":\"receipt\"");

	assert_non_null(check);
	assert_string_equal(json_text(check, "mark"), "bad");
	assert_non_null(strstr(json_text(check, "note"), part));
	json_free(check);
}

static void test_failed_inside(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	char *transaction = fail_inside(stage, &told);
	json *result = commit(stage, &told, transaction, 7);

	expect_refused(stage, &told, result);
	expect_red_receipt(stage, "ExecutionFailure");
	json_free(result);
	free(transaction);
	forget(&told);
}

/* The hash came onto the allowlist another way: the transaction named is still not the one that did it. */
static void test_failed_inside_but_allowed(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage);
	char *transaction = fail_inside(stage, &told);
	json *result;

	free(sign_and_execute(stage, &told));
	assert_true(stage_allows_hash(stage, "safe_app", told.hash));
	result = commit(stage, &told, transaction, 7);
	expect_refused(stage, &told, result);
	expect_red_receipt(stage, "ExecutionFailure");
	json_free(result);
	free(transaction);
	forget(&told);
}

/* A good transaction of the owners, but for another update; both hashes are allowed. */
static void test_another_hash(void **state)
{
	struct stage *stage = *state;
	struct told first = prepare(stage), second = prepare(stage);
	char *transaction = sign_and_execute(stage, &first);
	json *result;

	assert_string_not_equal(first.hash, second.hash);
	free(sign_and_execute(stage, &second));
	result = commit(stage, &second, transaction, 7);
	expect_refused(stage, &second, result);
	expect_red_receipt(stage, "ComposeHashAdded");
	json_free(result);
	free(transaction);
	forget(&first);
	forget(&second);
}

/* Preparing again takes the earlier token back. */
static void test_superseded_token(void **state)
{
	struct stage *stage = *state;
	struct told first = prepare(stage), second = prepare(stage);
	char *transaction = sign_and_execute(stage, &first);
	json *result = commit(stage, &first, transaction, 5), *now = stage_get(stage, "cvms/treasury-signer");

	assert_string_equal(json_text(result, "error_code"), "ERR-01-006");
	assert_true(strlen(json_text(result, "next")) > 0);
	assert_string_not_equal(json_text(now, "compose_hash"), first.hash);
	json_free(now);
	json_free(result);
	free(transaction);
	forget(&first);
	forget(&second);
}

static void test_wrong_compose_hash(void **state)
{
	struct stage *stage = *state;
	struct told told = prepare(stage), other = told;
	char *transaction = sign_and_execute(stage, &told);
	json *result;

	other.hash = "0x1111111111111111111111111111111111111111111111111111111111111111";
	result = commit(stage, &other, transaction, 7);
	assert_int_equal(stage_requests(stage, "POST", "/commit-update"), 0);
	json_free(result);
	free(transaction);
	forget(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_hashes_are_the_safes), ON_STAGE(test_batch_file), ON_STAGE(test_two_owners), ON_STAGE(test_already_registered),
		ON_STAGE(test_watch), ON_STAGE(test_before_the_owners_acted), ON_STAGE(test_failed_inside),
		ON_STAGE(test_failed_inside_but_allowed), ON_STAGE(test_another_hash), ON_STAGE(test_superseded_token),
		ON_STAGE(test_wrong_compose_hash),
	};
	struct error err;

	return secret_setup(&err) ? stage_run("owners", binds, tests, sizeof(tests) / sizeof(tests[0])) : 1;
}
