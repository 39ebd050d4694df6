/* SPDX-License-Identifier: Apache-2.0 */
/* Editing the compose: asked for by do_edit_compose, begun when the review has it. */
#ifndef CVMDECK_UI_EDIT_H
#define CVMDECK_UI_EDIT_H

#include "ui/ui.h"

/* Opens the editor if that was asked for and the text is there; called when the rollout changed. */
void edit_when_ready(struct ui *ui);

#endif
