/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger's own files and the contracts share. */
#ifndef CVMDECK_SANDBOX_LEDGER_OWN_H
#define CVMDECK_SANDBOX_LEDGER_OWN_H

#include "sandbox/ledger.h"

void sb_ledger_append_block(struct sb_ledger *ledger, int64_t at_ms);
void sb_tx_free(struct sb_tx *tx);
/* Puts a transaction that ran into the newest block. */
void sb_ledger_keep_mined(struct sb_ledger *ledger, struct sb_tx *tx);

/* Each contract runs one call whose selector and words it reads itself. */
void sb_app_call(struct sb_ledger *ledger, struct sb_contract *app, struct sb_call *call);
void sb_kms_call(struct sb_ledger *ledger, struct sb_contract *kms, struct sb_call *call);
void sb_multicall_call(struct sb_ledger *ledger, struct sb_contract *contract, struct sb_call *call);
void sb_oracle_call(struct sb_ledger *ledger, struct sb_contract *oracle, struct sb_call *call);
void sb_safe_call(struct sb_ledger *ledger, struct sb_contract *safe, struct sb_call *call);

/* The selector as a number, 0 for data too short. */
uint32_t sb_call_selector(const struct sb_call *call);
/* Word i behind the selector, or NULL when the data ends before. */
const uint8_t *sb_call_word(const struct sb_call *call, size_t i);
/* Fails the call: with nothing, with Error(string), with a custom error of one address. */
void sb_call_revert(struct sb_call *call);
void sb_call_revert_text(struct sb_call *call, const char *text);
void sb_call_revert_address(struct sb_call *call, uint32_t selector, const uint8_t address[SB_ADDRESS_SIZE]);
/* Answers. */
void sb_answer_bool(struct sb_call *call, bool value);
void sb_answer_number(struct sb_call *call, uint64_t value);
void sb_answer_address(struct sb_call *call, const uint8_t address[SB_ADDRESS_SIZE]);
void sb_answer_text(struct sb_call *call, const char *text);
void sb_add_number(struct buf *out, uint64_t value);
/* Bytes filled up to whole words. */
void sb_add_padded(struct buf *out, const uint8_t *bytes, size_t len);
/* An event with data words and no topic but its own. */
struct sb_log *sb_call_log(struct sb_call *call, const char *signature);

#endif
