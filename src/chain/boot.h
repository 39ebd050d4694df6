/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Would this CVM boot: the question to DstackKms or DstackApp (AppBootInfo),
 * its answer, and what the answer must be for a known state. A yes is
 * necessary and not sufficient: the KMS checks the attestation around it
 * (vectors/kms_contract.json).
 */
#ifndef CVMDECK_CHAIN_BOOT_H
#define CVMDECK_CHAIN_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/contract.h"
#include "chain/types.h"

struct boot_text {
	const char *text; /* UTF-8, may hold NUL */
	size_t len;
};

/* Borrowed texts; what is unknown may be zero (only the app's own rules look at few of them). */
struct boot_info {
	struct address app_id;
	struct bytes32 compose_hash;
	struct address instance_id;
	struct bytes32 device_id;
	struct bytes32 mr_aggregated;
	struct bytes32 mr_system;
	struct bytes32 os_image_hash;
	struct boot_text tcb_status;
	const struct boot_text *advisory_ids;
	size_t advisory_count;
};

enum { BOOT_MAX_ADVISORIES = 256 };

/* Adds the calldata of CALL_IS_APP_ALLOWED or CALL_IS_KMS_ALLOWED. Errors: those of abi_encode. */
bool boot_encode(enum contract_call call, const struct boot_info *info, struct buf *out, struct error *err) MUST_CHECK;

struct boot_answer {
	bool allowed;
	struct boot_text reason; /* borrowed from the data; from outside: not safe to show as it is */
};

/* Errors: "no-answer" (an empty answer is never a no), "abi-decode". */
bool boot_decode(const uint8_t *data, size_t len, struct boot_answer *out, struct error *err) MUST_CHECK;

enum boot_app {
	BOOT_APP_NO_CODE,
	BOOT_APP_OTHER, /* code that does not answer isAppAllowed */
	BOOT_APP_DSTACK,
};

/* What the contracts hold for one boot_info. */
struct boot_state {
	bool asks_kms; /* false: the app contract is asked directly, without a KMS contract */
	bool registered;
	bool os_image_allowed;
	bool aggregated_mr_allowed;
	bool kms_device_allowed;
	enum boot_app app;
	bool require_tcb_up_to_date;
	bool allow_any_device;
	bool compose_allowed;
	bool device_allowed;
};

/*
 * What isAppAllowed or isKmsAllowed answers in that state: "" when allowed,
 * the reason when not, NULL when the call reverts or gives no answer.
 */
const char *boot_predict(enum contract_call call, const struct boot_state *state, const struct boot_text *tcb_status);

#endif
