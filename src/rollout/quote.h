/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of an Intel TDX quote, and what mr_config_id binds.
 *
 * Parsing only: nothing here checks the quote's signature, so what comes out
 * is "reported", never "proven". Layout: Intel TDX DCAP quote format, versions
 * 4 and 5, little-endian; tests/vectors/rtmr3.json. Pure functions.
 */
#ifndef CVMDECK_ROLLOUT_QUOTE_H
#define CVMDECK_ROLLOUT_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
	QUOTE_HEADER_SIZE = 48,
	QUOTE_USER_DATA_SIZE = 20,
	QUOTE_REGISTER_SIZE = 48,
	QUOTE_REPORT_DATA_SIZE = 64,
	QUOTE_TEE_TDX = 0x81,
};

struct quote {
	unsigned version;   /* 4 or 5 */
	uint32_t tee_type;  /* QUOTE_TEE_TDX */
	unsigned body_type; /* 2: TD 1.0, 3: TD 1.5; 0 in a version 4 quote, which does not say */
	bool debug;         /* a debug TD proves nothing */
	uint8_t user_data[QUOTE_USER_DATA_SIZE];
	uint8_t td_attributes[8];
	uint8_t mr_seam[QUOTE_REGISTER_SIZE];
	uint8_t mr_td[QUOTE_REGISTER_SIZE];
	uint8_t mr_config_id[QUOTE_REGISTER_SIZE];
	uint8_t mr_owner[QUOTE_REGISTER_SIZE];
	uint8_t mr_owner_config[QUOTE_REGISTER_SIZE];
	uint8_t rtmr[4][QUOTE_REGISTER_SIZE];
	uint8_t report_data[QUOTE_REPORT_DATA_SIZE];
	uint32_t signature_len; /* bytes of signature data; more bytes may follow them */
};

/*
 * Reads a quote. Errors: STATUS_CHECK "quote-short" (it ends too early) or
 * "quote-kind" (an SGX quote, an unknown version or body).
 */
bool quote_parse(struct quote *out, const uint8_t *bytes, size_t len, struct error *err) MUST_CHECK;

/* The same from hex of at most LIMIT_QUOTE bytes; also "quote-hex". */
bool quote_parse_hex(struct quote *out, const char *hex, struct error *err) MUST_CHECK;

/*
 * What is known of a CVM when mr_config_id is judged; a NULL is not known.
 * The document of version 3 is taken byte for byte as the guest got it.
 */
struct mr_config_facts {
	const uint8_t *compose_hash; /* 32 bytes */
	const uint8_t *app_id;
	size_t app_id_len;
	const char *key_provider; /* none, local (or local-sgx), kms, tpm */
	const uint8_t *key_provider_id;
	size_t key_provider_id_len;
	const char *document;
	size_t document_len;
};

enum mr_config_match { MR_CONFIG_UNKNOWN, MR_CONFIG_MATCHES, MR_CONFIG_DIFFERS };

/* How the host bound the CVM's configuration: the version byte, and whether it fits. */
struct mr_config {
	unsigned version;
	enum mr_config_match match; /* UNKNOWN: nothing is bound, or too little is known to say */
};

/* Judges the 48 bytes against what is known (dstack-types mr_config.rs at 312dc605). */
struct mr_config mr_config_check(const uint8_t id[QUOTE_REGISTER_SIZE], const struct mr_config_facts *facts);

#endif
