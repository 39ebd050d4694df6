/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are to Phala Cloud: the API key and the API's address.
 *
 * Key, in order: the option, PHALA_CLOUD_API_KEY, then credentials.json in
 * $PHALA_CLOUD_DIR or ~/.phala-cloud, where a profile is found by its name or
 * by its workspace's slug or name. Address: the option, PHALA_CLOUD_API_PREFIX,
 * the profile's api_prefix, then the public API.
 */
#ifndef CVMDECK_CLOUD_CREDENTIALS_H
#define CVMDECK_CLOUD_CREDENTIALS_H

#include "base/secret.h"
#include "base/status.h"

#define CREDENTIALS_PUBLIC_API "https://cloud-api.phala.com/api/v1"

struct credentials {
	struct secret token;
	char *api_prefix; /* no slash at the end */
	char source[48];  /* "--api-key", "PHALA_CLOUD_API_KEY", "profile default" */
	char profile[64], workspace[96], workspace_slug[64], user[96]; /* safe to show; "" unknown */
};

/* NULL or empty: not given. */
struct credentials_wish {
	const struct secret *token; /* of the option */
	const char *api_prefix;
	const char *profile; /* of the option, else phala.toml's */
};

/*
 * Errors, all naming the three sources: STATUS_CREDENTIALS "no-credentials",
 * "credentials-file" (unreadable or not the known form), "no-profile",
 * "bad-token" (white space or control characters inside); STATUS_USAGE "bad-api-prefix".
 */
bool credentials_find(struct credentials *out, const struct credentials_wish *wish, struct error *err) MUST_CHECK;
void credentials_clear(struct credentials *credentials);

/* The file's text alone, for profile (NULL: the current one); for tests and fuzzing. */
bool credentials_parse(struct credentials *out, const char *text, size_t len, const char *profile, struct error *err) MUST_CHECK;

#endif
