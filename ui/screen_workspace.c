/* SPDX-License-Identifier: Apache-2.0 */
/* Home: every CVM of the workspace, found, sorted, and from here updated, read and watched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/flow.h"
#include "ui/inspect.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"
#include "ui/workspace_columns.h"
#include "ui/workspace_detail.h"

enum { GLANCES = 200 };

struct workspace_screen {
	struct screen screen;
	struct list list;
	struct inspect *inspect;
	struct glance *glance;
	bool over; /* the rollout in hand has ended, as its contract knows already */
	size_t watched_first, watched_count;
};

/* ---- drawing ---- */

static int chain_cell(struct workspace_screen *self, struct ui *ui, struct area line, int row, int col, text_style mark, const struct cvm *cvm)
{
	const struct glance_row *seen = glance_get(self->glance, cvm);

	return area_field(line, row, col, workspace_column_width(line.width, WORKSPACE_CHAIN), mark_style(seen->allowed) | mark, workspace_chain_mark(ui, seen));
}

static void draw_cvm(struct workspace_screen *self, struct ui *ui, struct area line, int row, const struct cvm *cvm, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	int col = 1;
	size_t i;

	if (selected)
		area_fill(line, row, 0, line.width, ROLE_TEXT | mark, ' ');
	area_put(line, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	for (i = 0; i < WORKSPACE_COLUMNS; i++)
		col = (i == WORKSPACE_CHAIN ? chain_cell(self, ui, line, row, col, mark, cvm) :
		       workspace_draw_cell(line, row, col, mark, cvm, (enum workspace_column)i)) + 1;
	if (cvm->operation[0] || cvm->boot_error[0])
		area_field(line, row, col + 1, line.width - col - 2, (cvm->boot_error[0] ? ROLE_BAD : ROLE_WARN) | mark,
		           cvm->boot_error[0] ? cvm->boot_error : cvm->operation);
}

/* Live status is asked for what is on screen, and only when that changes. */
static void watch(struct workspace_screen *self, struct workspace *workspace)
{
	size_t first = self->list.top, count = self->list.height;

	if (first == self->watched_first && count == self->watched_count)
		return;
	self->watched_first = first;
	self->watched_count = count;
	workspace_watch(workspace, first, count);
}

/* The chain is asked about what is on screen, the selected CVM first. */
static void look_at_chain(struct workspace_screen *self, struct workspace *workspace)
{
	const struct cvm *shown[GLANCES];
	size_t count = 0, i;

	shown[count++] = workspace_row(workspace, self->list.selected);
	for (i = 0; i < self->list.height && count < GLANCES; i++)
		shown[count++] = workspace_row(workspace, self->list.top + i);
	glance_watch(self->glance, shown, count);
}

static void workspace_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct workspace_screen *self = (struct workspace_screen *)screen;
	struct workspace *workspace = session_workspace(ui->session);
	const struct cvm *chosen;
	struct area detail;
	size_t i;

	if (!workspace || !workspace_rows(workspace)) {
		workspace_draw_nothing(ui, body, workspace);
		return;
	}
	workspace_draw_head(area_top(&body, 1), workspace);
	detail = area_bottom(&body, WORKSPACE_DETAIL_ROWS);
	if (workspace_is_partial(workspace))
		workspace_draw_partial(area_bottom(&body, 1), workspace_state(workspace));
	self->list.selected = workspace_selected(workspace);
	list_fit(&self->list, workspace_rows(workspace), body.height);
	watch(self, workspace);
	look_at_chain(self, workspace);
	for (i = 0; i < self->list.height && self->list.top + i < self->list.count; i++)
		draw_cvm(self, ui, body, (int)i, workspace_row(workspace, self->list.top + i), self->list.top + i == self->list.selected);
	chosen = workspace_row(workspace, self->list.selected);
	if (!chosen)
		return;
	inspect_look(self->inspect, chosen);
	workspace_draw_detail(ui, detail, chosen, glance_get(self->glance, chosen), self->inspect);
}

static void workspace_title(struct screen *screen, struct ui *ui, struct buf *out)
{
	struct workspace *workspace = session_workspace(ui->session);
	const struct workspace_state *state = workspace ? workspace_state(workspace) : NULL;
	char rows[TEXT_SHORT_SIZE + 8], all[TEXT_SHORT_SIZE + 8];

	(void)screen;
	if (!state)
		return;
	if (state->loading)
		buf_add_format(out, "%s ", ui_spinner(ui));
	text_grouped(rows, workspace_rows(workspace));
	text_grouped(all, state->loading && state->total > workspace_count(workspace) ? state->total : workspace_count(workspace) + state->missing);
	if (strcmp(rows, all) != 0)
		buf_add_format(out, "%s of %s CVMs", rows, all);
	else
		buf_add_format(out, "%s CVMs", all);
	if (workspace_filter_text(workspace)[0])
		buf_add_format(out, "  /%s", workspace_filter_text(workspace));
}

static void workspace_move(struct screen *screen, struct ui *ui, enum move move)
{
	struct workspace_screen *self = (struct workspace_screen *)screen;
	struct workspace *workspace = session_workspace(ui->session);

	if (!workspace)
		return;
	list_move(&self->list, move);
	workspace_select(workspace, self->list.selected);
}

/* Esc takes the filter away before it does anything else. */
static bool workspace_key(struct screen *screen, struct ui *ui, const struct key *key)
{
	struct workspace *workspace = session_workspace(ui->session);

	if (key_is(key, "<C-r>")) /* the command reads the list anew, and the chain goes with it */
		glance_expire(((struct workspace_screen *)screen)->glance, NULL);
	if (!key_is(key, "<Esc>") || !workspace || !workspace_filter_text(workspace)[0])
		return false;
	workspace_filter(workspace, "");
	return true;
}

/* A rollout that has ended has changed what runs, and perhaps what its contract allows. */
static void workspace_changed(struct screen *screen, struct ui *ui)
{
	struct workspace_screen *self = (struct workspace_screen *)screen;
	const struct rollout_view *view = flow_view(ui);
	bool over = view && view->outcome;

	if (over && !self->over) {
		glance_expire(self->glance, view->cvm.app_address);
		inspect_expire(self->inspect);
		if (session_workspace(ui->session))
			workspace_renew(session_workspace(ui->session), &view->cvm);
	}
	self->over = over;
}

static void glance_changed(void *ctx)
{
	ui_dirty(ctx);
}

static void workspace_screen_free(struct screen *screen)
{
	glance_free(((struct workspace_screen *)screen)->glance);
	inspect_free(((struct workspace_screen *)screen)->inspect);
	free(screen);
}

static const struct screen_ops workspace_ops = {
	.name = "workspace",
	.context = CTX_WORKSPACE,
	.draw = workspace_draw,
	.title = workspace_title,
	.key = workspace_key,
	.move = workspace_move,
	.changed = workspace_changed,
	.free = workspace_screen_free,
};

struct screen *screen_workspace_new(struct ui *ui)
{
	struct workspace_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &workspace_ops;
	self->inspect = inspect_new(ui);
	self->glance = glance_new(ui->session, glance_changed, ui);
	return &self->screen;
}
