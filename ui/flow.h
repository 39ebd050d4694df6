/* SPDX-License-Identifier: Apache-2.0 */
/* The rollout in the console's hands: begun, followed from screen to screen, ended. */
#ifndef CVMDECK_UI_FLOW_H
#define CVMDECK_UI_FLOW_H

#include "ui/ui.h"

/* Starts what the options ask for. */
void flow_begin(struct ui *ui);
/* Starts a rollout and goes to its review; the request is taken over. Says why when it cannot. */
void flow_start(struct ui *ui, struct rollout_request *request);
/* Goes on with one from the journal. */
void flow_resume(struct ui *ui, const char *id);
/* Sends a command and says why when it does not fit. */
bool flow_do(struct ui *ui, enum rollout_op op, const char *text, struct secret *secret);
/* NULL when there is no rollout. */
const struct rollout_view *flow_view(const struct ui *ui);
/* True while one is between its review's approval and its end. */
bool flow_is_under_way(const struct ui *ui);
/* False with the error: the rollout the options asked for failed, or a signal ended the console in the middle of one. */
bool flow_result(struct ui *ui, struct error *err);
void flow_end(struct ui *ui);

#endif
