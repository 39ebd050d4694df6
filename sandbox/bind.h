/* SPDX-License-Identifier: Apache-2.0 */
/* CVMs whose contracts are on a chain elsewhere: what the options say, and what that makes of the world. */
#ifndef CVMDECK_SANDBOX_BIND_H
#define CVMDECK_SANDBOX_BIND_H

#include "sandbox/outside.h"
#include "sandbox/world.h"

enum { SB_BINDS_MAX = 16 };

struct sb_bind {
	char name[SB_NAME_SIZE];
	uint8_t app[SB_ADDRESS_SIZE];
};

/*
 * kms   the DstackKms there; it stands for the key service of all CVMs
 * binds one CVM with on-chain KMS each
 */
struct sb_binding {
	bool on;
	struct sb_outside outside;
	uint64_t chain_id;
	uint8_t kms[SB_ADDRESS_SIZE];
	struct sb_bind binds[SB_BINDS_MAX];
	size_t count;
};

/* "NAME=APP,KMS". Errors: STATUS_USAGE; another KMS than before is one. */
bool sb_binding_add(struct sb_binding *binding, const char *text, struct error *err) MUST_CHECK;
/* Asks the node for its chain id. Errors: STATUS_CHAIN; STATUS_USAGE when only one of the two options was given. */
bool sb_binding_open(struct sb_binding *binding, struct error *err) MUST_CHECK;
/* Gives the CVMs the addresses. Errors: STATUS_USAGE for a name that is no CVM with on-chain KMS. */
bool sb_binding_apply(const struct sb_binding *binding, struct sb_world *world, struct error *err) MUST_CHECK;

#endif
