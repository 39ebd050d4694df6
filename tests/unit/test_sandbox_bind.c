/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox whose backend looks at a chain elsewhere; the chain is that of another sandbox. */
#include "unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "base/text.h"
#include "unit/sandbox_child.h"

struct pair {
	struct child chain, backend;
	json *app;     /* payments-api there */
	char app_id[48], kms[48];
};

static int start(void **state)
{
	static const char *const other[] = { "--seed", "7", "--mine-ms", "10", NULL };
	struct pair *pair = mem_new(1, sizeof(*pair));
	char *url, *bind;

	child_start(&pair->chain, other);
	pair->app = child_api(&pair->chain, "GET", "cvms/payments-api", NULL, 200);
	text_copy(pair->app_id, sizeof(pair->app_id), json_text(pair->app, "app_id"));
	text_copy(pair->kms, sizeof(pair->kms), json_text(pair->app, "kms_info.dstack_kms_address"));
	url = mem_printf("http://127.0.0.1:%u", pair->chain.rpc);
	bind = mem_printf("checkout-web=%s,%s", pair->app_id, pair->kms);
	const char *const options[] = { "--chain-rpc", url, "--bind", bind, NULL };
	child_start(&pair->backend, options);
	free(url);
	free(bind);
	*state = pair;
	return 0;
}

static int stop(void **state)
{
	struct pair *pair = *state;

	json_free(pair->app);
	assert_int_equal(child_end(&pair->backend), 0);
	free(pair);
	return 0;
}

static json *is_allowed(struct pair *pair, int status)
{
	char *path = mem_printf("apps/%s/is-allowed", pair->app_id), *body;
	json *answer;

	body = mem_printf("{\"compose_hash\":\"%s\",\"device_id\":\"%s\"}", json_text(pair->app, "compose_hash"), json_text(pair->app, "node_info.device_id"));
	answer = child_api(&pair->backend, "POST", path, body, status);
	free(path);
	free(body);
	return answer;
}

static void tells_the_addresses(void **state)
{
	struct pair *pair = *state;
	json *cvm = child_api(&pair->backend, "GET", "cvms/checkout-web", NULL, 200);

	assert_string_equal(json_text(cvm, "app_id"), pair->app_id);
	assert_string_equal(json_text(cvm, "kms_info.dstack_kms_address"), pair->kms);
	assert_int_equal(json_int(cvm, "kms_info.chain_id", 0), 8453);
	json_free(cvm);
}

/* What only the chain elsewhere can know: that CVM's compose hash is allowed there, its device is not. */
static void reads_there(void **state)
{
	json *answer = is_allowed(*state, 200);

	assert_true(json_flag(answer, "compose_hash_allowed", false));
	assert_false(json_flag(answer, "device_id_allowed", true));
	json_free(answer);
}

static void reset_keeps_it(void **state)
{
	struct pair *pair = *state;

	json_free(child_api(&pair->backend, "POST", "/__reset", "{}", 200));
	tells_the_addresses(state);
	reads_there(state);
}

static void refused(const char *arguments)
{
	char *command = mem_printf("%s/cvmdeck-sandbox --stdin-watch %s </dev/null >/dev/null 2>&1", getenv("builddir") ? getenv("builddir") : ".", arguments);
	int status = system(command);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	free(command);
}

static void wrong_options(void **state)
{
	(void)state;
	refused("--chain-rpc http://127.0.0.1:9");
	refused("--bind checkout-web=0x1111111111111111111111111111111111111111,0x2222222222222222222222222222222222222222");
	refused("--chain-rpc ftp://127.0.0.1:9 --bind a=b,c");
	refused("--chain-rpc http://127.0.0.1:9 --bind checkout-web=0x11");
	refused("--chain-rpc http://127.0.0.1:9 --bind checkout-web=0x11,0x22");
}

/* Last: it ends the chain. */
static void no_chain_is_no_answer(void **state)
{
	struct pair *pair = *state;
	json *answer;

	assert_int_equal(kill(pair->chain.pid, SIGTERM), 0); /* the other one holds its input open too */
	assert_int_equal(child_end(&pair->chain), 0);
	answer = is_allowed(pair, 502);
	assert_true(strlen(json_text(answer, "detail")) > 0);
	json_free(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_addresses), cmocka_unit_test(reads_there), cmocka_unit_test(reset_keeps_it), cmocka_unit_test(wrong_options),
		cmocka_unit_test(no_chain_is_no_answer),
	};

	return cmocka_run_group_tests_name("sandbox_bind", tests, start, stop);
}
