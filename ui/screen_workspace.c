/* SPDX-License-Identifier: Apache-2.0 */
/* Home: every CVM of the workspace, found, sorted, and from here updated, read and watched. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/inspect.h"
#include "ui/screens.h"
#include "ui/widget_frame.h"
#include "ui/widget_list.h"

enum { DETAIL_ROWS = 4, CELL_SIZE = 96 };

struct workspace_screen {
	struct screen screen;
	struct list list;
	struct inspect *inspect;
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

static void chain_text(char out[CELL_SIZE], const struct cvm *cvm)
{
	if (cvm->chain_id)
		snprintf(out, CELL_SIZE, "%" PRIu64, cvm->chain_id);
	else
		text_copy(out, CELL_SIZE, cvm_is_onchain(cvm) ? "?" : "–");
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
	[WORKSPACE_CHAIN] = { "CHAIN", 5, 6, ROLE_DIM, chain_text },
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

static void draw_cvm(struct area line, int row, const struct cvm *cvm, bool selected)
{
	text_style mark = selected ? ATTR_SELECTED : 0;
	int col = 1;
	size_t i;

	if (selected)
		area_fill(line, row, 0, line.width, ROLE_TEXT | mark, ' ');
	area_put(line, row, 0, ROLE_ACCENT | mark, selected ? "▸" : " ");
	for (i = 0; i < COLUMNS; i++) {
		char text[CELL_SIZE];
		text_style look = i == WORKSPACE_STATUS ? status_style(cvm) : columns[i].style;

		columns[i].text(text, cvm);
		if (i == WORKSPACE_UPTIME)
			col = area_field_right(line, row, col, column_width(line.width, i), look | mark, text) + 1;
		else
			col = area_field(line, row, col, column_width(line.width, i), look | mark, text) + 1;
	}
	if (cvm->operation[0] || cvm->boot_error[0])
		area_field(line, row, col + 1, line.width - col - 2, (cvm->boot_error[0] ? ROLE_BAD : ROLE_WARN) | mark,
		           cvm->boot_error[0] ? cvm->boot_error : cvm->operation);
}

static void detail_line(struct area area, int row, const char *name, const char *text)
{
	area_field(area, row, 1, 14, ROLE_DIM, name);
	area_field(area, row, 16, area.width - 17, ROLE_TEXT, text);
}

static const char *flag_word(uint8_t flag)
{
	return flag == CVM_YES ? "on" : flag == CVM_NO ? "off" : "?";
}

static void draw_detail(struct workspace_screen *self, struct ui *ui, struct area area, const struct cvm *cvm)
{
	char device[TEXT_SHORT_SIZE], contract[TEXT_SHORT_SIZE], facts[256];
	const char *waiting = inspect_is_waiting(self->inspect) ? ui_spinner(ui) : "–";

	area_rule(area, 0);
	if (cvm->boot_error[0])
		snprintf(facts, sizeof(facts), "boot error: %s", cvm->boot_error);
	else
		snprintf(facts, sizeof(facts), "contract %s   device %s   public logs %s   sysinfo %s", cvm->app_address[0] ? text_short_hex(contract, cvm->app_address) : "none",
		         cvm->device_id[0] ? text_short_hex(device, cvm->device_id) : "?", flag_word(cvm->public_logs), flag_word(cvm->public_sysinfo));
	detail_line(area, 1, cvm->name, facts);
	detail_line(area, 2, "services", inspect_services(self->inspect)[0] ? inspect_services(self->inspect) : waiting);
	detail_line(area, 3, "endpoints", inspect_endpoints(self->inspect)[0] ? inspect_endpoints(self->inspect) : waiting);
}

static void draw_nothing(struct ui *ui, struct area body, const struct workspace *workspace)
{
	const struct workspace_state *state = workspace ? workspace_state(workspace) : NULL;
	char line[640];

	if (!state) {
		draw_empty(body, "There is no way to Phala Cloud.", NULL);
	} else if (state->error.status != STATUS_OK && !workspace_count(workspace)) {
		area_rule(body, 1);
		draw_error(body, 2, &state->error);
	} else if (state->loading) {
		snprintf(line, sizeof(line), "%s reading the workspace", ui_spinner(ui));
		draw_empty(body, line, NULL);
	} else if (workspace_count(workspace)) {
		draw_empty(body, "No CVM matches the filter.", "Esc shows all");
	} else {
		draw_empty(body, "This workspace has no CVMs.", "deploy one with the phala CLI or the dashboard, then press ^R");
	}
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

static void workspace_draw(struct screen *screen, struct ui *ui, struct area body)
{
	struct workspace_screen *self = (struct workspace_screen *)screen;
	struct workspace *workspace = session_workspace(ui->session);
	const struct cvm *chosen;
	struct area detail;
	size_t i;

	if (!workspace || !workspace_rows(workspace)) {
		draw_nothing(ui, body, workspace);
		return;
	}
	draw_head(area_top(&body, 1), workspace);
	detail = area_bottom(&body, DETAIL_ROWS);
	self->list.selected = workspace_selected(workspace);
	list_fit(&self->list, workspace_rows(workspace), body.height);
	watch(self, workspace);
	for (i = 0; i < self->list.height && self->list.top + i < self->list.count; i++)
		draw_cvm(body, (int)i, workspace_row(workspace, self->list.top + i), self->list.top + i == self->list.selected);
	chosen = workspace_row(workspace, self->list.selected);
	if (!chosen)
		return;
	inspect_look(self->inspect, chosen);
	draw_detail(self, ui, detail, chosen);
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

	(void)screen;
	if (!key_is(key, "<Esc>") || !workspace || !workspace_filter_text(workspace)[0])
		return false;
	workspace_filter(workspace, "");
	return true;
}

static void workspace_screen_free(struct screen *screen)
{
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
	.free = workspace_screen_free,
};

struct screen *screen_workspace_new(struct ui *ui)
{
	struct workspace_screen *self = mem_new(1, sizeof(*self));

	self->screen.ops = &workspace_ops;
	self->inspect = inspect_new(ui);
	return &self->screen;
}
