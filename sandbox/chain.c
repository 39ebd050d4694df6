/* SPDX-License-Identifier: Apache-2.0 */
/* The backend's look at the chain; see chain.h. */
#include "sandbox/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/abi.h"

static const char added[] = "ComposeHashAdded(bytes32)";

static bool fail(struct sb_exchange *x, const struct error *err)
{
	sb_fail(x, 502, err->message);
	return false;
}

/* ---- elsewhere ---- */

/* One word that a contract answers. */
static bool read_word(struct sb_exchange *x, const uint8_t to[SB_ADDRESS_SIZE], const char *signature, const uint8_t *key,
	uint8_t out[SB_WORD_SIZE])
{
	char address[2 * SB_ADDRESS_SIZE + 3], data[2 * (4 + SB_WORD_SIZE) + 3];
	uint8_t calldata[4 + SB_WORD_SIZE];
	char *params;
	json *answer;
	struct error err;
	bool ok;

	abi_selector(calldata, signature);
	if (key != NULL)
		memcpy(calldata + 4, key, SB_WORD_SIZE);
	hex_encode_0x(address, to, SB_ADDRESS_SIZE);
	hex_encode_0x(data, calldata, key != NULL ? sizeof(calldata) : 4);
	params = mem_printf("[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]", address, data);
	answer = sb_outside_call(&x->sandbox->binding.outside, "eth_call", params, &err);
	free(params);
	ok = answer != NULL && hex_decode(out, SB_WORD_SIZE, json_text(answer, "result"));
	if (answer != NULL && !ok)
		error_set(&err, STATUS_CHAIN, "chain-outside", "%s of %s answers no word", signature, address);
	json_free(answer);
	return ok || fail(x, &err);
}

static bool flag_outside(struct sb_exchange *x, enum sb_slot slot, const uint8_t key[SB_WORD_SIZE], bool *out)
{
	uint8_t word[SB_WORD_SIZE];
	bool any = slot == SB_ANY_DEVICE;
	const char *signature = any ? "allowAnyDevice()" : slot == SB_DEVICE ? "allowedDeviceIds(bytes32)" : "allowedComposeHashes(bytes32)";

	if (!read_word(x, x->cvm->app_id, signature, any ? NULL : key, word))
		return false;
	*out = word[SB_WORD_SIZE - 1] == 1;
	return true;
}

static bool has_code(struct sb_exchange *x, const uint8_t address[SB_ADDRESS_SIZE], bool *out)
{
	char text[2 * SB_ADDRESS_SIZE + 3], *params;
	struct error err;
	json *answer;

	hex_encode_0x(text, address, SB_ADDRESS_SIZE);
	params = mem_printf("[\"%s\",\"latest\"]", text);
	answer = sb_outside_call(&x->sandbox->binding.outside, "eth_getCode", params, &err);
	free(params);
	*out = strlen(json_text(answer, "result")) > 2;
	json_free(answer);
	return answer != NULL || fail(x, &err);
}

static bool log_registers(const json *log, const struct sb_cvm *cvm, const uint8_t hash[HASH_SIZE])
{
	uint8_t address[SB_ADDRESS_SIZE], topic[SB_WORD_SIZE], data[SB_WORD_SIZE];
	struct bytes32 wanted;

	abi_topic(&wanted, added);
	return hex_decode(address, sizeof(address), json_text(log, "address")) && memcmp(address, cvm->app_id, sizeof(address)) == 0 &&
		hex_decode(topic, sizeof(topic), json_string(json_first(json_member(log, "topics")), "")) &&
		memcmp(topic, wanted.bytes, sizeof(topic)) == 0 && hex_decode(data, sizeof(data), json_text(log, "data")) &&
		memcmp(data, hash, sizeof(data)) == 0;
}

static bool registration_outside(struct sb_exchange *x, const uint8_t tx[SB_WORD_SIZE], const uint8_t hash[HASH_SIZE], enum sb_registration *out)
{
	char text[2 * SB_WORD_SIZE + 3], *params;
	struct error err;
	json *answer;
	const json *receipt, *log;

	hex_encode_0x(text, tx, SB_WORD_SIZE);
	params = mem_printf("[\"%s\"]", text);
	answer = sb_outside_call(&x->sandbox->binding.outside, "eth_getTransactionReceipt", params, &err);
	free(params);
	if (answer == NULL)
		return fail(x, &err);
	receipt = json_member(answer, "result");
	*out = json_kind(receipt) != JSON_OBJECT ? SB_TX_ABSENT : text_equal(json_text(receipt, "status"), "0x1") ? SB_TX_NO_EVENT : SB_TX_REVERTED;
	for (log = json_first(json_member(receipt, "logs")); log != NULL && *out == SB_TX_NO_EVENT; log = json_next(log))
		if (log_registers(log, x->cvm, hash))
			*out = SB_TX_REGISTERED;
	json_free(answer);
	return true;
}

/* ---- here ---- */

static bool adds_hash(const struct sb_tx *tx, const struct sb_cvm *cvm, const uint8_t hash[HASH_SIZE])
{
	struct bytes32 topic;

	abi_topic(&topic, added);
	for (size_t i = 0; i < tx->log_count; i++) {
		const struct sb_log *log = &tx->logs[i];
		if (memcmp(log->address, cvm->app_id, SB_ADDRESS_SIZE) == 0 && memcmp(log->topics[0], topic.bytes, HASH_SIZE) == 0 &&
			memcmp(log->data, hash, HASH_SIZE) == 0)
			return true;
	}
	return false;
}

/* ---- either ---- */

bool sb_chain_flag(struct sb_exchange *x, enum sb_slot slot, const uint8_t key[SB_WORD_SIZE], bool *out)
{
	if (x->cvm->bound)
		return flag_outside(x, slot, key, out);
	*out = sb_contract_flag(x->cvm->contract, slot, key, UINT64_MAX);
	return true;
}

bool sb_chain_owner(struct sb_exchange *x, uint8_t out[SB_ADDRESS_SIZE], bool *safe)
{
	uint8_t word[SB_WORD_SIZE];

	if (x->cvm->bound) {
		if (!read_word(x, x->cvm->app_id, "owner()", NULL, word))
			return false;
		memcpy(out, word + SB_WORD_SIZE - SB_ADDRESS_SIZE, SB_ADDRESS_SIZE);
		return has_code(x, out, safe);
	}
	sb_contract_address(x->cvm->contract, SB_OWNER, UINT64_MAX, out);
	*safe = memcmp(out, x->world->safe, SB_ADDRESS_SIZE) == 0;
	return true;
}

bool sb_chain_registration(struct sb_exchange *x, const uint8_t tx[SB_WORD_SIZE], const uint8_t hash[HASH_SIZE], enum sb_registration *out)
{
	const struct sb_tx *found;

	if (x->cvm->bound)
		return registration_outside(x, tx, hash, out);
	found = sb_ledger_tx(x->world->ledger, tx);
	*out = found == NULL || found->state != SB_TX_MINED ? SB_TX_ABSENT :
		!found->success ? SB_TX_REVERTED : adds_hash(found, x->cvm, hash) ? SB_TX_REGISTERED : SB_TX_NO_EVENT;
	return true;
}
