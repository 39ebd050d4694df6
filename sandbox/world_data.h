/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed part of the workspace: what the special CVMs are and the compose files they run. */
#ifndef CVMDECK_SANDBOX_WORLD_DATA_H
#define CVMDECK_SANDBOX_WORLD_DATA_H

#include "sandbox/world.h"

enum sb_owner { SB_OWNED_BY_KEY, SB_OWNED_BY_OTHER, SB_OWNED_BY_SAFE };

struct sb_special {
	const char *name;
	enum sb_status status;
	enum sb_form form;
	enum sb_owner owner;
	bool onchain;
	bool device_allowed;
	bool any_device;
	bool newer; /* the contract's generation */
	bool public_logs;
	size_t compose;
};

extern const struct sb_special sb_specials[];
extern const size_t sb_special_count;

struct sb_template {
	const char *compose;
	const char *allowed_envs; /* JSON list */
	const char *pre_launch_script; /* NULL: no such member */
};
extern const struct sb_template sb_templates[];
extern const size_t sb_template_count;

#endif
