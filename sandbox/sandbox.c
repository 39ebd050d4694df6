/* SPDX-License-Identifier: Apache-2.0 */
/* Puts world, faults and listeners together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sandbox/sandbox.h"

static bool make_world(struct sb_sandbox *sandbox, struct error *err)
{
	const struct sb_options *options = &sandbox->options;
	struct sb_world *world = sb_world_new(sandbox->loop, options->seed, options->cvms, options->speed, options->mine_ms, err);
	if (world == NULL)
		return false;
	if (!sb_binding_apply(&sandbox->binding, world, err)) {
		sb_world_free(world);
		return false;
	}
	sb_world_free(sandbox->world);
	sandbox->world = world;
	sandbox->generation++;
	return true;
}

static bool read_binding(struct sb_sandbox *sandbox, struct error *err)
{
	const struct sb_options *options = &sandbox->options;
	struct sb_binding *binding = &sandbox->binding;
	binding->on = options->chain_rpc != NULL;
	if (binding->on && !sb_outside_parse(&binding->outside, options->chain_rpc, err))
		return false;
	for (size_t i = 0; i < options->bind_count; i++)
		if (!sb_binding_add(binding, options->binds[i], err))
			return false;
	return sb_binding_open(binding, err);
}

/* The logs live under another address where the system lends one, since log hosts are other hosts. */
static bool listen_all(struct sb_sandbox *sandbox, const char **log_host, struct error *err)
{
	const struct sb_options *options = &sandbox->options;
	sandbox->api = sb_serve_new(sandbox->loop, "127.0.0.1", options->port, sb_api_serve, sandbox, err);
	if (sandbox->api == NULL)
		return false;
	sandbox->rpc = sb_serve_new(sandbox->loop, "127.0.0.1", options->rpc_port, sb_node_serve, sandbox, err);
	if (sandbox->rpc == NULL)
		return false;
	*log_host = "127.0.0.2";
	sandbox->logs = sb_serve_new(sandbox->loop, *log_host, options->log_port, sb_logs_serve, sandbox, err);
	if (sandbox->logs == NULL) {
		*log_host = "127.0.0.1";
		sandbox->logs = sb_serve_new(sandbox->loop, *log_host, options->log_port, sb_logs_serve, sandbox, err);
	}
	return sandbox->logs != NULL;
}

static void name_hosts(struct sb_sandbox *sandbox, const char *log_host)
{
	snprintf(sandbox->world->api_base, sizeof(sandbox->world->api_base), "http://127.0.0.1:%u/api/v1", sb_serve_port(sandbox->api));
	snprintf(sandbox->world->log_base, sizeof(sandbox->world->log_base), "http://%s:%u", log_host, sb_serve_port(sandbox->logs));
}

struct sb_sandbox *sb_sandbox_new(struct loop *loop, const struct sb_options *options, struct error *err)
{
	struct sb_sandbox *sandbox = mem_new(1, sizeof(*sandbox));
	const char *log_host;
	sandbox->loop = loop;
	sandbox->options = *options;
	sb_faults_init(&sandbox->faults);
	if ((options->faults != NULL && !sb_faults_parse(&sandbox->faults, options->faults, strlen(options->faults), err)) ||
		!read_binding(sandbox, err) || !make_world(sandbox, err) || !listen_all(sandbox, &log_host, err)) {
		sb_sandbox_free(sandbox);
		return NULL;
	}
	name_hosts(sandbox, log_host);
	sb_sandbox_apply_faults(sandbox);
	return sandbox;
}

static void forget_requests(struct sb_sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->seen_count; i++)
		free(sandbox->seen[i].line);
	sandbox->seen_count = 0;
	sandbox->seen_dropped = 0;
}

bool sb_sandbox_reset(struct sb_sandbox *sandbox, struct error *err)
{
	char api[sizeof(sandbox->world->api_base)], logs[sizeof(sandbox->world->log_base)];
	memcpy(api, sandbox->world->api_base, sizeof(api));
	memcpy(logs, sandbox->world->log_base, sizeof(logs));
	if (!make_world(sandbox, err))
		return false;
	memcpy(sandbox->world->api_base, api, sizeof(api));
	memcpy(sandbox->world->log_base, logs, sizeof(logs));
	sb_faults_clear(&sandbox->faults);
	sb_sandbox_apply_faults(sandbox);
	forget_requests(sandbox);
	return true;
}

void sb_sandbox_apply_faults(struct sb_sandbox *sandbox)
{
	const struct sb_chain_lies *lies = &sandbox->faults.chain;
	struct sb_ledger *ledger = sandbox->world->ledger;
	ledger->faults = (struct sb_chain_faults){ .chain_id = (uint64_t)lies->chain_id, .no_multicall = lies->no_multicall,
		.revert_all = lies->revert, .never_mine = lies->never_mine, .stale_blocks = (uint64_t)lies->stale_blocks };
	ledger->mine_ms = lies->mine_ms > 0 ? lies->mine_ms : sandbox->options.mine_ms;
	sb_ledger_wake(ledger);
}

void sb_sandbox_free(struct sb_sandbox *sandbox)
{
	if (sandbox == NULL)
		return;
	sb_serve_free(sandbox->api);
	sb_serve_free(sandbox->rpc);
	sb_serve_free(sandbox->logs);
	sb_world_free(sandbox->world);
	sb_faults_clear(&sandbox->faults);
	forget_requests(sandbox);
	free(sandbox->seen);
	free(sandbox);
}
