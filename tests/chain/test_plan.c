/* SPDX-License-Identifier: Apache-2.0 */
/* A plan is done exactly, or refused with what has changed; on a real chain. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "chain/stage.h"

static const struct stage_bind binds[] = { { "checkout-web", "app", true }, { "payments-api", "app_no_device", false }, { NULL, NULL, false } };

static char *plan_path(const struct stage *stage)
{
	return mem_printf("%s/update.plan", stage->home);
}

static json *make_plan(struct stage *stage, const char *cvm, const char *more, const char *value)
{
	char *path = plan_path(stage);
	const char *arguments[] = { "plan",  "--cvm-id", cvm,    "-c",  stage_change(stage, cvm), "--rpc-url", anvil_url(stage->anvil), "-o", path,
		                    "--json", more,       value, NULL };
	json *result = stage_result(stage, stage_spawn(stage, NULL, arguments), 0);
	struct stat info;

	assert_true(json_flag(result, "success", false));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	free(path);
	return result;
}

static json *apply(struct stage *stage, const char *key, int expected)
{
	char *path = plan_path(stage);
	const char *const arguments[] = { "apply", path, "--rpc-url", anvil_url(stage->anvil), "--wait", "--yes", "--json", NULL };
	json *result = stage_result(stage, stage_spawn(stage, anvil_value(stage->anvil, key), arguments), expected);

	free(path);
	return result;
}

static void refused(struct stage *stage, const char *code, const char *part)
{
	unsigned nonce = stage_nonce(stage, anvil_value(stage->anvil, "owner.address"));
	json *result = apply(stage, "owner.key", 7);

	assert_string_equal(json_text(result, "error_code"), code);
	if (!strstr(json_text(result, "message"), part))
		fail_msg("no \"%s\" in: %s", part, json_text(result, "message"));
	assert_int_equal(stage_nonce(stage, anvil_value(stage->anvil, "owner.address")), nonce);
	json_free(result);
}

static void test_plan_then_apply(void **state)
{
	struct stage *stage = *state;
	json *planned = make_plan(stage, "payments-api", NULL, NULL), *done;

	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 0);
	done = apply(stage, "owner.key", 0);
	assert_true(json_flag(done, "success", false));
	assert_string_equal(json_text(done, "compose_hash"), json_text(planned, "compose_hash"));
	assert_true(stage_allows_hash(stage, "app_no_device", json_text(planned, "compose_hash")));
	json_free(planned);
	json_free(done);
}

/* The values are in the plan as ciphertext alone. */
static void test_with_env(void **state)
{
	struct stage *stage = *state;
	char *path = plan_path(stage), text[65536];
	json *planned = make_plan(stage, "checkout-web", "-e", "SESSION_KEY=plan-secret-value"), *done;
	FILE *file = fopen(path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_non_null(strstr(text, "SESSION_KEY"));
	assert_null(strstr(text, "plan-secret-value"));
	done = apply(stage, "owner.key", 0);
	assert_string_equal(json_text(done, "compose_hash"), json_text(planned, "compose_hash"));
	json_free(planned);
	json_free(done);
	free(path);
}

static void test_compose_file_changed(void **state)
{
	struct stage *stage = *state;
	FILE *file;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	file = fopen(stage->compose, "a");
	assert_non_null(file);
	fputs("# one more\n", file);
	fclose(file);
	refused(stage, "plan-changed", "compose file");
	assert_int_equal(stage_requests(stage, "PATCH", "/cvms/"), 0);
}

static void test_compose_file_gone(void **state)
{
	struct stage *stage = *state;
	json *done;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	assert_int_equal(remove(stage->compose), 0);
	done = apply(stage, "owner.key", 0);
	assert_true(json_flag(done, "success", false));
	json_free(done);
}

/* Somebody else's update came in between. */
static void test_document_changed(void **state)
{
	struct stage *stage = *state;
	char *path = plan_path(stage), *kept = mem_printf("%s.kept", path);
	json *other;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	other = stage_deploy(stage, "checkout-web", anvil_value(stage->anvil, "owner.key"), 0, NULL);
	refused(stage, "plan-changed", "compose hash in force");
	json_free(other);
	free(kept);
	free(path);
}

static void test_owner_changed(void **state)
{
	struct stage *stage = *state;
	const char *owner = anvil_value(stage->anvil, "owner.address"), *other = anvil_value(stage->anvil, "other.address");
	char *word = mem_printf("000000000000000000000000%s", other + 2);

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	stage_mining(stage, false);
	free(stage_call_as(stage, owner, anvil_value(stage->anvil, "app"), "transferOwnership(address)", word));
	stage_mine(stage);
	free(stage_call_as(stage, other, anvil_value(stage->anvil, "app"), "acceptOwnership()", NULL));
	stage_mine(stage);
	stage_mining(stage, true);
	refused(stage, "owner", "owner");
	free(word);
}

static void test_chain_changed(void **state)
{
	struct stage *stage = *state;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	stage_post(stage, "/__faults", "{\"backend\":{\"chain_id\":84532}}");
	refused(stage, "plan-changed", "another chain");
}

static void test_contract_changed(void **state)
{
	struct stage *stage = *state;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	stage_post(stage, "/__faults", "{\"backend\":{\"app_id\":\"other\"}}");
	refused(stage, "plan-changed", "contract");
}

static void test_changed_by_hand(void **state)
{
	struct stage *stage = *state;
	char *path = plan_path(stage);
	FILE *file;
	json *result;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, 120, SEEK_SET), 0);
	fputc('0', file);
	fclose(file);
	result = apply(stage, "owner.key", 1);
	assert_string_equal(json_text(result, "error_code"), "plan-broken");
	json_free(result);
	free(path);
}

/* A red check that may be overridden needs its --override; --yes is not one. */
static void test_yes_is_no_override(void **state)
{
	struct stage *stage = *state;
	unsigned nonce;
	json *result;

	json_free(make_plan(stage, "checkout-web", NULL, NULL));
	nonce = stage_nonce(stage, anvil_value(stage->anvil, "owner.address"));
	anvil_do(stage->anvil, "anvil_setCode", "[\"%s\",\"0x\"]", anvil_value(stage->anvil, "kms"));
	result = apply(stage, "owner.key", 7);
	assert_false(json_flag(result, "success", true));
	assert_int_equal(stage_nonce(stage, anvil_value(stage->anvil, "owner.address")), nonce);
	json_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_plan_then_apply), ON_STAGE(test_with_env), ON_STAGE(test_compose_file_changed), ON_STAGE(test_compose_file_gone),
		ON_STAGE(test_document_changed), ON_STAGE(test_owner_changed), ON_STAGE(test_chain_changed), ON_STAGE(test_contract_changed),
		ON_STAGE(test_changed_by_hand), ON_STAGE(test_yes_is_no_override),
	};

	return stage_run("plan", binds, tests, sizeof(tests) / sizeof(tests[0]));
}
