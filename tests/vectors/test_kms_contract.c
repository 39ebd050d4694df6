/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/kms_contract.json through chain/boot and chain/contract. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/boot.h"
#include "vectors/chain_cases.h"

static enum contract_call read_function(const struct exact_json *vector)
{
	const char *name = vectors_text(vector, "function", NULL);
	if (strcmp(name, "isAppAllowed") == 0)
		return CALL_IS_APP_ALLOWED;
	assert_string_equal(name, "isKmsAllowed");
	return CALL_IS_KMS_ALLOWED;
}

/* Texts stay in the case; *advisories is freed by the caller. */
static struct boot_info read_info(const struct exact_json *fields, struct boot_text **advisories)
{
	const struct exact_json *list = vectors_need(fields, "advisoryIds");
	struct boot_info info = {
		.app_id = chain_address(fields, "appId"),
		.compose_hash = chain_word(fields, "composeHash"),
		.instance_id = chain_address(fields, "instanceId"),
		.device_id = chain_word(fields, "deviceId"),
		.mr_aggregated = chain_word(fields, "mrAggregated"),
		.mr_system = chain_word(fields, "mrSystem"),
		.os_image_hash = chain_word(fields, "osImageHash"),
		.advisory_count = exact_json_count(list),
	};
	info.tcb_status.text = vectors_text(fields, "tcbStatus", &info.tcb_status.len);
	*advisories = mem_new(info.advisory_count + 1, sizeof(**advisories));
	for (size_t i = 0; i < info.advisory_count; i++)
		(*advisories)[i].text = exact_json_string(exact_json_item(list, i), &(*advisories)[i].len);
	info.advisory_ids = *advisories;
	return info;
}

static void check_encode_boot(const struct exact_json *vector)
{
	struct boot_text *advisories = NULL;
	struct boot_info info = read_info(vectors_need(vector, "bootInfo"), &advisories);
	struct buf out = BUF_INIT;
	assert_true(boot_encode(read_function(vector), &info, &out, NULL));
	chain_same_hex(out.data, out.len, vector, "expect");
	buf_clear(&out);
	free(advisories);
}

static bool lists(const struct exact_json *state, const char *name, const void *wanted, size_t len)
{
	const struct exact_json *list = vectors_need(state, name);
	bool found = false;
	for (size_t i = 0; i < exact_json_count(list); i++) {
		size_t have_len = 0;
		uint8_t *have = data_parse_new(exact_json_string(exact_json_item(list, i), NULL), 64, &have_len);
		found |= have && have_len == len && memcmp(have, wanted, len) == 0;
		free(have);
	}
	return found;
}

static void read_kms_state(const struct exact_json *kms, const struct boot_info *info, struct boot_state *out)
{
	out->asks_kms = exact_json_kind(kms) == EXACT_OBJECT;
	if (!out->asks_kms)
		return;
	out->registered = lists(kms, "registeredApps", info->app_id.bytes, ADDRESS_SIZE);
	out->os_image_allowed = lists(kms, "allowedOsImages", info->os_image_hash.bytes, BYTES32_SIZE);
	out->aggregated_mr_allowed = lists(kms, "kmsAllowedAggregatedMrs", info->mr_aggregated.bytes, BYTES32_SIZE);
	out->kms_device_allowed = lists(kms, "kmsAllowedDeviceIds", info->device_id.bytes, BYTES32_SIZE);
}

static void read_app_state(const struct exact_json *app, const struct boot_info *info, struct boot_state *out)
{
	out->app = exact_json_kind(app) == EXACT_NULL ? BOOT_APP_NO_CODE : BOOT_APP_OTHER;
	if (exact_json_kind(app) != EXACT_OBJECT)
		return;
	out->app = BOOT_APP_DSTACK;
	out->require_tcb_up_to_date = exact_json_bool(vectors_need(app, "requireTcbUpToDate"), false);
	out->allow_any_device = exact_json_bool(vectors_need(app, "allowAnyDevice"), false);
	out->compose_allowed = lists(app, "allowedComposeHashes", info->compose_hash.bytes, BYTES32_SIZE);
	out->device_allowed = lists(app, "allowedDeviceIds", info->device_id.bytes, BYTES32_SIZE);
}

/* The contract's real answer, decoded, says what was predicted. */
static void same_answer(const struct exact_json *expect, const char *reason)
{
	struct boot_answer answer;
	size_t len = 0;
	uint8_t *data = chain_hex(expect, "returnData", &len);
	assert_true(boot_decode(data, len, &answer, NULL));
	assert_int_equal(answer.allowed, *reason == '\0');
	vectors_same_bytes(answer.reason.text, answer.reason.len, reason, strlen(reason));
	free(data);
}

static void check_verdict(const struct exact_json *vector)
{
	const struct exact_json *expect = vectors_need(vector, "expect"), *state = vectors_need(vector, "state");
	struct boot_text *advisories = NULL;
	struct boot_info info = read_info(vectors_need(vector, "bootInfo"), &advisories);
	struct boot_state facts = { .asks_kms = false };
	read_kms_state(vectors_need(state, "kms"), &info, &facts);
	read_app_state(vectors_need(state, "app"), &info, &facts);
	const char *reason = boot_predict(read_function(vector), &facts, &info.tcb_status);
	assert_int_equal(reason == NULL, exact_json_bool(exact_json_get(expect, "reverts"), false));
	if (reason) {
		assert_int_equal(*reason == '\0', exact_json_bool(vectors_need(expect, "isAllowed"), false));
		assert_string_equal(reason, vectors_text(expect, "reason", NULL));
		same_answer(expect, reason);
	}
	free(advisories);
}

static void check(const struct exact_json *vector)
{
	static const struct chain_kind kinds[] = {
		{ "selector", chain_check_selector },
		{ "event_topic", chain_check_event_topic },
		{ "encode_call", chain_check_encode_call },
		{ "encode_boot", check_encode_boot },
		{ "decode_result", chain_check_decode_result },
		{ "decode_result_differs", chain_check_decode_result_differs },
		{ "verdict", check_verdict },
	};
	chain_run_kind(kinds, sizeof(kinds) / sizeof(kinds[0]), vector);
}

int main(void)
{
	return vectors_run("kms_contract", check);
}
