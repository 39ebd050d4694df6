/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of a CVM, apart from how they are asked for: what is kept, what is verified, what begins. */
#ifndef CVMDECK_SANDBOX_UPDATE_H
#define CVMDECK_SANDBOX_UPDATE_H

#include "sandbox/routes.h"

/*
 * The document that an update makes. Returns false when the exchange has failed
 * (size, no service). Out: the text, to be freed, and its hash.
 */
bool sb_update_make(struct sb_exchange *exchange, const json *update, char **text, uint8_t hash[HASH_SIZE]) MUST_CHECK;

/* Keeps an update until its hash is on the chain; prepared ones replace their like. */
struct sb_pending *sb_update_keep(struct sb_exchange *exchange, char *text, const uint8_t hash[HASH_SIZE], const char *encrypted_env, bool prepared);
struct sb_pending *sb_update_find(struct sb_cvm *cvm, const uint8_t hash[HASH_SIZE]);
struct sb_pending *sb_update_find_token(struct sb_cvm *cvm, const char *token);

/*
 * Confirms: transaction and allowlist are looked at on the sandbox's own chain.
 * Returns false when the exchange has failed with 465 to 468 or 409.
 */
bool sb_update_confirm(struct sb_exchange *exchange, struct sb_pending *pending, const char *transaction, char correlation_id[SB_UUID_TEXT]) MUST_CHECK;
/* Rolls the CVM to a text at once. */
void sb_update_begin(struct sb_exchange *exchange, const char *text, const char *encrypted_env, char correlation_id[SB_UUID_TEXT]);

#endif
