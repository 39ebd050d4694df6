/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two fixed-size values everything on a chain is named by: a 20-byte
 * address (EIP-55 text) and a 32-byte word (hash, device id, storage slot).
 */
#ifndef CVMDECK_CHAIN_TYPES_H
#define CVMDECK_CHAIN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
	ADDRESS_SIZE = 20,
	BYTES32_SIZE = 32,
	ADDRESS_TEXT_SIZE = 43, /* 0x, 40 digits, NUL */
	BYTES32_TEXT_SIZE = 67, /* 0x, 64 digits, NUL */
};

struct address {
	uint8_t bytes[ADDRESS_SIZE];
};

struct bytes32 {
	uint8_t bytes[BYTES32_SIZE];
};

/* The EIP-55 form; returns out. */
const char *address_format(char out[ADDRESS_TEXT_SIZE], const struct address *address);
/* 0x and 40 digits in any case. NULL text is no address. */
bool address_parse(struct address *out, const char *text) MUST_CHECK;
/*
 * The same, but unless all letters are lower case they must be the EIP-55
 * form: what a person typed (vectors/eth_misc.json, is_address, strict).
 */
bool address_parse_strict(struct address *out, const char *text) MUST_CHECK;
bool address_equal(const struct address *a, const struct address *b);
bool address_is_zero(const struct address *address);
/* Order as unsigned big-endian numbers: <0, 0, >0. */
int address_compare(const struct address *a, const struct address *b);

/* 0x and lower-case digits; returns out. */
const char *bytes32_format(char out[BYTES32_TEXT_SIZE], const struct bytes32 *word);
/* 64 digits in any case, with or without 0x. NULL text is no word. */
bool bytes32_parse(struct bytes32 *out, const char *text) MUST_CHECK;
bool bytes32_equal(const struct bytes32 *a, const struct bytes32 *b);

/*
 * DATA of the Ethereum JSON-RPC specification: 0x and an even number of digits
 * in any case, at most max bytes. Out: *len. Returns new memory (caller
 * frees), or NULL for anything else (NULL text included).
 */
uint8_t *data_parse_new(const char *text, size_t max, size_t *len) MUST_CHECK;

#endif
