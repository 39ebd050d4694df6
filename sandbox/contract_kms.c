/* SPDX-License-Identifier: Apache-2.0 */
/* DstackKms: which apps and images may have keys, and whose keys they are. */
#include <string.h>

#include "sandbox/contract_app.h"
#include "sandbox/ledger_own.h"

enum { BOOT_HEAD_WORDS = 9, WORD_TCB = 7 };

/* A word as a size, or SIZE_MAX when it is larger than any calldata. */
static size_t word_size(const uint8_t *word)
{
	size_t value = 0;
	for (size_t i = 0; i < SB_WORD_SIZE; i++) {
		if (i < 28 && word[i] != 0)
			return SIZE_MAX;
		value = value << 8 | word[i];
	}
	return value;
}

bool sb_boot_read(const struct sb_call *call, struct sb_boot *boot)
{
	const uint8_t *start = sb_call_word(call, 0);
	if (start == NULL || word_size(start) != SB_WORD_SIZE || sb_call_word(call, BOOT_HEAD_WORDS) == NULL)
		return false;
	const uint8_t *tuple = start + SB_WORD_SIZE;
	size_t len = call->len - 4 - SB_WORD_SIZE, at = word_size(tuple + WORD_TCB * SB_WORD_SIZE);
	if (at > len - SB_WORD_SIZE)
		return false;
	size_t n = word_size(tuple + at);
	if (n > len - SB_WORD_SIZE - at || n >= sizeof(boot->tcb_status))
		return false;
	*boot = (struct sb_boot){ .compose_hash = tuple + 32, .device_id = tuple + 3 * 32, .mr_aggregated = tuple + 4 * 32,
		.os_image = tuple + 6 * 32 };
	memcpy(boot->app_id, tuple + 12, SB_ADDRESS_SIZE);
	memcpy(boot->tcb_status, tuple + at + SB_WORD_SIZE, n);
	return true;
}

void sb_boot_answer(struct sb_call *call, const char *reason)
{
	const char *text = reason != NULL ? reason : "";
	sb_add_number(&call->answer, reason == NULL);
	sb_add_number(&call->answer, 2 * SB_WORD_SIZE);
	sb_add_number(&call->answer, strlen(text));
	sb_add_padded(&call->answer, (const uint8_t *)text, strlen(text));
}

static void is_app_allowed(struct sb_ledger *ledger, struct sb_contract *kms, struct sb_call *call)
{
	struct sb_boot boot;
	uint8_t app_word[SB_WORD_SIZE] = { 0 };
	if (!sb_boot_read(call, &boot)) {
		sb_call_revert(call);
		return;
	}
	memcpy(app_word + 12, boot.app_id, SB_ADDRESS_SIZE);
	const struct sb_contract *app = sb_ledger_contract(ledger, boot.app_id);
	if (!sb_contract_flag(kms, SB_REGISTERED, app_word, call->block))
		sb_boot_answer(call, "App not registered");
	else if (!sb_contract_flag(kms, SB_OS_IMAGE, boot.os_image, call->block))
		sb_boot_answer(call, "OS image is not allowed");
	else if (app == NULL)
		sb_boot_answer(call, "App not deployed or invalid address");
	else if (app->kind != SB_APP)
		sb_call_revert(call);
	else
		sb_boot_answer(call, sb_app_denies(app, &boot, call->block));
}

static void is_kms_allowed(struct sb_contract *kms, struct sb_call *call)
{
	struct sb_boot boot;
	if (!sb_boot_read(call, &boot))
		sb_call_revert(call);
	else if (!sb_contract_flag(kms, SB_OS_IMAGE, boot.os_image, call->block))
		sb_boot_answer(call, "OS image is not allowed");
	else
		sb_boot_answer(call, "Aggregated MR not allowed");
}

static void kms_info(const struct sb_contract *kms, struct sb_call *call)
{
	static const uint8_t quote[] = "sandbox quote", eventlog[] = "[]";
	const uint8_t *parts[4] = { kms->kms_keys[0], kms->kms_keys[1], quote, eventlog };
	const size_t sizes[4] = { 33, 91, sizeof(quote) - 1, sizeof(eventlog) - 1 };
	size_t at = 4 * SB_WORD_SIZE;
	for (size_t i = 0; i < 4; i++) {
		sb_add_number(&call->answer, at);
		at += SB_WORD_SIZE + (sizes[i] + SB_WORD_SIZE - 1) / SB_WORD_SIZE * SB_WORD_SIZE;
	}
	for (size_t i = 0; i < 4; i++) {
		sb_add_number(&call->answer, sizes[i]);
		sb_add_padded(&call->answer, parts[i], sizes[i]);
	}
}

static void read_flag(const struct sb_contract *kms, struct sb_call *call, enum sb_slot slot)
{
	const uint8_t *word = sb_call_word(call, 0);
	if (word == NULL)
		sb_call_revert(call);
	else
		sb_answer_bool(call, sb_contract_flag(kms, slot, word, call->block));
}

/* The implementation of apps: an address like any other. */
static void app_implementation(struct sb_call *call)
{
	static const uint8_t address[SB_ADDRESS_SIZE] = { 0xd5, 0x7a, 0xcc, [19] = 0x02 };
	sb_answer_address(call, address);
}

void sb_kms_call(struct sb_ledger *ledger, struct sb_contract *kms, struct sb_call *call)
{
	uint8_t owner[SB_ADDRESS_SIZE];
	switch (sb_call_selector(call)) {
	case 0x1e079198:
		is_app_allowed(ledger, kms, call);
		break;
	case 0xe067ec9d:
		is_kms_allowed(kms, call);
		break;
	case 0x09177063:
		kms_info(kms, call);
		break;
	case 0x95f51931:
		sb_answer_text(call, "9716536f62c81fe13e7c21c8807af96fd93f677e");
		break;
	case 0xa6c4cce9:
		read_flag(kms, call, SB_REGISTERED);
		break;
	case 0x9a4e1d18:
		read_flag(kms, call, SB_OS_IMAGE);
		break;
	case 0xf6fe4f40:
	case 0x13eb9770:
		sb_answer_bool(call, false);
		break;
	case 0x25a992da:
		app_implementation(call);
		break;
	case 0x8da5cb5b:
		sb_contract_address(kms, SB_OWNER, call->block, owner);
		sb_answer_address(call, owner);
		break;
	default:
		sb_call_revert(call);
	}
}
