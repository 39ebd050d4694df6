/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, amounts, addresses and words from text; what was taken prints and reads back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "chain/account.h"
#include "chain/u256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct u256 *a, const struct u256 *b, bool read)
{
	if (!read || u256_cmp(a, b) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy((const char *)data, size), shown[U256_UNITS_SIZE];
	struct u256 value, back;
	struct account account;
	struct address address;
	struct bytes32 word;
	bool present;

	if (u256_parse_decimal(&value, text))
		same(&value, &back, u256_parse_decimal(&back, u256_format_decimal(shown, &value)));
	if (u256_parse_quantity(&value, text))
		same(&value, &back, u256_parse_quantity(&back, u256_format_quantity(shown, &value)));
	if (u256_parse_hex(&value, text))
		(void)u256_format_ether_up(shown, &value);
	if (u256_parse_units(&value, text, 18))
		same(&value, &back, u256_parse_units(&back, u256_format_ether(shown, &value), 18));
	(void)!address_parse_strict(&address, text);
	(void)!bytes32_parse(&word, text);
	(void)!account_word_address(text, &address, &present, NULL);
	(void)!account_classify_owner(text, text, text, &account, NULL);
	account_clear(&account);
	free(text);
	return 0;
}
