/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two halves: reading the file into a checked struct, and unlocking, which
 * uses nothing but that struct. The MAC does not cover the IV, so the address
 * in the file is compared as well, where there is one.
 */
#include "chain/keystore.h"

#include <errno.h>
#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <nettle/pbkdf2.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/ecdsa.h"

enum { DERIVED_SIZE = 32, IV_SIZE = 16, MAC_AT = 16 };

struct keystore {
	unsigned owners;
	bool scrypt;
	uint64_t n;       /* scrypt's N, or pbkdf2's rounds */
	uint32_t r, p;
	uint8_t *salt;
	size_t salt_len;
	uint8_t iv[IV_SIZE];
	uint8_t ciphertext[KEYSTORE_KEY_SIZE];
	uint8_t mac[HASH_SIZE];
	bool has_address;
	struct address address;
};

static bool format(struct error *err, const char *what)
{
	return error_set(err, STATUS_INPUT, "keystore-format", "this is no Ethereum keystore that can be read: %s", what);
}

static bool cost(struct error *err, const char *what)
{
	return error_set(err, STATUS_INPUT, "keystore-cost", "the keystore asks for %s, more than any real one; it is refused", what);
}

static bool whole(const struct exact_json *value, double max, uint64_t *out)
{
	double number = exact_json_number(value, -1);

	if (!(number >= 0 && number <= max))
		return false;
	*out = (uint64_t)number;
	return (double)*out == number;
}

static bool is_word(const struct exact_json *object, const char *name, const char *word)
{
	size_t len = 0;
	const char *text = exact_json_string(exact_json_get(object, name), &len);

	return text && len == strlen(word) && !memcmp(text, word, len);
}

static bool read_hex(uint8_t *out, size_t len, const struct exact_json *object, const char *name)
{
	const char *text = exact_json_string(exact_json_get(object, name), NULL);

	return text && hex_decode(out, len, text);
}

static bool read_scrypt(struct keystore *to, const struct exact_json *params, struct error *err)
{
	const double most = 9007199254740991.0; /* 2^53 - 1 */
	uint64_t r, p;

	if (!whole(exact_json_get(params, "n"), most, &to->n) || !whole(exact_json_get(params, "r"), most, &r) ||
	    !whole(exact_json_get(params, "p"), most, &p))
		return format(err, "scrypt's parameters are not whole numbers");
	if (to->n < 2 || (to->n & (to->n - 1)) || !r || !p)
		return format(err, "scrypt's n is no power of two, or a parameter is zero");
	/* Each alone first, so that no product below can wrap. */
	if (to->n > LIMIT_SCRYPT_MEMORY / 128 || r > LIMIT_SCRYPT_MEMORY / 128 || p > LIMIT_SCRYPT_MEMORY / 128)
		return cost(err, "absurd scrypt parameters");
	if (128 * to->n * r > LIMIT_SCRYPT_MEMORY || 128 * r * p > LIMIT_SCRYPT_MEMORY)
		return cost(err, "too much memory");
	if (to->n * r > LIMIT_SCRYPT_WORK / p)
		return cost(err, "too much work");
	to->r = (uint32_t)r;
	to->p = (uint32_t)p;
	return true;
}

static bool read_pbkdf2(struct keystore *to, const struct exact_json *params, struct error *err)
{
	if (!is_word(params, "prf", "hmac-sha256"))
		return format(err, "pbkdf2 with another prf than hmac-sha256");
	if (!whole(exact_json_get(params, "c"), 9007199254740991.0, &to->n) || !to->n)
		return format(err, "pbkdf2's c is no whole number above zero");
	return to->n <= LIMIT_PBKDF2_ROUNDS || cost(err, "too many rounds");
}

static bool read_kdf(struct keystore *to, const struct exact_json *crypto, struct error *err)
{
	const struct exact_json *params = exact_json_get(crypto, "kdfparams");
	const char *salt = exact_json_string(exact_json_get(params, "salt"), NULL);
	uint64_t dklen;

	if (!whole(exact_json_get(params, "dklen"), 1e6, &dklen) || dklen != DERIVED_SIZE)
		return format(err, "dklen is not 32");
	to->salt = salt ? hex_decode_new(salt, LIMIT_KEYSTORE_SALT, &to->salt_len) : NULL;
	if (!to->salt)
		return format(err, "the salt is missing or no hexadecimal text");
	to->scrypt = is_word(crypto, "kdf", "scrypt");
	if (to->scrypt)
		return read_scrypt(to, params, err);
	if (is_word(crypto, "kdf", "pbkdf2"))
		return read_pbkdf2(to, params, err);
	return format(err, "its kdf is neither scrypt nor pbkdf2");
}

static bool read_crypto(struct keystore *to, const struct exact_json *crypto, struct error *err)
{
	if (exact_json_kind(crypto) != EXACT_OBJECT)
		return format(err, "it has no crypto section");
	if (!is_word(crypto, "cipher", "aes-128-ctr"))
		return format(err, "its cipher is not aes-128-ctr");
	if (!read_hex(to->iv, IV_SIZE, exact_json_get(crypto, "cipherparams"), "iv"))
		return format(err, "the iv is not 16 bytes");
	if (!read_hex(to->ciphertext, KEYSTORE_KEY_SIZE, crypto, "ciphertext"))
		return format(err, "the ciphertext is not 32 bytes");
	if (!read_hex(to->mac, HASH_SIZE, crypto, "mac"))
		return format(err, "the mac is not 32 bytes");
	return read_kdf(to, crypto, err);
}

/* An address that is missing, null or empty is none; any other must be one. */
static bool read_address(struct keystore *to, const struct exact_json *value, struct error *err)
{
	const char *text = exact_json_string(value, NULL);

	if (exact_json_kind(value) == EXACT_MISSING || exact_json_kind(value) == EXACT_NULL || text_equal(text ? text : "?", ""))
		return true;
	to->has_address = text && hex_decode(to->address.bytes, ADDRESS_SIZE, text);
	return to->has_address || format(err, "its address is none");
}

static bool read_tree(struct keystore *to, const struct exact_json *tree, struct error *err)
{
	const struct exact_json *crypto = exact_json_get(tree, "crypto");
	uint64_t version;

	if (!whole(exact_json_get(tree, "version"), 1e6, &version) || version != 3)
		return format(err, "its version is not 3");
	if (!crypto)
		crypto = exact_json_get(tree, "Crypto");
	return read_crypto(to, crypto, err) && read_address(to, exact_json_get(tree, "address"), err);
}

struct keystore *keystore_parse(const char *text, size_t len, struct error *err)
{
	struct exact_json *tree = len <= LIMIT_CONFIG_FILE ? exact_json_parse(text, len, NULL) : NULL;
	struct keystore *keystore = mem_new(1, sizeof(*keystore));
	bool ok;

	keystore->owners = 1;
	ok = tree ? read_tree(keystore, tree, err) : format(err, "it is no JSON");
	exact_json_free(tree);
	if (ok)
		return keystore;
	keystore_free(keystore);
	return NULL;
}

struct keystore *keystore_read(const char *path, struct error *err)
{
	struct keystore *keystore = NULL;
	struct buf text = BUF_INIT;

	if (file_read(path, "keystore", LIMIT_CONFIG_FILE, &text, err))
		keystore = keystore_parse(buf_text(&text), text.len, err);
	buf_clear(&text);
	return keystore;
}

struct keystore *keystore_share(struct keystore *keystore)
{
	keystore->owners++;
	return keystore;
}

void keystore_free(struct keystore *keystore)
{
	if (!keystore || --keystore->owners)
		return;
	free(keystore->salt);
	free(keystore);
}

bool keystore_address(const struct keystore *keystore, struct address *out)
{
	if (keystore->has_address)
		*out = keystore->address;
	return keystore->has_address;
}

struct keystore_cost keystore_cost(const struct keystore *keystore)
{
	enum { SCRYPT_BLOCKS_PER_MS = 2000, PBKDF2_ROUNDS_PER_MS = 700 };
	uint64_t r = keystore->r, p = keystore->p;

	if (!keystore->scrypt)
		return (struct keystore_cost){ "pbkdf2", 0, (int64_t)(keystore->n / PBKDF2_ROUNDS_PER_MS) };
	return (struct keystore_cost){
		.kdf = "scrypt",
		.memory_bytes = 128 * r * (keystore->n + p + 2),
		.time_ms = (int64_t)(keystore->n * r * p / SCRYPT_BLOCKS_PER_MS),
	};
}

static bool derive(const struct keystore *keystore, const struct secret *password, struct secret *out, struct error *err)
{
	static const uint8_t none[1];
	const uint8_t *bytes = password->data ? password->data : none;

	secret_alloc(out, DERIVED_SIZE);
	if (!keystore->scrypt) {
		pbkdf2_hmac_sha256(password->len, bytes, (unsigned)keystore->n, keystore->salt_len, keystore->salt, DERIVED_SIZE, out->data);
		return true;
	}
	if (!crypto_pwhash_scryptsalsa208sha256_ll(bytes, password->len, keystore->salt, keystore->salt_len, keystore->n, keystore->r,
						   keystore->p, out->data, DERIVED_SIZE))
		return true;
	return error_set(err, STATUS_INPUT, "keystore-memory", "unlocking the keystore takes %llu MiB of memory, which the system did not give",
			 (unsigned long long)(keystore_cost(keystore).memory_bytes >> 20));
}

static bool mac_fits(const struct keystore *keystore, const struct secret *derived)
{
	struct secret text = SECRET_INIT;
	uint8_t mac[HASH_SIZE];
	bool fits;

	secret_alloc(&text, DERIVED_SIZE - MAC_AT + KEYSTORE_KEY_SIZE);
	memcpy(text.data, derived->data + MAC_AT, DERIVED_SIZE - MAC_AT);
	memcpy(text.data + DERIVED_SIZE - MAC_AT, keystore->ciphertext, KEYSTORE_KEY_SIZE);
	hash_keccak256(mac, text.data, text.len);
	fits = secret_equal(mac, keystore->mac, HASH_SIZE);
	secret_clear(&text);
	return fits;
}

static void decrypt(const struct keystore *keystore, const struct secret *derived, struct secret *key)
{
	struct aes128_ctx aes;
	uint8_t counter[IV_SIZE];

	secret_alloc(key, KEYSTORE_KEY_SIZE);
	memcpy(counter, keystore->iv, IV_SIZE);
	aes128_set_encrypt_key(&aes, derived->data);
	ctr_crypt(&aes, (nettle_cipher_func *)aes128_encrypt, IV_SIZE, counter, KEYSTORE_KEY_SIZE, key->data, keystore->ciphertext);
	secret_wipe(&aes, sizeof(aes));
	secret_wipe(counter, sizeof(counter));
}

static bool check_key(const struct keystore *keystore, const struct secret *key, struct address *address, struct error *err)
{
	struct address own;

	if (!ecdsa_address(key, &own, NULL))
		return error_set(err, STATUS_INPUT, "keystore-address", "what the keystore holds is no private key");
	if (keystore->has_address && !address_equal(&own, &keystore->address))
		return error_set(err, STATUS_INPUT, "keystore-address",
				 "the key in the keystore is not the key of the address the file names; the file was changed");
	if (address)
		*address = own;
	return true;
}

bool keystore_unlock(const struct keystore *keystore, const struct secret *password, struct secret *key, struct address *address, struct error *err)
{
	struct secret derived = SECRET_INIT;
	bool ok = derive(keystore, password, &derived, err);

	if (ok && !mac_fits(keystore, &derived))
		ok = error_set(err, STATUS_INPUT, "keystore-password", "the password does not open the keystore");
	if (ok) {
		decrypt(keystore, &derived, key);
		ok = check_key(keystore, key, address, err);
	}
	secret_clear(&derived);
	secret_wipe_stack();
	if (!ok)
		secret_clear(key);
	return ok;
}

char *keystore_account_path(const char *name, struct error *err)
{
	char *path, *full;

	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..")) {
		error_set(err, STATUS_USAGE, "account-name", "the account name is empty or has a slash; give the file with --keystore instead");
		return NULL;
	}
	path = mem_printf("~/.foundry/keystores/%s", name);
	full = file_expand(path);
	free(path);
	return full;
}
