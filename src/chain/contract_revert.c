/* SPDX-License-Identifier: Apache-2.0 */
/* What a reverted call says: Error and Panic of Solidity, and the custom errors of the contracts in use. */
#include <string.h>

#include "base/hex.h"
#include "chain/contract.h"

static const struct error_row {
	const char *name;
	const char *signature;
} errors[] = {
	{ "Error", "Error(string)" },
	{ "Panic", "Panic(uint256)" },
	{ "OwnableUnauthorizedAccount", "OwnableUnauthorizedAccount(address)" },
	{ "OwnableInvalidOwner", "OwnableInvalidOwner(address)" },
	{ "InvalidInitialization", "InvalidInitialization()" },
	{ "NotInitializing", "NotInitializing()" },
	{ "UUPSUnauthorizedCallContext", "UUPSUnauthorizedCallContext()" },
	{ "UUPSUnsupportedProxiableUUID", "UUPSUnsupportedProxiableUUID(bytes32)" },
	{ "ERC1967InvalidImplementation", "ERC1967InvalidImplementation(address)" },
	{ "ERC1967NonPayable", "ERC1967NonPayable()" },
	{ "AddressEmptyCode", "AddressEmptyCode(address)" },
	{ "FailedCall", "FailedCall()" },
	{ "FailedInnerCall", "FailedInnerCall()" },
};

/* Panic codes of the Solidity documentation. */
static const struct panic_row {
	uint64_t code;
	const char *meaning;
} panics[] = {
	{ 0x00, "generic" },
	{ 0x01, "assertion failed" },
	{ 0x11, "arithmetic overflow" },
	{ 0x12, "division by zero" },
	{ 0x21, "no such enum value" },
	{ 0x22, "broken storage array" },
	{ 0x31, "pop from an empty array" },
	{ 0x32, "index out of range" },
	{ 0x41, "too much memory" },
	{ 0x51, "call of an empty function" },
};

static const struct error_row *find_error(const uint8_t *data)
{
	uint8_t selector[4];
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		abi_selector(selector, errors[i].signature);
		if (memcmp(selector, data, sizeof(selector)) == 0)
			return &errors[i];
	}
	return NULL;
}

bool contract_decode_revert(const uint8_t *data, size_t len, struct decoded_revert *out, struct error *err)
{
	*out = (struct decoded_revert){ 0 };
	if (len == 0)
		return true;
	if (len < sizeof(out->selector))
		return error_set(err, STATUS_CHAIN, "revert-malformed", "the call reverted with less than an error's selector");
	const struct error_row *known = find_error(data);
	memcpy(out->selector, data, sizeof(out->selector));
	out->has_selector = true;
	if (known && !abi_decode_call(known->signature, data, len, &out->args, err))
		return error_set(err, STATUS_CHAIN, "revert-malformed", "the call reverted with %s, whose arguments cannot be read",
			known->name);
	out->name = known ? known->name : NULL;
	return true;
}

void contract_revert_clear(struct decoded_revert *revert)
{
	abi_values_clear(&revert->args);
}

static void describe_panic(struct buf *out, const struct abi_value *code)
{
	struct u256 value = abi_get_u256(code);
	for (size_t i = 0; i < sizeof(panics) / sizeof(panics[0]); i++) {
		struct u256 known = u256_from_u64(panics[i].code);
		if (u256_cmp(&value, &known) == 0)
			buf_add_format(out, ": %s", panics[i].meaning);
	}
}

static void describe_known(struct buf *out, const struct decoded_revert *revert)
{
	buf_add_text(out, revert->name);
	buf_add_byte(out, '(');
	abi_describe(out, revert->args.items, revert->args.count);
	if (strcmp(revert->name, "Panic") == 0)
		describe_panic(out, &revert->args.items[0]);
	buf_add_byte(out, ')');
}

void contract_describe_revert(struct buf *out, const uint8_t *data, size_t len)
{
	struct decoded_revert revert;
	struct error err;
	char hex[11];
	if (!contract_decode_revert(data, len, &revert, &err)) {
		buf_add_text(out, err.message);
	} else if (revert.name) {
		describe_known(out, &revert);
	} else if (revert.has_selector) {
		hex_encode_0x(hex, revert.selector, sizeof(revert.selector));
		buf_add_format(out, "unknown error %s", hex);
	} else {
		buf_add_text(out, "reverted without a reason");
	}
	contract_revert_clear(&revert);
}
