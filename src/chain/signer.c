/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all kinds have in common: the approval, the key's life, and that
 * results arrive on a later turn.
 */
#include "chain/signer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "chain/signer_parts.h"

struct signer *signer_make(struct loop *loop, const struct signer_ops *ops, enum signer_kind kind, enum signer_state state, char *name)
{
	struct signer *signer = mem_new(1, sizeof(*signer));

	signer->loop = loop;
	signer->ops = ops;
	signer->kind = kind;
	signer->state = state;
	signer->name = name;
	return signer;
}

char *signer_label(const char *words, const char *text)
{
	struct buf label = BUF_INIT;

	buf_add_text(&label, words);
	text_safe(&label, text, strlen(text), TEXT_ONE_LINE);
	return buf_take(&label);
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	while (signer->jobs)
		signer_cancel(signer->jobs);
	signer_forget(signer);
	signer_leave_unlocking(signer);
	rpc_cancel(signer->asking);
	loop_timer_cancel(&signer->idle);
	secret_clear(&signer->key);
	keystore_free(signer->keystore);
	free(signer->name);
	free(signer);
}

enum signer_kind signer_kind(const struct signer *signer)
{
	return signer->kind;
}

enum signer_state signer_state(const struct signer *signer)
{
	return signer->state;
}

const char *signer_name(const struct signer *signer)
{
	return signer->name;
}

bool signer_address(const struct signer *signer, struct address *out)
{
	if (signer->has_address)
		*out = signer->address;
	return signer->has_address;
}

struct keystore_cost signer_cost(const struct signer *signer)
{
	return signer->keystore ? keystore_cost(signer->keystore) : (struct keystore_cost){ "", 0, 0 };
}

void signer_set_chain(struct signer *signer, struct rpc *chain)
{
	signer->chain = chain;
}

/* ---- the key's life ---- */

static void on_idle(void *ctx)
{
	struct signer *signer = ctx;

	signer_lock(signer);
	if (signer->locked)
		signer->locked(signer->locked_ctx);
}

void signer_on_idle_lock(struct signer *signer, void (*fn)(void *ctx), void *ctx)
{
	signer->locked = fn;
	signer->locked_ctx = ctx;
}

static void restart_idle(struct signer *signer)
{
	loop_timer_cancel(&signer->idle);
	if (signer->rule.idle_ms > 0 && signer->key.data)
		loop_timer_set(signer->loop, &signer->idle, signer->rule.idle_ms, on_idle, signer);
}

void signer_set_rule(struct signer *signer, struct signer_rule rule)
{
	signer->rule = rule;
	restart_idle(signer);
}

void signer_lock(struct signer *signer)
{
	struct error err;

	loop_timer_cancel(&signer->idle);
	if (signer->kind != SIGNER_KEY && signer->kind != SIGNER_KEYSTORE)
		return;
	secret_clear(&signer->key);
	if (signer->state == SIGNER_UNLOCKING) {
		signer_leave_unlocking(signer);
		error_set(&err, STATUS_DECLINED, "signer-locked", "the signer was locked while it was being unlocked");
		signer_report(signer, &err);
	}
	signer->state = SIGNER_LOCKED;
}

bool signer_take_key(struct signer *signer, struct secret *key, struct error *err)
{
	struct address address;
	bool ok = ecdsa_address(key, &address, err);

	if (ok && signer->has_address && !address_equal(&address, &signer->address))
		ok = error_set(err, STATUS_CHECK, "signer-other-key", "this is not the key of the address that was used so far");
	secret_clear(&signer->key);
	if (!ok) {
		secret_clear(key);
		return false;
	}
	signer->key = *key;
	*key = (struct secret)SECRET_INIT;
	signer->address = address;
	signer->has_address = true;
	signer->state = SIGNER_READY;
	restart_idle(signer);
	return true;
}

/* ---- reports of unlock and find ---- */

static void deliver_report(void *ctx)
{
	struct signer *signer = ctx;
	signer_done_fn *done = signer->done;
	struct error report = signer->report;

	signer->reporting = false;
	signer->done = NULL;
	if (done)
		done(signer->done_ctx, report.status == STATUS_OK ? NULL : &report);
}

void signer_report(struct signer *signer, const struct error *err)
{
	if (signer->reporting || !signer->done)
		return;
	error_clear(&signer->report);
	if (err)
		signer->report = *err;
	signer->reporting = true;
	loop_defer(signer->loop, deliver_report, signer);
}

void signer_forget(struct signer *signer)
{
	if (signer->reporting)
		loop_undefer(signer->loop, signer);
	signer->reporting = false;
	signer->done = NULL;
}

/* A newer question takes the place of one that is still open. */
static void begin_report(struct signer *signer, signer_done_fn *fn, void *ctx)
{
	signer_forget(signer);
	signer->done = fn;
	signer->done_ctx = ctx;
}

void signer_unlock(struct signer *signer, struct secret *secret, signer_done_fn *fn, void *ctx)
{
	begin_report(signer, fn, ctx);
	if (signer->ops->unlock && signer->state == SIGNER_LOCKED)
		signer->ops->unlock(signer, secret);
	else if (signer->state != SIGNER_UNLOCKING)
		signer_report(signer, NULL);
	secret_clear(secret);
}

void signer_find_address(struct signer *signer, signer_done_fn *fn, void *ctx)
{
	struct error err;

	begin_report(signer, fn, ctx);
	if (signer->ops->find) {
		signer->ops->find(signer);
	} else if (signer->has_address) {
		signer_report(signer, NULL);
	} else {
		error_set(&err, STATUS_DECLINED, "signer-locked", "the keystore does not name its address; unlock it first");
		signer_report(signer, &err);
	}
}

/* ---- signing ---- */

static void job_free(struct signer_job *job)
{
	*job->from = job->next;
	if (job->next)
		job->next->from = job->from;
	tx_clear(&job->tx);
	buf_clear(&job->raw);
	free(job);
}

static void deliver(void *ctx)
{
	struct signer_job *job = ctx;
	struct error error = job->error;
	struct signer_result result = {
		.error = error.status == STATUS_OK ? NULL : &error,
		.sent = job->sent,
		.has_hash = job->has_hash,
		.hash = job->hash,
	};
	struct buf raw = job->raw;
	signer_fn *fn = job->fn;
	void *fn_ctx = job->ctx;

	buf_init(&job->raw, 0);
	job_free(job);
	if (!result.error) {
		result.raw = (const uint8_t *)buf_text(&raw);
		result.raw_len = raw.len;
	}
	fn(fn_ctx, &result);
	buf_clear(&raw);
}

void signer_finish(struct signer_job *job)
{
	loop_defer(job->signer->loop, deliver, job);
}

void signer_sign_here(struct signer_job *job)
{
	struct signer *signer = job->signer;

	if (!signer->key.data)
		error_set(&job->error, STATUS_DECLINED, "signer-locked", "the signer is locked; unlock it to sign");
	else
		job->has_hash = tx_sign(&job->tx, &signer->key, &job->raw, &job->hash, &job->error);
	restart_idle(signer);
	if (signer->rule.wipe_after_use)
		signer_lock(signer);
	signer_finish(job);
}

static struct signer_job *job_new(struct signer *signer, const struct tx *tx, signer_fn *fn, void *ctx)
{
	struct signer_job *job = mem_new(1, sizeof(*job));

	job->signer = signer;
	job->fn = fn;
	job->ctx = ctx;
	tx_copy(&job->tx, tx);
	error_clear(&job->error);
	job->next = signer->jobs;
	job->from = &signer->jobs;
	if (job->next)
		job->next->from = &job->next;
	signer->jobs = job;
	return job;
}

struct signer_job *signer_sign(struct signer *signer, const struct tx *tx, const struct bytes32 *approved, signer_fn *fn, void *ctx)
{
	struct signer_job *job = job_new(signer, tx, fn, ctx);
	struct bytes32 digest;

	/* Of the copy, so that what is compared is what will be signed. */
	tx_signing_hash(&job->tx, &digest);
	if (bytes32_equal(&digest, approved)) {
		signer->ops->sign(job);
		return job;
	}
	error_set(&job->error, STATUS_CHECK, "approval-mismatch",
		  "what is to be signed is not what was approved, so nothing was signed; look at it again");
	signer_finish(job);
	return job;
}

void signer_cancel(struct signer_job *job)
{
	if (!job)
		return;
	loop_undefer(job->signer->loop, job);
	loop_timer_cancel(&job->again);
	rpc_cancel(job->call);
	job_free(job);
}
