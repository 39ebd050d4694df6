/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core of example records under the console: it defines the functions of
 * session.h, workspace.h, rollout.h, api.h, logs.h and journal.h that the
 * console calls, so that screens are drawn and keys are tried without a wire.
 */
#ifndef CVMDECK_TESTS_UI_FAKE_H
#define CVMDECK_TESTS_UI_FAKE_H

#include "rollout/rollout.h"
#include "rollout/session.h"

#define FAKE_HASH_OLD "42ac8c1e5b7d4f6a90b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5bf5c"
#define FAKE_HASH_NEW "d1e8c4acc4e1cc5c8d2ebdfae0ae91d25a2077ae9739125ba03cf020e59bd2c6"
#define FAKE_DEVICE "fc6f8d2c1e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3580f"
#define FAKE_CONTRACT "0x5fc8d32690cc91D4c39d9d3abcBD16989F875707"

/* What log lines may take, before the session is made; the default otherwise. */
void fake_log_limits(const struct session_logs *limits);
/* The first CVM of the session. */
const struct cvm *fake_cvm(void);
/* A session with `cvms` CVMs and a rollout that waits for its operator at each step. */
struct session *fake_session(struct loop *loop, size_t cvms);
void fake_session_free(struct session *session);

/* The view of the rollout in hand; tests may change it, then call fake_changed. */
struct rollout_view *fake_view(void);
void fake_phase(enum rollout_phase phase);
void fake_card(unsigned index, bool offered);
void fake_changed(void);
/* Operator commands the console sent, "approve sign:0x… ", since the last call. */
const char *fake_ops(void);
/* Lines for every open log stream. */
void fake_log_line(const char *source, const char *text);
/* What the composition says from now on of the first container: its state; "" for not listed. */
void fake_container(const char *state);
/* Another container in the place of the first, under the same name and address or (address false) another one. */
void fake_container_replaced(bool same_address);
/* The logs of the CVM are not public (any more), or are. */
void fake_logs_off(bool off);
/* How often a stream was opened, and ends one as the server would: ended, or waiting to come again. */
unsigned fake_log_opened(void);
void fake_log_cut(const char *source);
/* False when the reader wants no more for now. */
bool fake_log_bytes(const char *source, const char *bytes, size_t len);

#endif
