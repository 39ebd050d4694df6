/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs of the contracts this program knows. An argument is either a topic or
 * a word of the data; a log whose shape is not the event's is refused, so that
 * another contract's log with a like name is never taken for proof.
 */
#include <string.h>

#include "base/mem.h"
#include "chain/abi_type.h"
#include "chain/contract.h"

struct event_param {
	const char *name;
	const char *type;
	bool indexed;
};

static const struct event_row {
	const char *name;
	const char *signature;
	struct event_param params[LOG_MAX_TOPICS];
} events[EVENT_COUNT] = {
	[EVENT_COMPOSE_HASH_ADDED] = { "ComposeHashAdded", "ComposeHashAdded(bytes32)", { { "composeHash", "bytes32", false } } },
	[EVENT_COMPOSE_HASH_REMOVED] = { "ComposeHashRemoved", "ComposeHashRemoved(bytes32)", { { "composeHash", "bytes32", false } } },
	[EVENT_DEVICE_ADDED] = { "DeviceAdded", "DeviceAdded(bytes32)", { { "deviceId", "bytes32", false } } },
	[EVENT_DEVICE_REMOVED] = { "DeviceRemoved", "DeviceRemoved(bytes32)", { { "deviceId", "bytes32", false } } },
	[EVENT_ALLOW_ANY_DEVICE_SET] = { "AllowAnyDeviceSet", "AllowAnyDeviceSet(bool)", { { "allowAny", "bool", false } } },
	[EVENT_REQUIRE_TCB_SET] = { "RequireTcbUpToDateSet", "RequireTcbUpToDateSet(bool)", { { "requireUpToDate", "bool", false } } },
	[EVENT_POLICY_CHANGED] = { "PolicyChanged", "PolicyChanged(address,bytes32,bytes32,bool)",
		{ { "actor", "address", true }, { "policy", "bytes32", true }, { "value", "bytes32", true }, { "enabled", "bool", false } } },
	[EVENT_OWNERSHIP_TRANSFERRED] = { "OwnershipTransferred", "OwnershipTransferred(address,address)",
		{ { "previousOwner", "address", true }, { "newOwner", "address", true } } },
	[EVENT_OWNERSHIP_TRANSFER_STARTED] = { "OwnershipTransferStarted", "OwnershipTransferStarted(address,address)",
		{ { "previousOwner", "address", true }, { "newOwner", "address", true } } },
	[EVENT_INITIALIZED] = { "Initialized", "Initialized(uint64)", { { "version", "uint64", false } } },
	[EVENT_UPGRADED] = { "Upgraded", "Upgraded(address)", { { "implementation", "address", true } } },
	[EVENT_UPGRADES_DISABLED] = { "UpgradesDisabled", "UpgradesDisabled()", { { 0 } } },
	[EVENT_APP_REGISTERED] = { "AppRegistered", "AppRegistered(address)", { { "appId", "address", false } } },
	[EVENT_OS_IMAGE_ADDED] = { "OsImageHashAdded", "OsImageHashAdded(bytes32)", { { "osImageHash", "bytes32", false } } },
	[EVENT_OS_IMAGE_REMOVED] = { "OsImageHashRemoved", "OsImageHashRemoved(bytes32)", { { "osImageHash", "bytes32", false } } },
};

static const struct event_row *row(enum contract_event event)
{
	if ((unsigned)event >= EVENT_COUNT)
		mem_die("contract: no such event");
	return &events[event];
}

void contract_event_topic(enum contract_event event, struct bytes32 *out)
{
	abi_topic(out, row(event)->signature);
}

const char *contract_event_name(enum contract_event event)
{
	return row(event)->name;
}

static enum contract_event find_event(const struct log_entry *log)
{
	struct bytes32 topic;
	for (unsigned event = 0; log->topic_count > 0 && event < EVENT_COUNT; event++) {
		contract_event_topic((enum contract_event)event, &topic);
		if (bytes32_equal(&topic, &log->topics[0]))
			return (enum contract_event)event;
	}
	return EVENT_NONE;
}

static bool word_is_of(const char *name, const uint8_t word[32])
{
	struct abi_type *type = abi_type_new(name, strlen(name), NULL);
	bool fits = type && type->count == 1 && abi_word_fits(&type->members[0], word);
	abi_type_free(type);
	return fits;
}

static bool malformed(struct error *err, const char *name)
{
	return error_set(err, STATUS_CHAIN, "log-malformed", "a log says it is %s but has not its shape", name);
}

bool contract_decode_log(const struct log_entry *log, struct decoded_event *out, struct error *err)
{
	enum contract_event event = find_event(log);
	size_t topic = 1, at = 0;
	*out = (struct decoded_event){ .event = event };
	if (event == EVENT_NONE)
		return error_set(err, STATUS_CHAIN, "log-unknown", "a log is of no event known here");
	out->name = events[event].name;
	for (size_t i = 0; i < LOG_MAX_TOPICS && events[event].params[i].name; i++) {
		const struct event_param *param = &events[event].params[i];
		struct event_arg *arg = &out->args[out->arg_count++];
		*arg = (struct event_arg){ .name = param->name, .type = param->type };
		if (param->indexed ? topic >= log->topic_count : log->len - at < 32)
			return malformed(err, out->name);
		memcpy(arg->word, param->indexed ? log->topics[topic].bytes : log->data + at, 32);
		topic += param->indexed;
		at += param->indexed ? 0 : 32;
		if (!word_is_of(param->type, arg->word))
			return malformed(err, out->name);
	}
	return topic == log->topic_count || malformed(err, out->name);
}

bool contract_log_is(const struct log_entry *log, const struct address *contract, enum contract_event event,
	const struct bytes32 *first)
{
	struct decoded_event decoded;
	return address_equal(&log->address, contract) && contract_decode_log(log, &decoded, NULL) && decoded.event == event &&
		decoded.arg_count > 0 && memcmp(decoded.args[0].word, first->bytes, 32) == 0;
}
