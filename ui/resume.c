/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/journal.h"
#include "ui/flow.h"
#include "ui/prompt.h"
#include "ui/widget_frame.h"

enum { OFFER_LOOKS = 200 };

/* On the worker until list_read; by then the console may have gone, so it is found by its own pointer. */
struct offer {
	struct journal *journal;
	struct journal_rollout *list;
	size_t count;
	bool good;
};

static struct ui *asking;
static char offered[JOURNAL_ID_SIZE];

static void answered(struct ui *ui, void *ctx, bool yes)
{
	(void)ctx;
	if (yes)
		flow_resume(ui, offered);
	else
		ui_say(ui, ROLE_DIM, "it stays in the journal; h lists it");
}

static void ask(struct ui *ui, const struct journal_rollout *rollout)
{
	char age[TEXT_SHORT_SIZE], hash[TEXT_SHORT_SIZE], text[400], who[128];

	/* It was not left: another console is at it. */
	if (rollout_is_held(ui->session, rollout->cvm_uuid, who)) {
		ui_say(ui, ROLE_WARN, "%s is being rolled out by %s", rollout->cvm_name, who);
		return;
	}
	memcpy(offered, rollout->id, sizeof(offered));
	snprintf(text, sizeof(text), "The rollout of %s to %s, begun %s ago, was left at: %s.\nNothing approved is asked for twice.", rollout->cvm_name,
	         short_hash(hash, rollout->new_hash), draw_age(age, rollout->began_ms), journal_stage_words(rollout->phase));
	confirm_open(ui, "Go on where it stands?", text, answered, NULL);
}

static void read_list(void *ctx)
{
	struct offer *offer = ctx;
	struct error err = { 0 };

	offer->good = journal_list(offer->journal, NULL, true, OFFER_LOOKS, &offer->list, &offer->count, &err);
}

static void list_read(void *ctx)
{
	struct offer *offer = ctx;
	size_t i;

	for (i = 0; asking && offer->good && i < offer->count; i++)
		if (offer->list[i].review_approved && !asking->rollout && asking->depth == 1) {
			ask(asking, &offer->list[i]);
			break;
		}
	free(offer->list);
	free(offer);
}

/* A journal is not made only to find that it is empty. */
static bool has_journal(struct ui *ui)
{
	char *path = mem_printf("%s/journal.db", session_state_dir(ui->session));
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

void resume_offer(struct ui *ui)
{
	struct error err = { 0 };
	struct journal *journal;
	struct offer *offer;

	asking = ui;
	/* What a sandbox left behind belongs to a world that is gone. */
	if (ui->options->sandbox || !has_journal(ui))
		return;
	journal = session_journal(ui->session, &err);
	if (!journal) {
		ui_say_error(ui, &err);
		return;
	}
	offer = mem_new(1, sizeof(*offer));
	offer->journal = journal;
	loop_work(ui->loop, read_list, list_read, offer);
}

void resume_forget(void)
{
	asking = NULL;
}
