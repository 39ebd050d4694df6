/* SPDX-License-Identifier: Apache-2.0 */
/* The fixtures of the chain tests: what each address is, and that they behave as the real contracts do. */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "chain/anvil.h"

static struct anvil *anvil;

static char *ask(const char *to, const char *data)
{
	return anvil_text(anvil, "eth_call", "[{\"to\":\"%s\",\"data\":\"0x%s\"},\"latest\"]", to, data);
}

static void test_chain_id(void **state)
{
	char *id = anvil_text(anvil, "eth_chainId", "[]");

	(void)state;
	assert_string_equal(id, "0x2105");
	free(id);
}

static void test_allowlists(void **state)
{
	char *data = mem_printf("bf8b211b%s", anvil_value(anvil, "device") + 2);
	char *allowed = ask(anvil_value(anvil, "app"), data), *refused = ask(anvil_value(anvil, "app_no_device"), data);
	char *any = ask(anvil_value(anvil, "app_any_device"), "3440a16a");

	(void)state;
	assert_int_equal(allowed[65], '1');
	assert_int_equal(refused[65], '0');
	assert_int_equal(any[65], '1');
	free(data);
	free(allowed);
	free(refused);
	free(any);
}

static void test_owners(void **state)
{
	char *owner = ask(anvil_value(anvil, "app"), "8da5cb5b"), *safe = ask(anvil_value(anvil, "safe_app"), "8da5cb5b");
	char *threshold = ask(anvil_value(anvil, "safe"), "e75235b8");

	(void)state;
	assert_string_equal(owner + 26, "f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
	assert_string_equal(safe + 26, anvil_value(anvil, "safe") + 2);
	assert_int_equal(threshold[65], '2');
	free(owner);
	free(safe);
	free(threshold);
}

static void test_snapshots(void **state)
{
	char *id = anvil_snapshot(anvil), *code;

	(void)state;
	anvil_do(anvil, "anvil_setCode", "[\"%s\",\"0x\"]", anvil_value(anvil, "multicall3"));
	code = anvil_text(anvil, "eth_getCode", "[\"%s\",\"latest\"]", anvil_value(anvil, "multicall3"));
	assert_string_equal(code, "0x");
	free(code);
	anvil_revert(anvil, id);
	code = anvil_text(anvil, "eth_getCode", "[\"%s\",\"latest\"]", anvil_value(anvil, "multicall3"));
	assert_true(strlen(code) > 100);
	free(code);
}

static int start(void **state)
{
	(void)state;
	anvil = anvil_start();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	anvil_free(anvil);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_id), cmocka_unit_test(test_allowlists),
		cmocka_unit_test(test_owners), cmocka_unit_test(test_snapshots),
	};

	return anvil_available() ? cmocka_run_group_tests_name("anvil", tests, start, stop) : 0;
}
