/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device allowlist from its screen, against the sandbox: each change goes
 * through its question and its own card, and afterwards the contract itself
 * says so; no at either leaves it as it was.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pty/desk.h"

struct target {
	char *contract, *device;
};

static void begin(struct desk *desk, struct target *target, const char *cvm)
{
	desk_begin(desk, NULL);
	target->contract = desk_cvm(desk, cvm, "app_address");
	target->device = desk_cvm(desk, cvm, "device_id");
	desk_open(desk);
	desk_go_to(desk, cvm);
}

static void end(struct desk *desk, struct target *target)
{
	desk_end(desk);
	free(target->contract);
	free(target->device);
}

/* From the list of CVMs to the devices, at the one this CVM runs on. */
static void open_devices(struct desk *desk, const char *state)
{
	struct terminal *terminal = desk->terminal;
	int own;

	terminal_type(terminal, "d");
	terminal_expect(terminal, "› devices");
	terminal_expect(terminal, "this CVM");
	terminal_expect(terminal, state);
	own = terminal_find(terminal, "this CVM", NULL);
	desk_until(desk, terminal_find(terminal, "▸", NULL) == own || (terminal_type(terminal, "j"), false));
}

static bool device_is_allowed(struct desk *desk, const struct target *target)
{
	return desk_allowed(desk, target->contract, CALL_ALLOWED_DEVICE_IDS, target->device);
}

/* Asks, says yes to the question and to the card, and goes back to the list. */
static void change(struct desk *desk, const char *key, const char *function)
{
	char *question = mem_printf("Prepare %s", function);

	terminal_type(desk->terminal, key);
	terminal_expect(desk->terminal, question);
	desk_press(desk, "y yes   N no", "y"); /* both answers are in the window */
	desk_sign(desk, function);
	terminal_expect(desk->terminal, "the contract's allowlist is changed");
	terminal_expect(desk->terminal, "transaction 0x");
	assert_true(terminal_find(desk->terminal, "device tx", NULL) < 0); /* it is the same one */
	terminal_type(desk->terminal, "q");
	terminal_expect(desk->terminal, "1 of 56 CVMs");
	free(question);
}

static void test_add_and_remove(void **state)
{
	struct target target;
	struct desk desk;

	(void)state;
	begin(&desk, &target, "payments-api");
	assert_false(device_is_allowed(&desk, &target));
	open_devices(&desk, "not allowed");
	change(&desk, "a", "addDevice");
	assert_true(device_is_allowed(&desk, &target));
	assert_int_equal(drive_sent(&desk.drive), 1);
	open_devices(&desk, "✓ allowed");
	change(&desk, "x", "removeDevice");
	assert_false(device_is_allowed(&desk, &target));
	assert_int_equal(drive_sent(&desk.drive), 2);
	/* Of the backend nothing was wanted but reading; both are in the journal, with their approvals. */
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), 0);
	assert_int_equal(drive_requests(&desk.drive, "POST", "/cvms/"), 0);
	assert_int_equal(desk_history(&desk, NULL, "\"kind\":\"allow\"", "\"outcome\":\"done\""), 2);
	end(&desk, &target);
}

static void test_any_device(void **state)
{
	struct target target;
	struct desk desk;

	(void)state;
	begin(&desk, &target, "payments-api");
	assert_false(desk_allowed(&desk, target.contract, CALL_ALLOW_ANY_DEVICE, NULL));
	open_devices(&desk, "only these devices");
	change(&desk, "A", "setAllowAnyDevice(");
	assert_true(desk_allowed(&desk, target.contract, CALL_ALLOW_ANY_DEVICE, NULL));
	open_devices(&desk, "any device is allowed");
	change(&desk, "A", "setAllowAnyDevice(");
	assert_false(desk_allowed(&desk, target.contract, CALL_ALLOW_ANY_DEVICE, NULL));
	assert_int_equal(drive_sent(&desk.drive), 2);
	end(&desk, &target);
}

static void test_declined(void **state)
{
	struct terminal *terminal;
	struct target target;
	struct desk desk;

	(void)state;
	begin(&desk, &target, "payments-api");
	terminal = desk.terminal;
	open_devices(&desk, "not allowed");
	/* no to the question: Enter is its default */
	terminal_type(terminal, "a");
	desk_press(&desk, "Prepare addDevice", "\r");
	terminal_expect_gone(terminal, "Prepare addDevice");
	terminal_expect(terminal, "› devices");
	/* no to the card */
	terminal_type(terminal, "A");
	desk_press(&desk, "Any machine could then run", "y");
	terminal_expect(terminal, "setAllowAnyDevice(");
	desk_press(&desk, "[ N no ]", "N");
	terminal_expect(terminal, "safe now");
	assert_int_equal(drive_sent(&desk.drive), 0);
	assert_false(device_is_allowed(&desk, &target));
	assert_false(desk_allowed(&desk, target.contract, CALL_ALLOW_ANY_DEVICE, NULL));
	assert_int_equal(desk_history(&desk, NULL, "\"kind\":\"allow\"", "\"outcome\":\"declined\""), 1);
	end(&desk, &target);
}

/* Where another key or a Safe owns the contract nothing is offered to be signed. */
static void test_not_the_owner(void **state)
{
	static const char *const cvms[] = { "partner-gateway", "treasury-signer" };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct target target;
		struct desk desk;

		begin(&desk, &target, cvms[i]);
		open_devices(&desk, "allowed");
		terminal_type(desk.terminal, "x");
		desk_press(&desk, "Prepare removeDevice", "y");
		terminal_expect(desk.terminal, "code        owner");
		terminal_type(desk.terminal, "y");
		terminal_wait_quiet(desk.terminal, 200);
		assert_int_equal(terminal_find(desk.terminal, "sign and send", NULL), -1);
		assert_int_equal(desk_rpc_calls(&desk, "eth_sendRawTransaction"), 0);
		assert_true(device_is_allowed(&desk, &target));
		end(&desk, &target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_and_remove), cmocka_unit_test(test_any_device), cmocka_unit_test(test_declined), cmocka_unit_test(test_not_the_owner),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console devices", tests, NULL, NULL);
}
