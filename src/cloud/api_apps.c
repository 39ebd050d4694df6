/* SPDX-License-Identifier: Apache-2.0 */
/* The typed reads about apps: devices, nodes, revisions, pending updates, KMS and owner. */
#include "cloud/api_take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

#define FN(type) ((type *)call->fn)

static int64_t take_time(const json *item, const char *path)
{
	int64_t ms;

	return clock_parse(json_text(item, path), &ms, NULL) ? ms : 0;
}

static uint64_t take_chain(const json *value, const char *path)
{
	int64_t id = json_int(value, path, 0);

	return id < 0 ? 0 : (uint64_t)id;
}

/* ---- devices ---- */

static void end_devices(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	const json *list = json_member(tree, "devices"), *item = json_first(list);
	size_t count = api_take_count(list), i;
	struct api_device *items = mem_new(count + 1, sizeof(*items));
	struct api_devices devices = { .onchain = api_take_flag(tree, "is_onchain_kms"), .allow_any = api_take_flag(tree, "allow_any_device"),
		.chain_id = take_chain(tree, "chain_id"), .devices = items, .count = count };

	api_take_address(devices.app_address, tree, "app_contract_address");
	for (i = 0; i < count; i++, item = json_next(item)) {
		api_take_hex(items[i].device_id, sizeof(items[i].device_id), item, "device_id");
		api_take_text(items[i].node_name, sizeof(items[i].node_name), item, "node_name");
		api_take_text(items[i].status, sizeof(items[i].status), item, "status");
		items[i].allowed = api_take_flag(item, "allowed_onchain");
	}
	FN(api_devices_fn)(call->ctx, &reply, tree ? &devices : NULL);
	free(items);
	json_free(tree);
}

struct api_call *api_get_devices(struct api *api, const char *app, api_devices_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_app_path(app, "/device-allowlist", &err);

	return api_read(api, path, &err, NULL, end_devices, (void (*)(void))fn, ctx);
}

/* ---- revisions ---- */

static void take_revision(struct api_revision *out, const json *item)
{
	api_take_word(out->id, sizeof(out->id), item, "revision_id");
	api_take_word(out->vm_uuid, sizeof(out->vm_uuid), item, "vm_uuid");
	api_take_hex(out->compose_hash, sizeof(out->compose_hash), item, "compose_hash");
	api_take_text(out->operation, sizeof(out->operation), item, "operation_type");
	api_take_text(out->by, sizeof(out->by), item, "triggered_by.username");
	out->created_ms = take_time(item, "created_at");
}

static void end_revisions(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	const json *list = json_member(tree, "revisions"), *item = json_first(list);
	size_t count = api_take_count(list), i;
	struct api_revision *items = mem_new(count + 1, sizeof(*items));
	struct api_revisions revisions = { items, count, (size_t)json_int(tree, "total", (int64_t)count), (size_t)json_int(tree, "page", 1),
		(size_t)json_int(tree, "total_pages", 1) };

	for (i = 0; i < count; i++, item = json_next(item))
		take_revision(&items[i], item);
	FN(api_revisions_fn)(call->ctx, &reply, tree ? &revisions : NULL);
	free(items);
	json_free(tree);
}

struct api_call *api_get_revisions(struct api *api, const char *app, size_t page, api_revisions_fn *fn, void *ctx)
{
	struct error err;
	char rest[64];

	snprintf(rest, sizeof(rest), "/revisions?page=%zu&page_size=50", page);
	return api_read(api, api_app_path(app, rest, &err), &err, NULL, end_revisions, (void (*)(void))fn, ctx);
}

static void end_revision(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	const json *file = json_member(tree, "compose_file");
	struct buf text = BUF_INIT;

	if (json_kind(file) == JSON_STRING)
		buf_add_text(&text, json_string(file, ""));
	else if (json_kind(file) == JSON_OBJECT)
		json_print(&text, file);
	else if (tree)
		error_set(&reply.error, STATUS_API, "bad-shape", "the API no longer has this revision's compose file");
	FN(api_bytes_fn)(call->ctx, &reply, text.len ? buf_text(&text) : NULL, text.len);
	buf_clear(&text);
	json_free(tree);
}

struct api_call *api_get_revision(struct api *api, const char *app, const char *id, api_bytes_fn *fn, void *ctx)
{
	struct error err;
	char *rest = mem_printf("/revisions/%s?raw_compose_file=true", api_is_word(id) ? id : "0");
	char *path = api_app_path(app, rest, &err);

	free(rest);
	return api_read(api, path, &err, NULL, end_revision, (void (*)(void))fn, ctx);
}

/* ---- prepared updates ---- */

static void end_pending(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	const json *list = json_member(tree, "items"), *item = json_first(list);
	size_t count = api_take_count(list), i;
	struct api_pending *items = mem_new(count + 1, sizeof(*items));

	for (i = 0; i < count; i++, item = json_next(item)) {
		api_take_word(items[i].vm_uuid, sizeof(items[i].vm_uuid), item, "vm_uuid");
		api_take_hex(items[i].compose_hash, sizeof(items[i].compose_hash), item, "compose_hash");
		api_take_text(items[i].instance, sizeof(items[i].instance), item, "instance_name");
		items[i].on_chain = json_flag(item, "on_chain", false);
	}
	FN(api_pending_fn)(call->ctx, &reply, tree ? items : NULL, count);
	free(items);
	json_free(tree);
}

struct api_call *api_get_pending(struct api *api, const char *app, api_pending_fn *fn, void *ctx)
{
	struct error err;
	char *path = api_app_path(app, "/pending-updates", &err);

	return api_read(api, path, &err, NULL, end_pending, (void (*)(void))fn, ctx);
}

static void end_preview(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	struct api_preview preview = {
		json_string(json_member(tree, "current_docker_compose"), NULL), json_string(json_member(tree, "pending_docker_compose"), NULL),
		json_string(json_member(tree, "current_pre_launch_script"), NULL), json_string(json_member(tree, "pending_pre_launch_script"), NULL),
	};

	FN(api_preview_fn)(call->ctx, &reply, tree ? &preview : NULL);
	json_free(tree);
}

struct api_call *api_get_preview(struct api *api, const char *app, const char *uuid, const char *compose_hash, api_preview_fn *fn, void *ctx)
{
	struct error err;
	bool good = api_is_word(uuid) && api_is_word(compose_hash);
	char *rest = mem_printf("/pending-updates/%s/%s/preview", good ? uuid : "0", good ? compose_hash : "0");
	char *path = api_app_path(app, rest, &err);

	free(rest);
	return api_read(api, path, &err, NULL, end_preview, (void (*)(void))fn, ctx);
}

/* ---- KMS ---- */

static void end_pubkey(struct api_call *call, const struct api_reply *given, const struct http_response *response)
{
	struct api_reply reply = *given;
	json *tree = api_tree(&reply, response, JSON_OBJECT);
	struct api_pubkey key = { .timestamp = json_int(tree, "timestamp", 0) };

	api_take_hex(key.public_key, sizeof(key.public_key), tree, "public_key");
	api_take_hex(key.signature, sizeof(key.signature), tree, "signature");
	api_take_hex(key.signature_v1, sizeof(key.signature_v1), tree, "signature_v1");
	if (tree && !key.public_key[0]) {
		error_set(&reply.error, STATUS_API, "bad-shape", "the KMS gave no usable key for the env values");
		error_next(&reply.error, "try again; without the key the values cannot be encrypted, and nothing was sent");
	}
	FN(api_pubkey_fn)(call->ctx, &reply, key.public_key[0] ? &key : NULL);
	json_free(tree);
}

struct api_call *api_get_pubkey(struct api *api, const char *kms, const char *app, api_pubkey_fn *fn, void *ctx)
{
	struct error err;
	char *app_path = api_app_path(app, "", &err), *path = NULL;

	if (app_path && api_is_word(kms))
		path = mem_printf("/kms/%s/pubkey/%s", kms, app_path + strlen("/apps/"));
	else if (app_path)
		error_set(&err, STATUS_API, "bad-kms", "the CVM's KMS has no name that could be asked about");
	free(app_path);
	return api_read(api, path, &err, NULL, end_pubkey, (void (*)(void))fn, ctx);
}
