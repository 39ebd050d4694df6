/* SPDX-License-Identifier: Apache-2.0 */
/* What curl's codes mean for a person: what happened, and what to do next. For http.c alone. */
#ifndef CVMDECK_WIRE_HTTP_FAILURE_H
#define CVMDECK_WIRE_HTTP_FAILURE_H

#include <curl/curl.h>

#define HTTP_NEXT_PROXY "check HTTPS_PROXY, https_proxy and ALL_PROXY, and NO_PROXY for what needs none"

struct http_failure {
	const char *code, *message, *next; /* live as long as the program */
};

/* Never without words: a code of no row has curl's own. */
struct http_failure http_failure_of(CURLcode result);

#endif
