/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/account_kind.json through chain/account. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "chain/account.h"
#include "vectors/chain_cases.h"

/* A text without a NUL inside, or NULL for anything else. */
static const char *hex_text(const struct exact_json *vector, const char *name)
{
	size_t len = 0;
	const char *text = exact_json_string(vectors_need(vector, name), &len);
	return text && strlen(text) == len ? text : NULL;
}

static void same_address(const struct address *have, const struct exact_json *want)
{
	char text[ADDRESS_TEXT_SIZE];
	assert_string_equal(address_format(text, have), exact_json_string(want, NULL));
}

static void same_safe(const struct account *account, const struct exact_json *expect)
{
	const struct exact_json *owners = vectors_need(expect, "owners"), *threshold = vectors_need(expect, "threshold");
	struct u256 have = u256_from_u64(account->threshold);
	if (exact_json_kind(threshold) == EXACT_NUMBER)
		assert_int_equal(account->threshold, (int)exact_json_number(threshold, -1));
	else
		chain_same_number(&have, expect, "threshold");
	assert_int_equal(account->owner_count, exact_json_count(owners));
	for (size_t i = 0; i < account->owner_count; i++)
		same_address(&account->owners[i], exact_json_item(owners, i));
}

static void same_account(const struct account *account, const struct exact_json *expect)
{
	const struct exact_json *delegate = exact_json_get(expect, "delegate"), *size = exact_json_get(expect, "size");
	assert_string_equal(account_kind_name(account->kind), vectors_text(expect, "type", NULL));
	assert_int_equal(account->kind == ACCOUNT_DELEGATED_EOA, delegate != NULL);
	if (delegate)
		same_address(&account->delegate, delegate);
	if (size)
		assert_int_equal(account->code_size, (int)exact_json_number(size, -1));
	if (account->kind == ACCOUNT_SAFE)
		same_safe(account, expect);
}

static void check_classify(const struct exact_json *vector)
{
	struct account account;
	bool good = account_classify(hex_text(vector, "code"), &account, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		same_account(&account, vectors_need(vector, "expect"));
	account_clear(&account);
}

static void check_owner(const struct exact_json *vector)
{
	struct account account;
	bool good = account_classify_owner(hex_text(vector, "code"), hex_text(vector, "threshold"), hex_text(vector, "owners"),
		&account, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (good)
		same_account(&account, vectors_need(vector, "expect"));
	account_clear(&account);
}

static void check_slot(const struct exact_json *vector)
{
	struct bytes32 slot;
	account_slot(vectors_text(vector, "slotName", NULL), &slot);
	chain_same_hex(slot.bytes, BYTES32_SIZE, vector, "expect");
}

static void check_address_word(const struct exact_json *vector)
{
	struct address address;
	bool present = false, good = account_word_address(hex_text(vector, "word"), &address, &present, NULL);
	assert_int_equal(good, !chain_rejects(vector));
	if (!good)
		return;
	const struct exact_json *want = vectors_need(vectors_need(vector, "expect"), "address");
	assert_int_equal(present, exact_json_kind(want) == EXACT_STRING);
	if (present)
		same_address(&address, want);
}

static void check(const struct exact_json *vector)
{
	static const struct chain_kind kinds[] = {
		{ "classify", check_classify },
		{ "slot", check_slot },
		{ "address_word", check_address_word },
		{ "owner", check_owner },
	};
	chain_run_kind(kinds, sizeof(kinds) / sizeof(kinds[0]), vector);
}

int main(void)
{
	return vectors_run("account_kind", check);
}
