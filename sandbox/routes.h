/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API's table of routes. A handler gets an exchange, writes its answer into
 * `out` and perhaps sets the status; or it calls one of the failures; or it
 * answers the request itself (streams).
 */
#ifndef CVMDECK_SANDBOX_ROUTES_H
#define CVMDECK_SANDBOX_ROUTES_H

#include "sandbox/sandbox.h"

enum { SB_PARAMS_MAX = 4, SB_PARAM_SIZE = 160 };

struct sb_exchange {
	struct sb_sandbox *sandbox;
	struct sb_world *world;
	struct sb_request *request;
	struct sb_cvm *cvm; /* where the path names one */
	char params[SB_PARAMS_MAX][SB_PARAM_SIZE]; /* in the order of the path */
	bool newer;   /* X-Phala-Version: 2026-01-21 */
	json *body;   /* NULL when there is none or it is no JSON */
	int status;
	const char *type;
	struct buf out;
};

typedef void sb_handler_fn(struct sb_exchange *exchange);

struct sb_route {
	const char *method;
	const char *path; /* ":cvm" finds a CVM, ":app" the CVM of an app, ":x" anything */
	sb_handler_fn *fn;
	bool open; /* needs no API key */
};

extern const struct sb_route sb_routes[];

/* True when path fits the route's; params are filled, percent-decoded. */
bool sb_route_match(const struct sb_route *route, const char *method, const char *path, char params[SB_PARAMS_MAX][SB_PARAM_SIZE]) MUST_CHECK;

/* {"detail": text} */
void sb_fail(struct sb_exchange *exchange, int status, const char *detail);
/* The structured form; details is a JSON list or "". */
void sb_fail_code(struct sb_exchange *exchange, int status, const char *code, const char *message, const char *details,
	const char *suggestion);
/* A query argument as a number within bounds. */
int64_t sb_query_number(const struct sb_exchange *exchange, const char *name, int64_t fallback, int64_t min, int64_t max);

/* One CVM in the shape of a list row or of its own page, by the exchange's version. */
void sb_shape_cvm(struct buf *out, const struct sb_exchange *exchange, struct sb_cvm *cvm, bool whole);
void sb_shape_kms(struct buf *out, const struct sb_exchange *exchange, const struct sb_cvm *cvm, const struct sb_kms *kms);
/* What the node says of it now (status/batch, state). */
void sb_shape_status(struct buf *out, struct sb_world *world, struct sb_cvm *cvm);
const char *sb_time(char out[32], int64_t ms);

#define SB_HANDLER(name) void name(struct sb_exchange *x)
/* api_account.c */
SB_HANDLER(sb_get_me);
SB_HANDLER(sb_get_nodes);
SB_HANDLER(sb_get_teepods);
SB_HANDLER(sb_list_kms);
SB_HANDLER(sb_get_kms);
SB_HANDLER(sb_get_env_key);
/* api_lists.c */
SB_HANDLER(sb_list_cvms);
SB_HANDLER(sb_list_apps);
SB_HANDLER(sb_get_app);
SB_HANDLER(sb_list_app_cvms);
SB_HANDLER(sb_post_status_batch);
/* api_cvm.c */
SB_HANDLER(sb_get_cvm);
SB_HANDLER(sb_get_compose_file);
SB_HANDLER(sb_get_docker_compose);
SB_HANDLER(sb_get_pre_launch);
SB_HANDLER(sb_get_composition);
SB_HANDLER(sb_get_network);
SB_HANDLER(sb_get_stats);
SB_HANDLER(sb_get_user_config);
SB_HANDLER(sb_get_state);
/* api_app.c */
SB_HANDLER(sb_get_allowlist);
SB_HANDLER(sb_list_revisions);
SB_HANDLER(sb_get_revision);
SB_HANDLER(sb_list_pending);
SB_HANDLER(sb_get_preview);
SB_HANDLER(sb_get_app_kms);
SB_HANDLER(sb_post_is_allowed);
/* api_operations.c */
SB_HANDLER(sb_list_operations);
SB_HANDLER(sb_get_operation);
SB_HANDLER(sb_cancel_operation);
SB_HANDLER(sb_power);
/* api_attestation.c */
SB_HANDLER(sb_get_attestation);
/* api_update.c */
SB_HANDLER(sb_patch_cvm);
SB_HANDLER(sb_post_cvm);
SB_HANDLER(sb_confirm_patch);
SB_HANDLER(sb_get_commit);
SB_HANDLER(sb_post_commit);
SB_HANDLER(sb_patch_envs);
/* api_control.c */
SB_HANDLER(sb_get_faults);
SB_HANDLER(sb_post_faults);
SB_HANDLER(sb_post_reset);
SB_HANDLER(sb_get_requests);
SB_HANDLER(sb_post_execute);
SB_HANDLER(sb_get_info);

#endif
