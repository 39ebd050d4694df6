/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/workspace_columns.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { CELL_SIZE = 96 };

struct column {
	const char *name;
	int least, wide; /* widths at 80 columns and where there is room */
	text_style style;
	void (*text)(char out[CELL_SIZE], const struct cvm *cvm);
	void (*brief)(char out[CELL_SIZE], const struct cvm *cvm); /* where the whole does not fit; NULL: cut */
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

static void node_name(char out[CELL_SIZE], const struct cvm *cvm)
{
	text_copy(out, CELL_SIZE, cvm->node_name);
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

	if (cvm->uptime_s == 0)
		text_copy(out, CELL_SIZE, "0s");
	else
		text_copy(out, CELL_SIZE, cvm->uptime_s > 0 ? text_duration(brief, cvm->uptime_s * 1000) : cvm->uptime);
}

static const struct column columns[WORKSPACE_COLUMNS] = {
	[WORKSPACE_NAME] = { "NAME", 16, 22, ROLE_TEXT, name_text, NULL },
	[WORKSPACE_STATUS] = { "STATUS", 10, 12, ROLE_TEXT, status_text, NULL },
	[WORKSPACE_APP_ID] = { "APP ID", 11, 11, ROLE_DIM, app_text, NULL },
	[WORKSPACE_NODE] = { "NODE", 8, 20, ROLE_TEXT, node_text, node_name },
	[WORKSPACE_KMS] = { "KMS", 5, 5, ROLE_TEXT, kms_text, NULL },
	[WORKSPACE_COMPOSE] = { "COMPOSE", 9, 9, ROLE_DIM, compose_text, NULL },
	[WORKSPACE_CHAIN] = { "CHAIN", 6, 6, ROLE_DIM, NULL, NULL }, /* from the chain itself: see chain_cell */
	[WORKSPACE_UPTIME] = { "UPTIME", 7, 8, ROLE_DIM, uptime_text, NULL },
};

int workspace_column_width(int width, enum workspace_column i)
{
	/* Beyond this the room is the operation's, or a boot error's. */
	int extra = width >= 140 && i == WORKSPACE_NAME ? 18 : 0;

	return (width >= 104 ? columns[i].wide : columns[i].least) + extra;
}

static text_style status_style(const struct cvm *cvm)
{
	if (cvm->in_progress || cvm->state == CVM_STATE_CHANGING)
		return ROLE_WARN;
	return cvm->state == CVM_STATE_RUNNING ? ROLE_GOOD : cvm->state == CVM_STATE_FAILED ? ROLE_BAD : ROLE_DIM;
}

void workspace_draw_head(struct area line, const struct workspace *workspace)
{
	int col = 1;
	size_t i;

	for (i = 0; i < WORKSPACE_COLUMNS; i++) {
		bool sorted = workspace_sort_column(workspace) == (enum workspace_column)i;
		char name[24];

		snprintf(name, sizeof(name), "%s%s", columns[i].name, !sorted ? "" : workspace_sort_descending(workspace) ? "▼" : "▲");
		col = (i == WORKSPACE_UPTIME ? area_field_right : area_field)(line, 0, col, workspace_column_width(line.width, (enum workspace_column)i), sorted ? ROLE_ACCENT : ROLE_DIM, name) + 1;
	}
}

int workspace_draw_cell(struct area line, int row, int col, text_style mark, const struct cvm *cvm, enum workspace_column i)
{
	text_style look = i == WORKSPACE_STATUS ? status_style(cvm) : columns[i].style;
	int width = workspace_column_width(line.width, i);
	char text[CELL_SIZE];

	columns[i].text(text, cvm);
	if (columns[i].brief && (int)text_width(text, strlen(text)) > width)
		columns[i].brief(text, cvm);
	return (i == WORKSPACE_UPTIME ? area_field_right : area_field)(line, row, col, width, look | mark, text);
}

bool workspace_column_by_name(const char *name, enum workspace_column *out)
{
	size_t i;

	for (i = 0; *name && i < WORKSPACE_COLUMNS; i++)
		if (strncasecmp(columns[i].name, name, strlen(name)) == 0) {
			*out = (enum workspace_column)i;
			return true;
		}
	return false;
}

void workspace_add_column_names(struct buf *out, const char *between)
{
	size_t i;
	const char *at;

	for (i = 0; i < WORKSPACE_COLUMNS; i++) {
		buf_add_text(out, i ? between : "");
		for (at = columns[i].name; *at; at++)
			buf_add_byte(out, *at == ' ' ? ' ' : *at | 32);
	}
}
