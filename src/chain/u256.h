/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unsigned numbers of 256 bits: wei, fees, token amounts. Arithmetic reports
 * what does not fit instead of wrapping silently: each operation returns false
 * then, and *out holds the result modulo 2^256. Operands may be the result.
 */
#ifndef CVMDECK_CHAIN_U256_H
#define CVMDECK_CHAIN_U256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct u256 {
	uint64_t limb[4]; /* least significant first */
};

#define U256_ZERO ((struct u256){ { 0, 0, 0, 0 } })

enum {
	U256_SIZE = 32,          /* bytes */
	U256_DECIMAL_SIZE = 80,  /* 78 digits, NUL */
	U256_QUANTITY_SIZE = 67, /* 0x, 64 digits, NUL */
	U256_UNITS_SIZE = 96,    /* decimal with a point */
};

struct u256 u256_from_u64(uint64_t value);
/* 32 bytes, most significant first. */
struct u256 u256_from_bytes(const uint8_t bytes[U256_SIZE]);
void u256_to_bytes(uint8_t out[U256_SIZE], const struct u256 *value);
/* False when it does not fit; *out is then UINT64_MAX. */
bool u256_to_u64(const struct u256 *value, uint64_t *out) MUST_CHECK;

bool u256_is_zero(const struct u256 *value);
/* <0, 0, >0 */
int u256_cmp(const struct u256 *a, const struct u256 *b);
/* How many bits the number has; 0 for zero. */
unsigned u256_bits(const struct u256 *value);

bool u256_add(struct u256 *out, const struct u256 *a, const struct u256 *b) MUST_CHECK;
bool u256_sub(struct u256 *out, const struct u256 *a, const struct u256 *b) MUST_CHECK;
bool u256_mul(struct u256 *out, const struct u256 *a, const struct u256 *b) MUST_CHECK;
/* Rounded down; rest may be NULL. False when b is zero (*out is then zero). */
bool u256_div(struct u256 *out, struct u256 *rest, const struct u256 *a, const struct u256 *b) MUST_CHECK;
/* floor(a * num / den); false when den is zero or the product does not fit. */
bool u256_scale(struct u256 *out, const struct u256 *a, uint64_t num, uint64_t den) MUST_CHECK;

/* Digits only, at least one, at most 2^256 - 1. */
bool u256_parse_decimal(struct u256 *out, const char *text) MUST_CHECK;
/*
 * A QUANTITY of the Ethereum JSON-RPC specification: 0x, at least one digit,
 * no leading zero but in 0x0; at most 64 digits (vectors/eth_misc.json).
 */
bool u256_parse_quantity(struct u256 *out, const char *text) MUST_CHECK;
/* The same with leading zeros allowed, as some nodes write in eth_feeHistory. */
bool u256_parse_hex(struct u256 *out, const char *text) MUST_CHECK;
/* A QUANTITY that fits 64 bits. */
bool u64_parse_quantity(uint64_t *out, const char *text) MUST_CHECK;

/*
 * A person's amount as a number of the smallest unit: digits with at most one
 * point and at most `decimals` digits behind it ("0.002" with 18).
 */
bool u256_parse_units(struct u256 *out, const char *text, unsigned decimals) MUST_CHECK;

/* Each returns out. */
const char *u256_format_decimal(char out[U256_DECIMAL_SIZE], const struct u256 *value);
const char *u256_format_quantity(char out[U256_QUANTITY_SIZE], const struct u256 *value);
const char *u64_format_quantity(char out[U256_QUANTITY_SIZE], uint64_t value);
/* Exact decimal text without trailing zeros, no point when whole. */
const char *u256_format_units(char out[U256_UNITS_SIZE], const struct u256 *value, unsigned decimals);
const char *u256_format_ether(char out[U256_UNITS_SIZE], const struct u256 *wei);
const char *u256_format_gwei(char out[U256_UNITS_SIZE], const struct u256 *wei);
/* Ether rounded up to 6 decimals: a total nobody must find larger later. */
const char *u256_format_ether_up(char out[U256_UNITS_SIZE], const struct u256 *wei);

#endif
