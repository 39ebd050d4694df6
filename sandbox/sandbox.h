/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox as a whole: one world, three listeners (the API, the chain, the
 * logs), what is made to go wrong, and a record of what was asked.
 */
#ifndef CVMDECK_SANDBOX_SANDBOX_H
#define CVMDECK_SANDBOX_SANDBOX_H

#include "sandbox/bind.h"
#include "sandbox/faults.h"
#include "sandbox/serve.h"
#include "sandbox/world.h"

enum { SB_STREAMS_MAX = 5, SB_JOURNAL_MAX = 20000 };

struct sb_options {
	uint16_t port, rpc_port, log_port;
	uint64_t seed;
	size_t cvms;
	double speed;
	int64_t mine_ms;
	const char *faults;
	bool stdin_watch;
	const char *chain_rpc; /* NULL: all contracts are on the sandbox's own chain */
	const char *binds[SB_BINDS_MAX];
	size_t bind_count;
};

/* One request as it came. */
struct sb_seen {
	char *line; /* JSON */
};

struct sb_sandbox {
	struct loop *loop;
	struct sb_options options;
	struct sb_world *world;
	struct sb_binding binding;
	uint64_t generation; /* counts the worlds: streams of an older one end */
	struct sb_faults faults;
	struct sb_server *api, *rpc, *logs;
	int streams; /* state streams open */
	struct sb_seen *seen;
	size_t seen_count, seen_cap;
	uint64_t seen_dropped;
};

struct sb_sandbox *sb_sandbox_new(struct loop *loop, const struct sb_options *options, struct error *err) MUST_CHECK;
void sb_sandbox_free(struct sb_sandbox *sandbox);
/* Makes the world anew, as it was at the start; faults end. */
bool sb_sandbox_reset(struct sb_sandbox *sandbox, struct error *err) MUST_CHECK;
/* Tells the chain what the faults say of it. */
void sb_sandbox_apply_faults(struct sb_sandbox *sandbox);

/* Notes a request: method, target, headers but the key, and the body's SHA-256. */
void sb_journal_note(struct sb_sandbox *sandbox, const char *host, struct sb_request *request);

/* Acts by a fault's rule. Returns true when the request was answered by it. */
bool sb_fault_answer(const struct sb_rule *rule, struct sb_request *request);

void sb_api_serve(void *ctx, struct sb_request *request);
void sb_node_serve(void *ctx, struct sb_request *request);
void sb_logs_serve(void *ctx, struct sb_request *request);

/* True when the lies told by the backend are about this CVM. */
bool sb_lies_about(const struct sb_sandbox *sandbox, const struct sb_cvm *cvm);

#endif
