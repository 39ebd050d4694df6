/* SPDX-License-Identifier: Apache-2.0 */
#include "wiring.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/keystore.h"
#include "chain/signer.h"
#include "chain/u256.h"
#include "cloud/project.h"

/* ---- keys ---- */

/* Reads a short secret from a file; the last line end is not part of it. */
static bool secret_from_file(const char *path, const char *what, struct secret *out, struct error *err)
{
	enum { MOST = 4096 };
	struct buf bytes;
	size_t len;
	bool ok;

	buf_init(&bytes, MOST);
	ok = file_read(path, what, MOST, &bytes, err);
	len = bytes.len;
	if (len && bytes.data[len - 1] == '\n')
		len--;
	if (len && bytes.data[len - 1] == '\r')
		len--;
	if (ok)
		secret_set(out, bytes.data, len, true);
	if (bytes.data)
		secret_wipe(bytes.data, bytes.cap);
	buf_clear(&bytes);
	return ok;
}

static bool key_from_text(struct secret *text, const char *source, struct session_options *out, struct error *err)
{
	out->key_source = source;
	if (signer_parse_key(text, &out->private_key, err))
		return true;
	return error_detail(err, "it came from %s", source);
}

static bool key_from_file(const char *path, struct session_options *out, struct error *err)
{
	struct secret text = SECRET_INIT;

	return secret_from_file(path, "key file", &text, err) && key_from_text(&text, path, out, err);
}

/* PRIVATE_KEY is taken out of the environment, used or not, so that no child and no /proc reader sees it. */
static void take_environment_key(struct secret *text)
{
	char *value = getenv("PRIVATE_KEY");

	if (value && *value)
		secret_set(text, value, strlen(value), true);
	unsetenv("PRIVATE_KEY");
}

static bool find_key(struct wiring *wiring, struct options *options, struct secret *environment, struct session_options *out, struct error *err)
{
	const char *file = options_value(options, OPT_KEY_FILE, NULL), *account = options_value(options, OPT_ACCOUNT, NULL);
	const char *password = options_value(options, OPT_PASSWORD_FILE, NULL);
	struct secret text = SECRET_INIT;

	out->signer_url = options_value(options, OPT_SIGNER_URL, NULL);
	out->watch_address = options_value(options, OPT_WATCH_ONLY, NULL);
	out->keystore = options_value(options, OPT_KEYSTORE, NULL);
	if (password && !secret_from_file(password, "password file", &out->password, err))
		return false;
	if (account && !out->keystore) {
		wiring->keystore_path = keystore_account_path(account, err);
		if (!wiring->keystore_path)
			return false;
		out->keystore = wiring->keystore_path;
	}
	if (options->private_key.len) {
		fputs("cvmdeck: warning: --private-key was visible to other users of this machine until now; "
		      "use PRIVATE_KEY, --private-key-file or a keystore\n", stderr);
		return key_from_text(&options->private_key, "--private-key", out, err);
	}
	if (file)
		return key_from_file(file, out, err);
	if (out->signer_url || out->watch_address || out->keystore)
		return true;
	if (wiring->has_sandbox) {
		secret_set(&text, wiring->sandbox.private_key, strlen(wiring->sandbox.private_key), false);
		return key_from_text(&text, "the sandbox (throw-away)", out, err);
	}
	return !environment->len || key_from_text(environment, "PRIVATE_KEY", out, err);
}

/* ---- the session ---- */

static bool start_sandbox(struct wiring *wiring, struct session_options *out, struct error *err)
{
	const char *more = getenv("CVMDECK_SANDBOX_ARGS");
	const char *extra[16] = { NULL };
	char *copy = mem_strdup(more ? more : ""), *at = copy, *word;
	size_t count = 0;
	bool ok;

	while ((word = strsep(&at, " ")) && count < 15)
		if (*word)
			extra[count++] = word;
	ok = sandbox_child_start(&wiring->sandbox, extra, err);
	free(copy);
	if (!ok)
		return false;
	wiring->has_sandbox = true;
	out->sandbox = true;
	out->api_prefix = wiring->sandbox.api;
	out->rpc_urls[0] = wiring->sandbox.rpc;
	out->rpc_count = 1;
	secret_set(&out->api_key, wiring->sandbox.api_key, strlen(wiring->sandbox.api_key), false);
	return true;
}

static bool find_endpoints(struct options *options, struct session_options *out, struct error *err)
{
	const char *from_environment = getenv("ETH_RPC_URL");
	const char *given[SESSION_RPCS + 1];
	size_t count = options_values(options, OPT_RPC_URL, given, SESSION_RPCS + 1);

	if (count > SESSION_RPCS) {
		error_set(err, STATUS_USAGE, "usage", "--rpc-url can be given at most %d times", SESSION_RPCS);
		return false;
	}
	if (count) {
		memcpy(out->rpc_urls, given, count * sizeof(*given));
		out->rpc_count = count;
	} else if (!out->rpc_count && from_environment && *from_environment) {
		out->rpc_urls[0] = from_environment;
		out->rpc_count = 1;
	}
	out->api_key = options->api_key;
	options->api_key = (struct secret)SECRET_INIT;
	return true;
}

const char *wiring_state_dir(struct wiring *wiring, const struct options *options)
{
	char *usual;

	if (!wiring->state_dir && options_has(options, OPT_SANDBOX)) {
		usual = file_state_dir();
		wiring->state_dir = mem_printf("%s/sandbox", usual);
		free(usual);
	}
	return wiring->state_dir;
}

static uint64_t log_memory(const struct options *options)
{
	return strtoull(options_value(options, OPT_LOG_MEMORY, "0"), NULL, 10) * 1024 * 1024;
}

static bool read_project(struct wiring *wiring, struct error *err)
{
	return wiring->has_project || (wiring->has_project = project_read(&wiring->project, "phala.toml", err));
}

struct session *wiring_session(struct wiring *wiring, struct options *options, struct error *err)
{
	struct session_options out = { .log_memory = log_memory(options) };
	struct secret environment = SECRET_INIT;
	struct session *session = NULL;

	if (!read_project(wiring, err))
		return NULL;
	take_environment_key(&environment);
	out.state_dir = wiring_state_dir(wiring, options);
	out.profile = options_value(options, OPT_PROFILE, wiring->project.profile);
	if (find_endpoints(options, &out, err) && (!options_has(options, OPT_SANDBOX) || start_sandbox(wiring, &out, err)) && find_key(wiring, options, &environment, &out, err))
		session = session_new(&out, err);
	secret_clear(&environment);
	secret_clear(&out.api_key);
	secret_clear(&out.private_key);
	secret_clear(&out.password);
	return session;
}

void wiring_clear(struct wiring *wiring)
{
	size_t i;

	if (wiring->has_sandbox)
		sandbox_child_stop(&wiring->sandbox);
	for (i = 0; i < wiring->override_count; i++)
		free(wiring->overrides[i]);
	free(wiring->keystore_path);
	free(wiring->state_dir);
	project_clear(&wiring->project);
	*wiring = (struct wiring){ 0 };
}

/* ---- requests ---- */

bool wiring_cvm(struct wiring *wiring, const char **id, struct error *err)
{
	if (*id)
		return true;
	if (!read_project(wiring, err))
		return false;
	*id = project_cvm(&wiring->project);
	if (*id)
		return true;
	error_set(err, STATUS_USAGE, "no-cvm", "no CVM was named");
	return error_next(err, "name one with --cvm-id (name, UUID or app id), or in phala.toml");
}

static bool flag_pair(const struct options *options, enum option_id on, enum option_id off, enum tri *out, struct error *err)
{
	if (options_has(options, on) && options_has(options, off)) {
		error_set(err, STATUS_USAGE, "usage", "an option and its opposite were both given");
		return error_next(err, "give one of them");
	}
	*out = options_has(options, on) ? TRI_ON : options_has(options, off) ? TRI_OFF : TRI_KEEP;
	return true;
}

static bool read_files(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *compose = options_value(options, OPT_COMPOSE, NULL), *script = options_value(options, OPT_SCRIPT, NULL);
	const char *env[256];
	size_t count = options_values(options, OPT_ENV, env, 256);

	if (options->verb == VERB_DEPLOY && !compose && !count && !script)
		compose = wiring->project.compose_file;
	if ((compose && !rollout_request_compose(request, compose, err)) || (script && !rollout_request_script(request, script, err)) ||
	    (count && !rollout_request_env(request, env, count, err)))
		return false;
	options_hide_values(options, OPT_ENV);
	return true;
}

static bool read_numbers(const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *confirmations = options_value(options, OPT_CONFIRMATIONS, "1"), *cost = options_value(options, OPT_MAX_COST, NULL);
	char *end;
	struct u256 wei;

	request->confirmations = (unsigned)strtoul(confirmations, &end, 10);
	if (*end || !request->confirmations || request->confirmations > 1000) {
		error_set(err, STATUS_USAGE, "usage", "--confirmations takes a number from 1 to 1000, not %s", confirmations);
		return false;
	}
	if (!cost)
		return true;
	if (!u256_parse_units(&wei, cost, 18)) {
		error_set(err, STATUS_USAGE, "usage", "--max-cost takes an amount of ether such as 0.001, not %s", cost);
		return false;
	}
	u256_format_decimal(request->max_cost_wei, &wei);
	return true;
}

static bool read_commit(const struct options *options, struct rollout_request *request, struct error *err)
{
	request->kind = options_has(options, OPT_PREPARE_ONLY) ? ROLLOUT_PREPARE : options_has(options, OPT_COMMIT) ? ROLLOUT_COMMIT : ROLLOUT_UPDATE;
	request->commit_token = mem_strdup(options_value(options, OPT_TOKEN, NULL));
	request->commit_hash = mem_strdup(options_value(options, OPT_COMPOSE_HASH, NULL));
	request->commit_tx = mem_strdup(options_value(options, OPT_TRANSACTION_HASH, NULL));
	request->watch = options_has(options, OPT_WATCH);
	if (request->kind == ROLLOUT_COMMIT && !request->commit_token) {
		error_set(err, STATUS_USAGE, "usage", "--commit needs the --token that --prepare-only gave");
		return false;
	}
	return true;
}

/* --override CHECK=REASON, as the rollout wants it said. */
static bool read_overrides(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *given[WIRING_OVERRIDES];
	size_t count = options_values(options, OPT_OVERRIDE, given, WIRING_OVERRIDES);

	for (; wiring->override_count < count; wiring->override_count++) {
		const char *text = given[wiring->override_count], *equals = strchr(text, '=');

		if (!equals || equals == text || !equals[1]) {
			error_set(err, STATUS_USAGE, "usage", "--override takes CHECK=REASON, not %s", text);
			return error_next(err, "the manual lists the checks; the reason is journalled");
		}
		wiring->overrides[wiring->override_count] = mem_printf("%.*s because %s", (int)(equals - text), text, equals + 1);
	}
	request->overrides = (const char *const *)wiring->overrides;
	request->override_count = wiring->override_count;
	return true;
}

bool wiring_moment(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	request->wait = options_has(options, OPT_WAIT);
	request->already_registered = options_has(options, OPT_ALREADY_REGISTERED);
	return read_overrides(wiring, options, request, err) && read_numbers(options, request, err);
}

bool wiring_request(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *cvm = options_value(options, OPT_CVM_ID, NULL);

	if (!wiring_cvm(wiring, &cvm, err) || !wiring_moment(wiring, options, request, err) || !read_commit(options, request, err) ||
	    !flag_pair(options, OPT_PUBLIC_LOGS, OPT_NO_PUBLIC_LOGS, &request->public_logs, err) ||
	    !flag_pair(options, OPT_PUBLIC_SYSINFO, OPT_NO_PUBLIC_SYSINFO, &request->public_sysinfo, err))
		return false;
	request->cvm_ref = mem_strdup(cvm);
	return read_files(wiring, options, request, err);
}

bool wiring_logs(struct wiring *wiring, const struct options *options, struct verb_logs_options *logs, struct error *err)
{
	const char *tail = options_value(options, OPT_TAIL, NULL);
	char *end = NULL;
	size_t i;

	logs->cvm = options_value(options, OPT_CVM_ID, NULL);
	if (!wiring_cvm(wiring, &logs->cvm, err))
		return false;
	for (i = 0; i < options->argument_count && i < VERB_LOGS_CONTAINERS; i++)
		logs->containers[logs->container_count++] = options->arguments[i];
	logs->all_containers = options_has(options, OPT_ALL_CONTAINERS);
	logs->serial = options_has(options, OPT_SERIAL);
	logs->cvm_stdout = options_has(options, OPT_CVM_STDOUT);
	logs->cvm_stderr = options_has(options, OPT_CVM_STDERR);
	logs->follow = options_has(options, OPT_FOLLOW);
	logs->timestamps = options_has(options, OPT_TIMESTAMPS);
	logs->json = options_has(options, OPT_JSON);
	logs->since = options_value(options, OPT_SINCE, NULL);
	logs->until = options_value(options, OPT_UNTIL, NULL);
	logs->grep = options_value(options, OPT_GREP, NULL);
	logs->tail = tail ? strtol(tail, &end, 10) : -1;
	if (tail && (*end || logs->tail < 0)) {
		error_set(err, STATUS_USAGE, "usage", "--tail takes a number of lines, not %s", tail);
		return false;
	}
	return true;
}
