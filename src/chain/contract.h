/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this program says to contracts and hears from them: DstackApp,
 * DstackKms and Safe calls, their logs and their errors. Sources: the
 * contracts of dstack (auth-eth), OpenZeppelin's Ownable2Step and UUPS
 * (vectors/abi.json, kms_contract.json).
 */
#ifndef CVMDECK_CHAIN_CONTRACT_H
#define CVMDECK_CHAIN_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"
#include "chain/abi.h"
#include "chain/types.h"

enum contract_call {
	/* DstackApp, by its owner */
	CALL_ADD_COMPOSE_HASH,
	CALL_REMOVE_COMPOSE_HASH,
	CALL_ADD_DEVICE,
	CALL_REMOVE_DEVICE,
	CALL_SET_ALLOW_ANY_DEVICE,
	CALL_TRANSFER_OWNERSHIP,
	CALL_ACCEPT_OWNERSHIP,
	CALL_RENOUNCE_OWNERSHIP,
	/* DstackApp, read */
	CALL_ALLOWED_COMPOSE_HASHES,
	CALL_ALLOWED_DEVICE_IDS,
	CALL_ALLOW_ANY_DEVICE,
	CALL_OWNER,
	CALL_PENDING_OWNER,
	CALL_REQUIRE_TCB_UP_TO_DATE,
	CALL_VERSION,
	CALL_SUPPORTS_INTERFACE,
	/* DstackKms, read (isAppAllowed of the app, too) */
	CALL_IS_APP_ALLOWED,
	CALL_IS_KMS_ALLOWED,
	CALL_KMS_INFO,
	CALL_GATEWAY_APP_ID,
	CALL_REGISTERED_APPS,
	CALL_ALLOWED_OS_IMAGES,
	CALL_KMS_ALLOWED_AGGREGATED_MRS,
	CALL_KMS_ALLOWED_DEVICE_IDS,
	CALL_APP_IMPLEMENTATION,
	/* Safe, read */
	CALL_GET_THRESHOLD,
	CALL_GET_OWNERS,
	/* GasPriceOracle of the OP stack, read */
	CALL_GET_L1_FEE,
	CALL_GET_L1_FEE_UPPER_BOUND,
	CALL_COUNT,
	CALL_NONE = CALL_COUNT,
};

enum contract_event {
	EVENT_COMPOSE_HASH_ADDED,
	EVENT_COMPOSE_HASH_REMOVED,
	EVENT_DEVICE_ADDED,
	EVENT_DEVICE_REMOVED,
	EVENT_ALLOW_ANY_DEVICE_SET,
	EVENT_REQUIRE_TCB_SET,
	EVENT_POLICY_CHANGED,
	EVENT_OWNERSHIP_TRANSFERRED,
	EVENT_OWNERSHIP_TRANSFER_STARTED,
	EVENT_INITIALIZED,
	EVENT_UPGRADED,
	EVENT_UPGRADES_DISABLED,
	EVENT_APP_REGISTERED,
	EVENT_OS_IMAGE_ADDED,
	EVENT_OS_IMAGE_REMOVED,
	EVENT_COUNT,
	EVENT_NONE = EVENT_COUNT,
};

/* "addComposeHash(bytes32)" and what it returns ("bool", "" for nothing). */
const char *contract_signature(enum contract_call call);
const char *contract_returns(enum contract_call call);
/* The name alone, "addComposeHash"; borrowed until the program ends. */
const char *contract_name(enum contract_call call);
/* The event a successful call emits; EVENT_NONE for reads. */
enum contract_event contract_emits(enum contract_call call);
/* Which call the calldata are of, by selector; CALL_NONE when unknown. */
enum contract_call contract_find(const uint8_t *data, size_t len);

/* Adds the calldata. Errors: those of abi_encode. */
bool contract_encode(enum contract_call call, const struct abi_value *args, size_t count, struct buf *out,
	struct error *err) MUST_CHECK;
/* The common forms: no argument, one word, one flag, one address. They cannot fail for such calls. */
void contract_encode_plain(enum contract_call call, struct buf *out);
void contract_encode_word(enum contract_call call, const struct bytes32 *word, struct buf *out);
void contract_encode_flag(enum contract_call call, bool flag, struct buf *out);

/*
 * Decodes what a call returned. An empty answer (no code there, or no such
 * function) is an error like any other, never a value.
 */
bool contract_decode(enum contract_call call, const uint8_t *data, size_t len, struct abi_values *out,
	struct error *err) MUST_CHECK;
bool contract_decode_bool(enum contract_call call, const uint8_t *data, size_t len, bool *out, struct error *err) MUST_CHECK;
bool contract_decode_address(enum contract_call call, const uint8_t *data, size_t len, struct address *out,
	struct error *err) MUST_CHECK;
bool contract_decode_u256(enum contract_call call, const uint8_t *data, size_t len, struct u256 *out, struct error *err) MUST_CHECK;

/*
 * Adds the call as text, "addComposeHash(0xd1e8…)" with whole values, or
 * "unknown call 0x12345678 (68 bytes)"; safe to show.
 */
void contract_describe(struct buf *out, const uint8_t *data, size_t len);

/* --- logs --- */

enum { LOG_MAX_TOPICS = 4 };

struct log_entry {
	struct address address;
	struct bytes32 topics[LOG_MAX_TOPICS];
	size_t topic_count;
	const uint8_t *data;
	size_t len;
};

struct event_arg {
	const char *name; /* "composeHash" */
	const char *type; /* "bytes32", "bool", "address", "uint64" */
	uint8_t word[32];
};

struct decoded_event {
	enum contract_event event;
	const char *name; /* "ComposeHashAdded" */
	struct event_arg args[LOG_MAX_TOPICS];
	size_t arg_count;
};

/* keccak-256 of the event's signature. */
void contract_event_topic(enum contract_event event, struct bytes32 *out);
const char *contract_event_name(enum contract_event event);
/* Errors: STATUS_CHAIN "log-unknown" (no topic this program knows), "log-malformed". */
bool contract_decode_log(const struct log_entry *log, struct decoded_event *out, struct error *err) MUST_CHECK;
/* Whether the log is that event of that contract with that first argument (a word as encoded). */
bool contract_log_is(const struct log_entry *log, const struct address *contract, enum contract_event event,
	const struct bytes32 *first);

/* --- what a revert says --- */

struct decoded_revert {
	const char *name;        /* "OwnableUnauthorizedAccount"; NULL when unknown or empty */
	bool has_selector;       /* false: the call reverted without data */
	uint8_t selector[4];
	struct abi_values args;  /* borrowed bytes; cleared by contract_revert_clear */
};

/* Errors: STATUS_CHAIN "revert-malformed": a known error with bad arguments, or less than a selector. */
bool contract_decode_revert(const uint8_t *data, size_t len, struct decoded_revert *out, struct error *err) MUST_CHECK;
void contract_revert_clear(struct decoded_revert *revert);
/* Adds it for a person: `OwnableUnauthorizedAccount(0x…)`, `Error("…")`, `Panic(17: arithmetic overflow)`; safe to show. */
void contract_describe_revert(struct buf *out, const uint8_t *data, size_t len);

#endif
