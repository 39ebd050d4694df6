/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "compose/summary.h"
#include "unit/unit.h"

#define DIGEST "@sha256:0000000000000000000000000000000000000000000000000000000000000000"

static struct compose_summary *summarize(const char *before, const char *after)
{
	struct error err = { 0 };
	struct compose_summary *summary = compose_summary_new(before, before ? strlen(before) : 0, after, strlen(after), &err);

	if (!summary)
		fail_msg("%s", err.message);
	return summary;
}

static const struct compose_note *find_note(const struct compose_summary *summary, const char *text)
{
	size_t i;

	for (i = 0; i < summary->count; i++)
		if (strstr(summary->notes[i].text, text))
			return &summary->notes[i];
	return NULL;
}

static void assert_note(const struct compose_summary *summary, enum compose_note_level level, const char *service, const char *text)
{
	const struct compose_note *note = find_note(summary, text);
	size_t i;

	for (i = 0; !note && i < summary->count; i++)
		print_message("%d %s: %s\n", (int)summary->notes[i].level, summary->notes[i].service, summary->notes[i].text);
	if (!note)
		fail_msg("no note has: %s", text);
	assert_int_equal(note->level, level);
	assert_string_equal(note->service, service);
}

static const char present[] =
	"services:\n  web:\n    image: nginx:1.25" DIGEST "\n    ports: ['80:80']\n    volumes:\n      - data:/data\n"
	"      - /var/run/dstack.sock:/var/run/dstack.sock\n    environment:\n      - A=1\n      - B\n    restart: always\n"
	"  old:\n    image: busybox:1" DIGEST "\n    volumes: [cache:/cache]\nvolumes:\n  data: {}\n  cache:\n";

static void test_nothing_changes(void **state)
{
	struct compose_summary *summary = summarize(present, present);

	(void)state;
	assert_int_equal(summary->count, 0);
	assert_int_equal(summary->services, 2);
	compose_summary_free(summary);
}

static void test_changes(void **state)
{
	struct compose_summary *summary = summarize(present,
		"services:\n  web:\n    image: nginx:1.27" DIGEST "\n    ports: ['80:80', '443:443']\n    volumes:\n      - type: bind\n"
		"        source: /x\n        target: /y\n        read_only: true\n    environment:\n      A: 2\n      C: 3\n    restart: no\n"
		"  new:\n    image: redis:7" DIGEST "\nvolumes:\n  data: {}\n");

	(void)state;
	assert_note(summary, COMPOSE_NOTE_RISK, "web", "volume data:/data removed");
	assert_note(summary, COMPOSE_NOTE_RISK, "old", "volume cache:/cache removed");
	assert_note(summary, COMPOSE_NOTE_RISK, "", "volumes: cache is gone");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "image nginx:1.25" DIGEST " → 1.27" DIGEST);
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "port added: 443:443");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "volume added: /x:/y:ro");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "volume removed: /var/run/dstack.sock");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "environment added: C");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "environment changed: A");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "environment removed: B");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "web", "restart always → no");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "new", "service added: redis:7");
	assert_note(summary, COMPOSE_NOTE_CHANGE, "old", "service removed: busybox:1");
	assert_int_equal(summary->notes[0].level, COMPOSE_NOTE_RISK);
	assert_int_equal(summary->notes[summary->count - 1].level, COMPOSE_NOTE_CHANGE);
	assert_int_equal(summary->risks + summary->cautions + summary->changes, summary->count);
	compose_summary_free(summary);
}

static void test_risks(void **state)
{
	static const struct { const char *service, *text; enum compose_note_level level; } rows[] = {
		{ "image: a:1" DIGEST "\n    privileged: true", "runs privileged", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    volumes: ['/var/run/docker.sock:/s']", "docker socket", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    volumes: ['/:/host']", "mounts /:/host", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    network_mode: host", "host's network", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    pid: host", "pid: host", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    cap_add: [SYS_ADMIN]", "capability SYS_ADMIN", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    security_opt: ['seccomp:unconfined']", "takes a protection off", COMPOSE_NOTE_RISK },
		{ "image: a:1" DIGEST "\n    devices: ['/dev/x:/dev/x']", "devices of the CVM", COMPOSE_NOTE_CAUTION },
		{ "image: a", "no tag", COMPOSE_NOTE_RISK },
		{ "image: r:5000/a", "no tag", COMPOSE_NOTE_RISK },
		{ "image: a:latest", "this tag moves", COMPOSE_NOTE_RISK },
		{ "image: a:${TAG}", "an env variable decides", COMPOSE_NOTE_RISK },
		{ "image: r:5000/a:1.2", "has no digest", COMPOSE_NOTE_CAUTION },
		{ "build: .", "is built in the CVM", COMPOSE_NOTE_CAUTION },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_printf("services:\n  s:\n    %s\n", rows[i].service);
		struct compose_summary *first = summarize(NULL, text), *same = summarize(text, text);

		assert_note(first, rows[i].level, "s", rows[i].text);
		assert_true(find_note(first, rows[i].text)->is_new);
		assert_true(find_note(first, rows[i].text)->line >= 2);
		assert_int_equal(first->count, 1);
		assert_false(find_note(same, rows[i].text)->is_new);
		assert_int_equal(same->new_risks, 0);
		compose_summary_free(first);
		compose_summary_free(same);
		free(text);
	}
}

static void test_anchors_and_merges(void **state)
{
	struct compose_summary *summary = summarize("services:\n  a: {image: 'x:1" DIGEST "'}\n",
		"x-base: &base\n  image: x:1" DIGEST "\n  privileged: true\nservices:\n  a:\n    <<: *base\n  b:\n    <<: [*base]\n"
		"    privileged: false\n");

	(void)state;
	assert_note(summary, COMPOSE_NOTE_RISK, "a", "runs privileged");
	assert_int_equal(summary->risks, 1);
	assert_note(summary, COMPOSE_NOTE_CHANGE, "b", "service added");
	compose_summary_free(summary);
}

static void assert_refused(const char *text, size_t len, const char *code, const char *part)
{
	struct error err = { 0 };

	assert_null(compose_summary_new(NULL, 0, text, len, &err));
	assert_int_equal(err.status, STATUS_INPUT);
	assert_string_equal(err.code, code);
	if (!strstr(err.message, part))
		fail_msg("%s: no %s", err.message, part);
}

static void test_refused(void **state)
{
	static const struct { const char *text, *code, *part; } rows[] = {
		{ "", "compose-empty", "" }, { "# nothing\n", "compose-empty", "" },
		{ "a: 1\n", "compose-no-services", "" }, { "- a\n", "compose-no-services", "" }, { "services: []\n", "compose-no-services", "" },
		{ "services:\n  web:\n   image: a\n  - b\n", "yaml-broken", "line 4, column 3" },
		{ "services:\n\tweb: 1\n", "yaml-broken", "line 2, column 1" },
		{ "a: *nothing\n", "yaml-broken", "line 1, column 4: the alias *nothing has no anchor" },
		{ "a: &a [*a]\n", "yaml-broken", "holds itself" },
		{ "services: {\"a\x01\": 1}\n", "yaml-broken", "line 1" },
		{ "a: b\nc: \xFF\n", "yaml-broken", "line 2, column 4" },
	};
	char *big = mem_new(LIMIT_COMPOSE + 1, 1);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i].text, strlen(rows[i].text), rows[i].code, rows[i].part);
	memset(big, ' ', LIMIT_COMPOSE + 1);
	assert_refused(big, LIMIT_COMPOSE + 1, "compose-too-large", "");
	memset(big, '[', 1000);
	assert_refused(big, 1000, "yaml-too-complex", "levels of nesting");
	free(big);
}

/* Nine levels of nine aliases: a few hundred bytes that come to 400 million nodes. */
static void test_bomb(void **state)
{
	struct buf text = BUF_INIT, long_text = BUF_INIT;
	int level, i;

	(void)state;
	buf_add_text(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
	for (level = 1; level < 9; level++) {
		buf_add_format(&text, "a%d: &a%d [", level, level);
		for (i = 0; i < 9; i++)
			buf_add_format(&text, "%s*a%d", i ? "," : "", level - 1);
		buf_add_text(&text, "]\n");
	}
	assert_refused(text.data, text.len, "yaml-too-complex", "aliases");
	buf_clear(&text);
	/* The same by length: one long text many times. */
	buf_add_text(&long_text, "a: &a ");
	for (i = 0; i < 100000; i++)
		buf_add_byte(&long_text, 'x');
	buf_add_text(&long_text, "\nb: [");
	for (i = 0; i < 10000; i++)
		buf_add_text(&long_text, "*a ,");
	buf_add_text(&long_text, "]\n");
	assert_refused(long_text.data, long_text.len, "yaml-too-complex", "aliases");
	buf_clear(&long_text);
}

static void test_safe_and_odd(void **state)
{
	struct compose_summary *summary = summarize("services: [", "services:\n  \"a\\e[31m\": {image: \"x\\u202e:1\"}\n  b: &b\n  c: 5\n"
		"  d: {image: [1], ports: {a: b}, volumes: 7, environment: [[1]], cap_add: x}\n  d: {}\n---\nmore: 1\n");

	(void)state;
	assert_note(summary, COMPOSE_NOTE_CAUTION, "a^[[31m", "image x<U+202E>:1 has no digest");
	assert_note(summary, COMPOSE_NOTE_CAUTION, "", "the key d stands twice (lines 5 and 6)");
	assert_note(summary, COMPOSE_NOTE_CAUTION, "", "more than one YAML document");
	assert_non_null(strstr(summary->before_problem, "broken at line "));
	compose_summary_free(summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_changes), cmocka_unit_test(test_changes), cmocka_unit_test(test_risks),
		cmocka_unit_test(test_anchors_and_merges), cmocka_unit_test(test_refused), cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_safe_and_odd),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
