/* SPDX-License-Identifier: Apache-2.0 */
/* Every ceiling on what comes from outside, in one list. Bytes unless said otherwise. */
#ifndef CVMDECK_BASE_LIMITS_H
#define CVMDECK_BASE_LIMITS_H

enum {
	LIMIT_COMPOSE = 200 * 1024,             /* compose and pre-launch script together (the API's own limit) */
	LIMIT_YAML_DEPTH = 64,                  /* levels of nesting of a compose file */
	LIMIT_YAML_NODES = 100000,              /* its nodes with every alias written out, a count */
	LIMIT_YAML_ANCHORS = 1000,              /* its anchors, a count */
	LIMIT_ENV_FILE = 1024 * 1024,           /* one env file */
	LIMIT_CONFIG_FILE = 1024 * 1024,        /* credentials.json, phala.toml, a keystore, a plan */
	LIMIT_HTTP_BODY = 16 * 1024 * 1024,     /* one answer of the API or an RPC */
	LIMIT_HTTP_HEADERS = 64 * 1024,         /* all header lines of one answer */
	LIMIT_JSON_DEPTH = 64,                  /* levels of nesting */
	LIMIT_EXACT_JSON = 32 * 1024 * 1024,    /* one text for the exact JSON tree */
	LIMIT_EXACT_DEPTH = 1000,               /* its levels of nesting; the tools take far more, no document does */
	LIMIT_EXACT_VALUES = 2000000,           /* its values, a count */
	LIMIT_SSE_EVENT = 1024 * 1024,          /* one server-sent event */
	LIMIT_LOG_FRAME = 1024 * 1024,          /* one JSON line of a container's log */
	LIMIT_LOG_LINE = 64 * 1024,             /* one log line; the rest of a longer one is a line of its own */
	LIMIT_EVENT_LOG = 8 * 1024 * 1024,      /* an attestation's event log */
	LIMIT_QUOTE = 64 * 1024,                /* an attestation quote */
	LIMIT_CVMS = 100000,                    /* CVMs of one workspace, a count */
	LIMIT_CALLDATA = 1024 * 1024,           /* ABI data of one call or answer */
	LIMIT_SCRYPT_MEMORY = 1024 * 1024 * 1024, /* unlocking one keystore */
	LIMIT_SCRYPT_WORK = 64 * 1024 * 1024,   /* n × r × p of one keystore, a count */
	LIMIT_PBKDF2_ROUNDS = 20 * 1000 * 1000, /* of one keystore, a count */
	LIMIT_KEYSTORE_SALT = 1024,             /* of one keystore */
	LIMIT_SAFE_OWNERS = 1000,               /* owners of one Safe, a count */
	LIMIT_SAFE_BATCH = 1024 * 1024,         /* a Transaction Builder file */
};

#endif
