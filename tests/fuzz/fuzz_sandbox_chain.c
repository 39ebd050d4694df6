/* SPDX-License-Identifier: Apache-2.0 */
/* Raw transactions and calldata for every contract of the sandbox's chain. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t k256[33] = { 2 }, ca[91] = { 0x30 };

static struct sb_ledger *make_ledger(void)
{
	static const enum sb_contract_kind kinds[] = { SB_APP, SB_KMS, SB_MULTICALL, SB_ORACLE, SB_SAFE };
	struct sb_ledger *ledger = sb_ledger_new(NULL, 1, 1);
	for (uint8_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint8_t address[SB_ADDRESS_SIZE] = { i };
		struct sb_contract *contract = sb_ledger_add_contract(ledger, kinds[i], address);
		contract->newer = true;
		contract->kms_keys[0] = k256;
		contract->kms_keys[1] = ca;
		sb_contract_set_address(contract, SB_OWNER, address, 0);
	}
	return ledger;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t hash[SB_WORD_SIZE];
	struct error err;
	struct sb_ledger *ledger = make_ledger();
	if (sb_ledger_submit(ledger, data, size, hash, &err) && sb_ledger_tx(ledger, hash) == NULL)
		abort();
	for (uint8_t i = 0; i < 5; i++) {
		struct sb_call call = { .data = data, .len = size, .write = true, .block = UINT64_MAX, .to = { i } };
		sb_ledger_call(ledger, &call);
		if (call.log_count > SB_LOGS_MAX)
			abort();
		buf_clear(&call.answer);
	}
	sb_ledger_free(ledger);
	return 0;
}
