/* SPDX-License-Identifier: Apache-2.0 */
/* More about the CVM under the cursor, read once the cursor has rested: its endpoints and services. */
#ifndef CVMDECK_UI_INSPECT_H
#define CVMDECK_UI_INSPECT_H

#include "ui/ui.h"

struct inspect;

struct inspect *inspect_new(struct ui *ui);
void inspect_free(struct inspect *inspect);
/* The CVM of interest; asks for it when it rests there. */
void inspect_look(struct inspect *inspect, const struct cvm *cvm);
/* What was seen is old: the next look asks anew. */
void inspect_expire(struct inspect *inspect);
/* Both are "" until they are known; safe to show; borrowed until the next turn. */
const char *inspect_services(const struct inspect *inspect);
const char *inspect_endpoints(const struct inspect *inspect);
bool inspect_is_waiting(const struct inspect *inspect);

#endif
