/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is made to go wrong. One JSON document sets everything (cvmdeck-sandbox.1
 * lists the members); setting it again replaces it; {} makes all well. A member
 * nobody knows is refused, so that a test with a typing error does not pass.
 */
#ifndef CVMDECK_SANDBOX_FAULTS_H
#define CVMDECK_SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "wire/json.h"

enum { SB_RULES_MAX = 32, SB_FAULT_TEXT = 512 };

enum sb_action { SB_DELAY, SB_STATUS, SB_DROP, SB_CUT, SB_LOSE, SB_HTML, SB_TEXT, SB_SHAPE, SB_HUGE, SB_ERROR, SB_RESULT };

/* One request in so many goes wrong in one way. */
struct sb_rule {
	char method[32];          /* HTTP or RPC method; "" or "*": any */
	char path[160];           /* HTTP: text that the path holds; RPC: hex that the call's data begins with, or "to" address */
	int64_t skip, times;      /* leaves the first `skip` alone, then acts `times` times (0: always) */
	enum sb_action action;
	int status;               /* SB_STATUS, SB_HTML: HTTP status; SB_ERROR: JSON-RPC code */
	int64_t delay_ms;         /* beside whatever else */
	int64_t retry_after;      /* seconds; -1: no such header */
	size_t bytes;             /* SB_CUT: bytes before the cut; SB_HUGE: size */
	char text[SB_FAULT_TEXT]; /* message or body; SB_RESULT: what a call answers instead of the truth */
};

/* What the machine's own report says of itself: another document's hash, a register the log does not replay to, the agreed
 * hash only behind what the system measured, nothing at all, or nothing to anybody by the operator's choice. */
enum sb_report_lie { SB_REPORT_TRUE, SB_REPORT_OTHER_HASH, SB_REPORT_NO_REPLAY, SB_REPORT_LATE_HASH, SB_REPORT_NONE, SB_REPORT_PRIVATE };

enum sb_env_lie { SB_ENV_TRUE, SB_ENV_UNSIGNED, SB_ENV_OTHER_SIGNER, SB_ENV_OTHER_KEY, SB_ENV_ROTATED };

struct sb_backend_lies {
	char cvm[96]; /* only this CVM by name; "" all */
	char compose_hash[80], device_id[80], app_id[80]; /* "other" or hex; "" the truth */
	int64_t chain_id;                                 /* 0: the truth */
	char kms_contract[80];
	char rpc_endpoint[128];   /* suggested for the chain */
	bool offchain;            /* told as a CVM without on-chain KMS */
	enum sb_report_lie attestation;
	enum sb_env_lie env_key;
	bool swap;                /* another document is booted than the one that was agreed on */
	bool swap_present;        /* the compose file in force changes after the PATCH was answered */
	bool documented_dialect;  /* PATCH answers 405; POST and confirm-patch work */
	bool already_needs_tx;    /* state-only confirms are refused */
	int confirm_status;       /* 465 to 468 for the first confirm_times confirms */
	int64_t confirm_times;
	bool lose_confirm;        /* applied, but the answer never arrives (once) */
};

enum sb_rollout_lie { SB_ROLLOUT_TRUE, SB_ROLLOUT_BACK, SB_ROLLOUT_NEVER, SB_ROLLOUT_IDLE, SB_ROLLOUT_STOPS };

struct sb_rollout_lies {
	enum sb_rollout_lie mode;
	char boot_error[256];
};

struct sb_log_lies {
	bool hostile;        /* escape sequences, bidi controls, NUL and bytes that are no text among the lines */
	bool big_line;       /* one line of 10 MB */
	int64_t cut_after;   /* bytes, -1: none */
	int64_t cut_within;  /* a random place up to so many bytes, another for each stream; 0: none */
	double rate;         /* lines a second of each source; 0: the usual */
	int64_t history;     /* lines that are there before the sandbox began; 0: the usual */
	bool empty;
	int status;          /* HTTP status instead of a log; 0: none */
	bool bare_plain;     /* containers answer plain text although frames were asked for */
};

struct sb_chain_lies {
	int64_t chain_id;
	bool no_multicall, revert, never_mine;
	int64_t mine_ms; /* 0: the usual */
	int64_t stale_blocks;
};

struct sb_faults {
	struct sb_rule http[SB_RULES_MAX], rpc[SB_RULES_MAX];
	size_t http_count, rpc_count;
	struct sb_backend_lies backend;
	struct sb_rollout_lies rollout;
	struct sb_log_lies logs;
	struct sb_chain_lies chain;
	uint64_t cuts; /* streams cut so far: the next one is cut elsewhere */
	struct buf text; /* as it was given */
};

void sb_faults_init(struct sb_faults *faults);
void sb_faults_clear(struct sb_faults *faults);
/* Replaces all. Errors: STATUS_USAGE "faults-…"; *faults is then as before. */
bool sb_faults_parse(struct sb_faults *faults, const char *text, size_t len, struct error *err) MUST_CHECK;
/* The rule that acts on this request, its count taken down, or NULL. */
const struct sb_rule *sb_faults_match(struct sb_rule *rules, size_t count, const char *method, const char *subject);

#endif
