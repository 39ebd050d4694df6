/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mr_config_id: a version byte, 32 bytes, 15 zero bytes. Each version says in
 * another way what the 32 bytes are made of; where a part of that is not known
 * there is no answer, and no answer is not a yes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"
#include "rollout/quote.h"
#include "wire/json.h"

enum { TAIL = 1 + HASH_SIZE };

static const char document_tag[] = "dstack-mr-config-v3:"; /* its NUL is part of it */

static bool all_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

static enum mr_config_match verdict(bool matches)
{
	return matches ? MR_CONFIG_MATCHES : MR_CONFIG_DIFFERS;
}

/* The byte dstack gives a key provider, or -1. */
static int provider_byte(const char *name)
{
	static const char *const names[] = { "none", "local", "kms", "tpm" };

	if (text_equal(name, "local-sgx"))
		return 1;
	for (int i = 0; i < 4; i++)
		if (text_equal(name, names[i]))
			return i;
	return -1;
}

static enum mr_config_match check_hash(const uint8_t *hash, const struct mr_config_facts *facts)
{
	if (!facts->compose_hash)
		return MR_CONFIG_UNKNOWN;
	return verdict(!memcmp(hash, facts->compose_hash, HASH_SIZE));
}

static enum mr_config_match check_parts(const uint8_t *hash, const struct mr_config_facts *facts)
{
	uint8_t digest[HASH_SIZE];
	struct buf parts = BUF_INIT;

	if (!facts->compose_hash || !facts->app_id || !facts->key_provider || !facts->key_provider_id)
		return MR_CONFIG_UNKNOWN;
	if (provider_byte(facts->key_provider) < 0)
		return MR_CONFIG_DIFFERS;
	buf_add(&parts, facts->compose_hash, HASH_SIZE);
	buf_add(&parts, facts->app_id, facts->app_id_len);
	buf_add_byte(&parts, provider_byte(facts->key_provider));
	buf_add(&parts, facts->key_provider_id, facts->key_provider_id_len);
	hash_keccak256(digest, buf_text(&parts), parts.len);
	buf_clear(&parts);
	return verdict(!memcmp(hash, digest, HASH_SIZE));
}

/* True when the document names the compose hash. */
static bool document_names(const char *document, size_t len, const uint8_t *compose_hash)
{
	json *tree = json_parse(document, len, NULL);
	const char *text = json_text(tree, "compose_hash");
	uint8_t named[HASH_SIZE];
	bool same = hex_decode(named, HASH_SIZE, text) && !memcmp(named, compose_hash, HASH_SIZE);

	json_free(tree);
	return same;
}

static enum mr_config_match check_document(const uint8_t *hash, const struct mr_config_facts *facts)
{
	uint8_t digest[HASH_SIZE];
	struct buf text = BUF_INIT;

	if (!facts->document || !facts->compose_hash)
		return MR_CONFIG_UNKNOWN;
	buf_add(&text, document_tag, sizeof(document_tag));
	buf_add(&text, facts->document, facts->document_len);
	hash_sha256(digest, buf_text(&text), text.len);
	buf_clear(&text);
	return verdict(!memcmp(hash, digest, HASH_SIZE) && document_names(facts->document, facts->document_len, facts->compose_hash));
}

struct mr_config mr_config_check(const uint8_t id[QUOTE_REGISTER_SIZE], const struct mr_config_facts *facts)
{
	struct mr_config out = { .version = id[0], .match = MR_CONFIG_DIFFERS };

	if (!all_zero(id + TAIL, QUOTE_REGISTER_SIZE - TAIL))
		return out;
	if (out.version == 0 && all_zero(id, TAIL))
		out.match = MR_CONFIG_UNKNOWN;
	else if (out.version == 1)
		out.match = check_hash(id + 1, facts);
	else if (out.version == 2)
		out.match = check_parts(id + 1, facts);
	else if (out.version == 3)
		out.match = check_document(id + 1, facts);
	return out;
}
