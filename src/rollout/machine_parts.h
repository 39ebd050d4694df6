/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the machine: what its files share. Nobody else includes this. */
#ifndef CVMDECK_ROLLOUT_MACHINE_PARTS_H
#define CVMDECK_ROLLOUT_MACHINE_PARTS_H

#include "rollout/machine.h"

typedef void machine_handler(struct machine *machine, const struct event *event, struct effects *out);

/* Adds an effect; borrowed until the next one is added. */
struct effect *machine_emit(struct effects *out, enum effect_kind kind);
/* Goes to a state and emits what entering it asks for. */
void machine_enter(struct machine *machine, enum machine_state state, int64_t now_ms, struct effects *out);
/* Waits for the disk, then enters the state. */
void machine_write_then(struct machine *machine, enum machine_write write, enum machine_state after, struct effects *out);
/* Ends with a failure; resumable: the state it is in now is the one to go on from. */
void machine_end(struct machine *machine, const struct error *error, bool resumable, struct effects *out);
void machine_finish(struct machine *machine, struct effects *out);

/* machine_tx.c */
struct machine_tx *machine_tx_now(struct machine *machine);
struct machine_try *machine_try_now(struct machine *machine);
bool machine_plan_txs(struct machine *machine, const struct machine_checked *checked);
void machine_add_tx(struct machine *machine, enum allow_verb verb, const uint8_t value[32]);
void machine_next_tx(struct machine *machine, int64_t now_ms, struct effects *out);
/* Once more the same bytes of the hash transaction; false when there are none or they were sent again before. */
bool machine_send_again(struct machine *machine, int64_t now_ms, struct effects *out);
machine_handler machine_on_card_built, machine_on_card, machine_on_signing, machine_on_sending, machine_on_mining;

/* machine_after.c */
machine_handler machine_on_confirming, machine_on_confirm_gap, machine_on_resolving, machine_on_rolling, machine_on_verifying;
void machine_to_confirm(struct machine *machine, struct effects *out);

/* machine_ops.c */
machine_handler machine_on_review, machine_on_stopped, machine_on_waiting, machine_on_done, machine_on_failed;

#endif
