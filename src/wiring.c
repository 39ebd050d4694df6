/* SPDX-License-Identifier: Apache-2.0 */
#include "wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/keystore.h"
#include "chain/signer.h"
#include "chain/u256.h"
#include "cloud/logs.h"
#include "cloud/project.h"
#include "logs/spill.h"

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

/* Takes out what a script gives from a variable that is not set. */
static size_t without_empty(const char **texts, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++)
		if (*texts[i])
			texts[kept++] = texts[i];
	return kept;
}

static bool find_endpoints(struct options *options, struct session_options *out, struct error *err)
{
	const char *from_environment = getenv("ETH_RPC_URL");
	const char *given[SESSION_RPCS + 1];
	size_t count = without_empty(given, options_values(options, OPT_RPC_URL, given, SESSION_RPCS + 1));

	if (count > SESSION_RPCS) {
		error_set(err, STATUS_USAGE, "usage", "--rpc-url can be given at most %d times", SESSION_RPCS);
		return error_next(err, "two or three of different providers are enough to find a disagreement");
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

/* A whole number that an option takes; *out keeps what it was where the option was not given. */
static bool read_number(const struct options *options, enum option_id option, long least, long most, long *out, struct error *err)
{
	const char *text = options_value(options, option, NULL);
	char safe[48], *end;
	long value;

	if (!text)
		return true;
	errno = 0;
	value = strtol(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && value >= least && value <= most) {
		*out = value;
		return true;
	}
	text_safe_copy(safe, sizeof(safe), text, strlen(text));
	error_set(err, STATUS_USAGE, "usage", "--%s takes a number from %ld to %ld, not \"%s\"", option_name(option), least, most, safe);
	return error_next(err, "see cvmdeck %s --help", verb_name(options->verb));
}

static bool read_log_limits(const struct options *options, struct session_logs *logs, struct error *err)
{
	enum { LEAST_MIB = 2, MOST_MIB = 1024 * 1024, MIB = 1024 * 1024 };
	long memory = 0, disk = 0;

	if (!read_number(options, OPT_LOG_MEMORY, LEAST_MIB, MOST_MIB, &memory, err) || !read_number(options, OPT_LOG_DISK, 0, MOST_MIB, &disk, err))
		return false;
	*logs = (struct session_logs){ .memory = (uint64_t)memory * MIB, .disk = (uint64_t)disk * MIB, .disk_dir = options_value(options, OPT_LOG_DISK_DIR, NULL) };
	if (logs->disk_dir && !logs->disk) {
		error_set(err, STATUS_USAGE, "usage", "--log-disk-dir says where, but nothing says how much");
		return error_next(err, "add --log-disk MIB");
	}
	return true;
}

static bool read_project(struct wiring *wiring, struct error *err)
{
	return wiring->has_project || (wiring->has_project = project_read(&wiring->project, "phala.toml", err));
}

struct session *wiring_session(struct wiring *wiring, struct options *options, struct error *err)
{
	struct session_options out = { 0 };
	struct secret environment = SECRET_INIT;
	struct session *session = NULL;

	if (!read_log_limits(options, &out.logs, err) || !read_project(wiring, err))
		return NULL;
	take_environment_key(&environment);
	out.state_dir = wiring_state_dir(wiring, options);
	out.profile = options_value(options, OPT_PROFILE, wiring->project.profile);
	if (find_endpoints(options, &out, err) && (!options_has(options, OPT_SANDBOX) || start_sandbox(wiring, &out, err)) && find_key(wiring, options, &environment, &out, err))
		session = session_new(&out, err);
	/* Said here, and not only when the first line has no room in memory. */
	if (session && out.logs.disk && !logs_spill_try(session_logs(session).disk_dir, err)) {
		session_free(session);
		session = NULL;
	}
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
	if (*id && **id)
		return true;
	if (*id) {
		error_set(err, STATUS_USAGE, "no-cvm", "the name of the CVM is empty");
		return error_next(err, "look at the variable it comes from; --cvm-id takes a name, UUID or app id");
	}
	if (!read_project(wiring, err))
		return false;
	*id = project_cvm(&wiring->project);
	if (*id)
		return true;
	error_set(err, STATUS_USAGE, "no-cvm", "no CVM was named");
	return error_next(err, "name one with --cvm-id (name, UUID or app id), or in phala.toml; a new one is made by phala deploy, not here");
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

/* What phala.toml says counts where the operator says what changes; hash and the console's start ask for it by name. */
static bool uses_project_files(const struct options *options)
{
	return options->verb == VERB_DEPLOY || options->verb == VERB_PLAN || options->verb == VERB_DIFF;
}

static bool read_env(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char **given = mem_new(options->use_count + 1, sizeof(*given));
	size_t count = options_values(options, OPT_ENV, given, options->use_count);
	bool from_project = !count && uses_project_files(options) && wiring->project.env_file, good;

	if (from_project)
		given[count++] = wiring->project.env_file;
	good = !count || rollout_request_env(request, given, count, err);
	free(given);
	if (good && count && !request->has_env)
		fputs("cvmdeck: what -e names holds no variable, so the environment stays as it is\n", stderr);
	if (!good && from_project)
		error_detail(err, "phala.toml names it as env_file");
	options_hide_values(options, OPT_ENV);
	return good;
}

static bool read_compose(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *given = options_value(options, OPT_COMPOSE, NULL);
	const char *path = given || !uses_project_files(options) ? given : wiring->project.compose_file;

	if (!path || rollout_request_compose(request, path, err))
		return true;
	if (!given)
		error_detail(err, "phala.toml names it as compose_file");
	return false;
}

/* A commit sends no document: what it finishes was prepared. */
static bool read_files(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *script = options_value(options, OPT_SCRIPT, NULL);

	if (request->kind == ROLLOUT_COMMIT)
		return true;
	return read_project(wiring, err) && read_compose(wiring, options, request, err) &&
	       (!script || rollout_request_script(request, script, err)) && read_env(wiring, options, request, err);
}

struct amount {
	enum option_id option;
	const char *unit;
	unsigned decimals;
};

/* In wei; "" where it was not given. */
static bool read_amount(const struct options *options, const struct amount *amount, const char *fallback, char out[80], struct error *err)
{
	const char *text = options_value(options, amount->option, fallback);
	char safe[48];
	struct u256 wei;

	if (!text)
		return true;
	if (u256_parse_units(&wei, text, amount->decimals)) {
		u256_format_decimal(out, &wei);
		return true;
	}
	text_safe_copy(safe, sizeof(safe), text, strlen(text));
	error_set(err, STATUS_USAGE, "usage", "--%s takes an amount of %s such as 0.001, not \"%s\"", option_name(amount->option), amount->unit, safe);
	return error_next(err, "give the most that you accept, in %s", amount->unit);
}

/* Where nobody looks at the cards, a node that tells absurd fees must not cost more than this. */
static const char unattended_cost[] = "0.05";

static bool read_numbers(const struct options *options, struct rollout_request *request, struct error *err)
{
	static const struct amount cost = { OPT_MAX_COST, "ether", 18 }, fee = { OPT_MAX_FEE, "gwei", 9 };
	long confirmations = 0;

	if (!read_number(options, OPT_CONFIRMATIONS, 1, 1000, &confirmations, err))
		return false;
	request->confirmations = (unsigned)confirmations;
	return read_amount(options, &cost, options_has(options, OPT_YES) ? unattended_cost : NULL, request->max_cost_wei, err) &&
	       read_amount(options, &fee, NULL, request->max_fee_wei, err);
}

static bool read_commit(const struct options *options, struct rollout_request *request, struct error *err)
{
	request->kind = options_has(options, OPT_PREPARE_ONLY) ? ROLLOUT_PREPARE : options_has(options, OPT_COMMIT) ? ROLLOUT_COMMIT : ROLLOUT_UPDATE;
	if (options_has(options, OPT_PREPARE_ONLY) && options_has(options, OPT_COMMIT)) {
		error_set(err, STATUS_USAGE, "usage", "--prepare-only and --commit were both given");
		return error_next(err, "prepare first; --commit finishes it once the owners have executed it");
	}
	request->commit_token = mem_strdup(options_value(options, OPT_TOKEN, NULL));
	request->commit_hash = mem_strdup(options_value(options, OPT_COMPOSE_HASH, NULL));
	request->commit_tx = mem_strdup(options_value(options, OPT_TRANSACTION_HASH, NULL));
	request->watch = options_has(options, OPT_WATCH);
	if (request->kind == ROLLOUT_COMMIT && !request->commit_token) {
		error_set(err, STATUS_USAGE, "usage", "--commit needs the --token that --prepare-only gave");
		return error_next(err, "it is in the output of --prepare-only; where it is lost, prepare again, or take the update over in the console (p)");
	}
	return true;
}

/* --override CHECK=REASON, as the rollout wants it said. */
static bool read_overrides(struct wiring *wiring, const struct options *options, struct rollout_request *request, struct error *err)
{
	const char *given[WIRING_OVERRIDES + 1];
	size_t count = options_values(options, OPT_OVERRIDE, given, WIRING_OVERRIDES + 1);

	if (count > WIRING_OVERRIDES) {
		error_set(err, STATUS_USAGE, "usage", "--override can be given at most %d times", WIRING_OVERRIDES);
		return error_next(err, "only four checks can be overridden at all; the manual lists them");
	}
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

static bool read_times(struct verb_logs_options *logs, struct error *err)
{
	const struct { const char *name, *text; } times[] = { { "since", logs->since }, { "until", logs->until } };
	int64_t ms[2] = { 0, INT64_MAX }, now = clock_wall_ms();
	size_t i;

	for (i = 0; i < 2; i++) {
		if (!times[i].text || log_time(times[i].text, now, &ms[i]))
			continue;
		error_set(err, STATUS_USAGE, "usage", "--%s takes a time such as 2026-01-01T00:00:00Z, or how long ago such as 42m or 1h30m, not %s", times[i].name, times[i].text);
		return error_next(err, "see cvmdeck logs --help");
	}
	if (ms[0] <= ms[1])
		return true;
	error_set(err, STATUS_USAGE, "usage", "--since is later than --until, so no line can be between them");
	return error_next(err, "exchange the two");
}

/* *words: how many of the arguments name CVMs and not containers. */
static bool read_cvms(struct wiring *wiring, const struct options *options, struct verb_logs_options *logs, size_t *words, struct error *err)
{
	size_t i, given = 0;

	for (i = 0; i < options->use_count; i++)
		given += options->uses[i].option == OPT_CVM_ID;
	if (given > VERB_LOGS_CVMS) {
		error_set(err, STATUS_USAGE, "usage", "logs takes at most %d CVMs", VERB_LOGS_CVMS);
		return error_next(err, "name fewer; the console follows more");
	}
	logs->cvm_count = options_values(options, OPT_CVM_ID, logs->cvms, VERB_LOGS_CVMS);
	if (logs->cvm_count)
		return true;
	if (!read_project(wiring, err))
		return false;
	logs->cvm_count = 1;
	/* The documentation writes: logs CVM. Where nothing else names one, the first word is it. */
	if (!project_cvm(&wiring->project) && options->argument_count)
		logs->cvms[0] = options->arguments[(*words)++];
	return wiring_cvm(wiring, &logs->cvms[0], err);
}

bool wiring_logs(struct wiring *wiring, const struct options *options, struct verb_logs_options *logs, struct error *err)
{
	size_t i = 0;

	if (!read_cvms(wiring, options, logs, &i, err))
		return false;
	for (; i < options->argument_count && logs->container_count < VERB_LOGS_CONTAINERS; i++)
		logs->containers[logs->container_count++] = options->arguments[i];
	logs->all_containers = options_has(options, OPT_ALL_CONTAINERS);
	logs->serial = options_has(options, OPT_SERIAL);
	logs->cvm_stdout = options_has(options, OPT_CVM_STDOUT);
	logs->cvm_stderr = options_has(options, OPT_CVM_STDERR);
	logs->follow = options_has(options, OPT_FOLLOW);
	logs->timestamps = options_has(options, OPT_TIMESTAMPS);
	logs->json = options_json(options);
	logs->since = options_value(options, OPT_SINCE, NULL);
	logs->until = options_value(options, OPT_UNTIL, NULL);
	logs->grep = options_value(options, OPT_GREP, NULL);
	logs->tail = -1;
	return read_times(logs, err) && read_number(options, OPT_TAIL, 0, 100000000, &logs->tail, err);
}

bool wiring_list(const struct options *options, struct verb_list_options *list, struct error *err)
{
	const char *given[VERB_LIST_STATUSES + 1];

	list->json = options_json(options);
	list->search = options_value(options, OPT_SEARCH, NULL);
	list->kms_type = options_value(options, OPT_KMS_TYPE, NULL);
	list->node = options_value(options, OPT_NODE, NULL);
	list->region = options_value(options, OPT_REGION, NULL);
	list->status_count = options_values(options, OPT_STATUS, given, VERB_LIST_STATUSES + 1);
	if (list->status_count > VERB_LIST_STATUSES) {
		error_set(err, STATUS_USAGE, "usage", "--status can be given at most %d times", VERB_LIST_STATUSES);
		return error_next(err, "leave it out to see all, and choose among them with --json");
	}
	memcpy(list->statuses, given, list->status_count * sizeof(*given));
	list->page_size = options_has(options, OPT_PAGE) ? 50 : 0;
	list->page = 1;
	return read_number(options, OPT_PAGE, 1, 1000000, &list->page, err) && read_number(options, OPT_PAGE_SIZE, 1, 100000, &list->page_size, err);
}
