/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rollouts in which something is wrong: a backend that lies, a chain that
 * fails, the wrong key. Each ends as its row says, and nothing is signed that
 * should not be.
 */
#include "unit/rollout_drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trouble {
	const char *name, *faults, *cvm;
	bool success;
	enum status status;
	const char *code;      /* NULL: any */
	int sent;              /* transactions; -1: does not matter */
	const char *red;       /* the check that is red; NULL: none is asked for */
	bool env, other_key, registered, no_patch;
	const char *max_cost;
	const char *override;
};

static const struct trouble troubles[] = {
	{ .name = "another hash", .faults = "{\"backend\":{\"compose_hash\":\"other\"}}", .status = STATUS_CHECK, .code = "hash-backend", .red = "hash-backend" },
	{ .name = "another device", .faults = "{\"backend\":{\"device_id\":\"other\"}}", .cvm = "payments-api", .status = STATUS_CHECK, .red = "device" },
	{ .name = "another app", .faults = "{\"backend\":{\"app_id\":\"other\"}}", .status = STATUS_CHECK, .no_patch = true },
	{ .name = "another KMS contract", .faults = "{\"backend\":{\"kms_contract\":\"0x1111111111111111111111111111111111111111\"}}", .status = STATUS_CHECK, .red = "would-boot" },
	{ .name = "another chain in the answer", .faults = "{\"backend\":{\"chain_id\":1}}", .status = STATUS_CHECK },
	{ .name = "another chain at the node", .faults = "{\"chain\":{\"chain_id\":1}}", .status = STATUS_CHECK, .code = "chain-id", .no_patch = true },
	{ .name = "an unsigned env key", .faults = "{\"backend\":{\"env_key\":\"unsigned\"}}", .status = STATUS_CHECK, .env = true, .no_patch = true,
	  .red = "env-key" },
	{ .name = "an env key signed by another", .faults = "{\"backend\":{\"env_key\":\"other-signer\"}}", .status = STATUS_CHECK, .env = true,
	  .no_patch = true, .red = "env-key" },
	{ .name = "another env key", .faults = "{\"backend\":{\"env_key\":\"other-key\"}}", .status = STATUS_CHECK, .env = true, .no_patch = true,
	  .red = "env-key" },
	{ .name = "another document is booted", .faults = "{\"backend\":{\"swap\":true}}", .status = STATUS_CHECK, .sent = 1 },
	{ .name = "the CVM goes back", .faults = "{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"image not found\"}}", .status = STATUS_CHECK, .sent = 1 },
	{ .name = "the owner is another key", .cvm = "partner-gateway", .status = STATUS_CHECK, .code = "owner", .red = "owner" },
	{ .name = "the wrong key", .other_key = true, .status = STATUS_CHECK, .code = "owner", .red = "owner" },
	{ .name = "a document in its own form", .cvm = "ledger-export", .success = true, .sent = 1 },
	{ .name = "the document in force changes after the review", .faults = "{\"backend\":{\"swap_present\":true}}", .status = STATUS_CHECK,
	  .red = "hash-current" },
	{ .name = "every transaction reverts", .faults = "{\"chain\":{\"revert\":true}}", .sent = -1 },
	{ .name = "a chain read fails", .faults = "{\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32000,\"text\":\"boom\"}]}",
	  .status = STATUS_CHAIN, .no_patch = true },
	{ .name = "the node is away", .faults = "{\"rpc\":[{\"method\":\"*\",\"action\":\"drop\"}]}", .no_patch = true },
	{ .name = "a dear transaction", .max_cost = "1", .status = STATUS_CHAIN, .code = "balance", .red = "balance" },
	{ .name = "an unknown CVM", .cvm = "no-such-cvm", .status = STATUS_API, .code = "cvm-unknown", .no_patch = true },
	{ .name = "two CVMs of one name", .cvm = "web-frontend", .status = STATUS_API, .code = "cvm-ambiguous", .no_patch = true },
	{ .name = "401", .faults = "{\"http\":[{\"action\":\"status\",\"status\":401,\"text\":\"expired\"}]}", .status = STATUS_CREDENTIALS },
	{ .name = "HTML", .faults = "{\"http\":[{\"action\":\"html\",\"status\":502}]}", .status = STATUS_API },
	{ .name = "JSON of another shape", .faults = "{\"http\":[{\"action\":\"shape\"}]}", .status = STATUS_API },
	{ .name = "an operation in progress", .faults = "{\"http\":[{\"method\":\"PATCH\",\"action\":\"status\",\"status\":409,\"text\":\"busy\"}]}",
	  .status = STATUS_API },
	{ .name = "no Multicall3", .faults = "{\"chain\":{\"no_multicall\":true}}", .success = true, .sent = 1 },
	{ .name = "the documented dialect", .faults = "{\"backend\":{\"documented_dialect\":true}}", .success = true, .sent = 1 },
	{ .name = "467 twice", .faults = "{\"backend\":{\"confirm_status\":467,\"confirm_times\":1}}", .success = true, .sent = 1 },
	{ .name = "465 at the confirm", .faults = "{\"backend\":{\"confirm_status\":465,\"confirm_times\":1}}", .success = true, .sent = 1 },
	{ .name = "468 while the chain says yes", .faults = "{\"backend\":{\"confirm_status\":468,\"confirm_times\":1}}", .success = true, .sent = 1 },
	{ .name = "466", .faults = "{\"backend\":{\"confirm_status\":466,\"confirm_times\":1}}", .status = STATUS_API, .code = "ERR-01-006", .sent = 1 },
	{ .name = "a lost confirm", .faults = "{\"backend\":{\"lose_confirm\":true}}", .success = true, .sent = 1 },
	{ .name = "a lost patch", .faults = "{\"http\":[{\"method\":\"PATCH\",\"times\":1,\"action\":\"lose\"}]}", .success = true, .sent = 1 },
	{ .name = "a lost direct patch", .cvm = "docs-search", .faults = "{\"http\":[{\"method\":\"PATCH\",\"times\":1,\"action\":\"lose\"}]}", .success = true },
};

static struct drive drive;

static void run(const struct trouble *trouble)
{
	struct rollout_request request = drive_request(trouble->cvm ? trouble->cvm : "checkout-web", drive_compose());
	if (trouble->env) {
		request.has_env = true;
		compose_env_add(&request.env, "SESSION_KEY", 11, "s3cret", 6);
	}
	request.already_registered = trouble->registered;
	if (trouble->max_cost)
		snprintf(request.max_cost_wei, sizeof(request.max_cost_wei), "%s", trouble->max_cost);
	drive_begin(&drive, NULL);
	drive_open(&drive, trouble->other_key ? drive.other_key : drive.key);
	if (trouble->faults)
		drive_control(&drive, "/__faults", trouble->faults);
	drive_run(&drive, &request);
	drive_control(&drive, "/__faults", "{}");
}

static void judge(const struct trouble *trouble)
{
	const struct error *err = &drive.outcome.error;
	if (drive.outcome.success != trouble->success)
		fail_msg("%s: %s (%s)", drive.outcome.success ? "succeeded" : "failed", err->code, err->message);
	if (!trouble->success && trouble->status && err->status != trouble->status)
		fail_msg("ended with status %d: %s (%s)", err->status, err->code, err->message);
	if (trouble->code)
		assert_string_equal(err->code, trouble->code);
	if (!trouble->success && (!err->message[0] || err->status == STATUS_OK))
		fail_msg("no message");
	if (trouble->red && drive_mark(&drive, trouble->red) != MARK_BAD)
		fail_msg("%s is %s", trouble->red, rollout_mark_name(drive_mark(&drive, trouble->red)));
	if (trouble->sent >= 0)
		assert_int_equal(drive_sent(&drive), trouble->sent);
	if (trouble->no_patch)
		assert_int_equal(drive_requests(&drive, "PATCH", "/cvms/"), 0);
}

static void try_trouble(void **state)
{
	const struct trouble *trouble = *state;
	run(trouble);
	judge(trouble);
}

static int teardown(void **state)
{
	(void)state;
	drive_end(&drive);
	return 0;
}

enum { COUNT = sizeof(troubles) / sizeof(*troubles) };

int main(void)
{
	static struct CMUnitTest tests[COUNT];
	struct error err = { 0 };
	for (size_t i = 0; i < COUNT; i++) {
		static struct trouble copies[COUNT];
		copies[i] = troubles[i];
		tests[i] = (struct CMUnitTest){ troubles[i].name, try_trouble, NULL, teardown, &copies[i] };
	}
	return secret_setup(&err) ? _cmocka_run_group_tests("rollout_hostile", tests, COUNT, NULL, NULL) : 1;
}
