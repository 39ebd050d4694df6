/* SPDX-License-Identifier: Apache-2.0 */
/* Any text is some list of variables; what comes of it must be sealed as valid JSON. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_json.h"
#include "base/secret.h"
#include "base/text.h"
#include "compose/dotenv.h"
#include "compose/env_encrypt.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values live in locked memory, which is made ready once. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err;

	(void)argc, (void)argv;
	if (!secret_setup(&err))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compose_env env = COMPOSE_ENV_INIT;
	struct secret plain = SECRET_INIT;
	struct error err;
	struct exact_json *tree;

	compose_dotenv_parse(&env, (const char *)data, size);
	compose_env_plaintext(&env, &plain);
	if (text_is_utf8((const char *)data, size)) {
		tree = exact_json_parse((const char *)plain.data, plain.len, &err);
		if (!tree || exact_json_count(exact_json_get(tree, "env")) != env.count)
			abort();
		exact_json_free(tree);
	}
	secret_clear(&plain);
	compose_env_clear(&env);
	return 0;
}
