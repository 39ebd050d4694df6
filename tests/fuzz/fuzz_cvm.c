/* SPDX-License-Identifier: Apache-2.0 */
/* A CVM's record from any JSON: every text ends, identifiers are clean. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/cvm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cvm *cvm)
{
	char ref[CVM_REF_SIZE];
	const char *at;

	if (!text_is_utf8(cvm->name, strlen(cvm->name)) || strchr(cvm->name, 0x1B) || strlen(cvm->name) >= sizeof(cvm->name))
		abort();
	for (at = cvm_ref(ref, cvm); *at; at++)
		if (strchr("/?#% \n", *at))
			abort();
	cvm_is_onchain(cvm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json *tree = json_parse((const char *)data, size, NULL);
	struct cvm_detail *detail = tree ? cvm_detail_parse(tree, NULL) : NULL, *copy;

	if (detail) {
		check(&detail->cvm);
		copy = cvm_detail_copy(detail);
		cvm_update_status(&copy->cvm, tree);
		check(&copy->cvm);
		cvm_detail_free(copy);
	}
	cvm_detail_free(detail);
	json_free(tree);
	return 0;
}
