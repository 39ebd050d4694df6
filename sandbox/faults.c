/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the fault document by tables: a member's name, where it goes and what it may be. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sandbox/faults.h"

enum field_kind { FIELD_TEXT, FIELD_BOOL, FIELD_INT, FIELD_SIZE, FIELD_STATUS, FIELD_NUMBER, FIELD_CHOICE };

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	size_t size;                /* FIELD_TEXT: of the array */
	const char *const *choices; /* FIELD_CHOICE: by value, NULL behind */
};

static const char *const actions[] = { "delay", "status", "drop", "cut", "lose", "html", "text", "shape", "huge", "error", "result", NULL };
static const char *const env_lies[] = { "true", "unsigned", "other-signer", "other-key", "rotated", NULL };
static const char *const rollout_lies[] = { "ok", "back", "never", "idle", "stops", NULL };
static const char *const report_lies[] = { "true", "other-hash", "no-replay", "late-hash", "none", "private", NULL };

#define TEXT_FIELD(type, member) { #member, FIELD_TEXT, offsetof(struct type, member), sizeof(((struct type *)0)->member), NULL }
#define FIELD(type, member, kind) { #member, kind, offsetof(struct type, member), 0, NULL }
#define CHOICE(type, member, choices) { #member, FIELD_CHOICE, offsetof(struct type, member), 0, choices }

static const struct field rule_fields[] = {
	TEXT_FIELD(sb_rule, method), TEXT_FIELD(sb_rule, path), FIELD(sb_rule, skip, FIELD_INT), FIELD(sb_rule, times, FIELD_INT),
	CHOICE(sb_rule, action, actions), FIELD(sb_rule, status, FIELD_STATUS), FIELD(sb_rule, delay_ms, FIELD_INT),
	FIELD(sb_rule, retry_after, FIELD_INT), FIELD(sb_rule, bytes, FIELD_SIZE), TEXT_FIELD(sb_rule, text), { 0 },
};
static const struct field backend_fields[] = {
	TEXT_FIELD(sb_backend_lies, cvm), TEXT_FIELD(sb_backend_lies, compose_hash), TEXT_FIELD(sb_backend_lies, device_id),
	TEXT_FIELD(sb_backend_lies, app_id), FIELD(sb_backend_lies, chain_id, FIELD_INT), TEXT_FIELD(sb_backend_lies, kms_contract),
	TEXT_FIELD(sb_backend_lies, rpc_endpoint), FIELD(sb_backend_lies, offchain, FIELD_BOOL), CHOICE(sb_backend_lies, attestation, report_lies),
	CHOICE(sb_backend_lies, env_key, env_lies), FIELD(sb_backend_lies, swap, FIELD_BOOL),
	FIELD(sb_backend_lies, swap_present, FIELD_BOOL), FIELD(sb_backend_lies, documented_dialect, FIELD_BOOL),
	FIELD(sb_backend_lies, already_needs_tx, FIELD_BOOL), FIELD(sb_backend_lies, confirm_status, FIELD_STATUS),
	FIELD(sb_backend_lies, confirm_times, FIELD_INT), FIELD(sb_backend_lies, lose_confirm, FIELD_BOOL), { 0 },
};
static const struct field rollout_fields[] = {
	CHOICE(sb_rollout_lies, mode, rollout_lies), TEXT_FIELD(sb_rollout_lies, boot_error), { 0 },
};
static const struct field log_fields[] = {
	FIELD(sb_log_lies, hostile, FIELD_BOOL), FIELD(sb_log_lies, big_line, FIELD_BOOL), FIELD(sb_log_lies, cut_after, FIELD_INT),
	FIELD(sb_log_lies, cut_within, FIELD_INT), FIELD(sb_log_lies, rate, FIELD_NUMBER), FIELD(sb_log_lies, history, FIELD_INT),
	FIELD(sb_log_lies, empty, FIELD_BOOL), FIELD(sb_log_lies, status, FIELD_STATUS), FIELD(sb_log_lies, bare_plain, FIELD_BOOL), { 0 },
};
static const struct field chain_fields[] = {
	FIELD(sb_chain_lies, chain_id, FIELD_INT), FIELD(sb_chain_lies, no_multicall, FIELD_BOOL), FIELD(sb_chain_lies, revert, FIELD_BOOL),
	FIELD(sb_chain_lies, never_mine, FIELD_BOOL), FIELD(sb_chain_lies, mine_ms, FIELD_INT),
	FIELD(sb_chain_lies, stale_blocks, FIELD_INT), { 0 },
};

static bool field_bad(const struct field *field, const char *wanted, struct error *err)
{
	return error_set(err, STATUS_USAGE, "faults-value", "fault \"%s\" must be %s", field->name, wanted);
}

static bool read_choice(const struct field *field, const json *value, void *at, struct error *err)
{
	for (int i = 0; field->choices[i] != NULL; i++)
		if (text_equal(json_string(value, ""), field->choices[i])) {
			*(int *)at = i;
			return true;
		}
	return error_set(err, STATUS_USAGE, "faults-value", "fault \"%s\" does not know \"%.40s\"", field->name, json_string(value, "?"));
}

static bool read_text(const struct field *field, const json *value, void *at, struct error *err)
{
	if (json_kind(value) != JSON_STRING || !text_copy(at, field->size, json_string(value, "")))
		return field_bad(field, "a text that is not too long", err);
	return true;
}

static bool read_number(const struct field *field, const json *value, void *at, struct error *err)
{
	double number = json_number(value, "", 0);
	if (json_kind(value) != JSON_NUMBER || number < 0 || number > 1e12)
		return field_bad(field, "a number that is not negative", err);
	if (field->kind == FIELD_NUMBER)
		*(double *)at = number;
	else if (field->kind == FIELD_SIZE)
		*(size_t *)at = (size_t)number;
	else if (field->kind == FIELD_INT)
		*(int64_t *)at = (int64_t)number;
	else if (number > 32768)
		return field_bad(field, "a status", err);
	else
		*(int *)at = (int)number;
	return true;
}

static bool read_code(const struct field *field, const json *value, void *at, struct error *err)
{
	double number = json_number(value, "", 0);
	if (json_kind(value) == JSON_NUMBER && number < 0 && number >= -100000) {
		*(int *)at = (int)number;
		return true;
	}
	return read_number(field, value, at, err);
}

static bool read_field(const struct field *field, const json *value, void *base, struct error *err)
{
	void *at = (char *)base + field->offset;
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(field, value, at, err);
	case FIELD_CHOICE:
		return read_choice(field, value, at, err);
	case FIELD_BOOL:
		if (json_kind(value) != JSON_BOOL)
			return field_bad(field, "true or false", err);
		*(bool *)at = json_flag(value, "", false);
		return true;
	case FIELD_STATUS:
		return read_code(field, value, at, err);
	default:
		return read_number(field, value, at, err);
	}
}

static bool read_object(const struct field *fields, const json *object, void *base, struct error *err)
{
	if (json_kind(object) != JSON_OBJECT)
		return error_set(err, STATUS_USAGE, "faults-shape", "fault \"%.40s\" must be an object", json_name(object));
	for (const json *member = json_first(object); member != NULL; member = json_next(member)) {
		const struct field *field = fields;
		while (field->name != NULL && !text_equal(field->name, json_name(member)))
			field++;
		if (field->name == NULL)
			return error_set(err, STATUS_USAGE, "faults-unknown", "no fault is called \"%.40s\"", json_name(member));
		if (!read_field(field, member, base, err))
			return false;
	}
	return true;
}

static bool read_rules(const json *list, struct sb_rule rules[SB_RULES_MAX], size_t *count, struct error *err)
{
	if (json_kind(list) != JSON_ARRAY || json_count(list) > SB_RULES_MAX)
		return error_set(err, STATUS_USAGE, "faults-shape", "faults \"%.10s\" must be a list of at most %d", json_name(list), SB_RULES_MAX);
	for (const json *rule = json_first(list); rule != NULL; rule = json_next(rule)) {
		struct sb_rule *made = &rules[(*count)++];
		*made = (struct sb_rule){ .retry_after = -1, .status = 0 };
		if (!read_object(rule_fields, rule, made, err))
			return false;
	}
	return true;
}

static bool read_group(struct sb_faults *faults, const json *group, struct error *err)
{
	const char *name = json_name(group);
	if (text_equal(name, "http"))
		return read_rules(group, faults->http, &faults->http_count, err);
	if (text_equal(name, "rpc"))
		return read_rules(group, faults->rpc, &faults->rpc_count, err);
	if (text_equal(name, "backend"))
		return read_object(backend_fields, group, &faults->backend, err);
	if (text_equal(name, "rollout"))
		return read_object(rollout_fields, group, &faults->rollout, err);
	if (text_equal(name, "logs"))
		return read_object(log_fields, group, &faults->logs, err);
	if (text_equal(name, "chain"))
		return read_object(chain_fields, group, &faults->chain, err);
	return error_set(err, STATUS_USAGE, "faults-unknown", "no group of faults is called \"%.40s\"", name);
}

void sb_faults_init(struct sb_faults *faults)
{
	*faults = (struct sb_faults){ .logs.cut_after = -1 };
}

void sb_faults_clear(struct sb_faults *faults)
{
	buf_clear(&faults->text);
	sb_faults_init(faults);
}

bool sb_faults_parse(struct sb_faults *faults, const char *text, size_t len, struct error *err)
{
	struct sb_faults *made = mem_new(1, sizeof(*made));
	json *tree = json_parse(text, len, err);
	bool good = tree != NULL;
	sb_faults_init(made);
	if (good && json_kind(tree) != JSON_OBJECT)
		good = error_set(err, STATUS_USAGE, "faults-shape", "faults must be an object");
	for (const json *group = good ? json_first(tree) : NULL; good && group != NULL; group = json_next(group))
		good = read_group(made, group, err);
	if (good) {
		json_print(&made->text, tree);
		sb_faults_clear(faults);
		*faults = *made;
	}
	json_free(tree);
	free(made);
	return good;
}

static bool rule_fits(const struct sb_rule *rule, const char *method, const char *subject)
{
	bool any_method = rule->method[0] == '\0' || text_equal(rule->method, "*");
	return (any_method || text_equal(rule->method, method)) && (rule->path[0] == '\0' || strstr(subject, rule->path) != NULL);
}

/* A rule that has acted its last time is switched off by a negative count. */
const struct sb_rule *sb_faults_match(struct sb_rule *rules, size_t count, const char *method, const char *subject)
{
	for (size_t i = 0; i < count; i++) {
		struct sb_rule *rule = &rules[i];
		if (rule->times < 0 || !rule_fits(rule, method, subject))
			continue;
		if (rule->skip > 0) {
			rule->skip--;
			continue;
		}
		if (rule->times > 0 && --rule->times == 0)
			rule->times = -1;
		return rule;
	}
	return NULL;
}
