/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of questions (chain, contract, hash, device) and their last answers.
 * There is no queue: each glance_watch looks which of the CVMs shown now are
 * due and begins what there is room for, so what has left the screen is never
 * asked. One timer, set by glance_watch alone, asks to be drawn again; when
 * nobody draws the list any more it is not set again.
 */
#include "rollout/glance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/chains.h"
#include "chain/reader.h"
#include "chain/signer.h"
#include "rollout/session.h"

enum { MAX_READS = 2, MAX_ENTRIES = 512, REST_MS = 150, FRESH_MS = 60000 };

struct question {
	uint64_t chain_id;
	struct address contract;
	struct bytes32 hash, device;
	bool has_device;
};

struct entry {
	struct glance *glance;
	struct question question;
	struct glance_row row;
	struct address owner;
	bool is_person;           /* the owner signs with a key of its own */
	bool has_answer, expired;
	int64_t read_at;           /* monotonic */
	uint64_t shown_at;         /* the glance's turn */
	unsigned failures;         /* in a row: another endpoint is tried next */
	struct chain_read *read;
};

struct glance {
	struct session *session;
	void (*changed)(void *ctx);
	void *ctx;
	struct glance_rule rule;
	struct entry **entries;
	uint64_t *digests; /* of the entries' questions, side by side for looking up */
	size_t count, cap, digest_cap;
	size_t reads;
	uint64_t turn;  /* calls of glance_watch */
	uint64_t scene; /* which questions are on screen, in any order */
	int64_t scene_since;
	struct loop_timer timer;
	struct glance_row other; /* of a CVM that has no entry */
};

/* ---- questions ---- */

static const char *contract_of(char out[43], const struct cvm *cvm)
{
	if (cvm->app_address[0])
		text_copy(out, 43, cvm->app_address);
	else
		snprintf(out, 43, "0x%s", cvm->app_id);
	return out;
}

/* False with the reason where there is nothing to ask. */
static bool make_question(struct question *out, const struct cvm *cvm, const char **why)
{
	char contract[43];

	memset(out, 0, sizeof(*out)); /* compared as bytes, so the gaps count */
	out->chain_id = cvm->chain_id;
	*why = "the API names no app contract for this CVM";
	if (!address_parse(&out->contract, contract_of(contract, cvm)))
		return false;
	*why = "the API does not say on which chain the contract is";
	if (!out->chain_id)
		return false;
	*why = "the API names no compose hash for this CVM";
	if (!bytes32_parse(&out->hash, cvm->compose_hash))
		return false;
	out->has_device = bytes32_parse(&out->device, cvm->device_id);
	return true;
}

/* FNV-1a: only a short cut, equal ones are compared whole. */
static uint64_t digest_of(const struct question *question)
{
	const unsigned char *bytes = (const unsigned char *)question;
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < sizeof(*question); i++)
		digest = (digest ^ bytes[i]) * UINT64_C(0x100000001b3);
	return digest;
}

/* ---- the table ---- */

static struct entry *find(const struct glance *glance, const struct question *question, uint64_t digest)
{
	size_t i;

	for (i = 0; i < glance->count; i++)
		if (glance->digests[i] == digest && memcmp(&glance->entries[i]->question, question, sizeof(*question)) == 0)
			return glance->entries[i];
	return NULL;
}

/* The one that was last on screen the longest ago: with MAX_ENTRIES on screen at most, never one of those. */
static size_t oldest(const struct glance *glance)
{
	size_t best = 0, i;

	for (i = 1; i < glance->count; i++)
		if (glance->entries[i]->shown_at < glance->entries[best]->shown_at)
			best = i;
	return best;
}

static void stop_reading(struct entry *entry)
{
	if (!entry->read)
		return;
	chain_read_cancel(entry->read);
	entry->read = NULL;
	entry->glance->reads--;
	if (!entry->has_answer)
		entry->row.allowed = MARK_NONE;
}

static size_t place(struct glance *glance)
{
	size_t at;

	if (glance->count < MAX_ENTRIES) {
		glance->entries = mem_grow(glance->entries, glance->count, &glance->cap, sizeof(*glance->entries));
		glance->digests = mem_grow(glance->digests, glance->count, &glance->digest_cap, sizeof(*glance->digests));
		return glance->count++;
	}
	at = oldest(glance);
	stop_reading(glance->entries[at]);
	free(glance->entries[at]);
	return at;
}

static struct entry *add(struct glance *glance, const struct question *question, uint64_t digest)
{
	struct entry *entry = mem_new(1, sizeof(*entry));
	size_t at = place(glance);

	entry->glance = glance;
	memcpy(&entry->question, question, sizeof(*question));
	entry->row.onchain = true;
	address_format(entry->row.contract, &question->contract);
	chain_name(entry->row.chain, question->chain_id);
	glance->entries[at] = entry;
	glance->digests[at] = digest;
	return entry;
}

/* ---- answers ---- */

static void set_reason(struct glance_row *row, const char *what, const struct error *err)
{
	char text[sizeof(row->reason)];

	if (row->reason[0])
		return;
	snprintf(text, sizeof(text), "%s%s%.280s", what, what[0] ? ": " : "", err && err->message[0] ? err->message : "the read failed");
	text_safe_copy(row->reason, sizeof(row->reason), text, strlen(text));
}

static void take_hash(struct glance_row *row, const struct allowlist *list)
{
	if (list->code.state == READ_NO) {
		row->allowed = MARK_UNKNOWN;
		text_copy(row->reason, sizeof(row->reason), "there is no contract at this address");
		return;
	}
	row->allowed = list->new_hash.state == READ_YES ? MARK_GOOD : list->new_hash.state == READ_NO ? MARK_BAD : MARK_UNKNOWN;
	if (row->allowed == MARK_UNKNOWN)
		set_reason(row, "compose hash", &list->new_hash.error);
}

static void take_owner(struct entry *entry, const struct allowlist *list)
{
	struct glance_row *row = &entry->row;
	const struct account *account = &list->owner_account;

	if (list->owner.state != READ_VALUE) {
		set_reason(row, "owner()", &list->owner.error);
		return;
	}
	entry->owner = list->owner.address;
	address_format(row->owner, &entry->owner);
	if (list->owner_code.state != READ_VALUE) {
		set_reason(row, "code at owner()", &list->owner_code.error);
		return;
	}
	entry->is_person = account_is_person(account);
	row->owner_kind = entry->is_person ? GLANCE_OWNER_PERSON : account->kind == ACCOUNT_SAFE ? GLANCE_OWNER_SAFE : GLANCE_OWNER_CONTRACT;
	row->threshold = account->threshold;
	row->owners = account->owner_count;
}

static void take_pending_owner(struct glance_row *row, const struct read_answer *answer)
{
	if (answer->state == READ_VALUE && !address_is_zero(&answer->address)) {
		address_format(row->pending_owner, &answer->address);
	} else if (answer->state == READ_FAILED) {
		text_copy(row->pending_owner, sizeof(row->pending_owner), "?");
		set_reason(row, "pendingOwner()", &answer->error);
	}
}

static void take_device(struct glance_row *row, const struct allowlist *list)
{
	if (list->any_device.state == READ_YES)
		row->device = GLANCE_DEVICE_ANY;
	else if (list->device.state == READ_YES)
		row->device = GLANCE_DEVICE_ALLOWED;
	else if (allowlist_device_state(list) == READ_NO)
		row->device = GLANCE_DEVICE_NOT_ALLOWED;
	else if (list->any_device.state == READ_FAILED)
		set_reason(row, "allowAnyDevice()", &list->any_device.error);
	else if (list->device.state == READ_FAILED)
		set_reason(row, "device", &list->device.error);
}

/* Nothing of an older answer stays: what could not be read now is not known now. */
static void begin_answer(struct entry *entry)
{
	struct glance_row fresh = { .onchain = true, .allowed = MARK_UNKNOWN, .read_ms = clock_wall_ms() };

	memcpy(fresh.contract, entry->row.contract, sizeof(fresh.contract));
	memcpy(fresh.chain, entry->row.chain, sizeof(fresh.chain));
	entry->row = fresh;
	entry->has_answer = true;
	entry->expired = entry->is_person = false;
	entry->read_at = clock_mono_ms();
}

static void take_failure(struct entry *entry, const struct error *err)
{
	begin_answer(entry);
	set_reason(&entry->row, "", err);
	entry->failures++;
}

static void on_list(void *ctx, struct allowlist *list, const struct error *err)
{
	struct entry *entry = ctx;
	struct glance *glance = entry->glance;

	entry->read = NULL;
	glance->reads--;
	if (!list) {
		take_failure(entry, err);
	} else {
		begin_answer(entry);
		entry->row.block = list->block;
		session_saw_block(glance->session, list->chain_id, list->block);
		take_hash(&entry->row, list);
		take_owner(entry, list);
		take_pending_owner(&entry->row, &list->pending_owner);
		take_device(&entry->row, list);
		entry->failures = entry->row.allowed == MARK_UNKNOWN ? entry->failures + 1 : 0;
	}
	glance->changed(glance->ctx);
}

/* ---- reading ---- */

static void start_read(struct glance *glance, struct entry *entry)
{
	const struct question *asked = &entry->question;
	struct allowlist_question question = { .chain_id = asked->chain_id, .contract = asked->contract, .has_new_hash = true, .new_hash = asked->hash,
		                               .has_device = asked->has_device, .device = asked->device };
	struct rpc *rpcs[SESSION_RPCS];
	struct error err = { 0 };
	size_t count = session_rpcs(glance->session, asked->chain_id, NULL, rpcs, &err);

	if (!count) {
		take_failure(entry, &err);
		return;
	}
	if (!entry->has_answer)
		entry->row.allowed = MARK_RUNNING;
	entry->read = chain_read_allowlist(rpcs[entry->failures % count], &question, on_list, entry);
	glance->reads++;
}

static int64_t due_in(const struct glance *glance, const struct entry *entry, int64_t now)
{
	int64_t left = entry->read_at + glance->rule.fresh_ms - now;

	return !entry->has_answer || entry->expired || left < 0 ? 0 : left;
}

/* What is read for a CVM no longer shown gives way to what is waiting. */
static void stop_unseen(struct glance *glance)
{
	size_t i;

	for (i = 0; i < glance->count; i++)
		if (glance->entries[i]->shown_at != glance->turn)
			stop_reading(glance->entries[i]);
}

static void on_timer(void *ctx)
{
	struct glance *glance = ctx;

	glance->changed(glance->ctx);
}

/* Marks what is shown; returns how many entries went to out. The same question may be on screen twice. */
static size_t look_up(struct glance *glance, const struct cvm *const *cvms, size_t count, int64_t now, struct entry **out)
{
	uint64_t scene = 0;
	size_t i, used = 0;
	const char *why;

	glance->turn++;
	for (i = 0; i < count; i++) {
		struct question question;
		struct entry *entry;
		uint64_t digest;

		if (!cvms[i] || !cvm_is_onchain(cvms[i]) || !make_question(&question, cvms[i], &why))
			continue;
		digest = digest_of(&question);
		entry = find(glance, &question, digest);
		if (!entry)
			entry = add(glance, &question, digest);
		if (entry->shown_at == glance->turn)
			continue;
		entry->shown_at = glance->turn;
		scene += digest; /* in any order: moving the cursor is no other scene */
		out[used++] = entry;
	}
	if (scene != glance->scene || !glance->scene_since)
		glance->scene_since = now;
	glance->scene = scene;
	return used;
}

/* Begins what is due and has room. Returns when the next answer grows old, or -1. */
static int64_t start_reads(struct glance *glance, struct entry *const *shown, size_t count, int64_t now)
{
	int64_t wait = -1;
	size_t i;

	for (i = 0; i < count; i++) {
		int64_t left = due_in(glance, shown[i], now);

		if (left <= 0 && !shown[i]->read && glance->reads < MAX_READS) {
			start_read(glance, shown[i]);
			left = glance->rule.fresh_ms; /* unless it is under way: no endpoint */
		}
		/* Of those under way or without room the next answer will tell. */
		if (left > 0 && !shown[i]->read && (wait < 0 || left < wait))
			wait = left;
	}
	return wait;
}

void glance_watch(struct glance *glance, const struct cvm *const *cvms, size_t count)
{
	struct entry *shown[MAX_ENTRIES];
	int64_t now = clock_mono_ms(), wait;
	size_t used = look_up(glance, cvms, count < MAX_ENTRIES ? count : MAX_ENTRIES, now, shown);

	wait = used ? glance->scene_since + glance->rule.rest_ms - now : -1;
	if (wait <= 0) {
		stop_unseen(glance);
		wait = start_reads(glance, shown, used, now);
	}
	if (wait > 0)
		loop_timer_set(session_loop(glance->session), &glance->timer, wait, on_timer, glance);
	else
		loop_timer_cancel(&glance->timer);
}

void glance_expire(struct glance *glance, const char *contract)
{
	struct address address;
	bool all = !contract || !*contract || !address_parse(&address, contract);
	size_t i;

	for (i = 0; i < glance->count; i++) {
		struct entry *entry = glance->entries[i];

		if (!all && !address_equal(&entry->question.contract, &address))
			continue;
		/* One under way may have looked before the change. */
		stop_reading(entry);
		entry->expired = true;
	}
}

/* ---- what is seen ---- */

static const struct glance_row *without_entry(struct glance *glance, const struct cvm *cvm, const char *why)
{
	glance->other = (struct glance_row){ .onchain = cvm_is_onchain(cvm) };
	if (glance->other.onchain && why) {
		glance->other.allowed = MARK_UNKNOWN;
		text_copy(glance->other.reason, sizeof(glance->other.reason), why);
	}
	return &glance->other;
}

/* The signing key may come or change at any time. */
static void compare_owner(const struct glance *glance, struct entry *entry)
{
	struct signer *signer = session_signer(glance->session);
	struct address own;

	if (!entry->is_person)
		return;
	if (!signer || !signer_address(signer, &own))
		entry->row.owner_kind = GLANCE_OWNER_PERSON;
	else
		entry->row.owner_kind = address_equal(&own, &entry->owner) ? GLANCE_OWNER_YOU : GLANCE_OWNER_OTHER;
}

const struct glance_row *glance_get(struct glance *glance, const struct cvm *cvm)
{
	struct question question;
	struct entry *entry;
	const char *why;

	if (!cvm_is_onchain(cvm))
		return without_entry(glance, cvm, NULL);
	if (!make_question(&question, cvm, &why))
		return without_entry(glance, cvm, why);
	entry = find(glance, &question, digest_of(&question));
	if (!entry)
		return without_entry(glance, cvm, NULL);
	compare_owner(glance, entry);
	return &entry->row;
}

/* ---- making and ending ---- */

struct glance *glance_new(struct session *session, void (*changed)(void *ctx), void *ctx)
{
	struct glance *glance = mem_new(1, sizeof(*glance));

	glance->session = session;
	glance->changed = changed;
	glance->ctx = ctx;
	glance->rule = (struct glance_rule){ REST_MS, FRESH_MS };
	return glance;
}

void glance_set_rule(struct glance *glance, struct glance_rule rule)
{
	glance->rule = rule;
}

void glance_free(struct glance *glance)
{
	size_t i;

	if (!glance)
		return;
	loop_timer_cancel(&glance->timer);
	for (i = 0; i < glance->count; i++) {
		stop_reading(glance->entries[i]);
		free(glance->entries[i]);
	}
	free(glance->entries);
	free(glance->digests);
	free(glance);
}
