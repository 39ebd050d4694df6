/* SPDX-License-Identifier: Apache-2.0 */
/* What the reading commands share: a line of JSON, and a CVM as JSON. */
#ifndef CVMDECK_UI_VERB_PRINT_H
#define CVMDECK_UI_VERB_PRINT_H

#include "cloud/cvm.h"
#include "wire/json.h"

/* One line; the object is freed. */
void verb_print_json(json *object);
json *verb_cvm_json(const struct cvm *cvm);

#endif
