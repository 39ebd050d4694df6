/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the journal: lists, one rollout, its entries. What is on disk may have been edited, so every field is cut to its size. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/journal_db.h"

/* Only what changes the document overtakes, and is overtaken. */
#define OVERTAKEN                                                                                                                     \
	"(outcome = '' AND kind <> 'allow' AND EXISTS (SELECT 1 FROM rollouts o WHERE o.cvm_uuid = r.cvm_uuid AND o.kind <> 'allow'"      \
	" AND o.outcome = 'done' AND o.began_ms > r.began_ms))"
#define ROLLOUT_COLUMNS                                                                                                              \
	"SELECT id, kind, cvm_uuid, cvm_name, app_id, old_hash, new_hash, phase, outcome, began_ms, changed_ms, state <> '', " OVERTAKEN          \
	" FROM rollouts r "

static void column_safe(char *out, size_t size, sqlite3_stmt *stmt, int at)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);
	text_safe_copy(out, size, text ? text : "", (size_t)sqlite3_column_bytes(stmt, at));
}

static void read_rollout(sqlite3_stmt *stmt, struct journal_rollout *out)
{
	memset(out, 0, sizeof(*out));
	column_safe(out->id, sizeof(out->id), stmt, 0);
	column_safe(out->kind, sizeof(out->kind), stmt, 1);
	column_safe(out->cvm_uuid, sizeof(out->cvm_uuid), stmt, 2);
	column_safe(out->cvm_name, sizeof(out->cvm_name), stmt, 3);
	column_safe(out->app_id, sizeof(out->app_id), stmt, 4);
	column_safe(out->old_hash, sizeof(out->old_hash), stmt, 5);
	column_safe(out->new_hash, sizeof(out->new_hash), stmt, 6);
	column_safe(out->phase, sizeof(out->phase), stmt, 7);
	column_safe(out->outcome, sizeof(out->outcome), stmt, 8);
	out->began_ms = sqlite3_column_int64(stmt, 9);
	out->changed_ms = sqlite3_column_int64(stmt, 10);
	out->review_approved = sqlite3_column_int(stmt, 11) != 0;
	out->overtaken = sqlite3_column_int(stmt, 12) != 0;
}

static bool collect(struct journal *journal, sqlite3_stmt *stmt, struct journal_rollout **list, size_t *count, struct error *err)
{
	size_t cap = 0;
	int rc;
	*list = NULL;
	*count = 0;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		*list = mem_grow(*list, *count, &cap, sizeof(**list));
		read_rollout(stmt, &(*list)[(*count)++]);
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return true;
	free(*list);
	*list = NULL;
	*count = 0;
	return journal_failed(journal, rc, err);
}

bool journal_list(struct journal *journal, const char *cvm_uuid, bool open_only, size_t max, struct journal_rollout **list, size_t *count,
		  struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(
		journal,
		ROLLOUT_COLUMNS "WHERE (?1='' OR cvm_uuid=?1) AND (?2=0 OR (outcome='' AND NOT " OVERTAKEN ")) ORDER BY began_ms DESC, id DESC LIMIT ?3",
		err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, cvm_uuid);
	sqlite3_bind_int(stmt, 2, open_only);
	sqlite3_bind_int64(stmt, 3, (sqlite3_int64)max);
	return collect(journal, stmt, list, count, err);
}

static bool not_one(const char *id, size_t count, struct error *err)
{
	if (count > 1) {
		error_set(err, STATUS_USAGE, "rollout-ambiguous", "More than one rollout begins with \"%s\".", id);
		return error_next(err, "give more of its id; cvmdeck history lists them");
	}
	if (id)
		error_set(err, STATUS_USAGE, "rollout-unknown", "The journal has no rollout \"%s\".", id);
	else
		error_set(err, STATUS_USAGE, "rollout-unknown", "The journal has no rollout that could go on.");
	return error_next(err, "cvmdeck history lists them");
}

bool journal_find(struct journal *journal, const char *id, struct journal_rollout *out, struct error *err)
{
	struct journal_rollout *list = NULL;
	size_t count = 0;
	if (!id) {
		if (!journal_list(journal, NULL, true, 1, &list, &count, err))
			return false;
	} else {
		sqlite3_stmt *stmt = journal_prepare(journal, ROLLOUT_COLUMNS "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 2", err);
		if (!stmt)
			return false;
		journal_bind_text(stmt, 1, id);
		if (!collect(journal, stmt, &list, &count, err))
			return false;
		if (count == 2 && strcmp(list[0].id, id) == 0)
			count = 1;
	}
	if (count == 1)
		*out = list[0];
	free(list);
	return count == 1 || not_one(id, count, err);
}

static char *column_copy(sqlite3_stmt *stmt, int at)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);
	return mem_copy(text ? text : "", (size_t)sqlite3_column_bytes(stmt, at));
}

bool journal_load(struct journal *journal, const char *id, char **state, char **plan, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(
		journal, "SELECT r.state, e.text FROM rollouts r JOIN entries e ON e.rollout=r.id AND e.kind=?2 WHERE r.id=?1 ORDER BY e.seq DESC LIMIT 1",
		err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, id);
	sqlite3_bind_int(stmt, 2, JOURNAL_PLAN);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*state = column_copy(stmt, 0);
		*plan = column_copy(stmt, 1);
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_ROW)
		return true;
	return rc == SQLITE_DONE ? not_one(id, 0, err) : journal_failed(journal, rc, err);
}

static void give_entry(sqlite3_stmt *stmt, journal_entry_fn *fn, void *ctx)
{
	struct journal_entry entry = {
		.kind = (enum journal_kind)sqlite3_column_int(stmt, 0),
		.at_ms = sqlite3_column_int64(stmt, 1),
		.what = (const char *)sqlite3_column_text(stmt, 2),
		.digest = (const char *)sqlite3_column_text(stmt, 3),
		.hash = (const char *)sqlite3_column_text(stmt, 4),
		.number = sqlite3_column_int(stmt, 5),
		.text = (const char *)sqlite3_column_text(stmt, 6),
		.bytes = sqlite3_column_blob(stmt, 7),
		.len = (size_t)sqlite3_column_bytes(stmt, 7),
	};
	if (entry.kind <= JOURNAL_PREPARED)
		fn(ctx, &entry);
}

bool journal_entries(struct journal *journal, const char *id, journal_entry_fn *fn, void *ctx, struct error *err)
{
	sqlite3_stmt *stmt =
		journal_prepare(journal, "SELECT kind, at_ms, what, digest, hash, number, text, bytes FROM entries WHERE rollout=?1 ORDER BY seq", err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, id);
	int rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		give_entry(stmt, fn, ctx);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE || journal_failed(journal, rc, err);
}

bool journal_bytes(struct journal *journal, const char *id, enum journal_kind kind, const char *digest, struct buf *out, struct error *err)
{
	error_clear(err);
	sqlite3_stmt *stmt =
		journal_prepare(journal, "SELECT bytes FROM entries WHERE rollout=?1 AND kind=?2 AND digest=?3 ORDER BY seq DESC LIMIT 1", err);
	if (!stmt)
		return false;
	journal_bind_text(stmt, 1, id);
	sqlite3_bind_int(stmt, 2, (int)kind);
	journal_bind_text(stmt, 3, digest);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		buf_add(out, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || (rc != SQLITE_DONE && journal_failed(journal, rc, err));
}
