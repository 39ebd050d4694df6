/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was decided about one update, as it is kept: the present document as it
 * was read, the change, the hashes, the target. The review is built from it
 * alone, so a rollout that is resumed shows what was approved and not what the
 * backend says today. No secret is in it: env values only as ciphertext.
 *
 * The same record, without the ciphertext's freshness, is the plan file.
 */
#ifndef CVMDECK_ROLLOUT_PLAN_H
#define CVMDECK_ROLLOUT_PLAN_H

#include "compose/document.h"
#include "rollout/rollout.h"
#include "wire/json.h"

struct plan {
	enum rollout_kind kind;
	char cvm_ref[96], cvm_uuid[40], cvm_name[64];
	char app_id[41];              /* 40 digits, no 0x */
	uint64_t chain_id;
	char contract[43], kms[43];   /* as the API gave them */
	char kms_slug[64];
	char node_name[48], device[65], ppid[33], os_image[65]; /* no 0x */
	bool onchain;

	char *old_text;               /* app-compose.json as read */
	size_t old_len;
	bool old_exact;               /* its own bytes */
	char reported[65];            /* the compose hash the CVM reported */

	char *compose_text, *script_text; /* NULL: unchanged */
	size_t compose_len, script_len;
	char *compose_path, *script_path; /* absolute; NULL: not from a file */
	char compose_sha256[65], script_sha256[65];
	bool has_env;
	bool sets_names;              /* has_env, or the names alone */
	char **env_names;             /* the new allowed_envs, when sets_names */
	size_t env_count;
	char *encrypted_env;          /* hex; NULL until the key was checked */
	char env_key[67];             /* that key, as the API gave it */
	enum tri public_logs, public_sysinfo, public_tcbinfo;
	char *origin_text;            /* the old document that is deployed again; NULL: none is */
	size_t origin_len;
	char origin_label[96];

	bool already_registered, wait, watch;
	unsigned confirmations;
	char max_cost_wei[80], max_fee_wei[80];

	char old_hash[65], new_hash[65]; /* computed here, in the calibrated form */
	char form[24];

	/* from the backend's answer to the patch, or from the command line of a commit */
	bool documented;              /* it speaks the documented dialect */
	char asked_device[65];
	char commit_token[160];
	char commit_tx[80];           /* a hash, "already-registered" or "" */
};

void plan_clear(struct plan *plan);
/* Takes over nothing; copies what a request says. */
void plan_from_request(struct plan *plan, const struct rollout_request *request);

json *plan_save(const struct plan *plan);
/* Errors: STATUS_INPUT "journal-damaged" when what must be there is not. Out: *plan, cleared by the caller. */
bool plan_load(struct plan *plan, const json *saved, struct error *err) MUST_CHECK;

/* The present document, and the one after the change; the caller frees. Errors: those of compose/document. */
struct compose_document *plan_old_document(const struct plan *plan, struct error *err) MUST_CHECK;
struct compose_document *plan_new_document(const struct plan *plan, const struct compose_document *old, struct error *err) MUST_CHECK;

#endif
