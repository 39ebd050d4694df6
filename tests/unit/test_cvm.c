/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "cloud/cvm.h"

static const char newer[] =
	"{\"id\":\"cvm_a5c77cca\",\"name\":\"payments-api\",\"app_id\":\"610178DA211fef7d417bc0e6fed39f05609ad788\","
	"\"vm_uuid\":\"965c80ad-9371-48db-aebb-6edea7be1ece\",\"instance_id\":\"29371762fb8a2db21faaec8ca654fc33aa84ad56\","
	"\"resource\":{\"instance_type\":\"tdx.small\",\"vcpu\":1,\"memory_in_gb\":2,\"disk_in_gb\":20},"
	"\"node_info\":{\"name\":\"prod1\",\"region\":\"us-west-1\",\"device_id\":\"fc6fb51713f8716737313578dcc8f3a81a2ac15fabbc6a977f245b088b580f9f\","
	"\"ppid\":\"dfb1282eb3c4b12850ccab641091f186\"},\"os\":{\"name\":\"dstack-0.5.4\",\"os_image_hash\":null},\"kms_type\":\"base\","
	"\"kms_info\":{\"chain_id\":8453,\"dstack_kms_address\":\"0x2f83172A49584C017F2B256F0FB2Dca14126Ba9C\","
	"\"dstack_app_address\":\"0x610178da211fef7d417bc0e6fed39f05609ad788\",\"rpc_endpoint\":null,"
	"\"encrypted_env_pubkey\":\"e878ae5c456787c392511fcc53836b0e848f80f5bf22b21f30e106327967e545\"},"
	"\"status\":\"updating\",\"in_progress\":true,\"progress\":{\"target\":\"running\",\"started_at\":\"2026-01-01T00:00:01Z\","
	"\"correlation_id\":\"721170a4-9cb1-41ad-99e4-0a9b4069a03d\"},\"compose_hash\":\"90e9209c18a4a24474244043b23af73657794672e45dbec32b99c413d4dc1297\","
	"\"logs\":{\"serial\":\"https://logs.example/s?token=t\",\"stdout\":null},\"endpoints\":[{\"app\":\"https://a.example\",\"instance\":\"https://i.example\"}],"
	"\"public_logs\":true,\"public_sysinfo\":false,\"workspace\":{\"slug\":\"acme\",\"name\":\"Acme\"},\"brand_new_field\":[1,2]}";

static const char older[] =
	"{\"id\":1000,\"name\":\"payments-api\",\"status\":\"running\",\"in_progress\":false,\"teepod\":{\"id\":1,\"name\":\"prod1\",\"region_identifier\":\"us-west-1\"},"
	"\"app_id\":\"610178da211fef7d417bc0e6fed39f05609ad788\",\"vm_uuid\":\"965c80ad-9371-48db-aebb-6edea7be1ece\",\"memory\":2048,\"disk_size\":20,"
	"\"base_image\":\"dstack-0.5.4\",\"encrypted_env_pubkey\":\"not a key\",\"syslog_endpoint\":\"https://cloud-api.example/syslog/x?token=t\","
	"\"kms_info\":{\"id\":\"kms_1\",\"slug\":\"kms-base-prod1\",\"chain_id\":8453,\"kms_contract_address\":\"0x2f83172A49584C017F2B256F0FB2Dca14126Ba9C\"},"
	"\"contract_address\":\"0x610178da211fef7d417bc0e6fed39f05609ad788\"}";

static json *parse(const char *text)
{
	struct error err;
	json *tree = json_parse(text, strlen(text), &err);

	assert_non_null(tree);
	return tree;
}

static struct cvm_detail *detail_of(const char *text)
{
	struct error err;
	json *tree = parse(text);
	struct cvm_detail *detail = cvm_detail_parse(tree, &err);

	json_free(tree);
	return detail;
}

static void test_newer_shape(void **state)
{
	struct cvm_detail *detail = detail_of(newer);
	const struct cvm *cvm = &detail->cvm;
	char ref[CVM_REF_SIZE];

	(void)state;
	assert_string_equal(cvm->id, "cvm_a5c77cca");
	assert_string_equal(cvm->app_id, "610178da211fef7d417bc0e6fed39f05609ad788");
	assert_string_equal(cvm->node_name, "prod1");
	assert_string_equal(cvm->ppid, "dfb1282eb3c4b12850ccab641091f186");
	assert_string_equal(cvm->app_address, "0x610178da211fef7d417bc0e6fed39f05609ad788");
	assert_int_equal(cvm->chain_id, 8453);
	assert_int_equal(cvm->public_logs, CVM_YES);
	assert_int_equal(cvm->public_sysinfo, CVM_NO);
	assert_int_equal(cvm->public_tcbinfo, CVM_UNKNOWN);
	assert_int_equal(cvm->state, CVM_STATE_CHANGING);
	assert_int_equal(cvm->operation_started_ms, 1767225601000);
	assert_string_equal(cvm->correlation_id, "721170a4-9cb1-41ad-99e4-0a9b4069a03d");
	assert_string_equal(cvm_ref(ref, cvm), "965c80ad937148dbaebb6edea7be1ece");
	assert_true(cvm_is_onchain(cvm));
	assert_int_equal(detail->endpoint_count, 1);
	assert_string_equal(detail->log_serial, "https://logs.example/s?token=t");
	assert_null(detail->log_stdout);
	assert_string_equal(detail->progress_target, "running");
	cvm_detail_free(detail);
}

static void test_shapes_together(void **state)
{
	struct cvm_detail *detail = detail_of(newer), *flat = detail_of(older), *copy;

	(void)state;
	assert_string_equal(flat->cvm.id, "1000");
	assert_null(flat->encrypted_env_pubkey);
	assert_true(flat->memory_gb == 2.0);
	cvm_detail_merge(detail, flat);
	assert_string_equal(detail->cvm.id, "cvm_a5c77cca");
	assert_string_equal(detail->kms_slug, "kms-base-prod1");
	assert_string_equal(detail->syslog_endpoint, "https://cloud-api.example/syslog/x?token=t");
	copy = cvm_detail_copy(detail);
	assert_memory_equal(&copy->cvm, &detail->cvm, sizeof(copy->cvm));
	assert_string_equal(copy->endpoints[0].instance, "https://i.example");
	assert_int_equal(copy->disk_gb, 20);
	cvm_detail_free(copy);
	cvm_detail_free(detail);
	cvm_detail_free(flat);
}

static void test_hosted_shape(void **state)
{
	json *tree = parse("{\"hosted\":{\"id\":\"965c80ad937148dbaebb6edea7be1ece\",\"name\":\"n\",\"status\":\"running\",\"uptime\":\"3d 4h\",\"app_id\":\"app\"},"
		"\"name\":\"hosted\",\"node\":{\"id\":2,\"name\":\"prod2\",\"region_identifier\":\"eu\"},\"status\":\"stopped\",\"public_urls\":[]}");
	struct cvm cvm;

	(void)state;
	assert_true(cvm_parse(&cvm, tree));
	assert_string_equal(cvm.vm_uuid, "965c80ad937148dbaebb6edea7be1ece");
	assert_string_equal(cvm.app_id, "");
	assert_string_equal(cvm.node_name, "prod2");
	assert_int_equal(cvm.uptime_s, 273600);
	assert_int_equal(cvm.state, CVM_STATE_STOPPED);
	assert_false(cvm_is_onchain(&cvm));
	json_free(tree);
}

/* What would be cut or could steer a request or a terminal is left out or made visible. */
static void test_hostile_values(void **state)
{
	json *tree = parse("{\"id\":\"../../admin\",\"name\":\"\\u001b]0;x\\u0007evil\\u202e\",\"app_id\":\"610178da211fef7d417bc0e6fed39f05609ad78800\","
		"\"vm_uuid\":\"965c80ad-9371-48db-aebb-6edea7be1ece/../x\",\"instance_id\":\"29371762fb8a2db21faaec8ca654fc33aa84ad56\","
		"\"compose_hash\":\"0x90e9209c18a4a24474244043b23af73657794672e45dbec32b99c413d4dc1297\",\"status\":7,\"kms_info\":{\"chain_id\":-1}}");
	struct cvm cvm;
	char ref[CVM_REF_SIZE];

	(void)state;
	assert_true(cvm_parse(&cvm, tree));
	assert_string_equal(cvm.id, "");
	assert_string_equal(cvm.app_id, "");
	assert_string_equal(cvm.vm_uuid, "");
	assert_null(strchr(cvm.name, 0x1b));
	assert_string_equal(cvm.compose_hash, "90e9209c18a4a24474244043b23af73657794672e45dbec32b99c413d4dc1297");
	assert_int_equal(cvm.chain_id, 0);
	assert_string_equal(cvm_ref(ref, &cvm), "29371762fb8a2db21faaec8ca654fc33aa84ad56");
	json_free(tree);
	tree = parse("[]");
	assert_false(cvm_parse(&cvm, tree));
	json_free(tree);
	tree = parse("{\"detail\":\"x\"}");
	assert_false(cvm_parse(&cvm, tree));
	json_free(tree);
}

static void test_status(void **state)
{
	json *status = parse("{\"status\":\"starting\",\"uptime\":\"12s\",\"in_progress\":true,\"boot_progress\":\"pulling\",\"boot_error\":null,"
		"\"operation_type\":\"compose_update\",\"operation_started_at\":\"2026-01-01T00:00:00\",\"correlation_id\":\"c-1\"}");
	json *partial = parse("{\"status\":\"running\"}");
	struct cvm cvm = { .status = "running", .boot_error = "old" };

	(void)state;
	assert_true(cvm_update_status(&cvm, status));
	assert_string_equal(cvm.boot_error, "");
	assert_string_equal(cvm.operation, "compose_update");
	assert_int_equal(cvm.uptime_s, 12);
	assert_int_equal(cvm.state, CVM_STATE_CHANGING);
	assert_false(cvm_update_status(&cvm, status));
	assert_true(cvm_update_status(&cvm, partial));
	assert_string_equal(cvm.operation, "compose_update");
	json_free(status);
	json_free(partial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newer_shape),
		cmocka_unit_test(test_shapes_together),
		cmocka_unit_test(test_hosted_shape),
		cmocka_unit_test(test_hostile_values),
		cmocka_unit_test(test_status),
	};

	return cmocka_run_group_tests_name("cvm", tests, NULL, NULL);
}
