/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field is looked for under every name either API version gives it, the
 * newer one first; tables say where. Pure functions.
 */
#include "cloud/cvm.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"

_Static_assert(sizeof(struct cvm) <= 1024, "10,000 CVMs must stay small");

/* The first path that holds a non-empty string or a number; "" when none does. */
static const char *first_text(const json *item, const char *const *paths, char number[24])
{
	for (; *paths; paths++) {
		const json *member = json_at(item, *paths);

		if (*json_string(member, ""))
			return json_string(member, "");
		if (json_kind(member) == JSON_NUMBER) {
			snprintf(number, 24, "%lld", (long long)json_int(item, *paths, 0));
			return number;
		}
	}
	return "";
}

enum form { FORM_TEXT, FORM_ID, FORM_UUID, FORM_HEX, FORM_ADDRESS };

struct field {
	size_t at, size;
	enum form form;
	const char *paths[6];
};

#define FIELD(member, form, ...) { offsetof(struct cvm, member), sizeof(((struct cvm *)0)->member), form, { __VA_ARGS__, NULL } }

static const struct field fields[] = {
	FIELD(id, FORM_ID, "id", "hosted.id"),
	FIELD(vm_uuid, FORM_UUID, "vm_uuid", "hosted.vm_uuid", "hosted.id"),
	FIELD(app_id, FORM_HEX, "app_id", "hosted.app_id"),
	FIELD(instance_id, FORM_HEX, "instance_id", "hosted.instance_id"),
	FIELD(name, FORM_TEXT, "name", "hosted.name"),
	FIELD(status, FORM_TEXT, "status", "hosted.status"),
	FIELD(node_name, FORM_TEXT, "node_info.name", "teepod.name", "node.name", "teepod_name"),
	FIELD(node_region, FORM_TEXT, "node_info.region", "teepod.region_identifier", "node.region_identifier", "region_identifier"),
	FIELD(device_id, FORM_HEX, "node_info.device_id", "device_id"),
	FIELD(ppid, FORM_HEX, "node_info.ppid", "ppid"),
	FIELD(kms_type, FORM_TEXT, "kms_type"),
	FIELD(kms_address, FORM_ADDRESS, "kms_info.dstack_kms_address", "kms_info.kms_contract_address"),
	FIELD(app_address, FORM_ADDRESS, "kms_info.dstack_app_address", "contract_address"),
	FIELD(compose_hash, FORM_HEX, "compose_hash"),
	FIELD(os_name, FORM_TEXT, "os.name", "base_image", "hosted.image_version"),
	FIELD(os_image_hash, FORM_HEX, "os.os_image_hash"),
	FIELD(uptime, FORM_TEXT, "uptime", "hosted.uptime"),
	FIELD(operation, FORM_TEXT, "operation_type", "progress.operation_type"),
	FIELD(correlation_id, FORM_ID, "correlation_id", "progress.correlation_id"),
	FIELD(boot_progress, FORM_TEXT, "boot_progress", "hosted.boot_progress"),
	FIELD(boot_error, FORM_TEXT, "boot_error", "hosted.boot_error"),
};

static void set_lower_hex(char *out, size_t size, const char *text)
{
	size_t i, len;

	if (text_starts(text, "0x"))
		text += 2;
	else if (text_starts(text, "app_"))
		text += 4;
	else if (text_starts(text, "instance_"))
		text += 9;
	len = strlen(text);
	if (len != size - 1)
		return;
	for (i = 0; i < len; i++)
		if (hex_digit((unsigned char)text[i]) < 0)
			return;
	for (i = 0; i <= len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
}

/* Letters, digits, and what UUIDs and the API's own ids use besides. */
static void set_id(char *out, size_t size, const char *text)
{
	size_t i, len = strlen(text);

	if (len >= size)
		return;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
			return;
	memcpy(out, text, len + 1);
}

static void set_uuid(char *out, size_t size, const char *text)
{
	size_t digits = 0, i, len = strlen(text);

	for (i = 0; i < len; i++) {
		if (hex_digit((unsigned char)text[i]) >= 0)
			digits++;
		else if (text[i] != '-')
			return;
	}
	if (digits == 32 && len < size)
		memcpy(out, text, len + 1);
}

static void set_address(char *out, const char *text)
{
	uint8_t bytes[20];

	if (text_starts(text, "0x") && hex_decode(bytes, sizeof(bytes), text))
		memcpy(out, text, strlen(text) + 1);
}

static void set_field(char *out, const struct field *field, const char *text)
{
	if (field->form == FORM_TEXT)
		text_safe_copy(out, field->size, text, strlen(text));
	else if (field->form == FORM_ID)
		set_id(out, field->size, text);
	else if (field->form == FORM_UUID)
		set_uuid(out, field->size, text);
	else if (field->form == FORM_HEX)
		set_lower_hex(out, field->size, text);
	else
		set_address(out, text);
}

static uint8_t flag_of(const json *item, const char *path, const char *other)
{
	const json *member = json_at(item, path);

	if (json_kind(member) != JSON_BOOL) {
		path = other;
		member = json_at(item, path);
	}
	if (json_kind(member) != JSON_BOOL)
		return CVM_UNKNOWN;
	return json_flag(item, path, false) ? CVM_YES : CVM_NO;
}

/* "3d 4h", "1h2m3s", "5 minutes", "90": seconds, or -1. */
static int64_t parse_uptime(const char *text)
{
	static const struct { char unit; int64_t seconds; } units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	int64_t total = -1;

	while (*text) {
		size_t digits = strspn(text, "0123456789"), u;
		int64_t number = digits && digits < 10 ? atol(text) : -1, scale = 0;

		if (number < 0)
			return -1;
		text += digits;
		if (*text == '.') /* "1.5s": the fraction does not matter here */
			text += 1 + strspn(text + 1, "0123456789");
		text += strspn(text, " ");
		for (u = 0; u < sizeof(units) / sizeof(units[0]); u++)
			if (tolower((unsigned char)*text) == units[u].unit)
				scale = units[u].seconds;
		if (text[0] == 'm' && text[1] == 's')
			number = 0;
		if (!scale && *text)
			return -1;
		total = (total < 0 ? 0 : total) + number * (scale ? scale : 1);
		while (isalpha((unsigned char)*text))
			text++;
		text += strspn(text, " ,");
	}
	return total;
}

enum cvm_state cvm_state_of(const char *status)
{
	static const struct { const char *word; enum cvm_state state; } words[] = {
		{ "running", CVM_STATE_RUNNING }, { "stopped", CVM_STATE_STOPPED }, { "exited", CVM_STATE_STOPPED },
		{ "shutdown", CVM_STATE_STOPPED }, { "failed", CVM_STATE_FAILED }, { "error", CVM_STATE_FAILED },
		{ "starting", CVM_STATE_CHANGING }, { "updating", CVM_STATE_CHANGING }, { "restarting", CVM_STATE_CHANGING },
		{ "stopping", CVM_STATE_CHANGING }, { "shutting_down", CVM_STATE_CHANGING }, { "creating", CVM_STATE_CHANGING },
		{ "pending", CVM_STATE_CHANGING }, { "provisioning", CVM_STATE_CHANGING }, { "resizing", CVM_STATE_CHANGING },
		{ "removing", CVM_STATE_CHANGING }, { "deleting", CVM_STATE_CHANGING }, { "in_progress", CVM_STATE_CHANGING },
		{ "booting", CVM_STATE_CHANGING }, { "replicating", CVM_STATE_CHANGING },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_equal_nocase(status, words[i].word))
			return words[i].state;
	return CVM_STATE_OTHER;
}

static void set_started(struct cvm *cvm, const json *item)
{
	static const char *const paths[] = { "operation_started_at", "progress.started_at", NULL };
	char number[24];

	if (!clock_parse(first_text(item, paths, number), &cvm->operation_started_ms, NULL))
		cvm->operation_started_ms = 0;
}

bool cvm_parse(struct cvm *out, const json *item)
{
	char number[24];
	size_t i;

	memset(out, 0, sizeof(*out));
	if (json_kind(item) != JSON_OBJECT)
		return false;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		set_field((char *)out + fields[i].at, &fields[i], first_text(item, fields[i].paths, number));
	out->in_progress = json_flag(item, "in_progress", false);
	out->public_logs = flag_of(item, "public_logs", "hosted.configuration.compose_file.public_logs");
	out->public_sysinfo = flag_of(item, "public_sysinfo", "hosted.configuration.compose_file.public_sysinfo");
	out->public_tcbinfo = flag_of(item, "public_tcbinfo", "hosted.configuration.compose_file.public_tcbinfo");
	out->chain_id = (uint64_t)json_int(item, "kms_info.chain_id", 0);
	if ((int64_t)out->chain_id < 0)
		out->chain_id = 0;
	set_started(out, item);
	out->uptime_s = parse_uptime(out->uptime);
	out->state = (uint8_t)cvm_state_of(out->status);
	return out->id[0] || out->vm_uuid[0] || out->app_id[0] || out->instance_id[0];
}

/* ---- live status ---- */

static bool take_text(char *field, size_t size, const json *status, const char *name)
{
	const json *member = json_member(status, name);
	char fresh[256];

	if (!member)
		return false;
	text_safe_copy(fresh, size < sizeof(fresh) ? size : sizeof(fresh), json_string(member, ""), strlen(json_string(member, "")));
	if (strcmp(fresh, field) == 0)
		return false;
	memcpy(field, fresh, strlen(fresh) + 1);
	return true;
}

bool cvm_update_status(struct cvm *cvm, const json *status)
{
	struct cvm before = *cvm;
	bool changed = false;

	if (json_kind(status) != JSON_OBJECT)
		return false;
	if (*json_text(status, "status"))
		changed |= take_text(cvm->status, sizeof(cvm->status), status, "status");
	changed |= take_text(cvm->uptime, sizeof(cvm->uptime), status, "uptime");
	changed |= take_text(cvm->boot_progress, sizeof(cvm->boot_progress), status, "boot_progress");
	changed |= take_text(cvm->boot_error, sizeof(cvm->boot_error), status, "boot_error");
	changed |= take_text(cvm->operation, sizeof(cvm->operation), status, "operation_type");
	if (json_member(status, "correlation_id")) {
		cvm->correlation_id[0] = '\0';
		set_id(cvm->correlation_id, sizeof(cvm->correlation_id), json_text(status, "correlation_id"));
	}
	if (json_member(status, "operation_started_at"))
		set_started(cvm, status);
	cvm->in_progress = json_flag(status, "in_progress", cvm->in_progress);
	cvm->uptime_s = parse_uptime(cvm->uptime);
	cvm->state = (uint8_t)cvm_state_of(cvm->status);
	return changed || before.in_progress != cvm->in_progress || before.operation_started_ms != cvm->operation_started_ms ||
		strcmp(before.correlation_id, cvm->correlation_id) != 0;
}

/* ---- both shapes together ---- */

void cvm_merge(struct cvm *into, const struct cvm *from)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char *to = (char *)into + fields[i].at;
		const char *other = (const char *)from + fields[i].at;

		if (!*to)
			memcpy(to, other, fields[i].size);
	}
	if (!into->chain_id)
		into->chain_id = from->chain_id;
	if (!into->operation_started_ms)
		into->operation_started_ms = from->operation_started_ms;
	if (into->public_logs == CVM_UNKNOWN)
		into->public_logs = from->public_logs;
	if (into->public_sysinfo == CVM_UNKNOWN)
		into->public_sysinfo = from->public_sysinfo;
	if (into->public_tcbinfo == CVM_UNKNOWN)
		into->public_tcbinfo = from->public_tcbinfo;
	into->uptime_s = parse_uptime(into->uptime);
	into->state = (uint8_t)cvm_state_of(into->status);
}

bool cvm_is_onchain(const struct cvm *cvm)
{
	if (text_equal(cvm->kms_type, "phala") || text_equal(cvm->kms_type, "legacy"))
		return false;
	return cvm->kms_type[0] || cvm->chain_id || cvm->app_address[0];
}

const char *cvm_ref(char out[CVM_REF_SIZE], const struct cvm *cvm)
{
	size_t len = 0;
	const char *at;

	out[0] = '\0';
	for (at = cvm->vm_uuid; *at; at++)
		if (*at != '-')
			out[len++] = *at;
	out[len] = '\0';
	if (!len && cvm->instance_id[0])
		text_copy(out, CVM_REF_SIZE, cvm->instance_id);
	else if (!len && cvm->app_id[0])
		snprintf(out, CVM_REF_SIZE, "app_%s", cvm->app_id);
	else if (!len)
		text_copy(out, CVM_REF_SIZE, cvm->id);
	return out;
}
