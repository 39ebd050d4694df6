/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the API: a refusal of any shape, and the same bytes as the answer to an update. */
#include <stdint.h>
#include <stdlib.h>

#include "cloud/api_error.h"
#include "cloud/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void refuse(int status, const char *body, size_t len)
{
	struct api_answer answer = { "GET", "https://api.example/x", status, "Reason", "application/json", body, len };
	struct api_error *error = api_error_new(&answer);
	struct buf text = BUF_INIT;
	struct error words;

	api_error_format(&text, error);
	api_error_plain(&text, error);
	api_error_explain(error, &words);
	buf_clear(&text);
	api_error_free(error);
}

static void update(int status, const char *body, size_t len)
{
	struct exact_json *data = update_read(status, body, len, NULL);
	struct update_issue issues[UPDATE_MOST_ISSUES];
	struct api_update_result result;

	update_check(data, issues);
	if (update_take(&result, data) && result.kind == API_UPDATE_NEEDS_ONCHAIN && !result.compose_hash[0])
		abort();
	exact_json_free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 400, 401, 422, 465, 502 };

	refuse(statuses[size % 5], (const char *)data, size);
	update(465, (const char *)data, size);
	update(202, (const char *)data, size);
	return 0;
}
