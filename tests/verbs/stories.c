/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/stories.h"

#define UPDATE "-c", "@compose.yml"
#define HOSTILE "36302278-41a0-48ad-8c65-6878af0bf6eb" /* the one whose name is escape sequences */
#define NO_SUCH "no-such-thing"
#define EXPIRED "{\"http\":[{\"action\":\"status\",\"status\":401}]}"
#define NO_STATUS "{\"http\":[{\"path\":\"/status/batch\",\"action\":\"status\",\"status\":400,\"text\":\"not today\"}]}"
#define GATEWAY "{\"http\":[{\"path\":\"/cvms\",\"action\":\"html\",\"status\":502}]}"
#define ANOTHER_DOCUMENT "{\"http\":[{\"path\":\"/compose_file\",\"action\":\"shape\",\"text\":\"{\\\"runner\\\":\\\"docker-compose\\\",\\\"docker_compose_file\\\":\\\"services: {}\\\"}\"}]}"
#define BARE "613c1e94-0010-4786-aa7d-8655350cdee4"
#define ONLY_A_NAME "{\"http\":[{\"path\":\"/cvms/613c1e94\",\"action\":\"shape\",\"text\":\"{\\\"name\\\":\\\"bare\\\",\\\"vm_uuid\\\":\\\"" BARE "\\\"}\"}]}"

#define RUN(...) { .args = { __VA_ARGS__ } }
#define RUN_WITH(wrong, ...) { .faults = (wrong), .args = { __VA_ARGS__ } }
#define RUN_IN(variable, ...) { .env = (variable), .args = { __VA_ARGS__ } }

static const struct verb_run list[] = {
	RUN("list"),
	RUN("list", "--status", "stopped", "--status", "UPDATING"),
	RUN("list", "--node", "prod1", "--kms-type", "PHALA"),
	RUN("list", "--region", "us-west-1", "--page", "2", "--page-size", "3"),
	RUN("list", "--search", "user-"),
	RUN("list", "--search", "user-", "--json"),
	RUN("list", "--search", "model", "--json"),
	RUN("list", "--status", "sleeping"),
	RUN("list", "--status", "sleeping", "--json"),
	RUN("list", "--page", "99"),
	RUN("list", "--page", "nine"),
	RUN("list", "--page", "nine", "--json"),
	RUN_WITH(NO_STATUS, "list", "--search", "docs"),
	RUN_WITH(EXPIRED, "list"),
	RUN("list", "--json"),
	RUN_WITH(GATEWAY, "list"),
	RUN_IN("PHALA_CLOUD_API_KEY", "list"),
};

static const struct verb_run show[] = {
	RUN("show", "payments-api"),
	RUN("show", "payments-api", "--json"),
	RUN("show", "docs-search"),
	RUN("show", "docs-search", "--json"),
	RUN("show", "--cvm-id", "edge-cache"),
	RUN("show", "vault-sync"),
	RUN("show", HOSTILE),
	RUN("show", "web-frontend"),
	RUN("show", NO_SUCH),
	RUN("show", NO_SUCH, "--json"),
	RUN("show"),
	RUN_WITH(ONLY_A_NAME, "show", BARE),
	RUN("show", BARE, "--json"),
};

static const struct verb_run diff[] = {
	RUN("diff", "--cvm-id", "payments-api", UPDATE),
	RUN("diff", "--cvm-id", "payments-api", UPDATE, "--json"),
	RUN("diff", "--cvm-id", "docs-search", UPDATE),
	RUN("diff", "--cvm-id", "treasury-signer", "-e", "@values.env", "--pre-launch-script", "@hostile.sh", "--no-public-logs"),
	RUN("diff", "--cvm-id", "treasury-signer", "-e", "@values.env", "--pre-launch-script", "@hostile.sh", "--no-public-logs", "--json"),
	RUN("diff", "--cvm-id", "checkout-web", "-e", "SESSION_KEY=new"),
	RUN("diff", "--cvm-id", "checkout-web", "-e", "SESSION_KEY=new", "--json"),
	RUN("diff", "--cvm-id", HOSTILE, "-c", "@hostile.yml"),
	RUN("diff", "--cvm-id", "payments-api"),
	RUN("diff", "--cvm-id", "payments-api", "--json"),
	RUN("diff", "--cvm-id", "payments-api", "-c", "@broken.yml"),
	RUN("diff", "--cvm-id", "payments-api", "-c", "@broken.yml", "--json"),
	RUN("diff", "--cvm-id", "payments-api", "-c", "@not-there.yml"),
	RUN("diff", "--cvm-id", NO_SUCH, UPDATE),
	RUN_WITH(ANOTHER_DOCUMENT, "diff", "--cvm-id", "checkout-web", UPDATE),
	RUN("diff", "--cvm-id", "checkout-web", UPDATE, "--json"),
};

static const struct verb_run hash[] = {
	RUN("hash", "--cvm-id", "payments-api"),
	RUN("hash", "--cvm-id", "payments-api", "--json"),
	RUN("hash", "--cvm-id", "payments-api", UPDATE),
	RUN("hash", "--cvm-id", "payments-api", UPDATE, "--json"),
	RUN("hash", "--cvm-id", "ledger-export", UPDATE),
	RUN("hash", "--cvm-id", NO_SUCH),
	RUN("hash", "--cvm-id", NO_SUCH, "--json"),
	RUN("hash", "--app-compose", "@app-compose.json"),
	RUN("hash", "--app-compose", "@app-compose.json", "--json"),
	RUN("hash", "--app-compose", "@compose.yml"),
	RUN("hash", "--app-compose", "@compose.yml", "--json"),
	RUN("hash", "--app-compose", "@not-there.json"),
	RUN("hash", "--app-compose", "@not-there.json", "--json"),
	RUN_WITH(ANOTHER_DOCUMENT, "hash", "--cvm-id", "checkout-web", UPDATE),
	RUN("hash", "--cvm-id", "checkout-web", UPDATE, "--json"),
};

static const struct verb_run history[] = {
	RUN("history"),
	RUN("history", "--json"),
	RUN("history", NO_SUCH),
	RUN("history", NO_SUCH, "--json"),
	RUN("deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--wait", "--json"),
	RUN("history", "%ROLLOUT"),
	RUN("history", "%ROLLOUT", "--json"),
	RUN_WITH("{\"backend\":{\"compose_hash\":\"other\"}}", "deploy", "--cvm-id", HOSTILE, UPDATE, "--yes", "--json"),
	RUN("history", "%ROLLOUT"),
	RUN("history"),
	RUN("history", "--json"),
	RUN_IN("XDG_STATE_HOME=/dev/null/state", "history"),
	RUN_IN("XDG_STATE_HOME=/dev/null/state", "history", "--json"),
};

static const struct verb_run logs[] = {
	RUN("logs", "payments-api", "web", "--grep", "starting|listening"),
	RUN("logs", "payments-api", "web", "--grep", "starting|listening", "-t"),
	RUN("logs", "payments-api", "web", "worker", "--serial", "--grep", "configuration|containers are up"),
	RUN("logs", "payments-api", "web", "worker", "--serial", "--grep", "configuration|containers are up", "--json"),
	RUN("logs", "--cvm-id", "payments-api", "--cvm-id", "checkout-web", "web", "--grep", "listening"),
	RUN("logs", HOSTILE, "main", "--grep", "listening", "--json"),
	RUN("logs", "payments-api", "--grep", "nothing says this"),
	RUN("logs", "payments-api", "--grep", "nothing says this", "--json"),
	RUN("logs", "payments-api", "nosuch"),
	RUN("logs", "payments-api", "nosuch", "--json"),
	RUN("logs", "vault-sync"),
	RUN("logs", "vault-sync", "--json"),
	RUN("logs", "payments-api", "--grep", "("),
	RUN("logs", "payments-api", "--since", "yesterday"),
	RUN("logs", "nightly-batch", "-n", "1"),
	RUN("logs", NO_SUCH),
	RUN("logs"),
	RUN_WITH("{\"logs\":{\"status\":404}}", "logs", "payments-api", "web", "-n", "1"),
	RUN("logs", "payments-api", "web", "-n", "1", "--json"),
	RUN_WITH("{\"logs\":{\"empty\":true}}", "logs", "payments-api", "web"),
};

static const struct verb_run plan[] = {
	RUN("plan", "--cvm-id", "checkout-web", UPDATE, "-o", "@update.plan", "--json"),
	RUN("plan", "--cvm-id", "checkout-web", UPDATE, "-o", "@no/such/folder.plan", "--json"),
	RUN("plan", "--cvm-id", "checkout-web", UPDATE, "--json"),
	RUN("plan", "--cvm-id", "checkout-web", "-o", "@same.plan", "--json"),
	RUN("apply", "--json"),
	RUN("apply", "@compose.yml", "--json"),
	RUN("apply", "@update.plan", "--json"),
	RUN("apply", "@update.plan", "--yes", "--wait", "--json"),
	RUN("apply", "@update.plan", "--yes", "--wait", "--json"),
};

static const struct verb_run deploy[] = {
	RUN("deploy", "--cvm-id", "payments-api", UPDATE, "-e", "@all.env", "--yes", "--wait", "--json"),
	RUN("deploy", "--cvm-id", "docs-search", UPDATE, "--yes", "--wait", "--json"),
	RUN("deploy", "--cvm-id", "treasury-signer", UPDATE, "-e", "API_KEY=x", "--prepare-only", "--json"),
	RUN_IN("PRIVATE_KEY", "deploy", "--cvm-id", "fleet-agent", UPDATE, "--watch-only", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "--yes", "--json"),
	RUN("deploy", "--cvm-id", "checkout-web", UPDATE, "--json"),
	RUN("deploy", "--cvm-id", "checkout-web", "--yes", "--json"),
	RUN("deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--frobnicate", "--json"),
	RUN("deploy", "--cvm-id", "partner-gateway", UPDATE, "--yes", "--json"),
	RUN("deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--max-cost", "0.0000000001", "--json"),
	RUN_IN("PRIVATE_KEY", "deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--json"),
	RUN_WITH("{\"backend\":{\"compose_hash\":\"other\"}}", "deploy", "--cvm-id", "svc-00001", UPDATE, "--yes", "--json"),
	RUN_WITH("{\"chain\":{\"revert\":true}}", "deploy", "--cvm-id", "billing-worker", UPDATE, "--yes", "--json"),
	RUN_WITH("{}", "deploy", "--cvm-id", "web-frontend", UPDATE, "--yes", "--json"),
	RUN_WITH("{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"image pull failed\"}}", "deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--wait", "--json"),
	RUN("show", "checkout-web"),
	RUN("resume", "%ROLLOUT", "--yes", "--json"),
	RUN("resume", "--yes", "--json"),
};

/* The same in words: progress and reasons on standard error, what a script reads on standard output. */
static const struct verb_run words[] = {
	RUN("plan", "--cvm-id", "payments-api", UPDATE, "-o", "@words.plan"),
	RUN("plan", "--cvm-id", "payments-api", UPDATE, "-o", "@no/such/folder.plan"),
	RUN("plan", "--cvm-id", "payments-api", UPDATE),
	RUN("apply", "@compose.yml"),
	RUN("apply", "@words.plan", "--yes", "--wait"),
	RUN("apply", "@words.plan", "--yes"),
	RUN("deploy", "--cvm-id", "docs-search", UPDATE, "--yes", "--wait"),
	RUN("deploy", "--cvm-id", "treasury-signer", UPDATE, "-e", "API_KEY=x", "--prepare-only"),
	RUN_IN("PRIVATE_KEY", "deploy", "--cvm-id", "fleet-agent", UPDATE, "--watch-only", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266", "--yes"),
	RUN("history"),
	RUN("deploy", "--cvm-id", "checkout-web", UPDATE),
	RUN("deploy", "--cvm-id", "checkout-web", "--yes"),
	RUN("deploy", "--cvm-id", "partner-gateway", UPDATE, "--yes"),
	RUN_IN("PRIVATE_KEY", "deploy", "--cvm-id", "checkout-web", UPDATE, "--yes"),
	RUN_WITH("{\"backend\":{\"compose_hash\":\"other\"}}", "deploy", "--cvm-id", "svc-00001", UPDATE, "--yes"),
	RUN_WITH("{\"chain\":{\"revert\":true}}", "deploy", "--cvm-id", "billing-worker", UPDATE, "--yes"),
	RUN_WITH("{\"rollout\":{\"mode\":\"back\",\"boot_error\":\"image pull failed\"}}", "deploy", "--cvm-id", "checkout-web", UPDATE, "--yes", "--wait"),
	RUN_WITH("{\"backend\":{\"confirm_status\":466,\"confirm_times\":1}}", "deploy", "--cvm-id", "vault-sync", UPDATE, "--yes"),
	RUN("resume", "--yes"),
	RUN("resume", NO_SUCH),
};

#define STORY(name) { #name, name, sizeof(name) / sizeof((name)[0]) }

const struct story stories[] = { STORY(list), STORY(show), STORY(diff), STORY(hash), STORY(history), STORY(logs), STORY(plan), STORY(deploy), STORY(words) };
const size_t story_count = sizeof(stories) / sizeof(stories[0]);
