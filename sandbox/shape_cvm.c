/* SPDX-License-Identifier: Apache-2.0 */
/* How a CVM looks in answers: the newer nested shape, the older flat one, and its state. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

const char *sb_time(char out[32], int64_t ms)
{
	return clock_format(out, ms);
}

bool sb_lies_about(const struct sb_sandbox *sandbox, const struct sb_cvm *cvm)
{
	const char *name = sandbox->faults.backend.cvm;
	return name[0] == '\0' || text_equal(name, cvm->name);
}

static void shape_address(struct buf *out, const struct sb_cvm *cvm)
{
	if (cvm->contract == NULL)
		buf_add_text(out, "null");
	else
		sb_shape(out, "%x", cvm->app_id, (size_t)SB_ADDRESS_SIZE);
}

static const char other_address[] = "0x0bad00000000000000000000000000000000c0de";

/* The contract's address as the backend tells it, perhaps a lie. */
static void shape_app_address(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm)
{
	const char *lie = x->sandbox->faults.backend.app_id;
	if (cvm->contract == NULL || lie[0] == '\0' || !sb_lies_about(x->sandbox, cvm))
		shape_address(out, cvm);
	else
		sb_shape(out, "%s", text_equal(lie, "other") ? other_address : lie);
}

static bool is_told_offchain(const struct sb_exchange *x, const struct sb_cvm *cvm)
{
	return cvm->contract == NULL || (x->sandbox->faults.backend.offchain && sb_lies_about(x->sandbox, cvm));
}

static int64_t chain_id_told(const struct sb_exchange *x, const struct sb_cvm *cvm)
{
	int64_t lie = x->sandbox->faults.backend.chain_id;
	return lie != 0 && sb_lies_about(x->sandbox, cvm) ? lie : x->world->chain_id;
}

static void shape_kms_contract(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm, const struct sb_kms *kms)
{
	const char *lie = x->sandbox->faults.backend.kms_contract;
	if (lie[0] != '\0' && cvm != NULL && sb_lies_about(x->sandbox, cvm))
		sb_shape(out, "%s", text_equal(lie, "other") ? other_address : lie);
	else
		sb_shape(out, "%x", kms->contract, (size_t)SB_ADDRESS_SIZE);
}

void sb_shape_kms(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm, const struct sb_kms *kms)
{
	sb_shape(out, "{'id':%s,'slug':%s,'url':%s,'version':'v0.5.4',", kms->id, kms->slug, kms->url);
	if (!kms->onchain) {
		sb_shape(out, "'chain_id':null,'kms_contract_address':null,'gateway_app_id':null}");
		return;
	}
	sb_shape(out, "'chain_id':%d,'kms_contract_address':", cvm != NULL ? chain_id_told(x, cvm) : x->world->chain_id);
	shape_kms_contract(out, x, cvm, kms);
	sb_shape(out, ",'gateway_app_id':'0x9716536f62c81fe13e7c21c8807af96fd93f677e'}");
}

static void shape_kms_newer(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm)
{
	uint8_t key[32];
	sb_world_env_key(x->world, cvm, key);
	if (is_told_offchain(x, cvm)) {
		sb_shape(out, "{'chain_id':null,'dstack_kms_address':null,'dstack_app_address':null,'deployer_address':null,"
			"'rpc_endpoint':null,'encrypted_env_pubkey':%h}", key, sizeof(key));
		return;
	}
	sb_shape(out, "{'chain_id':%d,'dstack_kms_address':", chain_id_told(x, cvm));
	shape_kms_contract(out, x, cvm, cvm->kms);
	buf_add_text(out, ",\"dstack_app_address\":");
	shape_app_address(out, x, cvm);
	const char *suggested = x->sandbox->faults.backend.rpc_endpoint;
	sb_shape(out, ",'deployer_address':%x,'rpc_endpoint':%s,'encrypted_env_pubkey':%h}", x->world->owner, (size_t)SB_ADDRESS_SIZE,
		suggested[0] != '\0' ? suggested : NULL, key, sizeof(key));
}

static void shape_endpoints(struct buf *out, const struct sb_cvm *cvm)
{
	char app[41], instance[41];
	hex_encode(app, cvm->app_id, SB_ADDRESS_SIZE);
	hex_encode(instance, cvm->instance_id, SB_ADDRESS_SIZE);
	buf_add_format(out, "[{\"app\":\"https://%s-80.%s.sandbox.invalid\",\"instance\":\"https://%s-80.%s.sandbox.invalid\"}]", app,
		cvm->node->name, instance, cvm->node->name);
}

static void shape_logs(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm, bool public_logs)
{
	char uuid[SB_UUID_TEXT];
	const char *base = x->world->log_base;
	sb_uuid_text(uuid, cvm->uuid);
	if (!public_logs) {
		buf_add_text(out, "{\"serial\":null,\"stdout\":null,\"stderr\":null,\"container_log_base\":null}");
		return;
	}
	buf_add_format(out, "{\"serial\":\"%s/syslog/%s?ch=serial\",\"stdout\":\"%s/syslog/%s?ch=stdout\",\"stderr\":\"%s/syslog/%s?ch=stderr\","
		"\"container_log_base\":\"%s/clog/%s\"}", base, uuid, base, uuid, base, uuid, base, uuid);
}

static void shape_place(struct buf *out, const struct sb_exchange *x, const struct sb_cvm *cvm)
{
	const struct sb_node *node = cvm->node;
	sb_shape(out, "'resource':{'instance_type':'tdx.small','vcpu':%d,'memory_in_gb':%d,'disk_in_gb':%d,'gpus':0,"
		"'compute_billing_price':'0.06','billing_period':'hourly'},", (int64_t)cvm->vcpu, (int64_t)cvm->memory_gb, (int64_t)cvm->disk_gb);
	sb_shape(out, "'node_info':{'object_type':'node','id':%d,'name':%s,'region':%s,'device_id':%h,'ppid':%h,'status':'online',"
		"'version':'v0.5.4'},", (int64_t)node->id, node->name, node->region, node->device_id, sizeof(node->device_id), node->ppid,
		sizeof(node->ppid));
	sb_shape(out, "'os':{'name':'dstack-0.5.4','version':'0.5.4','is_dev':false,'os_image_hash':%h},'kms_type':%s,'kms_info':",
		x->world->os_image, sizeof(x->world->os_image), is_told_offchain(x, cvm) ? "phala" : "base");
	shape_kms_newer(out, x, cvm);
}

static void shape_progress(struct buf *out, const struct sb_cvm *cvm, const struct sb_stage *stage)
{
	char at[32];
	sb_shape(out, ",'status':%s,'in_progress':%b,'progress':", stage->status, (int)stage->in_progress);
	if (stage->in_progress)
		sb_shape(out, "{'target':'running','started_at':%s,'correlation_id':%s}", sb_time(at, stage->operation_ms), stage->correlation_id);
	else
		buf_add_text(out, "null");
	sb_shape(out, ",'compose_hash':%h,'gateway':{'base_domain':'%j.sandbox.invalid','cname':null}", cvm->hash, sizeof(cvm->hash),
		cvm->node->name);
}

static void shape_newer(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm, bool whole)
{
	char uuid[SB_UUID_TEXT], at[32];
	struct sb_stage stage = sb_stage_now(x->world, cvm);
	json *document = sb_cvm_document(cvm);
	bool public_logs = json_flag(document, "public_logs", true);
	sb_uuid_text(uuid, cvm->uuid);
	buf_add_format(out, "{\"id\":\"cvm_%02x%02x%02x%02x\",", cvm->uuid[0], cvm->uuid[1], cvm->uuid[2], cvm->uuid[3]);
	sb_shape(out, "'name':%s,'app_id':%h,'vm_uuid':%s,'instance_id':%h,", cvm->name, cvm->app_id, (size_t)SB_ADDRESS_SIZE, uuid,
		cvm->instance_id, (size_t)SB_ADDRESS_SIZE);
	shape_place(out, x, cvm);
	shape_progress(out, cvm, &stage);
	buf_add_text(out, ",\"logs\":");
	shape_logs(out, x, cvm, public_logs);
	buf_add_text(out, ",\"services\":[],\"endpoints\":");
	shape_endpoints(out, cvm);
	sb_shape(out, ",'public_logs':%b,'public_sysinfo':%b,'public_tcbinfo':%b,'gateway_enabled':true,'secure_time':false,"
		"'storage_fs':'zfs','listed':false,'workspace':{'object_type':'workspace','id':'ws_1','name':'Acme','slug':'acme'},"
		"'creator':{'object_type':'user','id':'usr_1','username':'op'},'created_at':%s", (int)public_logs,
		(int)json_flag(document, "public_sysinfo", true), (int)json_flag(document, "public_tcbinfo", true), sb_time(at, cvm->created_ms));
	if (whole) {
		buf_add_text(out, ",\"compose_file\":");
		json_print(out, document);
	}
	buf_add_byte(out, '}');
	json_free(document);
}

static void shape_older(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm)
{
	char uuid[SB_UUID_TEXT];
	uint8_t key[32];
	struct sb_stage stage = sb_stage_now(x->world, cvm);
	json *document = sb_cvm_document(cvm);
	bool public_logs = json_flag(document, "public_logs", true);
	char *syslog = mem_printf("%s/syslog/%s?token=t", x->world->log_base, sb_uuid_text(uuid, cvm->uuid));
	sb_world_env_key(x->world, cvm, key);
	sb_shape(out, "{'id':%d,'name':%s,'status':%s,'in_progress':%b,'teepod_id':%d,'teepod':{'id':%d,'name':%s,'region_identifier':%s},",
		(int64_t)cvm->number, cvm->name, stage.status, (int)stage.in_progress, (int64_t)cvm->node->id, (int64_t)cvm->node->id,
		cvm->node->name, cvm->node->region);
	sb_shape(out, "'app_id':%h,'vm_uuid':%s,'instance_id':%h,'vcpu':%d,'memory':%d,'disk_size':%d,'base_image':'dstack-0.5.4',"
		"'encrypted_env_pubkey':%h,'listed':false,'project_id':null,'project_type':null,", cvm->app_id, (size_t)SB_ADDRESS_SIZE, uuid,
		cvm->instance_id, (size_t)SB_ADDRESS_SIZE, (int64_t)cvm->vcpu, (int64_t)cvm->memory_gb * 1024, (int64_t)cvm->disk_gb, key,
		sizeof(key));
	sb_shape(out, "'public_sysinfo':%b,'public_logs':%b,'dapp_dashboard_url':null,'syslog_endpoint':%s,'kms_info':",
		(int)json_flag(document, "public_sysinfo", true), (int)public_logs, public_logs ? syslog : NULL);
	sb_shape_kms(out, x, cvm, cvm->kms);
	buf_add_text(out, ",\"contract_address\":");
	shape_app_address(out, x, cvm);
	buf_add_text(out, ",\"deployer_address\":null,\"public_urls\":");
	shape_endpoints(out, cvm);
	buf_add_text(out, ",\"gateway_domain\":null}");
	free(syslog);
	json_free(document);
}

void sb_shape_cvm(struct buf *out, const struct sb_exchange *x, struct sb_cvm *cvm, bool whole)
{
	if (x->newer)
		shape_newer(out, x, cvm, whole);
	else
		shape_older(out, x, cvm);
}

void sb_shape_status(struct buf *out, struct sb_world *world, struct sb_cvm *cvm)
{
	char uuid[SB_UUID_TEXT], at[32], uptime[TEXT_SHORT_SIZE];
	struct sb_stage stage = sb_stage_now(world, cvm);
	bool up = strcmp(stage.status, "running") == 0;
	int64_t now = clock_wall_ms();
	sb_shape(out, "{'vm_uuid':%s,'status':%s,'uptime':%s,'in_progress':%b,'boot_progress':%s,'boot_error':%s,'shutdown_progress':%s,"
		"'events':[],'operation_type':%s,'operation_started_at':%s,'correlation_id':%s}", sb_uuid_text(uuid, cvm->uuid), stage.status,
		up ? text_duration(uptime, now >= cvm->booted_ms + 1000 ? now - cvm->booted_ms : 1000) : NULL, (int)stage.in_progress, stage.boot_progress,
		stage.boot_error, stage.shutdown_progress, stage.operation, stage.operation != NULL ? sb_time(at, stage.operation_ms) : NULL,
		stage.correlation_id);
}
