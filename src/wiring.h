/* SPDX-License-Identifier: Apache-2.0 */
/* From options, environment and files to a session and a request. */
#ifndef CVMDECK_WIRING_H
#define CVMDECK_WIRING_H

#include "cloud/project.h"
#include "options.h"
#include "rollout/request.h"
#include "rollout/session.h"
#include "sandbox_child.h"
#include "ui/verbs.h"

enum { WIRING_OVERRIDES = 8 };

struct wiring {
	struct sandbox_child sandbox;
	bool has_sandbox;
	struct project project; /* phala.toml of the working folder */
	bool has_project;
	char *keystore_path;    /* of --account */
	char *state_dir;        /* of --sandbox; NULL: the usual one */
	char *overrides[WIRING_OVERRIDES]; /* "CHECK because REASON" */
	size_t override_count;
};

/* Starts the sandbox when asked for; NULL with *err. The session is the caller's. */
struct session *wiring_session(struct wiring *wiring, struct options *options, struct error *err) MUST_CHECK;
/* Reads the files the options name. Errors: STATUS_INPUT, STATUS_USAGE. */
bool wiring_request(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err) MUST_CHECK;
/* Only what is of the moment: wait, confirmations, cost, overrides; for a plan that is applied. */
bool wiring_moment(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err) MUST_CHECK;
/* Fills *id from phala.toml when it is NULL; STATUS_USAGE when that has none either. */
bool wiring_cvm(struct wiring *wiring, const char **id, struct error *err) MUST_CHECK;
bool wiring_list(const struct options *options, struct verb_list_options *list, struct error *err) MUST_CHECK;
bool wiring_logs(struct wiring *wiring, const struct options *options, struct verb_logs_options *logs, struct error *err) MUST_CHECK;
/*
 * Where journal and pins are; borrowed, NULL: file_state_dir(). What is done in a sandbox is not real, so it is kept
 * in a folder of its own.
 */
const char *wiring_state_dir(struct wiring *wiring, const struct options *options);
void wiring_clear(struct wiring *wiring);

#endif
