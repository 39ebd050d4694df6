/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One CVM as Phala Cloud describes it, from either version of the API
 * (2025-10-28 flat, 2026-01-21 nested) and either list.
 *
 * Texts are safe to show. Identifiers are either valid and whole or "": what
 * would not fit or holds a strange character is left out and never cut, since
 * it goes into request paths. Nothing here was checked against a chain: it is
 * what Phala says.
 */
#ifndef CVMDECK_CLOUD_CVM_H
#define CVMDECK_CLOUD_CVM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "wire/json.h"

/* A yes or no that may not have been said. */
enum cvm_flag { CVM_UNKNOWN = 0, CVM_NO, CVM_YES };

/* What a status word means to a person. */
enum cvm_state {
	CVM_STATE_OTHER,    /* a word this program does not know */
	CVM_STATE_RUNNING,
	CVM_STATE_CHANGING, /* starting, updating, stopping, … */
	CVM_STATE_STOPPED,
	CVM_STATE_FAILED,
};

/* Plain and copyable; below 1 KiB, since a workspace has up to LIMIT_CVMS of them. */
struct cvm {
	char id[48];            /* the API's own ("cvm_a5c77cca", or a number) */
	char vm_uuid[37];       /* with dashes, as given */
	char app_id[41];        /* 40 hex digits, lower case, no 0x */
	char instance_id[41];   /* the same */
	char name[64];
	char status[24];        /* the API's word */
	char node_name[40];
	char node_region[24];
	char device_id[65];     /* 64 hex digits, lower case, no 0x */
	char ppid[33];          /* 32 hex digits; newer API only */
	char kms_type[12];      /* phala, ethereum, base, legacy; "" unknown */
	char kms_address[43];   /* DstackKms contract, 0x and 40 hex digits as given */
	char app_address[43];   /* DstackApp contract */
	char compose_hash[65];  /* 64 hex digits, lower case, no 0x */
	char os_name[32];
	char os_image_hash[65];
	char uptime[24];        /* as the API words it ("3d 4h") */
	char operation[32];     /* compose_update, …; "" when none runs */
	char correlation_id[40];
	char boot_progress[56];
	char boot_error[120];
	int64_t uptime_s;       /* -1: unknown */
	int64_t operation_started_ms; /* wall clock; 0: unknown */
	uint64_t chain_id;      /* 0: none or unknown */
	bool in_progress;
	uint8_t public_logs, public_sysinfo, public_tcbinfo; /* enum cvm_flag */
	uint8_t state;          /* enum cvm_state of status */
};

/*
 * Reads one item of a list or one whole answer. Missing and unknown members
 * are fine. Returns false when it is no object or names no CVM at all.
 */
bool cvm_parse(struct cvm *out, const json *item) MUST_CHECK;

/* Takes over what a status (of status/batch or the state stream) says; returns whether anything changed. */
bool cvm_update_status(struct cvm *cvm, const json *status);

/* Fills what `into` does not know from `from` (the same CVM in the API's other shape). */
void cvm_merge(struct cvm *into, const struct cvm *from);

enum cvm_state cvm_state_of(const char *status);

/* Does a compose hash have to be on a chain's allowlist? An unknown KMS counts
 * as on-chain when a chain or an app contract is named. */
bool cvm_is_onchain(const struct cvm *cvm);

enum { CVM_REF_SIZE = 48 };

/* How the CVM is named in a request's path: vm_uuid, else instance_id, app_id, id, or name. */
const char *cvm_ref(char out[CVM_REF_SIZE], const struct cvm *cvm);

/* ---- one CVM in full ---- */

struct cvm_endpoint {
	char *app, *instance; /* URLs as given; show only through text_safe; NULL when there is none */
};

/* URLs are as given (they are requested, not shown); NULL where the API says none. */
struct cvm_detail {
	struct cvm cvm;
	struct cvm_endpoint *endpoints;
	size_t endpoint_count;
	char *log_serial, *log_stdout, *log_stderr, *container_log_base;
	char *syslog_endpoint;      /* older API: &ch=serial|stdout|stderr is added */
	char *encrypted_env_pubkey; /* 64 hex digits */
	char *rpc_endpoint;         /* what Phala suggests; not trusted by itself */
	char *kms_id, *kms_slug;
	char *kms_url;
	char *deployer_address;
	char *workspace_slug, *workspace_name;
	char *instance_type;
	char *progress_target;
	char *created_at;
	char *gateway_domain;
	int64_t vcpu, disk_gb; /* -1: unknown */
	double memory_gb;      /* -1: unknown */
};

/* Errors: STATUS_API "bad-shape". */
struct cvm_detail *cvm_detail_parse(const json *answer, struct error *err) MUST_CHECK;
/* Fills what `into` does not know from `from` (the other shape of the same CVM). */
void cvm_detail_merge(struct cvm_detail *into, const struct cvm_detail *from);
struct cvm_detail *cvm_detail_copy(const struct cvm_detail *detail);
void cvm_detail_free(struct cvm_detail *detail);

#endif
