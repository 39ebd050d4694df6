/* SPDX-License-Identifier: Apache-2.0 */
/* What the backend does with an update; see update.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/chain.h"
#include "sandbox/services.h"
#include "sandbox/stages.h"
#include "sandbox/update.h"

static bool update_fits(struct sb_exchange *x, const json *document)
{
	struct sb_service services[SB_SERVICES_MAX];
	struct error err;
	const char *compose = json_text(document, "docker_compose_file");
	if (strlen(compose) + strlen(json_text(document, "pre_launch_script")) > LIMIT_COMPOSE) {
		sb_fail(x, 400, "docker_compose_file and pre_launch_script together must not exceed 200 KB");
		return false;
	}
	if (sb_services_read(compose, services, &err) == 0) {
		sb_fail(x, 422, err.message);
		return false;
	}
	return true;
}

bool sb_update_make(struct sb_exchange *x, const json *update, char **text, uint8_t hash[HASH_SIZE])
{
	json *present = sb_cvm_document(x->cvm), *changed = sb_manifest_apply(present, update);
	struct buf out = BUF_INIT;
	bool good = update_fits(x, changed);
	if (good && sb_manifest_touches(update))
		sb_manifest_print(&out, changed, x->cvm->form);
	else if (good)
		buf_add_text(&out, x->cvm->text);
	if (good) {
		hash_sha256(hash, out.data, out.len);
		*text = buf_take(&out);
	}
	buf_clear(&out);
	json_free(present);
	json_free(changed);
	return good;
}

struct sb_pending *sb_update_keep(struct sb_exchange *x, char *text, const uint8_t hash[HASH_SIZE], const char *encrypted_env, bool prepared)
{
	struct sb_cvm *cvm = x->cvm;
	for (size_t i = 0; i < cvm->pending_count; i++)
		if (prepared || memcmp(cvm->pending[i].hash, hash, HASH_SIZE) == 0)
			cvm->pending[i].used = true;
	cvm->pending = mem_grow(cvm->pending, cvm->pending_count, &cvm->pending_cap, sizeof(*cvm->pending));
	struct sb_pending *pending = &cvm->pending[cvm->pending_count++];
	*pending = (struct sb_pending){ .text = text, .encrypted_env = mem_strdup(encrypted_env), .at_ms = clock_wall_ms() };
	memcpy(pending->hash, hash, HASH_SIZE);
	memcpy(pending->base, cvm->hash, HASH_SIZE);
	if (prepared)
		sb_world_new_uuid(x->world, pending->token);
	return pending;
}

struct sb_pending *sb_update_find(struct sb_cvm *cvm, const uint8_t hash[HASH_SIZE])
{
	for (size_t i = cvm->pending_count; i > 0; i--)
		if (!cvm->pending[i - 1].used && memcmp(cvm->pending[i - 1].hash, hash, HASH_SIZE) == 0)
			return &cvm->pending[i - 1];
	return NULL;
}

struct sb_pending *sb_update_find_token(struct sb_cvm *cvm, const char *token)
{
	for (size_t i = cvm->pending_count; i > 0; i--)
		if (!cvm->pending[i - 1].used && cvm->pending[i - 1].token[0] != '\0' && text_equal(cvm->pending[i - 1].token, token))
			return &cvm->pending[i - 1];
	return NULL;
}

/* Verification on the chain */

static bool fail_467(struct sb_exchange *x, const char *message)
{
	sb_fail_code(x, 467, "ERR-01-007", message, "", "Check the transaction on the explorer, then retry with the same hash");
	return false;
}

static bool verify_transaction(struct sb_exchange *x, const struct sb_pending *pending, const char *transaction)
{
	uint8_t hash[HASH_SIZE];
	if (!hex_decode(hash, sizeof(hash), transaction))
		return fail_467(x, "The transaction hash is malformed");
	enum sb_registration found;
	if (!sb_chain_registration(x, hash, pending->hash, &found))
		return false;
	if (found == SB_TX_ABSENT)
		return fail_467(x, "Transaction not found or not yet mined");
	if (found == SB_TX_REVERTED)
		return fail_467(x, "The transaction reverted");
	if (found == SB_TX_NO_EVENT)
		return fail_467(x, "The transaction has no ComposeHashAdded event of this contract and hash");
	return true;
}

static bool verify_state(struct sb_exchange *x, const struct sb_pending *pending)
{
	bool allowed;
	if (!sb_chain_flag(x, SB_COMPOSE, pending->hash, &allowed))
		return false;
	if (!allowed)
		sb_fail_code(x, 468, "ERR-01-008", "The compose hash is not allowed by the on-chain contract", "", NULL);
	return allowed;
}

/* A lie about confirms: so many of the first ones fail. */
static bool confirm_is_spoiled(struct sb_exchange *x)
{
	static const char *const codes[] = { "ERR-01-005", "ERR-01-006", "ERR-01-007", "ERR-01-008" };
	static const char *const messages[] = { "The compose hash is not registered on-chain yet", "The provision has expired or was superseded",
		"Transaction verification failed", "The compose hash is not allowed by the on-chain contract" };
	struct sb_backend_lies *lies = &x->sandbox->faults.backend;
	if (lies->confirm_times <= 0 || lies->confirm_status == 0 || !sb_lies_about(x->sandbox, x->cvm))
		return false;
	lies->confirm_times--;
	int status = lies->confirm_status;
	if (status >= 465 && status <= 468)
		sb_fail_code(x, status, codes[status - 465], messages[status - 465], "", NULL);
	else
		sb_fail(x, status, "The confirm failed");
	return true;
}

/* A hostile backend boots another text than the one whose hash was agreed on. */
static char *swapped_text(const struct sb_cvm *cvm, const char *text)
{
	json *document = json_parse(text, strlen(text), NULL), *update = json_new_object();
	char *compose = mem_printf("%s# swapped\n", json_text(document, "docker_compose_file"));
	struct buf out = BUF_INIT;
	json_add_text(update, "docker_compose_file", compose);
	json *changed = sb_manifest_apply(document, update);
	sb_manifest_print(&out, changed, cvm->form);
	free(compose);
	json_free(document);
	json_free(update);
	json_free(changed);
	return buf_take(&out);
}

void sb_update_begin(struct sb_exchange *x, const char *text, const char *encrypted_env, char correlation_id[SB_UUID_TEXT])
{
	const struct sb_faults *faults = &x->sandbox->faults;
	bool lies = sb_lies_about(x->sandbox, x->cvm);
	static const struct sb_rollout_lies truth;
	char *swapped = lies && faults->backend.swap ? swapped_text(x->cvm, text) : NULL;
	sb_stage_begin(x->world, x->cvm, swapped != NULL ? swapped : text, encrypted_env, lies ? &faults->rollout : &truth, correlation_id);
	free(swapped);
}

bool sb_update_confirm(struct sb_exchange *x, struct sb_pending *pending, const char *transaction, char correlation_id[SB_UUID_TEXT])
{
	bool state_only = transaction == NULL || transaction[0] == '\0' || text_equal(transaction, "already-registered");
	if (sb_stage_now(x->world, x->cvm).in_progress) {
		sb_fail(x, 409, "Another operation is in progress for this CVM");
		return false;
	}
	if (confirm_is_spoiled(x))
		return false;
	if (pending == NULL || x->cvm->contract == NULL || memcmp(pending->base, x->cvm->hash, HASH_SIZE) != 0) {
		sb_fail_code(x, 466, "ERR-01-006", "The compose hash is unknown, its provision has expired or was superseded", "", "Start the update again");
		return false;
	}
	if (state_only && x->sandbox->faults.backend.already_needs_tx)
		return fail_467(x, "A transaction hash is required");
	if ((!state_only && !verify_transaction(x, pending, transaction)) || !verify_state(x, pending))
		return false;
	pending->used = true;
	sb_update_begin(x, pending->text, pending->encrypted_env, correlation_id);
	return true;
}
