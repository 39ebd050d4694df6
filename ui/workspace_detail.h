/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the home screen: the lines about the CVM under the cursor, the mark of the CHAIN column, and what stands there when no list does. */
#ifndef CVMDECK_UI_WORKSPACE_DETAIL_H
#define CVMDECK_UI_WORKSPACE_DETAIL_H

#include "cloud/workspace.h"
#include "rollout/glance.h"
#include "ui/inspect.h"

enum { WORKSPACE_DETAIL_ROWS = 5 };

/* ✓ allowed, ✗ not allowed, ? could not be read, – no on-chain KMS, · not read yet, a spinner while it is. */
const char *workspace_chain_mark(struct ui *ui, const struct glance_row *row);
void workspace_draw_detail(struct ui *ui, struct area area, const struct cvm *cvm, const struct glance_row *row, const struct inspect *inspect);
/* Whether the list lacks what the last load should have brought, and the line that says so. */
bool workspace_is_partial(const struct workspace *workspace);
void workspace_draw_partial(struct area line, const struct workspace_state *state);
/* workspace NULL: there is none. */
void workspace_draw_nothing(struct ui *ui, struct area body, const struct workspace *workspace);

#endif
