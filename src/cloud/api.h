/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of Phala Cloud: one asynchronous call for each need.
 *
 * Every call copies what it is given, returns at once with a handle for
 * api_cancel, and calls back exactly once on the loop unless cancelled; what
 * the callback gets is borrowed for the call. Reads are sent once more after
 * 408, 409, 425, 429, 500, 502–504 and network failures; a change is never
 * sent twice. `ref` names a CVM as cvm_ref or cvm_id_normalise give it, `app`
 * is 40 hex digits; both are checked before they go into a path.
 *
 * Texts in the records are safe to show unless said otherwise.
 */
#ifndef CVMDECK_CLOUD_API_H
#define CVMDECK_CLOUD_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/credentials.h"
#include "cloud/cvm.h"
#include "wire/http.h"

struct api;
struct api_call;

#define API_VERSION_OLDER "2025-10-28"
#define API_VERSION_NEWER "2026-01-21"

/* Copies what it needs of the credentials; version NULL: API_VERSION_NEWER. */
struct api *api_new(struct loop *loop, struct http *http, const struct credentials *credentials, const char *version);
/* Cancels every call without calling back. */
void api_free(struct api *api);
void api_cancel(struct api_call *call);

struct loop *api_loop(const struct api *api);
/* The last call's round trip, -1 before the first; ok false: it failed for want of an answer or with 5xx or 401. */
int64_t api_latency_ms(const struct api *api);
bool api_is_ok(const struct api *api);
/* Of the last call: its HTTP status, 0 when no answer came, -1 before the first. */
int api_last_status(const struct api *api);
/* changed runs after each answer or failure. */
void api_on_health(struct api *api, void (*changed)(void *ctx), void *ctx);

/* How a call ended. */
struct api_reply {
	struct error error;     /* status STATUS_OK when it went well */
	int status;             /* HTTP status; 0: no answer came */
	int64_t retry_after_ms; /* -1: not said */
	int64_t total_ms;
};

/* ---- reading ---- */

struct api_user {
	char user[96], email[96];
	char workspace[96], slug[64]; /* slug is valid for paths or "" */
};
typedef void api_user_fn(void *ctx, const struct api_reply *reply, const struct api_user *user);
struct api_call *api_get_me(struct api *api, api_user_fn *fn, void *ctx);

struct api_page {
	const struct cvm *cvms;
	size_t count;
	size_t total, page, pages; /* as the API counts them; page from 1 */
};
typedef void api_page_fn(void *ctx, const struct api_reply *reply, const struct api_page *page);
/* page from 1; size at most 100. */
struct api_call *api_get_page(struct api *api, size_t page, size_t size, api_page_fn *fn, void *ctx);

typedef void api_cvm_fn(void *ctx, const struct api_reply *reply, const struct cvm_detail *detail);
/* version NULL: the client's own. */
struct api_call *api_get_cvm(struct api *api, const char *ref, const char *version, api_cvm_fn *fn, void *ctx);

/* bytes has a NUL behind; NULL on failure. Not made safe: they are hashed. */
typedef void api_bytes_fn(void *ctx, const struct api_reply *reply, const char *bytes, size_t len);
/* app-compose.json in force: raw, the exact text; else the object as JSON text. */
struct api_call *api_get_compose(struct api *api, const char *ref, bool raw, api_bytes_fn *fn, void *ctx);

struct api_container {
	char id[80], name[64], image[128], state[24], status[64];
	const char *log_endpoint; /* a URL as given, or NULL */
	int64_t created_ms;       /* 0: unknown */
};
struct api_composition {
	bool is_online;
	char error[200];
	const struct api_container *containers;
	size_t count;
};
typedef void api_composition_fn(void *ctx, const struct api_reply *reply, const struct api_composition *composition);
struct api_call *api_get_composition(struct api *api, const char *ref, api_composition_fn *fn, void *ctx);

/* answer: an object of status objects by uuid (for cvm_update_status), NULL on failure. */
typedef void api_json_fn(void *ctx, const struct api_reply *reply, const json *answer);
struct api_call *api_get_statuses(struct api *api, const char *const *uuids, size_t count, api_json_fn *fn, void *ctx);
/* One answer of /state without a target. */
struct api_call *api_get_state(struct api *api, const char *ref, api_json_fn *fn, void *ctx);

struct api_device {
	char device_id[65], node_name[48], status[32];
	uint8_t allowed; /* enum cvm_flag, as the backend sees it */
};
struct api_devices {
	uint8_t onchain, allow_any; /* enum cvm_flag */
	uint64_t chain_id;
	char app_address[43];
	const struct api_device *devices;
	size_t count;
};
typedef void api_devices_fn(void *ctx, const struct api_reply *reply, const struct api_devices *devices);
struct api_call *api_get_devices(struct api *api, const char *app, api_devices_fn *fn, void *ctx);

struct api_revision {
	char id[64], vm_uuid[37], compose_hash[65], operation[40], by[64];
	int64_t created_ms;
};
struct api_revisions {
	const struct api_revision *items;
	size_t count, total, page, pages;
};
typedef void api_revisions_fn(void *ctx, const struct api_reply *reply, const struct api_revisions *revisions);
struct api_call *api_get_revisions(struct api *api, const char *app, size_t page, api_revisions_fn *fn, void *ctx);
/* The revision's app-compose document: the text itself, or the object as JSON text. */
struct api_call *api_get_revision(struct api *api, const char *app, const char *id, api_bytes_fn *fn, void *ctx);

struct api_pending {
	char vm_uuid[37], compose_hash[65], instance[64];
	bool on_chain;
};
typedef void api_pending_fn(void *ctx, const struct api_reply *reply, const struct api_pending *items, size_t count);
struct api_call *api_get_pending(struct api *api, const char *app, api_pending_fn *fn, void *ctx);
/* Not made safe; NULL where there is none. */
struct api_preview {
	const char *current_compose, *pending_compose, *current_script, *pending_script;
};
typedef void api_preview_fn(void *ctx, const struct api_reply *reply, const struct api_preview *preview);
struct api_call *api_get_preview(struct api *api, const char *app, const char *uuid, const char *compose_hash, api_preview_fn *fn, void *ctx);

struct api_kms {
	char id[64], slug[64], version[48], contract[43];
	uint64_t chain_id;
};

struct api_pubkey {
	char public_key[65];  /* 64 hex digits, no 0x */
	char signature[131];  /* 130 hex digits, no 0x; "" when none came */
	char signature_v1[131];
	int64_t timestamp;    /* of signature_v1; 0: none */
};
typedef void api_pubkey_fn(void *ctx, const struct api_reply *reply, const struct api_pubkey *key);
/* kms: slug or id. */
struct api_call *api_get_pubkey(struct api *api, const char *kms, const char *app, api_pubkey_fn *fn, void *ctx);

struct api_call *api_get_attestation(struct api *api, const char *ref, api_json_fn *fn, void *ctx);

/* ---- changing ---- */

/* Only what changes; a NULL or CVM_UNKNOWN stays as it is. */
struct api_update {
	const char *compose;
	size_t compose_len;
	const char *script;
	size_t script_len;
	bool has_allowed_envs;
	const char *const *allowed_envs;
	size_t env_count;
	enum cvm_flag public_logs, public_sysinfo, public_tcbinfo;
	const char *encrypted_env; /* hex */
	const char *user_config, *image;
	int64_t vcpu, memory, disk_size, shutdown_timeout; /* 0: unchanged */
	enum cvm_flag allow_force_stop;
	bool prepare_only;
};

enum api_update_kind {
	API_UPDATE_FAILED,        /* reply.error says why; nothing was accepted, unless no answer came (reply.status 0): then it may have been */
	API_UPDATE_APPLIED,       /* the CVM is rolled now; correlation_id */
	API_UPDATE_NEEDS_ONCHAIN, /* phase 2: the rest is set */
};

/* Identifiers are whole and valid, or "" where the API gave none. */
struct api_update_result {
	enum api_update_kind kind;
	char correlation_id[80];
	char compose_hash[65]; /* 64 hex digits, lower case, no 0x */
	char app_id[41];
	char device_id[65];
	struct api_kms kms;
	char commit_token[160];
	char commit_url[512], api_commit_url[512];
	uint8_t hash_allowed, device_allowed, is_allowed; /* enum cvm_flag, as the backend sees the chain */
	bool documented; /* the server speaks the documented POST dialect: confirm in it too */
};
typedef void api_update_fn(void *ctx, const struct api_reply *reply, const struct api_update_result *result);

/*
 * PATCH /cvms/{ref}. Where the server does not know that (405, or 404 on a CVM
 * that exists), the documented POST is sent instead. NOT only a question: on a
 * CVM without on-chain KMS, and where the hash does not change, it applies.
 */
struct api_call *api_send_update(struct api *api, const char *ref, const struct api_update *update, api_update_fn *fn, void *ctx);

/* Confirms with the transaction's hash ("already-registered": by state alone). documented: as the update's result said. */
struct api_call *api_send_confirm(struct api *api, const char *ref, const char *compose_hash, const char *transaction_hash, bool documented,
	api_update_fn *fn, void *ctx);

/* Finishes a prepared update; the token is the credential, the API key is not sent. compose_hash may be "". */
struct api_call *api_send_commit(struct api *api, const char *ref, const char *token, const char *compose_hash, const char *transaction_hash,
	api_update_fn *fn, void *ctx);

struct api_commit_info {
	char vm_uuid[37], app_id[41], compose_hash[65], status[32];
	uint64_t chain_id;
	int64_t expires_ms; /* 0: not said */
};
typedef void api_commit_info_fn(void *ctx, const struct api_reply *reply, const struct api_commit_info *info);
/* What a commit token is bound to. */
struct api_call *api_get_commit(struct api *api, const char *ref, const char *token, api_commit_info_fn *fn, void *ctx);

#endif
