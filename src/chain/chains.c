/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/chains.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

static const struct chain_info chains[] = {
	{ 1, "Ethereum", "https://eth.merkle.io", false },
	{ 8453, "Base", "https://mainnet.base.org", true },
	{ 84532, "Base Sepolia", "https://sepolia.base.org", true },
	{ 11155111, "Sepolia", NULL, false },
	{ 31337, "local", NULL, false },
};

const struct chain_info *chain_info(uint64_t id)
{
	size_t i;

	for (i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		if (chains[i].id == id)
			return &chains[i];
	return NULL;
}

const char *chain_name(char out[32], uint64_t id)
{
	const struct chain_info *info = chain_info(id);

	if (info)
		snprintf(out, 32, "%s", info->name);
	else
		snprintf(out, 32, "chain %" PRIu64, id);
	return out;
}

const char *chain_default_rpc(uint64_t id)
{
	const struct chain_info *info = chain_info(id);

	return info ? info->rpc : NULL;
}
