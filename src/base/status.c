/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum status status, const char *code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return false;
	error_clear(err);
	err->status = status;
	snprintf(err->code, sizeof(err->code), "%s", code);
	va_start(args, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	return false;
}

bool error_next(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return false;
	va_start(args, fmt);
	vsnprintf(err->next, sizeof(err->next), fmt, args);
	va_end(args);
	return false;
}

bool error_detail(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return false;
	va_start(args, fmt);
	vsnprintf(err->detail, sizeof(err->detail), fmt, args);
	va_end(args);
	return false;
}

void error_clear(struct error *err)
{
	if (!err)
		return;
	err->status = STATUS_OK;
	err->code[0] = '\0';
	err->message[0] = '\0';
	err->next[0] = '\0';
	err->detail[0] = '\0';
}

const char *status_next(enum status status)
{
	static const char *const next[] = {
		[STATUS_OK] = "",
		[STATUS_INPUT] = "correct what is named here, then start again; nothing was sent",
		[STATUS_USAGE] = "correct the command line; cvmdeck --help and the manual list what there is",
		[STATUS_DECLINED] = "start again when it may go on",
		[STATUS_CREDENTIALS] = "give valid credentials, then start again",
		[STATUS_API] = "try again in a moment; if it stays so, see whether the API answers: cvmdeck list",
		[STATUS_CHAIN] = "try again in a moment, or give another endpoint with --rpc-url",
		[STATUS_CHECK] = "do not sign it by another way; find out first why the two differ",
		[STATUS_INTERRUPTED] = "cvmdeck resume goes on where it stood",
	};

	if ((size_t)status >= sizeof(next) / sizeof(next[0]))
		return "try again";
	return next[status];
}
