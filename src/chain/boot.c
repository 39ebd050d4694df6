/* SPDX-License-Identifier: Apache-2.0 */
/* AppBootInfo to calldata, the answer back, and the contracts' rules in their order. */
#include "chain/boot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct abi_value text_value(const struct boot_text *text)
{
	struct abi_value value = abi_bytes(text->text, text->len);
	value.kind = ABI_STRING;
	return value;
}

bool boot_encode(enum contract_call call, const struct boot_info *info, struct buf *out, struct error *err)
{
	if (info->advisory_count > BOOT_MAX_ADVISORIES)
		return error_set(err, STATUS_INPUT, "abi-value", "there are more than %d advisories", BOOT_MAX_ADVISORIES);
	struct abi_value *advisories = mem_new(info->advisory_count + 1, sizeof(*advisories));
	for (size_t i = 0; i < info->advisory_count; i++)
		advisories[i] = text_value(&info->advisory_ids[i]);
	const struct abi_value fields[] = {
		abi_address(&info->app_id),
		abi_bytes32(&info->compose_hash),
		abi_address(&info->instance_id),
		abi_bytes32(&info->device_id),
		abi_bytes32(&info->mr_aggregated),
		abi_bytes32(&info->mr_system),
		abi_bytes32(&info->os_image_hash),
		text_value(&info->tcb_status),
		abi_array(advisories, info->advisory_count),
	};
	struct abi_value tuple = abi_tuple(fields, sizeof(fields) / sizeof(fields[0]));
	bool good = contract_encode(call, &tuple, 1, out, err);
	free(advisories);
	return good;
}

bool boot_decode(const uint8_t *data, size_t len, struct boot_answer *out, struct error *err)
{
	struct abi_values values;
	*out = (struct boot_answer){ 0 };
	if (!contract_decode(CALL_IS_APP_ALLOWED, data, len, &values, err))
		return false;
	out->allowed = abi_get_bool(&values.items[0]);
	out->reason = (struct boot_text){ (const char *)values.items[1].bytes, values.items[1].len };
	abi_values_clear(&values);
	return true;
}

static bool is_up_to_date(const struct boot_text *status)
{
	static const char wanted[] = "UpToDate";
	return status->len == sizeof(wanted) - 1 && memcmp(status->text, wanted, status->len) == 0;
}

static const char *predict_by_app(const struct boot_state *state, const struct boot_text *tcb_status)
{
	if (state->app != BOOT_APP_DSTACK)
		return NULL;
	if (state->require_tcb_up_to_date && !is_up_to_date(tcb_status))
		return "TCB status is not up to date";
	if (!state->compose_allowed)
		return "Compose hash not allowed";
	if (!state->allow_any_device && !state->device_allowed)
		return "Device not allowed";
	return "";
}

static const char *predict_by_kms(const struct boot_state *state, const struct boot_text *tcb_status)
{
	if (!state->registered)
		return "App not registered";
	if (!state->os_image_allowed)
		return "OS image is not allowed";
	if (state->app == BOOT_APP_NO_CODE)
		return "App not deployed or invalid address";
	return predict_by_app(state, tcb_status);
}

static const char *predict_kms_itself(const struct boot_state *state, const struct boot_text *tcb_status)
{
	if (!is_up_to_date(tcb_status))
		return "TCB status is not up to date";
	if (!state->os_image_allowed)
		return "OS image is not allowed";
	if (!state->aggregated_mr_allowed)
		return "Aggregated MR not allowed";
	if (!state->kms_device_allowed)
		return "KMS is not allowed to boot on this device";
	return "";
}

const char *boot_predict(enum contract_call call, const struct boot_state *state, const struct boot_text *tcb_status)
{
	if (call == CALL_IS_KMS_ALLOWED)
		return state->asks_kms ? predict_kms_itself(state, tcb_status) : NULL;
	return state->asks_kms ? predict_by_kms(state, tcb_status) : predict_by_app(state, tcb_status);
}
