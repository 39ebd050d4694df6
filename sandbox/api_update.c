/* SPDX-License-Identifier: Apache-2.0 */
/* The update in its two dialects, and the prepare-and-commit way. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "sandbox/chain.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"
#include "sandbox/update.h"

enum { TOKEN_DAYS = 14 };

/* What phase 1 tells, each member perhaps a lie. */

static void tell(struct buf *out, const struct sb_exchange *x, const char *lie, const uint8_t *truth, size_t len)
{
	uint8_t other[HASH_SIZE];
	if (lie[0] == '\0' || !sb_lies_about(x->sandbox, x->cvm)) {
		sb_shape(out, "%h", truth, len);
	} else if (text_equal(lie, "other")) {
		hash_sha256(other, truth, len);
		sb_shape(out, "%h", other, len);
	} else {
		sb_shape(out, "%s", lie);
	}
}

static void add_detail(struct buf *out, const char *field, const struct buf *value)
{
	sb_shape(out, out->len > 1 ? ",{'field':%s,'value':%t,'message':null}" : "{'field':%s,'value':%t,'message':null}", field, value);
}

struct told {
	struct buf hash, app, device, kms, onchain;
};

static void told_clear(struct told *told)
{
	buf_clear(&told->hash);
	buf_clear(&told->app);
	buf_clear(&told->device);
	buf_clear(&told->kms);
	buf_clear(&told->onchain);
}

static bool tell_all(struct sb_exchange *x, const struct sb_pending *pending, struct told *told)
{
	static const uint8_t zero[SB_WORD_SIZE];
	const struct sb_backend_lies *lies = &x->sandbox->faults.backend;
	bool hash_good, any, device_good;
	if (!sb_chain_flag(x, SB_COMPOSE, pending->hash, &hash_good) || !sb_chain_flag(x, SB_ANY_DEVICE, zero, &any) ||
		!sb_chain_flag(x, SB_DEVICE, x->cvm->node->device_id, &device_good))
		return false;
	device_good = device_good || any;
	tell(&told->hash, x, lies->compose_hash, pending->hash, HASH_SIZE);
	tell(&told->app, x, lies->app_id, x->cvm->app_id, SB_ADDRESS_SIZE);
	tell(&told->device, x, lies->device_id, x->cvm->node->device_id, HASH_SIZE);
	sb_shape_kms(&told->kms, x, x->cvm, x->cvm->kms);
	sb_shape(&told->onchain, "{'compose_hash_allowed':%b,'device_id_allowed':%b,'is_allowed':%b}", (int)hash_good, (int)device_good,
		(int)(hash_good && device_good));
	return true;
}

static void add_commit_details(struct buf *details, const struct sb_exchange *x, const struct sb_pending *pending, const struct told *told)
{
	char uuid[SB_UUID_TEXT], hash[HASH_HEX_SIZE];
	struct buf value = BUF_INIT;
	sb_uuid_text(uuid, x->cvm->uuid);
	hex_encode(hash, pending->hash, HASH_SIZE);
	sb_shape(&value, "%s", pending->token);
	add_detail(details, "commit_token", &value);
	buf_reset(&value);
	buf_add_format(&value, "\"https://cloud.sandbox.invalid/acme/cvms/%s/confirm-update?token=%s&compose_hash=%s\"", uuid, pending->token, hash);
	add_detail(details, "commit_url", &value);
	buf_reset(&value);
	buf_add_format(&value, "\"%s/cvms/%s/commit-update?token=%s\"", x->world->api_base, uuid, pending->token);
	add_detail(details, "api_commit_url", &value);
	add_detail(details, "onchain_status", &told->onchain);
	buf_clear(&value);
}

static void answer_phase_one(struct sb_exchange *x, const struct sb_pending *pending, bool documented)
{
	struct told told = { 0 };
	struct buf details = BUF_INIT;
	if (!tell_all(x, pending, &told))
		return;
	if (documented) {
		sb_shape(&x->out, "{'requiresOnChainHash':true,'composeHash':%t,'appId':%t,'deviceId':%t,'kmsInfo':%t}", &told.hash, &told.app,
			&told.device, &told.kms);
	} else {
		buf_add_byte(&details, '[');
		add_detail(&details, "compose_hash", &told.hash);
		add_detail(&details, "app_id", &told.app);
		add_detail(&details, "device_id", &told.device);
		add_detail(&details, "kms_info", &told.kms);
		if (pending->token[0] != '\0')
			add_commit_details(&details, x, pending, &told);
		buf_add_byte(&details, ']');
		sb_fail_code(x, 465, "ERR-01-005", "Compose hash registration required on-chain", buf_text(&details),
			"Register the compose hash on-chain, then retry with X-Compose-Hash and X-Transaction-Hash");
	}
	buf_clear(&details);
	told_clear(&told);
}

/* A lie: the document in force changes behind the operator's back. */
static void swap_present(struct sb_exchange *x)
{
	json *update = json_new_object();
	char *text = NULL;
	uint8_t hash[HASH_SIZE];
	if (x->sandbox->faults.backend.swap_present && sb_lies_about(x->sandbox, x->cvm)) {
		json_add_bool(update, "public_sysinfo", !strstr(x->cvm->text, "\"public_sysinfo\":true"));
		if (sb_update_make(x, update, &text, hash))
			sb_cvm_set_text(x->cvm, text);
	}
	free(text);
	json_free(update);
}

static void answer_applied(struct sb_exchange *x, const char *text, const char *encrypted_env, bool documented)
{
	char id[SB_UUID_TEXT];
	sb_update_begin(x, text, encrypted_env, id);
	x->status = documented ? 200 : 202;
	sb_shape(&x->out, "{'correlation_id':%s,'requiresOnChainHash':false}", id);
}

static void phase_one(struct sb_exchange *x, const json *update, bool documented)
{
	const char *prepare = sb_request_header(x->request, "X-Prepare-Only"), *env = json_string(json_member(update, "encrypted_env"), NULL);
	char *text = NULL;
	uint8_t hash[HASH_SIZE];
	if (sb_stage_now(x->world, x->cvm).in_progress) {
		sb_fail(x, 409, "Another operation is in progress for this CVM");
		return;
	}
	if (json_kind(update) != JSON_OBJECT) {
		sb_fail(x, 422, "The body must be a JSON object");
		return;
	}
	if (!sb_update_make(x, update, &text, hash))
		return;
	if (x->cvm->contract == NULL || memcmp(hash, x->cvm->hash, HASH_SIZE) == 0) {
		answer_applied(x, text, env, documented);
		free(text);
		return;
	}
	struct sb_pending *pending = sb_update_keep(x, text, hash, env, text_equal_nocase(prepare, "true"));
	answer_phase_one(x, pending, documented);
	swap_present(x);
}

/* Confirm */

static void confirm(struct sb_exchange *x, const char *hash_text, const char *transaction, int status)
{
	uint8_t hash[HASH_SIZE];
	char id[SB_UUID_TEXT];
	struct sb_pending *pending = hex_decode(hash, sizeof(hash), hash_text) ? sb_update_find(x->cvm, hash) : NULL;
	if (!sb_update_confirm(x, pending, transaction, id))
		return;
	x->status = status;
	sb_shape(&x->out, "{'correlation_id':%s,'correlationId':%s}", id, id);
	if (x->sandbox->faults.backend.lose_confirm && sb_lies_about(x->sandbox, x->cvm)) {
		x->sandbox->faults.backend.lose_confirm = false;
		sb_request_lose(x->request);
	}
}

static bool refuse_dialect(struct sb_exchange *x, bool documented)
{
	if (x->sandbox->faults.backend.documented_dialect == documented)
		return false;
	sb_fail(x, 405, "Method Not Allowed");
	return true;
}

void sb_patch_cvm(struct sb_exchange *x)
{
	const char *hash = sb_request_header(x->request, "X-Compose-Hash"), *tx = sb_request_header(x->request, "X-Transaction-Hash");
	if (refuse_dialect(x, false))
		return;
	if (hash != NULL && tx != NULL)
		confirm(x, hash, tx, 202);
	else
		phase_one(x, x->body, false);
}

void sb_post_cvm(struct sb_exchange *x)
{
	if (!refuse_dialect(x, true))
		phase_one(x, x->body, true);
}

static const char *either(const json *body, const char *one, const char *two)
{
	const char *text = json_text(body, one);
	return text[0] != '\0' ? text : json_text(body, two);
}

void sb_confirm_patch(struct sb_exchange *x)
{
	if (!refuse_dialect(x, true))
		confirm(x, either(x->body, "composeHash", "compose_hash"), either(x->body, "transactionHash", "transaction_hash"), 200);
}

void sb_patch_envs(struct sb_exchange *x)
{
	json *update = json_new_object();
	const json *keys = json_member(x->body, "env_keys");
	json_add_text(update, "encrypted_env", json_text(x->body, "encrypted_env"));
	if (json_kind(keys) == JSON_ARRAY)
		json_add(update, "allowed_envs", json_copy(keys));
	const char *hash = json_text(x->body, "compose_hash"), *tx = json_text(x->body, "transaction_hash");
	if (hash[0] != '\0' && tx[0] != '\0')
		confirm(x, hash, tx, 202);
	else
		phase_one(x, update, false);
	json_free(update);
}

/* Prepare and commit */

static struct sb_pending *find_token(struct sb_exchange *x)
{
	const char *token = json_text(x->body, "token");
	if (token[0] == '\0')
		token = sb_request_query(x->request, "token");
	struct sb_pending *pending = token == NULL ? NULL : sb_update_find_token(x->cvm, token);
	if (pending == NULL)
		sb_fail_code(x, 466, "ERR-01-006", "The commit token is unknown, used, expired or superseded", "", "Prepare the update again");
	return pending;
}

void sb_get_commit(struct sb_exchange *x)
{
	char uuid[SB_UUID_TEXT], from[32], until[32];
	const struct sb_pending *pending = find_token(x);
	struct told told = { 0 };
	if (pending == NULL)
		return;
	if (!tell_all(x, pending, &told))
		return;
	sb_shape(&x->out, "{'vm_uuid':%s,'name':%s,'app_id':%t,'compose_hash':%t,'device_id':%t,'kms_info':%t,'onchain_status':%t,"
		"'created_at':%s,'expires_at':%s}", sb_uuid_text(uuid, x->cvm->uuid), x->cvm->name, &told.app, &told.hash, &told.device, &told.kms,
		&told.onchain, sb_time(from, pending->at_ms), sb_time(until, pending->at_ms + INT64_C(86400000) * TOKEN_DAYS));
	told_clear(&told);
}

void sb_post_commit(struct sb_exchange *x)
{
	char id[SB_UUID_TEXT];
	uint8_t hash[HASH_SIZE];
	struct sb_pending *pending = find_token(x);
	const char *hash_text = json_text(x->body, "compose_hash");
	if (pending == NULL)
		return;
	if (hash_text[0] != '\0' && (!hex_decode(hash, sizeof(hash), hash_text) || memcmp(hash, pending->hash, HASH_SIZE) != 0)) {
		sb_fail_code(x, 466, "ERR-01-006", "The compose hash is not the one the token is bound to", "", NULL);
		return;
	}
	if (!sb_update_confirm(x, pending, json_text(x->body, "transaction_hash"), id))
		return;
	x->status = 202;
	sb_shape(&x->out, "{'correlation_id':%s,'status':'in_progress'}", id);
	if (x->sandbox->faults.backend.lose_confirm && sb_lies_about(x->sandbox, x->cvm)) {
		x->sandbox->faults.backend.lose_confirm = false;
		sb_request_lose(x->request);
	}
}
