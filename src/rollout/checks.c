/* SPDX-License-Identifier: Apache-2.0 */
/* The checks: one table, and the rows of one rollout. Pure. */
#include "rollout/checks.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"

struct check_kind {
	const char *id, *title;
	enum source source;
	bool overridable;
	const char *next; /* what to do when it is red */
};

static const struct check_kind kinds[CHECKS] = {
	[CHECK_HASH_CURRENT] = { "hash-current", "hash of the present document", SOURCE_HERE, true,
				 "compare the app-compose.json by hand before you go on" },
	[CHECK_HASH_NEW] = { "hash-new", "hash of the new document", SOURCE_HERE, false,
			     "somebody changed the record of this rollout: find out who, then begin again with a review" },
	[CHECK_HASH_BACKEND] = { "hash-backend", "hash from the backend", SOURCE_PHALA, false,
				 "nothing was signed; find out which field differs before you start again" },
	[CHECK_TARGET_PIN] = { "target-pin", "app, contract, chain and KMS as pinned", SOURCE_HERE, true,
			       "find out who changed it; only then override" },
	[CHECK_CHAIN_ID] = { "chain-id", "chain id from the RPC", SOURCE_CHAIN, false, "give the RPC of the right chain with --rpc-url" },
	[CHECK_CONTRACT_CODE] = { "contract-code", "code at the contract", SOURCE_CHAIN, false,
				  "check the contract's address and the chain of --rpc-url" },
	[CHECK_IMPLEMENTATION] = { "implementation", "implementation behind the proxy", SOURCE_CHAIN, true,
				   "the contract's code was changed since the last rollout; find out why, only then override" },
	[CHECK_RPC_AGREEMENT] = { "rpc-agreement", "all RPC endpoints say the same", SOURCE_CHAIN, false,
				  "one of the endpoints is behind or lies; leave it out" },
	[CHECK_DEVICE] = { "device", "device id of the node", SOURCE_PHALA, false, "do not allow this device; ask for support" },
	[CHECK_ENV_KEY] = { "env-key", "key the env values are encrypted to", SOURCE_CHAIN, false, "no value was encrypted or sent; ask for support" },
	[CHECK_WOULD_BOOT] = { "would-boot", "the KMS contract would let it boot", SOURCE_CHAIN, true,
			       "the CVM would not start with this; mend what the contract names" },
	[CHECK_OWNER] = { "owner", "owner of the contract", SOURCE_CHAIN, false, "use the owner's key" },
	[CHECK_SIMULATION] = { "simulation", "the transaction succeeds when simulated", SOURCE_CHAIN, false,
			       "the reason it reverts with says what to mend" },
	[CHECK_BALANCE] = { "balance", "balance covers the cost", SOURCE_CHAIN, false, "send ether to the signer's address, or raise --max-cost" },
	[CHECK_RECEIPT] = { "receipt", "the owners' transaction did what was prepared", SOURCE_CHAIN, false,
			    "look at the transaction in the block explorer; nothing was committed" },
	[CHECK_AFTER_STARTED] = { "after-started", "the update was seen to start", SOURCE_PHALA, false, "look at the logs" },
	[CHECK_AFTER_RUNNING] = { "after-running", "the CVM is running", SOURCE_PHALA, false, "look at the logs" },
	[CHECK_AFTER_HASH] = { "after-hash", "the running compose hash is the signed one", SOURCE_PHALA, false, "look at the logs" },
	[CHECK_AFTER_ALLOWED] = { "after-allowed", "the contract still allows the hash", SOURCE_CHAIN, false,
				  "the CVM could not start again with this hash; look at the transaction, then go on with cvmdeck resume" },
	[CHECK_AFTER_REPORT] = { "after-report", "the TEE's report is there", SOURCE_TEE, true,
				 "the update is in force, but no TEE said so: ask again with cvmdeck resume, or take it as it is" },
	[CHECK_AFTER_TEE] = { "after-tee", "the TEE's event log replays to RTMR3 with this hash", SOURCE_TEE, false,
			      "do not trust this CVM before you know why" },
};

const char *check_name(enum check_id id)
{
	return kinds[id].id;
}

static size_t row_of(const struct checks *checks, enum check_id id)
{
	size_t i = 0;
	while (i < checks->count && checks->ids[i] != id)
		i++;
	return i;
}

static void digest_of(const struct check *row, char out[65])
{
	uint8_t digest[HASH_SIZE];
	char finding[sizeof(row->value) + sizeof(row->note) + 1];
	int len = snprintf(finding, sizeof(finding), "%s\n%s", row->value, row->note);
	hash_sha256(digest, finding, (size_t)len);
	hex_encode(out, digest, sizeof(digest));
}

/* Does the override, where one was typed, speak of this finding? */
static bool is_overridden(struct check_override *override, const struct check *row)
{
	char of[65];
	if (row->mark != MARK_BAD || !override->reason[0])
		return false;
	digest_of(row, of);
	if (!override->of[0])
		text_copy(override->of, sizeof(override->of), of);
	return strcmp(override->of, of) == 0;
}

struct check *checks_set(struct checks *checks, enum check_id id, enum mark mark, const char *value, const char *note)
{
	size_t i = row_of(checks, id);
	struct check *row = &checks->rows[i];
	if (i == checks->count) {
		checks->count++;
		memset(row, 0, sizeof(*row));
		checks->ids[i] = id;
		row->id = kinds[id].id;
		row->title = kinds[id].title;
		row->source = kinds[id].source;
	}
	row->mark = mark;
	row->stops = mark == MARK_BAD;
	if (value)
		text_safe_copy(row->value, sizeof(row->value), value, strlen(value));
	if (note)
		text_safe_copy(row->note, sizeof(row->note), note, strlen(note));
	row->overridden = is_overridden(&checks->overrides[id], row);
	return row;
}

void checks_forget(struct checks *checks, enum check_id id)
{
	size_t i = row_of(checks, id);
	if (i == checks->count)
		return;
	checks->count--;
	memmove(&checks->rows[i], &checks->rows[i + 1], (checks->count - i) * sizeof(checks->rows[0]));
	memmove(&checks->ids[i], &checks->ids[i + 1], (checks->count - i) * sizeof(checks->ids[0]));
}

const struct check *checks_find(const struct checks *checks, enum check_id id)
{
	size_t i = row_of(checks, id);
	return i < checks->count ? &checks->rows[i] : NULL;
}

const struct check *checks_red(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		if (checks->rows[i].mark == MARK_BAD && checks->rows[i].stops && !checks->rows[i].overridden)
			return &checks->rows[i];
	return NULL;
}

static enum check_id id_of(const char *name, size_t len)
{
	int id = 0;
	while (id < CHECKS && !(strlen(kinds[id].id) == len && memcmp(kinds[id].id, name, len) == 0))
		id++;
	return (enum check_id)id;
}

bool checks_overridable(const struct check *check)
{
	return kinds[id_of(check->id, strlen(check->id))].overridable;
}

void checks_error(const struct check *check, struct error *err)
{
	const struct check_kind *kind = &kinds[id_of(check->id, strlen(check->id))];
	enum status status = kind == &kinds[CHECK_BALANCE] ? STATUS_CHAIN : STATUS_CHECK;
	error_set(err, status, check->id, "The check “%s” is red: %s%s%s%s", check->title, check->value, check->note[0] ? " (" : "", check->note,
		  check->note[0] ? ")" : "");
	error_next(err, "%s%s", kind->next, kind->overridable ? " (--override CHECK=REASON)" : "");
}

/* The check that "CHECK-ID because REASON" names, or CHECKS with *err; *reason is in text. */
static enum check_id read_override(const char *text, const char **reason, struct error *err)
{
	static const char because[] = " because ";
	const char *split = text ? strstr(text, because) : NULL;
	enum check_id id;
	*reason = split ? split + strlen(because) : "";
	if (!split && (split = text ? strchr(text, '=') : NULL)) /* as the option has it */
		*reason = split + 1;
	id = split ? id_of(text, (size_t)(split - text)) : CHECKS;
	if (!split || !**reason)
		error_set(err, STATUS_USAGE, "override", "An override is typed as: CHECK because REASON.");
	else if (id == CHECKS)
		error_set(err, STATUS_USAGE, "override", "There is no check of that name.");
	else if (!kinds[id].overridable)
		error_set(err, STATUS_USAGE, "override", "The check %s cannot be overridden.", kinds[id].id);
	else
		return id;
	return CHECKS;
}

static struct check_override *set_override(struct checks *checks, enum check_id id, const char *reason)
{
	struct check_override *override = &checks->overrides[id];
	memset(override, 0, sizeof(*override));
	text_safe_copy(override->reason, sizeof(override->reason), reason, strlen(reason));
	return override;
}

bool checks_override(struct checks *checks, const char *text, struct error *err)
{
	const char *reason;
	enum check_id id = read_override(text, &reason, err);
	if (id == CHECKS)
		return false;
	size_t at = row_of(checks, id);
	if (at == checks->count || checks->rows[at].mark != MARK_BAD) {
		error_set(err, STATUS_USAGE, "override", "The check %s is not red.", kinds[id].id);
		return error_next(err, "name the one that is");
	}
	checks->rows[at].overridden = is_overridden(set_override(checks, id, reason), &checks->rows[at]);
	return true;
}

bool checks_expect_override(struct checks *checks, const char *text, struct error *err)
{
	const char *reason;
	enum check_id id = read_override(text, &reason, err);
	if (id != CHECKS)
		set_override(checks, id, reason);
	return id != CHECKS;
}

bool checks_recall_override(struct checks *checks, const char *text, const char *of, struct error *err)
{
	const char *reason;
	enum check_id id = read_override(text, &reason, err);
	if (id == CHECKS)
		return false;
	if (strlen(of) != 2 * HASH_SIZE)
		return error_set(err, STATUS_INPUT, "journal-damaged", "The record of an override does not say what it was for.");
	struct check_override *override = set_override(checks, id, reason);
	text_copy(override->of, sizeof(override->of), of);
	override->recorded = true;
	return true;
}

const struct check *checks_unrecorded(const struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		if (checks->rows[i].overridden && !checks->overrides[checks->ids[i]].recorded)
			return &checks->rows[i];
	return NULL;
}

void checks_override_text(const struct checks *checks, const struct check *row, char out[320], const char **of)
{
	const struct check_override *override = &checks->overrides[id_of(row->id, strlen(row->id))];
	snprintf(out, 320, "%s because %s", row->id, override->reason);
	*of = override->of;
}

void checks_recorded(struct checks *checks, const char *id)
{
	checks->overrides[id_of(id, strlen(id))].recorded = true;
}
