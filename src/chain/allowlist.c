/* SPDX-License-Identifier: Apache-2.0 */
/* What was read of an allowlist: questions about the whole, and whether two endpoints agree. */
#include <stddef.h>
#include <string.h>

#include "chain/reader.h"

void allowlist_clear(struct allowlist *list)
{
	account_clear(&list->owner_account);
	account_clear(&list->signer_account);
	*list = (struct allowlist){ 0 };
}

void allowlist_take(struct allowlist *out, struct allowlist *from)
{
	*out = *from;
	*from = (struct allowlist){ 0 };
}

enum read_state allowlist_device_state(const struct allowlist *list)
{
	if (list->any_device.state == READ_YES || list->device.state == READ_YES)
		return READ_YES;
	if (list->any_device.state == READ_NO && list->device.state == READ_NO)
		return READ_NO;
	return READ_FAILED;
}

#define OFFSET(member) offsetof(struct allowlist, member)

/* Every read by the name people see; `same` ones must not differ between two endpoints. */
static const struct named_read {
	const char *name;
	size_t offset;
	bool same;
} reads[] = {
	{ "code at the contract", OFFSET(code), true },
	{ "owner()", OFFSET(owner), true },
	{ "pendingOwner()", OFFSET(pending_owner), true },
	{ "allowedComposeHashes(new)", OFFSET(new_hash), true },
	{ "allowedComposeHashes(old)", OFFSET(old_hash), true },
	{ "allowAnyDevice()", OFFSET(any_device), true },
	{ "allowedDeviceIds(device)", OFFSET(device), true },
	{ "requireTcbUpToDate()", OFFSET(require_tcb), true },
	{ "version()", OFFSET(version), true },
	{ "the ERC-1967 implementation", OFFSET(implementation), true },
	{ "the implementation's code", OFFSET(implementation_code), true },
	{ "code at owner()", OFFSET(owner_code), true },
	{ "the signer's balance", OFFSET(balance), false },
	{ "code at the signer", OFFSET(signer_code), false },
};

static const struct read_answer *read_at(const struct allowlist *list, size_t i)
{
	return (const struct read_answer *)(const void *)((const char *)list + reads[i].offset);
}

const struct error *allowlist_first_failure(const struct allowlist *list, const char **name)
{
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		if (read_at(list, i)->state == READ_FAILED) {
			*name = reads[i].name;
			return &read_at(list, i)->error;
		}
	*name = "the signer's nonce";
	return list->balance.state != READ_NOT_ASKED && !list->has_nonces ? &list->nonce_error : NULL;
}

static bool same_answer(const struct read_answer *a, const struct read_answer *b)
{
	return a->state != READ_FAILED && a->state == b->state && address_equal(&a->address, &b->address) &&
		u256_cmp(&a->number, &b->number) == 0;
}

static bool same_owner_account(const struct account *a, const struct account *b)
{
	if (a->kind != b->kind || a->threshold != b->threshold || a->owner_count != b->owner_count ||
	    !bytes32_equal(&a->code_hash, &b->code_hash))
		return false;
	for (size_t i = 0; i < a->owner_count; i++)
		if (!address_equal(&a->owners[i], &b->owners[i]))
			return false;
	return true;
}

static bool disagree(struct error *err, const char *name)
{
	error_set(err, STATUS_CHECK, "rpc-disagree", "two RPC endpoints do not say the same about %s at the same block", name);
	return error_next(err, "one of them is wrong or behind: find out which, and go on with endpoints you trust");
}

bool allowlist_require_same(const struct allowlist *a, const struct allowlist *b, struct error *err)
{
	if (a->block != b->block || a->chain_id != b->chain_id)
		return disagree(err, "the block that was read");
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		if (reads[i].same && !same_answer(read_at(a, i), read_at(b, i)))
			return disagree(err, reads[i].name);
	if (!bytes32_equal(&a->code_hash, &b->code_hash))
		return disagree(err, "the contract's code");
	if (!bytes32_equal(&a->implementation_hash, &b->implementation_hash))
		return disagree(err, "the implementation's code");
	return same_owner_account(&a->owner_account, &b->owner_account) || disagree(err, "what owner() is");
}
