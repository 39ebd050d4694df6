/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/http_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

enum { LONGEST_RETRY_AFTER_S = 24 * 3600 };

void http_answer_init(struct http_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->date_ms = -1;
}

/* Not strptime: month names must not depend on the locale. */
int64_t http_answer_parse_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "", zone[4] = "";
	const char *found;
	struct tm tm = { 0 };
	time_t at;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min,
		    &tm.tm_sec, zone) != 7 || strlen(month) != 3 || strcmp(zone, "GMT") != 0)
		return -1;
	found = strstr(months, month);
	if (!found || (found - months) % 3 || tm.tm_year < 1970 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
		return -1;
	tm.tm_mon = (int)((found - months) / 3);
	tm.tm_year -= 1900;
	at = timegm(&tm);
	return at < 0 ? -1 : (int64_t)at * 1000;
}

static void begin(struct http_answer *answer, const char *line, size_t len)
{
	const char *at = memchr(line, ' ', len);
	const char *end = line + len;

	http_answer_init(answer);
	for (; at && at < end && *at == ' '; at++)
		;
	for (; at && at < end && isdigit((unsigned char)*at) && answer->status < 1000; at++)
		answer->status = answer->status * 10 + (*at - '0');
	if (at && at < end && *at == ' ')
		text_safe_copy(answer->reason, sizeof(answer->reason), at + 1, (size_t)(end - at - 1));
}

static bool value_of(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return false;
	for (n++; n < len && (line[n] == ' ' || line[n] == '\t'); n++)
		;
	while (len > n && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	text_safe_copy(out, size, line + n, len - n);
	return true;
}

void http_answer_line(struct http_answer *answer, const char *line, size_t len)
{
	char date[64];

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		begin(answer, line, len);
	else if (value_of(line, len, "date", date, sizeof(date)))
		answer->date_ms = http_answer_parse_date(date);
	else if (!value_of(line, len, "content-type", answer->content_type, sizeof(answer->content_type)))
		value_of(line, len, "retry-after", answer->retry_after, sizeof(answer->retry_after));
}

static int64_t clamp(int64_t ms)
{
	if (ms < 0)
		return 0;
	return ms > (int64_t)LONGEST_RETRY_AFTER_S * 1000 ? (int64_t)LONGEST_RETRY_AFTER_S * 1000 : ms;
}

int64_t http_answer_retry_after_ms(const struct http_answer *answer)
{
	const char *text = answer->retry_after;
	size_t digits = strspn(text, "0123456789");
	int64_t at;

	if (digits && !text[digits])
		return clamp(digits > 6 ? INT64_MAX : (int64_t)atol(text) * 1000);
	at = http_answer_parse_date(text);
	if (at < 0)
		return -1;
	return clamp(at - (answer->date_ms >= 0 ? answer->date_ms : clock_wall_ms()));
}
