/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator says, checked against the phase before the machine hears it. */
#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "rollout/run.h"

static void give(struct rollout *rollout, enum rollout_op op, const uint8_t digest[32])
{
	struct event event = run_new_event(EVENT_OP);
	event.op = op;
	if (digest)
		memcpy(event.digest, digest, sizeof(event.digest));
	run_event(rollout, &event);
}

bool run_changes_something(const struct rollout *rollout, struct error *err)
{
	if (!rollout->review.nothing_changes)
		return true;
	error_set(err, STATUS_INPUT, "nothing-changes", "Nothing would change: the compose hash stays %s and no env values were given.",
		  rollout->review.new_hash);
	return error_next(err, "give a changed compose file with -c, or env values with -e");
}

static bool approve_review(struct rollout *rollout, struct error *err)
{
	if (!run_changes_something(rollout, err))
		return false;
	give(rollout, ROLLOUT_APPROVE_REVIEW, NULL);
	return true;
}

/*
 * Who only watches approves nothing here. The update ends open: each later
 * start looks at the contract, and asks again or goes on. Of a change of the
 * allowlist alone nothing is left to do once it is signed elsewhere.
 */
static void sign_elsewhere(struct rollout *rollout)
{
	struct error err;
	bool goes_on = rollout->plan.kind == ROLLOUT_UPDATE && !rollout->machine.removing_old;
	error_set(&err, STATUS_DECLINED, "signer-watch", "Nothing can be signed here: this only watches %s.", rollout->card.from);
	if (goes_on)
		error_next(&err, "sign the unsigned transaction elsewhere, or run the cast send line; once it is mined, cvmdeck resume %s goes on", rollout->id);
	else
		error_next(&err, "sign the unsigned transaction elsewhere, or run the cast send line");
	run_fail(rollout, &err, goes_on);
}

static bool sign(struct rollout *rollout, const char *text, struct error *err)
{
	uint8_t digest[32];
	if (!text || !hex_decode(digest, sizeof(digest), text) || memcmp(digest, rollout->card.digest, sizeof(digest)) != 0) {
		error_set(err, STATUS_CHECK, "card-changed", "The approval is not for the transaction that is shown.");
		return error_next(err, "read the card again");
	}
	run_look_at_key(rollout);
	if (rollout->card.needs_unlock) {
		run_touch(rollout);
		return error_set(err, STATUS_CREDENTIALS, "signer-locked", "The signer wants its password or key first.");
	}
	if (run_only_watches(rollout))
		sign_elsewhere(rollout);
	else
		give(rollout, ROLLOUT_SIGN, digest);
	return true;
}

static bool override_check(struct rollout *rollout, const char *text, struct error *err)
{
	if (!checks_override(&rollout->checks, text, err))
		return false;
	give(rollout, ROLLOUT_OVERRIDE, NULL);
	return true;
}

static void on_unlocked(void *ctx, const struct error *err)
{
	struct rollout *rollout = ctx;
	struct error ignored;
	run_look_at_key(rollout);
	if (err) {
		text_copy(rollout->card.unlock_error, sizeof(rollout->card.unlock_error), err->message);
		run_note(rollout, "%.180s", err->message);
		run_touch(rollout);
	} else if (machine_allows(&rollout->machine, ROLLOUT_UNLOCK, &ignored))
		give(rollout, ROLLOUT_UNLOCK, NULL);
}

static bool unlock(struct rollout *rollout, struct secret *text, struct error *err)
{
	struct signer *signer = session_signer(rollout->session);
	struct secret key = SECRET_INIT;
	if (!text)
		return error_set(err, STATUS_USAGE, "no-secret", "No password or key was given.");
	if (signer && signer_state(signer) == SIGNER_UNLOCKING)
		return error_set(err, STATUS_USAGE, "busy", "One moment: the key is being unlocked.");
	if (signer) {
		rollout->card.unlock_error[0] = '\0';
		run_note(rollout, "unlocking %s", signer_name(signer));
		signer_unlock(signer, text, on_unlocked, rollout);
		run_look_at_key(rollout);
		run_touch(rollout);
		return true;
	}
	bool ok = signer_parse_key(text, &key, err) && session_set_key(rollout->session, &key, "the keyboard", err);
	secret_clear(&key);
	if (ok)
		give(rollout, ROLLOUT_UNLOCK, NULL);
	return ok;
}

static bool obey(struct rollout *rollout, enum rollout_op op, const char *text, struct secret *secret, struct error *err)
{
	switch (op) {
	case ROLLOUT_APPROVE_REVIEW: return approve_review(rollout, err);
	case ROLLOUT_SIGN: return sign(rollout, text, err);
	case ROLLOUT_OVERRIDE: return override_check(rollout, text, err);
	case ROLLOUT_UNLOCK: return unlock(rollout, secret, err);
	case ROLLOUT_REMOVE_OLD_HASH:
		if (!run_lock(rollout, err))
			return false;
		give(rollout, op, NULL);
		return true;
	default: give(rollout, op, NULL); return true;
	}
}

bool rollout_do(struct rollout *rollout, enum rollout_op op, const char *text, struct secret *secret, struct error *err)
{
	bool ok = machine_allows(&rollout->machine, op, err) && obey(rollout, op, text, secret, err);
	if (secret)
		secret_clear(secret);
	return ok;
}
