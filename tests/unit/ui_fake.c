/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cloud/logs.h"
#include "cloud/workspace.h"
#include "rollout/journal.h"

/* ---- session ---- */

struct session {
	struct loop *loop;
	struct cvm *cvms;
	size_t count, *rows, shown, selected;
	char filter[128];
	enum workspace_column column;
	bool descending;
	struct workspace_state state;
};

static struct session *present;

static const struct { const char *name, *status, *node, *region, *kms; enum cvm_state state; } kinds[] = {
	{ "payments-api", "running", "prod1", "us-w1", "base", CVM_STATE_RUNNING },
	{ "svc", "starting", "prod2", "eu-c1", "base", CVM_STATE_CHANGING },
	{ "svc", "running", "prod3", "us-e2", "phala", CVM_STATE_RUNNING },
	{ "svc", "stopped", "prod4", "us-w1", "phala", CVM_STATE_STOPPED },
	{ "svc", "error", "prod5", "ap-s1", "base", CVM_STATE_FAILED },
};

static void make_cvm(struct cvm *cvm, size_t i)
{
	size_t kind = i ? 1 + (i - 1) % 4 : 0;

	if (i)
		snprintf(cvm->name, sizeof(cvm->name), "%s-%05zu", kinds[kind].name, i);
	else
		text_copy(cvm->name, sizeof(cvm->name), kinds[0].name);
	text_copy(cvm->status, sizeof(cvm->status), kinds[kind].status);
	text_copy(cvm->node_name, sizeof(cvm->node_name), kinds[kind].node);
	text_copy(cvm->node_region, sizeof(cvm->node_region), kinds[kind].region);
	text_copy(cvm->kms_type, sizeof(cvm->kms_type), kinds[kind].kms);
	snprintf(cvm->vm_uuid, sizeof(cvm->vm_uuid), "%08x-1111-4222-8333-444455556666", (unsigned)i);
	snprintf(cvm->app_id, sizeof(cvm->app_id), "5fc8d32690cc91d4c39d9d3abcbd1698%08x", (unsigned)i * 7919u + 0x9F875707u);
	snprintf(cvm->compose_hash, sizeof(cvm->compose_hash), "%s", FAKE_HASH_OLD);
	snprintf(cvm->device_id, sizeof(cvm->device_id), "%s", FAKE_DEVICE);
	cvm->state = (uint8_t)kinds[kind].state;
	cvm->uptime_s = cvm->state == CVM_STATE_STOPPED ? -1 : (int64_t)(273600 + i * 3671) % 300000;
	cvm->chain_id = strcmp(cvm->kms_type, "base") == 0 ? 8453 : 0;
	if (cvm->chain_id)
		text_copy(cvm->app_address, sizeof(cvm->app_address), FAKE_CONTRACT);
	cvm->public_logs = CVM_YES;
	cvm->public_sysinfo = CVM_NO;
	if (cvm->state == CVM_STATE_CHANGING)
		text_copy(cvm->operation, sizeof(cvm->operation), "compose_update");
	if (cvm->state == CVM_STATE_FAILED)
		text_copy(cvm->boot_error, sizeof(cvm->boot_error), "image pull failed: no such tag");
}

static void show_rows(struct session *session)
{
	size_t i;

	session->shown = 0;
	for (i = 0; i < session->count; i++)
		if (strstr(session->cvms[i].name, session->filter) || strstr(session->cvms[i].status, session->filter))
			session->rows[session->shown++] = i;
}

struct session *fake_session(struct loop *loop, size_t cvms)
{
	struct session *session = mem_new(1, sizeof(*session));
	size_t i;

	session->loop = loop;
	session->count = cvms;
	session->cvms = mem_new(cvms, sizeof(*session->cvms));
	session->rows = mem_new(cvms, sizeof(*session->rows));
	for (i = 0; i < cvms; i++)
		make_cvm(&session->cvms[i], i);
	show_rows(session);
	present = session;
	return session;
}

void fake_session_free(struct session *session)
{
	free(session->cvms);
	free(session->rows);
	free(session);
	present = NULL;
}

struct loop *session_loop(struct session *session) { return session->loop; }
struct http *session_http(struct session *session) { (void)session; return NULL; }
struct api *session_api(struct session *session) { return (struct api *)session; }
struct workspace *session_workspace(struct session *session) { return (struct workspace *)session; }
void session_on_change(struct session *session, void (*changed)(void *ctx), void *ctx) { (void)session; (void)changed; (void)ctx; }

const char *session_state_dir(const struct session *session) { (void)session; return "/nonexistent"; }
void session_watch_health(struct session *session) { (void)session; }

struct journal *session_journal(struct session *session, struct error *err)
{
	(void)err;
	return (struct journal *)session;
}

void session_health(const struct session *session, struct session_health *out)
{
	(void)session;
	*out = (struct session_health){ .api_ok = true, .rpc_ok = true, .api_ms = 42, .rpc_ms = 61, .api_status = 200, .rpc_status = 200, .block = 31245118, .chain_id = 8453,
		                        .user = "op@example.com", .workspace = "acme" };
}

/* ---- workspace ---- */

static struct session *of(const struct workspace *workspace) { (void)workspace; return present; }
const struct workspace_state *workspace_state(const struct workspace *workspace) { return &of(workspace)->state; }
size_t workspace_rows(const struct workspace *workspace) { return of(workspace)->shown; }
size_t workspace_count(const struct workspace *workspace) { return of(workspace)->count; }
const char *workspace_filter_text(const struct workspace *workspace) { return of(workspace)->filter; }
enum workspace_column workspace_sort_column(const struct workspace *workspace) { return of(workspace)->column; }
bool workspace_sort_descending(const struct workspace *workspace) { return of(workspace)->descending; }
void workspace_select(struct workspace *workspace, size_t row) { of(workspace)->selected = row; }
void workspace_watch(struct workspace *workspace, size_t first, size_t count) { (void)workspace; (void)first; (void)count; }
void workspace_on_change(struct workspace *workspace, workspace_fn *changed, void *ctx) { (void)workspace; (void)changed; (void)ctx; }
void workspace_refresh(struct workspace *workspace) { (void)workspace; }
void workspace_renew(struct workspace *workspace, const struct cvm *cvm) { (void)workspace; (void)cvm; }

const struct cvm *workspace_row(const struct workspace *workspace, size_t row)
{
	return row < of(workspace)->shown ? &of(workspace)->cvms[of(workspace)->rows[row]] : NULL;
}

enum workspace_match workspace_find(const struct workspace *workspace, const char *text, const struct cvm **out, size_t max, size_t *count)
{
	size_t i;

	*count = 0;
	for (i = 0; i < workspace_rows(workspace); i++)
		if (strcmp(workspace_row(workspace, i)->name, text) == 0 && (*count)++ < max)
			out[*count - 1] = workspace_row(workspace, i);
	return *count == 0 ? WORKSPACE_NONE : *count == 1 ? WORKSPACE_ONE : WORKSPACE_SEVERAL;
}

size_t workspace_selected(const struct workspace *workspace)
{
	size_t last = of(workspace)->shown ? of(workspace)->shown - 1 : 0;

	return of(workspace)->selected < last ? of(workspace)->selected : last;
}

void workspace_filter(struct workspace *workspace, const char *text)
{
	text_copy(of(workspace)->filter, sizeof(of(workspace)->filter), text);
	show_rows(of(workspace));
}

void workspace_sort(struct workspace *workspace, enum workspace_column column, bool descending)
{
	of(workspace)->column = column;
	of(workspace)->descending = descending;
}

/* ---- the API: what was asked is answered on the next turn ---- */

struct api_call {
	void *fn, *ctx;
	void (*answer)(struct api_call *call);
};

static void answer_later(void *ctx)
{
	struct api_call *call = ctx;

	call->answer(call);
	free(call);
}

static struct api_call *ask(void (*answer)(struct api_call *call), void *fn, void *ctx)
{
	struct api_call *call = mem_new(1, sizeof(*call));

	*call = (struct api_call){ fn, ctx, answer };
	loop_defer(present->loop, answer_later, call);
	return call;
}

void api_cancel(struct api_call *call)
{
	loop_undefer(present->loop, call);
	free(call);
}

/* A function pointer kept in a data pointer, as POSIX allows. */
#define CALL(type, call) (*(type **)&(call)->fn)

static void answer_cvm(struct api_call *call)
{
	struct api_reply reply = { .status = 200 };
	struct cvm_endpoint endpoint = { .app = mem_strdup("https://5fc8d326-80.dstack.example") };
	struct cvm_detail detail = { .cvm = present->cvms[0], .endpoints = &endpoint, .endpoint_count = 1 };

	CALL(api_cvm_fn, call)(call->ctx, &reply, &detail);
	free(endpoint.app);
}

struct api_call *api_get_cvm(struct api *api, const char *ref, const char *version, api_cvm_fn *fn, void *ctx)
{
	(void)api;
	(void)ref;
	(void)version;
	return ask(answer_cvm, *(void **)&fn, ctx);
}

static struct api_container containers[] = {
	{ .id = "c2", .name = "worker", .image = "busybox:1.36", .state = "running" },
	{ .id = "c1", .name = "web", .image = "nginx:1.25", .state = "running" },
	{ .id = "c2", .name = "worker", .image = "busybox:1.36", .state = "running" },
};
static bool one_is_gone, logs_are_off;
static char web_url[32] = "http://logs/web";

void fake_container_replaced(bool same_address)
{
	static unsigned number;

	snprintf(containers[1].id, sizeof(containers[1].id), "c1-%u", ++number);
	if (!same_address)
		snprintf(web_url, sizeof(web_url), "http://logs/web-%u", number);
}

void fake_logs_off(bool off)
{
	logs_are_off = off;
}

void fake_container(const char *state)
{
	one_is_gone = !state[0];
	text_copy(containers[1].state, sizeof(containers[1].state), state);
}

static void answer_composition(struct api_call *call)
{
	struct api_reply reply = { .status = 200 };
	struct api_composition composition = { .is_online = true, .containers = one_is_gone ? containers : containers + 1, .count = one_is_gone ? 1 : 2 };

	CALL(api_composition_fn, call)(call->ctx, &reply, &composition);
}

struct api_call *api_get_composition(struct api *api, const char *ref, api_composition_fn *fn, void *ctx)
{
	(void)api;
	(void)ref;
	return ask(answer_composition, *(void **)&fn, ctx);
}

static void answer_devices(struct api_call *call)
{
	static const struct api_device devices[] = {
		{ .device_id = FAKE_DEVICE, .node_name = "prod1", .allowed = CVM_NO },
		{ .device_id = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", .node_name = "prod2", .allowed = CVM_YES },
	};
	struct api_reply reply = { .status = 200 };
	struct api_devices answer = { .onchain = CVM_YES, .allow_any = CVM_NO, .chain_id = 8453, .app_address = FAKE_CONTRACT, .devices = devices, .count = 2 };

	CALL(api_devices_fn, call)(call->ctx, &reply, &answer);
}

struct api_call *api_get_devices(struct api *api, const char *app, api_devices_fn *fn, void *ctx)
{
	(void)api;
	(void)app;
	return ask(answer_devices, *(void **)&fn, ctx);
}

/* ---- logs ---- */

struct log_stream {
	struct log_handler handler;
	char name[64];
	struct log_stream *next;
	struct loop_timer timer;
};

static struct log_stream *streams;
static unsigned opened;

unsigned fake_log_opened(void)
{
	return opened;
}

void fake_log_cut(const char *source)
{
	struct log_stream *stream;
	struct error err = { 0 };

	for (stream = streams; stream; stream = stream->next)
		if (strcmp(stream->name, source) == 0)
			stream->handler.state(stream->handler.ctx, LOG_WAITING, clock_wall_ms() + 1000, &err);
}

static struct session_logs log_limits = { .memory = SESSION_LOG_MEMORY };

void fake_log_limits(const struct session_logs *limits)
{
	log_limits = *limits;
}

struct session_logs session_logs(const struct session *it)
{
	(void)it;
	return log_limits;
}

bool log_sources_add_channels(struct log_sources *sources, const struct cvm_detail *detail, struct error *err)
{
	(void)detail;
	if (logs_are_off)
		return error_set(err, STATUS_API, "logs-off", "the logs of payments-api are off");
	sources->items = mem_new(3, sizeof(*sources->items));
	sources->count = 2;
	sources->items[0] = (struct log_source){ .kind = LOG_KIND_SERIAL, .name = "serial" };
	sources->items[1] = (struct log_source){ .kind = LOG_KIND_STDOUT, .name = "stdout" };
	return true;
}

void log_sources_add_containers(struct log_sources *sources, const struct api_composition *composition)
{
	size_t i;

	sources->items = mem_new(composition->count, sizeof(*sources->items));
	sources->count = composition->count;
	for (i = 0; i < composition->count; i++) {
		sources->items[i].kind = LOG_KIND_CONTAINER;
		text_copy(sources->items[i].name, sizeof(sources->items[i].name), composition->containers[i].name);
		text_copy(sources->items[i].id, sizeof(sources->items[i].id), composition->containers[i].id);
		if (strcmp(sources->items[i].name, "web") == 0)
			sources->items[i].url = mem_printf("%s?token=%s", web_url, composition->containers[i].id);
		text_copy(sources->items[i].state, sizeof(sources->items[i].state), composition->containers[i].state);
	}
}

void log_sources_clear(struct log_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		free(sources->items[i].url);
	free(sources->items);
	*sources = (struct log_sources){ 0 };
}

static void stream_opens(void *ctx)
{
	struct log_stream *stream = ctx;

	stream->handler.state(stream->handler.ctx, LOG_STREAMING, 0, NULL);
}

struct log_stream *log_stream_start(struct loop *loop, struct http *http, const struct log_source *source, const struct log_query *query,
                                    const struct log_handler *handler)
{
	struct log_stream *stream = mem_new(1, sizeof(*stream));

	(void)http;
	(void)query;
	opened++;
	stream->handler = *handler;
	text_copy(stream->name, sizeof(stream->name), source->name);
	stream->next = streams;
	streams = stream;
	loop_timer_set(loop, &stream->timer, 0, stream_opens, stream);
	return stream;
}

unsigned log_stream_reconnects(const struct log_stream *stream)
{
	(void)stream;
	return 0;
}

void log_stream_resume(struct log_stream *stream)
{
	(void)stream;
}

void log_stream_free(struct log_stream *stream)
{
	struct log_stream **at = &streams;

	while (*at && *at != stream)
		at = &(*at)->next;
	if (*at)
		*at = stream->next;
	if (stream)
		loop_timer_cancel(&stream->timer);
	free(stream);
}

bool fake_log_bytes(const char *source, const char *bytes, size_t len)
{
	struct log_stream *stream;
	bool more = true;

	for (stream = streams; stream; stream = stream->next)
		if (strcmp(stream->name, source) == 0) {
			struct log_line line = { .channel = LOG_STDOUT, .stamp_ns = clock_wall_ms() * 1000000, .text = bytes, .len = len };

			more = stream->handler.line(stream->handler.ctx, &line);
		}
	return more;
}

void fake_log_line(const char *source, const char *text)
{
	fake_log_bytes(source, text, strlen(text));
}

/* ---- journal ---- */

bool journal_list(struct journal *journal, const char *cvm_uuid, bool open_only, size_t max, struct journal_rollout **list, size_t *count,
                  struct error *err)
{
	(void)journal;
	(void)cvm_uuid;
	(void)open_only;
	(void)max;
	(void)err;
	*list = mem_new(2, sizeof(**list));
	(*list)[0] = (struct journal_rollout){ .id = "20260101-000000-aaaaaa", .kind = "update", .cvm_name = "payments-api", .old_hash = FAKE_HASH_OLD,
		                               .new_hash = FAKE_HASH_NEW, .phase = "mining", .began_ms = clock_wall_ms() - 300000 };
	(*list)[1] = (struct journal_rollout){ .id = "20251231-000000-bbbbbb", .kind = "update", .cvm_name = "svc-00002", .old_hash = FAKE_HASH_NEW,
		                               .new_hash = FAKE_HASH_OLD, .phase = "done", .outcome = "done", .began_ms = clock_wall_ms() - 90000000 };
	*count = 2;
	return true;
}

bool journal_entries(struct journal *journal, const char *id, journal_entry_fn *fn, void *ctx, struct error *err)
{
	struct journal_entry entry = { .kind = JOURNAL_PLAN, .at_ms = clock_wall_ms(), .what = "review", .digest = "", .hash = "", .text = "" };

	(void)journal;
	(void)id;
	(void)err;
	fn(ctx, &entry);
	return true;
}

bool journal_load(struct journal *journal, const char *id, char **state, char **plan, struct error *err)
{
	(void)journal;
	(void)id;
	(void)state;
	(void)plan;
	return error_set(err, STATUS_INPUT, "journal-damaged", "The example journal keeps no plans.");
}

const char *journal_kind_name(enum journal_kind kind)
{
	(void)kind;
	return "plan";
}

void journal_describe(struct buf *out, const struct journal_entry *entry)
{
	buf_add_text(out, entry->what);
}

/* ---- revisions and updates that wait: there are none ---- */

static void answer_revisions(struct api_call *call)
{
	struct api_reply reply = { .status = 200 };
	struct api_revisions none = { .page = 1, .pages = 1 };

	CALL(api_revisions_fn, call)(call->ctx, &reply, &none);
}

struct api_call *api_get_revisions(struct api *api, const char *app, size_t page, api_revisions_fn *fn, void *ctx)
{
	(void)api;
	(void)app;
	(void)page;
	return ask(answer_revisions, *(void **)&fn, ctx);
}

static void answer_no_bytes(struct api_call *call)
{
	struct api_reply reply = { .status = 404 };

	error_set(&reply.error, STATUS_API, "not-found", "there is no such document");
	CALL(api_bytes_fn, call)(call->ctx, &reply, NULL, 0);
}

struct api_call *api_get_revision(struct api *api, const char *app, const char *id, api_bytes_fn *fn, void *ctx)
{
	(void)api;
	(void)app;
	(void)id;
	return ask(answer_no_bytes, *(void **)&fn, ctx);
}

struct api_call *api_get_compose(struct api *api, const char *ref, bool raw, api_bytes_fn *fn, void *ctx)
{
	(void)api;
	(void)ref;
	(void)raw;
	return ask(answer_no_bytes, *(void **)&fn, ctx);
}

static void answer_pending(struct api_call *call)
{
	struct api_reply reply = { .status = 200 };

	CALL(api_pending_fn, call)(call->ctx, &reply, NULL, 0);
}

struct api_call *api_get_pending(struct api *api, const char *app, api_pending_fn *fn, void *ctx)
{
	(void)api;
	(void)app;
	return ask(answer_pending, *(void **)&fn, ctx);
}

static void answer_preview(struct api_call *call)
{
	struct api_reply reply = { .status = 200 };
	struct api_preview preview = { 0 };

	CALL(api_preview_fn, call)(call->ctx, &reply, &preview);
}

struct api_call *api_get_preview(struct api *api, const char *app, const char *uuid, const char *compose_hash, api_preview_fn *fn, void *ctx)
{
	(void)api;
	(void)app;
	(void)uuid;
	(void)compose_hash;
	return ask(answer_preview, *(void **)&fn, ctx);
}

const struct cvm *fake_cvm(void)
{
	return &present->cvms[0];
}
