/* SPDX-License-Identifier: Apache-2.0 */
/* A store for log lines with the limits the operator gave: so much memory, so much disk. */
#ifndef CVMDECK_UI_LOG_STORE_H
#define CVMDECK_UI_LOG_STORE_H

#include "logs/store.h"
#include "rollout/session.h"

/*
 * Always a store; *err says (STATUS_OK: it does not) why it has no disk though
 * one was given. changed: see logs_store_spill.
 */
struct logs_store *log_store_new(struct session *session, logs_changed_fn *changed, void *ctx, struct error *err);

#endif
