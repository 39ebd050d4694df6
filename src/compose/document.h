/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The app-compose.json document of a CVM and its hash. The guest hashes the
 * file's bytes, and those bytes have more than one form in the field
 * (vectors/compose_hash.json), so the form is calibrated on the present
 * document: whichever gives the hash the CVM reports is used for the new one.
 *
 * A document always has its text; it is changed by replacing single members in
 * that text, so all that nobody changed stays byte for byte as it was. Pure
 * functions: no thread, no clock, no I/O.
 */
#ifndef CVMDECK_COMPOSE_DOCUMENT_H
#define CVMDECK_COMPOSE_DOCUMENT_H

#include "base/buf.h"
#include "base/exact_json.h"
#include "base/hash.h"
#include "base/status.h"

/*
 * raw                 the bytes as they are
 * compact             members sorted at every level, no white space
 * compact_normalized  the same without `docker_compose_file` when the runner is
 *                     bash, `bash_script` when it is docker-compose, and an
 *                     empty `pre_launch_script`
 * pretty              normalized, four spaces of indent, and every `": ` made
 *                     `":`, inside strings too
 */
enum compose_form {
	COMPOSE_RAW,
	COMPOSE_COMPACT,
	COMPOSE_COMPACT_NORMALIZED,
	COMPOSE_PRETTY,
	COMPOSE_FORMS,
	COMPOSE_FORM_UNKNOWN = COMPOSE_FORMS,
};

/* "raw", "compact", "compact_normalized", "pretty"; "unknown" for anything else. */
const char *compose_form_name(enum compose_form form);

struct compose_document;

/*
 * text   the whole document, copied
 * exact  whether these are the file's own bytes (`?raw=1`); when not, the raw
 *        form is neither calibrated nor offered
 * Returns a document the caller frees, or NULL.
 * Errors: as exact_json_parse; STATUS_INPUT "not-app-compose": no JSON object.
 */
struct compose_document *compose_document_parse(const char *text, size_t len, bool exact, struct error *err) MUST_CHECK;
struct compose_document *compose_document_copy(const struct compose_document *document);
void compose_document_free(struct compose_document *document);

/* The members; borrowed until the document changes. */
const struct exact_json *compose_document_tree(const struct compose_document *document);
/* The text; borrowed until the document changes. */
const char *compose_document_raw(const struct compose_document *document, size_t *len);
/* A string member (a NUL stands behind it), or NULL; borrowed likewise. */
const char *compose_document_string(const struct compose_document *document, const char *name, size_t *len);

/* Replaces one member's value in the text, or adds the member behind the last. The value is only read. */
void compose_document_set(struct compose_document *document, const char *name, const struct exact_json *value);
/* Takes one member out of the text; returns whether it was there. */
bool compose_document_remove(struct compose_document *document, const char *name);

/* Adds the text of any JSON value in a form (for raw: `raw` as given). */
void compose_form_print(struct buf *out, const struct exact_json *tree, const char *raw, size_t raw_len,
	enum compose_form form);

/* SHA-256 in lower-case hex without 0x, in each form; "" where a form does not exist. */
struct compose_hashes {
	char hex[COMPOSE_FORMS][HASH_HEX_SIZE];
};

void compose_document_hash(const struct compose_document *document, enum compose_form form, char out[HASH_HEX_SIZE]);
void compose_document_hashes(const struct compose_document *document, struct compose_hashes *out);
/* Of any text: one that is no JSON has the raw form alone. Returns whether it is JSON. */
bool compose_text_hashes(const char *text, size_t len, struct compose_hashes *out);

/*
 * form     the form to preview in; COMPOSE_FORM_UNKNOWN when none gives the hash
 * matches  every form that gives it, as bits 1 << form: texts can coincide
 */
struct compose_calibration {
	enum compose_form form;
	unsigned matches;
};

/* reported: hex with or without 0x, any case. Returns whether a form was found. */
bool compose_calibrate(const struct compose_document *present, const char *reported, struct compose_calibration *out);

/*
 * Whether a reported hash is the new document's in the calibrated form, or in
 * another that gave the present hash too. Out: *form (may be NULL).
 */
bool compose_calibration_accepts(const struct compose_calibration *calibration, const struct compose_hashes *hashes,
	const char *reported, enum compose_form *form);

/* True when two hashes in hex (either may have 0x, any case) are the same 32 bytes. */
bool compose_hash_equal(const char *a, const char *b);

enum compose_flag { COMPOSE_KEEP, COMPOSE_OFF, COMPOSE_ON };

/* What the operator changes; a NULL text or list and COMPOSE_KEEP leave a member alone. Borrowed. */
struct compose_change {
	const char *docker_compose_file;
	size_t docker_compose_len;
	const char *pre_launch_script;
	size_t pre_launch_len;
	const char *const *allowed_envs; /* allowed_env_count names, in order */
	size_t allowed_env_count;
	bool set_allowed_envs;
	enum compose_flag public_logs, public_sysinfo, public_tcbinfo;
};

/*
 * The new document: the present one with only those members changed that
 * differ. Returns a document the caller frees, or NULL.
 * Errors: STATUS_INPUT "compose-too-large" (compose and script together above
 * LIMIT_COMPOSE), "not-utf8".
 */
struct compose_document *compose_document_change(const struct compose_document *present, const struct compose_change *change,
	struct error *err) MUST_CHECK;

/* Hashes of the parts, so that two people can see which one differs; "" for a part that is not there. */
struct compose_parts {
	char compose[HASH_HEX_SIZE]; /* docker_compose_file's text */
	char script[HASH_HEX_SIZE];  /* pre_launch_script's text */
	char rest[HASH_HEX_SIZE];    /* all other members, in compact form */
};

void compose_document_parts(const struct compose_document *document, struct compose_parts *out);

#endif
