/* SPDX-License-Identifier: Apache-2.0 */
/* What the typed reads share: asking, and taking fields over safely. */
#ifndef CVMDECK_CLOUD_API_TAKE_H
#define CVMDECK_CLOUD_API_TAKE_H

#include "cloud/api_call.h"

/* A GET; path is taken over, NULL: *err says why there is none. version is static or NULL. */
struct api_call *api_read(struct api *api, char *path, const struct error *err, const char *version, api_end_fn *end, void (*fn)(void), void *ctx);

/* The answer as JSON of that kind, or NULL with reply->error set. Caller frees. */
json *api_tree(struct api_reply *reply, const struct http_response *response, enum json_kind kind);

/* Text made safe and cut to fit. */
void api_take_text(char *out, size_t size, const json *value, const char *path);
/* Exactly size - 1 hex digits, lower case, without 0x; else "". */
void api_take_hex(char *out, size_t size, const json *value, const char *path);
/* 0x and 40 digits; else "". */
void api_take_address(char out[43], const json *value, const char *path);
/* A whole word that may stand in a path; else "". */
void api_take_word(char *out, size_t size, const json *value, const char *path);
/* enum cvm_flag */
uint8_t api_take_flag(const json *value, const char *path);
/* Elements of a list, at most a sane number; 0 for what is no list. */
size_t api_take_count(const json *list);

#endif
