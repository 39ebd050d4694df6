/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program that signs. It is asked for the signed transaction first
 * (eth_signTransaction), so that it can be checked before anybody sees it.
 * Where it only sends (eth_sendTransaction), what it sent is looked up on the
 * chain and checked then; between the two nothing here sends anything.
 * A person may stand behind it, so it has minutes to answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/signer_parts.h"

enum {
	PERSON_MS = 10 * 60 * 1000,
	LOOK_AGAIN_MS = 500,
	LOOK_TIMES = 60,
	CODE_NO_METHOD = -32601,
	CODE_NOT_SUPPORTED = -32004,
	CODE_UNSUPPORTED_1193 = 4200,
	CODE_USER_REJECTED = 4001,
};

/* ---- the account ---- */

static bool offers(const json *list, const struct address *wanted)
{
	struct address one;

	for (const json *item = json_first(list); item; item = json_next(item))
		if (address_parse(&one, json_string(item, "")) && address_equal(&one, wanted))
			return true;
	return false;
}

static bool choose(struct signer *signer, const json *list, struct error *err)
{
	char text[ADDRESS_TEXT_SIZE];

	if (signer->has_wanted && !offers(list, &signer->wanted))
		return error_set(err, STATUS_CHECK, "signer-account", "the external signer does not offer the account %s",
				 address_format(text, &signer->wanted));
	if (!signer->has_wanted && !address_parse(&signer->wanted, json_string(json_first(list), "")))
		return error_set(err, STATUS_CHECK, "signer-account", "the external signer offers no account");
	signer->address = signer->wanted;
	signer->has_address = true;
	return true;
}

static void on_accounts(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct signer *signer = ctx;
	struct error err = answers[0].error;

	(void)count;
	signer->asking = NULL;
	if (answers[0].result && choose(signer, answers[0].result, &err))
		signer_report(signer, NULL);
	else
		signer_report(signer, &err);
}

static void rpc_find(struct signer *signer)
{
	struct rpc_request request = { "eth_accounts", NULL };

	if (signer->has_address)
		signer_report(signer, NULL);
	else if (!signer->asking)
		signer->asking = rpc_send(signer->endpoint, &request, 1, 0, on_accounts, signer);
}

/* ---- asking ---- */

static void add_quantity(json *object, const char *name, const struct u256 *value)
{
	char text[U256_QUANTITY_SIZE];

	json_add_text(object, name, u256_format_quantity(text, value));
}

static void add_u64(json *object, const char *name, uint64_t value)
{
	char text[U256_QUANTITY_SIZE];

	json_add_text(object, name, u64_format_quantity(text, value));
}

static json *request_of(const struct signer_job *job)
{
	const struct tx *tx = &job->tx;
	json *list = json_new_array(), *object = json_append(list, json_new_object());
	char address[ADDRESS_TEXT_SIZE], *data = mem_new(2 * tx->data_len + 3, 1);

	hex_encode_0x(data, tx->data, tx->data_len);
	json_add_text(object, "from", address_format(address, &job->signer->address));
	if (!tx->create)
		json_add_text(object, "to", address_format(address, &tx->to));
	json_add_text(object, "type", "0x2");
	add_u64(object, "chainId", tx->chain_id);
	add_u64(object, "nonce", tx->nonce);
	add_u64(object, "gas", tx->gas);
	add_quantity(object, "maxFeePerGas", &tx->max_fee);
	add_quantity(object, "maxPriorityFeePerGas", &tx->max_priority_fee);
	add_quantity(object, "value", &tx->value);
	json_add_text(object, "data", data);
	free(data);
	return list;
}

static void ask(struct signer_job *job, struct rpc *rpc, const char *method, json *params, int64_t timeout_ms, rpc_fn *fn)
{
	struct rpc_request request = { method, params };

	job->call = rpc_send(rpc, &request, 1, timeout_ms, fn, job);
}

/* ---- checking ---- */

static bool differs(struct error *err)
{
	char why[sizeof(err->message)];

	text_copy(why, sizeof(why), err->message);
	error_set(err, STATUS_CHECK, "signer-differs", "the external signer's answer is not what was approved: it is not used");
	return error_detail(err, "%s", why);
}

static bool check_signed(struct signer_job *job, const uint8_t *raw, size_t len, struct error *err)
{
	struct tx_signed got;
	bool ok = tx_decode(raw, len, &got, err) && tx_require_same(&job->tx, &got.tx, err);

	if (ok && !address_equal(&got.from, &job->signer->address))
		ok = error_set(err, STATUS_CHECK, "signer-differs", "it was signed by another account");
	if (ok) {
		job->hash = got.hash;
		job->has_hash = true;
		buf_add(&job->raw, raw, len);
	}
	tx_clear(&got.tx);
	return ok || differs(err);
}

static bool check_hex(struct signer_job *job, const char *hex, struct error *err)
{
	size_t len = 0;
	uint8_t *raw = hex_decode_new(hex, LIMIT_CALLDATA, &len);
	bool ok;

	if (!raw) {
		error_set(err, STATUS_CHECK, "signer-differs", "it is no signed transaction");
		return differs(err);
	}
	ok = check_signed(job, raw, len, err);
	free(raw);
	return ok;
}

/* ---- what was sent ---- */

static bool read_u64(const json *from, const char *name, uint64_t *out)
{
	return u64_parse_quantity(out, json_text(from, name));
}

static bool read_u256(const json *from, const char *name, struct u256 *out)
{
	return u256_parse_quantity(out, json_text(from, name));
}

static bool read_fields(struct tx *tx, const json *from)
{
	const char *to = json_string(json_member(from, "to"), NULL);
	size_t len = 0;
	uint8_t *data;

	tx->create = !to;
	if ((to && !address_parse(&tx->to, to)) || !text_equal(json_text(from, "type"), "0x2") ||
	    !read_u64(from, "chainId", &tx->chain_id) || !read_u64(from, "nonce", &tx->nonce) || !read_u64(from, "gas", &tx->gas) ||
	    !read_u256(from, "maxFeePerGas", &tx->max_fee) || !read_u256(from, "maxPriorityFeePerGas", &tx->max_priority_fee) ||
	    !read_u256(from, "value", &tx->value))
		return false;
	data = hex_decode_new(json_text(from, "input"), LIMIT_CALLDATA, &len);
	if (data)
		tx_set_data(tx, data, len);
	free(data);
	return data != NULL;
}

static bool read_signature(struct signature *out, const json *from)
{
	struct u256 r, s;
	uint64_t parity;

	if (!u256_parse_hex(&r, json_text(from, "r")) || !u256_parse_hex(&s, json_text(from, "s")))
		return false;
	if (!read_u64(from, "yParity", &parity) && !read_u64(from, "v", &parity))
		return false;
	u256_to_bytes(out->r, &r);
	u256_to_bytes(out->s, &s);
	out->recovery = (uint8_t)parity;
	return parity <= 1;
}

/* The raw transaction is made again from what the node shows, so that the hash covers every field. */
static bool check_sent(struct signer_job *job, const json *found, struct error *err)
{
	struct bytes32 claimed = job->hash;
	struct signature signature;
	struct tx tx = { 0 };
	struct buf raw = BUF_INIT;
	bool ok = read_fields(&tx, found) && read_signature(&signature, found);

	if (!ok) {
		error_set(err, STATUS_CHECK, "signer-differs", "the node does not show it as a transaction of type 2 in full");
		differs(err);
	} else {
		tx_add_signed(&raw, &tx, &signature);
		ok = check_signed(job, (const uint8_t *)buf_text(&raw), raw.len, err);
	}
	if (ok && !bytes32_equal(&claimed, &job->hash)) {
		error_set(err, STATUS_CHECK, "signer-differs", "it sent another transaction than the one it named");
		ok = differs(err);
	}
	job->hash = claimed;
	job->has_hash = true;
	buf_clear(&raw);
	tx_clear(&tx);
	return ok;
}

static void look(void *ctx);

static void on_looked(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct signer_job *job = ctx;

	(void)count;
	job->call = NULL;
	if (json_kind(answers[0].result) == JSON_OBJECT) {
		if (!check_sent(job, answers[0].result, &job->error))
			error_next(&job->error, "something was sent; look at the transaction before anything else is done");
		signer_finish(job);
	} else if (++job->tries < LOOK_TIMES) {
		loop_timer_set(job->signer->loop, &job->again, LOOK_AGAIN_MS, look, job);
	} else {
		error_set(&job->error, STATUS_CHAIN, "signer-unseen", "the external signer says it sent a transaction, but no node knows it yet");
		signer_finish(job);
	}
}

static void look(void *ctx)
{
	struct signer_job *job = ctx;
	struct rpc *rpc = job->signer->chain ? job->signer->chain : job->signer->endpoint;
	json *params = json_new_array();
	char text[BYTES32_TEXT_SIZE];

	json_append(params, json_new_text(bytes32_format(text, &job->hash)));
	ask(job, rpc, "eth_getTransactionByHash", params, 0, on_looked);
}

/* ---- the two ways ---- */

static void fail(struct signer_job *job, const struct rpc_answer *answer)
{
	job->error = answer->error;
	if (answer->node_code == CODE_USER_REJECTED)
		error_set(&job->error, STATUS_DECLINED, "signer-refused", "the external signer refused to sign");
	signer_finish(job);
}

static void on_sent(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct signer_job *job = ctx;

	(void)count;
	job->call = NULL;
	if (!answers[0].result) {
		fail(job, &answers[0]);
		return;
	}
	job->sent = true;
	job->has_hash = bytes32_parse(&job->hash, json_string(answers[0].result, ""));
	if (job->has_hash) {
		look(job);
		return;
	}
	error_set(&job->error, STATUS_CHAIN, "signer-unseen", "the external signer sent something and did not name its hash");
	signer_finish(job);
}

static bool cannot_sign_only(int code)
{
	return code == CODE_NO_METHOD || code == CODE_NOT_SUPPORTED || code == CODE_UNSUPPORTED_1193;
}

/* Geth answers {"raw","tx"}, others the raw text alone. */
static const char *raw_of(const json *result)
{
	return json_string(result, json_string(json_member(result, "raw"), ""));
}

static void on_signed(void *ctx, const struct rpc_answer *answers, size_t count)
{
	struct signer_job *job = ctx;

	(void)count;
	job->call = NULL;
	if (answers[0].result) {
		if (!check_hex(job, raw_of(answers[0].result), &job->error))
			job->has_hash = false;
		signer_finish(job);
	} else if (cannot_sign_only(answers[0].node_code)) {
		ask(job, job->signer->endpoint, "eth_sendTransaction", request_of(job), PERSON_MS, on_sent);
	} else {
		fail(job, &answers[0]);
	}
}

static void rpc_sign(struct signer_job *job)
{
	if (job->signer->has_address) {
		ask(job, job->signer->endpoint, "eth_signTransaction", request_of(job), PERSON_MS, on_signed);
		return;
	}
	error_set(&job->error, STATUS_DECLINED, "signer-locked", "the external signer was not yet asked for its account");
	signer_finish(job);
}

static const struct signer_ops rpc_ops = { .sign = rpc_sign, .find = rpc_find };

/* Scheme, host and port; the rest of an endpoint's URL often holds a key. */
static char *origin_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t skip = host ? (size_t)(host - url) + 3 : 0;
	const char *at = memchr(url + skip, '@', strcspn(url + skip, "/?#"));

	if (at)
		skip = (size_t)(at - url) + 1;
	return mem_copy(url + skip, strcspn(url + skip, "/?#"));
}

struct signer *signer_new_rpc(struct loop *loop, struct rpc *endpoint, const struct address *wanted)
{
	char *host = origin_of(rpc_url(endpoint));
	struct signer *signer = signer_make(loop, &rpc_ops, SIGNER_RPC, SIGNER_READY, signer_label("external signer at ", host));

	free(host);
	signer->endpoint = endpoint;
	signer->has_wanted = wanted != NULL;
	if (wanted)
		signer->wanted = *wanted;
	return signer;
}
