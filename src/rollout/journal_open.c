/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the journal: the folder, the file's mode, its schema, its health.
 * A journal that cannot be trusted to keep a row is an error at once, so that
 * nothing is sent or signed that could be lost.
 */
#include "rollout/journal_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { JOURNAL_MARK = 0x63766d64, JOURNAL_BUSY_MS = 3000 }; /* application_id: "cvmd" */

static const char schema[] =
	"CREATE TABLE rollouts (id TEXT PRIMARY KEY, kind TEXT NOT NULL, cvm_uuid TEXT NOT NULL, cvm_name TEXT NOT NULL,"
	" app_id TEXT NOT NULL, old_hash TEXT NOT NULL, new_hash TEXT NOT NULL, began_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL, phase TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE entries (seq INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL REFERENCES rollouts(id),"
	" kind INTEGER NOT NULL, at_ms INTEGER NOT NULL, what TEXT NOT NULL, digest TEXT NOT NULL, hash TEXT NOT NULL,"
	" number INTEGER NOT NULL, text TEXT NOT NULL, bytes BLOB);"
	"CREATE INDEX entries_by_rollout ON entries(rollout, seq);"
	"CREATE INDEX rollouts_by_cvm ON rollouts(cvm_uuid, began_ms);";

struct journal_trouble {
	int rc;
	const char *code, *what, *next;
};

static const struct journal_trouble troubles[] = {
	{ SQLITE_FULL, "journal-full", "the disk of the journal is full", "make room and start again; what was written is kept" },
	{ SQLITE_CORRUPT, "journal-damaged", "the journal is damaged", "move the file away (keep it: it names what was signed) and start again" },
	{ SQLITE_NOTADB, "journal-damaged", "the journal's file is no journal",
	  "move the file away (keep it: it names what was signed) and start again" },
	{ SQLITE_BUSY, "journal-busy", "another program holds the journal", "end it, or wait and start again" },
	{ SQLITE_LOCKED, "journal-busy", "another program holds the journal", "end it, or wait and start again" },
	{ SQLITE_READONLY, "journal-folder", "the journal cannot be written", "make its folder and file writable, or set XDG_STATE_HOME" },
	{ SQLITE_CANTOPEN, "journal-folder", "the journal cannot be opened", "make its folder writable, or set XDG_STATE_HOME" },
	{ SQLITE_PERM, "journal-folder", "the journal may not be opened", "make its folder writable, or set XDG_STATE_HOME" },
};

/* Beside its own word for it SQLite has an I/O error, where room for the shared index or for a sync is wanting. */
static bool is_full(const struct journal *journal, int rc)
{
	int why = journal->db ? sqlite3_system_errno(journal->db) : 0;
	return (rc & 0xff) == SQLITE_IOERR && (sqlite3_extended_errcode(journal->db) == SQLITE_IOERR_SHMSIZE || why == ENOSPC || why == EDQUOT);
}

bool journal_failed(const struct journal *journal, int rc, struct error *err)
{
	static const struct journal_trouble other = { 0, "journal-write", "the journal could not be written", "check the disk and start again" };
	const struct journal_trouble *trouble = &other;
	if (is_full(journal, rc))
		rc = SQLITE_FULL;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++)
		if (troubles[i].rc == (rc & 0xff))
			trouble = &troubles[i];
	error_set(err, STATUS_INPUT, trouble->code, "%s: %s (%s). Nothing was sent or signed after that.", journal->path, trouble->what,
		  sqlite3_errstr(rc));
	return error_next(err, "%s", trouble->next);
}

bool journal_run(struct journal *journal, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(journal->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK || journal_failed(journal, rc, err);
}

sqlite3_stmt *journal_prepare(struct journal *journal, const char *sql, struct error *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(journal->db, sql, -1, &stmt, NULL);
	if (rc != SQLITE_OK)
		journal_failed(journal, rc, err);
	return stmt;
}

void journal_bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	sqlite3_bind_text(stmt, at, text ? text : "", -1, SQLITE_TRANSIENT);
}

bool journal_finish(struct journal *journal, sqlite3_stmt *stmt, struct error *err)
{
	int rc;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		;
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE || journal_failed(journal, rc, err);
}

/* One number a pragma answers with. */
static bool pragma_int(struct journal *journal, const char *sql, int *value, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(journal, sql, err);
	if (!stmt)
		return false;
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE || journal_failed(journal, rc, err);
}

static bool is_healthy(struct journal *journal, struct error *err)
{
	sqlite3_stmt *stmt = journal_prepare(journal, "PRAGMA quick_check(1)", err);
	if (!stmt)
		return false;
	int rc = sqlite3_step(stmt);
	bool ok = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
	sqlite3_finalize(stmt);
	return ok || journal_failed(journal, rc == SQLITE_ROW ? SQLITE_CORRUPT : rc, err);
}

static bool set_up(struct journal *journal, struct error *err)
{
	char sql[128];
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;", JOURNAL_MARK, JOURNAL_VERSION);
	return journal_run(journal, "BEGIN EXCLUSIVE", err) && journal_run(journal, schema, err) && journal_run(journal, sql, err) &&
	       journal_run(journal, "COMMIT", err);
}

static bool check_schema(struct journal *journal, struct error *err)
{
	int version = 0, mark = 0, tables = 0;
	if (!pragma_int(journal, "PRAGMA user_version", &version, err) || !pragma_int(journal, "PRAGMA application_id", &mark, err) ||
	    !pragma_int(journal, "SELECT count(*) FROM sqlite_master", &tables, err))
		return false;
	if (version == 0 && tables == 0)
		return set_up(journal, err);
	if (mark != JOURNAL_MARK)
		return journal_failed(journal, SQLITE_NOTADB, err);
	if (version > JOURNAL_VERSION) {
		error_set(err, STATUS_INPUT, "journal-newer", "%s was written by a newer cvmdeck (schema %d, this one knows %d).", journal->path,
			  version, JOURNAL_VERSION);
		return error_next(err, "use that version, or set XDG_STATE_HOME to another folder");
	}
	return is_healthy(journal, err);
}

/* The file is made here and not by SQLite, so that nobody else can ever read it. */
static bool make_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) != 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		error_set(err, STATUS_INPUT, why == ENOSPC ? "journal-full" : "journal-folder", "%s cannot be written: %s. Nothing was sent or signed.",
			  path, strerror(why));
		return error_next(err, "make its folder writable, or set XDG_STATE_HOME to one that is");
	}
	close(fd);
	return true;
}

static bool connect_to(struct journal *journal, struct error *err)
{
	int rc = sqlite3_open_v2(journal->path, &journal->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	if (rc != SQLITE_OK)
		return journal_failed(journal, rc, err);
	sqlite3_busy_timeout(journal->db, JOURNAL_BUSY_MS);
	return journal_run(journal, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;", err) &&
	       check_schema(journal, err);
}

struct journal *journal_open(const char *dir, struct error *err)
{
	char *folder = dir ? mem_strdup(dir) : file_state_dir();
	struct journal *journal = mem_new(1, sizeof(*journal));
	journal->path = mem_printf("%s/journal.db", folder);
	bool ok = file_make_dirs(folder, err);
	if (!ok && err) {
		err->status = STATUS_INPUT;
		memcpy(err->code, "journal-folder", sizeof("journal-folder"));
		error_next(err, "make the folder writable, or set XDG_STATE_HOME to one that is");
	}
	ok = ok && make_file(journal->path, err) && connect_to(journal, err);
	free(folder);
	if (ok)
		return journal;
	journal_close(journal);
	return NULL;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	sqlite3_close(journal->db);
	free(journal->path);
	free(journal);
}
