/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DstackApp: the allowlists of an app. Ownership changes hands in two steps.
 * Contracts of the newer generation also know their version and the TCB rule,
 * and emit PolicyChanged(actor, kind, value, allowed) beside each event.
 */
#include <string.h>

#include "sandbox/contract_app.h"
#include "sandbox/ledger_own.h"

static const uint8_t zero_word[SB_WORD_SIZE];
static const uint32_t not_owner = 0x118cdaa7; /* OwnableUnauthorizedAccount(address) */
static const uint32_t bad_owner = 0x1e4fbdf7; /* OwnableInvalidOwner(address) */

struct app_call {
	struct sb_contract *app;
	struct sb_call *call;
	const uint8_t *word; /* the first argument, NULL when there is none */
};

static void read_flag(const struct app_call *app, enum sb_slot slot, const uint8_t *key)
{
	sb_answer_bool(app->call, sb_contract_flag(app->app, slot, key, app->call->block));
}

static void read_address(const struct app_call *app, enum sb_slot slot)
{
	uint8_t address[SB_ADDRESS_SIZE];
	sb_contract_address(app->app, slot, app->call->block, address);
	sb_answer_address(app->call, address);
}

static bool caller_is_owner(const struct app_call *app)
{
	uint8_t owner[SB_ADDRESS_SIZE];
	sb_contract_address(app->app, SB_OWNER, app->call->block, owner);
	if (memcmp(owner, app->call->from, SB_ADDRESS_SIZE) == 0)
		return true;
	sb_call_revert_address(app->call, not_owner, app->call->from);
	return false;
}

static void log_word(struct sb_call *call, const char *event, const uint8_t word[SB_WORD_SIZE])
{
	struct sb_log *log = sb_call_log(call, event);
	memcpy(log->data, word, SB_WORD_SIZE);
	log->data_len = SB_WORD_SIZE;
}

static void log_policy(const struct app_call *app, const char *kind, const uint8_t value[SB_WORD_SIZE], bool allowed)
{
	if (!app->app->newer)
		return;
	struct sb_log *log = sb_call_log(app->call, "PolicyChanged(address,bytes32,bytes32,bool)");
	memcpy(log->data + 12, app->call->from, SB_ADDRESS_SIZE);
	memcpy(log->data + 32, kind, strlen(kind));
	memcpy(log->data + 64, value, SB_WORD_SIZE);
	log->data[127] = allowed;
	log->data_len = 128;
}

static void write_flag(const struct app_call *app, enum sb_slot slot, const uint8_t *key, bool value, const char *event, const char *kind)
{
	if (!caller_is_owner(app))
		return;
	app->call->gas += sb_contract_flag(app->app, slot, key, app->call->block) == value ? 5200 : 25100;
	uint8_t word[SB_WORD_SIZE] = { [31] = value };
	log_word(app->call, event, slot == SB_ANY_DEVICE ? word : key);
	log_policy(app, kind, key, value);
	if (app->call->write)
		sb_contract_set_flag(app->app, slot, key, value, app->call->block);
}

static void add_compose(const struct app_call *app)
{
	write_flag(app, SB_COMPOSE, app->word, true, "ComposeHashAdded(bytes32)", "composeHash");
}

static void remove_compose(const struct app_call *app)
{
	write_flag(app, SB_COMPOSE, app->word, false, "ComposeHashRemoved(bytes32)", "composeHash");
}

static void add_device(const struct app_call *app)
{
	write_flag(app, SB_DEVICE, app->word, true, "DeviceAdded(bytes32)", "device");
}

static void remove_device(const struct app_call *app)
{
	write_flag(app, SB_DEVICE, app->word, false, "DeviceRemoved(bytes32)", "device");
}

static void set_any_device(const struct app_call *app)
{
	write_flag(app, SB_ANY_DEVICE, zero_word, app->word[31] != 0, "AllowAnyDeviceSet(bool)", "allowAnyDevice");
}

static void log_two_addresses(const struct app_call *app, const char *event, const uint8_t from[SB_ADDRESS_SIZE],
	const uint8_t to[SB_ADDRESS_SIZE])
{
	struct sb_log *log = sb_call_log(app->call, event);
	log->topic_count = 3;
	memcpy(log->topics[1] + 12, from, SB_ADDRESS_SIZE);
	memcpy(log->topics[2] + 12, to, SB_ADDRESS_SIZE);
}

static void transfer_ownership(const struct app_call *app)
{
	if (!caller_is_owner(app))
		return;
	log_two_addresses(app, "OwnershipTransferStarted(address,address)", app->call->from, app->word + 12);
	app->call->gas += 23000;
	if (app->call->write)
		sb_contract_set_address(app->app, SB_PENDING, app->word + 12, app->call->block);
}

static void accept_ownership(const struct app_call *app)
{
	uint8_t pending[SB_ADDRESS_SIZE], owner[SB_ADDRESS_SIZE];
	sb_contract_address(app->app, SB_PENDING, app->call->block, pending);
	sb_contract_address(app->app, SB_OWNER, app->call->block, owner);
	if (memcmp(pending, app->call->from, SB_ADDRESS_SIZE) != 0) {
		sb_call_revert_address(app->call, not_owner, app->call->from);
		return;
	}
	log_two_addresses(app, "OwnershipTransferred(address,address)", owner, pending);
	app->call->gas += 9000;
	if (app->call->write) {
		sb_contract_set_address(app->app, SB_OWNER, pending, app->call->block);
		sb_contract_set_address(app->app, SB_PENDING, zero_word, app->call->block);
	}
}

static void renounce_ownership(const struct app_call *app)
{
	if (caller_is_owner(app))
		sb_call_revert_address(app->call, bad_owner, zero_word);
}

static void compose_allowed(const struct app_call *app)
{
	read_flag(app, SB_COMPOSE, app->word);
}

static void device_allowed(const struct app_call *app)
{
	read_flag(app, SB_DEVICE, app->word);
}

static void any_device(const struct app_call *app)
{
	read_flag(app, SB_ANY_DEVICE, zero_word);
}

static void owner(const struct app_call *app)
{
	read_address(app, SB_OWNER);
}

static void pending_owner(const struct app_call *app)
{
	read_address(app, SB_PENDING);
}

static void tcb_rule(const struct app_call *app)
{
	read_flag(app, SB_TCB_RULE, zero_word);
}

static void version(const struct app_call *app)
{
	sb_answer_number(app->call, 2);
}

static void supports_interface(const struct app_call *app)
{
	static const uint8_t known[][4] = { { 0x01, 0xff, 0xc9, 0xa7 }, { 0x1e, 0x07, 0x91, 0x98 }, { 0x8f, 0xd3, 0x75, 0x27 } };
	bool found = false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		found = found || memcmp(app->word, known[i], 4) == 0;
	sb_answer_bool(app->call, found);
}

const char *sb_app_denies(const struct sb_contract *app, const struct sb_boot *boot, uint64_t block)
{
	if (sb_contract_flag(app, SB_TCB_RULE, zero_word, block) && strcmp(boot->tcb_status, "UpToDate") != 0)
		return "TCB status is not up to date";
	if (!sb_contract_flag(app, SB_COMPOSE, boot->compose_hash, block))
		return "Compose hash not allowed";
	if (!sb_contract_flag(app, SB_ANY_DEVICE, zero_word, block) && !sb_contract_flag(app, SB_DEVICE, boot->device_id, block))
		return "Device not allowed";
	return NULL;
}

static void is_app_allowed(const struct app_call *app)
{
	struct sb_boot boot;
	if (!sb_boot_read(app->call, &boot)) {
		sb_call_revert(app->call);
		return;
	}
	sb_boot_answer(app->call, sb_app_denies(app->app, &boot, app->call->block));
}

static const struct {
	uint32_t selector;
	bool newer; /* absent from the older generation */
	bool word;  /* takes one argument at least */
	void (*run)(const struct app_call *app);
} app_functions[] = {
	{ 0xdfc77223, false, true, add_compose },
	{ 0x67b3f22c, false, true, remove_compose },
	{ 0x2a819728, false, true, add_device },
	{ 0x1d266200, false, true, remove_device },
	{ 0x7c4beeb8, false, true, set_any_device },
	{ 0x2f6622e5, false, true, compose_allowed },
	{ 0xbf8b211b, false, true, device_allowed },
	{ 0x3440a16a, false, false, any_device },
	{ 0x8da5cb5b, false, false, owner },
	{ 0xe30c3978, false, false, pending_owner },
	{ 0xf2fde38b, false, true, transfer_ownership },
	{ 0x79ba5097, false, false, accept_ownership },
	{ 0x715018a6, false, false, renounce_ownership },
	{ 0x0aa58c83, true, false, tcb_rule },
	{ 0x54fd4d50, true, false, version },
	{ 0x01ffc9a7, false, true, supports_interface },
	{ 0x1e079198, false, true, is_app_allowed },
};

void sb_app_call(struct sb_ledger *ledger, struct sb_contract *contract, struct sb_call *call)
{
	struct app_call app = { .app = contract, .call = call, .word = sb_call_word(call, 0) };
	uint32_t selector = sb_call_selector(call);
	(void)ledger;
	for (size_t i = 0; i < sizeof(app_functions) / sizeof(app_functions[0]); i++) {
		if (app_functions[i].selector != selector || (app_functions[i].newer && !contract->newer))
			continue;
		if (app_functions[i].word && app.word == NULL)
			break;
		app_functions[i].run(&app);
		return;
	}
	sb_call_revert(call);
}
