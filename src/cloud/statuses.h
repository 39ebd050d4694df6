/* SPDX-License-Identifier: Apache-2.0 */
/* The live status of any number of CVMs, asked once: a list does not tell how long they have been up. */
#ifndef CVMDECK_CLOUD_STATUSES_H
#define CVMDECK_CLOUD_STATUSES_H

#include "cloud/api.h"

/*
 * one   each CVM's status as it comes (for cvm_update_status), in any order; a CVM the API does not know is left out
 * done  once, at the end; *err: STATUS_OK, or what the first batch that failed said
 */
struct statuses_handler {
	void (*one)(void *ctx, const char *vm_uuid, const json *status);
	void (*done)(void *ctx, const struct error *err);
	void *ctx;
};

/* The uuids are copied. done is called on the loop, never from here. It frees itself. */
void statuses_read(struct api *api, const char *const *vm_uuids, size_t count, const struct statuses_handler *handler);

#endif
