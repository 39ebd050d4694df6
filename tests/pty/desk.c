/* SPDX-License-Identifier: Apache-2.0 */
/* See desk.h. */
#include "pty/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/text.h"

void desk_begin(struct desk *desk, const char *faults)
{
	struct error err = { 0 };
	char *path;

	memset(desk, 0, sizeof(*desk));
	drive_begin(&desk->drive, faults);
	drive_open(&desk->drive, NULL);
	desk->home = child_make_dir();
	path = mem_printf("%s/compose.yml", desk->home);
	assert_true(file_write(path, drive_compose(), strlen(drive_compose()), 0600, &err));
	free(path);
}

/* The program's environment; what is in it lives until the next call. */
static const char *const *environment(struct desk *desk)
{
	static char prefix[128], key[128], rpc[128];
	static const char *env[DESK_EXTRAS + 5];
	size_t n = 0, i;

	snprintf(prefix, sizeof(prefix), "PHALA_CLOUD_API_PREFIX=%s", desk->drive.api);
	snprintf(key, sizeof(key), "PRIVATE_KEY=%s", desk->drive.key);
	snprintf(rpc, sizeof(rpc), "ETH_RPC_URL=%s", desk->drive.rpc);
	env[n++] = "PHALA_CLOUD_API_KEY=sandbox";
	env[n++] = prefix;
	env[n++] = rpc;
	if (!desk->no_key)
		env[n++] = key;
	for (i = 0; i < DESK_EXTRAS && desk->extra[i]; i++)
		env[n++] = desk->extra[i];
	env[n] = NULL;
	return env;
}

void desk_start(struct desk *desk, const char *const arguments[], int columns, int rows)
{
	char *program = desk->shell ? mem_strdup(desk->shell) : child_build_path(desk->program ? desk->program : "cvmdeck");
	const char *argv[12] = { program };
	struct terminal_options options = { .columns = columns, .rows = rows, .env = environment(desk), .home = desk->home };
	size_t i;

	for (i = 0; arguments && arguments[i] && i < 10; i++)
		argv[i + 1] = arguments[i];
	desk->terminal = terminal_start(argv, &options);
	free(program);
}

void desk_open(struct desk *desk)
{
	desk_start(desk, NULL, 80, 24);
	terminal_expect(desk->terminal, "payments-api");
}

static void close_terminal(struct desk *desk)
{
	terminal_free(desk->terminal);
	desk->terminal = NULL;
}

void desk_leave(struct desk *desk)
{
	terminal_key(desk->terminal, "ctrl-c");
	terminal_expect_exit(desk->terminal, 0);
	assert_false(terminal_alternate(desk->terminal));
	close_terminal(desk);
}

void desk_end(struct desk *desk)
{
	if (desk->terminal)
		desk_leave(desk);
	child_remove_dir(desk->home);
	free(desk->home);
	drive_end(&desk->drive);
}

void desk_wait(struct desk *desk, int64_t until_ms, const char *condition, const char *file, int line)
{
	if (clock_mono_ms() > until_ms)
		fail_msg("%s:%d: never so: %s\n%s", file, line, condition, terminal_screen(desk->terminal));
	terminal_wait_quiet(desk->terminal, 20);
}

/* ---- what an operator does ---- */

void desk_go_to(struct desk *desk, const char *name)
{
	char *filter = mem_printf("/%s", name), *row = mem_printf("▸%.8s", name); /* the column may be narrow */

	terminal_type(desk->terminal, filter);
	terminal_expect(desk->terminal, "1 of 56 CVMs");
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, row);
	free(filter);
	free(row);
}

void desk_review(struct desk *desk)
{
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, "compose file:");
	terminal_type(desk->terminal, "compose.yml");
	terminal_key(desk->terminal, "enter");
	terminal_expect(desk->terminal, "nothing was sent yet");
}

/* Cards and questions take no key of a burst, and none from before they were painted. */
void desk_press(struct desk *desk, const char *expected, const char *key)
{
	terminal_expect(desk->terminal, expected);
	terminal_wait_quiet(desk->terminal, 100);
	terminal_type(desk->terminal, key);
}

void desk_press_until(struct desk *desk, const char *key, const char *text)
{
	int64_t until_ms = clock_mono_ms() + child_deadline_ms();

	while (terminal_find(desk->terminal, text, NULL) < 0) {
		terminal_type(desk->terminal, key);
		desk_wait(desk, until_ms, text, __FILE__, __LINE__);
	}
}

void desk_approve(struct desk *desk)
{
	terminal_type(desk->terminal, "a");
	desk_press(desk, "Send this update?", "y");
}

void desk_sign(struct desk *desk, const char *words)
{
	terminal_expect(desk->terminal, words);
	desk_press(desk, "[ y sign and send ]", "y");
}

void desk_update(struct desk *desk)
{
	desk_review(desk);
	desk_approve(desk);
	desk_sign(desk, "addComposeHash(");
	terminal_expect(desk->terminal, "the CVM runs the compose that was signed");
}

/* ---- beside the screen ---- */

char *desk_lines(struct desk *desk, const char *const arguments[])
{
	char *program = child_build_path("cvmdeck"), *home = mem_printf("HOME=%s", desk->home), *text;
	const char *argv[12] = { program }, *env[DESK_EXTRAS + 8] = { home };
	const char *const *own = environment(desk);
	struct child *child;
	size_t i;

	for (i = 0; own[i]; i++)
		env[i + 1] = own[i];
	for (i = 0; arguments[i] && i < 9; i++)
		argv[i + 1] = arguments[i];
	argv[i + 1] = "--json";
	child = child_start(argv, env);
	if (child_wait(child, child_deadline_ms()) != 0)
		fail_msg("%s: %s", arguments[0], child_output(child));
	text = mem_strdup(child_output(child));
	child_free(child);
	free(home);
	free(program);
	return text;
}

static const char *last_line(const char *text)
{
	const char *at = text, *last = text;

	for (; *at; at++)
		if (at[0] == '\n' && at[1])
			last = at + 1;
	return last;
}

json *desk_ask(struct desk *desk, const char *const arguments[])
{
	char *text = desk_lines(desk, arguments);
	const char *line = last_line(text);
	struct error err = { 0 };
	json *tree = json_parse(line, strlen(line), &err);

	if (!tree)
		fail_msg("%s: %s", err.message, text);
	free(text);
	return tree;
}

unsigned desk_history(struct desk *desk, const char *rollout, const char *one, const char *other)
{
	const char *const arguments[] = { "history", rollout, NULL };
	char *text = desk_lines(desk, arguments), *rest = NULL, *line;
	unsigned count = 0;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		count += strstr(line, one) && strstr(line, other);
	free(text);
	return count;
}

char *desk_newest(struct desk *desk, const char *member)
{
	static const char *const arguments[] = { "history", NULL };
	char *text = desk_lines(desk, arguments), *value;
	struct error err = { 0 };
	json *rollout = json_parse(text, strcspn(text, "\n"), &err);

	if (!rollout)
		fail_msg("no rollout is in the journal: %s", text);
	value = mem_strdup(json_text(rollout, member));
	json_free(rollout);
	free(text);
	return value;
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

char *desk_copied(struct desk *desk)
{
	static const char begin[] = "\033]52;c;";
	const char *at = terminal_output(desk->terminal, NULL), *last = NULL;
	struct buf text = BUF_INIT;
	unsigned bits = 0, count = 0;

	while ((at = strstr(at, begin)))
		last = at += strlen(begin);
	if (!last)
		fail_msg("nothing was copied");
	for (; base64_digit(*last) >= 0; last++) {
		bits = bits << 6 | (unsigned)base64_digit(*last);
		count += 6;
		if (count >= 8)
			buf_add_byte(&text, (char)(bits >> (count -= 8)));
	}
	return buf_take(&text);
}

bool desk_allowed(struct desk *desk, const char *contract, enum contract_call call, const char *word)
{
	struct buf data = BUF_INIT;
	struct bytes32 value;
	const char *answer;
	char *hex;

	if (word && !hex_decode(value.bytes, sizeof(value.bytes), word))
		fail_msg("%s is no word", word);
	if (word)
		contract_encode_word(call, &value, &data);
	else
		contract_encode_plain(call, &data);
	hex = mem_new(data.len + 2, 2);
	hex_encode_0x(hex, (const uint8_t *)data.data, data.len);
	answer = drive_call(&desk->drive, contract, hex);
	free(hex);
	buf_clear(&data);
	if (strlen(answer) != 66)
		fail_msg("the contract %s does not answer", contract);
	return answer[65] == '1';
}

char *desk_cvm(struct desk *desk, const char *name, const char *member)
{
	const char *const arguments[] = { "show", name, NULL };
	json *cvm = desk_ask(desk, arguments);
	char *text = mem_strdup(json_text(cvm, member));

	json_free(cvm);
	return text;
}

unsigned desk_rpc_calls(struct desk *desk, const char *method)
{
	const char *text = drive_control(&desk->drive, "/__requests", NULL);
	struct error err = { 0 };
	json *all = json_parse(text, strlen(text), &err);
	const json *item, *call;
	unsigned count = 0;

	for (item = json_first(json_member(all, "requests")); item; item = json_next(item))
		for (call = json_first(json_member(item, "calls")); call; call = json_next(call))
			count += strcmp(json_string(call, ""), method) == 0;
	json_free(all);
	return count;
}

void desk_faults(struct desk *desk, const char *faults)
{
	drive_control(&desk->drive, "/__faults", faults);
}
