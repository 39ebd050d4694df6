/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking HTTP/1.0 request to a loopback port, apart from the product's own client, which is what is tested. */
#ifndef CVMDECK_TESTS_PLAIN_HTTP_H
#define CVMDECK_TESTS_PLAIN_HTTP_H

#include <stdint.h>

#include "base/buf.h"

/*
 * Sends it and reads to the end; body is NULL or JSON; headers are lines with
 * \r\n, or "". Returns the status (the answer's body is added to *out), or 0
 * when nobody answers; the test fails when nobody listens.
 */
int plain_http(uint16_t port, const char *method, const char *target, const char *headers, const char *body, struct buf *out);

#endif
