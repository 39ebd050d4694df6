/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API says when it refuses, in all its forms: FastAPI's detail (text
 * or a list), the structured form with an error code, an HTML page of a proxy,
 * nothing at all. The classes and texts are those of the official SDK
 * (tests/vectors/api_errors.json); on top of them each documented trouble gets
 * a sentence on what to do next. Pure functions.
 */
#ifndef CVMDECK_CLOUD_API_ERROR_H
#define CVMDECK_CLOUD_API_ERROR_H

#include <stddef.h>

#include "base/buf.h"
#include "base/exact_json.h"
#include "base/status.h"

enum api_class {
	API_RESOURCE,   /* has an error_code and a message */
	API_VALIDATION, /* 422 with a list */
	API_AUTH,       /* 401, 403 */
	API_BUSINESS,   /* other 4xx */
	API_SERVER,     /* 5xx */
	API_UNKNOWN,
};

/* An answer as it came; texts may be NULL. */
struct api_answer {
	const char *method, *url;
	int status; /* 0: no answer */
	const char *reason, *content_type;
	const char *body;
	size_t len;
};

struct api_error {
	enum api_class class;
	int status;
	bool readable;                    /* the body was JSON, or there was none to read */
	char reason[64];                  /* of the status line; safe to show */
	struct buf message;               /* as the SDK words it; not made safe */
	struct exact_json *detail;        /* never NULL */
	/* API_RESOURCE; borrowed from detail, NULL where it has none */
	const struct exact_json *code, *details, *suggestions, *links;
	/* API_VALIDATION: [{field,message,type,context}], else NULL */
	struct exact_json *validation;
};

/* Reads a refusal. Never fails; the caller frees. */
struct api_error *api_error_new(const struct api_answer *answer);
void api_error_free(struct api_error *error);

/* "ResourceError", "AuthError", … */
const char *api_class_name(enum api_class class);

/*
 * Adds the error with its list of fields, details and suggestions, for people.
 * Returns false when its parts have shapes that cannot be listed (nothing is
 * added then). Not made safe.
 */
bool api_error_format(struct buf *out, const struct api_error *error);

/* Adds the shortest form: the detail itself, or the first message in it. */
void api_error_plain(struct buf *out, const struct api_error *error);

/*
 * Fills *err: STATUS_CREDENTIALS for 401 and 403, else STATUS_API; code is the
 * API's own ("ERR-01-007") or "http-NNN" or "network"; next says what to do.
 */
void api_error_explain(const struct api_error *error, struct error *err);

/* String(value) of JavaScript, as the tools put values into their texts. */
void api_js_string(struct buf *out, const struct exact_json *value);

/* The body as JSON the way the SDK's parser takes it; NULL when it is none. Caller frees. */
struct exact_json *api_body_parse(const char *body, size_t len, const char *content_type);

#endif
