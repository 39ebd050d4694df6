/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the workspace from the seed: nodes, key services, contracts, CVMs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/services.h"
#include "sandbox/shape.h"
#include "sandbox/world.h"
#include "sandbox/world_data.h"

/* Two well-known development keys: they hold nothing anywhere else. */
static const char throw_away_owner_key[] = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
static const char throw_away_other_key[] = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

static const struct {
	const char *name, *region;
} node_names[SB_NODES] = { { "prod1", "us-west-1" }, { "prod2", "eu-central-1" }, { "prod3", "us-west-1" }, { "prod4", "us-west-1" },
	{ "prod5", "us-west-1" }, { "prod7", "ap-southeast-1" }, { "prod9", "us-east-1" } };

void sb_world_derive(uint64_t seed, const char *label, uint64_t index, uint8_t out[HASH_SIZE])
{
	char text[160];
	int n = snprintf(text, sizeof(text), "cvmdeck-sandbox|%llu|%s|%llu", (unsigned long long)seed, label, (unsigned long long)index);
	hash_sha256(out, text, (size_t)n);
}

const char *sb_uuid_text(char out[SB_UUID_TEXT], const uint8_t bytes[16])
{
	char hex[33];
	hex_encode(hex, bytes, 16);
	snprintf(out, SB_UUID_TEXT, "%.8s-%.4s-4%.3s-%c%.3s-%.12s", hex, hex + 8, hex + 13, "89ab"[bytes[8] & 3], hex + 17, hex + 20);
	return out;
}

void sb_world_new_uuid(struct sb_world *world, char out[SB_UUID_TEXT])
{
	uint8_t bytes[HASH_SIZE];
	sb_world_derive(world->seed, "uuid", world->next_uuid++, bytes);
	sb_uuid_text(out, bytes);
}

static void make_nodes(struct sb_world *world)
{
	for (int i = 0; i < SB_NODES; i++) {
		uint8_t bytes[HASH_SIZE];
		struct sb_node *node = &world->nodes[i];
		sb_world_derive(world->seed, "ppid", (uint64_t)i, bytes);
		node->id = i + 1;
		node->name = node_names[i].name;
		node->region = node_names[i].region;
		memcpy(node->ppid, bytes, sizeof(node->ppid));
		hash_sha256(node->device_id, node->ppid, sizeof(node->ppid));
	}
}

/* The CA key only has to look like one: the DER head of a P-256 key and 65 bytes that begin with 4. */
static void make_ca_key(struct sb_world *world, struct sb_kms *kms, uint64_t index)
{
	static const uint8_t head[27] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
		0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
	memcpy(kms->ca_public, head, sizeof(head));
	sb_world_derive(world->seed, "ca-x", index, kms->ca_public + 27);
	sb_world_derive(world->seed, "ca-y", index, kms->ca_public + 59);
}

static bool make_kms(struct sb_world *world, struct sb_kms *kms, uint64_t index, struct error *err)
{
	uint8_t bytes[HASH_SIZE];
	sb_world_derive(world->seed, "kms-root", index, kms->root_key);
	sb_world_derive(world->seed, "kms-contract", index, bytes);
	memcpy(kms->contract, bytes, SB_ADDRESS_SIZE);
	kms->onchain = index == 0;
	kms->id = index == 0 ? "kms_1" : "kms_2";
	kms->slug = index == 0 ? "kms-base-prod1" : "kms-phala-prod1";
	kms->url = index == 0 ? "https://kms-base.sandbox.invalid" : "https://kms-phala.sandbox.invalid";
	make_ca_key(world, kms, index);
	return sb_key_public(kms->root_key, kms->root_public, err);
}

static bool make_keys(struct sb_world *world, struct error *err)
{
	uint8_t bytes[HASH_SIZE];
	if (!hex_decode(world->owner_key, SB_KEY_SIZE, throw_away_owner_key) || !hex_decode(world->other_key, SB_KEY_SIZE, throw_away_other_key))
		return error_set(err, STATUS_INPUT, "sandbox-keys", "the sandbox's own keys are broken");
	if (!sb_key_address(world->owner_key, world->owner, err) || !sb_key_address(world->other_key, world->other, err))
		return false;
	sb_world_derive(world->seed, "safe", 0, bytes);
	memcpy(world->safe, bytes, SB_ADDRESS_SIZE);
	sb_ledger_account(world->ledger, world->owner)->balance = 4120000000000000000u;
	sb_ledger_account(world->ledger, world->other)->balance = 500000000000000000u;
	return true;
}

static void make_contracts(struct sb_world *world)
{
	static const uint8_t multicall[SB_ADDRESS_SIZE] = { 0xca, 0x11, 0xbd, 0xe0, 0x59, 0x77, 0xb3, 0x63, 0x11, 0x67, 0x02, 0x88, 0x62,
		0xbe, 0x2a, 0x17, 0x39, 0x76, 0xca, 0x11 };
	static const uint8_t oracle[SB_ADDRESS_SIZE] = { 0x42, [19] = 0x0f };
	struct sb_contract *safe, *kms;
	sb_ledger_add_contract(world->ledger, SB_MULTICALL, multicall);
	sb_ledger_add_contract(world->ledger, SB_ORACLE, oracle);
	safe = sb_ledger_add_contract(world->ledger, SB_SAFE, world->safe);
	safe->threshold = 2;
	safe->nonce = 7;
	sb_contract_set_address(safe, SB_SAFE_OWNER, world->owner, 0);
	sb_contract_set_address(safe, SB_SAFE_OWNER, world->other, 0);
	kms = sb_ledger_add_contract(world->ledger, SB_KMS, world->kms[0].contract);
	world->kms_contract = kms;
	kms->kms_keys[0] = world->kms[0].root_public;
	kms->kms_keys[1] = world->kms[0].ca_public;
	sb_contract_set_address(kms, SB_OWNER, world->other, 0);
	sb_contract_set_flag(kms, SB_OS_IMAGE, world->os_image, true, 0);
}

/* Documents */

static void document_text(struct buf *out, const struct sb_cvm *cvm, const struct sb_template *template, bool public_logs)
{
	struct buf draft = BUF_INIT;
	sb_shape(&draft, "{'manifest_version':2,'name':%s,'runner':'docker-compose','docker_compose_file':%s,'kms_enabled':true,"
		"'gateway_enabled':true,'local_key_provider_enabled':false,'key_provider_id':'','public_logs':%b,'public_sysinfo':true,"
		"'public_tcbinfo':true,'allowed_envs':%j,'no_instance_id':false,'secure_time':false,'storage_fs':'zfs',"
		"'features':['kms','tproxy-net']", cvm->name, template->compose, (int)public_logs, template->allowed_envs);
	if (template->pre_launch_script != NULL)
		sb_shape(&draft, ",'pre_launch_script':%s", template->pre_launch_script);
	buf_add_text(&draft, "}");
	json *document = json_parse(draft.data, draft.len, NULL);
	if (document == NULL)
		mem_die("sandbox: a compose template gives no JSON");
	sb_manifest_print(out, document, cvm->form);
	json_free(document);
	buf_clear(&draft);
}

json *sb_cvm_document(const struct sb_cvm *cvm)
{
	json *document = json_parse(cvm->text, strlen(cvm->text), NULL);
	return document != NULL ? document : json_new_object();
}

void sb_cvm_set_text(struct sb_cvm *cvm, const char *text)
{
	char *kept = mem_strdup(text);
	free(cvm->text);
	cvm->text = kept;
	hash_sha256(cvm->hash, text, strlen(text));
}

void sb_cvm_add_epoch(struct sb_cvm *cvm, const char *source, const char *image, int64_t from_ms)
{
	cvm->epochs = mem_grow(cvm->epochs, cvm->epoch_count, &cvm->epoch_cap, sizeof(*cvm->epochs));
	struct sb_epoch *epoch = &cvm->epochs[cvm->epoch_count++];
	*epoch = (struct sb_epoch){ .from_ms = from_ms };
	text_copy(epoch->source, sizeof(epoch->source), source);
	text_copy(epoch->image, sizeof(epoch->image), image);
}

void sb_cvm_start_containers(struct sb_cvm *cvm, const char *text, int64_t at_ms)
{
	struct sb_service services[SB_SERVICES_MAX];
	json *document = json_parse(text, strlen(text), NULL);
	struct error none; /* an update with a broken one was refused */
	size_t count = sb_services_read(json_text(document, "docker_compose_file"), services, &none);
	for (size_t i = 0; i < count; i++)
		sb_cvm_add_epoch(cvm, services[i].name, services[i].image, at_ms + 150 * (int64_t)i);
	json_free(document);
}

void sb_cvm_add_revision(struct sb_world *world, struct sb_cvm *cvm, const char *operation, int64_t at_ms)
{
	cvm->revisions = mem_grow(cvm->revisions, cvm->revision_count, &cvm->revision_cap, sizeof(*cvm->revisions));
	struct sb_revision *revision = &cvm->revisions[cvm->revision_count];
	uint8_t id[HASH_SIZE];
	*revision = (struct sb_revision){ .at_ms = at_ms, .operation = operation };
	sb_world_derive(world->seed, "revision", (uint64_t)cvm->number * 1000 + cvm->revision_count, id);
	memcpy(revision->id, id, sizeof(revision->id));
	memcpy(revision->hash, cvm->hash, HASH_SIZE);
	revision->text = mem_strdup(cvm->text);
	revision->encrypted_env = mem_strdup(cvm->encrypted_env);
	cvm->revision_count++;
}

/* CVMs */

static struct sb_special plain_special(struct sb_world *world, size_t index, char name[SB_NAME_SIZE])
{
	uint8_t dice[HASH_SIZE];
	sb_world_derive(world->seed, "plain", index, dice);
	snprintf(name, SB_NAME_SIZE, "svc-%05zu", index - sb_special_count + 1);
	return (struct sb_special){ .name = name, .status = dice[0] % 12 == 0 ? SB_STOPPED : SB_RUNNING,
		.form = dice[1] % 5 == 0 ? SB_FORM_NORMALIZED : SB_FORM_COMPACT, .owner = SB_OWNED_BY_KEY, .onchain = dice[2] % 4 != 0,
		.device_allowed = dice[3] % 6 != 0, .newer = dice[4] % 2 == 0, .public_logs = true, .compose = dice[5] % sb_template_count };
}

static void cvm_register(struct sb_world *world, struct sb_cvm *cvm, const struct sb_special *special)
{
	static const uint8_t zero[SB_WORD_SIZE] = { 0 };
	uint8_t padded[SB_WORD_SIZE] = { 0 };
	const uint8_t *owner = special->owner == SB_OWNED_BY_SAFE ? world->safe :
		special->owner == SB_OWNED_BY_OTHER ? world->other : world->owner;
	struct sb_contract *app = sb_ledger_add_contract(world->ledger, SB_APP, cvm->app_id);
	app->newer = special->newer;
	cvm->contract = app;
	sb_contract_set_address(app, SB_OWNER, owner, 0);
	sb_contract_set_flag(app, SB_COMPOSE, cvm->hash, true, 0);
	if (special->device_allowed)
		sb_contract_set_flag(app, SB_DEVICE, cvm->node->device_id, true, 0);
	if (special->any_device)
		sb_contract_set_flag(app, SB_ANY_DEVICE, zero, true, 0);
	memcpy(padded + 12, cvm->app_id, SB_ADDRESS_SIZE);
	sb_contract_set_flag(world->kms_contract, SB_REGISTERED, padded, true, 0);
}

static void cvm_set_machine(struct sb_world *world, struct sb_cvm *cvm, size_t index)
{
	uint8_t bytes[HASH_SIZE];
	sb_world_derive(world->seed, "app", index, bytes);
	memcpy(cvm->app_id, bytes, SB_ADDRESS_SIZE);
	sb_world_derive(world->seed, "instance", index, bytes);
	memcpy(cvm->instance_id, bytes, SB_ADDRESS_SIZE);
	sb_world_derive(world->seed, "vm", index, bytes);
	memcpy(cvm->uuid, bytes, sizeof(cvm->uuid));
	cvm->number = 1000 + (int)index;
	cvm->node = &world->nodes[index == 0 ? 0 : bytes[20] % SB_NODES];
	cvm->vcpu = 1 << (bytes[21] % 4);
	cvm->memory_gb = 2 * cvm->vcpu;
	cvm->disk_gb = 20 * (1 + bytes[22] % 4);
	cvm->created_ms = world->began_ms - INT64_C(86400000) * (3 + bytes[23] % 90);
	cvm->booted_ms = world->began_ms - INT64_C(60000) * (30 + bytes[24] * 23);
}

static void cvm_start_logs(struct sb_world *world, struct sb_cvm *cvm, enum sb_status status)
{
	int64_t from = status == SB_STARTING || status == SB_STUCK ? world->began_ms : cvm->booted_ms;
	for (size_t i = 0; i < 3; i++)
		sb_cvm_add_epoch(cvm, ((const char *const[]){ "serial", "stdout", "stderr" })[i], "", from);
	if (status != SB_STARTING && status != SB_STUCK)
		sb_cvm_start_containers(cvm, cvm->text, from + 9000);
	for (size_t i = 0; status == SB_STOPPED && i < cvm->epoch_count; i++)
		cvm->epochs[i].until_ms = from + 900000;
}

static void cvm_make(struct sb_world *world, size_t index)
{
	char name[SB_NAME_SIZE];
	struct sb_special special = index < sb_special_count ? sb_specials[index] : plain_special(world, index, name);
	struct sb_cvm *cvm = &world->cvms[index];
	struct buf text = BUF_INIT;
	cvm_set_machine(world, cvm, index);
	text_copy(cvm->name, sizeof(cvm->name), special.name);
	cvm->status = special.status;
	cvm->form = special.form;
	cvm->kms = &world->kms[special.onchain ? 0 : 1];
	document_text(&text, cvm, &sb_templates[special.compose], special.public_logs);
	sb_cvm_set_text(cvm, buf_text(&text));
	buf_clear(&text);
	if (special.onchain)
		cvm_register(world, cvm, &special);
	cvm_start_logs(world, cvm, special.status);
	sb_cvm_add_revision(world, cvm, "create", cvm->created_ms);
}

struct sb_world *sb_world_new(struct loop *loop, uint64_t seed, size_t cvms, double speed, int64_t mine_ms, struct error *err)
{
	struct sb_world *world = mem_new(1, sizeof(*world));
	world->seed = seed;
	world->speed = speed;
	world->began_ms = clock_wall_ms();
	world->chain_id = SB_CHAIN_ID;
	world->ledger = sb_ledger_new(loop, seed, mine_ms);
	sb_world_derive(seed, "os-image", 0, world->os_image);
	make_nodes(world);
	if (!make_keys(world, err) || !make_kms(world, &world->kms[0], 0, err) || !make_kms(world, &world->kms[1], 1, err)) {
		sb_world_free(world);
		return NULL;
	}
	make_contracts(world);
	world->cvm_count = cvms < sb_special_count ? sb_special_count : cvms;
	world->cvms = mem_new(world->cvm_count, sizeof(*world->cvms));
	for (size_t i = 0; i < world->cvm_count; i++)
		cvm_make(world, i);
	return world;
}

static void cvm_clear(struct sb_cvm *cvm)
{
	for (size_t i = 0; i < cvm->revision_count; i++) {
		free(cvm->revisions[i].text);
		free(cvm->revisions[i].encrypted_env);
	}
	for (size_t i = 0; i < cvm->operation_count; i++)
		free(cvm->operations[i].error);
	for (size_t i = 0; i < cvm->pending_count; i++) {
		free(cvm->pending[i].text);
		free(cvm->pending[i].encrypted_env);
	}
	free(cvm->rollout.text);
	free(cvm->rollout.encrypted_env);
	free(cvm->revisions);
	free(cvm->operations);
	free(cvm->pending);
	free(cvm->epochs);
	free(cvm->encrypted_env);
	free(cvm->text);
}

void sb_world_free(struct sb_world *world)
{
	if (world == NULL)
		return;
	for (size_t i = 0; i < world->cvm_count; i++)
		cvm_clear(&world->cvms[i]);
	free(world->cvms);
	sb_ledger_free(world->ledger);
	free(world);
}
