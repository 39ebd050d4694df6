/* SPDX-License-Identifier: Apache-2.0 */
/* What DstackKms asks of DstackApp: the same question with the same tuple. */
#ifndef CVMDECK_SANDBOX_CONTRACT_APP_H
#define CVMDECK_SANDBOX_CONTRACT_APP_H

#include "sandbox/ledger.h"

/* The members of AppBootInfo that decide anything. */
struct sb_boot {
	uint8_t app_id[SB_ADDRESS_SIZE];
	const uint8_t *compose_hash, *device_id, *mr_aggregated, *os_image; /* words in the calldata */
	char tcb_status[64];
};

/* Reads isAppAllowed's or isKmsAllowed's argument; false for a broken one. */
bool sb_boot_read(const struct sb_call *call, struct sb_boot *boot) MUST_CHECK;
/* Answers (bool, string): NULL is yes. */
void sb_boot_answer(struct sb_call *call, const char *reason);
/* Why the app's own contract says no, or NULL. */
const char *sb_app_denies(const struct sb_contract *app, const struct sb_boot *boot, uint64_t block);

#endif
