/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the journal: one transaction a write, synced when it returns. */
#include "rollout/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/secret.h"
#include "rollout/journal_db.h"

static const char *const kind_names[] = {
	[JOURNAL_EVENT] = "event",	     [JOURNAL_PLAN] = "plan",	    [JOURNAL_APPROVAL] = "approval", [JOURNAL_OVERRIDE] = "override",
	[JOURNAL_TRANSACTION] = "transaction", [JOURNAL_RECEIPT] = "receipt", [JOURNAL_ANSWER] = "answer",     [JOURNAL_PREPARED] = "prepared",
};

const char *journal_kind_name(enum journal_kind kind)
{
	return kind_names[kind];
}

void journal_new_id(char out[JOURNAL_ID_SIZE], int64_t now_ms)
{
	char when[CLOCK_TEXT_SIZE], digits[16];
	uint8_t random[3];
	size_t len = 0;
	secret_random(random, sizeof(random));
	hex_encode(digits, random, sizeof(random));
	clock_format(when, now_ms); /* 2026-01-02T03:04:05Z */
	for (const char *p = when; *p && len < 15; p++)
		if (*p >= '0' && *p <= '9')
			out[len++] = *p;
		else if (*p == 'T')
			out[len++] = '-';
	snprintf(out + len, JOURNAL_ID_SIZE - len, "-%s", digits);
}

static bool add_rollout(struct journal *journal, const struct journal_write *write, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(journal,
					     "INSERT INTO rollouts (id, kind, cvm_uuid, cvm_name, app_id, old_hash, new_hash, began_ms, changed_ms,"
					     " phase, state, outcome) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?8,'','','') ON CONFLICT(id) DO NOTHING",
					     err);
	if (!stmt)
		return false;
	const char *const texts[] = { write->rollout, write->rollout_kind, write->cvm_uuid, write->cvm_name,
				      write->app_id,  write->old_hash,	   write->new_hash };
	for (int i = 0; i < 7; i++)
		journal_bind_text(stmt, i + 1, texts[i]);
	sqlite3_bind_int64(stmt, 8, write->at_ms);
	return journal_finish(journal, stmt, err);
}

static bool add_entry(struct journal *journal, const struct journal_write *write, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(
		journal, "INSERT INTO entries (rollout, kind, at_ms, what, digest, hash, number, text, bytes) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)", err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, write->rollout);
	sqlite3_bind_int(stmt, 2, (int)write->kind);
	sqlite3_bind_int64(stmt, 3, write->at_ms);
	journal_bind_text(stmt, 4, write->what);
	journal_bind_text(stmt, 5, write->digest);
	journal_bind_text(stmt, 6, write->hash);
	sqlite3_bind_int(stmt, 7, write->number);
	journal_bind_text(stmt, 8, write->text);
	sqlite3_bind_blob64(stmt, 9, write->bytes ? write->bytes : "", write->len, SQLITE_TRANSIENT);
	return journal_finish(journal, stmt, err);
}

static bool move_rollout(struct journal *journal, const struct journal_write *write, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(journal,
					     "UPDATE rollouts SET changed_ms=?2, state=CASE WHEN ?3='' THEN state ELSE ?3 END,"
					     " phase=CASE WHEN ?4='' THEN phase ELSE ?4 END, outcome=?5 WHERE id=?1",
					     err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, write->rollout);
	sqlite3_bind_int64(stmt, 2, write->at_ms);
	journal_bind_text(stmt, 3, write->state);
	journal_bind_text(stmt, 4, write->phase);
	journal_bind_text(stmt, 5, write->outcome);
	return journal_finish(journal, stmt, err);
}

bool journal_write(struct journal *journal, const struct journal_write *write, struct error *err)
{
	if (!journal_run(journal, "BEGIN IMMEDIATE", err))
		return false;
	if ((write->kind != JOURNAL_PLAN || add_rollout(journal, write, err)) && add_entry(journal, write, err) &&
	    move_rollout(journal, write, err) && journal_run(journal, "COMMIT", err))
		return true;
	sqlite3_exec(journal->db, "ROLLBACK", NULL, NULL, NULL); /* the first error is the one to report */
	return false;
}
