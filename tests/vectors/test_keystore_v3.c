/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/keystore_v3.json through chain/keystore. The keys in it are throw-away test keys. */
#include "unit/unit.h"

#include <string.h>

#include "base/hex.h"
#include "chain/keystore.h"
#include "vectors/vectors.h"

static void same_key(const struct secret *key, const struct address *address, const struct exact_json *expect)
{
	char hex[2 * KEYSTORE_KEY_SIZE + 3], text[ADDRESS_TEXT_SIZE];

	hex_encode_0x(hex, key->data, KEYSTORE_KEY_SIZE);
	assert_string_equal(hex, vectors_text(expect, "privateKey", NULL));
	assert_string_equal(address_format(text, address), vectors_text(expect, "address", NULL));
}

static bool unlock(const char *text, size_t len, const struct secret *password, struct secret *key, struct address *address)
{
	struct error err = { 0 };
	struct keystore *keystore = keystore_parse(text, len, &err);
	bool ok = keystore && keystore_unlock(keystore, password, key, address, &err);

	assert_true(ok || (err.status == STATUS_INPUT && !strncmp(err.code, "keystore-", 9)));
	keystore_free(keystore);
	return ok;
}

static void check(const struct exact_json *vector)
{
	size_t len, password_len;
	const char *text = vectors_text(vector, "json", &len), *password_text = vectors_text(vector, "password", &password_len);
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct secret password = SECRET_INIT, key = SECRET_INIT;
	struct address address;
	bool ok;

	secret_alloc(&password, password_len);
	memcpy(password.data, password_text, password_len);
	ok = unlock(text, len, &password, &key, &address);
	assert_int_equal(ok, !exact_json_bool(exact_json_get(expect, "reject"), false));
	if (ok)
		same_key(&key, &address, expect);
	else
		assert_null(key.data);
	secret_clear(&password);
	secret_clear(&key);
}

int main(void)
{
	return vectors_run("keystore_v3", check);
}
