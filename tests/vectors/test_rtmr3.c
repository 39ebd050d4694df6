/* SPDX-License-Identifier: Apache-2.0 */
/* tests/vectors/rtmr3.json through rollout/rtmr3 and rollout/quote. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "rollout/quote.h"
#include "rollout/rtmr3.h"
#include "vectors/vectors.h"

enum { LARGE = 1 << 24 };

static const struct exact_json *expected(const struct exact_json *vector, const char *name)
{
	return vectors_need(vectors_need(vector, "expect"), name);
}

static bool rejected(const struct exact_json *vector)
{
	return exact_json_bool(exact_json_get(vectors_need(vector, "expect"), "reject"), false);
}

static void same_hex(const void *bytes, size_t len, const struct exact_json *want)
{
	char *text = mem_new(2 * len + 1, 1);

	hex_encode(text, bytes, len);
	assert_non_null(exact_json_string(want, NULL));
	assert_string_equal(text, exact_json_string(want, NULL));
	free(text);
}

/* The bytes of an optional hex member. */
static uint8_t *member_hex(const struct exact_json *vector, const char *name, size_t *len)
{
	const char *text = exact_json_string(exact_json_get(vector, name), NULL);

	*len = 0;
	return text ? hex_decode_new(text, LARGE, len) : NULL;
}

static bool parse_log(struct rtmr3_log *log, const struct exact_json *list)
{
	struct buf text = BUF_INIT;
	struct error err;
	bool ok;

	exact_json_print(&text, list, (struct exact_json_style){ 0 });
	ok = rtmr3_log_parse(log, buf_text(&text), text.len, 1, &err);
	assert_true(ok || (err.status == STATUS_CHECK && !strcmp(err.code, "event-log")));
	buf_clear(&text);
	return ok;
}

static void check_digest(const struct exact_json *vector)
{
	struct exact_json *list = exact_json_new_array(), *event = exact_json_copy(vector);
	uint8_t digest[RTMR3_SIZE];
	struct rtmr3_log log;
	struct buf preimage = BUF_INIT;

	exact_json_set(event, "event_type", exact_json_new_number(RTMR3_EVENT_TYPE));
	exact_json_append(list, event);
	assert_true(parse_log(&log, list));
	rtmr3_preimage(&preimage, &log.events[0]);
	same_hex(buf_text(&preimage), preimage.len, expected(vector, "preimage"));
	rtmr3_digest(digest, &log.events[0]);
	same_hex(digest, sizeof(digest), expected(vector, "digest"));
	buf_clear(&preimage);
	rtmr3_log_clear(&log);
	exact_json_free(list);
}

static void check_replay(const struct exact_json *vector)
{
	uint8_t rtmr3[RTMR3_SIZE];
	struct rtmr3_log log;
	bool ok = parse_log(&log, vectors_need(vector, "event_log"));

	assert_int_equal(ok, !rejected(vector));
	if (ok) {
		rtmr3_replay(rtmr3, &log, exact_json_string(exact_json_get(vector, "to_event"), NULL));
		same_hex(rtmr3, sizeof(rtmr3), expected(vector, "rtmr3"));
	}
	rtmr3_log_clear(&log);
}

static void same_problems(unsigned problems, const struct exact_json *want)
{
	size_t next = 0;

	for (unsigned bit = 1; bit < 1u << RTMR3_PROBLEMS; bit <<= 1)
		if (problems & bit) {
			const char *name = exact_json_string(exact_json_item(want, next++), NULL);

			assert_string_equal(rtmr3_problem_name(bit), name ? name : "(nothing more)");
		}
	assert_int_equal(next, exact_json_count(want));
}

static void same_found(const struct rtmr3_bytes *have, const struct exact_json *want)
{
	if (!have)
		assert_int_equal(exact_json_kind(want), EXACT_NULL);
	else
		same_hex(have->data, have->len, want);
}

static void same_provider(const struct rtmr3_bytes *have, const struct exact_json *want)
{
	struct exact_json *tree = have ? exact_json_parse((const char *)have->data, have->len, NULL) : NULL;

	if (tree)
		assert_true(exact_json_equal(tree, want));
	else
		assert_int_equal(exact_json_kind(want), EXACT_NULL);
	exact_json_free(tree);
}

static void same_verdict(const struct rtmr3_verdict *verdict, const struct exact_json *vector)
{
	const struct exact_json *found = expected(vector, "found");

	same_problems(verdict->problems, expected(vector, "problems"));
	assert_int_equal(!verdict->problems, exact_json_bool(expected(vector, "ok"), false));
	assert_int_equal(verdict->dstack_accepts, exact_json_bool(expected(vector, "dstack_accepts"), false));
	same_hex(verdict->replayed, RTMR3_SIZE, expected(vector, "replayed"));
	same_found(verdict->app_id, vectors_need(found, "app_id"));
	same_found(verdict->compose_hash, vectors_need(found, "compose_hash"));
	same_found(verdict->instance_id, vectors_need(found, "instance_id"));
	same_found(verdict->os_image_hash, vectors_need(found, "os_image_hash"));
	same_provider(verdict->key_provider, vectors_need(found, "key_provider"));
}

static void check_check(const struct exact_json *vector)
{
	size_t wish_len, len;
	uint8_t *wish = member_hex(vector, "want_compose_hash", &wish_len), *rtmr3 = member_hex(vector, "rtmr3", &len);
	struct rtmr3_verdict verdict;
	struct rtmr3_log log;
	bool ok = parse_log(&log, vectors_need(vector, "event_log"));

	assert_int_equal(ok, !rejected(vector));
	if (ok) {
		assert_int_equal(len, RTMR3_SIZE);
		rtmr3_check(&verdict, &log, rtmr3, wish);
		same_verdict(&verdict, vector);
	}
	rtmr3_log_clear(&log);
	free(wish);
	free(rtmr3);
}

static void same_mr_config(const struct mr_config *have, const struct exact_json *want)
{
	const struct exact_json *matches = vectors_need(want, "matches");

	assert_int_equal(have->version, (int)exact_json_number(vectors_need(want, "version"), -1));
	if (exact_json_kind(matches) == EXACT_NULL)
		assert_int_equal(have->match, MR_CONFIG_UNKNOWN);
	else
		assert_int_equal(have->match, exact_json_bool(matches, false) ? MR_CONFIG_MATCHES : MR_CONFIG_DIFFERS);
}

static void check_mr_config(const struct exact_json *vector)
{
	size_t id_len, hash_len, app_len, provider_len, document_len = 0;
	uint8_t *id = member_hex(vector, "mr_config_id", &id_len), *hash = member_hex(vector, "compose_hash", &hash_len);
	uint8_t *app = member_hex(vector, "app_id", &app_len), *provider = member_hex(vector, "key_provider_id", &provider_len);
	struct mr_config_facts facts = {
		.compose_hash = hash,
		.app_id = app,
		.app_id_len = app_len,
		.key_provider = exact_json_string(exact_json_get(vector, "key_provider"), NULL),
		.key_provider_id = provider,
		.key_provider_id_len = provider_len,
	};
	struct mr_config have;

	facts.document = exact_json_string(exact_json_get(vector, "document"), &document_len);
	facts.document_len = document_len;
	assert_int_equal(id_len, QUOTE_REGISTER_SIZE);
	have = mr_config_check(id, &facts);
	same_mr_config(&have, vectors_need(vector, "expect"));
	free(id);
	free(hash);
	free(app);
	free(provider);
}

static void same_number(unsigned have, const struct exact_json *want)
{
	if (exact_json_kind(want) == EXACT_NULL)
		assert_int_equal(have, 0);
	else
		assert_true((double)have == exact_json_number(want, -1));
}

static void check_quote(const struct exact_json *vector)
{
	struct quote quote;
	struct error err;
	bool ok = quote_parse_hex(&quote, vectors_text(vector, "quote", NULL), &err);
	const struct {
		const char *name;
		const uint8_t *bytes;
		size_t len;
	} fields[] = {
		{ "td_attributes", quote.td_attributes, sizeof(quote.td_attributes) },
		{ "mr_seam", quote.mr_seam, QUOTE_REGISTER_SIZE },
		{ "mr_td", quote.mr_td, QUOTE_REGISTER_SIZE },
		{ "mr_config_id", quote.mr_config_id, QUOTE_REGISTER_SIZE },
		{ "mr_owner", quote.mr_owner, QUOTE_REGISTER_SIZE },
		{ "mr_owner_config", quote.mr_owner_config, QUOTE_REGISTER_SIZE },
		{ "rtmr0", quote.rtmr[0], QUOTE_REGISTER_SIZE },
		{ "rtmr1", quote.rtmr[1], QUOTE_REGISTER_SIZE },
		{ "rtmr2", quote.rtmr[2], QUOTE_REGISTER_SIZE },
		{ "rtmr3", quote.rtmr[3], QUOTE_REGISTER_SIZE },
		{ "report_data", quote.report_data, QUOTE_REPORT_DATA_SIZE },
	};

	assert_int_equal(ok, !rejected(vector));
	if (!ok)
		return;
	same_number(quote.version, expected(vector, "version"));
	same_number(quote.tee_type, expected(vector, "tee_type"));
	same_number(quote.body_type, expected(vector, "body_type"));
	same_number(quote.signature_len, expected(vector, "signature_data_length"));
	assert_int_equal(quote.debug, exact_json_bool(expected(vector, "debug"), false));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		same_hex(fields[i].bytes, fields[i].len, expected(vector, fields[i].name));
}

static void check_attestation(const struct exact_json *vector)
{
	size_t wish_len;
	uint8_t *wish = member_hex(vector, "want_compose_hash", &wish_len);
	struct rtmr3_verdict verdict;
	struct rtmr3_log log;
	struct quote quote;
	bool ok = parse_log(&log, vectors_need(vector, "event_log"));

	ok = quote_parse_hex(&quote, vectors_text(vector, "quote", NULL), NULL) && ok;
	assert_int_equal(ok, !rejected(vector));
	if (ok) {
		rtmr3_check_quote(&verdict, &log, &quote, wish);
		same_verdict(&verdict, vector);
		same_mr_config(&verdict.mr_config, expected(vector, "mr_config"));
	}
	rtmr3_log_clear(&log);
	free(wish);
}

static void check(const struct exact_json *vector)
{
	static const struct {
		const char *kind;
		vectors_check *run;
	} kinds[] = {
		{ "digest", check_digest },             { "replay", check_replay }, { "check", check_check },
		{ "mr_config_id", check_mr_config },    { "quote", check_quote },   { "attestation", check_attestation },
	};
	const char *kind = vectors_text(vector, "kind", NULL);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i].kind)) {
			kinds[i].run(vector);
			return;
		}
	fail_msg("a case of unknown kind %s", kind);
}

int main(void)
{
	return vectors_run("rtmr3", check);
}
