/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/bind.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/text.h"

bool sb_binding_add(struct sb_binding *binding, const char *text, struct error *err)
{
	const char *equals = strchr(text, '='), *comma = equals != NULL ? strchr(equals, ',') : NULL;
	uint8_t app[SB_ADDRESS_SIZE], kms[SB_ADDRESS_SIZE];
	char address[2 * SB_ADDRESS_SIZE + 3];
	struct sb_bind *bind = &binding->binds[binding->count];

	if (comma == NULL || (size_t)(equals - text) >= sizeof(bind->name) || (size_t)(comma - equals) > sizeof(address))
		return error_set(err, STATUS_USAGE, "usage", "--bind takes NAME=APP,KMS, not %s", text);
	memcpy(address, equals + 1, (size_t)(comma - equals - 1));
	address[comma - equals - 1] = '\0';
	if (!hex_decode(app, sizeof(app), address) || !hex_decode(kms, sizeof(kms), comma + 1))
		return error_set(err, STATUS_USAGE, "usage", "--bind takes NAME=APP,KMS with two addresses, not %s", text);
	if (binding->count == SB_BINDS_MAX)
		return error_set(err, STATUS_USAGE, "usage", "--bind can be given at most %d times", SB_BINDS_MAX);
	if (binding->count > 0 && memcmp(kms, binding->kms, sizeof(kms)) != 0)
		return error_set(err, STATUS_USAGE, "usage", "every --bind must name the same KMS contract");
	memcpy(binding->kms, kms, sizeof(kms));
	memcpy(bind->app, app, sizeof(app));
	memcpy(bind->name, text, (size_t)(equals - text));
	bind->name[equals - text] = '\0';
	binding->count++;
	return true;
}

bool sb_binding_open(struct sb_binding *binding, struct error *err)
{
	json *answer;

	if (!binding->on && binding->count == 0)
		return true;
	if (!binding->on || binding->count == 0)
		return error_set(err, STATUS_USAGE, "usage", "--chain-rpc and --bind go together");
	answer = sb_outside_call(&binding->outside, "eth_chainId", "[]", err);
	if (answer == NULL)
		return false;
	binding->chain_id = strtoull(json_text(answer, "result"), NULL, 16);
	json_free(answer);
	return true;
}

static bool bind_one(const struct sb_bind *bind, struct sb_world *world, struct error *err)
{
	uint8_t padded[SB_WORD_SIZE] = { 0 };
	size_t count;
	struct sb_cvm *cvm = sb_world_find(world, bind->name, &count);

	if (count != 1 || cvm->contract == NULL)
		return error_set(err, STATUS_USAGE, "usage", "--bind: %s is no single CVM with on-chain KMS", bind->name);
	memcpy(cvm->app_id, bind->app, SB_ADDRESS_SIZE);
	memcpy(cvm->contract->address, bind->app, SB_ADDRESS_SIZE);
	memcpy(padded + SB_WORD_SIZE - SB_ADDRESS_SIZE, bind->app, SB_ADDRESS_SIZE);
	sb_contract_set_flag(world->kms_contract, SB_REGISTERED, padded, true, 0);
	cvm->bound = true;
	return true;
}

/* The sandbox's own chain keeps contracts at the same addresses: a node that says something else. */
bool sb_binding_apply(const struct sb_binding *binding, struct sb_world *world, struct error *err)
{
	size_t i;

	if (!binding->on)
		return true;
	world->chain_id = (int64_t)binding->chain_id;
	memcpy(world->kms[0].contract, binding->kms, SB_ADDRESS_SIZE);
	memcpy(world->kms_contract->address, binding->kms, SB_ADDRESS_SIZE);
	for (i = 0; i < binding->count; i++)
		if (!bind_one(&binding->binds[i], world, err))
			return false;
	return true;
}
