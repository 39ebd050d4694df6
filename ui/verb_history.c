/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/journal.h"
#include "ui/verb_print.h"
#include "ui/verb_table.h"
#include "ui/verbs.h"

enum { MOST = 1000 };

static json *rollout_json(const struct journal_rollout *rollout)
{
	json *object = json_new_object();
	char time[CLOCK_TEXT_SIZE];

	json_add_text(object, "rollout", rollout->id);
	json_add_text(object, "kind", rollout->kind);
	json_add_text(object, "cvm", rollout->cvm_name);
	json_add_text(object, "vm_uuid", rollout->cvm_uuid);
	json_add_text(object, "app_id", rollout->app_id);
	json_add_text(object, "old_compose_hash", text_bare_hex(rollout->old_hash));
	json_add_text(object, "compose_hash", text_bare_hex(rollout->new_hash));
	json_add_text(object, "phase", rollout->phase);
	json_add_text(object, "outcome", *rollout->outcome ? rollout->outcome : NULL);
	json_add_text(object, "began", clock_format(time, rollout->began_ms));
	json_add_text(object, "changed", clock_format(time, rollout->changed_ms));
	return object;
}

static void add_rollout(struct verb_table *table, const struct journal_rollout *rollout)
{
	char time[CLOCK_TEXT_SIZE], hash[TEXT_SHORT_SIZE], end[64];

	journal_end_words(rollout, end, sizeof(end));
	verb_table_add(table, rollout->id);
	verb_table_add(table, clock_format(time, rollout->began_ms));
	verb_table_add(table, rollout->cvm_name);
	verb_table_add(table, end);
	verb_table_add(table, text_short_hex(hash, rollout->new_hash));
}

static void print_rollouts(const struct journal_rollout *list, size_t count)
{
	static const char *const heads[] = { "ROLLOUT", "BEGAN", "CVM", "OUTCOME", "COMPOSE", NULL };
	struct verb_table table = { .heads = heads, .yields = 2 };
	size_t i;

	for (i = 0; i < count; i++)
		add_rollout(&table, &list[i]);
	verb_table_print(&table);
}

struct entries {
	bool as_json;
};

/* The signed bytes, for who has to send them by other means. */
static void add_raw(json *object, const struct journal_entry *entry)
{
	char *hex = mem_new(2 * entry->len + 3, 1);

	hex_encode_0x(hex, entry->bytes, entry->len);
	json_add_text(object, "raw", hex);
	free(hex);
}

static void on_entry(void *ctx, const struct journal_entry *entry)
{
	const struct entries *how = ctx;
	struct buf words = BUF_INIT;
	char time[CLOCK_TEXT_SIZE];
	json *object;

	if (!how->as_json) {
		journal_describe(&words, entry);
		printf("  %s  %s\n", clock_format(time, entry->at_ms), buf_text(&words));
		buf_clear(&words);
		return;
	}
	object = json_new_object();
	json_add_text(object, "entry", journal_kind_name(entry->kind));
	json_add_text(object, "at", clock_format(time, entry->at_ms));
	json_add_text(object, "what", entry->what);
	json_add_text(object, "digest", *entry->digest ? entry->digest : NULL);
	json_add_text(object, "hash", *entry->hash ? entry->hash : NULL);
	json_add_text(object, "text", entry->text);
	json_add_int(object, "number", entry->number);
	if (entry->kind == JOURNAL_TRANSACTION)
		add_raw(object, entry);
	verb_print_json(object);
}

static bool one(struct journal *journal, const char *id, bool as_json, struct error *err)
{
	struct journal_rollout rollout;
	struct entries how = { .as_json = as_json };

	if (!journal_find(journal, id, &rollout, err))
		return false;
	if (as_json)
		verb_print_json(rollout_json(&rollout));
	else
		print_rollouts(&rollout, 1);
	return journal_entries(journal, rollout.id, on_entry, &how, err);
}

bool verb_history(struct journal *journal, const char *id, bool as_json, struct error *err)
{
	struct journal_rollout *list;
	size_t count, i;

	if (id)
		return one(journal, id, as_json, err);
	if (!journal_list(journal, NULL, false, MOST, &list, &count, err))
		return false;
	if (!count && !as_json)
		puts("no rollouts yet on this machine");
	else if (!as_json)
		print_rollouts(list, count);
	for (i = 0; as_json && i < count; i++)
		verb_print_json(rollout_json(&list[i]));
	free(list);
	return true;
}
