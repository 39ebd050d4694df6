/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, accounts and the state of contracts; transactions are in ledger_tx.c. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "sandbox/ledger_own.h"

enum { FIRST_BLOCK = 31245118, EMPTY_BLOCK_MS = 2000, CATCH_UP_MAX = 5000 };

void sb_ledger_append_block(struct sb_ledger *ledger, int64_t at_ms)
{
	ledger->blocks = mem_grow(ledger->blocks, ledger->block_count, &ledger->block_cap, sizeof(*ledger->blocks));
	struct sb_block *block = &ledger->blocks[ledger->block_count];
	const struct sb_block *parent = ledger->block_count > 0 ? block - 1 : NULL;
	uint8_t input[SB_WORD_SIZE + 8] = { 0 };
	*block = (struct sb_block){ .number = FIRST_BLOCK + ledger->block_count, .timestamp = (uint64_t)at_ms / 1000,
		.first_tx = ledger->mined_count };
	if (parent != NULL && block->timestamp <= parent->timestamp)
		block->timestamp = parent->timestamp + 1;
	memcpy(block->parent, parent != NULL ? parent->hash : ledger->seed, SB_WORD_SIZE);
	memcpy(input, block->parent, SB_WORD_SIZE);
	memcpy(input + SB_WORD_SIZE, &block->number, 8);
	hash_keccak256(block->hash, input, sizeof(input));
	ledger->block_count++;
}

/* The chain goes on while nobody looks: what the clock owes is made up when somebody does. */
static void ledger_catch_up(struct sb_ledger *ledger)
{
	int64_t now = clock_mono_ms();
	int64_t owed = (now - ledger->next_block_ms) / ledger->block_ms + 1;
	if (now < ledger->next_block_ms)
		return;
	if (owed > CATCH_UP_MAX)
		owed = CATCH_UP_MAX;
	for (int64_t i = owed; i > 0; i--)
		sb_ledger_append_block(ledger, clock_wall_ms() - (i - 1) * ledger->block_ms);
	ledger->next_block_ms = now + ledger->block_ms;
}

struct sb_ledger *sb_ledger_new(struct loop *loop, uint64_t seed, int64_t mine_ms)
{
	struct sb_ledger *ledger = mem_new(1, sizeof(*ledger));
	ledger->loop = loop;
	ledger->mine_ms = mine_ms;
	ledger->block_ms = EMPTY_BLOCK_MS;
	memcpy(ledger->seed, &seed, sizeof(seed));
	for (int64_t i = 8; i > 0; i--)
		sb_ledger_append_block(ledger, clock_wall_ms() - i * EMPTY_BLOCK_MS);
	ledger->next_block_ms = clock_mono_ms() + EMPTY_BLOCK_MS;
	return ledger;
}

void sb_ledger_free(struct sb_ledger *ledger)
{
	if (ledger == NULL)
		return;
	loop_timer_cancel(&ledger->mine);
	for (size_t i = 0; i < ledger->contract_count; i++) {
		free(ledger->contracts[i]->changes);
		free(ledger->contracts[i]);
	}
	for (size_t i = 0; i < ledger->mined_count; i++)
		sb_tx_free(ledger->mined[i]);
	for (size_t i = 0; i < ledger->pool_count; i++)
		sb_tx_free(ledger->pool[i]);
	free(ledger->contracts);
	free(ledger->accounts);
	free(ledger->blocks);
	free(ledger->mined);
	free(ledger->pool);
	free(ledger);
}

struct sb_contract *sb_ledger_add_contract(struct sb_ledger *ledger, enum sb_contract_kind kind, const uint8_t address[SB_ADDRESS_SIZE])
{
	struct sb_contract *contract = mem_new(1, sizeof(*contract));
	contract->kind = kind;
	memcpy(contract->address, address, SB_ADDRESS_SIZE);
	ledger->contracts = mem_grow(ledger->contracts, ledger->contract_count, &ledger->contract_cap, sizeof(*ledger->contracts));
	ledger->contracts[ledger->contract_count++] = contract;
	return contract;
}

struct sb_contract *sb_ledger_contract(const struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE])
{
	for (size_t i = 0; i < ledger->contract_count; i++)
		if (memcmp(ledger->contracts[i]->address, address, SB_ADDRESS_SIZE) == 0)
			return ledger->contracts[i];
	return NULL;
}

struct sb_account *sb_ledger_account(struct sb_ledger *ledger, const uint8_t address[SB_ADDRESS_SIZE])
{
	for (size_t i = 0; i < ledger->account_count; i++)
		if (memcmp(ledger->accounts[i].address, address, SB_ADDRESS_SIZE) == 0)
			return &ledger->accounts[i];
	ledger->accounts = mem_grow(ledger->accounts, ledger->account_count, &ledger->account_cap, sizeof(*ledger->accounts));
	struct sb_account *account = &ledger->accounts[ledger->account_count++];
	*account = (struct sb_account){ 0 };
	memcpy(account->address, address, SB_ADDRESS_SIZE);
	return account;
}

const struct sb_block *sb_ledger_head(struct sb_ledger *ledger)
{
	ledger_catch_up(ledger);
	return &ledger->blocks[ledger->block_count - 1];
}

const struct sb_block *sb_ledger_block(struct sb_ledger *ledger, uint64_t number)
{
	if (number < FIRST_BLOCK || number - FIRST_BLOCK >= ledger->block_count)
		return NULL;
	return &ledger->blocks[number - FIRST_BLOCK];
}

/* State */

static const struct sb_change *contract_last(const struct sb_contract *contract, enum sb_slot slot, const uint8_t *key, uint64_t block)
{
	for (size_t i = contract->change_count; i > 0; i--) {
		const struct sb_change *change = &contract->changes[i - 1];
		if (change->slot == slot && change->block <= block && (key == NULL || memcmp(change->key, key, SB_WORD_SIZE) == 0))
			return change;
	}
	return NULL;
}

bool sb_contract_flag(const struct sb_contract *contract, enum sb_slot slot, const uint8_t *key, uint64_t block)
{
	const struct sb_change *change = contract_last(contract, slot, key, block);
	return change != NULL && change->value;
}

static void contract_change(struct sb_contract *contract, const struct sb_change *change)
{
	contract->changes = mem_grow(contract->changes, contract->change_count, &contract->change_cap, sizeof(*contract->changes));
	contract->changes[contract->change_count++] = *change;
}

void sb_contract_set_flag(struct sb_contract *contract, enum sb_slot slot, const uint8_t *key, bool value, uint64_t block)
{
	struct sb_change change = { .block = block, .slot = slot, .value = value };
	memcpy(change.key, key, SB_WORD_SIZE);
	contract_change(contract, &change);
}

void sb_contract_address(const struct sb_contract *contract, enum sb_slot slot, uint64_t block, uint8_t out[SB_ADDRESS_SIZE])
{
	const struct sb_change *change = contract_last(contract, slot, NULL, block);
	memset(out, 0, SB_ADDRESS_SIZE);
	if (change != NULL)
		memcpy(out, change->key + 12, SB_ADDRESS_SIZE);
}

void sb_contract_set_address(struct sb_contract *contract, enum sb_slot slot, const uint8_t address[SB_ADDRESS_SIZE], uint64_t block)
{
	struct sb_change change = { .block = block, .slot = slot, .value = true };
	memcpy(change.key + 12, address, SB_ADDRESS_SIZE);
	contract_change(contract, &change);
}
