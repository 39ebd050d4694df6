/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an address, by curl's own parser, so that what is judged here is what curl connects to. For http*.c alone. */
#ifndef CVMDECK_WIRE_HTTP_URL_H
#define CVMDECK_WIRE_HTTP_URL_H

#include <curl/curl.h>

/* One part of an URL, or NULL where it has none or is none; the caller frees. flags: CURLU_ of curl_url_get. */
char *http_url_part(const char *url, CURLUPart part, unsigned flags);

#endif
