/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "compose/diff.h"
#include "compose/manifest.h"
#include "compose/summary.h"
#include "rollout/glance.h"

#define OWNER "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

struct rollout {
	rollout_changed_fn *changed;
	void *ctx;
	struct rollout_view view;
	struct review review;
	struct compose_diff *diff;
	struct compose_manifest *manifest;
	struct compose_summary *summary;
	struct allowlist_view allowlist;
	struct card card;
	struct outcome outcome;
};

static struct rollout *in_hand;
static struct buf ops;

static const struct review_env_name env_names[] = { { "API_KEY", '=' }, { "DATABASE_URL", '~' }, { "FEATURE_X", '+' }, { "OLD_FLAG", '-' } };

/* Words and values as the core gives them: what is drawn here is what an operator sees. */
static const struct allow_row allow_rows[] = {
	{ "owner()", OWNER, "EOA = signing key", MARK_GOOD },
	{ "allowedComposeHashes(new)", "no", "→ addComposeHash, signature 2 of 2", MARK_NONE },
	{ "allowedComposeHashes(old)", "yes", "", MARK_GOOD },
	{ "allowAnyDevice()", "no", "", MARK_NONE },
	{ "allowedDeviceIds(fc6f…580f)", "no", "→ addDevice, signature 1 of 2", MARK_NONE },
	{ "balance", "0.412 ETH", "estimated total ≤ 0.000021 ETH", MARK_GOOD },
};

static const struct check checks[] = {
	{ .id = "hash-current", .title = "hash of the present document", .mark = MARK_GOOD, .source = SOURCE_HERE, .value = FAKE_HASH_OLD },
	{ .id = "hash-new", .title = "hash of the new document", .mark = MARK_GOOD, .source = SOURCE_HERE, .value = FAKE_HASH_NEW },
	{ .id = "hash-backend", .title = "hash from the backend", .mark = MARK_GOOD, .source = SOURCE_PHALA, .value = FAKE_HASH_NEW },
	{ .id = "chain-id", .title = "chain id from the RPC", .mark = MARK_GOOD, .source = SOURCE_CHAIN, .value = "8453" },
	{ .id = "target-pin", .title = "app, contract, chain and KMS as pinned", .mark = MARK_GOOD, .source = SOURCE_HERE, .value = FAKE_CONTRACT },
	{ .id = "owner", .title = "owner of the contract", .mark = MARK_GOOD, .source = SOURCE_CHAIN, .value = OWNER },
	{ .id = "device", .title = "device id of the node", .mark = MARK_UNKNOWN, .source = SOURCE_PHALA, .value = FAKE_DEVICE,
	  .note = "the API gives no PPID to compute it from" },
	{ .id = "would-boot", .title = "the KMS contract would let it boot", .mark = MARK_GOOD, .source = SOURCE_CHAIN, .value = "after signing" },
};
enum { CHECK_COUNT = sizeof(checks) / sizeof(checks[0]) };

#define SIMULATED { .id = "simulation", .title = "the transaction succeeds when simulated", .mark = MARK_GOOD, .value = "with 42 503 gas" }
#define AFFORDED { .id = "balance", .title = "balance covers the cost", .mark = MARK_GOOD, .value = "0.412 ETH, needed at most 0.0000013 ETH" }

static const struct check card_checks[] = {
	{ .id = "hash-new", .title = "hash of the new document", .mark = MARK_GOOD, .value = FAKE_HASH_NEW },
	{ .id = "hash-backend", .title = "hash from the backend", .mark = MARK_GOOD, .value = FAKE_HASH_NEW },
	SIMULATED,
	AFFORDED,
};

static const struct check device_checks[] = {
	{ .id = "device", .title = "device id of the node", .mark = MARK_GOOD, .value = FAKE_DEVICE },
	SIMULATED,
	AFFORDED,
};

static const struct check red_checks[] = {
	{ .id = "hash-backend", .title = "hash from the backend", .mark = MARK_BAD, .stops = true,
	  .value = "asked for 7777c4acc4e1cc5c8d2ebdfae0ae91d25a2077ae9739125ba03cf020e59bd2c6",
	  .note = "computed here: d1e8c4acc4e1cc5c8d2ebdfae0ae91d25a2077ae9739125ba03cf020e59bd2c6" },
};

static struct step steps[] = {
	{ .id = "read", .title = "read the CVM", .state = STEP_DONE },
	{ .id = "review", .title = "review", .state = STEP_DONE },
	{ .id = "patch", .title = "tell the backend", .state = STEP_DONE },
	{ .id = "check", .title = "check the chain", .state = STEP_DONE },
	{ .id = "sign-device", .title = "sign for the device", .state = STEP_DONE, .note = "keystore ~/.foundry/keystores/ops" },
	{ .id = "device-mined", .title = "device transaction mined", .state = STEP_DONE, .note = "0x8f1b…3b4c confirmed" },
	{ .id = "sign-hash", .title = "sign for the compose hash", .state = STEP_DONE, .note = "keystore ~/.foundry/keystores/ops" },
	{ .id = "hash-mined", .title = "hash transaction mined", .state = STEP_DONE, .note = "0x2c90…77e1 confirmed" },
	{ .id = "prepare", .title = "prepare for the owners", .state = STEP_SKIPPED },
	{ .id = "confirm", .title = "confirm with the backend", .state = STEP_RUNNING, .attempt = 2, .note = "467: transaction not verified yet" },
	{ .id = "rolling", .title = "the CVM restarts", .state = STEP_WAITING },
	{ .id = "running", .title = "the CVM runs", .state = STEP_WAITING },
	{ .id = "verified", .title = "verified", .state = STEP_WAITING },
};
enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]), STEP_NOW = 9 };

static void make_diff(struct rollout *rollout)
{
	static const char before[] = "services:\n  web:\n    image: nginx:1.25\n    ports:\n      - \"80:80\"\n    restart: always\n    environment:\n"
	                             "      - A=1\n      - B=2\n      - C=3\n      - D=4\n  worker:\n    image: busybox:1.36\n    command: sleep 1000\n"
	                             "    volumes:\n      - data:/data\nvolumes:\n  data: {}\n";
	static const char after[] = "services:\n  web:\n    image: nginx:1.27\n    ports:\n      - \"80:80\"\n    restart: always\n    environment:\n"
	                            "      - A=1\n      - B=2\n      - C=3\n      - D=4\n  worker:\n    image: busybox:1.36\n    command: sleep 2000\n"
	                            "  cron:\n    image: alpine:latest\n    privileged: true\n    volumes:\n      - data:/data\nvolumes:\n  data: {}\n";
	struct error err = { 0 };

	rollout->diff = compose_diff_new(before, sizeof(before) - 1, after, sizeof(after) - 1);
	rollout->review.old_compose = before;
	rollout->review.old_compose_len = sizeof(before) - 1;
	rollout->review.new_compose = after;
	rollout->review.new_compose_len = sizeof(after) - 1;
	rollout->review.diff = rollout->diff;
	rollout->summary = compose_summary_new(before, sizeof(before) - 1, after, sizeof(after) - 1, &err);
	rollout->review.summary = rollout->summary;
}

static struct compose_field fields[6];

static void make_manifest(struct rollout *rollout)
{
	static char name[][20] = { "manifest_version", "name", "docker_compose_file", "allowed_envs", "public_logs", "kms_enabled" };
	static char old[][40] = { "2", "payments-api", "301 bytes", "[\"API_KEY\",\"OLD_FLAG\"]", "false", "true" };
	static char new[][40] = { "2", "payments-api", "348 bytes", "[\"API_KEY\",\"FEATURE_X\"]", "true", "true" };
	static const enum compose_field_kind kind[] = { COMPOSE_FIELD_SAME, COMPOSE_FIELD_SAME, COMPOSE_FIELD_CHANGED, COMPOSE_FIELD_CHANGED,
		                                        COMPOSE_FIELD_CHANGED, COMPOSE_FIELD_SAME };
	size_t i;

	for (i = 0; i < 6; i++)
		fields[i] = (struct compose_field){ .kind = kind[i], .name = name[i], .before = old[i], .after = new[i] };
	rollout->manifest = mem_new(1, sizeof(*rollout->manifest));
	*rollout->manifest = (struct compose_manifest){ .fields = fields, .count = 6, .changes = 3 };
	rollout->review.manifest = rollout->manifest;
}

static void make_review(struct rollout *rollout)
{
	struct review *review = &rollout->review;

	text_copy(review->old_hash, sizeof(review->old_hash), "0x" FAKE_HASH_OLD);
	text_copy(review->new_hash, sizeof(review->new_hash), "0x" FAKE_HASH_NEW);
	text_copy(review->form, sizeof(review->form), "pretty");
	text_copy(review->sub_compose, sizeof(review->sub_compose), "0x" FAKE_HASH_NEW);
	review->old_verified = review->hash_changes = review->env_changes = review->names_replace = true;
	review->old_on_chain = MARK_GOOD;
	review->env = env_names;
	review->env_count = 4;
	make_diff(rollout);
	make_manifest(rollout);
}

struct rollout *rollout_start(struct session *session, struct rollout_request *request, rollout_changed_fn *changed, void *ctx, struct error *err)
{
	struct rollout *rollout = mem_new(1, sizeof(*rollout));

	(void)err;
	rollout->changed = changed;
	rollout->ctx = ctx;
	(void)session;
	rollout->view.cvm = *fake_cvm();
	rollout->view.kind = request->kind;
	text_copy(rollout->view.id, sizeof(rollout->view.id), "20260101-000000-aaaaaa");
	rollout_request_clear(request);
	make_review(rollout);
	in_hand = rollout;
	return rollout;
}

struct rollout *rollout_resume(struct session *session, const char *id, const struct rollout_request *moment, rollout_changed_fn *changed, void *ctx,
			       struct error *err)
{
	struct rollout_request request = { 0 };

	(void)id;
	(void)moment;
	return rollout_start(session, &request, changed, ctx, err);
}

void rollout_free(struct rollout *rollout)
{
	if (!rollout)
		return;
	compose_diff_free(rollout->diff);
	compose_summary_free(rollout->summary);
	free(rollout->manifest);
	free(rollout);
	in_hand = NULL;
}

bool rollout_is_held(const struct session *session, const char *cvm_uuid, char who[128])
{
	(void)session;
	(void)cvm_uuid;
	(void)who;
	return false;
}

const struct rollout_view *rollout_view(const struct rollout *rollout)
{
	return &rollout->view;
}

bool rollout_do(struct rollout *rollout, enum rollout_op op, const char *text, struct secret *secret, struct error *err)
{
	static const char *const names[] = { "approve", "decline", "sign", "registered", "retry", "bump", "cancel", "override", "restart", "remove", "unlock" };

	(void)rollout;
	(void)err;
	buf_add_format(&ops, "%s%s%s ", names[op], text ? ":" : "", text ? text : "");
	if (secret)
		secret_clear(secret);
	return true;
}

const char *fake_ops(void)
{
	static char taken[512];

	snprintf(taken, sizeof(taken), "%s", buf_text(&ops));
	buf_clear(&ops);
	return taken;
}

struct rollout_view *fake_view(void)
{
	return in_hand ? &in_hand->view : NULL;
}

void fake_changed(void)
{
	in_hand->changed(in_hand->ctx, in_hand);
}

static void make_allowlist(struct rollout *rollout)
{
	rollout->allowlist = (struct allowlist_view){ .contract = FAKE_CONTRACT, .chain_id = 8453, .chain_name = "Base", .block = 31245118, .calls = 1,
		                                      .multicall = true, .took_ms = 58, .rows = allow_rows, .row_count = 6 };
	rollout->view.allowlist = &rollout->allowlist;
	rollout->view.checks = checks;
	rollout->view.check_count = CHECK_COUNT;
}

static void make_steps(struct rollout *rollout)
{
	int64_t now = clock_wall_ms();
	size_t i;

	bool over = rollout->view.phase == PHASE_FAILED;

	for (i = 0; i <= STEP_NOW; i++) {
		steps[i].began_ms = now - 30000 + (int64_t)i * 3000;
		steps[i].ended_ms = i < STEP_NOW || over ? steps[i].began_ms + 800 + (int64_t)i * 300 : 0;
	}
	steps[STEP_NOW].state = over ? STEP_FAILED : STEP_RUNNING;
	text_copy(steps[STEP_NOW].note, sizeof(steps[STEP_NOW].note), over ? "refused with HTTP 466" : "467: transaction not verified yet");
	steps[STEP_NOW].until_ms = over ? 0 : now + 7400;
	rollout->view.steps = steps;
	rollout->view.step_count = STEP_COUNT;
}

static void make_failure(struct rollout *rollout)
{
	struct outcome *outcome = &rollout->outcome;

	*outcome = (struct outcome){ .transaction_hash = "0x8f1b5f5f3a7c2a9e4d6b8c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c", .correlation_id = "corr-1" };
	error_set(&outcome->error, STATUS_API, "ERR-01-006", "the API refused (HTTP 466): The provision has expired or was superseded");
	error_next(&outcome->error, "start the update again: what was prepared has expired (14 days), was replaced, or the compose file has changed since");
	text_copy(outcome->safe, sizeof(outcome->safe), "The transaction hash stays valid; nothing needs to be signed again.");
	rollout->view.can_restart = true;
	rollout->view.outcome = outcome;
}

void fake_phase(enum rollout_phase phase)
{
	static const char *const messages[] = { "reading the CVM and its present compose", "review: nothing was sent yet", "telling the backend",
		                                "simulating the transaction", "a signature is asked for", "signing", "waiting for the chain: 0x2c90…77e1 pending",
		                                "trying again: 467: transaction not verified yet", "prepared: its owners execute it, then commit",
		                                "the CVM restarts", "running; verifying what runs", "done", "failed" };
	struct rollout *rollout = in_hand;

	rollout->view.phase = phase;
	rollout->view.waits_for_operator = phase == PHASE_REVIEW || phase == PHASE_CARD;
	rollout->view.review = phase >= PHASE_REVIEW ? &rollout->review : NULL;
	rollout->view.card = NULL;
	text_copy(rollout->view.message, sizeof(rollout->view.message), messages[phase]);
	if (phase >= PHASE_CHECKING)
		make_allowlist(rollout);
	if (phase >= PHASE_PATCHING)
		make_steps(rollout);
	if (phase == PHASE_FAILED)
		make_failure(rollout);
	fake_changed();
}

void fake_card(unsigned index, bool offered)
{
	struct rollout *rollout = in_hand;

	rollout->card = (struct card){ .index = index, .count = 2,
		                       .argument = "0x" FAKE_HASH_NEW, .checks = offered ? card_checks : red_checks, .check_count = offered ? 4 : 1,
		                       .contract = FAKE_CONTRACT, .from = OWNER, .chain = "Base 8453", .chain_id = 8453, .nonce = 16 + index,
		                       .gas = "51 204 (+20 %)", .max_fee = "0.02 gwei", .cost = "≤ 0.0000013 ETH", .signer = "keystore ~/.foundry/keystores/ops",
		                       .simulation = "succeeds, emits ComposeHashAdded, allowed no → yes", .simulated = MARK_GOOD, .raw = "0x02f87082210511", .calldata = "0xdfc77223" FAKE_HASH_NEW,
		                       .offered = offered };
	text_copy(rollout->card.function, sizeof(rollout->card.function), index == 1 ? "addDevice" : "addComposeHash");
	if (index == 1) {
		memcpy(rollout->card.argument, "0x" FAKE_DEVICE, 67);
		rollout->card.calldata = "0x2a819728" FAKE_DEVICE;
		text_copy(rollout->card.simulation, sizeof(rollout->card.simulation), "succeeds, emits DeviceAdded, allowed no → yes");
		text_copy(rollout->card.argument_note, sizeof(rollout->card.argument_note), "node prod1");
		if (offered) {
			rollout->card.checks = device_checks;
			rollout->card.check_count = 3;
		}
	}
	memset(rollout->card.digest, (int)index, 32);
	/* A card that is not offered is the end, as in the core. */
	rollout->view.phase = offered ? PHASE_CARD : PHASE_FAILED;
	rollout->view.waits_for_operator = offered;
	rollout->view.review = &rollout->review;
	make_allowlist(rollout);
	make_steps(rollout);
	if (!offered)
		make_failure(rollout);
	rollout->view.card = &rollout->card;
	fake_changed();
}

/* ---- the chain at a glance: the answer is told by the first figure of the node's name ---- */

struct glance {
	struct glance_row row;
};

struct glance *glance_new(struct session *session, void (*changed)(void *ctx), void *ctx)
{
	(void)session;
	(void)changed;
	(void)ctx;
	return mem_new(1, sizeof(struct glance));
}

void glance_free(struct glance *glance) { free(glance); }
void glance_watch(struct glance *glance, const struct cvm *const *cvms, size_t count) { (void)glance; (void)cvms; (void)count; }
void glance_expire(struct glance *glance, const char *contract) { (void)glance; (void)contract; }

const struct glance_row *glance_get(struct glance *glance, const struct cvm *cvm)
{
	char node = cvm->node_name[0] ? cvm->node_name[strlen(cvm->node_name) - 1] : '0';
	struct glance_row *row = &glance->row;

	*row = (struct glance_row){ .onchain = cvm_is_onchain(cvm), .contract = FAKE_CONTRACT, .chain = "Base", .owner = OWNER };
	if (!row->onchain)
		return row;
	row->block = 31245118;
	row->allowed = node == '1' ? MARK_GOOD : MARK_BAD;
	row->device = node == '1' ? GLANCE_DEVICE_ALLOWED : GLANCE_DEVICE_NOT_ALLOWED;
	row->owner_kind = node == '1' ? GLANCE_OWNER_YOU : GLANCE_OWNER_SAFE;
	row->threshold = 2;
	row->owners = 3;
	if (node == '2')
		text_copy(row->pending_owner, sizeof(row->pending_owner), "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
	if (node == '5')
		*row = (struct glance_row){ .onchain = true, .allowed = MARK_UNKNOWN, .contract = FAKE_CONTRACT, .chain = "Base", .reason = "the node said: header not found" };
	return row;
}
