/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/update.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/api_error.h"

/* ---- the body ---- */

static void set_text(struct exact_json *object, const char *name, const char *text, size_t len)
{
	if (text)
		exact_json_set(object, name, exact_json_new_string(text, len));
}

static void set_flag(struct exact_json *object, const char *name, enum cvm_flag flag)
{
	if (flag != CVM_UNKNOWN)
		exact_json_set(object, name, exact_json_new_bool(flag == CVM_YES));
}

static void set_number(struct exact_json *object, const char *name, int64_t number)
{
	if (number > 0)
		exact_json_set(object, name, exact_json_new_number((double)number));
}

static void set_names(struct exact_json *object, const struct api_update *update)
{
	struct exact_json *names = exact_json_new_array();
	size_t i;

	for (i = 0; i < update->env_count; i++)
		exact_json_append(names, exact_json_new_string(update->allowed_envs[i], strlen(update->allowed_envs[i])));
	exact_json_set(object, "allowed_envs", names);
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

void update_print(struct buf *out, const struct api_update *update)
{
	struct exact_json *body = exact_json_new_object();
	struct exact_json_style compact = { 0 };

	set_text(body, "docker_compose_file", update->compose, update->compose_len);
	set_text(body, "pre_launch_script", update->script, update->script_len);
	if (update->has_allowed_envs)
		set_names(body, update);
	set_flag(body, "public_logs", update->public_logs);
	set_flag(body, "public_sysinfo", update->public_sysinfo);
	set_flag(body, "public_tcbinfo", update->public_tcbinfo);
	set_text(body, "encrypted_env", update->encrypted_env, length(update->encrypted_env));
	set_text(body, "user_config", update->user_config, length(update->user_config));
	set_number(body, "vcpu", update->vcpu);
	set_number(body, "memory", update->memory);
	set_number(body, "disk_size", update->disk_size);
	set_text(body, "image", update->image, length(update->image));
	set_number(body, "shutdown_timeout", update->shutdown_timeout);
	set_flag(body, "allow_force_stop", update->allow_force_stop);
	exact_json_print(out, body, compact);
	exact_json_free(body);
}

/* ---- the answer ---- */

/* The names of a 465's fields and of the SDK's form; the documented dialect uses the latter itself. */
static const struct { const char *field, *name; } names[] = {
	{ "compose_hash", "composeHash" }, { "app_id", "appId" }, { "device_id", "deviceId" }, { "kms_info", "kmsInfo" },
	{ "commit_token", "commitToken" }, { "commit_url", "commitUrl" }, { "api_commit_url", "apiCommitUrl" }, { "onchain_status", "onchainStatus" },
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static const struct exact_json *find_field(const struct exact_json *details, const char *field)
{
	const struct exact_json *found = NULL;
	size_t i;

	if (exact_json_kind(details) != EXACT_ARRAY)
		return NULL;
	for (i = 0; i < exact_json_count(details); i++) {
		const struct exact_json *item = exact_json_item(details, i);

		if (strcmp(exact_json_text(item, "field"), field) == 0 && exact_json_get(item, "value"))
			found = exact_json_get(item, "value"); /* a later one wins */
	}
	return found;
}

static void set_copy(struct exact_json *to, const char *name, const struct exact_json *value)
{
	if (value)
		exact_json_set(to, name, exact_json_copy(value));
}

/* Of the chain's state only what the schema knows. */
static void trim_status(struct exact_json *data)
{
	static const char *const known[] = { "compose_hash_allowed", "device_id_allowed", "is_allowed" };
	const struct exact_json *status = exact_json_get(data, "onchainStatus");
	struct exact_json *trimmed;
	size_t i;

	if (exact_json_kind(status) != EXACT_OBJECT)
		return;
	trimmed = exact_json_new_object();
	for (i = 0; i < 3; i++)
		set_copy(trimmed, known[i], exact_json_get(status, known[i]));
	exact_json_set(data, "onchainStatus", trimmed);
}

static struct exact_json *from_details(const struct exact_json *body)
{
	const struct exact_json *detail = exact_json_get(body, "detail");
	const struct exact_json *details = exact_json_get(detail ? detail : body, "details");
	struct exact_json *data = exact_json_new_object();
	struct buf app = BUF_INIT;
	size_t i;

	exact_json_set(data, "requiresOnChainHash", exact_json_new_bool(true));
	for (i = 0; i < NAMES; i++)
		set_copy(data, names[i].name, find_field(details, names[i].field));
	api_js_string(&app, exact_json_get(data, "appId"));
	exact_json_set(data, "appId", exact_json_new_string(buf_text(&app), app.len));
	buf_clear(&app);
	trim_status(data);
	return data;
}

/* The documented dialect: everything at the top, in one spelling or the other. */
static struct exact_json *from_members(const struct exact_json *body)
{
	struct exact_json *data = exact_json_new_object();
	size_t i;

	exact_json_set(data, "requiresOnChainHash", exact_json_new_bool(true));
	for (i = 0; i < NAMES; i++) {
		const struct exact_json *value = exact_json_get(body, names[i].name);

		set_copy(data, names[i].name, value ? value : exact_json_get(body, names[i].field));
	}
	return data;
}

struct exact_json *update_read(int status, const char *text, size_t len, const char *content_type)
{
	struct exact_json *body, *data;
	const struct exact_json *id, *asks;

	if (status != 465 && (status < 200 || status > 299))
		return NULL;
	body = api_body_parse(text, len, content_type);
	asks = exact_json_get(body, "requiresOnChainHash");
	if (!asks)
		asks = exact_json_get(body, "requires_on_chain_hash");
	if (status == 465) {
		data = from_details(body);
	} else if (exact_json_bool(asks, false)) {
		data = from_members(body);
	} else {
		data = exact_json_new_object();
		exact_json_set(data, "requiresOnChainHash", exact_json_new_bool(false));
		id = exact_json_get(body, "correlation_id");
		set_copy(data, "correlationId", id ? id : exact_json_get(body, "correlationId"));
	}
	exact_json_free(body);
	return data;
}

/* ---- the SDK's schema ---- */

struct rule {
	const char *parent, *name; /* parent "" at the top */
	enum exact_kind kind;
	bool optional, nullable;
};

static const struct rule onchain_rules[] = {
	{ "", "composeHash", EXACT_STRING, false, false },
	{ "", "appId", EXACT_STRING, false, false },
	{ "", "deviceId", EXACT_STRING, false, false },
	{ "", "kmsInfo", EXACT_OBJECT, false, false },
	{ "kmsInfo", "id", EXACT_STRING, false, false },
	{ "kmsInfo", "slug", EXACT_STRING, false, true },
	{ "kmsInfo", "url", EXACT_STRING, false, false },
	{ "kmsInfo", "version", EXACT_STRING, false, false },
	{ "kmsInfo", "chain_id", EXACT_NUMBER, false, true },
	{ "kmsInfo", "kms_contract_address", EXACT_STRING, false, true },
	{ "kmsInfo", "gateway_app_id", EXACT_STRING, false, true },
	{ "", "commitToken", EXACT_STRING, true, false },
	{ "", "commitUrl", EXACT_STRING, true, false },
	{ "", "apiCommitUrl", EXACT_STRING, true, false },
	{ "", "onchainStatus", EXACT_OBJECT, true, false },
	{ "onchainStatus", "compose_hash_allowed", EXACT_BOOL, false, false },
	{ "onchainStatus", "device_id_allowed", EXACT_BOOL, false, false },
	{ "onchainStatus", "is_allowed", EXACT_BOOL, false, false },
};

static const struct rule applied_rules[] = { { "", "correlationId", EXACT_STRING, false, false } };

static const char *const kind_names[] = { "undefined", "null", "boolean", "number", "string", "array", "object" };

static bool objects_to(const struct rule *rule, const struct exact_json *data, struct update_issue *issue)
{
	const struct exact_json *parent = *rule->parent ? exact_json_get(data, rule->parent) : data;
	const struct exact_json *value = exact_json_get(parent, rule->name);
	enum exact_kind kind = exact_json_kind(value);

	if (exact_json_kind(parent) != EXACT_OBJECT || kind == rule->kind || (kind == EXACT_MISSING && rule->optional) ||
	    (kind == EXACT_NULL && rule->nullable))
		return false;
	snprintf(issue->path, sizeof(issue->path), "%s%s%s", rule->parent, *rule->parent ? "." : "", rule->name);
	if (kind == EXACT_MISSING)
		snprintf(issue->message, sizeof(issue->message), "Required");
	else
		snprintf(issue->message, sizeof(issue->message), "Expected %s, received %s", kind_names[rule->kind], kind_names[kind]);
	return true;
}

size_t update_check(const struct exact_json *data, struct update_issue issues[UPDATE_MOST_ISSUES])
{
	bool onchain = exact_json_bool(exact_json_get(data, "requiresOnChainHash"), false);
	const struct rule *rules = onchain ? onchain_rules : applied_rules;
	size_t count = onchain ? sizeof(onchain_rules) / sizeof(rules[0]) : 1, found = 0, i;

	for (i = 0; i < count; i++)
		found += objects_to(&rules[i], data, &issues[found]);
	return found;
}

/* ---- into the record ---- */

static void take_hex(char *out, size_t size, const char *text)
{
	size_t i;

	if (text_starts(text, "0x"))
		text += 2;
	else if (text_starts(text, "app_"))
		text += 4;
	if (strlen(text) != size - 1 || strspn(text, "0123456789abcdefABCDEF") != size - 1)
		return;
	for (i = 0; i < size; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
}

/* Printable ASCII that fits, whole or not at all: it is sent back. */
static void take_word(char *out, size_t size, const char *text)
{
	const char *at;

	for (at = text; *at; at++)
		if (*at <= ' ' || *at > '~')
			return;
	if (strlen(text) < size)
		memcpy(out, text, strlen(text) + 1);
}

static uint8_t take_flag(const struct exact_json *object, const char *name)
{
	const struct exact_json *value = exact_json_get(object, name);

	if (exact_json_kind(value) != EXACT_BOOL)
		return CVM_UNKNOWN;
	return exact_json_bool(value, false) ? CVM_YES : CVM_NO;
}

static void take_kms(struct api_kms *out, const struct exact_json *kms)
{
	double chain = exact_json_number(exact_json_get(kms, "chain_id"), 0);
	uint8_t address[20];
	const char *contract = exact_json_text(kms, "kms_contract_address");

	take_word(out->id, sizeof(out->id), exact_json_text(kms, "id"));
	take_word(out->slug, sizeof(out->slug), exact_json_text(kms, "slug"));
	text_safe_copy(out->version, sizeof(out->version), exact_json_text(kms, "version"), strlen(exact_json_text(kms, "version")));
	if (text_starts(contract, "0x") && hex_decode(address, sizeof(address), contract))
		take_word(out->contract, sizeof(out->contract), contract);
	if (chain >= 1 && chain <= 9007199254740992.0)
		out->chain_id = (uint64_t)chain;
}

bool update_take(struct api_update_result *out, const struct exact_json *data)
{
	const struct exact_json *status = exact_json_get(data, "onchainStatus");

	memset(out, 0, sizeof(*out));
	take_word(out->correlation_id, sizeof(out->correlation_id), exact_json_text(data, "correlationId"));
	out->kind = API_UPDATE_APPLIED;
	if (!exact_json_bool(exact_json_get(data, "requiresOnChainHash"), false))
		return true;
	out->kind = API_UPDATE_NEEDS_ONCHAIN;
	take_hex(out->compose_hash, sizeof(out->compose_hash), exact_json_text(data, "composeHash"));
	take_hex(out->app_id, sizeof(out->app_id), exact_json_text(data, "appId"));
	take_hex(out->device_id, sizeof(out->device_id), exact_json_text(data, "deviceId"));
	take_kms(&out->kms, exact_json_get(data, "kmsInfo"));
	take_word(out->commit_token, sizeof(out->commit_token), exact_json_text(data, "commitToken"));
	take_word(out->commit_url, sizeof(out->commit_url), exact_json_text(data, "commitUrl"));
	take_word(out->api_commit_url, sizeof(out->api_commit_url), exact_json_text(data, "apiCommitUrl"));
	out->hash_allowed = take_flag(status, "compose_hash_allowed");
	out->device_allowed = take_flag(status, "device_id_allowed");
	out->is_allowed = take_flag(status, "is_allowed");
	return out->compose_hash[0] != '\0';
}
