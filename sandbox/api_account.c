/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks, the nodes, and the key services. */
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"

void sb_get_me(struct sb_exchange *x)
{
	if (x->newer)
		sb_shape(&x->out, "{'user':{'username':'op','email':'op@example.com','role':'owner','avatar':'','email_verified':true,"
			"'totp_enabled':false,'has_backup_codes':false,'flag_has_password':true},'workspace':{'id':'ws_1','name':'Acme','slug':'acme',"
			"'tier':'pro','role':'owner','avatar':null},'credits':{'balance':'100.00','granted_balance':'0','is_post_paid':false,"
			"'outstanding_amount':null}}");
	else
		sb_shape(&x->out, "{'username':'op','email':'op@example.com','credits':100,'granted_credits':0,'avatar':'',"
			"'team_name':'Acme','team_tier':'pro','role':'owner','flag_reset_password':false,'flag_enable_2fa':false}");
}

void sb_get_nodes(struct sb_exchange *x)
{
	if (!text_equal(x->params[0], "acme")) {
		sb_fail(x, 404, "Workspace not found");
		return;
	}
	buf_add_text(&x->out, "{\"items\":[");
	for (size_t i = 0; i < SB_NODES; i++) {
		const struct sb_node *node = &x->world->nodes[i];
		sb_shape(&x->out, i > 0 ? ",{" : "{");
		sb_shape(&x->out, "'object_type':'node','id':%d,'node_id':%d,'name':%s,'region':%s,'device_id':%h,'ppid':%h,'status':'ONLINE',"
			"'version':'v0.5.4'}", (int64_t)node->id, (int64_t)node->id, node->name, node->region, node->device_id, sizeof(node->device_id),
			node->ppid, sizeof(node->ppid));
	}
	sb_shape(&x->out, "],'total':%d,'page':1,'page_size':100,'pages':1}", (int64_t)SB_NODES);
}

void sb_get_teepods(struct sb_exchange *x)
{
	buf_add_text(&x->out, "{\"tier\":\"pro\",\"capacity\":{},\"nodes\":[");
	for (size_t i = 0; i < SB_NODES; i++) {
		const struct sb_node *node = &x->world->nodes[i];
		sb_shape(&x->out, i > 0 ? ",{" : "{");
		sb_shape(&x->out, "'teepod_id':%d,'name':%s,'listed':true,'resource_score':1,'remaining_vcpu':10,'remaining_memory':10,"
			"'remaining_cvm_slots':10,'images':[],'device_id':%h,'support_onchain_kms':true,'region_identifier':%s}", (int64_t)node->id,
			node->name, node->device_id, sizeof(node->device_id), node->region);
	}
	buf_add_text(&x->out, "],\"kms_list\":[");
	sb_shape_kms(&x->out, x, NULL, &x->world->kms[0]);
	buf_add_byte(&x->out, ',');
	sb_shape_kms(&x->out, x, NULL, &x->world->kms[1]);
	buf_add_text(&x->out, "]}");
}

void sb_list_kms(struct sb_exchange *x)
{
	const char *onchain = sb_request_query(x->request, "is_onchain");
	int64_t total = 0;
	buf_add_text(&x->out, "{\"items\":[");
	for (size_t i = 0; i < 2; i++) {
		if (onchain != NULL && text_equal(onchain, "true") != x->world->kms[i].onchain)
			continue;
		buf_add_text(&x->out, total++ > 0 ? "," : "");
		sb_shape_kms(&x->out, x, NULL, &x->world->kms[i]);
	}
	sb_shape(&x->out, "],'total':%d,'page':1,'page_size':30,'pages':1}", total);
}

static const struct sb_kms *find_kms(struct sb_exchange *x)
{
	for (size_t i = 0; i < 2; i++)
		if (text_equal(x->params[0], x->world->kms[i].id) || text_equal(x->params[0], x->world->kms[i].slug))
			return &x->world->kms[i];
	sb_fail(x, 404, "KMS not found");
	return NULL;
}

void sb_get_kms(struct sb_exchange *x)
{
	const struct sb_kms *kms = find_kms(x);
	if (kms != NULL)
		sb_shape_kms(&x->out, x, NULL, kms);
}

/* The key for env values; each lie of it is one an operator could be told. */
void sb_get_env_key(struct sb_exchange *x)
{
	uint8_t app_id[SB_ADDRESS_SIZE], key[32], signature[65];
	const struct sb_kms *kms = find_kms(x);
	size_t count;
	if (kms == NULL)
		return;
	const char *id = text_starts(x->params[1], "app_") ? x->params[1] + 4 : x->params[1];
	struct sb_cvm *cvm = hex_decode(app_id, sizeof(app_id), id) ? sb_world_find(x->world, id, &count) : NULL;
	if (cvm == NULL) {
		sb_fail(x, 400, "Invalid app ID format");
		return;
	}
	enum sb_env_lie lie = sb_lies_about(x->sandbox, cvm) ? x->sandbox->faults.backend.env_key : SB_ENV_TRUE;
	sb_world_env_key(x->world, cvm, key);
	if (lie == SB_ENV_ROTATED)
		key[0] ^= 1;
	bool made = sb_world_sign_env_key(lie == SB_ENV_OTHER_SIGNER ? &x->world->kms[1] : kms, cvm->app_id, key, signature);
	if (lie == SB_ENV_OTHER_KEY)
		key[0] ^= 1;
	if (!made || lie == SB_ENV_UNSIGNED)
		sb_shape(&x->out, "{'public_key':%h}", key, sizeof(key));
	else
		sb_shape(&x->out, "{'public_key':%h,'signature':%h}", key, sizeof(key), signature, sizeof(signature));
}
