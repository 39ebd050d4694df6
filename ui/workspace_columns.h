/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the home screen's list: their heads, widths and cells, but for what is read from the chain. */
#ifndef CVMDECK_UI_WORKSPACE_COLUMNS_H
#define CVMDECK_UI_WORKSPACE_COLUMNS_H

#include "base/buf.h"
#include "cloud/workspace.h"
#include "ui/cells.h"

enum { WORKSPACE_COLUMNS = WORKSPACE_UPTIME + 1 };

/* In a window of this width. */
int workspace_column_width(int width, enum workspace_column i);
void workspace_draw_head(struct area line, const struct workspace *workspace);
/* Every column but CHAIN. Returns the column behind the cell. */
int workspace_draw_cell(struct area line, int row, int col, text_style mark, const struct cvm *cvm, enum workspace_column i);
/* By its name, or as much of it as no column before it has. */
bool workspace_column_by_name(const char *name, enum workspace_column *out);
void workspace_add_column_names(struct buf *out, const char *between);

#endif
