/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to an app: allowlist, revisions, updates that wait, its contract's owner. */
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "sandbox/chain.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

static bool any_device(struct sb_exchange *x, bool *out)
{
	static const uint8_t zero[SB_WORD_SIZE];
	return sb_chain_flag(x, SB_ANY_DEVICE, zero, out);
}

static bool shape_device(struct sb_exchange *x, const struct sb_node *node, bool first)
{
	bool good;
	if (!sb_chain_flag(x, SB_DEVICE, node->device_id, &good))
		return false;
	sb_shape(&x->out, first ? "" : ",");
	sb_shape(&x->out, "{'device_id':%h,'node_name':%s,'cvm_ids':[", node->device_id, sizeof(node->device_id), node->name);
	if (node == x->cvm->node)
		sb_shape(&x->out, "%d", (int64_t)x->cvm->number);
	sb_shape(&x->out, "],'allowed_onchain':%b,'status':%s}", (int)good, good ? "allowed" : "not_allowed");
	return true;
}

void sb_get_allowlist(struct sb_exchange *x)
{
	bool any;
	if (x->cvm->contract == NULL) {
		sb_shape(&x->out, "{'is_onchain_kms':false,'allow_any_device':null,'chain_id':null,'app_contract_address':null,'devices':[]}");
		return;
	}
	if (!any_device(x, &any))
		return;
	sb_shape(&x->out, "{'is_onchain_kms':true,'allow_any_device':%b,'chain_id':%d,'app_contract_address':%x,'devices':[", (int)any,
		x->world->chain_id, x->cvm->app_id, (size_t)SB_ADDRESS_SIZE);
	for (size_t i = 0; i < SB_NODES; i++)
		if (!shape_device(x, &x->world->nodes[i], i == 0))
			return;
	buf_add_text(&x->out, "]}");
}

/* Revisions */

static void shape_revision(struct buf *out, const struct sb_exchange *x, const struct sb_revision *revision)
{
	char id[SB_UUID_TEXT], uuid[SB_UUID_TEXT], at[32];
	sb_shape(out, "'revision_id':%s,'app_id':%h,'vm_uuid':%s,'compose_hash':%h,'created_at':%s,'trace_id':null,'operation_type':%s,"
		"'triggered_by':{'object_type':'user','id':'usr_1','username':'op'},'cvm':{'object_type':'cvm','vm_uuid':%s,'app_id':%h,'name':%s},"
		"'workspace':{'object_type':'workspace','id':'ws_1','name':'Acme','slug':'acme'}", sb_uuid_text(id, revision->id), x->cvm->app_id,
		(size_t)SB_ADDRESS_SIZE, sb_uuid_text(uuid, x->cvm->uuid), revision->hash, sizeof(revision->hash), sb_time(at, revision->at_ms),
		revision->operation, uuid, x->cvm->app_id, (size_t)SB_ADDRESS_SIZE, x->cvm->name);
}

void sb_list_revisions(struct sb_exchange *x)
{
	int64_t page = sb_query_number(x, "page", 1, 1, 1000000), size = sb_query_number(x, "page_size", 20, 1, 100);
	sb_stage_now(x->world, x->cvm);
	size_t total = x->cvm->revision_count, from = (size_t)((page - 1) * size);
	buf_add_text(&x->out, "{\"revisions\":[");
	for (size_t i = from; i < total && i < from + (size_t)size; i++) {
		buf_add_text(&x->out, i > from ? ",{" : "{");
		shape_revision(&x->out, x, &x->cvm->revisions[total - 1 - i]);
		buf_add_byte(&x->out, '}');
	}
	sb_shape(&x->out, "],'total':%d,'page':%d,'page_size':%d,'total_pages':%d}", (int64_t)total, page, size,
		((int64_t)total + size - 1) / size);
}

void sb_get_revision(struct sb_exchange *x)
{
	const char *raw = sb_request_query(x->request, "raw_compose_file");
	for (size_t i = 0; i < x->cvm->revision_count; i++) {
		const struct sb_revision *revision = &x->cvm->revisions[i];
		char id[SB_UUID_TEXT];
		if (!text_equal_nocase(sb_uuid_text(id, revision->id), x->params[1]))
			continue;
		buf_add_byte(&x->out, '{');
		shape_revision(&x->out, x, revision);
		sb_shape(&x->out, ",'encrypted_env':%s,'user_config':'','compose_file':", revision->encrypted_env != NULL ? revision->encrypted_env : "");
		if (raw != NULL && (text_equal(raw, "true") || text_equal(raw, "1")))
			sb_shape(&x->out, "%s}", revision->text);
		else
			sb_shape(&x->out, "%j}", revision->text);
		return;
	}
	sb_fail(x, 404, "Revision not found");
}

/* Updates that wait */

void sb_list_pending(struct sb_exchange *x)
{
	bool first = true, good = false;
	char uuid[SB_UUID_TEXT];
	buf_add_text(&x->out, "{\"items\":[");
	for (size_t i = 0; i < x->cvm->pending_count; i++) {
		const struct sb_pending *pending = &x->cvm->pending[i];
		if (pending->used || pending->token[0] == '\0')
			continue;
		if (x->cvm->contract != NULL && !sb_chain_flag(x, SB_COMPOSE, pending->hash, &good))
			return;
		buf_add_text(&x->out, first ? "" : ",");
		first = false;
		sb_shape(&x->out, "{'vm_uuid':%s,'compose_hash':%h,'on_chain':%b,'instance_name':%s}", sb_uuid_text(uuid, x->cvm->uuid),
			pending->hash, sizeof(pending->hash), (int)good, x->cvm->name);
	}
	buf_add_text(&x->out, "]}");
}

static void shape_preview(struct sb_exchange *x, const struct sb_pending *pending)
{
	json *now = sb_cvm_document(x->cvm), *then = json_parse(pending->text, strlen(pending->text), NULL);
	sb_shape(&x->out, "{'current_docker_compose':%s,'pending_docker_compose':%s,'current_pre_launch_script':%s,"
		"'pending_pre_launch_script':%s}", json_string(json_member(now, "docker_compose_file"), NULL),
		json_string(json_member(then, "docker_compose_file"), NULL), json_string(json_member(now, "pre_launch_script"), NULL),
		json_string(json_member(then, "pre_launch_script"), NULL));
	json_free(now);
	json_free(then);
}

void sb_get_preview(struct sb_exchange *x)
{
	uint8_t hash[HASH_SIZE];
	bool good = hex_decode(hash, sizeof(hash), x->params[2]) && sb_world_find_uuid(x->world, x->params[1]) == x->cvm;
	for (size_t i = x->cvm->pending_count; good && i > 0; i--)
		if (memcmp(x->cvm->pending[i - 1].hash, hash, sizeof(hash)) == 0 && !x->cvm->pending[i - 1].used) {
			shape_preview(x, &x->cvm->pending[i - 1]);
			return;
		}
	sb_fail(x, 404, "Pending update not found");
}

/* The contract */

void sb_get_app_kms(struct sb_exchange *x)
{
	uint8_t owner[SB_ADDRESS_SIZE];
	char safe_url[128];
	char digits[2 * SB_ADDRESS_SIZE + 3];
	if (x->cvm->contract == NULL) {
		sb_shape(&x->out, "{'is_onchain_kms':false,'chain_id':null,'kms_contract_address':null,'app_contract_address':null,"
			"'deployer_address':null,'deployer_type':null,'is_contract':false,'safe_app_url':null}");
		return;
	}
	bool safe;
	if (!sb_chain_owner(x, owner, &safe))
		return;
	hex_encode_0x(digits, owner, SB_ADDRESS_SIZE);
	text_copy(safe_url, sizeof(safe_url), "https://app.safe.global/home?safe=base:");
	text_copy(safe_url + strlen(safe_url), sizeof(safe_url) - strlen(safe_url), digits);
	sb_shape(&x->out, "{'is_onchain_kms':true,'chain_id':%d,'kms_contract_address':%x,'app_contract_address':%x,'deployer_address':%s,"
		"'deployer_type':%s,'is_contract':%b,'safe_app_url':%s}", x->world->chain_id, x->cvm->kms->contract, (size_t)SB_ADDRESS_SIZE,
		x->cvm->app_id, (size_t)SB_ADDRESS_SIZE, digits, safe ? "safe" : "eoa", (int)safe, safe ? safe_url : NULL);
}

void sb_post_is_allowed(struct sb_exchange *x)
{
	uint8_t hash[HASH_SIZE], device[HASH_SIZE];
	const char *device_text = json_text(x->body, "device_id");
	if (x->cvm->contract == NULL || !hex_decode(hash, sizeof(hash), json_text(x->body, "compose_hash"))) {
		sb_fail(x, 422, "compose_hash must be 32 bytes of hex");
		return;
	}
	memcpy(device, x->cvm->node->device_id, sizeof(device));
	if (device_text[0] != '\0' && !hex_decode(device, sizeof(device), device_text)) {
		sb_fail(x, 422, "device_id must be 32 bytes of hex");
		return;
	}
	bool any, hash_good, device_good;
	if (!any_device(x, &any) || !sb_chain_flag(x, SB_COMPOSE, hash, &hash_good) || !sb_chain_flag(x, SB_DEVICE, device, &device_good))
		return;
	device_good = device_good || any;
	sb_shape(&x->out, "{'app_contract_address':%x,'compose_hash':%h,'device_id':%h,'compose_hash_allowed':%b,'allow_any_device':%b,"
		"'device_id_allowed':%b,'is_allowed':%b,'error':null}", x->cvm->app_id, (size_t)SB_ADDRESS_SIZE, hash, sizeof(hash), device,
		sizeof(device), (int)hash_good, (int)any, (int)device_good, (int)(hash_good && device_good));
}
