/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the contracts this program knows: one table gives signature, answer and event of each. */
#include "chain/contract.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"

#define BOOT_INFO "(address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[])"

static const struct call_row {
	const char *name;
	const char *signature;
	const char *returns;
	enum contract_event emits;
} calls[CALL_COUNT] = {
	[CALL_ADD_COMPOSE_HASH] = { "addComposeHash", "addComposeHash(bytes32)", "", EVENT_COMPOSE_HASH_ADDED },
	[CALL_REMOVE_COMPOSE_HASH] = { "removeComposeHash", "removeComposeHash(bytes32)", "", EVENT_COMPOSE_HASH_REMOVED },
	[CALL_ADD_DEVICE] = { "addDevice", "addDevice(bytes32)", "", EVENT_DEVICE_ADDED },
	[CALL_REMOVE_DEVICE] = { "removeDevice", "removeDevice(bytes32)", "", EVENT_DEVICE_REMOVED },
	[CALL_SET_ALLOW_ANY_DEVICE] = { "setAllowAnyDevice", "setAllowAnyDevice(bool)", "", EVENT_ALLOW_ANY_DEVICE_SET },
	[CALL_TRANSFER_OWNERSHIP] = { "transferOwnership", "transferOwnership(address)", "", EVENT_OWNERSHIP_TRANSFER_STARTED },
	[CALL_ACCEPT_OWNERSHIP] = { "acceptOwnership", "acceptOwnership()", "", EVENT_OWNERSHIP_TRANSFERRED },
	[CALL_RENOUNCE_OWNERSHIP] = { "renounceOwnership", "renounceOwnership()", "", EVENT_OWNERSHIP_TRANSFERRED },
	[CALL_ALLOWED_COMPOSE_HASHES] = { "allowedComposeHashes", "allowedComposeHashes(bytes32)", "bool", EVENT_NONE },
	[CALL_ALLOWED_DEVICE_IDS] = { "allowedDeviceIds", "allowedDeviceIds(bytes32)", "bool", EVENT_NONE },
	[CALL_ALLOW_ANY_DEVICE] = { "allowAnyDevice", "allowAnyDevice()", "bool", EVENT_NONE },
	[CALL_OWNER] = { "owner", "owner()", "address", EVENT_NONE },
	[CALL_PENDING_OWNER] = { "pendingOwner", "pendingOwner()", "address", EVENT_NONE },
	[CALL_REQUIRE_TCB_UP_TO_DATE] = { "requireTcbUpToDate", "requireTcbUpToDate()", "bool", EVENT_NONE },
	[CALL_VERSION] = { "version", "version()", "uint256", EVENT_NONE },
	[CALL_SUPPORTS_INTERFACE] = { "supportsInterface", "supportsInterface(bytes4)", "bool", EVENT_NONE },
	[CALL_IS_APP_ALLOWED] = { "isAppAllowed", "isAppAllowed(" BOOT_INFO ")", "bool,string", EVENT_NONE },
	[CALL_IS_KMS_ALLOWED] = { "isKmsAllowed", "isKmsAllowed(" BOOT_INFO ")", "bool,string", EVENT_NONE },
	[CALL_KMS_INFO] = { "kmsInfo", "kmsInfo()", "bytes,bytes,bytes,bytes", EVENT_NONE },
	[CALL_GATEWAY_APP_ID] = { "gatewayAppId", "gatewayAppId()", "string", EVENT_NONE },
	[CALL_REGISTERED_APPS] = { "registeredApps", "registeredApps(address)", "bool", EVENT_NONE },
	[CALL_ALLOWED_OS_IMAGES] = { "allowedOsImages", "allowedOsImages(bytes32)", "bool", EVENT_NONE },
	[CALL_KMS_ALLOWED_AGGREGATED_MRS] = { "kmsAllowedAggregatedMrs", "kmsAllowedAggregatedMrs(bytes32)", "bool", EVENT_NONE },
	[CALL_KMS_ALLOWED_DEVICE_IDS] = { "kmsAllowedDeviceIds", "kmsAllowedDeviceIds(bytes32)", "bool", EVENT_NONE },
	[CALL_APP_IMPLEMENTATION] = { "appImplementation", "appImplementation()", "address", EVENT_NONE },
	[CALL_GET_THRESHOLD] = { "getThreshold", "getThreshold()", "uint256", EVENT_NONE },
	[CALL_GET_OWNERS] = { "getOwners", "getOwners()", "address[]", EVENT_NONE },
	[CALL_GET_L1_FEE] = { "getL1Fee", "getL1Fee(bytes)", "uint256", EVENT_NONE },
	[CALL_GET_L1_FEE_UPPER_BOUND] = { "getL1FeeUpperBound", "getL1FeeUpperBound(uint256)", "uint256", EVENT_NONE },
};

static const struct call_row *row(enum contract_call call)
{
	if ((unsigned)call >= CALL_COUNT)
		mem_die("contract: no such call");
	return &calls[call];
}

const char *contract_signature(enum contract_call call)
{
	return row(call)->signature;
}

const char *contract_returns(enum contract_call call)
{
	return row(call)->returns;
}

const char *contract_name(enum contract_call call)
{
	return row(call)->name;
}

enum contract_event contract_emits(enum contract_call call)
{
	return row(call)->emits;
}

enum contract_call contract_find(const uint8_t *data, size_t len)
{
	uint8_t selector[4];
	for (unsigned call = 0; len >= sizeof(selector) && call < CALL_COUNT; call++) {
		abi_selector(selector, calls[call].signature);
		if (memcmp(selector, data, sizeof(selector)) == 0)
			return (enum contract_call)call;
	}
	return CALL_NONE;
}

bool contract_encode(enum contract_call call, const struct abi_value *args, size_t count, struct buf *out, struct error *err)
{
	return abi_encode_call(contract_signature(call), args, count, out, err);
}

/* The argument is of the type the call takes; anything else is a bug of the caller. */
static void encode_known(enum contract_call call, const struct abi_value *args, size_t count, struct buf *out)
{
	if (!contract_encode(call, args, count, out, NULL))
		mem_die("contract: a call was given an argument of another type");
}

void contract_encode_plain(enum contract_call call, struct buf *out)
{
	encode_known(call, NULL, 0, out);
}

void contract_encode_word(enum contract_call call, const struct bytes32 *word, struct buf *out)
{
	struct abi_value arg = abi_bytes32(word);
	encode_known(call, &arg, 1, out);
}

void contract_encode_flag(enum contract_call call, bool flag, struct buf *out)
{
	struct abi_value arg = abi_bool(flag);
	encode_known(call, &arg, 1, out);
}

bool contract_decode(enum contract_call call, const uint8_t *data, size_t len, struct abi_values *out, struct error *err)
{
	if (len == 0) {
		*out = (struct abi_values){ 0 };
		return error_set(err, STATUS_CHAIN, "no-answer",
			"%s gave no answer: there is no contract at that address, or it has no such function",
			contract_signature(call));
	}
	return abi_decode(contract_returns(call), data, len, out, err);
}

static bool decode_one(enum contract_call call, const uint8_t *data, size_t len, struct abi_value *out, struct error *err)
{
	struct abi_values values;
	if (!contract_decode(call, data, len, &values, err))
		return false;
	*out = values.items[0];
	abi_values_clear(&values);
	return true;
}

bool contract_decode_bool(enum contract_call call, const uint8_t *data, size_t len, bool *out, struct error *err)
{
	struct abi_value value;
	if (!decode_one(call, data, len, &value, err))
		return false;
	*out = abi_get_bool(&value);
	return true;
}

bool contract_decode_address(enum contract_call call, const uint8_t *data, size_t len, struct address *out, struct error *err)
{
	struct abi_value value;
	if (!decode_one(call, data, len, &value, err))
		return false;
	*out = abi_get_address(&value);
	return true;
}

bool contract_decode_u256(enum contract_call call, const uint8_t *data, size_t len, struct u256 *out, struct error *err)
{
	struct abi_value value;
	if (!decode_one(call, data, len, &value, err))
		return false;
	*out = abi_get_u256(&value);
	return true;
}

static void describe_unknown(struct buf *out, const uint8_t *data, size_t len)
{
	char hex[11];
	if (len == 0) {
		buf_add_text(out, "no data");
		return;
	}
	hex_encode_0x(hex, data, len < 4 ? len : 4);
	buf_add_format(out, "unknown call %s (%zu bytes)", hex, len);
}

void contract_describe(struct buf *out, const uint8_t *data, size_t len)
{
	enum contract_call call = contract_find(data, len);
	struct abi_values args = { 0 };
	if (call == CALL_NONE || !abi_decode_call(contract_signature(call), data, len, &args, NULL)) {
		describe_unknown(out, data, len);
		return;
	}
	buf_add_text(out, contract_name(call));
	buf_add_byte(out, '(');
	abi_describe(out, args.items, args.count);
	buf_add_byte(out, ')');
	abi_values_clear(&args);
}
