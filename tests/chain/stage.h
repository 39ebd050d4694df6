/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole world of one update: a real chain with the contracts, a sandbox
 * whose backend looks at that chain, and the real cvmdeck run against both.
 */
#ifndef CVMDECK_TESTS_STAGE_H
#define CVMDECK_TESTS_STAGE_H

#include "unit/unit.h"

#include <stdbool.h>
#include <stdint.h>

#include "chain/anvil.h"
#include "child.h"

/*
 * Which CVM of the sandbox has which contract of the deployment (see
 * tests/contracts/deploy.mjs), NULL behind. The contract allows the compose
 * hash in force; `device` says whether also the device.
 */
struct stage_bind {
	const char *cvm, *contract;
	bool device;
};

struct stage {
	struct anvil *anvil;
	struct child *sandbox;
	uint16_t api_port;
	char *api, *rpc; /* the sandbox's; its own chain is another one */
	char *snapshot;
	char *home;      /* fresh for each test */
	char *compose;   /* a file there, see stage_change */
	unsigned changes;
	char *transcript; /* what the last cvmdeck wrote */
};

/*
 * Runs these tests as a group on one stage, which each has as its *state. Where
 * there is no anvil nothing is run. Returns how many failed.
 */
int stage_run(const char *name, const struct stage_bind binds[], const struct CMUnitTest tests[], size_t count);

/* A test of the group: the chain and the home are as they were for each. */
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_begin, stage_end)
int stage_begin(void **state);
int stage_end(void **state);

/* GET of the sandbox's API ("cvms/x"); freed by the caller. */
json *stage_get(struct stage *stage, const char *path);
/* POST of a control endpoint or the API. */
void stage_post(struct stage *stage, const char *target, const char *body);
/* How many requests with that method and text in their target the backend got. */
unsigned stage_requests(struct stage *stage, const char *method, const char *part);

/* Writes the CVM's compose with one line more; another one each time. Returns the file's name, stage->compose. */
const char *stage_change(struct stage *stage, const char *cvm);

/*
 * Starts cvmdeck with these arguments (NULL behind) and the owner's key; with
 * `key` NULL without any.
 */
struct child *stage_spawn(struct stage *stage, const char *key, const char *const arguments[]);
/* The same for `deploy --cvm-id CVM -c FILE --rpc-url ANVIL --wait --yes --json` and more arguments (or NULL). */
struct child *stage_spawn_deploy(struct stage *stage, const char *cvm, const char *key, const char *const more[]);
/* Waits for its end, frees it, and expects that exit status. Returns the result line, freed by the caller. */
json *stage_result(struct stage *stage, struct child *child, int expected);
/* All in one. */
json *stage_deploy(struct stage *stage, const char *cvm, const char *key, int expected, const char *const more[]);
/* The last line of that event in the last transcript (with the text in it); NULL when there is none. Freed by the caller. */
json *stage_event(const struct stage *stage, const char *event, const char *text);

/* The chain, apart from the product. */
bool stage_flag(struct stage *stage, const char *contract, const char *signature, const char *word);
bool stage_allows_hash(struct stage *stage, const char *contract, const char *hash);
bool stage_allows_device(struct stage *stage, const char *contract, const char *cvm);
/* The nonce: how many transactions of the account were mined. */
unsigned stage_nonce(struct stage *stage, const char *address);
void stage_mining(struct stage *stage, bool on);
void stage_mine(struct stage *stage);
/* Waits until one transaction is in the pool; returns its hash, freed by the caller. */
char *stage_pending(struct stage *stage);
/* A transaction of anybody, mined at once where mining is on and first in its block where not. Returns its hash, freed by the caller. */
char *stage_call_as(struct stage *stage, const char *from, const char *to, const char *signature, const char *word);

#endif
