/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: from a request, to and from JSON by one table, and the documents it stands for. Pure. */
#include "rollout/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"

enum field_type { FIELD_TEXT, FIELD_LONG, FIELD_FLAG };

struct field {
	const char *name;
	enum field_type type;
	size_t offset, size; /* LONG: size is the offset of its length, 0 when it has none */
};
#define TEXT(m) { #m, FIELD_TEXT, offsetof(struct plan, m), sizeof(((struct plan *)0)->m) }
#define LONG(m, n) { #m, FIELD_LONG, offsetof(struct plan, m), offsetof(struct plan, n) }
#define FLAG(m) { #m, FIELD_FLAG, offsetof(struct plan, m), 0 }

static const struct field fields[] = {
	TEXT(cvm_ref),	 TEXT(cvm_uuid), TEXT(cvm_name),     TEXT(app_id),	 TEXT(contract),	   TEXT(kms),
	TEXT(kms_slug),	 TEXT(node_name), TEXT(device),	     TEXT(ppid),	 TEXT(os_image),	   FLAG(onchain),
	LONG(old_text, old_len), FLAG(old_exact), TEXT(reported), LONG(compose_text, compose_len), LONG(script_text, script_len),
	LONG(origin_text, origin_len), TEXT(origin_label), FLAG(sets_names),
	FLAG(has_env),	 FLAG(already_registered), FLAG(wait), FLAG(watch), TEXT(max_cost_wei), TEXT(max_fee_wei), TEXT(old_hash),
	TEXT(new_hash),	 TEXT(form),	 FLAG(documented),   TEXT(asked_device), TEXT(commit_token),	   TEXT(commit_tx),
	TEXT(compose_sha256), TEXT(script_sha256), TEXT(env_key),
	{ "compose_path", FIELD_LONG, offsetof(struct plan, compose_path), 0 },
	{ "script_path", FIELD_LONG, offsetof(struct plan, script_path), 0 },
	{ "encrypted_env", FIELD_LONG, offsetof(struct plan, encrypted_env), 0 },
};
enum { FIELDS = sizeof(fields) / sizeof(*fields), PLAN_ENVS_MAX = 4096 };

static void clear_names(struct plan *plan)
{
	for (size_t i = 0; i < plan->env_count; i++)
		free(plan->env_names[i]);
	free(plan->env_names);
	plan->env_names = NULL;
	plan->env_count = 0;
}

void plan_clear(struct plan *plan)
{
	free(plan->old_text);
	free(plan->compose_text);
	free(plan->script_text);
	free(plan->compose_path);
	free(plan->script_path);
	free(plan->encrypted_env);
	free(plan->origin_text);
	clear_names(plan);
	memset(plan, 0, sizeof(*plan));
}

static void take_env_names(struct plan *plan, const struct compose_env *env)
{
	plan->env_names = mem_new(env->count + 1, sizeof(*plan->env_names));
	for (size_t i = 0; i < env->count; i++)
		plan->env_names[plan->env_count++] = mem_copy(env->entries[i].name, env->entries[i].name_len);
}

static void take_names(struct plan *plan, const struct rollout_request *request)
{
	plan->has_env = request->has_env;
	plan->sets_names = request->has_env || request->has_names;
	if (request->has_env) {
		take_env_names(plan, &request->env);
	} else if (request->has_names) {
		plan->env_names = mem_new(request->name_count + 1, sizeof(*plan->env_names));
		for (size_t i = 0; i < request->name_count; i++)
			plan->env_names[plan->env_count++] = mem_strdup(request->names[i]);
	}
}

static void take_origin(struct plan *plan, const struct rollout_request *request)
{
	if (!request->origin_text)
		return;
	plan->origin_text = mem_copy(request->origin_text, request->origin_len);
	plan->origin_len = request->origin_len;
	text_copy(plan->origin_label, sizeof(plan->origin_label), request->origin_label ? request->origin_label : "");
}

/* Where a file is, so that it is found from another folder, and its digest; no label that is none. */
static void take_file(char **path, char digest[65], const char *given, const char *text, size_t len)
{
	uint8_t hash[HASH_SIZE];
	if (!text)
		return;
	*path = given ? realpath(given, NULL) : NULL;
	hash_sha256(hash, text, len);
	hex_encode(digest, hash, sizeof(hash));
}

void plan_from_request(struct plan *plan, const struct rollout_request *request)
{
	memset(plan, 0, sizeof(*plan));
	plan->kind = request->kind;
	text_copy(plan->cvm_ref, sizeof(plan->cvm_ref), request->cvm_ref);
	if (request->compose_text) {
		plan->compose_text = mem_copy(request->compose_text, request->compose_len);
		plan->compose_len = request->compose_len;
	}
	if (request->script_text) {
		plan->script_text = mem_copy(request->script_text, request->script_len);
		plan->script_len = request->script_len;
	}
	take_file(&plan->compose_path, plan->compose_sha256, request->compose_path, request->compose_text, request->compose_len);
	take_file(&plan->script_path, plan->script_sha256, request->script_path, request->script_text, request->script_len);
	take_names(plan, request);
	take_origin(plan, request);
	plan->public_logs = request->public_logs;
	plan->public_sysinfo = request->public_sysinfo;
	plan->public_tcbinfo = request->public_tcbinfo;
	plan->already_registered = request->already_registered;
	plan->wait = request->wait;
	plan->watch = request->watch;
	plan->confirmations = request->confirmations ? request->confirmations : 1;
	text_copy(plan->max_cost_wei, sizeof(plan->max_cost_wei), request->max_cost_wei);
	text_copy(plan->max_fee_wei, sizeof(plan->max_fee_wei), request->max_fee_wei);
	text_copy(plan->commit_token, sizeof(plan->commit_token), request->commit_token ? request->commit_token : "");
	text_copy(plan->commit_tx, sizeof(plan->commit_tx), request->commit_tx ? request->commit_tx : "");
}

static void save_field(const struct plan *plan, const struct field *field, json *out)
{
	const char *at = (const char *)plan + field->offset;
	switch (field->type) {
	case FIELD_TEXT: json_add_text(out, field->name, at); break;
	case FIELD_FLAG: json_add_bool(out, field->name, *(const bool *)at); break;
	case FIELD_LONG: json_add_text(out, field->name, *(char *const *)at); break;
	}
}

json *plan_save(const struct plan *plan)
{
	json *out = json_new_object();
	json_add_int(out, "kind", plan->kind);
	json_add_int(out, "chain_id", (int64_t)plan->chain_id);
	json_add_int(out, "confirmations", plan->confirmations);
	json_add_int(out, "public_logs", plan->public_logs);
	json_add_int(out, "public_sysinfo", plan->public_sysinfo);
	json_add_int(out, "public_tcbinfo", plan->public_tcbinfo);
	for (size_t i = 0; i < FIELDS; i++)
		save_field(plan, &fields[i], out);
	json *names = json_add(out, "env_names", json_new_array());
	for (size_t i = 0; i < plan->env_count; i++)
		json_append(names, json_new_text(plan->env_names[i]));
	return out;
}

static bool load_field(struct plan *plan, const struct field *field, const json *saved)
{
	char *at = (char *)plan + field->offset;
	const json *value = json_member(saved, field->name);
	const char *text = json_string(value, NULL);
	if (field->type == FIELD_FLAG) {
		*(bool *)at = json_flag(saved, field->name, false);
		return true;
	}
	if (field->type == FIELD_TEXT)
		return text_copy(at, field->size, text ? text : "");
	*(char **)at = mem_strdup(text);
	if (field->size && text)
		*(size_t *)((char *)plan + field->size) = strlen(text);
	return true;
}

static bool load_names(struct plan *plan, const json *names)
{
	if (json_count(names) > PLAN_ENVS_MAX)
		return false;
	plan->env_names = mem_new(json_count(names) + 1, sizeof(*plan->env_names));
	for (const json *name = json_first(names); name; name = json_next(name)) {
		if (json_kind(name) != JSON_STRING)
			return false;
		plan->env_names[plan->env_count++] = mem_strdup(json_string(name, ""));
	}
	return true;
}

static bool load_tri(enum tri *out, const json *saved, const char *name)
{
	int64_t value = json_int(saved, name, TRI_KEEP);
	*out = (enum tri)value;
	return value >= TRI_KEEP && value <= TRI_OFF;
}

static bool load_all(struct plan *plan, const json *saved)
{
	int64_t kind = json_int(saved, "kind", -1), confirmations = json_int(saved, "confirmations", 0);
	if (json_kind(saved) != JSON_OBJECT || kind < 0 || kind > ROLLOUT_ALLOW || confirmations < 0 || confirmations > 100000)
		return false;
	plan->kind = (enum rollout_kind)kind;
	plan->confirmations = (unsigned)confirmations;
	plan->chain_id = (uint64_t)json_int(saved, "chain_id", 0);
	for (size_t i = 0; i < FIELDS; i++)
		if (!load_field(plan, &fields[i], saved))
			return false;
	plan->sets_names = plan->sets_names || plan->has_env; /* an older record has only has_env */
	return load_names(plan, json_member(saved, "env_names")) && load_tri(&plan->public_logs, saved, "public_logs") &&
	       load_tri(&plan->public_sysinfo, saved, "public_sysinfo") && load_tri(&plan->public_tcbinfo, saved, "public_tcbinfo");
}

bool plan_load(struct plan *plan, const json *saved, struct error *err)
{
	memset(plan, 0, sizeof(*plan));
	if (load_all(plan, saved))
		return true;
	plan_clear(plan);
	return error_set(err, STATUS_INPUT, "journal-damaged", "The record of this rollout's plan cannot be read; nothing was sent or signed.");
}

struct compose_document *plan_old_document(const struct plan *plan, struct error *err)
{
	return compose_document_parse(plan->old_text ? plan->old_text : "", plan->old_len, plan->old_exact, err);
}

static enum compose_flag flag_of(enum tri tri)
{
	return tri == TRI_ON ? COMPOSE_ON : tri == TRI_OFF ? COMPOSE_OFF : COMPOSE_KEEP;
}

struct compose_document *plan_new_document(const struct plan *plan, const struct compose_document *old, struct error *err)
{
	struct compose_change change = {
		.docker_compose_file = plan->compose_text,
		.docker_compose_len = plan->compose_len,
		.pre_launch_script = plan->script_text,
		.pre_launch_len = plan->script_len,
		.allowed_envs = (const char *const *)plan->env_names,
		.allowed_env_count = plan->env_count,
		.set_allowed_envs = plan->sets_names,
		.public_logs = flag_of(plan->public_logs),
		.public_sysinfo = flag_of(plan->public_sysinfo),
		.public_tcbinfo = flag_of(plan->public_tcbinfo),
	};
	return compose_document_change(old, &change, err);
}
