/* SPDX-License-Identifier: Apache-2.0 */
/* One CVM: itself, its documents, its containers, its state now or as a stream. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "sandbox/routes.h"
#include "sandbox/shape.h"
#include "sandbox/stages.h"

void sb_get_cvm(struct sb_exchange *x)
{
	sb_shape_cvm(&x->out, x, x->cvm, true);
	sb_stage_told(x->world, x->cvm);
}

void sb_get_compose_file(struct sb_exchange *x)
{
	const char *raw = sb_request_query(x->request, "raw");
	sb_stage_now(x->world, x->cvm);
	if (raw != NULL && (text_equal(raw, "1") || text_equal(raw, "true"))) {
		x->type = "text/plain; charset=utf-8";
		buf_add_text(&x->out, x->cvm->text);
		return;
	}
	json *document = sb_cvm_document(x->cvm);
	json_print(&x->out, document);
	json_free(document);
}

static void answer_member(struct sb_exchange *x, const char *name)
{
	sb_stage_now(x->world, x->cvm);
	json *document = sb_cvm_document(x->cvm);
	x->type = "text/plain; charset=utf-8";
	buf_add_text(&x->out, json_text(document, name));
	json_free(document);
}

void sb_get_docker_compose(struct sb_exchange *x)
{
	answer_member(x, "docker_compose_file");
}

void sb_get_pre_launch(struct sb_exchange *x)
{
	answer_member(x, "pre_launch_script");
}

/* Containers */

static void shape_container(struct buf *out, const struct sb_exchange *x, const struct sb_epoch *epoch, int64_t now)
{
	uint8_t id[HASH_SIZE];
	char uuid[SB_UUID_TEXT], since[TEXT_SHORT_SIZE], name[72], *status, *log;
	bool up = epoch->until_ms == 0 || epoch->until_ms > now;
	int64_t ago;
	sb_world_derive(x->world->seed ^ (uint64_t)epoch->from_ms, epoch->source, (uint64_t)x->cvm->number, id);
	ago = now - (up ? epoch->from_ms : epoch->until_ms);
	text_duration(since, ago < 1000 ? 1000 : ago); /* whole seconds, as a container engine says it */
	status = up ? mem_printf("Up %s", since) : mem_printf("Exited (143) %s ago", since);
	log = mem_printf("%s/clog/%s/%s", x->world->log_base, sb_uuid_text(uuid, x->cvm->uuid), epoch->source);
	text_copy(name, sizeof(name), "/");
	text_copy(name + 1, sizeof(name) - 1, epoch->source);
	sb_shape(out, "{'id':%h,'names':[%s],'image':%s,'image_id':'sha256:%j','command':null,'created':%d,'state':%s,'status':%s,"
		"'log_endpoint':%s}", id, sizeof(id), name, epoch->image, "0", epoch->from_ms / 1000, up ? "running" : "exited", status, log);
	free(status);
	free(log);
}

/* The newest run of each source that is a container and has begun. */
static bool epoch_is_shown(const struct sb_cvm *cvm, size_t i, int64_t now)
{
	const struct sb_epoch *epoch = &cvm->epochs[i];
	if (epoch->image[0] == '\0' || epoch->from_ms > now)
		return false;
	if (epoch->until_ms != 0 && epoch->until_ms <= now && cvm->status == SB_RUNNING && !cvm->rollout.active)
		return false;
	for (size_t later = i + 1; later < cvm->epoch_count; later++)
		if (text_equal(cvm->epochs[later].source, epoch->source) && cvm->epochs[later].from_ms <= now)
			return false;
	return true;
}

static void shape_containers(struct sb_exchange *x)
{
	int64_t now = clock_wall_ms();
	bool first = true;
	for (size_t i = 0; i < x->cvm->epoch_count; i++) {
		if (!epoch_is_shown(x->cvm, i, now))
			continue;
		buf_add_text(&x->out, first ? "" : ",");
		first = false;
		shape_container(&x->out, x, &x->cvm->epochs[i], now);
	}
}

void sb_get_composition(struct sb_exchange *x)
{
	struct sb_stage stage = sb_stage_now(x->world, x->cvm);
	json *document = sb_cvm_document(x->cvm);
	bool online = strcmp(stage.status, "running") == 0 || stage.boot_progress != NULL;
	bool is_public = json_flag(document, "public_sysinfo", true);
	sb_shape(&x->out, "{'is_online':%b,'is_public':%b,'error':%s,'docker_compose_file':%s,'manifest_version':2,'version':'1.0.0',"
		"'runner':'docker-compose','features':['kms','tproxy-net'],'containers':[", (int)online, (int)is_public,
		online ? NULL : "CVM is offline", json_text(document, "docker_compose_file"));
	if (online && is_public)
		shape_containers(x);
	buf_add_text(&x->out, "]}");
	json_free(document);
}

void sb_get_network(struct sb_exchange *x)
{
	struct sb_stage stage = sb_stage_now(x->world, x->cvm);
	sb_shape(&x->out, "{'is_online':%b,'is_public':true,'error':null,'internal_ip':'10.4.0.12','latest_handshake':'3s ago','public_urls':[]}",
		(int)(strcmp(stage.status, "running") == 0));
}

void sb_get_stats(struct sb_exchange *x)
{
	struct sb_stage stage = sb_stage_now(x->world, x->cvm);
	sb_shape(&x->out, "{'is_online':%b,'is_public':true,'error':null,'sysinfo':null,'status':%s,'in_progress':%b,'boot_progress':%s,"
		"'boot_error':%s}", (int)(strcmp(stage.status, "running") == 0), stage.status, (int)stage.in_progress, stage.boot_progress,
		stage.boot_error);
}

void sb_get_user_config(struct sb_exchange *x)
{
	sb_shape(&x->out, "{'hostname':null,'ssh_authorized_keys':[],'default_gateway_domain':null}");
}

/* State: once, or until the target */

struct watch {
	struct sb_sandbox *sandbox;
	struct sb_world *world;
	uint64_t generation;
	size_t cvm;
	char target[32];
	int64_t interval_ms, until_ms, next_ms;
	struct buf last;
	bool done;
};

static void event_add(struct buf *out, const char *name, const struct buf *data)
{
	buf_add_format(out, "event: %s\ndata: %s\n\n", name, buf_text(data));
}

/* A reset makes another world; the stream of the old one ends. */
static int64_t watch_pull(void *ctx, struct buf *out)
{
	struct watch *watch = ctx;
	struct buf state = BUF_INIT;
	int64_t now = clock_mono_ms();
	if (watch->done || watch->sandbox->generation != watch->generation)
		return SB_STREAM_END;
	struct sb_cvm *cvm = &watch->world->cvms[watch->cvm];
	sb_shape_status(&state, watch->world, cvm);
	struct sb_stage stage = sb_stage_now(watch->world, cvm);
	if (now >= watch->next_ms || strcmp(buf_text(&state), buf_text(&watch->last)) != 0) {
		event_add(out, "state", &state);
		buf_reset(&watch->last);
		buf_add(&watch->last, buf_text(&state), state.len);
		watch->next_ms = now + watch->interval_ms;
	}
	buf_clear(&state);
	if (!stage.in_progress && text_equal(stage.status, watch->target)) {
		buf_add_format(out, "event: complete\ndata: {\"message\":\"CVM reached %s\"}\n\n", watch->target);
		watch->done = true;
	} else if (now >= watch->until_ms) {
		buf_add_text(out, "event: timeout\ndata: {\"message\":\"Timed out\"}\n\n");
		watch->done = true;
	}
	return 150;
}

static void watch_free(void *ctx)
{
	struct watch *watch = ctx;
	watch->sandbox->streams--;
	buf_clear(&watch->last);
	free(watch);
}

static void state_stream(struct sb_exchange *x, const char *target)
{
	if (x->sandbox->streams >= SB_STREAMS_MAX) {
		sb_fail(x, 429, "Too many concurrent state streams");
		return;
	}
	struct watch *watch = mem_new(1, sizeof(*watch));
	watch->sandbox = x->sandbox;
	watch->world = x->world;
	watch->generation = x->sandbox->generation;
	watch->cvm = (size_t)(x->cvm - x->world->cvms);
	watch->interval_ms = 1000 * sb_query_number(x, "interval", 5, 5, 30);
	watch->until_ms = clock_mono_ms() + 1000 * sb_query_number(x, "timeout", 300, 10, 600);
	text_copy(watch->target, sizeof(watch->target), target);
	x->sandbox->streams++;
	const struct sb_stream stream = { .pull = watch_pull, .free = watch_free, .ctx = watch };
	sb_request_set_header(x->request, "Cache-Control", "no-cache");
	sb_reply_stream(x->request, 200, "text/event-stream", &stream);
}

void sb_get_state(struct sb_exchange *x)
{
	const char *target = sb_request_query(x->request, "target");
	if (target != NULL && target[0] != '\0')
		state_stream(x, target);
	else
		sb_shape_status(&x->out, x->world, x->cvm);
}
