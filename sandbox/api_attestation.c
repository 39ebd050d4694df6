/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine reports of itself: registers and an event log that replays to rtmr3. */
#include <string.h>

#include "base/mem.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

enum { RUNTIME_EVENT = 0x08000001 };

struct event_log {
	struct buf *out;
	uint8_t rtmr3[HASH_SHA384_SIZE];
	bool first;
};

static void event_begin(struct event_log *log)
{
	buf_add_text(log->out, log->first ? "" : ",");
	log->first = false;
}

/* A boot event of the firmware: measured elsewhere, only its digest is known. */
static void firmware_event(struct event_log *log, struct sb_world *world, int64_t imr, uint64_t index)
{
	uint8_t seed[HASH_SIZE], digest[HASH_SHA384_SIZE];
	sb_world_derive(world->seed, "firmware", index, seed);
	hash_sha384(digest, seed, sizeof(seed));
	event_begin(log);
	sb_shape(log->out, "{'imr':%d,'event_type':%d,'digest':%h,'event':'','event_payload':%h}", imr, (int64_t)2147483659, digest,
		sizeof(digest), seed, (size_t)16);
}

/* digest = SHA-384(type, little-endian | ':' | name | ':' | payload); the register takes it in. */
static void runtime_event(struct event_log *log, const char *name, const void *payload, size_t len)
{
	uint8_t digest[HASH_SHA384_SIZE], chained[2 * HASH_SHA384_SIZE];
	struct buf input = BUF_INIT;
	buf_add(&input, "\x01\x00\x00\x08:", 5);
	buf_add_text(&input, name);
	buf_add_byte(&input, ':');
	buf_add(&input, payload, len);
	hash_sha384(digest, input.data, input.len);
	buf_clear(&input);
	memcpy(chained, log->rtmr3, HASH_SHA384_SIZE);
	memcpy(chained + HASH_SHA384_SIZE, digest, HASH_SHA384_SIZE);
	hash_sha384(log->rtmr3, chained, sizeof(chained));
	event_begin(log);
	sb_shape(log->out, "{'imr':3,'event_type':%d,'digest':%h,'event':%s,'event_payload':%h}", (int64_t)RUNTIME_EVENT, digest,
		sizeof(digest), name, (const uint8_t *)payload, len);
}

static enum sb_report_lie lie_about(const struct sb_exchange *x)
{
	return sb_lies_about(x->sandbox, x->cvm) ? x->sandbox->faults.backend.attestation : SB_REPORT_TRUE;
}

static void boot_events(struct event_log *log, const struct sb_exchange *x)
{
	const struct sb_cvm *cvm = x->cvm;
	enum sb_report_lie lie = lie_about(x);
	uint8_t other[HASH_SIZE];
	struct buf provider = BUF_INIT;
	hash_sha256(other, cvm->hash, HASH_SIZE);
	sb_shape(&provider, "{'name':'kms','id':%h}", cvm->kms->ca_public, sizeof(cvm->kms->ca_public));
	runtime_event(log, "system-preparing", "", 0);
	runtime_event(log, "app-id", cvm->app_id, SB_ADDRESS_SIZE);
	runtime_event(log, "compose-hash", lie == SB_REPORT_OTHER_HASH || lie == SB_REPORT_LATE_HASH ? other : cvm->hash, HASH_SIZE);
	runtime_event(log, "instance-id", cvm->instance_id, SB_ADDRESS_SIZE);
	runtime_event(log, "boot-mr-done", "", 0);
	runtime_event(log, "os-image-hash", x->world->os_image, HASH_SIZE);
	runtime_event(log, "key-provider", provider.data, provider.len);
	runtime_event(log, "storage-fs", "zfs", 3);
	runtime_event(log, "system-ready", "", 0);
	if (lie == SB_REPORT_LATE_HASH) /* what an application can add by itself */
		runtime_event(log, "compose-hash", cvm->hash, HASH_SIZE);
	if (lie == SB_REPORT_NO_REPLAY)
		log->rtmr3[0] ^= 1;
	buf_clear(&provider);
}

static void shape_register(struct buf *out, struct sb_world *world, const char *name)
{
	uint8_t seed[HASH_SIZE], value[HASH_SHA384_SIZE];
	sb_world_derive(world->seed, name, 0, seed);
	hash_sha384(value, seed, sizeof(seed));
	sb_shape(out, "'%j':%h,", name, value, sizeof(value));
}

void sb_get_attestation(struct sb_exchange *x)
{
	struct sb_stage stage = sb_stage_now(x->world, x->cvm);
	struct buf events = BUF_INIT;
	struct event_log log = { .out = &events, .first = true };
	if (strcmp(stage.status, "running") != 0 || lie_about(x) == SB_REPORT_NONE) {
		sb_shape(&x->out, "{'is_online':false,'is_public':true,'error':'CVM is not running','name':%s,'app_certificates':null,"
			"'tcb_info':null,'compose_file':null}", x->cvm->name);
		return;
	}
	if (lie_about(x) == SB_REPORT_PRIVATE) {
		sb_shape(&x->out, "{'is_online':true,'is_public':false,'error':null,'name':%s,'app_certificates':null,'tcb_info':null,"
			"'compose_file':null}", x->cvm->name);
		return;
	}
	for (uint64_t i = 0; i < 6; i++)
		firmware_event(&log, x->world, (int64_t)(i / 2), i);
	boot_events(&log, x);
	sb_shape(&x->out, "{'is_online':true,'is_public':true,'error':null,'name':%s,'app_certificates':[],'tcb_info':{", x->cvm->name);
	for (size_t i = 0; i < 4; i++)
		shape_register(&x->out, x->world, ((const char *const[]){ "mrtd", "rtmr0", "rtmr1", "rtmr2" })[i]);
	sb_shape(&x->out, "'rootfs_hash':null,'rtmr3':%h,'event_log':[%t],'app_compose':%s},'compose_file':%s}", log.rtmr3, sizeof(log.rtmr3),
		&events, x->cvm->text, x->cvm->text);
	buf_clear(&events);
}
