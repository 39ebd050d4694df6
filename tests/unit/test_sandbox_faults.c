/* SPDX-License-Identifier: Apache-2.0 */
/* Faults: what is understood, what is refused, and when a rule acts. */
#include "unit/unit.h"

#include <string.h>

#include "base/hex.h"
#include "sandbox/faults.h"
#include "sandbox/manifest.h"
#include "sandbox/routes.h"
#include "sandbox/services.h"

static bool parse(struct sb_faults *faults, const char *text, struct error *err)
{
	return sb_faults_parse(faults, text, strlen(text), err);
}

static void all_groups_are_read(void **state)
{
	struct sb_faults faults;
	struct error err;
	(void)state;
	sb_faults_init(&faults);
	assert_true(parse(&faults,
		"{\"http\":[{\"method\":\"PATCH\",\"path\":\"/cvms/\",\"action\":\"status\",\"status\":429,\"retry_after\":3,\"times\":2,\"skip\":1}],"
		"\"rpc\":[{\"method\":\"eth_call\",\"action\":\"error\",\"status\":-32005,\"text\":\"slow down\"}],"
		"\"backend\":{\"compose_hash\":\"other\",\"env_key\":\"other-signer\",\"confirm_status\":467,\"confirm_times\":2,\"lose_confirm\":true},"
		"\"rollout\":{\"mode\":\"back\",\"boot_error\":\"no space\"},\"logs\":{\"hostile\":true,\"rate\":0.5,\"cut_after\":0},"
		"\"chain\":{\"chain_id\":1,\"stale_blocks\":3}}", &err));
	assert_int_equal(faults.http[0].status, 429);
	assert_int_equal(faults.http[0].retry_after, 3);
	assert_int_equal(faults.rpc[0].status, -32005);
	assert_int_equal(faults.rpc[0].retry_after, -1);
	assert_int_equal(faults.backend.env_key, SB_ENV_OTHER_SIGNER);
	assert_int_equal(faults.rollout.mode, SB_ROLLOUT_BACK);
	assert_true(faults.logs.rate > 0.4 && faults.logs.rate < 0.6);
	assert_int_equal(faults.logs.cut_after, 0);
	assert_int_equal(faults.chain.stale_blocks, 3);
	sb_faults_clear(&faults);
	assert_int_equal(faults.logs.cut_after, -1);
}

static void mistakes_are_refused_and_change_nothing(void **state)
{
	static const char *const bad[] = { "", "[]", "17", "{\"htpp\":[]}", "{\"http\":{}}", "{\"http\":[17]}", "{\"http\":[{\"acton\":\"drop\"}]}",
		"{\"http\":[{\"action\":\"explode\"}]}", "{\"http\":[{\"times\":-1}]}", "{\"http\":[{\"times\":\"2\"}]}",
		"{\"backend\":{\"swap\":1}}", "{\"backend\":[]}", "{\"rollout\":{\"mode\":\"sideways\"}}", "{\"logs\":{\"rate\":-1}}",
		"{\"chain\":{\"chain_id\":1e20}}", "{\"http\":[{\"status\":99999}]}",
		"{\"backend\":{\"compose_hash\":\"0000000000000000000000000000000000000000000000000000000000000000000000000000000000\"}}" };
	struct sb_faults faults;
	struct error err;
	(void)state;
	sb_faults_init(&faults);
	assert_true(parse(&faults, "{\"chain\":{\"chain_id\":5}}", &err));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(&faults, bad[i], &err))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(faults.chain.chain_id, 5);
		assert_string_not_equal(err.message, "");
	}
	sb_faults_clear(&faults);
}

static void rules_skip_act_and_end(void **state)
{
	struct sb_rule rules[2] = { { .method = "GET", .path = "/kms", .skip = 1, .times = 2 }, { .method = "*", .path = "/apps" } };
	(void)state;
	assert_null(sb_faults_match(rules, 2, "GET", "/api/v1/kms"));
	assert_ptr_equal(sb_faults_match(rules, 2, "GET", "/api/v1/kms"), &rules[0]);
	assert_null(sb_faults_match(rules, 2, "POST", "/api/v1/kms"));
	assert_ptr_equal(sb_faults_match(rules, 2, "GET", "/api/v1/kms"), &rules[0]);
	assert_null(sb_faults_match(rules, 2, "GET", "/api/v1/kms"));
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(sb_faults_match(rules, 2, "POST", "/api/v1/apps?page=1"), &rules[1]);
}

static void routes_match_whole_paths(void **state)
{
	char params[SB_PARAMS_MAX][SB_PARAM_SIZE];
	const struct sb_route route = { .method = "GET", .path = "/a/:x/b/:y" };
	(void)state;
	assert_true(sb_route_match(&route, "GET", "/a/one/b/two", params));
	assert_string_equal(params[0], "one");
	assert_string_equal(params[1], "two");
	assert_false(sb_route_match(&route, "POST", "/a/one/b/two", params));
	assert_false(sb_route_match(&route, "GET", "/a/one/b/two/", params));
	assert_false(sb_route_match(&route, "GET", "/a/one/b", params));
	assert_false(sb_route_match(&route, "GET", "/a//b/two", params));
}

/* Documents */

static void hash_hex(const char *text, enum sb_form form, char out[HASH_HEX_SIZE])
{
	struct buf printed = BUF_INIT;
	uint8_t hash[HASH_SIZE];
	json *document = json_parse(text, strlen(text), NULL);
	assert_non_null(document);
	sb_manifest_print(&printed, document, form);
	hash_sha256(hash, printed.data, printed.len);
	hex_encode(out, hash, sizeof(hash));
	buf_clear(&printed);
	json_free(document);
}

/* A document and the hash that the recorded backend gave for it. */
static void recorded_document_has_its_hash(void **state)
{
	static const char text[] = "{\"manifest_version\":2,\"name\":\"payments-api\",\"runner\":\"docker-compose\",\"docker_compose_file\":"
		"\"services:\\n  web:\\n    image: nginx:1.25\\n    ports:\\n      - \\\"80:80\\\"\\n    environment:\\n      - LOG_LEVEL=info\\n"
		"  worker:\\n    image: busybox:1.36\\n    command: [\\\"sh\\\", \\\"-c\\\", \\\"while true; do date; sleep 1; done\\\"]\\n\","
		"\"kms_enabled\":true,\"gateway_enabled\":true,\"local_key_provider_enabled\":false,\"key_provider_id\":\"\",\"public_logs\":true,"
		"\"public_sysinfo\":true,\"public_tcbinfo\":true,\"allowed_envs\":[\"API_KEY\"],\"no_instance_id\":false,\"secure_time\":false,"
		"\"storage_fs\":\"zfs\",\"features\":[\"kms\",\"tproxy-net\"]}";
	char hash[HASH_HEX_SIZE];
	(void)state;
	hash_hex(text, SB_FORM_COMPACT, hash);
	assert_string_equal(hash, "2228c5c02687ee69dc7486963a83ff4111ee08090d85e6148e86c0c61858cf47");
}

static void assert_printed(const char *text, enum sb_form form, const char *want)
{
	struct buf printed = BUF_INIT;
	json *document = json_parse(text, strlen(text), NULL);
	sb_manifest_print(&printed, document, form);
	assert_string_equal(buf_text(&printed), want);
	buf_clear(&printed);
	json_free(document);
}

static void forms_differ_as_the_tools_do(void **state)
{
	(void)state;
	assert_printed("{\"b\":1,\"a\":[],\"10\":2,\"9\":3}", SB_FORM_COMPACT, "{\"9\":3,\"10\":2,\"a\":[],\"b\":1}");
	assert_printed("{\"runner\":\"docker-compose\",\"bash_script\":\"x\",\"pre_launch_script\":\"\"}", SB_FORM_NORMALIZED,
		"{\"runner\":\"docker-compose\"}");
	assert_printed("{\"runner\":\"bash\",\"docker_compose_file\":\"x\",\"pre_launch_script\":\"y\"}", SB_FORM_NORMALIZED,
		"{\"pre_launch_script\":\"y\",\"runner\":\"bash\"}");
	assert_printed("{\"a\":\"\\\"k\\\": 1\"}", SB_FORM_PRETTY, "{\n    \"a\":\"\\\"k\\\":1\"\n}");
	assert_printed("{\"b\":1,\"a\":2}", SB_FORM_RAW, "{\n  \"b\": 1,\n  \"a\": 2\n}\n");
}

static void services_are_read_from_any_yaml(void **state)
{
	static const char *const same[] = {
		("# c\nversion: '3'\nservices:\n    web:\n        image: \"nginx:1\" # x\n    \"db\":\n"
		 "        image: pg@sha256:ab\n        command:\n            - image: no\nvolumes:\n    web: {}\n"),
		"{\"services\": {\"web\": {\"image\": \"nginx:1\"}, \"db\": {\"image\": \"pg@sha256:ab\"}}}",
		"services: {web: {image: nginx:1}, db: {image: pg@sha256:ab, ports: [80]}}\n",
		"services:\r\n  web: {image: nginx:1}\r\n  db:\r\n    image: >-\r\n      pg@sha256:ab\r\n",
		"x-base: &base\n  image: pg@sha256:ab\nx-more: &more\n  <<: [*base]\nservices:\n  web: {<<: *more, image: nginx:1}\n  db: {<<: *more}\n",
		"\xef\xbb\xbfservices: &all\n  web:\n    image: &tag nginx:1\n  db:\n    image: pg@sha256:ab\n  <<: *all\n",
	};
	struct sb_service services[SB_SERVICES_MAX];
	struct error err;
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(sb_services_read(same[i], services, &err), 2);
		assert_string_equal(services[0].name, "web");
		assert_string_equal(services[0].image, "nginx:1");
		assert_string_equal(services[1].name, "db");
		assert_string_equal(services[1].image, "pg@sha256:ab");
	}
}

static void what_has_no_services_is_refused(void **state)
{
	static const char *const bad[] = { "", "services:", "services: []", "services: {}", "[services]", "services: {web: {image: x}", "a: *b",
		"services: &s {<<: *s}" };
	struct sb_service services[SB_SERVICES_MAX];
	struct error err;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error_clear(&err);
		assert_int_equal(sb_services_read(bad[i], services, &err), 0);
		assert_string_equal(err.code, "compose-broken");
	}
	assert_int_equal(sb_services_read("services: {a: {<<: &m {<<: *m}}}", services, &err), 1); /* a merge that holds itself */
	assert_string_equal(services[0].image, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_groups_are_read),
		cmocka_unit_test(mistakes_are_refused_and_change_nothing),
		cmocka_unit_test(rules_skip_act_and_end),
		cmocka_unit_test(routes_match_whole_paths),
		cmocka_unit_test(recorded_document_has_its_hash),
		cmocka_unit_test(forms_differ_as_the_tools_do),
		cmocka_unit_test(services_are_read_from_any_yaml),
		cmocka_unit_test(what_has_no_services_is_refused),
	};
	return cmocka_run_group_tests_name("sandbox_faults", tests, NULL, NULL);
}
