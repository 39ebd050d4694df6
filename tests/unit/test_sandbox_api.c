/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox over its sockets: shapes, the update in both dialects, logs, faults. */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"
#include "unit/sandbox_child.h"

static struct child child;

static int start(void **state)
{
	static const char *const options[] = { "--speed", "40", "--mine-ms", "10", NULL };
	(void)state;
	child_start(&child, options);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	return child_end(&child);
}

static int reset(void **state)
{
	(void)state;
	json_free(child_api(&child, "POST", "/__reset", "{}", 200));
	return 0;
}

static void faults(const char *text)
{
	json_free(child_api(&child, "POST", "/__faults", text, 200));
}

/* Members that a recorded answer of the real backend has, by path. */
static void assert_members(const json *value, const char *const names[])
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (json_at(value, names[i]) == NULL)
			fail_msg("\"%s\" is missing", names[i]);
}

static void answers_have_the_recorded_members(void **state)
{
	static const char *const newer[] = { "id", "name", "app_id", "vm_uuid", "instance_id", "resource.vcpu", "node_info.device_id",
		"node_info.ppid", "os.os_image_hash", "kms_type", "kms_info.chain_id", "kms_info.dstack_kms_address",
		"kms_info.dstack_app_address", "kms_info.rpc_endpoint", "kms_info.encrypted_env_pubkey", "status", "in_progress", "progress",
		"compose_hash", "gateway.base_domain", "logs.serial", "logs.container_log_base", "services", "endpoints", "public_logs",
		"gateway_enabled", "secure_time", "storage_fs", "listed", "workspace.slug", "creator.username", "compose_file.allowed_envs", NULL };
	static const char *const state_names[] = { "vm_uuid", "status", "uptime", "in_progress", "boot_progress", "boot_error",
		"shutdown_progress", "events", "operation_type", "correlation_id", NULL };
	static const char *const pages[] = { "items", "total", "page", "page_size", "pages", NULL };
	static const char *const composition[] = { "is_online", "is_public", "error", "docker_compose_file", "containers", NULL };
	(void)state;
	json *tree = child_api(&child, "GET", "cvms/payments-api", NULL, 200);
	assert_members(tree, newer);
	json_free(tree);
	tree = child_api(&child, "GET", "cvms/payments-api/state", NULL, 200);
	assert_members(tree, state_names);
	json_free(tree);
	tree = child_api(&child, "GET", "cvms/paginated?page=2&page_size=20", NULL, 200);
	assert_members(tree, pages);
	assert_int_equal(json_count(json_member(tree, "items")), 20);
	json_free(tree);
	tree = child_api(&child, "GET", "cvms/payments-api/composition", NULL, 200);
	assert_members(tree, composition);
	assert_int_equal(json_count(json_member(tree, "containers")), 3);
	json_free(tree);
}

static void older_shape_is_flat(void **state)
{
	static const char *const older[] = { "id", "teepod_id", "teepod.region_identifier", "app_id", "vm_uuid", "vcpu", "memory", "disk_size",
		"encrypted_env_pubkey", "public_logs", "syslog_endpoint", "kms_info.slug", "kms_info.kms_contract_address", "contract_address",
		"deployer_address", "gateway_domain", NULL };
	struct answer answer;
	(void)state;
	child_ask("127.0.0.1", child.api, "GET", "/api/v1/cvms/payments-api", "X-API-Key: sandbox\r\nX-Phala-Version: 2025-10-28\r\n", NULL, 0,
		&answer);
	json *tree = json_parse(answer.body.data, answer.body.len, NULL);
	assert_members(tree, older);
	json_free(tree);
	answer_clear(&answer);
}

static void keys_and_names_are_checked(void **state)
{
	struct answer answer;
	(void)state;
	child_ask("127.0.0.1", child.api, "GET", "/api/v1/auth/me", "", NULL, 0, &answer);
	assert_int_equal(answer.status, 401);
	answer_clear(&answer);
	child_ask("127.0.0.1", child.api, "GET", "/api/v1/auth/me", "X-API-Key: other\r\n", NULL, 0, &answer);
	assert_int_equal(answer.status, 401);
	answer_clear(&answer);
	json_free(child_api(&child, "GET", "cvms/nobody", NULL, 404));
	json_free(child_api(&child, "GET", "cvms/web-frontend", NULL, 400));
	json_free(child_api(&child, "DELETE", "cvms/payments-api", NULL, 405));
	json_free(child_api(&child, "PATCH", "cvms/edge-cache", "{}", 409));
	json_free(child_api(&child, "PATCH", "cvms/payments-api", "[]", 422));
	json_free(child_api(&child, "PATCH", "cvms/payments-api", "{\"docker_compose_file\":\"nothing\"}", 422));
}

static void compose_hash_is_of_the_raw_text(void **state)
{
	static const char *const names[] = { "payments-api", "treasury-signer", "billing-worker", "ledger-export" };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct answer answer;
		uint8_t hash[HASH_SIZE];
		char text[HASH_HEX_SIZE], *path = mem_printf("cvms/%s", names[i]), *raw = mem_printf("/api/v1/%s/compose_file?raw=1", path);
		child_ask("127.0.0.1", child.api, "GET", raw, "X-API-Key: sandbox\r\n", NULL, 0, &answer);
		hash_sha256(hash, answer.body.data, answer.body.len);
		hex_encode(text, hash, sizeof(hash));
		json *tree = child_api(&child, "GET", path, NULL, 200);
		assert_string_equal(json_text(tree, "compose_hash"), text);
		json_free(tree);
		answer_clear(&answer);
		free(path);
		free(raw);
	}
}

/* Updates. The Safe's CVM, since /__execute can act for its owner. */

static const char update[] = "{\"docker_compose_file\":\"services:\\n  signer:\\n    image: acme/signer:9\\n  extra:\\n    image: busybox:2\\n\"}";

static const char *detail_of(const json *answer, const char *field)
{
	for (const json *one = json_first(json_member(answer, "details")); one != NULL; one = json_next(one))
		if (strcmp(json_text(one, "field"), field) == 0)
			return json_text(one, "value");
	return "";
}

static char *register_hash(const char *app_id, const char *hash)
{
	char *body = mem_printf("{\"to\":\"0x%s\",\"data\":\"0xdfc77223%s\"}", app_id, hash);
	json *tree = child_api(&child, "POST", "/__execute", body, 200);
	char *tx = mem_strdup(json_text(tree, "transaction_hash"));
	json_free(tree);
	free(body);
	return tx;
}

static int patch_confirm(const char *cvm, const char *hash, const char *tx)
{
	struct answer answer;
	char *headers = mem_printf("X-API-Key: sandbox\r\nX-Compose-Hash: %s\r\nX-Transaction-Hash: %s\r\n", hash, tx);
	char *target = mem_printf("/api/v1/cvms/%s", cvm);
	child_ask("127.0.0.1", child.api, "PATCH", target, headers, "{}", 0, &answer);
	int status = answer.status;
	answer_clear(&answer);
	free(headers);
	free(target);
	return status;
}

static char *wait_running(const char *cvm)
{
	char *path = mem_printf("cvms/%s", cvm), *hash = NULL;
	for (int i = 0; i < 500 && hash == NULL; i++) {
		json *tree = child_api(&child, "GET", path, NULL, 200);
		if (!json_flag(tree, "in_progress", true))
			hash = mem_strdup(json_text(tree, "compose_hash"));
		json_free(tree);
		usleep(10000);
	}
	free(path);
	assert_non_null(hash);
	return hash;
}

static void update_goes_through_its_phases(void **state)
{
	static const char unknown[] = "0x1111111111111111111111111111111111111111111111111111111111111111";
	(void)state;
	json *phase = child_api(&child, "PATCH", "cvms/treasury-signer", update, 465);
	assert_string_equal(json_text(phase, "error_code"), "ERR-01-005");
	const char *hash = detail_of(phase, "compose_hash");
	assert_int_equal(strlen(hash), 64);
	assert_int_equal(patch_confirm("treasury-signer", unknown + 2, unknown), 466);
	assert_int_equal(patch_confirm("treasury-signer", hash, unknown), 467);
	assert_int_equal(patch_confirm("treasury-signer", hash, "already-registered"), 468);
	char *tx = register_hash(detail_of(phase, "app_id"), hash);
	assert_int_equal(patch_confirm("treasury-signer", hash, tx), 202);
	assert_int_equal(patch_confirm("treasury-signer", hash, tx), 409);
	char *now = wait_running("treasury-signer");
	assert_string_equal(now, hash);
	assert_int_equal(patch_confirm("treasury-signer", hash, tx), 466);
	json *containers = child_api(&child, "GET", "cvms/treasury-signer/composition", NULL, 200);
	assert_string_equal(json_text(json_first(json_member(containers, "containers")), "image"), "acme/signer:9");
	json_free(containers);
	free(now);
	free(tx);
	json_free(phase);
}

static void prepared_update_is_committed_once(void **state)
{
	struct answer answer;
	(void)state;
	child_ask("127.0.0.1", child.api, "PATCH", "/api/v1/cvms/treasury-signer", "X-API-Key: sandbox\r\nX-Prepare-Only: true\r\n", update, 0,
		&answer);
	assert_int_equal(answer.status, 465);
	json *phase = json_parse(answer.body.data, answer.body.len, NULL);
	char *body = mem_printf("{\"token\":\"%s\",\"compose_hash\":\"\",\"transaction_hash\":\"\"}", detail_of(phase, "commit_token"));
	json_free(child_api(&child, "POST", "cvms/treasury-signer/commit-update", body, 468));
	free(register_hash(detail_of(phase, "app_id"), detail_of(phase, "compose_hash")));
	json *pending = child_api(&child, "GET", "apps/treasury-signer/pending-updates", NULL, 200);
	assert_true(json_flag(json_first(json_member(pending, "items")), "on_chain", false));
	json_free(pending);
	json_free(child_api(&child, "POST", "cvms/treasury-signer/commit-update", body, 202));
	free(wait_running("treasury-signer"));
	json_free(child_api(&child, "POST", "cvms/treasury-signer/commit-update", body, 466));
	free(body);
	json_free(phase);
	answer_clear(&answer);
}

static void documented_dialect_works_too(void **state)
{
	(void)state;
	json_free(child_api(&child, "POST", "cvms/treasury-signer", update, 405));
	faults("{\"backend\":{\"documented_dialect\":true}}");
	json_free(child_api(&child, "PATCH", "cvms/treasury-signer", update, 405));
	json *phase = child_api(&child, "POST", "cvms/treasury-signer", update, 200);
	assert_true(json_flag(phase, "requiresOnChainHash", false));
	char *tx = register_hash(json_text(phase, "appId"), json_text(phase, "composeHash"));
	char *body = mem_printf("{\"composeHash\":\"%s\",\"transactionHash\":\"%s\"}", json_text(phase, "composeHash"), tx);
	json_free(child_api(&child, "POST", "cvms/treasury-signer/confirm-patch", body, 200));
	free(wait_running("treasury-signer"));
	free(body);
	free(tx);
	json_free(phase);
}

static void without_onchain_kms_a_patch_applies(void **state)
{
	(void)state;
	json_free(child_api(&child, "PATCH", "cvms/docs-search", update, 202));
	free(wait_running("docs-search"));
	json *tree = child_api(&child, "GET", "cvms/docs-search/compose_file", NULL, 200);
	assert_non_null(strstr(json_text(tree, "docker_compose_file"), "acme/signer:9"));
	json_free(tree);
}

static void rollout_can_go_back(void **state)
{
	(void)state;
	json *before = child_api(&child, "GET", "cvms/docs-search", NULL, 200);
	faults("{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"no such image\"}}");
	json_free(child_api(&child, "PATCH", "cvms/docs-search", update, 202));
	char *now = wait_running("docs-search");
	assert_string_equal(now, json_text(before, "compose_hash"));
	json *after = child_api(&child, "GET", "cvms/docs-search/state", NULL, 200);
	assert_string_equal(json_text(after, "boot_error"), "no such image");
	json_free(after);
	json_free(before);
	free(now);
}

static void backend_can_lie(void **state)
{
	(void)state;
	json *truth = child_api(&child, "PATCH", "cvms/payments-api", update, 465);
	faults("{\"backend\":{\"cvm\":\"payments-api\",\"compose_hash\":\"other\",\"device_id\":\"other\",\"app_id\":\"other\",\"chain_id\":1}}");
	json *lie = child_api(&child, "PATCH", "cvms/payments-api", update, 465);
	static const char *const fields[] = { "compose_hash", "device_id", "app_id" };
	for (size_t i = 0; i < 3; i++)
		assert_string_not_equal(detail_of(truth, fields[i]), detail_of(lie, fields[i]));
	json_free(truth);
	json_free(lie);
}

static void event_log_replays(void **state)
{
	uint8_t rtmr3[2 * HASH_SHA384_SIZE] = { 0 }, said[HASH_SHA384_SIZE];
	bool seen = false;
	(void)state;
	json *tree = child_api(&child, "GET", "cvms/payments-api/attestation", NULL, 200);
	json *cvm = child_api(&child, "GET", "cvms/payments-api", NULL, 200);
	for (const json *event = json_first(json_at(tree, "tcb_info.event_log")); event != NULL; event = json_next(event)) {
		if (json_int(event, "imr", -1) != 3)
			continue;
		assert_true(hex_decode(rtmr3 + HASH_SHA384_SIZE, HASH_SHA384_SIZE, json_text(event, "digest")));
		hash_sha384(rtmr3, rtmr3, sizeof(rtmr3));
		if (strcmp(json_text(event, "event"), "compose-hash") == 0)
			seen = strcmp(json_text(event, "event_payload"), json_text(cvm, "compose_hash")) == 0;
	}
	assert_true(hex_decode(said, sizeof(said), json_text(tree, "tcb_info.rtmr3")));
	assert_memory_equal(said, rtmr3, sizeof(said));
	assert_true(seen);
	json_free(tree);
	json_free(cvm);
}

/* Logs */

static char *log_target(const char *cvm, const char *container, const char *flags)
{
	char *path = mem_printf("cvms/%s", cvm);
	json *tree = child_api(&child, "GET", path, NULL, 200);
	const char *base = json_text(tree, "logs.container_log_base"), *at = strstr(base, "/clog/");
	assert_non_null(at);
	char *target = mem_printf("%s/%s?%s", at, container, flags);
	json_free(tree);
	free(path);
	return target;
}

static void get_log(const char *flags, size_t limit, struct answer *answer)
{
	char *target = log_target("payments-api", "web", flags);
	child_ask(child.log_host, child.logs, "GET", target, "", NULL, limit, answer);
	free(target);
}

static size_t count_lines(const struct buf *body)
{
	size_t n = 0;
	for (size_t i = 0; i < body->len; i++)
		n += body->data[i] == '\n';
	return n;
}

static void logs_are_framed_plain_and_limited(void **state)
{
	struct answer answer;
	(void)state;
	get_log("tail=5", 0, &answer);
	assert_int_equal(count_lines(&answer.body), 5);
	assert_int_equal(strncmp(answer.body.data, "{\"channel\":\"std", 15), 0);
	answer_clear(&answer);
	get_log("tail=4&bare&timestamps", 0, &answer);
	assert_int_equal(count_lines(&answer.body), 4);
	assert_int_equal(clock_scan(answer.body.data, answer.body.len), 30);
	answer_clear(&answer);
	get_log("since=10s&bare", 0, &answer);
	assert_true(count_lines(&answer.body) < 40);
	answer_clear(&answer);
	get_log("bare&tail=1&follow", 4000, &answer);
	assert_int_equal(answer.status, 200);
	assert_false(answer.whole);
	assert_true(count_lines(&answer.body) > 3);
	answer_clear(&answer);
}

/* A time read from one answer gives the same line again in another. */
static void log_goes_on_from_a_time(void **state)
{
	struct answer whole, rest;
	char *flags;
	(void)state;
	get_log("tail=6&bare&timestamps", 0, &whole);
	const char *third = strchr(strchr(whole.body.data, '\n') + 1, '\n') + 1;
	flags = mem_printf("since=%.30s&bare&timestamps", third);
	get_log(flags, 0, &rest);
	assert_int_equal(strncmp(rest.body.data, third, strlen(third)), 0);
	free(flags);
	answer_clear(&whole);
	answer_clear(&rest);
}

static void log_streams_can_be_cut(void **state)
{
	struct answer answer;
	(void)state;
	faults("{\"logs\":{\"cut_after\":333}}");
	get_log("bare", 0, &answer);
	assert_false(answer.whole);
	assert_int_equal(answer.body.len, 333);
	answer_clear(&answer);
	json *tree = child_api(&child, "GET", "cvms/vault-sync", NULL, 200);
	assert_int_equal(json_kind(json_at(tree, "logs.serial")), JSON_NULL);
	json_free(tree);
}

/* Faults over the wire */

static void answer_of(const char *fault, const char *target, struct answer *answer)
{
	faults(fault);
	child_ask("127.0.0.1", child.api, "GET", target, "X-API-Key: sandbox\r\n", NULL, 0, answer);
}

static void http_faults_do_what_they_say(void **state)
{
	static const char me[] = "/api/v1/auth/me";
	struct answer answer;
	(void)state;
	answer_of("{\"http\":[{\"path\":\"/auth/me\",\"action\":\"drop\",\"times\":1}]}", me, &answer);
	assert_int_equal(answer.status, 0);
	answer_clear(&answer);
	answer_of("{\"http\":[{\"action\":\"cut\",\"bytes\":20}]}", me, &answer);
	assert_int_equal(answer.status, 200);
	assert_false(answer.whole);
	assert_int_equal(answer.body.len, 20);
	answer_clear(&answer);
	answer_of("{\"http\":[{\"action\":\"status\",\"status\":429,\"retry_after\":7}]}", me, &answer);
	assert_int_equal(answer.status, 429);
	assert_non_null(strstr(answer.head.data, "Retry-After: 7"));
	answer_clear(&answer);
	answer_of("{\"http\":[{\"action\":\"html\"}]}", me, &answer);
	assert_int_equal(answer.status, 502);
	assert_int_equal(answer.body.data[0], '<');
	answer_clear(&answer);
	int64_t before = clock_mono_ms();
	answer_of("{\"http\":[{\"delay_ms\":150}]}", me, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(clock_mono_ms() - before >= 150);
	answer_clear(&answer);
}

static void lost_confirm_was_carried_out(void **state)
{
	(void)state;
	faults("{\"backend\":{\"lose_confirm\":true,\"confirm_status\":467,\"confirm_times\":1}}");
	json *phase = child_api(&child, "PATCH", "cvms/treasury-signer", update, 465);
	char *tx = register_hash(detail_of(phase, "app_id"), detail_of(phase, "compose_hash"));
	assert_int_equal(patch_confirm("treasury-signer", detail_of(phase, "compose_hash"), tx), 467);
	assert_int_equal(patch_confirm("treasury-signer", detail_of(phase, "compose_hash"), tx), 0);
	char *now = wait_running("treasury-signer");
	assert_string_equal(now, detail_of(phase, "compose_hash"));
	free(now);
	free(tx);
	json_free(phase);
}

static void node_answers_and_errs(void **state)
{
	(void)state;
	json *tree = child_rpc(&child, "eth_chainId", "[]");
	assert_string_equal(json_text(tree, "result"), "0x2105");
	json_free(tree);
	tree = child_rpc(&child, "eth_sendTransaction", "[{}]");
	assert_int_equal(json_int(tree, "error.code", 0), -32601);
	json_free(tree);
	tree = child_rpc(&child, "eth_getBlockByNumber", "[\"0xfffffff\",false]");
	assert_int_equal(json_kind(json_member(tree, "result")), JSON_NULL);
	json_free(tree);
	tree = child_rpc(&child, "eth_feeHistory", "[\"0x3\",\"latest\",[50]]");
	assert_int_equal(json_count(json_at(tree, "result.baseFeePerGas")), 4);
	json_free(tree);
	faults("{\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32005}],\"chain\":{\"chain_id\":1}}");
	tree = child_rpc(&child, "eth_call", "[{\"to\":\"0xcA11bde05977b3631167028862bE2a173976CA11\",\"data\":\"0x42cbb15c\"},\"latest\"]");
	assert_int_equal(json_int(tree, "error.code", 0), -32005);
	json_free(tree);
	tree = child_rpc(&child, "eth_chainId", "[]");
	assert_string_equal(json_text(tree, "result"), "0x1");
	json_free(tree);
}

static void requests_are_recorded_without_the_key(void **state)
{
	struct answer answer;
	(void)state;
	json_free(child_api(&child, "GET", "auth/me", NULL, 200));
	child_ask("127.0.0.1", child.api, "GET", "/__requests", "", NULL, 0, &answer);
	assert_non_null(strstr(answer.body.data, "\"target\":\"/api/v1/auth/me\""));
	assert_non_null(strstr(answer.body.data, "\"X-API-Key\":\"(given)\""));
	assert_null(strstr(answer.body.data, "\"sandbox\""));
	answer_clear(&answer);
}

/* Two sandboxes must never share a port unnoticed. */
static void taken_port_is_refused(void **state)
{
	char *command = mem_printf("%s/cvmdeck-sandbox --stdin-watch --port %u </dev/null >/dev/null 2>&1",
		getenv("builddir") != NULL ? getenv("builddir") : ".", child.api);
	(void)state;
	int status = system(command);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	free(command);
}

#define CASE(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(answers_have_the_recorded_members),
		CASE(older_shape_is_flat),
		CASE(keys_and_names_are_checked),
		CASE(compose_hash_is_of_the_raw_text),
		CASE(update_goes_through_its_phases),
		CASE(prepared_update_is_committed_once),
		CASE(documented_dialect_works_too),
		CASE(without_onchain_kms_a_patch_applies),
		CASE(rollout_can_go_back),
		CASE(backend_can_lie),
		CASE(event_log_replays),
		CASE(logs_are_framed_plain_and_limited),
		CASE(log_goes_on_from_a_time),
		CASE(log_streams_can_be_cut),
		CASE(http_faults_do_what_they_say),
		CASE(lost_confirm_was_carried_out),
		CASE(node_answers_and_errs),
		CASE(requests_are_recorded_without_the_key),
		CASE(taken_port_is_refused),
	};
	return cmocka_run_group_tests_name("sandbox_api", tests, start, stop);
}
