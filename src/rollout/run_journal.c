/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EFFECT_JOURNAL: the row that a write stands for, written and synced on the
 * worker. The job owns copies of everything, so the rollout may go away while
 * the disk works. And the lock that keeps a second console off the same CVM.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "rollout/crash.h"
#include "rollout/run.h"
#include "rollout/run_tx.h"

struct journal_job {
	struct rollout *rollout; /* NULL: it went away */
	struct journal *journal;
	struct journal_write write;
	struct journal_write second; /* an update of the plan that goes with it */
	bool has_second;
	char id[JOURNAL_ID_SIZE], digest[65], hash[67], place[40];
	char override[32]; /* the check, where it is about one */
	char uuid[40], name[64], app[41], old_hash[67], new_hash[67];
	struct buf text, plan, state, bytes;
	struct error err;
	bool ok;
};

static const enum journal_kind kinds[MACHINE_WRITES] = {
	[WRITE_REVIEW] = JOURNAL_PLAN,	      [WRITE_PATCHED] = JOURNAL_ANSWER,	  [WRITE_APPROVAL] = JOURNAL_APPROVAL,
	[WRITE_TX] = JOURNAL_TRANSACTION,     [WRITE_RECEIPT] = JOURNAL_RECEIPT,  [WRITE_CONFIRM] = JOURNAL_EVENT,
	[WRITE_ACCEPTED] = JOURNAL_ANSWER,    [WRITE_PREPARED] = JOURNAL_PREPARED, [WRITE_OVERRIDE] = JOURNAL_OVERRIDE,
	[WRITE_OUTCOME] = JOURNAL_EVENT,
};

static void add_json(struct buf *out, json *tree)
{
	json_print(out, tree);
	json_free(tree);
}

static json *receipt_json(const struct receipt *receipt)
{
	char text[BYTES32_TEXT_SIZE], paid[U256_DECIMAL_SIZE];
	json *out = json_new_object();
	json_add_text(out, "transaction_hash", bytes32_format(text, &receipt->tx_hash));
	json_add_text(out, "block_hash", bytes32_format(text, &receipt->block_hash));
	json_add_int(out, "block", (int64_t)receipt->block);
	json_add_bool(out, "success", receipt->success);
	json_add_int(out, "gas_used", (int64_t)receipt->gas_used);
	json_add_text(out, "paid_wei", receipt->has_paid ? u256_format_decimal(paid, &receipt->paid) : NULL);
	return out;
}

static json *outcome_json(const struct machine *machine)
{
	json *out = json_new_object();
	json_add_bool(out, "success", machine->success);
	json_add_text(out, "code", machine->success ? NULL : machine->error.code);
	json_add_text(out, "message", machine->success ? NULL : machine->error.message);
	return out;
}

static const char *outcome_word(const struct machine *machine)
{
	if (machine->writing == WRITE_PREPARED)
		return ""; /* open: a commit follows */
	if (machine->writing != WRITE_OUTCOME || (!machine->success && machine->resumable))
		return "";
	return machine->success ? "done" : machine->declined ? "declined" : "failed";
}

/* The reason as it was typed, and beside it what it was for. */
static void fill_override(const struct rollout *rollout, struct journal_job *job)
{
	const struct check *row = checks_unrecorded(&rollout->checks);
	char text[320];
	const char *of;
	if (!row)
		return;
	checks_override_text(&rollout->checks, row, text, &of);
	text_copy(job->override, sizeof(job->override), row->id);
	text_copy(job->digest, sizeof(job->digest), of);
	buf_add_text(&job->text, text);
	buf_add_format(&job->bytes, "%s: %s", row->value, row->note);
}

static void fill_text(struct rollout *rollout, struct journal_job *job, enum machine_write write)
{
	switch (write) {
	case WRITE_REVIEW: add_json(&job->text, plan_save(&rollout->plan)); break;
	case WRITE_APPROVAL: add_json(&job->text, run_tx_save(&rollout->tx.prepared.tx, &rollout->tx.from)); break;
	case WRITE_RECEIPT:
		if (rollout->tx.has_receipt)
			add_json(&job->text, receipt_json(&rollout->tx.receipt));
		break;
	case WRITE_PATCHED:
	case WRITE_ACCEPTED: buf_add_text(&job->text, rollout->answer); break;
	case WRITE_OVERRIDE: fill_override(rollout, job); break;
	case WRITE_PREPARED: buf_add_text(&job->text, rollout->prepared_text ? rollout->prepared_text : ""); break;
	case WRITE_OUTCOME: add_json(&job->text, outcome_json(&rollout->machine)); break;
	default: break;
	}
}

static void fill_identity(const struct rollout *rollout, struct journal_job *job)
{
	static const char *const names[] = { "update", "prepare", "commit", "allow" };
	const struct plan *plan = &rollout->plan;
	text_copy(job->uuid, sizeof(job->uuid), plan->cvm_uuid);
	text_copy(job->name, sizeof(job->name), plan->cvm_name);
	text_copy(job->app, sizeof(job->app), plan->app_id);
	run_hex(job->old_hash, sizeof(job->old_hash), plan->reported);
	run_hex(job->new_hash, sizeof(job->new_hash), plan->new_hash);
	job->write.rollout_kind = names[plan->kind];
	job->write.cvm_uuid = job->uuid;
	job->write.cvm_name = job->name;
	job->write.app_id = job->app;
	job->write.old_hash = job->old_hash;
	job->write.new_hash = job->new_hash;
}

/* The backend's answer adds to the plan (device, dialect, token): the plan goes to disk with it. */
static void fill_second(const struct rollout *rollout, struct journal_job *job)
{
	job->has_second = true;
	job->second = job->write;
	job->second.kind = JOURNAL_PLAN;
	job->second.what = "plan";
	add_json(&job->plan, plan_save(&rollout->plan));
	job->second.text = buf_text(&job->plan);
	job->second.bytes = NULL;
	job->second.len = 0;
}

static void fill_job(struct rollout *rollout, struct journal_job *job, const struct effect *effect)
{
	struct journal_write *write = &job->write;
	const char *at = rollout->machine.writing == WRITE_OUTCOME ? rollout->machine.success ? "done" : "failed"
								   : machine_state_name(rollout->machine.after);
	static const uint8_t none[32];
	write->kind = kinds[effect->write];
	write->rollout = job->id;
	write->at_ms = clock_wall_ms();
	write->what = machine_write_name(effect->write);
	if (memcmp(effect->digest, none, sizeof(none)) != 0)
		hex_encode(job->digest, effect->digest, 32);
	if (memcmp(effect->hash, none, sizeof(none)) != 0)
		hex_encode_0x(job->hash, effect->hash, 32);
	write->digest = job->digest;
	write->hash = job->hash;
	write->number = effect->write == WRITE_PATCHED || effect->write == WRITE_ACCEPTED ? rollout->answer_status : (int)effect->index;
	fill_text(rollout, job, effect->write);
	write->text = buf_text(&job->text);
	const struct buf *bytes = effect->write == WRITE_APPROVAL ? &rollout->tx.unsigned_bytes : effect->write == WRITE_TX ? &rollout->tx.raw : NULL;
	if (bytes)
		buf_add(&job->bytes, bytes->data, bytes->len);
	write->bytes = job->bytes.data;
	write->len = job->bytes.len;
	add_json(&job->state, machine_save(&rollout->machine));
	write->state = buf_text(&job->state);
	write->phase = at;
	write->outcome = outcome_word(&rollout->machine);
	fill_identity(rollout, job);
	if (effect->write == WRITE_PATCHED)
		fill_second(rollout, job);
}

static void work(void *ctx)
{
	struct journal_job *job = ctx;
	crash_before(job->place);
	job->ok = (!job->has_second || journal_write(job->journal, &job->second, &job->err)) && journal_write(job->journal, &job->write, &job->err);
	crash_after(job->place);
}

static void done(void *ctx)
{
	struct journal_job *job = ctx;
	struct rollout *rollout = job->rollout;
	struct event event = run_new_event(job->ok ? EVENT_JOURNALED : EVENT_JOURNAL_FAILED);
	bool ok = job->ok;
	int64_t written_ms = job->write.at_ms;
	char override[sizeof(job->override)];
	memcpy(override, job->override, sizeof(override));
	event.error = job->err;
	buf_clear(&job->text);
	buf_clear(&job->plan);
	buf_clear(&job->state);
	buf_clear(&job->bytes);
	free(job);
	if (!rollout)
		return;
	rollout->writing = NULL;
	if (ok)
		rollout->written_ms = written_ms;
	if (ok && override[0])
		checks_recorded(&rollout->checks, override);
	run_event(rollout, &event);
}

void run_drop_write(struct rollout *rollout)
{
	if (rollout->writing)
		rollout->writing->rollout = NULL;
	rollout->writing = NULL;
}

void run_journal(struct rollout *rollout, const struct effect *effect)
{
	struct event event = run_new_event(EVENT_JOURNAL_FAILED);
	if (!rollout->journal)
		rollout->journal = session_journal(rollout->session, &event.error);
	if (!rollout->journal) {
		run_event(rollout, &event);
		return;
	}
	if (!rollout->id[0])
		journal_new_id(rollout->id, clock_wall_ms());
	struct journal_job *job = mem_new(1, sizeof(*job));
	job->rollout = rollout;
	job->journal = rollout->journal;
	text_copy(job->id, sizeof(job->id), rollout->id);
	snprintf(job->place, sizeof(job->place), "journal-%s", machine_write_name(effect->write));
	fill_job(rollout, job, effect);
	rollout->writing = job;
	loop_work(rollout->loop, work, done, job);
}

/* ---- one console for each CVM ---- */

static void read_holder(const char *path, char safe[128])
{
	struct buf who = BUF_INIT;
	struct error ignored;
	text_copy(safe, 128, "another cvmdeck");
	if (file_read(path, "lock", 4096, &who, &ignored) && who.len)
		text_safe_copy(safe, 128, who.data, who.len);
	buf_clear(&who);
}

bool rollout_is_held(const struct session *session, const char *cvm_uuid, char who[128])
{
	char *path = mem_printf("%s/locks/%s.lock", session_state_dir(session), cvm_uuid);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0; /* only looked at: closing lets it go again */
	if (held)
		read_holder(path, who);
	if (fd >= 0)
		close(fd);
	free(path);
	return held;
}

static bool held_by_another(const char *path, const struct rollout *rollout, struct error *err)
{
	char safe[128];
	read_holder(path, safe);
	error_set(err, STATUS_INPUT, "cvm-held", "The CVM %s is being updated by %s.", rollout->plan.cvm_name, safe);
	return error_next(err, "wait until it has ended, or end it; what it began can be resumed");
}

static bool take_lock(struct rollout *rollout, const char *path, struct error *err)
{
	char text[CLOCK_TEXT_SIZE], who[128];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, STATUS_INPUT, "journal-folder", "%s cannot be written: %s. Nothing was sent or signed.", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return held_by_another(path, rollout, err);
	}
	int len = snprintf(who, sizeof(who), "cvmdeck, process %ld, since %s", (long)getpid(), clock_format(text, clock_wall_ms()));
	/* Held also where a full disk has no room for the name of who holds it. */
	rollout->lock_fd = fd;
	if (ftruncate(fd, 0) != 0 || write(fd, who, (size_t)len) != len)
		run_note(rollout, "the lock cannot say who holds it: %s", strerror(errno));
	return true;
}

/* A lock that was let go is taken again: somebody else may have gone on with this very rollout meanwhile. */
static bool is_as_we_left_it(const struct rollout *rollout, struct error *err)
{
	struct journal_rollout found;
	if (!rollout->journal || !rollout->id[0] || !rollout->written_ms)
		return true;
	if (!journal_find(rollout->journal, rollout->id, &found, err))
		return false;
	if (found.changed_ms == rollout->written_ms)
		return true;
	error_set(err, STATUS_INPUT, "rollout-moved-on", "Another cvmdeck went on with this rollout; what is known here is out of date.");
	return error_next(err, "see what it did with cvmdeck history %s; where it is still open, cvmdeck resume %s", rollout->id, rollout->id);
}

bool run_lock(struct rollout *rollout, struct error *err)
{
	if (rollout->lock_fd >= 0 || !rollout->plan.cvm_uuid[0])
		return true;
	char *folder = mem_printf("%s/locks", session_state_dir(rollout->session));
	char *path = mem_printf("%s/%s.lock", folder, rollout->plan.cvm_uuid);
	bool ok = file_make_dirs(folder, err) && take_lock(rollout, path, err) && is_as_we_left_it(rollout, err);
	if (!ok && err->status != STATUS_INPUT)
		err->status = STATUS_INPUT;
	free(folder);
	free(path);
	return ok;
}
