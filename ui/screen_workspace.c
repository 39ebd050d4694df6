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
#include "ui/workspace_detail.h"

enum { CELL_SIZE = 96, GLANCES = 200 };

struct workspace_screen {
	struct screen screen;
	struct list list;
	struct inspect *inspect;
	struct glance *glance;
	bool over; /* the rollout in hand has ended, as its contract knows already */
	size_t watched_first, watched_count;
};

/* ---- columns ---- */

struct column {
	const char *name;
	int least, wide; /* widths at 80 columns and where there is room */
	text_style style;
	void (*text)(char out[CELL_SIZE], const struct cvm *cvm);
};

static void name_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	text_copy(out, CELL_SIZE, cvm->name[0] ? cvm->name : cvm->vm_uuid);
}

static void status_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	static const char *const dots[] = { "○", "●", "◐", "○", "✗" };
	bool changing = cvm->in_progress || cvm->state == CVM_STATE_CHANGING;

	snprintf(out, CELL_SIZE, "%s %s", changing ? "◐" : dots[cvm->state], cvm->status);
}

static void app_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	char hex[48], brief[TEXT_SHORT_SIZE];

	snprintf(hex, sizeof(hex), "0x%s", cvm->app_id);
	text_copy(out, CELL_SIZE, cvm->app_id[0] ? text_short_hex(brief, hex) : "–");
}

static void node_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	snprintf(out, CELL_SIZE, "%s %s", cvm->node_name, cvm->node_region);
}

static void kms_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	text_copy(out, CELL_SIZE, cvm->kms_type[0] ? cvm->kms_type : "–");
}

static void compose_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	char brief[TEXT_SHORT_SIZE];

	text_copy(out, CELL_SIZE, cvm->compose_hash[0] ? text_short_hex(brief, cvm->compose_hash) : "–");
}

static void uptime_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	char brief[TEXT_SHORT_SIZE];

	text_copy(out, CELL_SIZE, cvm->uptime_s >= 0 ? text_duration(brief, cvm->uptime_s * 1000) : cvm->uptime);
}

static const struct column columns[] = {
	[WORKSPACE_NAME] = { "NAME", 14, 22, ROLE_TEXT, name_text },
	[WORKSPACE_STATUS] = { "STATUS", 11, 13, ROLE_TEXT, status_text },
	[WORKSPACE_APP_ID] = { "APP ID", 11, 12, ROLE_DIM, app_text },
	[WORKSPACE_NODE] = { "NODE", 10, 15, ROLE_TEXT, node_text },
	[WORKSPACE_KMS] = { "KMS", 5, 8, ROLE_TEXT, kms_text },
	[WORKSPACE_COMPOSE] = { "COMPOSE", 9, 10, ROLE_DIM, compose_text },
	[WORKSPACE_CHAIN] = { "CHAIN", 5, 6, ROLE_DIM, NULL }, /* from the chain itself: see chain_cell */
	[WORKSPACE_UPTIME] = { "UPTIME", 7, 8, ROLE_DIM, uptime_text },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static int column_width(int width, size_t i)
{
	int extra = width >= 140 && i == WORKSPACE_NAME ? 14 : 0;

	return (width >= 104 ? columns[i].wide : columns[i].least) + extra;
}

static text_style status_style(const struct cvm *cvm)
{
	if (cvm->in_progress || cvm->state == CVM_STATE_CHANGING)
		return ROLE_WARN;
	return cvm->state == CVM_STATE_RUNNING ? ROLE_GOOD : cvm->state == CVM_STATE_FAILED ? ROLE_BAD : ROLE_DIM;
}

/* ---- drawing ---- */

static void draw_head(struct area line, const struct workspace *workspace)
{
	int col = 1;
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		bool sorted = workspace_sort_column(workspace) == (enum workspace_column)i;
		char name[24];

		snprintf(name, sizeof(name), "%s%s", columns[i].name, !sorted ? "" : workspace_sort_descending(workspace) ? "▼" : "▲");
		col = (i == WORKSPACE_UPTIME ? area_field_right : area_field)(line, 0, col, column_width(line.width, i), sorted ? ROLE_ACCENT : ROLE_DIM, name) + 1;
	}
}

static int chain_cell(struct workspace_screen *self, struct ui *ui, struct area line, int row, int col, text_style mark, const struct cvm *cvm)
{
	const struct glance_row *seen = glance_get(self->glance, cvm);

	return area_field(line, row, col, column_width(line.width, WORKSPACE_CHAIN), mark_style(seen->allowed) | mark, workspace_chain_mark(ui, seen));
}

static int plain_cell(struct area line, int row, int col, text_style mark, const struct cvm *cvm, size_t i)
{
	text_style look = i == WORKSPACE_STATUS ? status_style(cvm) : columns[i].style;
	char text[CELL_SIZE];

	columns[i].text(text, cvm);
	return (i == WORKSPACE_UPTIME ? area_field_right : area_field)(line, row, col, column_width(line.width, i), look | mark, text);
}

static void draw_cvm(struct workspace_screen *self, struct ui *ui, struct area line, int row, const struct cvm *cvm, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	int col = 1;
	size_t i;

	if (selected)
		area_fill(line, row, 0, line.width, ROLE_TEXT | mark, ' ');
	area_put(line, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	for (i = 0; i < COLUMNS; i++)
		col = (columns[i].text ? plain_cell(line, row, col, mark, cvm, i) : chain_cell(self, ui, line, row, col, mark, cvm)) + 1;
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
	draw_head(area_top(&body, 1), workspace);
	detail = area_bottom(&body, WORKSPACE_DETAIL_ROWS);
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
	text_grouped(all, state->loading && state->total > workspace_count(workspace) ? state->total : workspace_count(workspace));
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

/* A rollout that has ended may have changed what its contract allows. */
static void workspace_changed(struct screen *screen, struct ui *ui)
{
	struct workspace_screen *self = (struct workspace_screen *)screen;
	const struct rollout_view *view = flow_view(ui);
	bool over = view && view->outcome;

	if (over && !self->over)
		glance_expire(self->glance, view->cvm.app_address);
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
