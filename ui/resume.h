/* SPDX-License-Identifier: Apache-2.0 */
/* At start: is there a rollout that was left on its way? */
#ifndef CVMDECK_UI_RESUME_H
#define CVMDECK_UI_RESUME_H

#include "ui/ui.h"

/* Reads the journal on the worker and, where an approved rollout stands open, asks whether to go on with it. */
void resume_offer(struct ui *ui);
/* The console goes: an answer that comes later is dropped. */
void resume_forget(void);

#endif
