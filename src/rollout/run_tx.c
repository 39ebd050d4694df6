/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction's way through the journal. What is read back is trusted only
 * as far as its digest: it must be the approved one to the bit.
 */
#include "rollout/run_tx.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"

json *run_tx_save(const struct tx *tx, const struct address *from)
{
	char text[ADDRESS_TEXT_SIZE], number[U256_DECIMAL_SIZE];
	json *out = json_new_object();
	json_add_int(out, "chain_id", (int64_t)tx->chain_id);
	json_add_int(out, "nonce", (int64_t)tx->nonce);
	json_add_int(out, "gas", (int64_t)tx->gas);
	json_add_text(out, "max_fee", u256_format_decimal(number, &tx->max_fee));
	json_add_text(out, "max_priority_fee", u256_format_decimal(number, &tx->max_priority_fee));
	json_add_text(out, "value", u256_format_decimal(number, &tx->value));
	json_add_text(out, "to", address_format(text, &tx->to));
	json_add_text(out, "from", address_format(text, from));
	char *hex = mem_new(2 * tx->data_len + 3, 1);
	hex_encode_0x(hex, tx->data, tx->data_len);
	json_add_text(out, "data", hex);
	free(hex);
	return out;
}

static bool read_tx(struct tx *tx, struct address *from, const json *saved)
{
	size_t len;
	uint8_t *data = hex_decode_new(json_text(saved, "data"), LIMIT_CALLDATA, &len);
	if (!data)
		return false;
	tx_set_data(tx, data, len);
	free(data);
	tx->chain_id = (uint64_t)json_int(saved, "chain_id", 0);
	tx->nonce = (uint64_t)json_int(saved, "nonce", 0);
	tx->gas = (uint64_t)json_int(saved, "gas", 0);
	return u256_parse_decimal(&tx->max_fee, json_text(saved, "max_fee")) &&
	       u256_parse_decimal(&tx->max_priority_fee, json_text(saved, "max_priority_fee")) &&
	       u256_parse_decimal(&tx->value, json_text(saved, "value")) && address_parse(&tx->to, json_text(saved, "to")) &&
	       address_parse(from, json_text(saved, "from"));
}

struct search {
	const char *digest;
	struct tx tx;
	struct address from;
	bool found;
};

static void look_at_entry(void *ctx, const struct journal_entry *entry)
{
	struct search *search = ctx;
	struct error err;
	if (entry->kind != JOURNAL_APPROVAL || strcmp(entry->digest, search->digest) != 0)
		return;
	json *saved = json_parse(entry->text, strlen(entry->text), &err);
	tx_clear(&search->tx);
	memset(&search->tx, 0, sizeof(search->tx));
	search->found = saved && read_tx(&search->tx, &search->from, saved);
	json_free(saved);
}

static bool not_there(struct error *err)
{
	error_set(err, STATUS_INPUT, "journal-damaged", "The journal does not hold the approved transaction any more; nothing was signed.");
	return error_next(err, "start the update again");
}

bool run_tx_restore(struct rollout *rollout, const uint8_t digest[32], struct error *err)
{
	char hex[65];
	struct bytes32 made;
	struct search search = { .digest = hex };
	hex_encode(hex, digest, 32);
	if (!journal_entries(rollout->journal, rollout->id, look_at_entry, &search, err))
		return false;
	if (search.found)
		tx_signing_hash(&search.tx, &made);
	if (!search.found || memcmp(made.bytes, digest, 32) != 0) {
		tx_clear(&search.tx);
		return not_there(err);
	}
	tx_prepared_clear(&rollout->tx.prepared);
	rollout->tx.prepared.tx = search.tx;
	rollout->tx.from = search.from;
	rollout->tx.ready = true;
	return true;
}

void run_tx_remember(struct rollout *rollout)
{
	struct run_tx *tx = &rollout->tx;
	struct tx_signed decoded;
	struct error err;
	if (tx_decode((const uint8_t *)tx->raw.data, tx->raw.len, &decoded, &err)) {
		tx->nonce = decoded.tx.nonce;
		tx->from = decoded.from;
		tx->hash = decoded.hash;
		tx->fees.max_fee = decoded.tx.max_fee;
		tx->fees.max_priority_fee = decoded.tx.max_priority_fee;
	}
	tx_clear(&decoded.tx);
}

bool run_tx_restore_signed(struct rollout *rollout, const uint8_t digest[32], struct error *err)
{
	char hex[65];
	hex_encode(hex, digest, 32);
	buf_reset(&rollout->tx.raw);
	if (!journal_bytes(rollout->journal, rollout->id, JOURNAL_TRANSACTION, hex, &rollout->tx.raw, err))
		return err->status != STATUS_OK ? false : not_there(err);
	run_tx_remember(rollout);
	return true;
}
