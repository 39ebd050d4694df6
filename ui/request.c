/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/request.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

struct rollout_request *request_new(const char *cvm_ref, const char *compose_text, size_t len)
{
	struct rollout_request *request = mem_new(1, sizeof(*request));

	request->kind = ROLLOUT_UPDATE;
	request->cvm_ref = mem_strdup(cvm_ref);
	request->wait = true;
	if (compose_text) {
		request->compose_text = mem_copy(compose_text, len);
		request->compose_len = len;
	}
	return request;
}

struct rollout_request *request_from_file(const char *cvm_ref, const char *path, struct error *err)
{
	struct rollout_request *request;
	struct buf text = BUF_INIT;
	char *real = file_expand(path);
	bool good;

	if (!file_is_plain(real)) { /* a pipe could keep the screen waiting */
		free(real);
		error_set(err, STATUS_INPUT, "file-unreadable", "this is a folder, a pipe or a device, and no compose file");
		error_next(err, "name a file; Tab completes its path");
		return NULL;
	}
	good = file_read(real, "compose file", LIMIT_COMPOSE, &text, err);

	if (!good) {
		free(real);
		buf_clear(&text);
		return NULL;
	}
	request = request_new(cvm_ref, buf_text(&text), text.len);
	request->compose_path = real;
	buf_clear(&text);
	return request;
}

void request_free(struct rollout_request *request)
{
	rollout_request_clear(request);
	free(request);
}
