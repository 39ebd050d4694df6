/* SPDX-License-Identifier: Apache-2.0 */
/* The token passes through the file's buffer and the JSON tree; both are wiped. */
#include "cloud/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "wire/json.h"

#define SOURCES "give one with --api-key, in PHALA_CLOUD_API_KEY, or log in with phala login, which writes ~/.phala-cloud/credentials.json ($PHALA_CLOUD_DIR moves it)"

void credentials_clear(struct credentials *credentials)
{
	secret_clear(&credentials->token);
	free(credentials->api_prefix);
	memset(credentials, 0, sizeof(*credentials));
}

static bool set_prefix(struct credentials *out, const char *prefix, struct error *err)
{
	size_t len = strlen(prefix), i;

	while (len && prefix[len - 1] == '/')
		len--;
	for (i = 0; i < len; i++)
		if ((unsigned char)prefix[i] <= ' ' || (unsigned char)prefix[i] >= 0x7F || strchr("?#\"", prefix[i]))
			len = 0;
	if (!(text_starts(prefix, "https://") && len > 8) && !(text_starts(prefix, "http://") && len > 7)) {
		error_set(err, STATUS_USAGE, "bad-api-prefix", "the API address is no http or https address without blanks, ? and #");
		return error_next(err, "give one like %s (PHALA_CLOUD_API_PREFIX, or api_prefix of the profile)", CREDENTIALS_PUBLIC_API);
	}
	free(out->api_prefix);
	out->api_prefix = mem_copy(prefix, len);
	return true;
}

/* Takes a token over and wipes nothing: the caller owns the source. */
static bool set_token(struct credentials *out, const void *bytes, size_t len, struct error *err)
{
	const unsigned char *at = bytes;
	size_t i;

	while (len && (at[len - 1] == '\n' || at[len - 1] == '\r' || at[len - 1] == ' '))
		len--;
	for (i = 0; i < len; i++) {
		if (at[i] <= ' ' || at[i] >= 0x7F) {
			error_set(err, STATUS_CREDENTIALS, "bad-token", "the API key from %s holds a blank or a character that no key has", out->source);
			return error_next(err, "look for a line end or quotes around it; " SOURCES);
		}
	}
	secret_alloc(&out->token, len);
	if (len)
		memcpy(out->token.data, at, len);
	return true;
}

/* ---- credentials.json ---- */

static bool is_named(const json *profile, const char *wish)
{
	return text_equal(json_name(profile), wish);
}

static bool is_workspace(const json *profile, const char *wish)
{
	return text_equal(json_text(profile, "workspace.slug"), wish) || text_equal(json_text(profile, "workspace.name"), wish);
}

static const json *find_profile(const json *profiles, const char *wish)
{
	const json *at;

	for (at = json_first(profiles); at; at = json_next(at))
		if (is_named(at, wish))
			return at;
	for (at = json_first(profiles); at; at = json_next(at))
		if (is_workspace(at, wish))
			return at;
	return NULL;
}

static bool no_profile(const json *profiles, const char *wish, struct error *err)
{
	struct buf names = BUF_INIT;
	char safe[64];
	const json *at;

	for (at = json_first(profiles); at && names.len < 300; at = json_next(at)) {
		text_safe_copy(safe, sizeof(safe), json_name(at), strlen(json_name(at)));
		buf_add_format(&names, "%s%s", names.len ? ", " : "", safe);
	}
	text_safe_copy(safe, sizeof(safe), wish, strlen(wish));
	error_set(err, STATUS_CREDENTIALS, "no-profile", "credentials.json has no profile \"%s\", by name or by workspace", safe);
	error_next(err, "choose another with --profile, or log in with phala login; without a profile: give a key with --api-key or in PHALA_CLOUD_API_KEY");
	error_detail(err, "profiles there: %s", names.len ? buf_text(&names) : "none");
	buf_clear(&names);
	return false;
}

static void take_text(char *out, size_t size, const char *text)
{
	text_safe_copy(out, size, text, strlen(text));
}

static bool take_profile(struct credentials *out, const json *profile, struct error *err)
{
	const char *token = json_text(profile, "token");
	char name[33];

	take_text(out->profile, sizeof(out->profile), json_name(profile));
	take_text(name, sizeof(name), json_name(profile));
	snprintf(out->source, sizeof(out->source), "profile %s", name);
	take_text(out->workspace, sizeof(out->workspace), json_text(profile, "workspace.name"));
	take_text(out->workspace_slug, sizeof(out->workspace_slug), json_text(profile, "workspace.slug"));
	take_text(out->user, sizeof(out->user), *json_text(profile, "user") ? json_text(profile, "user") : json_text(profile, "user.username"));
	if (!*token) {
		error_set(err, STATUS_CREDENTIALS, "credentials-file", "the profile \"%s\" in credentials.json has no token", out->profile);
		return error_next(err, "log in again with phala login; or " SOURCES);
	}
	if (!set_token(out, token, strlen(token), err))
		return false;
	return !*json_text(profile, "api_prefix") || set_prefix(out, json_text(profile, "api_prefix"), err);
}

static void wipe_tokens(const json *profiles)
{
	const json *at;

	for (at = json_first(profiles); at; at = json_next(at)) {
		const char *token = json_text(at, "token");

		if (*token)
			secret_wipe((void *)(uintptr_t)token, strlen(token));
	}
}

bool credentials_parse(struct credentials *out, const char *text, size_t len, const char *profile, struct error *err)
{
	json *tree = json_parse(text, len, NULL);
	const json *profiles = json_member(tree, "profiles"), *found;
	const char *wish = profile && *profile ? profile : json_text(tree, "current_profile");
	bool good;

	memset(out, 0, sizeof(*out));
	if (json_kind(profiles) != JSON_OBJECT) {
		json_free(tree);
		error_set(err, STATUS_CREDENTIALS, "credentials-file", "credentials.json is not of the form {\"current_profile\", \"profiles\"}");
		return error_next(err, "write it anew with phala login; or " SOURCES);
	}
	found = find_profile(profiles, *wish ? wish : "default");
	good = found ? take_profile(out, found, err) : no_profile(profiles, *wish ? wish : "default", err);
	wipe_tokens(profiles);
	json_free(tree);
	if (!good)
		credentials_clear(out);
	return good;
}

static char *file_path(void)
{
	const char *dir = getenv("PHALA_CLOUD_DIR");

	if (dir && *dir)
		return mem_printf("%s/credentials.json", dir);
	return file_expand("~/.phala-cloud/credentials.json");
}

static bool read_file(struct buf *text, struct error *why)
{
	char *path = file_path();
	bool there = file_read(path, "credentials.json", LIMIT_CONFIG_FILE, text, why);

	free(path);
	return there;
}

static void forget_text(struct buf *text)
{
	if (text->data)
		secret_wipe(text->data, text->len);
	buf_clear(text);
}

static bool from_file(struct credentials *out, const char *profile, struct error *err)
{
	struct buf text = BUF_INIT;
	struct error why;
	bool there = read_file(&text, &why), good = false;

	if (there)
		good = credentials_parse(out, buf_text(&text), text.len, profile, err);
	else if (strcmp(why.code, "file-missing") == 0)
		error_set(err, STATUS_CREDENTIALS, "no-credentials", "there is no API key: none was given, and nobody has logged in on this machine");
	else
		error_set(err, STATUS_CREDENTIALS, "credentials-file", "%s", why.message);
	if (!there)
		error_next(err, SOURCES);
	forget_text(&text);
	return good;
}

/* With a key from elsewhere only the profile's address counts, where there is such a profile. */
static void prefix_from_file(struct credentials *out, const char *profile)
{
	struct buf text = BUF_INIT;
	struct credentials of_file = { 0 };
	struct error ignored;

	if (read_file(&text, &ignored) && credentials_parse(&of_file, buf_text(&text), text.len, profile, &ignored)) {
		out->api_prefix = of_file.api_prefix;
		of_file.api_prefix = NULL;
	}
	credentials_clear(&of_file);
	forget_text(&text);
}

/* ---- all sources in their order ---- */

static bool find_token(struct credentials *out, const struct credentials_wish *wish, struct error *err)
{
	const char *given = getenv("PHALA_CLOUD_API_KEY");

	memset(out, 0, sizeof(*out));
	if (wish->token && wish->token->len) {
		snprintf(out->source, sizeof(out->source), "--api-key");
		return set_token(out, wish->token->data, wish->token->len, err);
	}
	if (given && given[strspn(given, " \t\r\n")]) {
		snprintf(out->source, sizeof(out->source), "PHALA_CLOUD_API_KEY");
		return set_token(out, given, strlen(given), err);
	}
	return from_file(out, wish->profile, err);
}

bool credentials_find(struct credentials *out, const struct credentials_wish *wish, struct error *err)
{
	const char *prefix = wish->api_prefix && *wish->api_prefix ? wish->api_prefix : getenv("PHALA_CLOUD_API_PREFIX");
	bool good = find_token(out, wish, err);

	if (good && !(prefix && *prefix) && !*out->profile)
		prefix_from_file(out, wish->profile);
	if (good && prefix && *prefix)
		good = set_prefix(out, prefix, err);
	if (good && !out->api_prefix)
		good = set_prefix(out, CREDENTIALS_PUBLIC_API, err);
	if (!good)
		credentials_clear(out);
	return good;
}
