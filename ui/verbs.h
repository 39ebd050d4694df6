/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that only read: each prints to standard output, plain or as JSON lines. */
#ifndef CVMDECK_UI_VERBS_H
#define CVMDECK_UI_VERBS_H

#include "rollout/rollout.h"
#include "rollout/session.h"

struct headless;

enum { VERB_LIST_STATUSES = 16 };

/* NULL and 0: all. Words count without regard to case. */
struct verb_list_options {
	bool json;
	const char *search; /* as the console's filter */
	const char *statuses[VERB_LIST_STATUSES];
	size_t status_count;
	const char *kms_type, *node, *region;
	long page, page_size; /* of what is left; page_size 0: all at once */
};

bool verb_list(struct session *session, const struct verb_list_options *options, struct error *err) MUST_CHECK;
bool verb_show(struct session *session, const char *ref, bool as_json, struct error *err) MUST_CHECK;

/* The end of a rollout that stops at its review. */
bool verb_diff_plain(struct headless *headless, const struct rollout_view *view, struct error *err);
bool verb_diff_json(struct headless *headless, const struct rollout_view *view, struct error *err);
bool verb_hash_plain(struct headless *headless, const struct rollout_view *view, struct error *err);
bool verb_hash_json(struct headless *headless, const struct rollout_view *view, struct error *err);
/* Writes the plan to the path in headless->ctx. */
bool verb_plan_json(struct headless *headless, const struct rollout_view *view, struct error *err);
bool verb_plan(struct headless *headless, const struct rollout_view *view, struct error *err);

/* The hash of an app-compose.json in every known form; needs no session. */
bool verb_hash_file(const char *path, bool as_json, struct error *err) MUST_CHECK;

/* This machine's journal: all rollouts, or one with its entries. */
bool verb_history(struct journal *journal, const char *id, bool as_json, struct error *err) MUST_CHECK;

enum { VERB_LOGS_CONTAINERS = 8, VERB_LOGS_CVMS = 16 };

struct verb_logs_options {
	const char *cvms[VERB_LOGS_CVMS];
	size_t cvm_count;
	const char *containers[VERB_LOGS_CONTAINERS];
	size_t container_count;
	bool all_containers, serial, cvm_stdout, cvm_stderr;
	bool follow, timestamps, json;
	long tail;               /* -1: all */
	const char *since, *until, *grep;
};

/* Errors also: STATUS_USAGE for a bad pattern, STATUS_API when no source can be read. */
bool verb_logs(struct session *session, const struct verb_logs_options *options, struct error *err) MUST_CHECK;

#endif
