/* SPDX-License-Identifier: Apache-2.0 */
/* What the workspace shows of the chain: what is read and when, what is kept, and that a failure is never a "no". */
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "rollout/glance.h"
#include "rollout/session.h"
#include "unit/chain_node.h"

#define HASH_A "42ac8c1e5b7d4f6a90b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5bf5c"
#define HASH_B "d1e8c4acc4e1cc5c8d2ebdfae0ae91d25a2077ae9739125ba03cf020e59bd2c6"
#define DEVICE "fc6f8d2c1e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3580f"

enum { ROUNDS = 3 }; /* requests of one read (chain/reader.c) */

struct desk {
	struct node node;
	struct session *session;
	struct glance *glance;
	struct cvm cvms[600];
	size_t count; /* on screen */
	int told;
	bool hidden;
};

static void draw(struct desk *desk)
{
	const struct cvm *shown[600];

	for (size_t i = 0; i < desk->count; i++)
		shown[i] = &desk->cvms[i];
	glance_watch(desk->glance, shown, desk->count);
}

/* As the console does: told means drawn again, where the list is on screen. */
static void changed(void *ctx)
{
	struct desk *desk = ctx;

	desk->told++;
	if (!desk->hidden)
		draw(desk);
}

static void make_cvm(struct cvm *cvm, size_t i)
{
	memset(cvm, 0, sizeof(*cvm));
	snprintf(cvm->name, sizeof(cvm->name), "svc-%zu", i);
	text_copy(cvm->kms_type, sizeof(cvm->kms_type), "base");
	text_copy(cvm->app_address, sizeof(cvm->app_address), NODE_CONTRACT);
	snprintf(cvm->compose_hash, sizeof(cvm->compose_hash), "%s", HASH_A);
	snprintf(cvm->compose_hash, 9, "%08zx", i);
	cvm->compose_hash[8] = 'a';
	text_copy(cvm->device_id, sizeof(cvm->device_id), DEVICE);
	cvm->chain_id = 8453;
}

static void open_desk(struct desk *desk, const char *rpc, struct glance_rule rule)
{
	struct session_options options = { .state_dir = "/nonexistent", .api_prefix = "http://127.0.0.1:9", .watch_address = NODE_OWNER };
	struct error err = { 0 };

	memset(desk, 0, sizeof(*desk));
	node_start(&desk->node);
	desk->node.hash_allowed = true;
	options.rpc_urls[0] = rpc ? rpc : server_url(desk->node.server);
	options.rpc_count = rpc && !rpc[0] ? 0 : 1;
	char key[] = "key";
	secret_set(&options.api_key, key, 3, false);
	desk->session = session_new(&options, &err);
	if (!desk->session)
		fail_msg("%s", err.message);
	desk->glance = glance_new(desk->session, changed, desk);
	glance_set_rule(desk->glance, rule);
	for (size_t i = 0; i < 600; i++)
		make_cvm(&desk->cvms[i], i);
	desk->count = 1;
}

static void close_desk(struct desk *desk)
{
	glance_free(desk->glance);
	session_free(desk->session);
	node_stop(&desk->node);
}

static const struct glance_row *row_of(struct desk *desk, size_t i)
{
	return glance_get(desk->glance, &desk->cvms[i]);
}

static bool is_read(struct desk *desk, size_t i)
{
	enum mark mark = row_of(desk, i)->allowed;

	return mark != MARK_NONE && mark != MARK_RUNNING;
}

static void turn_until_told(struct desk *desk, int told)
{
	int64_t until = clock_mono_ms() + 10000;

	while (desk->told < told && clock_mono_ms() < until)
		loop_turn(session_loop(desk->session), 200);
	assert_true(desk->told >= told);
}

static void turn_until_read(struct desk *desk, size_t i)
{
	int64_t until = clock_mono_ms() + 10000;

	while (!is_read(desk, i) && clock_mono_ms() < until)
		loop_turn(session_loop(desk->session), 200);
	assert_true(is_read(desk, i));
}

static int asked(struct desk *desk)
{
	return __atomic_load_n(&desk->node.batches, __ATOMIC_SEQ_CST);
}

static const struct glance_rule at_once = { 0, 60000 };

/* --- what is seen --- */

static void test_everything_is_well(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_NONE);
	draw(&desk);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_RUNNING);
	turn_until_read(&desk, 0);
	const struct glance_row *row = row_of(&desk, 0);
	assert_true(row->onchain);
	assert_int_equal(row->allowed, MARK_GOOD);
	assert_int_equal(row->owner_kind, GLANCE_OWNER_YOU);
	assert_true(text_equal_nocase(row->owner, NODE_OWNER));
	assert_string_equal(row->pending_owner, "");
	assert_int_equal(row->device, GLANCE_DEVICE_ALLOWED);
	assert_int_equal(row->block, 100);
	assert_true(row->read_ms > 0);
	assert_string_equal(row->chain, "Base");
	assert_string_equal(row->reason, "");
	close_desk(&desk);
}

static void read_anew(struct desk *desk)
{
	int told = desk->told;

	glance_expire(desk->glance, NODE_CONTRACT);
	draw(desk);
	turn_until_told(desk, told + 1);
}

/* The header's block was read earlier; it goes on with what was read since, of its own chain. */
static void test_header_keeps_up(void **state)
{
	struct session_health health;
	int64_t until = clock_mono_ms() + 10000;
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	session_watch_health(desk.session);
	for (health.block = 0; !health.block && clock_mono_ms() < until; session_health(desk.session, &health))
		loop_turn(session_loop(desk.session), 200);
	assert_int_equal(health.block, 100);
	desk.node.head = 107;
	draw(&desk);
	turn_until_read(&desk, 0);
	assert_int_equal(row_of(&desk, 0)->block, 107);
	session_health(desk.session, &health);
	assert_int_equal(health.block, 107);
	session_saw_block(desk.session, 8453, 103); /* an answer that was long on its way */
	session_saw_block(desk.session, 1, 20000000);
	session_health(desk.session, &health);
	assert_int_equal(health.block, 107);
	close_desk(&desk);
}

static void test_what_the_contract_says(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	desk.node.hash_allowed = desk.node.device_allowed = false;
	desk.node.owner_code = "0x6080604052";
	desk.node.answers[CALL_PENDING_OWNER] = NODE_RESULT_TWO;
	read_anew(&desk);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_BAD);
	assert_int_equal(row_of(&desk, 0)->device, GLANCE_DEVICE_NOT_ALLOWED);
	assert_int_equal(row_of(&desk, 0)->owner_kind, GLANCE_OWNER_CONTRACT);
	assert_string_equal(row_of(&desk, 0)->pending_owner, "0x0000000000000000000000000000000000000002");
	desk.node.any_device = desk.node.safe = true;
	read_anew(&desk);
	assert_int_equal(row_of(&desk, 0)->device, GLANCE_DEVICE_ANY);
	assert_int_equal(row_of(&desk, 0)->owner_kind, GLANCE_OWNER_SAFE);
	assert_int_equal(row_of(&desk, 0)->threshold, 2);
	assert_int_equal(row_of(&desk, 0)->owners, 2);
	desk.node.safe = false;
	desk.node.owner_code = "0x";
	desk.node.answers[CALL_OWNER] = NODE_RESULT_TWO;
	read_anew(&desk);
	assert_int_equal(row_of(&desk, 0)->owner_kind, GLANCE_OWNER_OTHER);
	close_desk(&desk);
}

/* However it goes wrong: a question mark with its reason, and what could be read beside it. */
static void test_failed_read_is_never_no(void **state)
{
	static const enum contract_call calls[] = { CALL_ALLOWED_COMPOSE_HASHES, CALL_ALLOWED_DEVICE_IDS, CALL_ALLOW_ANY_DEVICE, CALL_OWNER };
	static const enum node_answer ways[] = { NODE_EMPTY, NODE_SILENT_REVERT, NODE_REFUSES };
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	for (size_t i = 0; i < 12; i++) {
		enum contract_call call = calls[i / 3];
		desk.node.hash_allowed = true;
		read_anew(&desk);
		assert_int_equal(row_of(&desk, 0)->allowed, MARK_GOOD);
		desk.node.hash_allowed = false;
		desk.node.answers[call] = ways[i % 3];
		read_anew(&desk);
		const struct glance_row *row = row_of(&desk, 0);
		assert_int_equal(row->allowed, call == CALL_ALLOWED_COMPOSE_HASHES ? MARK_UNKNOWN : MARK_BAD);
		assert_int_equal(row->device, call == CALL_ALLOWED_DEVICE_IDS ? GLANCE_DEVICE_UNKNOWN : GLANCE_DEVICE_ALLOWED);
		assert_int_equal(row->owner_kind, call == CALL_OWNER ? GLANCE_OWNER_UNKNOWN : GLANCE_OWNER_YOU);
		assert_true(call == CALL_ALLOW_ANY_DEVICE || row->reason[0] != '\0');
		desk.node.answers[call] = NODE_RESULT;
	}
	close_desk(&desk);
}

static void expect_reason(struct desk *desk, const char *part)
{
	const struct glance_row *row = row_of(desk, 0);

	assert_int_equal(row->allowed, MARK_UNKNOWN);
	if (!strstr(row->reason, part))
		fail_msg("“%s” is not in “%s”", part, row->reason);
}

static void test_no_way_to_the_chain(void **state)
{
	char *dead = mem_printf("http://127.0.0.1:%d", server_dead_port());
	struct desk desk;
	(void)state;
	open_desk(&desk, dead, at_once);
	draw(&desk);
	turn_until_read(&desk, 0);
	assert_true(row_of(&desk, 0)->reason[0] != '\0');
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_UNKNOWN);
	assert_int_equal(row_of(&desk, 0)->block, 0);
	close_desk(&desk);
	open_desk(&desk, "", at_once); /* none given, and the chain has no default */
	desk.cvms[0].chain_id = 4242;
	draw(&desk);
	expect_reason(&desk, "4242");
	close_desk(&desk);
	open_desk(&desk, NULL, at_once);
	desk.node.chain_id = 1;
	draw(&desk);
	turn_until_read(&desk, 0);
	expect_reason(&desk, "chain 1");
	close_desk(&desk);
	free(dead);
}

static void test_what_the_api_does_not_say(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	desk.cvms[0].chain_id = 0;
	draw(&desk);
	expect_reason(&desk, "which chain");
	desk.cvms[0].app_address[0] = '\0';
	expect_reason(&desk, "contract");
	text_copy(desk.cvms[0].app_id, sizeof(desk.cvms[0].app_id), &NODE_CONTRACT[2]);
	expect_reason(&desk, "which chain");
	desk.cvms[0].chain_id = 8453;
	desk.cvms[0].compose_hash[0] = '\0';
	expect_reason(&desk, "compose hash");
	text_copy(desk.cvms[0].kms_type, sizeof(desk.cvms[0].kms_type), "phala");
	draw(&desk);
	assert_false(row_of(&desk, 0)->onchain);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_NONE);
	loop_turn(session_loop(desk.session), 0);
	assert_int_equal(asked(&desk), 0);
	close_desk(&desk);
}

/* --- when it is read --- */

static void test_kept_while_fresh(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	draw(&desk);
	turn_until_read(&desk, 0);
	for (int i = 0; i < 10; i++) {
		draw(&desk);
		loop_turn(session_loop(desk.session), 0);
	}
	assert_int_equal(asked(&desk), ROUNDS);
	memcpy(desk.cvms[0].compose_hash, HASH_B, 65); /* another hash is another question */
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_NONE);
	draw(&desk);
	turn_until_read(&desk, 0);
	assert_int_equal(asked(&desk), 2 * ROUNDS);
	glance_expire(desk.glance, "0x00000000000000000000000000000000000000ff"); /* somebody else's */
	draw(&desk);
	assert_int_equal(asked(&desk), 2 * ROUNDS);
	desk.node.hash_allowed = false;
	glance_expire(desk.glance, NODE_CONTRACT);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_GOOD); /* the old answer, until there is another */
	draw(&desk);
	turn_until_told(&desk, 3);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_BAD);
	assert_int_equal(asked(&desk), 3 * ROUNDS);
	close_desk(&desk);
}

/* It is read again by itself while it is shown, and not once more when it is not. */
static void test_read_again_only_while_shown(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, (struct glance_rule){ 0, 20 });
	draw(&desk);
	turn_until_told(&desk, 6); /* answer, timer, answer, … */
	assert_true(asked(&desk) >= 3 * ROUNDS);
	desk.hidden = true;
	int told = desk.told;
	/* What is under way ends, one timer runs out: then nothing tells any more. */
	for (int64_t last = clock_mono_ms(); clock_mono_ms() < last + 300; ) {
		loop_turn(session_loop(desk.session), 100);
		if (told != desk.told)
			last = clock_mono_ms();
		told = desk.told;
	}
	int requests = asked(&desk);
	uint64_t wakeups = loop_wakeups(session_loop(desk.session));
	loop_turn(session_loop(desk.session), 200);
	assert_int_equal(asked(&desk), requests);
	assert_true(loop_wakeups(session_loop(desk.session)) <= wakeups + 1); /* the turn's own end */
	assert_int_equal(told, desk.told);
	close_desk(&desk);
}

static size_t running(struct desk *desk)
{
	size_t count = 0;

	for (size_t i = 0; i < desk->count; i++)
		count += row_of(desk, i)->allowed == MARK_RUNNING;
	return count;
}

static void test_two_at_a_time_in_order(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	desk.count = 40;
	draw(&desk);
	draw(&desk);
	assert_int_equal(row_of(&desk, 0)->allowed, MARK_RUNNING);
	assert_int_equal(row_of(&desk, 1)->allowed, MARK_RUNNING);
	assert_int_equal(running(&desk), 2);
	while (!is_read(&desk, 39)) {
		turn_until_told(&desk, desk.told + 1);
		assert_true(running(&desk) <= 2);
	}
	turn_until_told(&desk, 40);
	assert_int_equal(asked(&desk), 40 * ROUNDS);
	close_desk(&desk);
}

/* Scrolling past costs nothing; what is left behind gives way. */
static void test_only_what_rests_is_read(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, (struct glance_rule){ 50, 60000 });
	for (int page = 0; page < 20; page++) {
		for (size_t i = 0; i < 40; i++)
			make_cvm(&desk.cvms[i], (size_t)page * 40 + i);
		desk.count = 40;
		draw(&desk);
		assert_int_equal(running(&desk), 0);
	}
	loop_turn(session_loop(desk.session), 0);
	assert_int_equal(asked(&desk), 0);
	desk.count = 3;
	draw(&desk);
	turn_until_read(&desk, 2);
	turn_until_read(&desk, 1);
	turn_until_read(&desk, 0);
	assert_int_equal(asked(&desk), 3 * ROUNDS);
	close_desk(&desk);
}

static void test_what_left_the_screen_is_given_up(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	desk.count = 2;
	draw(&desk);
	assert_int_equal(running(&desk), 2);
	struct cvm left = desk.cvms[0];
	for (size_t i = 0; i < 2; i++)
		make_cvm(&desk.cvms[i], 100 + i);
	draw(&desk);
	assert_int_equal(glance_get(desk.glance, &left)->allowed, MARK_NONE);
	turn_until_read(&desk, 0);
	turn_until_read(&desk, 1);
	assert_int_equal(glance_get(desk.glance, &left)->allowed, MARK_NONE);
	close_desk(&desk);
}

/* More than the table holds: the oldest give way, and what is on screen is there. */
static void test_table_stays_small(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, (struct glance_rule){ 60000, 60000 });
	desk.count = 600;
	for (int i = 0; i < 5; i++) {
		for (size_t k = 0; k < 600; k++)
			make_cvm(&desk.cvms[k], (size_t)i * 600 + k);
		draw(&desk);
	}
	assert_true(row_of(&desk, 0)->contract[0] != '\0');
	assert_true(row_of(&desk, 511)->contract[0] != '\0');
	assert_string_equal(row_of(&desk, 512)->contract, "");
	close_desk(&desk);
}

static void test_ends_while_reading(void **state)
{
	struct desk desk;
	(void)state;
	open_desk(&desk, NULL, at_once);
	desk.count = 5;
	draw(&desk);
	close_desk(&desk);
	glance_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_well),
		cmocka_unit_test(test_header_keeps_up),
		cmocka_unit_test(test_what_the_contract_says),
		cmocka_unit_test(test_failed_read_is_never_no),
		cmocka_unit_test(test_no_way_to_the_chain),
		cmocka_unit_test(test_what_the_api_does_not_say),
		cmocka_unit_test(test_kept_while_fresh),
		cmocka_unit_test(test_read_again_only_while_shown),
		cmocka_unit_test(test_two_at_a_time_in_order),
		cmocka_unit_test(test_only_what_rests_is_read),
		cmocka_unit_test(test_what_left_the_screen_is_given_up),
		cmocka_unit_test(test_table_stays_small),
		cmocka_unit_test(test_ends_while_reading),
	};
	struct error err = { 0 };

	if (!secret_setup(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
