/* SPDX-License-Identifier: Apache-2.0 */
/* A journal's row in a person's words: what was done, of which transaction, and what came of it. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "chain/contract.h"
#include "chain/u256.h"
#include "rollout/journal.h"
#include "rollout/machine.h"
#include "wire/json.h"

typedef void words_fn(struct buf *out, const struct journal_entry *entry, const json *text);

/* The call of an approved transaction, its nonce, and the digest that was approved. */
static void say_approval(struct buf *out, const struct journal_entry *entry, const json *text)
{
	size_t len = 0;
	uint8_t *data = hex_decode_new(json_text(text, "data"), LIMIT_CALLDATA, &len);
	buf_add_text(out, "approved: ");
	if (data && len)
		contract_describe(out, data, len);
	else
		buf_add_text(out, "nothing, to replace another by it");
	buf_add_format(out, " of %s, nonce %lld, digest %s", json_text(text, "to"), (long long)json_int(text, "nonce", -1), entry->digest);
	free(data);
}

static void say_transaction(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)text;
	buf_add_format(out, "signed: %s (%zu bytes are kept)", entry->hash, entry->len);
}

static void say_receipt(struct buf *out, const struct journal_entry *entry, const json *text)
{
	char ether[U256_UNITS_SIZE];
	struct u256 paid;
	buf_add_format(out, "mined: %s", entry->hash);
	if (text)
		buf_add_format(out, " in block %lld", (long long)json_int(text, "block", 0));
	if (u256_parse_decimal(&paid, json_text(text, "paid_wei")))
		buf_add_format(out, ", paid %.60s ETH", u256_format_ether(ether, &paid));
}

static void say_patched(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)text;
	buf_add_format(out, "the backend asks for the hash %s on the contract (HTTP %d)", entry->text, entry->number);
}

static void say_accepted(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)text;
	buf_add_format(out, "the backend took it (HTTP %d), correlation id %s", entry->number, entry->text[0] ? entry->text : "unknown");
}

static void say_override(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)text;
	buf_add_format(out, "overridden: %s", entry->text);
	if (entry->len) {
		buf_add_text(out, "; it was red: ");
		buf_add(out, entry->bytes, entry->len);
	}
}

static void say_prepared(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)entry;
	buf_add_format(out, "prepared for the owners of %s (%s)", json_text(text, "owner"), json_text(text, "kind"));
	if (json_text(text, "safe_tx_hash")[0])
		buf_add_format(out, ", Safe transaction %s", json_text(text, "safe_tx_hash"));
}

static void say_outcome(struct buf *out, const struct journal_entry *entry, const json *text)
{
	(void)entry;
	if (json_flag(text, "success", false))
		buf_add_text(out, "ended well");
	else
		buf_add_format(out, "stopped: %s: %s", json_text(text, "code"), json_text(text, "message"));
}

static const struct {
	enum machine_write write;
	words_fn *say;    /* or */
	const char *words;
} rows[] = {
	{ WRITE_REVIEW, NULL, "reviewed and approved" },
	{ WRITE_PATCHED, say_patched, NULL },
	{ WRITE_APPROVAL, say_approval, NULL },
	{ WRITE_TX, say_transaction, NULL },
	{ WRITE_RECEIPT, say_receipt, NULL },
	{ WRITE_CONFIRM, NULL, "about to confirm with the backend" },
	{ WRITE_ACCEPTED, say_accepted, NULL },
	{ WRITE_PREPARED, say_prepared, NULL },
	{ WRITE_OVERRIDE, say_override, NULL },
	{ WRITE_OUTCOME, say_outcome, NULL },
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };
_Static_assert(ROWS == MACHINE_WRITES - 1, "every write has its words");

void journal_describe(struct buf *out, const struct journal_entry *entry)
{
	struct buf words = BUF_INIT;
	struct error ignored;
	size_t i = 0;
	while (i < ROWS && strcmp(machine_write_name(rows[i].write), entry->what) != 0)
		i++;
	json *text = entry->text[0] == '{' ? json_parse(entry->text, strlen(entry->text), &ignored) : NULL;
	if (i == ROWS)
		buf_add_text(&words, entry->kind == JOURNAL_PLAN ? "the plan as it is from here on" : entry->what);
	else if (rows[i].say)
		rows[i].say(&words, entry, text);
	else
		buf_add_text(&words, rows[i].words);
	text_safe(out, buf_text(&words), words.len, TEXT_ONE_LINE);
	json_free(text);
	buf_clear(&words);
}
