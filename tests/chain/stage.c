/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/stage.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "unit/unit.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/abi.h"
#include "chain/plain_http.h"

enum { ARGUMENTS_MAX = 40 };

/* ---- the sandbox ---- */

static void start_sandbox(struct stage *stage, const struct stage_bind binds[])
{
	const char *argv[ARGUMENTS_MAX] = { NULL };
	char *owned[ARGUMENTS_MAX] = { NULL };
	size_t count = 0, i;

	argv[count++] = "--speed";
	argv[count++] = "20";
	argv[count++] = "--chain-rpc";
	argv[count++] = anvil_url(stage->anvil);
	for (i = 0; binds[i].cvm; i++) {
		owned[i] = mem_printf("%s=%s,%s", binds[i].cvm, anvil_value(stage->anvil, binds[i].contract), anvil_value(stage->anvil, "kms"));
		argv[count++] = "--bind";
		argv[count++] = owned[i];
	}
	stage->sandbox = child_start_sandbox(argv);
	for (i = 0; binds[i].cvm; i++)
		free(owned[i]);
	stage->api = child_told(stage->sandbox, "api");
	stage->rpc = child_told(stage->sandbox, "rpc");
	stage->api_port = (uint16_t)atoi(strrchr(stage->api, ':') + 1);
}

static struct buf ask(struct stage *stage, const char *method, const char *target, const char *body)
{
	struct buf answer = BUF_INIT;
	int status = plain_http(stage->api_port, method, target, "X-API-Key: sandbox\r\nX-Phala-Version: 2026-01-21\r\n", body, &answer);

	if (status < 200 || status > 299)
		fail_msg("%s %s: %d %s", method, target, status, buf_text(&answer));
	return answer;
}

json *stage_get(struct stage *stage, const char *path)
{
	char *target = path[0] == '/' ? mem_strdup(path) : mem_printf("/api/v1/%s", path);
	struct buf answer = ask(stage, "GET", target, NULL);
	json *tree = json_parse(buf_text(&answer), answer.len, NULL);

	assert_non_null(tree);
	buf_clear(&answer);
	free(target);
	return tree;
}

void stage_post(struct stage *stage, const char *target, const char *body)
{
	struct buf answer = ask(stage, "POST", target, body);

	buf_clear(&answer);
}

unsigned stage_requests(struct stage *stage, const char *method, const char *part)
{
	json *all = stage_get(stage, "/__requests");
	const json *one;
	unsigned count = 0;

	for (one = json_first(json_member(all, "requests")); one; one = json_next(one))
		count += text_equal(json_text(one, "method"), method) && strstr(json_text(one, "target"), part);
	json_free(all);
	return count;
}

/* ---- the chain ---- */

static char *calldata(const char *signature, const char *word)
{
	uint8_t bytes[4 + 32] = { 0 };
	char text[2 * sizeof(bytes) + 3];

	abi_selector(bytes, signature);
	if (word && !hex_decode(bytes + 4, 32, word))
		fail_msg("%s is no word", word);
	hex_encode_0x(text, bytes, word ? sizeof(bytes) : 4);
	return mem_strdup(text);
}

static char *send_as(struct stage *stage, const char *from, const char *to, const char *data)
{
	char *hash;

	anvil_do(stage->anvil, "anvil_impersonateAccount", "[\"%s\"]", from);
	hash = anvil_text(stage->anvil, "eth_sendTransaction", "[{\"from\":\"%s\",\"to\":\"%s\",\"data\":\"%s\",\"gas\":\"0x989680\",\"gasPrice\":\"0x12a05f2000\"}]", from, to, data);
	anvil_do(stage->anvil, "anvil_stopImpersonatingAccount", "[\"%s\"]", from);
	return hash;
}

char *stage_call_as(struct stage *stage, const char *from, const char *to, const char *signature, const char *word)
{
	char *data = calldata(signature, word), *hash = send_as(stage, from, to, data);

	free(data);
	return hash;
}

static void wait_receipt(struct stage *stage, char *hash)
{
	int64_t end = clock_mono_ms() + child_deadline_ms();
	json *answer;

	for (;;) {
		answer = anvil_call(stage->anvil, "eth_getTransactionReceipt", "[\"%s\"]", hash);
		if (json_kind(json_member(answer, "result")) == JSON_OBJECT)
			break;
		assert_true(clock_mono_ms() < end);
		json_free(answer);
		poll(NULL, 0, 5);
	}
	assert_string_equal(json_text(answer, "result.status"), "0x1");
	json_free(answer);
	free(hash);
}

/* As the owner, whoever that is; what that costs is made up for. */
static void as_owner(struct stage *stage, const char *contract, const char *signature, const char *word)
{
	const char *app = anvil_value(stage->anvil, contract);
	char *data = calldata("owner()", NULL);
	char *answer = anvil_text(stage->anvil, "eth_call", "[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]", app, data);
	char *owner = mem_printf("0x%s", answer + 26);
	char *balance = anvil_text(stage->anvil, "eth_getBalance", "[\"%s\",\"latest\"]", owner);

	anvil_do(stage->anvil, "anvil_setBalance", "[\"%s\",\"0xde0b6b3a7640000\"]", owner);
	wait_receipt(stage, stage_call_as(stage, owner, app, signature, word));
	anvil_do(stage->anvil, "anvil_setBalance", "[\"%s\",\"%s\"]", owner, balance);
	free(data);
	free(answer);
	free(owner);
	free(balance);
}

/* The KMS on the chain tells the key the sandbox signs with, and knows its image. */
static void set_kms(struct stage *stage)
{
	const char *owner = anvil_value(stage->anvil, "owner.address"), *kms = anvil_value(stage->anvil, "kms");
	char *key = child_told(stage->sandbox, "kms-key"), *image = child_told(stage->sandbox, "os-image"), *hex;
	size_t len = 0;
	uint8_t *bytes = hex_decode_new(key, 64, &len);
	const struct abi_value members[] = { abi_bytes(bytes, len), abi_bytes("0Y", 2), abi_bytes("", 0), abi_bytes("", 0) };
	const struct abi_value info = abi_tuple(members, 4);
	struct buf data = BUF_INIT;
	struct error err;

	assert_true(abi_encode_call("setKmsInfo((bytes,bytes,bytes,bytes))", &info, 1, &data, &err));
	hex = mem_new(1, 2 * data.len + 3);
	hex_encode_0x(hex, (const uint8_t *)data.data, data.len);
	wait_receipt(stage, send_as(stage, owner, kms, hex));
	wait_receipt(stage, stage_call_as(stage, owner, kms, "addOsImageHash(bytes32)", image));
	buf_clear(&data);
	free(hex);
	free(bytes);
	free(key);
	free(image);
}

static void set_contract(struct stage *stage, const struct stage_bind *bind)
{
	char *path = mem_printf("cvms/%s", bind->cvm);
	json *cvm = stage_get(stage, path);

	as_owner(stage, bind->contract, "addComposeHash(bytes32)", json_text(cvm, "compose_hash"));
	if (bind->device)
		as_owner(stage, bind->contract, "addDevice(bytes32)", json_text(cvm, "node_info.device_id"));
	json_free(cvm);
	free(path);
}

bool stage_flag(struct stage *stage, const char *contract, const char *signature, const char *word)
{
	char *data = calldata(signature, word);
	char *answer = anvil_text(stage->anvil, "eth_call", "[{\"to\":\"%s\",\"data\":\"%s\"},\"latest\"]", anvil_value(stage->anvil, contract), data);
	bool is = answer[strlen(answer) - 1] == '1';

	free(data);
	free(answer);
	return is;
}

bool stage_allows_hash(struct stage *stage, const char *contract, const char *hash)
{
	return stage_flag(stage, contract, "allowedComposeHashes(bytes32)", hash);
}

bool stage_allows_device(struct stage *stage, const char *contract, const char *name)
{
	char *path = mem_printf("cvms/%s", name);
	json *cvm = stage_get(stage, path);
	bool is = stage_flag(stage, contract, "allowedDeviceIds(bytes32)", json_text(cvm, "node_info.device_id"));

	json_free(cvm);
	free(path);
	return is;
}

unsigned stage_nonce(struct stage *stage, const char *address)
{
	char *text = anvil_text(stage->anvil, "eth_getTransactionCount", "[\"%s\",\"latest\"]", address);
	unsigned nonce = (unsigned)strtoul(text, NULL, 16);

	free(text);
	return nonce;
}

void stage_mining(struct stage *stage, bool on)
{
	anvil_do(stage->anvil, "evm_setAutomine", "[%s]", on ? "true" : "false");
}

void stage_mine(struct stage *stage)
{
	anvil_do(stage->anvil, "evm_mine", "[]");
}

char *stage_pending(struct stage *stage)
{
	int64_t end = clock_mono_ms() + child_deadline_ms();

	for (;;) {
		json *answer = anvil_call(stage->anvil, "txpool_content", "[]");
		const json *sender = json_first(json_at(answer, "result.pending"));
		char *hash = sender ? mem_strdup(json_text(json_first(sender), "hash")) : NULL;

		json_free(answer);
		if (hash)
			return hash;
		if (clock_mono_ms() > end)
			fail_msg("no transaction came");
		poll(NULL, 0, 20);
	}
}

/* ---- the stage itself ---- */

static struct stage *new_stage(const struct stage_bind binds[])
{
	struct stage *stage = mem_new(1, sizeof(*stage));
	size_t i;

	stage->anvil = anvil_start();
	start_sandbox(stage, binds);
	set_kms(stage);
	for (i = 0; binds[i].cvm; i++)
		set_contract(stage, &binds[i]);
	return stage;
}

static void free_stage(struct stage *stage)
{
	child_free(stage->sandbox);
	anvil_free(stage->anvil);
	free(stage->api);
	free(stage->rpc);
	free(stage->transcript);
	free(stage);
}

static const struct stage_bind *group_binds; /* cmocka hands nothing to a group's setup */

static int set_up(void **state)
{
	*state = new_stage(group_binds);
	return 0;
}

static int take_down(void **state)
{
	free_stage(*state);
	return 0;
}

int stage_run(const char *name, const struct stage_bind binds[], const struct CMUnitTest tests[], size_t count)
{
	group_binds = binds;
	return anvil_available() ? _cmocka_run_group_tests(name, tests, count, set_up, take_down) : 0;
}

int stage_begin(void **state)
{
	struct stage *stage = *state;

	stage->snapshot = anvil_snapshot(stage->anvil);
	stage->home = child_make_dir();
	stage_post(stage, "/__reset", "{}");
	return 0;
}

int stage_end(void **state)
{
	struct stage *stage = *state;

	anvil_do(stage->anvil, "anvil_dropAllTransactions", "[]");
	stage_mining(stage, true);
	anvil_revert(stage->anvil, stage->snapshot);
	child_remove_dir(stage->home);
	free(stage->home);
	free(stage->compose);
	stage->home = stage->compose = NULL;
	return 0;
}

/* ---- the program ---- */

const char *stage_change(struct stage *stage, const char *cvm)
{
	char *path = mem_printf("cvms/%s/compose_file", cvm);
	json *manifest = stage_get(stage, path);
	FILE *file;

	free(stage->compose);
	stage->compose = mem_printf("%s/compose-%u.yml", stage->home, ++stage->changes);
	file = fopen(stage->compose, "w");
	assert_non_null(file);
	fprintf(file, "%s# change %u\n", json_text(manifest, "docker_compose_file"), stage->changes);
	assert_int_equal(fclose(file), 0);
	json_free(manifest);
	free(path);
	return stage->compose;
}

struct child *stage_spawn(struct stage *stage, const char *key, const char *const arguments[])
{
	char *program = child_build_path("cvmdeck"), *home = mem_printf("HOME=%s", stage->home), *state = mem_printf("XDG_STATE_HOME=%s/state", stage->home);
	char *config = mem_printf("XDG_CONFIG_HOME=%s/config", stage->home), *prefix = mem_printf("PHALA_CLOUD_API_PREFIX=%s", stage->api);
	char *private_key = mem_printf("PRIVATE_KEY=%s", key ? key : "");
	const char *const env[] = { home, state, config, prefix, private_key, "PHALA_CLOUD_API_KEY=sandbox", "ETH_RPC_URL=", "LC_ALL=C.UTF-8", NULL };
	const char *argv[ARGUMENTS_MAX] = { program };
	struct child *child;
	size_t i;

	for (i = 0; arguments[i]; i++)
		argv[i + 1] = arguments[i];
	child = child_start(argv, env);
	free(program);
	free(home);
	free(state);
	free(config);
	free(prefix);
	free(private_key);
	return child;
}

struct child *stage_spawn_deploy(struct stage *stage, const char *cvm, const char *key, const char *const more[])
{
	const char *arguments[ARGUMENTS_MAX] = { "deploy", "--cvm-id", cvm, "-c", stage_change(stage, cvm), "--rpc-url", anvil_url(stage->anvil), "--wait",
		                                 "--yes", "--json" };
	size_t i;

	for (i = 0; more && more[i]; i++)
		arguments[10 + i] = more[i];
	return stage_spawn(stage, key, arguments);
}

json *stage_event(const struct stage *stage, const char *event, const char *text)
{
	char *wanted = mem_printf("{\"event\":\"%s\"", event), *lines = mem_strdup(stage->transcript), *at = lines, *line;
	json *found = NULL;

	while ((line = strsep(&at, "\n"))) {
		if (!text_starts(line, wanted) || (text && !strstr(line, text)))
			continue;
		json_free(found);
		found = json_parse(line, strlen(line), NULL);
	}
	free(lines);
	free(wanted);
	return found;
}

/* The transcript is longer than a message may be. */
static void give_up(const struct stage *stage, int status, int expected)
{
	fprintf(stderr, "%s\n", stage->transcript);
	fail_msg("cvmdeck ended with %d instead of %d", status, expected);
}

json *stage_result(struct stage *stage, struct child *child, int expected)
{
	int status = child_wait(child, 2 * child_deadline_ms());
	json *result;

	free(stage->transcript);
	stage->transcript = mem_strdup(child_output(child));
	child_free(child);
	if (status != expected)
		give_up(stage, status, expected);
	result = stage_event(stage, "result", NULL);
	if (!result)
		fail_msg("cvmdeck told no result: %s", stage->transcript);
	return result;
}

json *stage_deploy(struct stage *stage, const char *cvm, const char *key, int expected, const char *const more[])
{
	return stage_result(stage, stage_spawn_deploy(stage, cvm, key, more), expected);
}
