/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses told apart by their code, and Safes by what they answer. */
#include "chain/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chain/contract.h"
#include "chain/u256.h"

/* EIP-7702: code that is exactly this prefix and an address. */
static const uint8_t delegation[] = { 0xef, 0x01, 0x00 };

const char *account_kind_name(enum account_kind kind)
{
	static const char *const names[] = { "eoa", "delegated_eoa", "safe", "contract" };
	return names[kind];
}

bool account_is_person(const struct account *account)
{
	return account->kind == ACCOUNT_EOA || account->kind == ACCOUNT_DELEGATED_EOA;
}

void account_clear(struct account *account)
{
	free(account->owners);
	*account = (struct account){ 0 };
}

static void classify_bytes(const uint8_t *code, size_t len, struct account *out)
{
	hash_keccak256(out->code_hash.bytes, code, len);
	if (len == 0) {
		out->kind = ACCOUNT_EOA;
	} else if (len == sizeof(delegation) + ADDRESS_SIZE && memcmp(code, delegation, sizeof(delegation)) == 0) {
		out->kind = ACCOUNT_DELEGATED_EOA;
		memcpy(out->delegate.bytes, code + sizeof(delegation), ADDRESS_SIZE);
	} else {
		out->kind = ACCOUNT_CONTRACT;
		out->code_size = len;
	}
}

bool account_classify(const char *code, struct account *out, struct error *err)
{
	size_t len = 0;
	uint8_t *bytes = data_parse_new(code, LIMIT_CALLDATA, &len);
	*out = (struct account){ 0 };
	if (!bytes)
		return error_set(err, STATUS_CHAIN, "code-malformed", "the node's answer to eth_getCode is no code");
	classify_bytes(bytes, len, out);
	free(bytes);
	return true;
}

/* Owners of a Safe are distinct and neither zero nor 1, the sentinel of its linked list. */
static bool owners_make_sense(const struct address *owners, size_t count)
{
	struct address sentinel = { { 0 } };
	sentinel.bytes[ADDRESS_SIZE - 1] = 1;
	for (size_t i = 0; i < count; i++) {
		if (address_is_zero(&owners[i]) || address_equal(&owners[i], &sentinel))
			return false;
		for (size_t j = 0; j < i; j++)
			if (address_equal(&owners[i], &owners[j]))
				return false;
	}
	return true;
}

enum { MAX_OWNERS = 4096 };

static bool read_owners(const uint8_t *data, size_t len, struct account *out)
{
	struct abi_values values;
	if (!contract_decode(CALL_GET_OWNERS, data, len, &values, NULL))
		return false;
	const struct abi_value *list = &values.items[0];
	out->owners = mem_new(list->count + 1, sizeof(*out->owners));
	out->owner_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		out->owners[i] = abi_get_address(&list->items[i]);
	abi_values_clear(&values);
	return out->owner_count <= MAX_OWNERS && owners_make_sense(out->owners, out->owner_count);
}

static bool read_threshold(const uint8_t *data, size_t len, struct account *out)
{
	struct u256 value;
	return contract_decode_u256(CALL_GET_THRESHOLD, data, len, &value, NULL) && u256_to_u64(&value, &out->threshold) &&
		out->threshold >= 1;
}

void account_add_safe_answers(struct account *account, const uint8_t *threshold, size_t threshold_len, const uint8_t *owners,
	size_t owners_len)
{
	if (account->kind != ACCOUNT_CONTRACT || !threshold || !owners)
		return;
	if (read_threshold(threshold, threshold_len, account) && read_owners(owners, owners_len, account) &&
	    account->threshold <= account->owner_count) {
		account->kind = ACCOUNT_SAFE;
		return;
	}
	free(account->owners);
	account->owners = NULL;
	account->owner_count = 0;
	account->threshold = 0;
}

bool account_classify_owner(const char *code, const char *threshold, const char *owners, struct account *out,
	struct error *err)
{
	size_t threshold_len = 0, owners_len = 0;
	if (!account_classify(code, out, err))
		return false;
	uint8_t *threshold_data = data_parse_new(threshold, LIMIT_CALLDATA, &threshold_len);
	uint8_t *owners_data = data_parse_new(owners, LIMIT_CALLDATA, &owners_len);
	account_add_safe_answers(out, threshold_data, threshold_len, owners_data, owners_len);
	free(threshold_data);
	free(owners_data);
	return true;
}

bool account_word_address(const char *word, struct address *out, bool *present, struct error *err)
{
	size_t len = 0;
	uint8_t *bytes = data_parse_new(word, BYTES32_SIZE, &len);
	uint8_t dirty = 0;
	*present = false;
	for (size_t i = 0; bytes && len == BYTES32_SIZE && i < BYTES32_SIZE - ADDRESS_SIZE; i++)
		dirty |= bytes[i];
	bool good = bytes && len == BYTES32_SIZE && dirty == 0;
	if (good) {
		memcpy(out->bytes, bytes + BYTES32_SIZE - ADDRESS_SIZE, ADDRESS_SIZE);
		*present = !address_is_zero(out);
	}
	free(bytes);
	return good || error_set(err, STATUS_CHAIN, "word-malformed", "a 32-byte word from the node holds no address");
}

void account_slot(const char *name, struct bytes32 *out)
{
	struct bytes32 topic;
	const struct u256 one = u256_from_u64(1);
	abi_topic(&topic, name);
	struct u256 value = u256_from_bytes(topic.bytes);
	if (!u256_sub(&value, &value, &one))
		mem_die("account: no name hashes to zero");
	u256_to_bytes(out->bytes, &value);
}
