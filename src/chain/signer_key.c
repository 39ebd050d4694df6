/* SPDX-License-Identifier: Apache-2.0 */
/* A raw private key, and the signer that has none. */
#include <stdlib.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/signer_parts.h"

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool decode(uint8_t out[ECDSA_KEY_SIZE], const uint8_t *digits, size_t len)
{
	if (len != 2 * ECDSA_KEY_SIZE)
		return false;
	for (size_t i = 0; i < ECDSA_KEY_SIZE; i++) {
		int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool signer_parse_key(struct secret *text, struct secret *key, struct error *err)
{
	const uint8_t *at = text->data;
	size_t len = text->len;
	bool ok;

	while (len && is_space(at[len - 1]))
		len--;
	for (; len && is_space(*at); len--)
		at++;
	if (len > 2 && at[0] == '0' && at[1] == 'x') {
		at += 2;
		len -= 2;
	}
	secret_alloc(key, ECDSA_KEY_SIZE);
	ok = decode(key->data, at, len);
	secret_clear(text);
	if (!ok)
		error_set(err, STATUS_USAGE, "key-invalid", "a private key is 64 hexadecimal digits, with or without 0x");
	ok = ok && ecdsa_check_key(key, err);
	if (!ok)
		secret_clear(key);
	return ok;
}

static void key_unlock(struct signer *signer, struct secret *secret)
{
	struct secret key = SECRET_INIT;
	struct error err;
	bool ok = signer_parse_key(secret, &key, &err) && signer_take_key(signer, &key, &err);

	signer_report(signer, ok ? NULL : &err);
}

static const struct signer_ops key_ops = { .sign = signer_sign_here, .unlock = key_unlock };

struct signer *signer_new_key(struct loop *loop, struct secret *key, const char *source, struct error *err)
{
	struct signer *signer = signer_make(loop, &key_ops, SIGNER_KEY, SIGNER_LOCKED, signer_label("key from ", source));

	if (signer_take_key(signer, key, err))
		return signer;
	signer_free(signer);
	return NULL;
}

/* ---- watch-only ---- */

static void watch_sign(struct signer_job *job)
{
	error_set(&job->error, STATUS_DECLINED, "signer-watch", "nothing can be signed here: this only watches an address");
	error_next(&job->error, "sign the unsigned transaction elsewhere, or run the cast line beside it");
	signer_finish(job);
}

static const struct signer_ops watch_ops = { .sign = watch_sign };

struct signer *signer_new_watch(struct loop *loop, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];
	char *name = mem_printf("watch-only %s", address_format(text, address));
	struct signer *signer = signer_make(loop, &watch_ops, SIGNER_WATCH, SIGNER_CANNOT, name);

	signer->address = *address;
	signer->has_address = true;
	return signer;
}

void signer_cast_line(struct buf *out, const struct tx *tx, const struct address *from)
{
	char to[ADDRESS_TEXT_SIZE], sender[ADDRESS_TEXT_SIZE], value[U256_DECIMAL_SIZE], fee[U256_DECIMAL_SIZE], tip[U256_DECIMAL_SIZE];
	char *data = mem_new(2 * tx->data_len + 3, 1);

	hex_encode_0x(data, tx->data, tx->data_len);
	buf_add_text(out, "cast send --rpc-url \"$ETH_RPC_URL\"");
	buf_add_format(out, " --chain %llu --from %s --nonce %llu --gas-limit %llu", (unsigned long long)tx->chain_id,
		       address_format(sender, from), (unsigned long long)tx->nonce, (unsigned long long)tx->gas);
	buf_add_format(out, " --gas-price %s --priority-gas-price %s --value %s", u256_format_decimal(fee, &tx->max_fee),
		       u256_format_decimal(tip, &tx->max_priority_fee), u256_format_decimal(value, &tx->value));
	if (tx->create)
		buf_add_format(out, " --create %s", data);
	else
		buf_add_format(out, " %s %s", address_format(to, &tx->to), tx->data_len ? data : "");
	free(data);
}
