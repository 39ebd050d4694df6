/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CVM was seen with the first time: its app, contract, chain and KMS
 * contract, and the code behind the contract's proxy. Compared ever after, so
 * that a backend that names another contract is caught before anything is
 * signed. Kept in pins.json in the state folder, mode 0600.
 */
#ifndef CVMDECK_ROLLOUT_PINS_H
#define CVMDECK_ROLLOUT_PINS_H

#include <stdint.h>

#include "base/status.h"

/* Hex lower case with 0x; "" for what is not known. */
struct pin {
	char key[64];    /* what it is kept under: the CVM's UUID */
	char app_id[41]; /* 40 digits, no 0x */
	uint64_t chain_id;
	char contract[43], kms[43];
	char implementation[43]; /* ERC-1967; "" where the contract is no proxy */
	char code_hash[67];      /* keccak-256 of the implementation's code */
};

/*
 * Looks the CVM up by pin->key; where that is new, any other CVM of the same
 * app: one app has one contract, chain and KMS, whatever its CVMs are called.
 * Out: *known: what was pinned, *found.
 * Errors: STATUS_INPUT "pins-damaged": the file is there and cannot be read;
 * nothing is decided then.
 */
bool pins_find(const char *dir, const struct pin *pin, struct pin *known, bool *found, struct error *err) MUST_CHECK;

enum pin_part { PIN_TARGET, PIN_CODE }; /* app, contract, chain, KMS; what stands behind the proxy */

/* Names the first field of that part that differs ("contract"), with both values in was and is (67 bytes each); NULL: none. */
const char *pins_difference(const struct pin *known, const struct pin *seen, enum pin_part part, char was[67], char is[67]);
/* Writes it (new, or after an override or an approved change of code). dir NULL: file_state_dir(). */
bool pins_store(const char *dir, const struct pin *pin, struct error *err) MUST_CHECK;

#endif
