/* SPDX-License-Identifier: Apache-2.0 */
/* The chains this program knows by name, and what is special about each. */
#ifndef CVMDECK_CHAIN_CHAINS_H
#define CVMDECK_CHAIN_CHAINS_H

#include <stdbool.h>
#include <stdint.h>

struct chain_info {
	uint64_t id;
	const char *name;
	const char *rpc;  /* public endpoint used when none is given; NULL: one must be given */
	bool op_stack;    /* an L1 data fee comes on top (GasPriceOracle) */
};

/* NULL for a chain that is not known. */
const struct chain_info *chain_info(uint64_t id);
/* "Base", or "chain 4242" in out for one that is not known. */
const char *chain_name(char out[32], uint64_t id);
/* The public endpoint, or NULL. */
const char *chain_default_rpc(uint64_t id);

#endif
