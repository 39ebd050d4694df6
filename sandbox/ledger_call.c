/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of contracts: who is asked, how answers and failures are written. */
#include <string.h>

#include "base/hash.h"
#include "sandbox/ledger_own.h"

enum { GAS_BASE = 21000 };

uint32_t sb_call_selector(const struct sb_call *call)
{
	if (call->len < 4)
		return 0;
	return (uint32_t)call->data[0] << 24 | (uint32_t)call->data[1] << 16 | (uint32_t)call->data[2] << 8 | call->data[3];
}

const uint8_t *sb_call_word(const struct sb_call *call, size_t i)
{
	return call->len >= 4 + (i + 1) * SB_WORD_SIZE ? call->data + 4 + i * SB_WORD_SIZE : NULL;
}

void sb_add_number(struct buf *out, uint64_t value)
{
	uint8_t word[SB_WORD_SIZE] = { 0 };
	for (size_t i = 0; i < 8; i++)
		word[31 - i] = (uint8_t)(value >> (8 * i));
	buf_add(out, word, sizeof(word));
}

void sb_add_padded(struct buf *out, const uint8_t *bytes, size_t len)
{
	buf_add(out, bytes, len);
	while (len++ % SB_WORD_SIZE != 0)
		buf_add_byte(out, 0);
}

void sb_answer_number(struct sb_call *call, uint64_t value)
{
	sb_add_number(&call->answer, value);
}

void sb_answer_bool(struct sb_call *call, bool value)
{
	sb_answer_number(call, value);
}

void sb_answer_address(struct sb_call *call, const uint8_t address[SB_ADDRESS_SIZE])
{
	uint8_t word[SB_WORD_SIZE] = { 0 };
	memcpy(word + 12, address, SB_ADDRESS_SIZE);
	buf_add(&call->answer, word, sizeof(word));
}

void sb_answer_text(struct sb_call *call, const char *text)
{
	sb_add_number(&call->answer, SB_WORD_SIZE);
	sb_add_number(&call->answer, strlen(text));
	sb_add_padded(&call->answer, (const uint8_t *)text, strlen(text));
}

void sb_call_revert(struct sb_call *call)
{
	buf_reset(&call->answer);
	call->reverted = true;
	call->log_count = 0;
}

static void add_selector(struct buf *out, uint32_t selector)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(out, (int)(selector >> shift & 0xff));
}

void sb_call_revert_text(struct sb_call *call, const char *text)
{
	sb_call_revert(call);
	add_selector(&call->answer, 0x08c379a0);
	sb_answer_text(call, text);
}

void sb_call_revert_address(struct sb_call *call, uint32_t selector, const uint8_t address[SB_ADDRESS_SIZE])
{
	sb_call_revert(call);
	add_selector(&call->answer, selector);
	sb_answer_address(call, address);
}

struct sb_log *sb_call_log(struct sb_call *call, const char *signature)
{
	struct sb_log *log = &call->logs[call->log_count < SB_LOGS_MAX ? call->log_count++ : SB_LOGS_MAX - 1];
	*log = (struct sb_log){ .topic_count = 1 };
	memcpy(log->address, call->to, SB_ADDRESS_SIZE);
	hash_keccak256(log->topics[0], signature, strlen(signature));
	return log;
}

typedef void contract_fn(struct sb_ledger *ledger, struct sb_contract *contract, struct sb_call *call);
static contract_fn *const contract_calls[] = { [SB_APP] = sb_app_call, [SB_KMS] = sb_kms_call, [SB_MULTICALL] = sb_multicall_call,
	[SB_ORACLE] = sb_oracle_call, [SB_SAFE] = sb_safe_call };

void sb_ledger_call(struct sb_ledger *ledger, struct sb_call *call)
{
	struct sb_contract *contract = sb_ledger_contract(ledger, call->to);
	uint64_t words = call->len / 2;
	buf_reset(&call->answer);
	call->log_count = 0;
	call->reverted = false;
	call->gas = GAS_BASE + words * 16;
	if (contract == NULL || (contract->kind == SB_MULTICALL && ledger->faults.no_multicall))
		return;
	contract_calls[contract->kind](ledger, contract, call);
	if (ledger->faults.revert_all && call->write)
		sb_call_revert_text(call, "sandbox: reverted on purpose");
}
