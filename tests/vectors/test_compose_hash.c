/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compose/document.h"
#include "unit/unit.h"
#include "vectors/vectors.h"

static void check_form(const struct exact_json *tree, const struct compose_hashes *hashes, enum compose_form form,
	const struct exact_json *want)
{
	struct buf text = BUF_INIT;
	size_t len;
	const char *want_text = exact_json_string(exact_json_get(want, "text"), &len);

	compose_form_print(&text, tree, NULL, 0, form);
	if (want_text)
		vectors_same_bytes(buf_text(&text), text.len, want_text, len);
	assert_int_equal(text.len, (long)exact_json_number(vectors_need(want, "bytes"), -1));
	assert_string_equal(hashes->hex[form], vectors_text(want, "sha256", NULL));
	buf_clear(&text);
}

static void check(const struct exact_json *vector)
{
	size_t len;
	const char *json = vectors_text(vector, "json", &len);
	const struct exact_json *expect = vectors_need(vector, "expect");
	struct error err = { 0 };
	struct exact_json *tree = exact_json_parse(json, len, &err);
	struct compose_hashes hashes;
	bool is_json = compose_text_hashes(json, len, &hashes);
	unsigned form;

	assert_int_equal(is_json, tree != NULL);
	assert_int_equal(tree == NULL, exact_json_get(expect, "error") != NULL);
	if (!tree)
		assert_string_equal(err.code, "not-json");
	for (form = COMPOSE_COMPACT; tree && form < COMPOSE_FORMS; form++)
		check_form(tree, &hashes, (enum compose_form)form,
			vectors_need(expect, compose_form_name((enum compose_form)form)));
	exact_json_free(tree);
}

int main(void)
{
	return vectors_run("compose_hash", check);
}
