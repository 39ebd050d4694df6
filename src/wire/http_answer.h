/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP answer, line by line; used by http.c alone. */
#ifndef CVMDECK_WIRE_HTTP_ANSWER_H
#define CVMDECK_WIRE_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are safe to show. */
struct http_answer {
	int status; /* 0 until a status line came */
	char reason[128];
	char content_type[128];
	char retry_after[64];
	int64_t date_ms; /* -1: none */
};

void http_answer_init(struct http_answer *answer);
/* One line without its end; a new status line (after 1xx) begins anew. */
void http_answer_line(struct http_answer *answer, const char *line, size_t len);
/* Milliseconds to wait, at most a day; -1: the server does not say. A date counts
 * from the server's own clock where it told it. */
int64_t http_answer_retry_after_ms(const struct http_answer *answer);
/* "Sun, 06 Nov 1994 08:49:37 GMT" in milliseconds since 1970, or -1. */
int64_t http_answer_parse_date(const char *text);

#endif
