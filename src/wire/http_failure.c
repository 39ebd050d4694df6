/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_failure.h"

#include <stddef.h>
#include <string.h>

#include "wire/http.h"

#define NEXT_ADDRESS "check the address, and that the service is up; then try again"
#define NEXT_AGAIN "check the network, then try again; what was already accepted is not lost"
#define NEXT_TLS "check the machine's clock, its CA certificates (SSL_CERT_FILE names others), and whether a proxy opens TLS connections on the way"

static const struct {
	CURLcode curl;
	struct http_failure words;
} failures[] = {
	{ CURLE_COULDNT_CONNECT, { "network-refused", "nobody answers there: the connection was refused or found no way", NEXT_ADDRESS } },
	{ CURLE_COULDNT_RESOLVE_PROXY, { "network-proxy", "the name of the proxy could not be resolved", HTTP_NEXT_PROXY } },
	{ CURLE_COULDNT_RESOLVE_HOST, { "network-dns", "the name of the host could not be resolved", "check the spelling of the address and the DNS of this machine" } },
	{ CURLE_OPERATION_TIMEDOUT, { "network-timeout", "no whole answer came in time", NEXT_AGAIN } },
	{ CURLE_PEER_FAILED_VERIFICATION, { "network-tls", "the server's certificate could not be verified", NEXT_TLS } },
	{ CURLE_SSL_CONNECT_ERROR, { "network-tls", "no TLS connection came about", NEXT_TLS } },
	{ CURLE_SSL_CACERT_BADFILE, { "network-tls", "the CA certificates of this machine could not be read", "install them; on Debian and Ubuntu: apt-get install ca-certificates" } },
	{ CURLE_GOT_NOTHING, { "network-reset", "the connection was closed before any answer", NEXT_AGAIN } },
	{ CURLE_RECV_ERROR, { "network-reset", "the connection broke while the answer was awaited", NEXT_AGAIN } },
	{ CURLE_SEND_ERROR, { "network-reset", "the connection broke while the request was sent", NEXT_AGAIN } },
	{ CURLE_PARTIAL_FILE, { "network-cut", "the answer ended before it was whole", NEXT_AGAIN } },
	{ CURLE_HTTP2_STREAM, { "network-cut", "the answer ended before it was whole", NEXT_AGAIN } },
	{ CURLE_BAD_CONTENT_ENCODING, { "network-encoding", "the answer's compression is broken", NEXT_AGAIN } },
	{ CURLE_UNSUPPORTED_PROTOCOL, { "network-not-http", "what answers there does not speak HTTP", NEXT_ADDRESS } },
	{ CURLE_WEIRD_SERVER_REPLY, { "network-not-http", "what answers there does not speak HTTP", NEXT_ADDRESS } },
};

struct http_failure http_failure_of(CURLcode result)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].curl == result)
			return failures[i].words;
	return (struct http_failure){ "network-failed", curl_easy_strerror(result), NEXT_AGAIN };
}

bool http_may_pass(const struct error *err)
{
	static const char *const lasting[] = { "network-bad-url", "network-tls", "network-proxy", "network-too-large", "network-headers" };
	size_t i;

	for (i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
		if (strcmp(err->code, lasting[i]) == 0)
			return false;
	return err->status == STATUS_API;
}
