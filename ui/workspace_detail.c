/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts stand one behind the other in the first line that has room for the
 * whole of them; one without room is left out, so the most important come
 * first and no verdict is ever cut in two.
 */
#include "ui/workspace_detail.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cloud/workspace.h"
#include "ui/widget_frame.h"

enum { FACT_LINES = 2, FACT_GAP = 3, WHOLE_WIDTH = 190 };

/* The column behind the labels: a CVM's name is whole where there is room. */
static int fact_col(struct area area)
{
	return area.width >= 104 ? 24 : 16;
}

struct facts {
	struct area area; /* the lines alone */
	int ends[FACT_LINES];
	int row, col; /* where the next one stands */
};

static int columns_of(const char *text)
{
	return (int)text_width(text, strlen(text));
}

/* Finds where something of this width stands: an empty line takes any. False when there is no room left. */
static bool make_room(struct facts *facts, int width)
{
	for (facts->row = 0; facts->row < facts->area.height; facts->row++) {
		int end = facts->ends[facts->row];

		facts->col = end ? end + FACT_GAP : fact_col(facts->area);
		if (!end || facts->col + width <= facts->area.width)
			return true;
	}
	return false;
}

/* One fact: what it is about and value, then the verdict in its own colour; either may be "". */
static void add_fact(struct facts *facts, const char *text, text_style style, const char *verdict)
{
	bool both = text[0] && verdict[0];

	if (!make_room(facts, columns_of(text) + both + columns_of(verdict)))
		return;
	facts->col = area_put(facts->area, facts->row, facts->col, ROLE_TEXT, text) + both;
	if (columns_of(verdict) > facts->area.width - facts->col)
		facts->ends[facts->row] = area_field(facts->area, facts->row, facts->col, facts->area.width - facts->col, style, verdict);
	else
		facts->ends[facts->row] = area_put(facts->area, facts->row, facts->col, style, verdict);
}

static void add_value(struct facts *facts, const char *name, const char *value, text_style style, const char *verdict)
{
	char text[96];

	snprintf(text, sizeof(text), "%s %s", name, value);
	add_fact(facts, text, style, verdict);
}

/* Short as everywhere, or whole where the window is wide enough to compare it. */
static const char *hex_text(const struct facts *facts, char brief[TEXT_SHORT_SIZE], const char *hex)
{
	return facts->area.width >= WHOLE_WIDTH ? hex : text_short_hex(brief, hex);
}

/* ---- from the chain ---- */

static void add_owner(struct facts *facts, const struct glance_row *row)
{
	char brief[TEXT_SHORT_SIZE], kind[80] = "?";
	text_style style = ROLE_TEXT;

	switch (row->owner_kind) {
	case GLANCE_OWNER_UNKNOWN:
		style = ROLE_WARN;
		break;
	case GLANCE_OWNER_PERSON:
		text_copy(kind, sizeof(kind), "(EOA)");
		break;
	case GLANCE_OWNER_YOU:
		text_copy(kind, sizeof(kind), "(EOA, your key ✓)");
		style = ROLE_GOOD;
		break;
	case GLANCE_OWNER_OTHER:
		text_copy(kind, sizeof(kind), "(EOA, not your key)");
		style = ROLE_WARN;
		break;
	case GLANCE_OWNER_SAFE:
		snprintf(kind, sizeof(kind), "(Safe %llu of %llu)", (unsigned long long)row->threshold, (unsigned long long)row->owners);
		break;
	case GLANCE_OWNER_CONTRACT:
		text_copy(kind, sizeof(kind), "(contract)");
		break;
	}
	if (row->owner[0])
		add_value(facts, "owner", hex_text(facts, brief, row->owner), style, kind);
	else
		add_fact(facts, "owner", style, kind);
	if (row->pending_owner[0])
		add_fact(facts, "pending owner", ROLE_WARN, text_short_hex(brief, row->pending_owner));
}

static void add_device(struct facts *facts, const struct cvm *cvm, const struct glance_row *row)
{
	static const struct { text_style style; const char *words; } verdicts[] = {
		[GLANCE_DEVICE_UNKNOWN] = { ROLE_WARN, "?" },
		[GLANCE_DEVICE_ALLOWED] = { ROLE_GOOD, "✓ allowed" },
		[GLANCE_DEVICE_NOT_ALLOWED] = { ROLE_BAD, "✗ not allowed" },
		[GLANCE_DEVICE_ANY] = { ROLE_WARN, "any device allowed" },
	};
	char brief[TEXT_SHORT_SIZE];

	add_value(facts, "device", cvm->device_id[0] ? hex_text(facts, brief, cvm->device_id) : "–",
	          row->block ? verdicts[row->device].style : ROLE_TEXT, row->block ? verdicts[row->device].words : "");
}

static void add_allowed(struct facts *facts, const struct cvm *cvm, const struct glance_row *row)
{
	char verdict[80], brief[TEXT_SHORT_SIZE], block[TEXT_SHORT_SIZE + 8];

	if (row->allowed != MARK_GOOD && row->allowed != MARK_BAD)
		return;
	snprintf(verdict, sizeof(verdict), "%s at block %s", row->allowed == MARK_GOOD ? "✓ allowed" : "✗ not allowed", text_grouped(block, row->block));
	add_value(facts, "compose", hex_text(facts, brief, cvm->compose_hash), mark_style(row->allowed), verdict);
}

static void add_reason(struct facts *facts, const struct glance_row *row)
{
	char text[sizeof(row->reason) + 4];

	if (!row->reason[0])
		return;
	snprintf(text, sizeof(text), "? %s", row->reason);
	add_fact(facts, "", ROLE_WARN, text);
}

static void add_chain(struct ui *ui, struct facts *facts, const struct cvm *cvm, const struct glance_row *row)
{
	char brief[TEXT_SHORT_SIZE], waiting[64], where[40];

	if (!row->onchain) {
		add_fact(facts, "no on-chain KMS", ROLE_TEXT, "");
		add_device(facts, cvm, row);
		return;
	}
	/* What nothing could be read of has only its reason. */
	if (row->block) {
		add_owner(facts, row);
		add_device(facts, cvm, row);
		add_allowed(facts, cvm, row);
		add_reason(facts, row);
	} else {
		add_reason(facts, row);
		add_device(facts, cvm, row);
	}
	if (!row->block && !row->reason[0]) {
		snprintf(waiting, sizeof(waiting), "%s reading the contract", workspace_chain_mark(ui, row));
		add_fact(facts, waiting, ROLE_TEXT, "");
	}
	if (row->contract[0]) {
		snprintf(where, sizeof(where), "on %s", row->chain);
		add_value(facts, "contract", hex_text(facts, brief, row->contract), ROLE_TEXT, where);
	}
}

/* ---- the lines ---- */

static void add_public(struct facts *facts, const char *name, uint8_t flag)
{
	add_fact(facts, name, ROLE_TEXT, flag == CVM_YES ? "on" : flag == CVM_NO ? "off" : "?");
}

static void draw_label(struct area area, int row, const char *name)
{
	area_field(area, row, 1, fact_col(area) - 2, ROLE_DIM, name);
}

static void draw_line(struct area area, int row, const char *name, const char *text)
{
	draw_label(area, row, name);
	area_field(area, row, fact_col(area), area.width - fact_col(area) - 1, ROLE_TEXT, text);
}

const char *workspace_chain_mark(struct ui *ui, const struct glance_row *row)
{
	if (!row->onchain)
		return "–";
	return row->allowed == MARK_NONE ? "·" : mark_text(ui, row->allowed);
}

void workspace_draw_detail(struct ui *ui, struct area area, const struct cvm *cvm, const struct glance_row *row, const struct inspect *inspect)
{
	struct facts facts = { .area = area_cut(area, 1, 0, FACT_LINES, area.width) };
	const char *waiting = inspect_is_waiting(inspect) ? ui_spinner(ui) : "–";

	area_rule(area, 0);
	draw_label(area, 1, cvm->name);
	if (cvm->boot_error[0])
		add_fact(&facts, "boot error", ROLE_BAD, cvm->boot_error);
	add_chain(ui, &facts, cvm, row);
	add_public(&facts, "public logs", cvm->public_logs);
	add_public(&facts, "sysinfo", cvm->public_sysinfo);
	draw_line(area, 3, "services", inspect_services(inspect)[0] ? inspect_services(inspect) : waiting);
	draw_line(area, 4, "endpoints", inspect_endpoints(inspect)[0] ? inspect_endpoints(inspect) : waiting);
}

/* ---- beside or instead of a list ---- */

bool workspace_is_partial(const struct workspace *workspace)
{
	const struct workspace_state *state = workspace_state(workspace);

	return !state->loading && state->load_error.status != STATUS_OK;
}

/* A list that is not whole must not look whole. */
void workspace_draw_partial(struct area line, const struct workspace_state *state)
{
	char count[TEXT_SHORT_SIZE + 8], text[400];

	if (state->missing)
		snprintf(text, sizeof(text), "✗ %s CVMs are missing, ^R tries again: %.300s", text_grouped(count, state->missing), state->load_error.message);
	else
		snprintf(text, sizeof(text), "✗ this list is old, ^R tries again: %.300s", state->load_error.message);
	area_field(line, 0, 1, line.width - 2, ROLE_BAD, text);
}

/* What the list does about its failure: an answer is waited for, or nothing more is tried. */
static void draw_next_try(struct ui *ui, struct area body, int row, const struct workspace_state *state)
{
	int64_t left = state->waits_until_ms - clock_wall_ms();
	char text[TEXT_SHORT_SIZE];

	if (!state->loading) {
		area_put(body, row, 14, ROLE_DIM, "^R tries again");
		return;
	}
	area_put(body, row, 2, ROLE_ACCENT, ui_spinner(ui));
	if (state->waits_until_ms && left > 0)
		area_putf(body, row, 14, ROLE_DIM, "trying again in %s", text_duration(text, (left + 999) / 1000 * 1000));
	else
		area_put(body, row, 14, ROLE_DIM, "trying again");
}

void workspace_draw_nothing(struct ui *ui, struct area body, const struct workspace *workspace)
{
	const struct workspace_state *state = workspace ? workspace_state(workspace) : NULL;
	char line[640];

	if (!state) {
		draw_empty(body, "There is no way to Phala Cloud.", NULL);
	} else if (state->error.status != STATUS_OK && !workspace_count(workspace)) {
		draw_next_try(ui, body, 2 + draw_error(body, 1, &state->error), state);
	} else if (state->loading) {
		snprintf(line, sizeof(line), "%s reading the workspace", ui_spinner(ui));
		draw_empty(body, line, NULL);
	} else if (workspace_count(workspace)) {
		draw_empty(body, "No CVM matches the filter.", "Esc shows all");
	} else {
		draw_empty(body, "This workspace has no CVMs.", "deploy one with the phala CLI or the dashboard, then press ^R");
	}
}
