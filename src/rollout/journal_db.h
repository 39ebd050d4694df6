/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the journal: the connection and its errors, shared by journal_open.c, journal.c and journal_read.c only. */
#ifndef CVMDECK_ROLLOUT_JOURNAL_DB_H
#define CVMDECK_ROLLOUT_JOURNAL_DB_H

#include <sqlite3.h>

#include "rollout/journal.h"

struct journal {
	sqlite3 *db;
	char *path;
};

/* Fills *err from a result code of SQLite; returns false. */
bool journal_failed(const struct journal *journal, int rc, struct error *err);
bool journal_run(struct journal *journal, const char *sql, struct error *err) MUST_CHECK;
sqlite3_stmt *journal_prepare(struct journal *journal, const char *sql, struct error *err) MUST_CHECK;
/* Binds a text; NULL becomes "". */
void journal_bind_text(sqlite3_stmt *stmt, int at, const char *text);
/* Steps to the end; finalizes. */
bool journal_finish(struct journal *journal, sqlite3_stmt *stmt, struct error *err) MUST_CHECK;

#endif
