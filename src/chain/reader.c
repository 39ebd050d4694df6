/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three rounds, each one batch: (1) chain id, block, is Multicall3 there;
 * (2) the contract's reads at that block, with code, slot and the signer's
 * facts; (3) what depends on them: the owner's code and a Safe's answers, the
 * implementation's code. When aggregate3 fails as a whole, round 2 is asked
 * again without it. Batches stay below ten requests where Multicall3 is, since
 * public endpoints refuse longer ones.
 */
#include "chain/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "chain/call.h"
#include "chain/contract.h"
#include "chain/multicall.h"

enum { MAX_CALLS = 8, MAX_REQUESTS = 16 };

/* One contract call of round 2 and where its answer goes. */
struct planned_call {
	enum contract_call call;
	size_t answer; /* offset into struct allowlist */
	bool optional; /* older contracts lack it */
	struct buf data;
};

struct chain_read {
	struct rpc *rpc;
	struct rpc_call *pending;
	struct allowlist_question question;
	struct allowlist list;
	allowlist_fn *fn;
	void *ctx;
	int64_t began_us;
	char tag[U256_QUANTITY_SIZE];
	bool use_multicall;
	struct planned_call calls[MAX_CALLS];
	size_t call_count;
	struct rpc_request requests[MAX_REQUESTS];
	size_t request_count;
	size_t cursor; /* next answer to be read */
};

static void start_contract_round(struct chain_read *read);

static void read_free(struct chain_read *read)
{
	for (size_t i = 0; i < read->call_count; i++)
		buf_clear(&read->calls[i].data);
	allowlist_clear(&read->list);
	free(read);
}

void chain_read_cancel(struct chain_read *read)
{
	if (!read)
		return;
	rpc_cancel(read->pending);
	read_free(read);
}

static void finish(struct chain_read *read, const struct error *err)
{
	read->list.took_ms = (clock_mono_us() - read->began_us + 999) / 1000;
	read->fn(read->ctx, err ? NULL : &read->list, err);
	read_free(read);
}

static struct read_answer *answer_at(struct chain_read *read, size_t offset)
{
	return (struct read_answer *)(void *)((char *)&read->list + offset);
}

static void ask(struct chain_read *read, const char *method, json *params)
{
	if (read->request_count == MAX_REQUESTS)
		mem_die("reader: a round has too many requests");
	read->requests[read->request_count++] = (struct rpc_request){ method, params };
}

static void send_round(struct chain_read *read, rpc_fn *fn)
{
	size_t count = read->request_count;
	read->request_count = 0;
	read->cursor = 0;
	read->list.round_trips++;
	read->pending = rpc_send(read->rpc, read->requests, count, 0, fn, read);
}

/* --- round 1 --- */

static bool check_chain(struct chain_read *read, const struct rpc_answer *answer, struct error *err)
{
	if (!call_read_u64(answer, &read->list.chain_id, err))
		return false;
	if (read->list.chain_id == read->question.chain_id)
		return true;
	error_set(err, STATUS_CHECK, "chain-id", "the RPC is of chain %" PRIu64 ", but this CVM's contract is on chain %" PRIu64,
		read->list.chain_id, read->question.chain_id);
	return error_next(err, "give an RPC endpoint of the right chain with --rpc-url or ETH_RPC_URL");
}

static void on_block(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_read *read = ctx;
	struct error err;
	uint8_t *code = NULL;
	size_t len = 0;
	(void)count;
	read->pending = NULL;
	if (!check_chain(read, &answers[0], &err) || !call_read_u64(&answers[1], &read->list.block, &err)) {
		finish(read, &err);
		return;
	}
	if (read->question.block != 0)
		read->list.block = read->question.block;
	read->use_multicall = call_read_data(&answers[2], &code, &len, NULL) && len > 0;
	free(code);
	call_block_tag(read->tag, read->list.block);
	start_contract_round(read);
}

static void start_block_round(struct chain_read *read)
{
	struct address multicall;
	if (!address_parse(&multicall, MULTICALL_ADDRESS))
		mem_die("reader: the address of Multicall3 is malformed");
	ask(read, "eth_chainId", NULL);
	ask(read, "eth_blockNumber", NULL);
	ask(read, "eth_getCode", call_address_params(&multicall, "latest"));
	send_round(read, on_block);
}

/* --- round 2 --- */

static struct planned_call *plan(struct chain_read *read, enum contract_call call, size_t answer, bool optional)
{
	struct planned_call *planned = &read->calls[read->call_count++];
	*planned = (struct planned_call){ .call = call, .answer = answer, .optional = optional };
	return planned;
}

static void plan_plain(struct chain_read *read, enum contract_call call, size_t answer, bool optional)
{
	contract_encode_plain(call, &plan(read, call, answer, optional)->data);
}

static void plan_word(struct chain_read *read, bool wanted, enum contract_call call, const struct bytes32 *word, size_t answer)
{
	if (wanted)
		contract_encode_word(call, word, &plan(read, call, answer, false)->data);
	else
		answer_at(read, answer)->state = READ_NOT_ASKED;
}

static void plan_calls(struct chain_read *read)
{
	const struct allowlist_question *question = &read->question;
	plan_plain(read, CALL_OWNER, offsetof(struct allowlist, owner), false);
	plan_plain(read, CALL_PENDING_OWNER, offsetof(struct allowlist, pending_owner), true);
	plan_word(read, question->has_new_hash, CALL_ALLOWED_COMPOSE_HASHES, &question->new_hash,
		offsetof(struct allowlist, new_hash));
	plan_word(read, question->has_old_hash, CALL_ALLOWED_COMPOSE_HASHES, &question->old_hash,
		offsetof(struct allowlist, old_hash));
	plan_plain(read, CALL_ALLOW_ANY_DEVICE, offsetof(struct allowlist, any_device), false);
	plan_word(read, question->has_device, CALL_ALLOWED_DEVICE_IDS, &question->device, offsetof(struct allowlist, device));
	plan_plain(read, CALL_REQUIRE_TCB_UP_TO_DATE, offsetof(struct allowlist, require_tcb), true);
	plan_plain(read, CALL_VERSION, offsetof(struct allowlist, version), true);
}

/* What a call returned becomes yes, no or a value; what cannot be read stays failed. */
static void decode_answer(const struct planned_call *planned, const uint8_t *data, size_t len, struct read_answer *out)
{
	const char *returns = contract_returns(planned->call);
	bool flag = false;
	if (strcmp(returns, "bool") == 0) {
		if (contract_decode_bool(planned->call, data, len, &flag, &out->error))
			out->state = flag ? READ_YES : READ_NO;
	} else if (strcmp(returns, "address") == 0) {
		if (contract_decode_address(planned->call, data, len, &out->address, &out->error))
			out->state = READ_VALUE;
	} else if (contract_decode_u256(planned->call, data, len, &out->number, &out->error)) {
		out->state = READ_VALUE;
	}
}

static void set_reverted(const struct planned_call *planned, const uint8_t *data, size_t len, struct read_answer *out)
{
	struct buf text = BUF_INIT;
	if (planned->optional && len == 0) {
		out->state = READ_ABSENT;
		return;
	}
	contract_describe_revert(&text, data, len);
	error_set(&out->error, STATUS_CHAIN, "reverted", "%s failed: %.300s", contract_signature(planned->call), buf_text(&text));
	buf_clear(&text);
}

static void set_result(const struct planned_call *planned, const uint8_t *data, size_t len, struct read_answer *out)
{
	if (planned->optional && len == 0)
		out->state = READ_ABSENT;
	else
		decode_answer(planned, data, len, out);
}

/* Fails when aggregate3 as a whole did not work; then nothing was set. */
static bool read_multicall(struct chain_read *read, const struct rpc_answer *answer)
{
	struct multicall_result *results = NULL;
	uint8_t *data = NULL;
	size_t len = 0, count = 0;
	bool good = call_read_data(answer, &data, &len, NULL) && multicall_decode(data, len, &results, &count, NULL) &&
		count == read->call_count;
	for (size_t i = 0; good && i < count; i++) {
		const struct planned_call *planned = &read->calls[i];
		if (results[i].success)
			set_result(planned, results[i].data, results[i].len, answer_at(read, planned->answer));
		else
			set_reverted(planned, results[i].data, results[i].len, answer_at(read, planned->answer));
	}
	free(results);
	free(data);
	return good;
}

static void read_single(struct chain_read *read, const struct planned_call *planned, const struct rpc_answer *answer)
{
	struct read_answer *out = answer_at(read, planned->answer);
	uint8_t *data = NULL;
	size_t len = 0;
	if (call_read_data(answer, &data, &len, &out->error))
		set_result(planned, data, len, out);
	else if (planned->optional && call_reverted_silently(answer))
		out->state = READ_ABSENT;
	free(data);
}

static void ask_contract(struct chain_read *read)
{
	struct multicall_call calls[MAX_CALLS];
	struct address multicall;
	struct buf data = BUF_INIT;
	for (size_t i = 0; i < read->call_count; i++) {
		const struct buf *one = &read->calls[i].data;
		calls[i] = (struct multicall_call){ read->question.contract, true, (const uint8_t *)one->data, one->len };
		struct call_request single = { .to = &read->question.contract, .data = calls[i].data, .len = one->len };
		if (!read->use_multicall)
			ask(read, "eth_call", call_params(&single, read->tag));
	}
	if (!read->use_multicall)
		return;
	if (!address_parse(&multicall, MULTICALL_ADDRESS) || !multicall_encode(calls, read->call_count, &data, NULL))
		mem_die("reader: the allowlist's calls cannot be encoded");
	struct call_request all = { .to = &multicall, .data = (const uint8_t *)data.data, .len = data.len };
	ask(read, "eth_call", call_params(&all, read->tag));
	buf_clear(&data);
}

static void ask_facts(struct chain_read *read)
{
	const struct allowlist_question *question = &read->question;
	struct bytes32 slot;
	account_slot(ACCOUNT_SLOT_IMPLEMENTATION, &slot);
	ask(read, "eth_getCode", call_address_params(&question->contract, read->tag));
	ask(read, "eth_getStorageAt", call_slot_params(&question->contract, &slot, read->tag));
	if (!question->has_signer)
		return;
	ask(read, "eth_getBalance", call_address_params(&question->signer, read->tag));
	ask(read, "eth_getCode", call_address_params(&question->signer, read->tag));
	ask(read, "eth_getTransactionCount", call_address_params(&question->signer, read->tag));
	ask(read, "eth_getTransactionCount", call_address_params(&question->signer, "pending"));
}

static const struct rpc_answer *next_answer(struct chain_read *read, const struct rpc_answer *answers)
{
	return &answers[read->cursor++];
}

/* The account behind an eth_getCode. */
static void read_account(const struct rpc_answer *answer, struct read_answer *out, struct account *account)
{
	if (!answer->result)
		(void)call_error(answer, &out->error);
	else if (account_classify(json_string(answer->result, NULL), account, &out->error))
		out->state = READ_VALUE;
}

static void read_code(const struct rpc_answer *answer, struct read_answer *out, struct bytes32 *hash)
{
	struct account account;
	read_account(answer, out, &account);
	if (out->state != READ_VALUE)
		return;
	out->state = account.code_size > 0 ? READ_YES : READ_NO;
	*hash = account.code_hash;
	account_clear(&account);
}

static void read_implementation(const struct rpc_answer *answer, struct read_answer *out)
{
	bool present = false;
	if (!answer->result)
		(void)call_error(answer, &out->error);
	else if (account_word_address(json_string(answer->result, NULL), &out->address, &present, &out->error))
		out->state = present ? READ_VALUE : READ_ABSENT;
}

static void read_signer(struct chain_read *read, const struct rpc_answer *answers)
{
	struct allowlist *list = &read->list;
	if (!read->question.has_signer) {
		list->balance.state = list->signer_code.state = READ_NOT_ASKED;
		return;
	}
	if (call_read_u256(next_answer(read, answers), &list->balance.number, &list->balance.error))
		list->balance.state = READ_VALUE;
	read_account(next_answer(read, answers), &list->signer_code, &list->signer_account);
	const struct rpc_answer *mined = next_answer(read, answers), *waiting = next_answer(read, answers);
	list->has_nonces = call_read_u64(mined, &list->nonce_mined, &list->nonce_error) &&
		call_read_u64(waiting, &list->nonce_pending, &list->nonce_error);
}

/* --- round 3 --- */

static bool wants_owner(const struct chain_read *read)
{
	return read->list.owner.state == READ_VALUE;
}

static bool wants_implementation(const struct chain_read *read)
{
	return read->list.implementation.state == READ_VALUE;
}

static void read_safe(struct chain_read *read, const struct rpc_answer *answers)
{
	const struct rpc_answer *asked[2] = { next_answer(read, answers), next_answer(read, answers) };
	uint8_t *data[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 };
	for (size_t i = 0; i < 2; i++)
		if (!call_read_data(asked[i], &data[i], &len[i], NULL) && !call_reverted(asked[i])) {
			/* Not the contract's no, but the node's silence: it cannot be said whether this is a Safe. */
			read->list.owner_code.state = READ_FAILED;
			(void)call_error(asked[i], &read->list.owner_code.error);
		}
	account_add_safe_answers(&read->list.owner_account, data[0], len[0], data[1], len[1]);
	free(data[0]);
	free(data[1]);
}

static void read_implementation_code(const struct rpc_answer *answer, struct allowlist *list)
{
	read_code(answer, &list->implementation_code, &list->implementation_hash);
	if (list->implementation_code.state == READ_YES)
		list->implementation_code.state = READ_VALUE;
	else if (list->implementation_code.state == READ_NO)
		list->implementation_code.state = READ_ABSENT;
}

static void on_dependent(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_read *read = ctx;
	(void)count;
	read->pending = NULL;
	if (wants_implementation(read))
		read_implementation_code(next_answer(read, answers), &read->list);
	if (wants_owner(read)) {
		read_account(next_answer(read, answers), &read->list.owner_code, &read->list.owner_account);
		read_safe(read, answers);
	}
	finish(read, NULL);
}

static void ask_owner(struct chain_read *read)
{
	const struct address *owner = &read->list.owner.address;
	static const enum contract_call safe[] = { CALL_GET_THRESHOLD, CALL_GET_OWNERS };
	ask(read, "eth_getCode", call_address_params(owner, read->tag));
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
		struct buf data = BUF_INIT;
		contract_encode_plain(safe[i], &data);
		struct call_request request = { .to = owner, .data = (const uint8_t *)data.data, .len = data.len };
		ask(read, "eth_call", call_params(&request, read->tag));
		buf_clear(&data);
	}
}

static void start_dependent_round(struct chain_read *read)
{
	struct allowlist *list = &read->list;
	if (wants_implementation(read))
		ask(read, "eth_getCode", call_address_params(&list->implementation.address, read->tag));
	else
		list->implementation_code = list->implementation;
	if (wants_owner(read))
		ask_owner(read);
	else
		list->owner_code = list->owner;
	if (read->request_count > 0)
		send_round(read, on_dependent);
	else
		finish(read, NULL);
}

static void on_contract(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct chain_read *read = ctx;
	(void)count;
	read->pending = NULL;
	if (read->use_multicall && !read_multicall(read, next_answer(read, answers))) {
		read->use_multicall = false;
		start_contract_round(read);
		return;
	}
	for (size_t i = 0; !read->use_multicall && i < read->call_count; i++)
		read_single(read, &read->calls[i], next_answer(read, answers));
	read->list.multicall = read->use_multicall;
	read_code(next_answer(read, answers), &read->list.code, &read->list.code_hash);
	read_implementation(next_answer(read, answers), &read->list.implementation);
	read_signer(read, answers);
	start_dependent_round(read);
}

static void start_contract_round(struct chain_read *read)
{
	ask_contract(read);
	ask_facts(read);
	read->list.calls++;
	send_round(read, on_contract);
}

struct chain_read *chain_read_allowlist(struct rpc *rpc, const struct allowlist_question *question, allowlist_fn *fn, void *ctx)
{
	struct chain_read *read = mem_new(1, sizeof(*read));
	read->rpc = rpc;
	read->question = *question;
	read->fn = fn;
	read->ctx = ctx;
	read->began_us = clock_mono_us();
	plan_calls(read);
	start_block_round(read);
	return read;
}
