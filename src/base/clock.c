/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t clock_mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

int64_t clock_wall_ms(void)
{
	const char *frozen = getenv("CVMDECK_NOW");
	struct timespec now;

	if (frozen)
		return (int64_t)strtoll(frozen, NULL, 10) * 1000;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A number of exactly `digits` digits, or -1. */
static int number(const char *s, size_t digits)
{
	int value = 0;
	size_t i;

	for (i = 0; i < digits; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

struct parts {
	int year, month, day, hour, minute, second;
	uint32_t ns;
	int offset_minutes;
};

static bool date_time(const char *s, size_t len, struct parts *p)
{
	if (len < 19 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != 't' && s[10] != ' ') || s[13] != ':' || s[16] != ':')
		return false;
	p->year = number(s, 4);
	p->month = number(s + 5, 2);
	p->day = number(s + 8, 2);
	p->hour = number(s + 11, 2);
	p->minute = number(s + 14, 2);
	p->second = number(s + 17, 2);
	return p->year >= 1 && p->month >= 1 && p->month <= 12 && p->day >= 1 && p->day <= 31 && p->hour >= 0 && p->hour <= 23 &&
	       p->minute >= 0 && p->minute <= 59 && p->second >= 0 && p->second <= 60;
}

static size_t fraction(const char *s, size_t len, uint32_t *ns)
{
	uint32_t unit = 100000000;
	size_t i = 1;

	*ns = 0;
	if (!len || s[0] != '.')
		return 0;
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++, unit /= 10)
		*ns += (uint32_t)(s[i] - '0') * unit;
	return i > 1 ? i : 0;
}

static size_t offset(const char *s, size_t len, int *minutes)
{
	int h, m;

	*minutes = 0;
	if (len >= 1 && (s[0] == 'Z' || s[0] == 'z'))
		return 1;
	if (len < 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':')
		return 0;
	h = number(s + 1, 2);
	m = number(s + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return 0;
	*minutes = (s[0] == '-' ? -1 : 1) * (h * 60 + m);
	return 6;
}

static size_t scan(const char *s, size_t len, struct parts *p)
{
	size_t used = 19;

	if (!date_time(s, len, p))
		return 0;
	used += fraction(s + used, len - used, &p->ns);
	used += offset(s + used, len - used, &p->offset_minutes);
	return used;
}

size_t clock_scan(const char *bytes, size_t len)
{
	struct parts p;

	return scan(bytes, len, &p);
}

/* Days from 1970-01-01 in the Gregorian calendar, with years that start in March. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = y / 400, yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool clock_parse(const char *text, int64_t *ms, uint32_t *ns)
{
	struct parts p;
	size_t len = strlen(text);
	int64_t seconds;

	if (scan(text, len, &p) != len || !len)
		return false;
	seconds = days_from_civil(p.year, p.month, p.day) * 86400 + p.hour * 3600 + p.minute * 60 + p.second - p.offset_minutes * 60;
	*ms = seconds * 1000 + p.ns / 1000000;
	if (ns)
		*ns = p.ns;
	return true;
}

const char *clock_format(char out[CLOCK_TEXT_SIZE], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *clock_format_local(char out[CLOCK_TEXT_SIZE], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(out, CLOCK_TEXT_SIZE, "%H:%M:%S", &tm);
	return out;
}
