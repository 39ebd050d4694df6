/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run of the program has in hand: the loop, the API's client, the RPC
 * endpoints, the signer, the journal. Made once in main.c from the options;
 * front ends and rollouts borrow from it.
 */
#ifndef CVMDECK_ROLLOUT_SESSION_H
#define CVMDECK_ROLLOUT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "loop/loop.h"

struct api;
struct http;
struct journal;
struct rpc;
struct session;
struct signer;
struct workspace;

enum { SESSION_RPCS = 4, SESSION_LOG_MEMORY = 256 * 1024 * 1024 };

/* What log lines may take, in bytes. */
struct session_logs {
	uint64_t memory;      /* 0: the default */
	uint64_t disk;        /* 0: none */
	const char *disk_dir; /* NULL: the state folder */
};

/* Everything is copied; NULL or zero means not given. */
struct session_options {
	const char *profile;
	const char *api_prefix;
	struct secret api_key;        /* taken over */
	const char *rpc_urls[SESSION_RPCS];
	size_t rpc_count;
	struct secret private_key;    /* 32 bytes; taken over */
	const char *key_source;       /* "PRIVATE_KEY", "--private-key", a file: for people */
	const char *keystore;         /* path of a V3 file */
	const char *signer_url;       /* external signer */
	const char *watch_address;    /* watch-only */
	struct session_logs logs;
	struct secret password;       /* of the keystore, from a file; taken over */
	const char *state_dir;        /* journal and pins; NULL: file_state_dir() */
	bool sandbox;                 /* SANDBOX in the header */
};

struct session *session_new(struct session_options *options, struct error *err) MUST_CHECK;
void session_free(struct session *session);

struct loop *session_loop(struct session *session);
struct http *session_http(struct session *session);
struct api *session_api(struct session *session);
/* NULL until the front end asks for it the first time; then it loads. */
struct workspace *session_workspace(struct session *session);
/* NULL when there is no key. */
struct signer *session_signer(struct session *session);
/* Gives the session a raw key read at a prompt; taken over. */
bool session_set_key(struct session *session, struct secret *key, const char *source, struct error *err) MUST_CHECK;
/* Wipes the key and the password: nothing more is to be signed. */
void session_forget_key(struct session *session);
/* From now on any key is locked after ten minutes without use, and asked for again at the next card. The console wants
 * that; without a screen nobody could answer. */
void session_auto_lock(struct session *session);
/* A copy of the keystore's password where one was given; false when it must be asked for. */
bool session_password(const struct session *session, struct secret *out);
/* Opens on first use; NULL with the reason when it cannot. */
struct journal *session_journal(struct session *session, struct error *err) MUST_CHECK;
/* disk_dir is never NULL here. */
struct session_logs session_logs(const struct session *session);
/* Where journal, pins and prepared files are kept; borrowed. */
const char *session_state_dir(const struct session *session);

/*
 * The RPC endpoints for a chain: those given (--rpc-url, ETH_RPC_URL), else
 * the chain's public one where there is a default. Never the one the API
 * suggests: the chain is asked because the API is not believed. Returns how
 * many are in out; 0 with *err: chain unknown and none given (names both ways
 * to give one, and the suggestion, which may be NULL). Borrowed from the session.
 */
size_t session_rpcs(struct session *session, uint64_t chain_id, const char *suggested, struct rpc *out[SESSION_RPCS], struct error *err) MUST_CHECK;

/* What the header shows. latency -1: not known yet; ok false: the last call failed. */
struct session_health {
	bool api_ok, rpc_ok;
	int api_status, rpc_status;  /* HTTP status of the last call; 0: no answer came, or (RPC) an error in it; -1: none was made */
	int64_t api_ms, rpc_ms;
	uint64_t block;              /* 0: not known */
	uint64_t chain_id;
	char user[96], workspace[96]; /* safe to show; "" until known */
};
void session_health(const struct session *session, struct session_health *out);
/* Begins to read who we are and the chain's newest block, for the header; the console asks for it. */
void session_watch_health(struct session *session);
/* A read was answered at this block: where the header has an older one of the same chain, it is this one from now on. */
void session_saw_block(struct session *session, uint64_t chain_id, uint64_t block);
/* changed runs on the loop when health or the workspace's owner changed. */
void session_on_change(struct session *session, void (*changed)(void *ctx), void *ctx);

#endif
