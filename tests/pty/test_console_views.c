/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator looks at and takes along, against the sandbox: a rollout
 * in full, the way between its screens, entries of the history, a difference
 * read by its keys, an update prepared elsewhere. What is copied is compared
 * with the journal's own words.
 */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "pty/desk.h"

static void begin(struct desk *desk, const char *cvm)
{
	desk_begin(desk, NULL);
	desk_open(desk);
	desk_go_to(desk, cvm);
}

/* The copy is the journal's member, with 0x before it. */
static void expect_copied(struct desk *desk, const char *member)
{
	char *copied = desk_copied(desk), *bare = desk_newest(desk, member), *hash = mem_printf("0x%s", bare);

	assert_string_equal(copied, hash);
	free(hash);
	free(bare);
	free(copied);
}

/* ---- a rollout's screens ---- */

static void test_rollout_in_full(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char *id, *tx;

	(void)state;
	begin(&desk, "checkout-web");
	terminal = desk.terminal;
	terminal_type(terminal, "r");
	terminal_expect(terminal, "no rollout is under way");
	desk_update(&desk);
	terminal_key(terminal, "enter");
	terminal_expect(terminal, "This rollout");
	id = desk_newest(&desk, "rollout");
	desk_press_until(&desk, "j", id);
	free(id);
	terminal_type(terminal, "q");
	/* what was approved, and what the contract answered */
	terminal_type(terminal, "v");
	terminal_expect(terminal, "old hash");
	terminal_type(terminal, "q");
	terminal_type(terminal, "a");
	terminal_expect(terminal, "allowedComposeHashes(new)");
	terminal_type(terminal, "v");
	terminal_expect(terminal, "old hash");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "allowedComposeHashes(new)");
	terminal_type(terminal, "r");
	terminal_expect(terminal, "› rollout");
	/* from elsewhere back to it */
	terminal_type(terminal, "l");
	terminal_expect(terminal, "› logs");
	terminal_type(terminal, "r");
	terminal_expect(terminal, "› rollout");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "1 of 56 CVMs");
	terminal_type(terminal, "r");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	terminal_type(terminal, "y");
	terminal_expect(terminal, "copied 0x");
	tx = desk_copied(&desk);
	assert_int_equal(desk_history(&desk, NULL, "\"cvm\":\"checkout-web\"", "\"outcome\":\"done\""), 1);
	id = desk_newest(&desk, "rollout");
	assert_int_equal(desk_history(&desk, id, "\"entry\":\"transaction\"", tx), 1);
	free(id);
	free(tx);
	desk_end(&desk);
}

/* A compose file of many lines, of which the first and the last are as given. */
static void write_long_compose(struct desk *desk, const char *first, const char *last)
{
	char *path = mem_printf("%s/compose.yml", desk->home);
	struct buf text = BUF_INIT;
	struct error err = { 0 };
	int i;

	buf_add_format(&text, "services:\n  web:\n    image: nginx:%s\n    environment:\n", first);
	for (i = 0; i < 60; i++)
		buf_add_format(&text, "      - LINE_%d=x\n", i);
	buf_add_format(&text, "      - LAST=%s\n", last);
	assert_true(file_write(path, buf_text(&text), text.len, 0600, &err));
	buf_clear(&text);
	free(path);
}

static const char *chosen_row(struct desk *desk)
{
	return terminal_line(desk->terminal, terminal_find(desk->terminal, "▸", NULL));
}

/* From the top down to the first entry of that source with that hash, as it is shortened. */
static void choose(struct desk *desk, const char *source, const char *hash)
{
	terminal_type(desk->terminal, "g");
	terminal_wait_quiet(desk->terminal, 50);
	desk_until(desk, (strstr(chosen_row(desk), source) && strstr(chosen_row(desk), hash)) || (terminal_type(desk->terminal, "j"), false));
}

/* The newest compose hash of the journal as the screen shortens it; the caller frees. */
static char *newest_hash(struct desk *desk)
{
	char *whole = desk_newest(desk, "compose_hash"), *brief = mem_printf("%.4s…%s", whole, whole + 60);

	free(whole);
	return brief;
}

/* Two updates one after the other that differ at both ends, and the history behind them. The hashes are the caller's. */
static void two_updates(struct desk *desk, char *hashes[2])
{
	begin(desk, "checkout-web");
	write_long_compose(desk, "1.27", "no");
	desk_update(desk);
	hashes[0] = newest_hash(desk);
	terminal_type(desk->terminal, "q");
	terminal_expect(desk->terminal, "1 of 56 CVMs");
	write_long_compose(desk, "1.28", "yes");
	desk_update(desk);
	hashes[1] = newest_hash(desk);
	terminal_type(desk->terminal, "h");
	terminal_expect(desk->terminal, "› history");
	terminal_expect(desk->terminal, "create");
}

/* ---- history ---- */

/* Killed between two signatures, not gone on with at the start, but later from the history. */
static void test_history_goes_on(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	begin(&desk, "payments-api");
	desk_review(&desk);
	desk_approve(&desk);
	desk_sign(&desk, "addDevice(");
	terminal_expect(desk.terminal, "Signature 2 of 2");
	kill(terminal_pid(desk.terminal), SIGKILL);
	terminal_expect_exit(desk.terminal, 128 + SIGKILL);
	terminal_free(desk.terminal);
	desk_open(&desk);
	terminal = desk.terminal;
	desk_press(&desk, "Go on where it stands?", "n");
	terminal_expect(terminal, "it stays in the journal");
	desk_go_to(&desk, "payments-api");
	terminal_type(terminal, "h");
	terminal_expect(terminal, "› history");
	terminal_expect(terminal, "open: ");
	terminal_expect(terminal, "in force"); /* as the backend has it */
	terminal_key(terminal, "end");
	terminal_type(terminal, "r"); /* the backend's own: nothing to go on with */
	terminal_expect(terminal, "only a rollout of this console");
	terminal_key(terminal, "home");
	terminal_type(terminal, "y");
	terminal_expect(terminal, "copied 0x");
	expect_copied(&desk, "compose_hash");
	terminal_type(terminal, "r");
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	assert_int_equal(drive_sent(&desk.drive), 2);
	desk_end(&desk);
}

/* The backend's entries come in late, above what was chosen: the choice stays where it was put. */
static void test_history_keeps_the_choice(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char *hashes[2];

	(void)state;
	two_updates(&desk, hashes);
	terminal = desk.terminal;
	terminal_type(terminal, "q");
	terminal_expect(terminal, "› rollout");
	desk_faults(&desk, "{\"http\":[{\"path\":\"/revisions\",\"delay_ms\":1500}]}");
	terminal_type(terminal, "h");
	terminal_expect(terminal, "› history");
	terminal_expect(terminal, "here");
	assert_int_equal(terminal_find(terminal, "create", NULL), -1);
	choose(&desk, "here", hashes[0]);
	assert_int_equal(terminal_find(terminal, "create", NULL), -1);
	terminal_expect(terminal, "create");
	assert_non_null(strstr(chosen_row(&desk), "here"));
	assert_non_null(strstr(chosen_row(&desk), hashes[0]));
	free(hashes[0]);
	free(hashes[1]);
	desk_end(&desk);
}

/* A change of the device allowlist has no compose hash: nothing is copied over what is in the clipboard. */
static void test_history_without_hash(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk, "payments-api");
	terminal_type(desk.terminal, "d");
	terminal_expect(desk.terminal, "this CVM");
	terminal_type(desk.terminal, "A");
	desk_press(&desk, "Prepare setAllowAnyDevice", "y");
	desk_sign(&desk, "setAllowAnyDevice(");
	terminal_expect(desk.terminal, "allowlist is changed");
	terminal_type(desk.terminal, "h");
	terminal_expect(desk.terminal, "› history");
	terminal_expect(desk.terminal, "allow ");
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "no compose hash");
	assert_null(strstr(terminal_output(desk.terminal, NULL), "\033]52;"));
	desk_end(&desk);
}

/* ---- a difference ---- */

static void open_diff(struct desk *desk)
{
	begin(desk, "checkout-web");
	desk_update(desk);
	terminal_type(desk->terminal, "h");
	terminal_expect(desk->terminal, "› history");
	terminal_expect(desk->terminal, "create"); /* as the backend has it */
	terminal_type(desk->terminal, "gm");
	terminal_key(desk->terminal, "end");
	terminal_type(desk->terminal, "md");
	terminal_expect(desk->terminal, "+     image: nginx:1.27");
}

static void test_difference(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	unsigned before;

	(void)state;
	open_diff(&desk);
	terminal = desk.terminal;
	before = drive_requests(&desk.drive, "PATCH", "");
	terminal_type(terminal, "w");
	terminal_expect(terminal, "image:·nginx:1.27");
	terminal_type(terminal, "w");
	terminal_expect(terminal, "image: nginx:1.27");
	/* the script did not change, and is one key away */
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "Both are the same");
	terminal_key(terminal, "tab");
	terminal_expect(terminal, "image: nginx:1.27");
	terminal_type(terminal, "/");
	terminal_type(terminal, "SESSION_KEY\r");
	terminal_wait_quiet(terminal, 50);
	assert_true(terminal_find(terminal, "SESSION_KEY", NULL) >= 0);
	terminal_type(terminal, "/no such text\r");
	terminal_expect(terminal, "no match that way");
	terminal_type(terminal, "t");
	terminal_expect(terminal, "only an update prepared elsewhere");
	assert_int_equal(drive_requests(&desk.drive, "PATCH", ""), before);
	desk_end(&desk);
}

static void open_long_diff(struct desk *desk, const char *source)
{
	char *hashes[2];

	two_updates(desk, hashes);
	choose(desk, source, hashes[1]);
	terminal_type(desk->terminal, "m");
	choose(desk, source, hashes[0]);
	terminal_type(desk->terminal, "md");
	terminal_expect(desk->terminal, "+     image: nginx:1.28");
	free(hashes[0]);
	free(hashes[1]);
}

static void test_long_difference(void **state)
{
	struct terminal *terminal;
	struct desk desk;

	(void)state;
	open_long_diff(&desk, "Phala");
	terminal = desk.terminal;
	terminal_expect(terminal, "unchanged lines");
	terminal_expect(terminal, "LAST=yes");
	terminal_expect_gone(terminal, "LINE_30=");
	terminal_type(terminal, "z");
	terminal_expect_gone(terminal, "unchanged lines");
	terminal_expect_gone(terminal, "LAST=yes");
	terminal_type(terminal, "n");
	terminal_expect(terminal, "▸   3 -");
	terminal_type(terminal, "n");
	terminal_expect(terminal, "LAST=yes");
	terminal_expect_gone(terminal, "nginx:1.28");
	terminal_type(terminal, "n");
	terminal_expect(terminal, "no change that way");
	terminal_type(terminal, "N");
	terminal_expect(terminal, "nginx:1.28");
	/* A search unfolds, and n goes to its matches from then on. */
	terminal_type(terminal, "z");
	terminal_expect(terminal, "unchanged lines");
	terminal_type(terminal, "/LINE_30\r");
	terminal_expect(terminal, "LINE_30=");
	terminal_type(terminal, "n");
	terminal_expect(terminal, "no match that way");
	desk_end(&desk);
}

/* What this console's own journal keeps is enough to compare, and to deploy again. */
static void test_from_the_journal(void **state)
{
	struct terminal *terminal;
	struct desk desk;
	char *older, *again;

	(void)state;
	open_long_diff(&desk, "here");
	terminal = desk.terminal;
	older = desk_newest(&desk, "old_compose_hash");
	terminal_resize(terminal, 120, 40);
	terminal_expect(terminal, "update, here");
	terminal_expect_gone(terminal, ", Phala");
	terminal_type(terminal, "q");
	terminal_expect(terminal, "SOURCE");
	terminal_type(terminal, "u");
	terminal_expect(terminal, "nothing was sent yet");
	terminal_expect(terminal, "nginx:1.28 → 1.27");
	desk_approve(&desk);
	desk_sign(&desk, "addComposeHash(");
	terminal_expect(terminal, "the CVM runs the compose that was signed");
	again = desk_newest(&desk, "compose_hash");
	assert_string_equal(again, older);
	assert_int_equal(drive_sent(&desk.drive), 3);
	free(again);
	free(older);
	desk_end(&desk);
}

/* ---- prepared elsewhere ---- */

static void test_pending_copy(void **state)
{
	struct desk desk;
	json *prepared;
	char *path, *copied;

	(void)state;
	desk_begin(&desk, NULL);
	path = mem_printf("%s/compose.yml", desk.home);
	{
		const char *const arguments[] = { "deploy", "--cvm-id", "treasury-signer", "-c", path, "--prepare-only", "--yes", NULL };

		prepared = desk_ask(&desk, arguments);
	}
	desk_open(&desk);
	desk_press(&desk, "Go on where it stands?", "n"); /* it was prepared in this very home */
	desk_go_to(&desk, "treasury-signer");
	terminal_type(desk.terminal, "p");
	terminal_expect(desk.terminal, "waits for its owners");
	terminal_type(desk.terminal, "y");
	terminal_expect(desk.terminal, "copied 0x");
	copied = desk_copied(&desk);
	assert_string_equal(copied + 2, json_text(prepared, "compose_hash"));
	free(copied);
	json_free(prepared);
	free(path);
	desk_end(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rollout_in_full), cmocka_unit_test(test_history_goes_on), cmocka_unit_test(test_history_keeps_the_choice),
		cmocka_unit_test(test_history_without_hash),
		cmocka_unit_test(test_difference), cmocka_unit_test(test_long_difference),
		cmocka_unit_test(test_from_the_journal), cmocka_unit_test(test_pending_copy),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests_name("console views", tests, NULL, NULL);
}
