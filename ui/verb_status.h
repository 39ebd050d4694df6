/* SPDX-License-Identifier: Apache-2.0 */
/* The live status of CVMs that were read, for the commands that show them. */
#ifndef CVMDECK_UI_VERB_STATUS_H
#define CVMDECK_UI_VERB_STATUS_H

#include "cloud/cvm.h"
#include "rollout/session.h"

/* Runs the loop. What cannot be read stays as it was and is said on standard error. */
void verb_read_statuses(struct session *session, struct cvm *cvms, size_t count);

#endif
