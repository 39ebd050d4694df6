/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deploy on a terminal without the console: what it asks there, and what it
 * says when it is stopped at a question. The terminal is given back as it was.
 */
#include "config.h"

#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "pty/desk.h"

#define PASSWORD "throw-away-password-71c2e9"

/* The sandbox owner's key under PASSWORD. */
static const char keystore[] =
	"{\"version\":3,\"address\":\"f39fd6e51aad88f6f4ce6ab8827279cfffb92266\",\"crypto\":{\"cipher\":\"aes-128-ctr\","
	"\"cipherparams\":{\"iv\":\"000102030405060708090a0b0c0d0e0f\"},"
	"\"ciphertext\":\"12e54258bdc4860a062688181ee6946da403059ae5e063b886448bf41768fbf6\",\"kdf\":\"pbkdf2\","
	"\"kdfparams\":{\"c\":2000,\"dklen\":32,\"prf\":\"hmac-sha256\",\"salt\":\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"},"
	"\"mac\":\"5f41e5ecbec596d2b4c7891aca74af1d9ac5de9d645c3ee96871cf3a351aa8ff\"}}";

static void begin(struct desk *desk)
{
	struct error err = { 0 };
	char *path;

	desk_begin(desk, NULL);
	desk->no_key = true;
	path = mem_printf("%s/ops.json", desk->home);
	assert_true(file_write(path, keystore, strlen(keystore), 0600, &err));
	free(path);
}

/* In a shell that stays behind with the terminal, and says how it ended. */
static void start_for(struct desk *desk, const char *cvm, const char *more)
{
	char *path = child_build_path("cvmdeck");
	char *line = mem_printf("trap : INT; sh -c 'echo $$ >pid; exec %s deploy --plain --cvm-id %s -c compose.yml %s'; "
	                        "echo \"ended with $?\"; read line; echo \"got $line\"",
	                        path, cvm, more);
	const char *const arguments[] = { "-c", line, NULL };

	desk->shell = "/bin/sh";
	desk_start(desk, arguments, 200, 60);
	free(line);
	free(path);
}

static void start(struct desk *desk, const char *more)
{
	start_for(desk, "checkout-web", more);
}

static void answer(struct desk *desk, const char *question, const char *text)
{
	terminal_expect(desk->terminal, question);
	terminal_wait_quiet(desk->terminal, 100); /* what is typed before the question is thrown away */
	terminal_type(desk->terminal, text);
	terminal_key(desk->terminal, "enter");
}

/* The same question, below what was said of the first answer. */
static void answer_again(struct desk *desk, const char *said, const char *question, const char *text)
{
	terminal_expect(desk->terminal, said);
	desk_until(desk, strstr(strstr(terminal_screen(desk->terminal), said), question));
	answer(desk, question, text);
}

static void expect_status(struct desk *desk, int status)
{
	char *said = mem_printf("ended with %d", status);

	terminal_expect(desk->terminal, said);
	free(said);
}

/* Lines are echoed as they are typed: the terminal is as it was. */
static void end(struct desk *desk)
{
	struct terminal *terminal = desk->terminal;

	terminal_type(terminal, "some words");
	terminal_expect(terminal, "some words");
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "got some words");
	terminal_expect_exit(terminal, 0);
	terminal_free(terminal);
	desk->terminal = NULL;
	desk_end(desk);
}

static void expect_unseen(struct desk *desk, const char *secret)
{
	assert_null(strstr(terminal_output(desk->terminal, NULL), secret));
}

static void to_password(struct desk *desk)
{
	begin(desk);
	start(desk, "--keystore ops.json");
	answer(desk, "Send this update? [y/N]", "y");
	terminal_expect(desk->terminal, "Password of keystore");
	terminal_wait_quiet(desk->terminal, 100);
	terminal_type(desk->terminal, "hidden");
	terminal_wait_quiet(desk->terminal, 100);
	expect_unseen(desk, "hidden");
}

static void expect_interrupted(struct desk *desk)
{
	char *id = desk_newest(desk, "rollout"), *next = mem_printf("next: cvmdeck resume %s goes on", id);

	expect_status(desk, 8);
	terminal_expect(desk->terminal, next);
	terminal_expect(desk->terminal, "Nothing was signed; the CVM keeps its present compose.");
	assert_int_equal(drive_sent(&desk->drive), 0);
	free(next);
	free(id);
}

static void test_interrupt_at_password(void **state)
{
	struct desk desk;

	(void)state;
	to_password(&desk);
	terminal_key(desk.terminal, "ctrl-c");
	expect_interrupted(&desk);
	end(&desk);
}

static pid_t asking(struct desk *desk)
{
	char *path = mem_printf("%s/pid", desk->home);
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	pid_t pid;

	assert_true(file_read(path, "process id", 64, &text, &err));
	pid = (pid_t)strtol(buf_text(&text), NULL, 10);
	assert_true(pid > 1);
	buf_clear(&text);
	free(path);
	return pid;
}

static void test_terminate_at_password(void **state)
{
	struct desk desk;

	(void)state;
	to_password(&desk);
	assert_int_equal(kill(asking(&desk), SIGTERM), 0);
	expect_interrupted(&desk);
	end(&desk);
}

static void test_wrong_password(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	start(&desk, "--wait --keystore ops.json");
	answer(&desk, "Send this update? [y/N]", "y");
	answer(&desk, "Password of keystore", "wrong");
	answer_again(&desk, "does not open the keystore", "Password of keystore", PASSWORD);
	answer(&desk, "Sign and send this transaction? [y/N]", "yes");
	expect_status(&desk, 0);
	assert_int_equal(drive_sent(&desk.drive), 1);
	expect_unseen(&desk, PASSWORD);
	end(&desk);
}

static void test_typed_key(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	start(&desk, "--yes");
	answer(&desk, "Private key:", "0x12");
	answer_again(&desk, "64 hexadecimal digits", "Private key:", desk.drive.key);
	expect_status(&desk, 0);
	assert_int_equal(drive_sent(&desk.drive), 1);
	expect_unseen(&desk, desk.drive.key);
	end(&desk);
}

/* Nothing is in the journal yet, so there is nothing to go on with. */
static void test_interrupt_at_review(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	start(&desk, "");
	terminal_expect(desk.terminal, "Send this update? [y/N]");
	terminal_key(desk.terminal, "ctrl-c");
	expect_status(&desk, 8);
	terminal_expect(desk.terminal, "Interrupted before anything was approved.");
	terminal_expect(desk.terminal, "Nothing was sent or signed.");
	assert_int_equal(terminal_find(desk.terminal, "resume", NULL), -1);
	end(&desk);
}

static void test_no(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	start(&desk, "--keystore ops.json");
	answer(&desk, "Send this update? [y/N]", "y");
	answer(&desk, "Password of keystore", PASSWORD);
	answer(&desk, "Sign and send this transaction? [y/N]", "n");
	expect_status(&desk, 3);
	terminal_expect(desk.terminal, "you answered no");
	terminal_expect(desk.terminal, "Nothing was signed; the CVM keeps its present compose.");
	assert_int_equal(drive_sent(&desk.drive), 0);
	end(&desk);
}

/* ---- what --yes approves, and what is waited for ---- */

/* Where a text stands in all that was written; fails the test where it does not. */
static size_t place_of(struct desk *desk, const char *text)
{
	const char *all = terminal_output(desk->terminal, NULL), *at = strstr(all, text);

	if (!at)
		fail_msg("nothing says \"%s\"", text);
	return (size_t)(at - all);
}

static unsigned times_of(struct desk *desk, const char *text)
{
	const char *at = terminal_output(desk->terminal, NULL);
	unsigned times = 0;

	while ((at = strstr(at, text)) && ++times)
		at++;
	return times;
}

static void start_with_key(struct desk *desk, const char *faults, const char *cvm, const char *more)
{
	desk_begin(desk, faults);
	start_for(desk, cvm, more);
}

/* The review before anything is sent, each card before it is signed, once. */
static void test_yes_shows(void **state)
{
	struct desk desk;

	(void)state;
	start_with_key(&desk, NULL, "payments-api", "--yes");
	expect_status(&desk, 0);
	assert_int_equal(drive_sent(&desk.drive), 2);
	assert_true(place_of(&desk, "new hash ") < place_of(&desk, "+    image: nginx:1.27"));
	assert_true(place_of(&desk, "+    image: nginx:1.27") < place_of(&desk, "tell the backend"));
	assert_true(place_of(&desk, "Signature 1 of 2: addDevice") < place_of(&desk, "device transaction mined"));
	assert_true(place_of(&desk, "Signature 2 of 2: addComposeHash") > place_of(&desk, "device transaction mined"));
	assert_true(place_of(&desk, "Signature 2 of 2: addComposeHash") < place_of(&desk, "hash transaction mined"));
	assert_int_equal(times_of(&desk, "Signature "), 2);
	assert_int_equal(times_of(&desk, "new hash "), 1);
	end(&desk);
}

/* A card that is not offered says so, and why: nobody wonders what was refused. */
static void test_refused_card(void **state)
{
	struct desk desk;

	(void)state;
	start_with_key(&desk, NULL, "checkout-web", "--yes --max-cost 0.000000000001");
	expect_status(&desk, 6);
	assert_true(place_of(&desk, "Signature 1 of 1, not offered: addComposeHash") < place_of(&desk, "cvmdeck: "));
	end(&desk);
}

static void test_retries(void **state)
{
	struct desk desk;

	(void)state;
	start_with_key(&desk, "{\"backend\":{\"confirm_status\":467,\"confirm_times\":2}}", "checkout-web", "--yes");
	terminal_expect(desk.terminal, "again in 2s, retry 1");
	terminal_expect(desk.terminal, "again in 4s, retry 2");
	expect_status(&desk, 0);
	assert_int_equal(times_of(&desk, "again in"), 2);
	end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interrupt_at_password), cmocka_unit_test(test_terminate_at_password), cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_typed_key), cmocka_unit_test(test_interrupt_at_review), cmocka_unit_test(test_no),
		cmocka_unit_test(test_yes_shows), cmocka_unit_test(test_refused_card), cmocka_unit_test(test_retries),
	};
	struct error err;

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("headless", tests, NULL, NULL);
}
