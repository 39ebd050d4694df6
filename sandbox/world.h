/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exists: one workspace with its nodes, key services and CVMs, the same
 * for the same seed. Times are wall milliseconds. A rollout is a record with a
 * start; stages.c works out where it stands at a given moment.
 */
#ifndef CVMDECK_SANDBOX_WORLD_H
#define CVMDECK_SANDBOX_WORLD_H

#include "base/hash.h"
#include "sandbox/ledger.h"
#include "sandbox/manifest.h"

enum { SB_UUID_TEXT = 37, SB_NAME_SIZE = 96, SB_NODES = 7, SB_KEY_SIZE = 32 };

struct sb_node {
	int id;
	const char *name;
	const char *region;
	uint8_t ppid[16];
	uint8_t device_id[HASH_SIZE];
};

struct sb_kms {
	const char *id;
	const char *slug;
	const char *url;
	bool onchain;
	uint8_t contract[SB_ADDRESS_SIZE];
	uint8_t root_key[SB_KEY_SIZE]; /* throw-away: derived from the seed */
	uint8_t root_public[33];
	uint8_t ca_public[91];
};

/* A run of one container or of the machine, for the logs. */
struct sb_epoch {
	char source[64]; /* "serial", "stdout", "stderr" or a service's name */
	char image[160];
	int64_t from_ms;
	int64_t until_ms; /* 0: still running */
	bool failed;      /* ended with an error of the boot */
};

struct sb_revision {
	uint8_t id[16];
	uint8_t hash[HASH_SIZE];
	char *text; /* the document */
	char *encrypted_env;
	int64_t at_ms;
	const char *operation;
};

struct sb_operation {
	char correlation_id[SB_UUID_TEXT];
	const char *type;
	int64_t started_ms;
	int64_t ended_ms; /* 0: in progress */
	uint8_t hash[HASH_SIZE];
	char *error;
};

/* An update that waits for its hash: what a PATCH left behind. */
struct sb_pending {
	uint8_t hash[HASH_SIZE];
	char *text;
	char *encrypted_env;
	uint8_t base[HASH_SIZE];  /* the hash in force when it was made */
	char token[SB_UUID_TEXT]; /* "" unless it was prepared */
	int64_t at_ms;
	bool used;
};

enum sb_outcome { SB_ROLL_OK, SB_ROLL_BACK, SB_ROLL_NEVER, SB_ROLL_IDLE, SB_ROLL_STOPS };

struct sb_rollout {
	bool active;
	int64_t started_ms;
	char correlation_id[SB_UUID_TEXT];
	uint8_t hash[HASH_SIZE];
	char *text;
	char *encrypted_env;
	enum sb_outcome outcome;
	char boot_error[256];
	bool logs_moved; /* the old containers' epochs are closed, the new ones' open */
};

enum sb_status { SB_RUNNING, SB_STOPPED, SB_STUCK, SB_STARTING };

struct sb_cvm {
	int number;
	char name[SB_NAME_SIZE];
	uint8_t app_id[SB_ADDRESS_SIZE];
	uint8_t uuid[16];
	uint8_t instance_id[SB_ADDRESS_SIZE];
	const struct sb_node *node;
	const struct sb_kms *kms;
	struct sb_contract *contract; /* NULL without on-chain KMS */
	bool bound; /* its contract is on a chain elsewhere (bind.h), at the same address */
	enum sb_status status;
	enum sb_form form;
	int vcpu, memory_gb, disk_gb;
	char *text; /* app-compose.json in force */
	uint8_t hash[HASH_SIZE];
	char *encrypted_env;
	int64_t created_ms, booted_ms;
	char boot_error[256]; /* of the last rollout, until the next one begins */
	struct sb_rollout rollout;
	struct sb_epoch *epochs;
	size_t epoch_count, epoch_cap;
	struct sb_revision *revisions;
	size_t revision_count, revision_cap;
	struct sb_operation *operations;
	size_t operation_count, operation_cap;
	struct sb_pending *pending;
	size_t pending_count, pending_cap;
};

struct sb_world {
	uint64_t seed;
	double speed;
	int64_t began_ms;
	uint64_t next_uuid;
	struct sb_ledger *ledger;
	int64_t chain_id; /* as the backend tells it */
	struct sb_node nodes[SB_NODES];
	struct sb_contract *kms_contract; /* of kms[0]; the ledger's */
	struct sb_kms kms[2]; /* [0] on chain, [1] Phala's own */
	struct sb_cvm *cvms;
	size_t cvm_count;
	uint8_t owner_key[SB_KEY_SIZE], other_key[SB_KEY_SIZE];
	uint8_t owner[SB_ADDRESS_SIZE], other[SB_ADDRESS_SIZE];
	uint8_t safe[SB_ADDRESS_SIZE];
	uint8_t os_image[HASH_SIZE];
	char log_base[64]; /* http://127.0.0.2:PORT */
	char api_base[64];
};

struct sb_world *sb_world_new(struct loop *loop, uint64_t seed, size_t cvms, double speed, int64_t mine_ms, struct error *err) MUST_CHECK;
void sb_world_free(struct sb_world *world);

/* 32 bytes that follow from the seed, a label and a number. */
void sb_world_derive(uint64_t seed, const char *label, uint64_t index, uint8_t out[HASH_SIZE]);
/* A version-4 UUID as text from 16 bytes, and a fresh one. */
const char *sb_uuid_text(char out[SB_UUID_TEXT], const uint8_t bytes[16]);
void sb_world_new_uuid(struct sb_world *world, char out[SB_UUID_TEXT]);

/* Keys that lie open in the seed, lent to the tools that want them locked away. */
bool sb_key_address(const uint8_t key[SB_KEY_SIZE], uint8_t out[SB_ADDRESS_SIZE], struct error *err) MUST_CHECK;
bool sb_key_public(const uint8_t key[SB_KEY_SIZE], uint8_t out[33], struct error *err) MUST_CHECK;

/*
 * Finds by name, UUID (with or without dashes), app id (with app_ or 0x),
 * instance_<id> or cvm_<…>. Out: *count of CVMs that the name fits.
 */
struct sb_cvm *sb_world_find(struct sb_world *world, const char *id, size_t *count);
struct sb_cvm *sb_world_find_uuid(struct sb_world *world, const char *uuid);

/* The key env values are encrypted to, and the KMS's signature over it (65 bytes). */
void sb_world_env_key(const struct sb_world *world, const struct sb_cvm *cvm, uint8_t public_key[32]);
bool sb_world_sign_env_key(const struct sb_kms *kms, const uint8_t *app_id, const uint8_t public_key[32], uint8_t signature[65]);

/* The document in force, parsed; the caller frees. Never NULL for what this room made. */
json *sb_cvm_document(const struct sb_cvm *cvm);
/* Sets the text and its hash. */
void sb_cvm_set_text(struct sb_cvm *cvm, const char *text);
void sb_cvm_add_epoch(struct sb_cvm *cvm, const char *source, const char *image, int64_t from_ms);
/* Opens the epochs of a document's containers. */
void sb_cvm_start_containers(struct sb_cvm *cvm, const char *text, int64_t at_ms);
void sb_cvm_add_revision(struct sb_world *world, struct sb_cvm *cvm, const char *operation, int64_t at_ms);

#endif
