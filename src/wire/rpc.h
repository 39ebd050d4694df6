/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON-RPC 2.0 over HTTP, as Ethereum nodes speak it. Answers to a batch may
 * come in any order, be partly missing or be one single error; each call gets
 * its own answer or its own error. An error is never a value.
 */
#ifndef CVMDECK_WIRE_RPC_H
#define CVMDECK_WIRE_RPC_H

#include "wire/http.h"
#include "wire/json.h"

struct rpc; /* one endpoint */

struct rpc *rpc_new(struct http *http, const char *url);
void rpc_free(struct rpc *rpc);
const char *rpc_url(const struct rpc *rpc);
/* Milliseconds of the last answered round trip, or -1. */
int64_t rpc_latency_ms(const struct rpc *rpc);

/* One answer: result is set (perhaps JSON null) or error says what happened.
 * Node errors: STATUS_CHAIN, code "rpc-<number>", message from the node made
 * safe; error_data holds its "data" (revert bytes as hex) where there is one. */
struct rpc_answer {
	const json *result;
	struct error error; /* error.status STATUS_OK when result is set */
	int node_code;      /* JSON-RPC error code, 0 when none */
	const char *error_data;
};

struct rpc_request {
	const char *method;
	json *params; /* taken over by rpc_send; NULL: [] */
};

typedef void rpc_fn(void *ctx, const struct rpc_answer *answers, size_t count);
struct rpc_call;

/*
 * Sends count requests: one as a single call, more as one batch. fn gets as
 * many answers in the order asked; borrowed for the call. Never calls back
 * before it returns. timeout_ms 0: 20 s.
 */
struct rpc_call *rpc_send(struct rpc *rpc, const struct rpc_request *requests, size_t count, int64_t timeout_ms, rpc_fn *fn, void *ctx);
/* fn is not called. NULL is fine. */
void rpc_cancel(struct rpc_call *call);

#endif
