/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that the console asks for, against the sandbox: a keystore's password
 * that is wrong, given up, corrected, pasted; a key typed where there is none;
 * one that locks itself after some time, and one that a crash has taken away.
 * All are throw-away ones, and none may ever be on the screen.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "pty/desk.h"

#define PASSWORD "throw-away-password-71c2e9"
#define PASTED "\033[200~" PASSWORD "\n\033[201~"

struct example {
	const char *rounds, *ciphertext, *mac;
};

/* The sandbox owner's key under PASSWORD. */
static const struct example quick = { "2000", "12e54258bdc4860a062688181ee6946da403059ae5e063b886448bf41768fbf6",
	                              "5f41e5ecbec596d2b4c7891aca74af1d9ac5de9d645c3ee96871cf3a351aa8ff" };
/* The same, a second's work. */
static const struct example slow = { "2000000", "288b8139e48ecad96ec9e8c8dbefd7102fb88bcc55a01b97e91b332a68050220",
	                             "dee77c6a7ab83e3137da5538d901fb051fdd3dcb9125ac0882c94457059c257f" };

static const char *const with_keystore[] = { "--keystore", "ops.json", NULL };

static void write_keystore(struct desk *desk, const struct example *example)
{
	char *path = mem_printf("%s/ops.json", desk->home);
	char *text = mem_printf("{\"version\":3,\"address\":\"f39fd6e51aad88f6f4ce6ab8827279cfffb92266\",\"crypto\":{\"cipher\":\"aes-128-ctr\","
	                        "\"cipherparams\":{\"iv\":\"000102030405060708090a0b0c0d0e0f\"},\"ciphertext\":\"%s\",\"kdf\":\"pbkdf2\","
	                        "\"kdfparams\":{\"c\":%s,\"dklen\":32,\"prf\":\"hmac-sha256\","
	                        "\"salt\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"},\"mac\":\"%s\"}}",
	                        example->ciphertext, example->rounds, example->mac);
	struct error err = { 0 };

	assert_true(file_write(path, text, strlen(text), 0600, &err));
	free(text);
	free(path);
}

static void open_console(struct desk *desk, const char *const arguments[])
{
	desk_start(desk, arguments, 80, 24);
	terminal_expect(desk->terminal, "payments-api");
}

/* At the first card of an update. */
static void to_card(struct desk *desk, const char *cvm)
{
	desk_go_to(desk, cvm);
	desk_review(desk);
	desk_approve(desk);
	terminal_expect(desk->terminal, "Signature 1 of");
}

static void begin(struct desk *desk, const struct example *example)
{
	desk_begin(desk, NULL);
	desk->no_key = true;
	write_keystore(desk, example);
}

static void ask_for_key(struct desk *desk)
{
	desk_press(desk, "[ y unlock the key first ]", "y");
	terminal_expect(desk->terminal, "not shown while you type");
}

/* Types or pastes it: one dot stands for whatever it is. */
static void type_secret(struct desk *desk, const char *text, const char *secret)
{
	terminal_type(desk->terminal, text);
	terminal_expect(desk->terminal, "•");
	terminal_wait_quiet(desk->terminal, 50);
	assert_int_equal(terminal_find(desk->terminal, "••", NULL), -1);
	assert_int_equal(terminal_find(desk->terminal, secret, NULL), -1);
}

static void expect_unseen(struct desk *desk, const char *secret)
{
	assert_null(strstr(terminal_output(desk->terminal, NULL), secret));
}

static void test_password(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, &quick);
	open_console(&desk, with_keystore);
	to_card(&desk, "checkout-web");
	terminal = desk.terminal;
	/* given up */
	ask_for_key(&desk);
	type_secret(&desk, PASSWORD, PASSWORD);
	terminal_key(terminal, "esc");
	terminal_expect_gone(terminal, "not shown while you type");
	/* wrong */
	ask_for_key(&desk);
	terminal_type(terminal, "wrong");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "does not open the keystore");
	assert_int_equal(drive_sent(&desk.drive), 0);
	/* typed with mistakes: one character taken back, then all of it */
	ask_for_key(&desk);
	terminal_expect(terminal, "does not open the keystore");
	terminal_type(terminal, "no");
	terminal_key(terminal, "ctrl-u");
	type_secret(&desk, PASSWORD "ö", PASSWORD);
	terminal_key(terminal, "bs");
	terminal_key(terminal, "enter");
	terminal_expect_gone(terminal, "does not open the keystore");
	/* unlocking was no signature */
	terminal_expect(terminal, "[ y sign and send ]");
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	expect_unseen(&desk, PASSWORD);
	desk_end(&desk);
}

/* While the key is derived the console says so and takes no second password; no answer stops it all the same. */
static void test_slow_keystore(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, &slow);
	open_console(&desk, with_keystore);
	to_card(&desk, "checkout-web");
	terminal = desk.terminal;
	ask_for_key(&desk);
	type_secret(&desk, PASTED, PASSWORD);
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "unlocking the key");
	terminal_type(terminal, "y");
	terminal_expect(terminal, "one moment");
	terminal_expect(terminal, "[ y sign and send ]");
	expect_unseen(&desk, PASSWORD);
	terminal_type(terminal, "N");
	terminal_expect(terminal, "safe now");
	assert_int_equal(drive_sent(&desk.drive), 0);
	desk_end(&desk);
}

static void test_typed_key(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	desk_begin(&desk, NULL);
	desk.no_key = true;
	open_console(&desk, NULL);
	to_card(&desk, "checkout-web");
	terminal = desk.terminal;
	ask_for_key(&desk);
	terminal_type(terminal, "0x1234");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "64 hexadecimal digits");
	ask_for_key(&desk);
	type_secret(&desk, desk.drive.key, desk.drive.key + 2);
	terminal_key(terminal, "enter");
	desk_sign(&desk, "key from the keyboard");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	expect_unseen(&desk, desk.drive.key + 2);
	desk_end(&desk);
}

/* After ten minutes without use: an hour passes at once. */
static void test_locks_itself(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, &quick);
	desk.program = "tests/fault/cvmdeck_fast";
	open_console(&desk, with_keystore);
	to_card(&desk, "payments-api");
	terminal = desk.terminal;
	ask_for_key(&desk);
	type_secret(&desk, PASTED, PASSWORD);
	terminal_key(terminal, "enter");
	desk_sign(&desk, "addDevice(");
	/* The card that waits next offers a signature, and takes it back once the key is gone. */
	terminal_expect(terminal, "addComposeHash(");
	terminal_expect(terminal, "[ y sign and send ]");
	kill(terminal_pid(terminal), SIGUSR2);
	ask_for_key(&desk);
	assert_int_equal(drive_sent(&desk.drive), 1);
	type_secret(&desk, PASTED, PASSWORD);
	terminal_key(terminal, "enter");
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	desk_end(&desk);
}

/* Killed between the approval and the signature: the key is locked again at the next start, and is asked for. */
static void test_crash_behind_approval(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, &quick);
	desk.extra[0] = "CVMDECK_CRASH_AT=before-sign";
	open_console(&desk, with_keystore);
	to_card(&desk, "checkout-web");
	ask_for_key(&desk);
	type_secret(&desk, PASTED, PASSWORD);
	terminal_key(desk.terminal, "enter");
	desk_sign(&desk, "addComposeHash(");
	terminal_expect_exit(desk.terminal, 128 + SIGKILL);
	terminal_free(desk.terminal);
	desk.extra[0] = NULL;
	open_console(&desk, with_keystore);
	terminal = desk.terminal;
	desk_press(&desk, "Go on where it stands?", "y");
	ask_for_key(&desk);
	type_secret(&desk, PASTED, PASSWORD);
	terminal_key(terminal, "enter");
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 1);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_password), cmocka_unit_test(test_slow_keystore), cmocka_unit_test(test_typed_key), cmocka_unit_test(test_locks_itself),
		cmocka_unit_test(test_crash_behind_approval),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console keys", tests, NULL, NULL);
}
