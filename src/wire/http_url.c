/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "wire/http.h"

char *http_url_part(const char *url, CURLUPart part, unsigned flags)
{
	CURLU *parsed = curl_url();
	char *text = NULL, *copy;

	if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(parsed, part, &text, flags);
	copy = mem_strdup(text);
	curl_free(text);
	curl_url_cleanup(parsed);
	return copy;
}

bool http_is_loopback(const char *url)
{
	char *host = http_url_part(url, CURLUPART_HOST, 0);
	struct in_addr v4;
	bool loopback;

	if (!host)
		return false;
	loopback = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
		(inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
	free(host);
	return loopback;
}

static bool same_part(const char *a, const char *b, CURLUPart part)
{
	char *of_a = http_url_part(a, part, CURLU_DEFAULT_PORT), *of_b = http_url_part(b, part, CURLU_DEFAULT_PORT);
	bool same = of_a && of_b && strcasecmp(of_a, of_b) == 0;

	free(of_a);
	free(of_b);
	return same;
}

bool http_same_origin(const char *a, const char *b)
{
	return same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_HOST) && same_part(a, b, CURLUPART_PORT);
}
