/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a running rollout: its transaction to and from the journal. */
#ifndef CVMDECK_ROLLOUT_RUN_TX_H
#define CVMDECK_ROLLOUT_RUN_TX_H

#include "rollout/run.h"

/* The approved transaction as JSON, for the journal's approval row. */
json *run_tx_save(const struct tx *tx, const struct address *from);
/*
 * Makes the approved transaction again from the journal; it must have exactly
 * the digest. Errors: STATUS_INPUT "journal-damaged", or the journal's.
 */
bool run_tx_restore(struct rollout *rollout, const uint8_t digest[32], struct error *err) MUST_CHECK;
/* The signed bytes of that digest from the journal, and from them sender, nonce and fees. */
bool run_tx_restore_signed(struct rollout *rollout, const uint8_t digest[32], struct error *err) MUST_CHECK;
/* Notes nonce, fees and sender of the signed bytes, for looks and replacements. */
void run_tx_remember(struct rollout *rollout);

#endif
