/* SPDX-License-Identifier: Apache-2.0 */
#include "rollout/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/chains.h"
#include "chain/signer.h"
#include "cloud/api.h"
#include "cloud/workspace.h"
#include "rollout/journal.h"
#include "wire/rpc.h"

enum { HEALTH_EVERY_MS = 12000 };

struct session {
	struct loop *loop;
	struct http *http;
	struct api *api;
	struct workspace *workspace;
	struct signer *signer;
	struct rpc *signer_rpc;
	struct secret password; /* of the keystore, from --password-file */
	struct journal *journal;
	char *state_dir;
	struct rpc *given[SESSION_RPCS]; /* --rpc-url, ETH_RPC_URL */
	size_t given_count;
	struct named_rpc { char *url; struct rpc *rpc; } *others; /* of CVMs and chains, as they were asked for */
	size_t other_count, other_cap;
	bool sandbox, auto_lock;
	struct session_logs logs;
	char *log_disk_dir;
	struct session_health health;
	struct loop_timer health_timer;
	struct rpc_call *health_call;
	struct api_call *me_call;
	void (*changed)(void *ctx);
	void *changed_ctx;
};

static void tell(struct session *session)
{
	if (session->changed)
		session->changed(session->changed_ctx);
}

static void on_api_health(void *ctx)
{
	struct session *session = ctx;

	session->health.api_ok = api_is_ok(session->api);
	session->health.api_status = api_last_status(session->api);
	session->health.api_ms = api_latency_ms(session->api);
	tell(session);
}

/* ---- the signer ---- */

enum { LOCK_AFTER_IDLE_MS = 10 * 60 * 1000 };

static bool make_watch(struct session *session, const char *text, struct error *err)
{
	struct address address;

	if (!address_parse_strict(&address, text)) {
		error_set(err, STATUS_USAGE, "bad-address", "%s is not an Ethereum address", text);
		return error_next(err, "give 0x and 40 hex digits; with mixed case the checksum must be right");
	}
	session->signer = signer_new_watch(session->loop, &address);
	return true;
}

static bool make_rpc_signer(struct session *session, const char *url)
{
	session->signer_rpc = rpc_new(session->http, url);
	session->signer = signer_new_rpc(session->loop, session->signer_rpc, NULL);
	return true;
}

static bool make_signer(struct session *session, struct session_options *options, struct error *err)
{
	if (options->signer_url)
		return make_rpc_signer(session, options->signer_url);
	if (options->watch_address)
		return make_watch(session, options->watch_address, err);
	if (options->private_key.len)
		return session_set_key(session, &options->private_key, options->key_source, err);
	if (!options->keystore)
		return true;
	session->signer = signer_new_keystore(session->loop, options->keystore, err);
	return session->signer != NULL;
}

bool session_set_key(struct session *session, struct secret *key, const char *source, struct error *err)
{
	struct signer *fresh = signer_new_key(session->loop, key, source, err);

	if (!fresh)
		return false;
	signer_free(session->signer);
	session->signer = fresh;
	if (session->auto_lock)
		session_auto_lock(session);
	return true;
}

void session_auto_lock(struct session *session)
{
	session->auto_lock = true;
	if (session->signer)
		signer_set_rule(session->signer, (struct signer_rule){ .idle_ms = LOCK_AFTER_IDLE_MS });
}

void session_forget_key(struct session *session)
{
	if (session->signer)
		signer_lock(session->signer);
	secret_clear(&session->password);
}

bool session_password(const struct session *session, struct secret *out)
{
	if (!session->password.len)
		return false;
	secret_set(out, session->password.data, session->password.len, false);
	return true;
}

/* ---- making and ending ---- */

static bool make_api(struct session *session, struct session_options *options, struct error *err)
{
	struct credentials_wish wish = { .token = &options->api_key, .api_prefix = options->api_prefix, .profile = options->profile };
	struct credentials credentials = { 0 };

	if (!credentials_find(&credentials, &wish, err))
		return false;
	session->api = api_new(session->loop, session->http, &credentials, NULL);
	text_copy(session->health.user, sizeof(session->health.user), credentials.user);
	text_copy(session->health.workspace, sizeof(session->health.workspace), credentials.workspace);
	credentials_clear(&credentials);
	api_on_health(session->api, on_api_health, session);
	return true;
}

static bool make_parts(struct session *session, struct session_options *options, struct error *err)
{
	size_t i;

	session->loop = loop_new(err);
	if (!session->loop)
		return false;
	session->http = http_new(session->loop, err);
	if (!session->http || !make_api(session, options, err))
		return false;
	for (i = 0; i < options->rpc_count; i++)
		session->given[session->given_count++] = rpc_new(session->http, options->rpc_urls[i]);
	return make_signer(session, options, err);
}

struct session *session_new(struct session_options *options, struct error *err)
{
	struct session *session = mem_new(1, sizeof(*session));
	bool ok;

	session->health = (struct session_health){ .api_ms = -1, .rpc_ms = -1, .api_status = -1, .rpc_status = -1 };
	session->sandbox = options->sandbox;
	session->logs = options->logs;
	session->logs.memory = options->logs.memory ? options->logs.memory : SESSION_LOG_MEMORY;
	session->log_disk_dir = mem_strdup(options->logs.disk_dir);
	session->state_dir = options->state_dir ? mem_strdup(options->state_dir) : file_state_dir();
	session->password = options->password;
	options->password = (struct secret)SECRET_INIT;
	ok = make_parts(session, options, err);
	secret_clear(&options->api_key);
	secret_clear(&options->private_key);
	if (ok)
		return session;
	session_free(session);
	return NULL;
}

void session_free(struct session *session)
{
	size_t i;

	if (!session)
		return;
	loop_timer_cancel(&session->health_timer);
	rpc_cancel(session->health_call);
	workspace_free(session->workspace);
	signer_free(session->signer);
	rpc_free(session->signer_rpc);
	secret_clear(&session->password);
	for (i = 0; i < session->given_count; i++)
		rpc_free(session->given[i]);
	for (i = 0; i < session->other_count; i++) {
		rpc_free(session->others[i].rpc);
		free(session->others[i].url);
	}
	free(session->others);
	api_cancel(session->me_call);
	if (session->api)
		api_free(session->api);
	if (session->http)
		http_free(session->http);
	loop_free(session->loop);
	journal_close(session->journal);
	free(session->log_disk_dir);
	free(session->state_dir);
	free(session);
}

/* ---- what is lent out ---- */

struct loop *session_loop(struct session *session)
{
	return session->loop;
}

struct http *session_http(struct session *session)
{
	return session->http;
}

struct api *session_api(struct session *session)
{
	return session->api;
}

struct signer *session_signer(struct session *session)
{
	return session->signer;
}

struct session_logs session_logs(const struct session *session)
{
	struct session_logs logs = session->logs;

	logs.disk_dir = session->log_disk_dir ? session->log_disk_dir : session->state_dir;
	return logs;
}

const char *session_state_dir(const struct session *session)
{
	return session->state_dir;
}

struct workspace *session_workspace(struct session *session)
{
	if (!session->workspace)
		session->workspace = workspace_new(session->loop, session->api, NULL, NULL);
	return session->workspace;
}

struct journal *session_journal(struct session *session, struct error *err)
{
	if (!session->journal)
		session->journal = journal_open(session->state_dir, err);
	return session->journal;
}

/* ---- RPC endpoints ---- */

static struct rpc *rpc_for(struct session *session, const char *url)
{
	size_t i;

	for (i = 0; i < session->other_count; i++)
		if (strcmp(session->others[i].url, url) == 0)
			return session->others[i].rpc;
	session->others = mem_grow(session->others, session->other_count, &session->other_cap, sizeof(*session->others));
	session->others[session->other_count] = (struct named_rpc){ mem_strdup(url), rpc_new(session->http, url) };
	return session->others[session->other_count++].rpc;
}

size_t session_rpcs(struct session *session, uint64_t chain_id, const char *suggested, struct rpc *out[SESSION_RPCS], struct error *err)
{
	const char *known = chain_default_rpc(chain_id);

	if (session->given_count) {
		memcpy(out, session->given, session->given_count * sizeof(*out));
		return session->given_count;
	}
	if (known) {
		out[0] = rpc_for(session, known);
		return 1;
	}
	error_set(err, STATUS_CHAIN, "no-rpc", "chain %llu is not one with a known RPC, and none was given", (unsigned long long)chain_id);
	if (suggested && *suggested)
		error_detail(err, "the API suggests %.200s; it is not asked by itself, since what the API says is checked against the chain", suggested);
	error_next(err, "name one with --rpc-url URL or in ETH_RPC_URL");
	return 0;
}

/* ---- health, for the header ---- */

enum { HEADER_CHAIN = 8453 };

static void ask_health(void *ctx);

/* The header speaks of the endpoint given, else of Base's: most CVMs with on-chain KMS are there. */
static struct rpc *health_rpc(struct session *session)
{
	return session->given_count ? session->given[0] : rpc_for(session, chain_default_rpc(HEADER_CHAIN));
}

static void on_block(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct session *session = ctx;
	struct session_health *health = &session->health;

	(void)count;
	session->health_call = NULL;
	health->rpc_ok = answers[0].error.status == STATUS_OK && answers[1].error.status == STATUS_OK;
	health->rpc_status = health->rpc_ok ? 200 : 0;
	health->rpc_ms = rpc_latency_ms(health_rpc(session));
	if (health->rpc_ok) {
		health->chain_id = strtoull(json_string(answers[0].result, "0x0"), NULL, 16);
		health->block = strtoull(json_string(answers[1].result, "0x0"), NULL, 16);
	}
	loop_timer_set(session->loop, &session->health_timer, HEALTH_EVERY_MS, ask_health, session);
	tell(session);
}

static void ask_health(void *ctx)
{
	static const struct rpc_request asked[] = { { "eth_chainId", NULL }, { "eth_blockNumber", NULL } };
	struct session *session = ctx;

	session->health_call = rpc_send(health_rpc(session), asked, 2, 0, on_block, session);
}

static void on_me(void *ctx, const struct api_reply *reply, const struct api_user *user)
{
	struct session *session = ctx;

	session->me_call = NULL;
	if (reply->error.status != STATUS_OK)
		return;
	text_copy(session->health.user, sizeof(session->health.user), *user->email ? user->email : user->user);
	text_copy(session->health.workspace, sizeof(session->health.workspace), user->workspace);
	tell(session);
}

void session_watch_health(struct session *session)
{
	if (!session->me_call)
		session->me_call = api_get_me(session->api, on_me, session);
	if (!session->health_call && !loop_timer_is_set(&session->health_timer))
		ask_health(session);
}

void session_health(const struct session *session, struct session_health *out)
{
	*out = session->health;
}

/* The header is asked for anew only now and then; it must not stand behind what is read beside it. */
void session_saw_block(struct session *session, uint64_t chain_id, uint64_t block)
{
	struct session_health *health = &session->health;

	if (health->chain_id != chain_id || block <= health->block)
		return;
	health->block = block;
	tell(session);
}

void session_on_change(struct session *session, void (*changed)(void *ctx), void *ctx)
{
	session->changed = changed;
	session->changed_ctx = ctx;
}
