/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan is done exactly or not at all: each thing it rests on, changed, is
 * named by the real program, with exit 7, and nothing was sent. Where a
 * sandbox cannot change it, the plan says something else, under a digest that
 * fits: to what is there now that is the same difference.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "fault/deck.h"

#define CVM "checkout-web"
#define OTHER_WORD "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER_ADDRESS "0x1111111111111111111111111111111111111111"
#define LIE(what) "{\"backend\":{" what "}}"

static struct deck *deck;

/* ---- the plan ---- */

static void make_plan(void)
{
	char *plan = deck_path(deck, "update.plan"), *script = deck_write(deck, "pre.sh", "echo hello\n", 11);
	const char *const args[] = { "plan", "--cvm-id", CVM, "-c", deck_compose(deck), "--pre-launch-script", script, "-e", "SESSION_KEY=one", "-o", plan,
		                     "--json", NULL };
	struct deck_run run;

	deck_run(deck, NULL, args, &run);
	assert_int_equal(run.status, 0);
	deck_run_clear(&run);
	free(script);
	free(plan);
}

static void apply(struct deck_run *run)
{
	char *plan = deck_path(deck, "update.plan");
	const char *const args[] = { "apply", plan, "--yes", "--json", "--wait", NULL };

	deck_run(deck, NULL, args, run);
	free(plan);
}

static json *read_plan(const char *path)
{
	struct buf text = BUF_INIT;
	struct error err;
	json *tree;

	if (!file_read(path, "plan", 1 << 20, &text, &err))
		fail_msg("%s", err.message);
	tree = json_parse(buf_text(&text), text.len, &err);
	assert_non_null(tree);
	buf_clear(&text);
	return tree;
}

/* The members of the plan, one of them otherwise. */
static json *with_other(const json *plan, const char *member, const char *value)
{
	json *out = json_new_object();
	bool found = false;

	for (const json *at = json_first(plan); at; at = json_next(at)) {
		bool it = text_equal(json_name(at), member);

		found |= it;
		if (!it)
			json_add(out, json_name(at), json_copy(at));
		else if (json_kind(at) == JSON_STRING)
			json_add_text(out, member, value);
		else if (json_kind(at) == JSON_BOOL)
			json_add_bool(out, member, text_equal(value, "true"));
		else
			json_add_int(out, member, atoi(value));
	}
	if (!found)
		fail_msg("a plan has no member %s", member);
	return out;
}

static void change_plan(const char *member, const char *value)
{
	char *path = deck_path(deck, "update.plan"), digest[HASH_HEX_SIZE];
	json *tree = read_plan(path), *other = with_other(json_member(tree, "plan"), member, value), *out = json_new_object();
	struct buf text = BUF_INIT;
	struct error err;
	uint8_t hash[HASH_SIZE];

	json_print(&text, other);
	hash_sha256(hash, text.data, text.len);
	hex_encode(digest, hash, sizeof(hash));
	buf_reset(&text);
	json_add_text(out, "format", json_text(tree, "format"));
	json_add(out, "plan", other);
	json_add_text(out, "sha256", digest);
	json_print(&text, out);
	assert_true(file_write(path, text.data, text.len, 0600, &err));
	buf_clear(&text);
	json_free(out);
	json_free(tree);
	free(path);
}

/* ---- the cases ---- */

struct change {
	const char *name;
	const char *code;   /* NULL: plan-changed */
	const char *says;
	const char *member, *value; /* of the plan */
	const char *faults;
	const char *file;   /* one that is written anew */
};

static const struct change changes[] = {
	{ .name = "the app", .says = "app id", .member = "app_id", .value = "1111111111111111111111111111111111111111" },
	{ .name = "the contract", .says = "app contract", .member = "contract", .value = OTHER_ADDRESS },
	{ .name = "the KMS contract", .says = "KMS contract", .faults = LIE("\"kms_contract\":\"" OTHER_ADDRESS "\"") },
	{ .name = "the device", .says = "device", .member = "device", .value = OTHER_WORD },
	{ .name = "the document in force", .says = "compose hash in force", .member = "reported", .value = OTHER_WORD },
	{ .name = "the form of the document", .says = "form", .member = "form", .value = "raw" },
	{ .name = "the new hash", .says = "new compose hash", .member = "new_hash", .value = OTHER_WORD },
	{ .name = "the chain", .says = "another chain", .faults = LIE("\"chain_id\":84532") },
	{ .name = "no on-chain KMS any more", .says = "another chain", .faults = LIE("\"offchain\":true") },
	{ .name = "the env key", .says = "env key", .faults = LIE("\"env_key\":\"rotated\"") },
	{ .name = "an env key of another", .code = "env-key-signer", .says = "", .faults = LIE("\"env_key\":\"other-key\"") },
	{ .name = "an env key without a signature", .code = "env-key-unsigned", .says = "", .faults = LIE("\"env_key\":\"unsigned\"") },
	{ .name = "the compose file", .says = "compose file", .file = "compose.yml" },
	{ .name = "the script", .says = "pre-launch script", .file = "pre.sh" },
};

static void test_change(void **state)
{
	const struct change *change = *state;
	struct deck_run run;

	deck_reset(deck, NULL);
	make_plan();
	if (change->member)
		change_plan(change->member, change->value);
	if (change->file)
		free(deck_write(deck, change->file, "echo other\n", 11));
	deck_faults(deck, change->faults);
	apply(&run);
	deck_expect(&run, 7, change->code ? change->code : "plan-changed");
	if (!strstr(json_text(run.result, "message"), change->says))
		fail_msg("nothing says \"%s\": %s", change->says, run.output);
	deck_expect_untouched(deck);
	deck_run_clear(&run);
}

/* Written anew with a digest that fits, and with nothing changed, it is done: what refuses above is the difference. */
static void test_unchanged(void **state)
{
	struct deck_run run;

	(void)state;
	deck_reset(deck, NULL);
	make_plan();
	change_plan("kms_slug", "for people alone");
	apply(&run);
	deck_expect(&run, 0, NULL);
	assert_int_equal(deck_mined(deck), 1);
	deck_run_clear(&run);
}

/* ---- */

int main(void)
{
	enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };
	struct CMUnitTest tests[CHANGES + 1] = { cmocka_unit_test(test_unchanged) };
	size_t i;

	for (i = 0; i < CHANGES; i++)
		tests[i + 1] = (struct CMUnitTest){ changes[i].name, test_change, NULL, NULL, (void *)(uintptr_t)&changes[i] };
	return deck_run_tests("plan", &deck, NULL, tests, CHANGES + 1);
}
