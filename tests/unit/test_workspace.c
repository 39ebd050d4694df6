/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud/cvm_table.h"
#include "cloud/workspace.h"
#include "unit/server.h"

enum { TOTAL = 1050 };

struct scene {
	struct loop *loop;
	struct http *http;
	struct server *server;
	struct api *api;
	struct workspace *workspace;
	char base[80];
	atomic_int limited, broken, broken_page, batches, renamed;
	char asked[8192]; /* the last body of status/batch */
	int changes;
};

static void uuid_of(char out[37], int i)
{
	snprintf(out, 37, "%08x-0000-4000-8000-%012x", (unsigned)i, (unsigned)i);
}

static void print_cvm(struct buf *out, int i, bool renamed)
{
	char uuid[37];

	uuid_of(uuid, i);
	buf_add_format(out, "%s{\"id\":\"cvm_%d\",\"name\":\"%s-%05d\",\"vm_uuid\":\"%s\",\"app_id\":\"%040x\",\"status\":\"%s\","
		"\"node_info\":{\"name\":\"prod%d\",\"region\":\"us\"},\"kms_type\":\"base\",\"kms_info\":{\"chain_id\":8453}}",
		out->data && out->data[out->len - 1] == '}' ? "," : "", i, renamed ? "new" : "svc", i, uuid, i, i % 3 ? "running" : "stopped", i % 7);
}

static void send_page(struct scene *scene, int fd, int page, int size)
{
	struct buf body = BUF_INIT;
	int i, first = (page - 1) * size;

	buf_add_text(&body, "{\"items\":[");
	for (i = first; i < first + size && i < TOTAL; i++)
		print_cvm(&body, TOTAL - i, scene->renamed);
	buf_add_format(&body, "],\"total\":%d,\"page\":%d,\"page_size\":%d,\"pages\":%d}", TOTAL, page, size, (TOTAL + size - 1) / size);
	server_json(fd, 200, buf_text(&body));
	buf_clear(&body);
}

static bool answer(void *ctx, int fd, const struct server_request *request)
{
	struct scene *scene = ctx;
	int page, size;

	if (sscanf(request->path, "/api/v1/cvms/paginated?page=%d&page_size=%d", &page, &size) == 2) {
		if (page == 4 && scene->limited-- > 0)
			server_answer(fd, 429, "Too Many", "application/json", "Retry-After: 3\r\n", "{}", 2);
		else if (scene->broken || page == scene->broken_page)
			server_json(fd, 403, "{\"detail\":\"no\"}");
		else
			send_page(scene, fd, page, size);
	} else if (strstr(request->path, "/api/v1/cvms/00000007")) {
		struct buf body = BUF_INIT;

		print_cvm(&body, 7, scene->renamed);
		server_json(fd, 200, buf_text(&body));
		buf_clear(&body);
	} else if (strstr(request->path, "/status/batch")) {
		snprintf(scene->asked, sizeof(scene->asked), "%s", request->body);
		scene->batches++;
		server_json(fd, 200, "{\"00000001-0000-4000-8000-000000000001\":{\"status\":\"starting\",\"uptime\":\"1s\",\"in_progress\":true}}");
	}
	return true;
}

static void on_change(void *ctx)
{
	((struct scene *)ctx)->changes++;
}

static int setup(void **state)
{
	struct scene *scene = mem_new(1, sizeof(*scene));
	struct credentials credentials = { .api_prefix = scene->base };
	struct error err;

	scene->loop = loop_new(&err);
	scene->http = http_new(scene->loop, &err);
	scene->server = server_start(answer, scene);
	snprintf(scene->base, sizeof(scene->base), "%s/api/v1", server_url(scene->server));
	scene->api = api_new(scene->loop, scene->http, &credentials, NULL);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	workspace_free(scene->workspace);
	api_free(scene->api);
	http_free(scene->http);
	server_stop(scene->server);
	loop_free(scene->loop);
	free(scene);
	return 0;
}

static void load(struct scene *scene)
{
	int64_t end = clock_mono_ms() + 15000;

	if (!scene->workspace)
		scene->workspace = workspace_new(scene->loop, scene->api, on_change, scene);
	while (workspace_state(scene->workspace)->loading && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_false(workspace_state(scene->workspace)->loading);
}

static void test_load(void **state)
{
	struct scene *scene = *state;
	int64_t end = clock_mono_ms() + 15000;

	scene->workspace = workspace_new(scene->loop, scene->api, on_change, scene);
	while (!workspace_rows(scene->workspace) && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_true(workspace_state(scene->workspace)->loading); /* rows are there before all pages are */
	assert_true(workspace_rows(scene->workspace) < TOTAL);
	load(scene);
	assert_int_equal(workspace_rows(scene->workspace), TOTAL);
	assert_int_equal(workspace_state(scene->workspace)->total, TOTAL);
	assert_true(workspace_state(scene->workspace)->loaded_ms > 0);
	assert_string_equal(workspace_row(scene->workspace, 0)->name, "svc-00001");
	assert_string_equal(workspace_row(scene->workspace, TOTAL - 1)->name, "svc-01050");
	assert_null(workspace_row(scene->workspace, TOTAL));
	assert_int_equal(server_requests(scene->server), 11);
	assert_true(scene->changes > 0);
}

static void test_limit_is_obeyed(void **state)
{
	struct scene *scene = *state;
	int64_t began = clock_mono_ms();

	scene->limited = 1;
	load(scene);
	assert_int_equal(workspace_rows(scene->workspace), TOTAL);
	assert_true(clock_mono_ms() - began >= 3000);
	assert_int_equal(server_requests(scene->server), 12);
}

static void test_refused(void **state)
{
	struct scene *scene = *state;

	scene->broken = 1;
	load(scene);
	assert_int_equal(workspace_state(scene->workspace)->error.status, STATUS_CREDENTIALS);
	scene->broken = 0;
	workspace_refresh(scene->workspace);
	load(scene);
	assert_int_equal(workspace_state(scene->workspace)->error.status, STATUS_OK);
	assert_int_equal(workspace_rows(scene->workspace), TOTAL);
}

/* A list that ended early says so until it is whole, whatever the polls in between say. */
static void test_missing_page(void **state)
{
	struct scene *scene = *state;
	const struct workspace_state *seen;
	int64_t end = clock_mono_ms() + 15000;

	scene->broken_page = 11; /* the last, of half the size */
	load(scene);
	seen = workspace_state(scene->workspace);
	assert_int_equal(workspace_count(scene->workspace) + seen->missing, TOTAL);
	assert_true(seen->missing >= 50);
	assert_int_equal(seen->load_error.status, STATUS_CREDENTIALS);
	workspace_watch(scene->workspace, 0, 3);
	while (!scene->batches && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	loop_turn(scene->loop, 100);
	assert_int_equal(seen->load_error.status, STATUS_CREDENTIALS);
	scene->broken_page = 0;
	workspace_refresh(scene->workspace);
	load(scene);
	assert_int_equal(seen->missing, 0);
	assert_int_equal(seen->load_error.status, STATUS_OK);
	assert_int_equal(workspace_count(scene->workspace), TOTAL);
	scene->broken_page = 2; /* what is there stays, and is old */
	workspace_refresh(scene->workspace);
	load(scene);
	assert_int_equal(seen->missing, 0);
	assert_int_equal(seen->load_error.status, STATUS_CREDENTIALS);
	assert_int_equal(workspace_count(scene->workspace), TOTAL);
}

static void test_one_anew(void **state)
{
	struct scene *scene = *state;
	int64_t end = clock_mono_ms() + 15000;
	const struct cvm *found[1];
	size_t count;
	int asked;

	load(scene);
	asked = server_requests(scene->server);
	assert_int_equal(workspace_find(scene->workspace, "svc-00007", found, 1, &count), WORKSPACE_ONE);
	scene->renamed = 1;
	workspace_renew(scene->workspace, found[0]);
	while (workspace_find(scene->workspace, "new-00007", found, 1, &count) != WORKSPACE_ONE && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_int_equal(workspace_find(scene->workspace, "new-00007", found, 1, &count), WORKSPACE_ONE);
	assert_int_equal(workspace_find(scene->workspace, "svc-00008", found, 1, &count), WORKSPACE_ONE);
	assert_int_equal(server_requests(scene->server), asked + 1);
	assert_int_equal(workspace_count(scene->workspace), TOTAL);
}

static void test_filter_sort_select(void **state)
{
	struct scene *scene = *state;
	const struct cvm *found[2];
	size_t count;

	load(scene);
	workspace_select(scene->workspace, 500);
	workspace_sort(scene->workspace, WORKSPACE_NAME, true);
	assert_string_equal(workspace_row(scene->workspace, 0)->name, "svc-01050");
	assert_int_equal(workspace_selected(scene->workspace), TOTAL - 1 - 500);
	workspace_filter(scene->workspace, "SVC-005 prod3 stopped");
	assert_true(workspace_rows(scene->workspace) > 0 && workspace_rows(scene->workspace) < 20);
	assert_string_equal(workspace_row(scene->workspace, 0)->node_name, "prod3");
	workspace_filter(scene->workspace, "nothing like it");
	assert_int_equal(workspace_rows(scene->workspace), 0);
	assert_int_equal(workspace_selected(scene->workspace), 0);
	workspace_filter(scene->workspace, "");
	workspace_sort(scene->workspace, WORKSPACE_NODE, false);
	assert_string_equal(workspace_row(scene->workspace, 0)->node_name, "prod0");
	scene->renamed = 1;
	workspace_refresh(scene->workspace);
	assert_int_equal(workspace_rows(scene->workspace), TOTAL); /* the old rows stay meanwhile */
	load(scene);
	assert_string_equal(workspace_row(scene->workspace, workspace_selected(scene->workspace))->name, "new-00501");
	assert_int_equal(workspace_find(scene->workspace, "new-00007", found, 2, &count), WORKSPACE_ONE);
	assert_int_equal(workspace_find(scene->workspace, "00000007000040008000000000000007", found, 2, &count), WORKSPACE_ONE);
	assert_int_equal(workspace_find(scene->workspace, "app_0000000000000000000000000000000000000007", found, 2, &count), WORKSPACE_ONE);
	assert_int_equal(workspace_find(scene->workspace, "svc", found, 2, &count), WORKSPACE_NONE);
}

static void test_live_status(void **state)
{
	struct scene *scene = *state;
	int64_t end = clock_mono_ms() + 10000;

	load(scene);
	loop_turn(scene->loop, 300);
	assert_int_equal(scene->batches, 0); /* nobody looks */
	workspace_watch(scene->workspace, 0, 3);
	workspace_follow(scene->workspace, "00000005-0000-4000-8000-000000000005", true);
	while (strcmp(workspace_row(scene->workspace, 0)->status, "starting") != 0 && clock_mono_ms() < end)
		loop_turn(scene->loop, 100);
	assert_string_equal(workspace_row(scene->workspace, 0)->status, "starting");
	assert_true(workspace_row(scene->workspace, 0)->in_progress);
	assert_non_null(strstr(scene->asked, "00000003-0000-4000-8000-000000000003"));
	assert_non_null(strstr(scene->asked, "00000005-0000-4000-8000-000000000005"));
	assert_null(strstr(scene->asked, "00000004-0000-4000-8000-000000000004"));
}

/* What a column does not know is no least value: it stands last, whichever way round. */
static void test_unknown_is_last(void **state)
{
	static const struct { const char *name; int64_t uptime_s; } known[] = { { "b", -1 }, { "c", 300 }, { "a", -1 }, { "d", 0 }, { "e", 20 } };
	struct cvm cvms[5] = { 0 };
	struct cvm_table table;
	char order[6] = "";
	size_t i;

	(void)state;
	cvm_table_init(&table);
	for (i = 0; i < 5; i++) {
		uuid_of(cvms[i].vm_uuid, (int)i);
		snprintf(cvms[i].name, sizeof(cvms[i].name), "%s", known[i].name);
		cvms[i].uptime_s = known[i].uptime_s;
	}
	cvm_table_sort(&table, WORKSPACE_UPTIME, false);
	cvm_table_reserve(&table, 5);
	cvm_table_add(&table, cvms, 2);
	cvm_table_add(&table, cvms + 2, 3); /* as pages come */
	for (i = 0; i < 5; i++)
		order[i] = table.cvms[table.rows[i]].name[0];
	assert_string_equal(order, "decab");
	cvm_table_sort(&table, WORKSPACE_UPTIME, true);
	for (i = 0; i < 5; i++)
		order[i] = table.cvms[table.rows[i]].name[0];
	assert_string_equal(order, "cedba");
	cvm_table_sort(&table, WORKSPACE_NODE, false); /* none is known */
	assert_int_equal(table.row_count, 5);
	cvm_table_clear(&table);
}

/* Sorting and filtering ten thousand must not be felt. */
static void test_speed(void **state)
{
	enum { MANY = 10000 };
	struct cvm *cvms = mem_new(MANY, sizeof(*cvms));
	struct cvm_table table;
	int64_t began, sorted, filtered;
	int i;

	(void)state;
	cvm_table_init(&table);
	for (i = 0; i < MANY; i++) {
		uuid_of(cvms[i].vm_uuid, i);
		snprintf(cvms[i].name, sizeof(cvms[i].name), "service-%05d", (i * 7919) % MANY);
		snprintf(cvms[i].node_name, sizeof(cvms[i].node_name), "prod%d", i % 40);
	}
	cvm_table_reserve(&table, MANY);
	for (i = 0; i < MANY; i += 100)
		cvm_table_add(&table, cvms + i, 100);
	assert_int_equal(table.row_count, MANY);
	began = clock_mono_us();
	cvm_table_sort(&table, WORKSPACE_NODE, false);
	sorted = clock_mono_us();
	cvm_table_filter(&table, "service-0 prod");
	filtered = clock_mono_us();
	assert_int_equal(table.row_count, MANY);
	print_message("# 10000 CVMs: sort %lld us, filter %lld us, %zu KiB\n", (long long)(sorted - began), (long long)(filtered - sorted),
		(MANY * (sizeof(struct cvm) + CVM_HAY_SIZE + 1 + sizeof(struct cvm_place) + 4) + table.hash_size * 4) / 1024);
	for (i = 1; i < MANY; i++)
		assert_true(strcmp(table.cvms[table.rows[i - 1]].node_name, table.cvms[table.rows[i]].node_name) <= 0);
	cvm_table_clear(&table);
	free(cvms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_load, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit_is_obeyed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filter_sort_select, setup, teardown),
		cmocka_unit_test_setup_teardown(test_live_status, setup, teardown),
		cmocka_unit_test(test_unknown_is_last),
		cmocka_unit_test(test_speed),
	};

	return cmocka_run_group_tests_name("workspace", tests, NULL, NULL);
}
