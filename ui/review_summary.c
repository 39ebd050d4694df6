/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/review_tabs.h"

#include <string.h>

#include "base/text.h"
#include "compose/diff.h"
#include "compose/manifest.h"
#include "compose/summary.h"

static void add_counts(struct page *page, const struct review *review)
{
	page_add(page, 1, ROLE_STRONG, "Compose");
	if (review->diff)
		page_addf(page, 14, ROLE_TEXT, "%zu line%s added, %zu removed", review->diff->added, review->diff->added == 1 ? "" : "s", review->diff->removed);
	page_end_line(page);
	page_add(page, 1, ROLE_STRONG, "Manifest");
	if (review->manifest)
		page_addf(page, 14, ROLE_TEXT, "%zu of %zu fields change", review->manifest->changes, review->manifest->count);
	page_end_line(page);
	page_add(page, 1, ROLE_STRONG, "Env");
	page_add(page, 14, ROLE_TEXT, review->env_changes ? "new ciphertext is sent" : "stays as it is");
	page_end_line(page);
}

static void add_hash(struct page *page, const char *name, const char *hash)
{
	if (!hash[0])
		return;
	page_add(page, 1, ROLE_DIM, name);
	page_add(page, 14, ROLE_TEXT, text_bare_hex(hash));
	page_end_line(page);
}

static void add_hashes(struct page *page, const struct review *review)
{
	page_end_line(page);
	page_add(page, 1, ROLE_STRONG, "Hashes");
	page_add(page, 14, ROLE_DIM, "for two people to compare; the parts tell which one differs");
	page_end_line(page);
	add_hash(page, "old", review->old_hash);
	add_hash(page, "new", review->new_hash);
	add_hash(page, "compose", review->sub_compose);
	add_hash(page, "script", review->sub_script);
	add_hash(page, "the rest", review->sub_rest);
}

/* ---- what the YAML says ---- */

static const struct { const char *sign, *title; text_style style; } levels[] = {
	[COMPOSE_NOTE_RISK] = { "!", "Risks", ROLE_BAD },
	[COMPOSE_NOTE_CAUTION] = { "?", "Worth a look", ROLE_WARN },
	[COMPOSE_NOTE_CHANGE] = { "~", "Changes", ROLE_TEXT },
};

static void add_note(struct page *page, const struct compose_note *note, int width)
{
	text_style look = note->is_new || note->level == COMPOSE_NOTE_CHANGE ? levels[note->level].style : ROLE_DIM;
	int col = 18;

	page_add(page, 2, look | ATTR_BOLD, levels[note->level].sign);
	page_add(page, 4, ROLE_STRONG, note->service);
	page_add(page, -1, ROLE_TEXT, " ");
	if (note->service[0] && text_width(note->service, strlen(note->service)) > 13)
		page_end_line(page);
	page_add_wrapped(page, col, width - col - 2, look, note->text);
}

static void add_level(struct page *page, const struct compose_summary *summary, enum compose_note_level level, size_t count, int width)
{
	size_t i;

	if (!count)
		return;
	page_addf(page, 1, ROLE_STRONG, "%s", levels[level].title);
	if (level == COMPOSE_NOTE_RISK && summary->new_risks != summary->risks)
		page_addf(page, 18, ROLE_DIM, "%zu new; dim ones are there today too", summary->new_risks);
	page_end_line(page);
	for (i = 0; i < summary->count; i++)
		if (summary->notes[i].level == level)
			add_note(page, &summary->notes[i], width);
	page_end_line(page);
}

static void add_notes(struct page *page, const struct compose_summary *summary, int width)
{
	add_level(page, summary, COMPOSE_NOTE_RISK, summary->risks, width);
	add_level(page, summary, COMPOSE_NOTE_CHANGE, summary->changes, width);
	add_level(page, summary, COMPOSE_NOTE_CAUTION, summary->cautions, width);
	if (!summary->count) {
		page_add(page, 1, ROLE_DIM, "No service changes, and nothing risky stands in the file.");
		page_end_line(page);
		page_end_line(page);
	}
	if (summary->before_problem)
		page_add_wrapped(page, 1, width - 2, ROLE_WARN, summary->before_problem);
}

/* ---- an old document deployed again ---- */

static void add_left(struct page *page, const struct compose_field *field, int width)
{
	struct buf text = BUF_INIT;

	buf_add_format(&text, "an update cannot set it: %s there, %s after this", *field->before ? field->before : "absent", *field->after ? field->after : "absent");
	page_add(page, 2, ROLE_WARN | ATTR_BOLD, "?");
	page_add(page, 4, ROLE_STRONG, field->name);
	page_add(page, -1, ROLE_TEXT, " ");
	if (text_width(field->name, strlen(field->name)) > 13)
		page_end_line(page);
	page_add_wrapped(page, 18, width - 20, ROLE_WARN, buf_text(&text));
	buf_clear(&text);
}

static void add_origin(struct page *page, const struct review_origin *origin, int width)
{
	const struct compose_manifest *manifest = origin->manifest;
	size_t i;

	page_add(page, 1, ROLE_STRONG, "Again");
	page_add_wrapped(page, 18, width - 20, ROLE_TEXT, origin->label);
	if (origin->same_hash)
		page_add_wrapped(page, 18, width - 20, ROLE_GOOD, "with the very same compose hash");
	for (i = 0; !origin->same_hash && i < manifest->count; i++)
		if (manifest->fields[i].kind != COMPOSE_FIELD_SAME)
			add_left(page, &manifest->fields[i], width);
	page_add_wrapped(page, 18, width - 20, ROLE_DIM, "values of the environment stay as they are now");
	page_end_line(page);
}

void review_add_summary(struct page *page, const struct review *review, int width)
{
	if (review->origin)
		add_origin(page, review->origin, width);
	if (review->summary)
		add_notes(page, review->summary, width);
	add_counts(page, review);
	add_hashes(page, review);
}
