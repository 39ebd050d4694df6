/* SPDX-License-Identifier: Apache-2.0 */
/* The recovered key is never a verdict by itself: any 65 bytes recover to some key. */
#include "chain/env_key.h"

#include <string.h>

#include "base/hash.h"
#include "base/hex.h"

void env_key_message(struct buf *out, const struct env_key_message *message)
{
	uint8_t time[8];

	for (unsigned i = 0; i < 8; i++)
		time[i] = (uint8_t)(message->timestamp >> (8 * (7 - i)));
	buf_add_text(out, "dstack-env-encrypt-pubkey:");
	buf_add(out, message->app_id, message->app_id_len);
	if (message->has_timestamp)
		buf_add(out, time, sizeof(time));
	buf_add(out, message->key, message->key_len);
}

bool env_key_recover(uint8_t signer[ECDSA_COMPRESSED_SIZE], const struct env_key_message *message, const uint8_t *signature, size_t len,
		     struct error *err)
{
	struct buf text = BUF_INIT;
	struct signature parts;
	struct bytes32 digest;
	uint8_t full[ECDSA_PUBLIC_SIZE];

	if (len != ENV_KEY_SIGNATURE_SIZE || signature[64] > 3)
		return error_set(err, STATUS_CHECK, "signature-invalid",
				 "the signature of the env key is not 65 bytes that end in a recovery id of 0 to 3");
	memcpy(parts.r, signature, 32);
	memcpy(parts.s, signature + 32, 32);
	parts.recovery = signature[64];
	env_key_message(&text, message);
	hash_keccak256(digest.bytes, buf_text(&text), text.len);
	buf_clear(&text);
	return ecdsa_recover(&digest, &parts, full, signer, err);
}

static bool is_there(const char *text)
{
	return text && *text;
}

static bool malformed(struct error *err, const char *what)
{
	return error_set(err, STATUS_CHECK, "env-key-malformed", "the env-encryption key cannot be checked: %s", what);
}

/* True when the signature is the root's; otherwise signer says whose it is (zeros: nobody's). */
static bool made_by(const uint8_t root[ECDSA_COMPRESSED_SIZE], const struct env_key_message *message, const uint8_t signature[ENV_KEY_SIGNATURE_SIZE],
		    uint8_t signer[ECDSA_COMPRESSED_SIZE])
{
	memset(signer, 0, ECDSA_COMPRESSED_SIZE);
	return env_key_recover(signer, message, signature, ENV_KEY_SIGNATURE_SIZE, NULL) && !memcmp(signer, root, ECDSA_COMPRESSED_SIZE);
}

static bool other_signer(const uint8_t root[ECDSA_COMPRESSED_SIZE], const uint8_t signer[ECDSA_COMPRESSED_SIZE], struct error *err)
{
	char want[2 * ECDSA_COMPRESSED_SIZE + 1], have[2 * ECDSA_COMPRESSED_SIZE + 1];

	hex_encode(want, root, ECDSA_COMPRESSED_SIZE);
	hex_encode(have, signer, ECDSA_COMPRESSED_SIZE);
	error_set(err, STATUS_CHECK, "env-key-signer",
		  "the env-encryption key is not signed by the KMS on chain, so whoever gave it could read the values");
	return error_detail(err, "signed by %s, the KMS root is %s", signer[0] ? have : "nobody", want);
}

static bool check_age(uint64_t timestamp, int64_t now_s, struct error *err)
{
	int64_t age = timestamp > INT64_MAX ? -1 - ENV_KEY_MAX_AHEAD_S : now_s - (int64_t)timestamp;

	if (age <= ENV_KEY_MAX_AGE_S && age >= -ENV_KEY_MAX_AHEAD_S)
		return true;
	error_set(err, STATUS_CHECK, "env-key-stale", "the signature over the env-encryption key is not of now: it is %lld seconds old",
		  (long long)age);
	return error_next(err, "fetch it again; if this stays, check this machine's clock");
}

/* The form with the timestamp, under whichever name it came. */
static bool check_timestamped(const struct env_key_message *message, const uint8_t *signature, const uint8_t *root, int64_t now_s,
			      struct error *err)
{
	struct env_key_message timed = *message;
	uint8_t signer[ECDSA_COMPRESSED_SIZE];

	timed.has_timestamp = true;
	if (!made_by(root, &timed, signature, signer))
		return other_signer(root, signer, err);
	return check_age(timed.timestamp, now_s, err);
}

/* Some answers carry the newer signature under the older name; whose it is decides. */
static bool check_plain(struct env_key *out, const struct env_key_message *message, const uint8_t *signature, const uint8_t *root,
			int64_t now_s, struct error *err)
{
	struct env_key_message timed = *message;
	uint8_t signer[ECDSA_COMPRESSED_SIZE], other[ECDSA_COMPRESSED_SIZE];

	if (made_by(root, message, signature, signer))
		return true;
	timed.has_timestamp = true;
	if (!message->timestamp || !made_by(root, &timed, signature, other))
		return other_signer(root, signer, err);
	out->timestamped = true;
	return check_age(timed.timestamp, now_s, err);
}

bool env_key_verify(struct env_key *out, const struct env_key_answer *answer, const struct address *app,
		    const uint8_t root[ECDSA_COMPRESSED_SIZE], int64_t now_s, struct error *err)
{
	struct env_key_message message = { app->bytes, ADDRESS_SIZE, out->key, ENV_KEY_SIZE, false, answer->timestamp };
	bool plain = is_there(answer->signature), timed = is_there(answer->signature_v1);
	uint8_t signature[ENV_KEY_SIGNATURE_SIZE], signature_v1[ENV_KEY_SIGNATURE_SIZE];

	memset(out, 0, sizeof(*out));
	if (!is_there(answer->public_key) || !hex_decode(out->key, ENV_KEY_SIZE, answer->public_key))
		return malformed(err, "it is not 32 bytes in hexadecimal");
	if (!plain && !timed)
		return error_set(err, STATUS_CHECK, "env-key-unsigned", "the env-encryption key came without a signature of the KMS");
	if (plain && !hex_decode(signature, sizeof(signature), answer->signature))
		return malformed(err, "its signature is not 65 bytes in hexadecimal");
	if (timed && (!hex_decode(signature_v1, sizeof(signature_v1), answer->signature_v1) || !answer->timestamp))
		return malformed(err, "its signature_v1 is not 65 bytes in hexadecimal, or has no timestamp");
	if (timed && !check_timestamped(&message, signature_v1, root, now_s, err))
		return false;
	if (plain && !check_plain(out, &message, signature, root, now_s, err))
		return false;
	out->timestamped = out->timestamped || timed;
	return true;
}
