/* SPDX-License-Identifier: Apache-2.0 */
/* A member set in any document must be there, one removed gone, and nothing else may move. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "compose/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct exact_json *without(const struct compose_document *document, const char *name)
{
	struct exact_json *copy = exact_json_copy(compose_document_tree(document));

	exact_json_remove(copy, name);
	return copy;
}

static void need_same_rest(const struct compose_document *a, const struct compose_document *b, const char *name)
{
	struct exact_json *left = without(a, name), *right = without(b, name);

	if (!exact_json_equal(left, right))
		abort();
	exact_json_free(left);
	exact_json_free(right);
}

static void change(const struct compose_document *document, const char *name, const struct exact_json *value)
{
	struct compose_document *copy = compose_document_copy(document);

	compose_document_set(copy, name, value);
	if (!exact_json_equal(exact_json_get(compose_document_tree(copy), name), value))
		abort();
	need_same_rest(document, copy, name);
	if (!compose_document_remove(copy, name) || exact_json_get(compose_document_tree(copy), name))
		abort();
	need_same_rest(document, copy, name);
	compose_document_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	struct compose_document *document = compose_document_parse((const char *)data, size, true, &err);
	struct compose_calibration calibration;
	struct compose_hashes hashes;
	struct compose_parts parts;
	struct exact_json *list = exact_json_new_array(), *text = exact_json_new_string("a\n\"b", 4);

	exact_json_append(list, exact_json_copy(text));
	exact_json_append(list, exact_json_copy(text));
	if (document) {
		compose_document_hashes(document, &hashes);
		if (!compose_calibrate(document, hashes.hex[COMPOSE_PRETTY], &calibration))
			abort();
		compose_document_parts(document, &parts);
		change(document, "a", list);
		change(document, "allowed_envs", list);
		change(document, "b", text);
	}
	exact_json_free(list);
	exact_json_free(text);
	compose_document_free(document);
	return 0;
}
