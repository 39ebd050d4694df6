/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one service dares. Each check gives a sentence or nothing; a sentence
 * that the present file gives too is not new.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "compose/summary_tree.h"

struct finding {
	enum compose_note_level level;
	char *text;
	size_t line;
};

struct findings {
	struct finding *list;
	size_t count, cap;
};

typedef void check_service(struct findings *found, const struct yaml_node *service);

static void find(struct findings *found, enum compose_note_level level, const struct yaml_node *node, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

static void find(struct findings *found, enum compose_note_level level, const struct yaml_node *node, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	found->list = mem_grow(found->list, found->count, &found->cap, sizeof(*found->list));
	found->list[found->count++] = (struct finding){ level, mem_strdup(text), node ? node->line : 0 };
}

static bool is_word(const char *text, const char *const *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

static bool is_true(const struct yaml_node *node)
{
	static const char *const words[] = { "true", "yes", "on", "y" };

	return is_word(yaml_text(node), words, sizeof(words) / sizeof(words[0]));
}

static void check_privileged(struct findings *found, const struct yaml_node *service)
{
	const struct yaml_node *node = yaml_get(service, "privileged");

	if (is_true(node))
		find(found, COMPOSE_NOTE_RISK, node, "runs privileged: it can do anything in the CVM");
}

static void check_host(struct findings *found, const struct yaml_node *service)
{
	static const struct { const char *key, *text; } rows[] = {
		{ "network_mode", "uses the host's network: every port it opens is the CVM's" },
		{ "pid", "sees the processes of the whole CVM (pid: host)" },
		{ "ipc", "shares memory with the whole CVM (ipc: host)" },
		{ "userns_mode", "has the host's users (userns_mode: host)" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct yaml_node *node = yaml_get(service, rows[i].key);

		if (strcmp(yaml_text(node), "host") == 0)
			find(found, COMPOSE_NOTE_RISK, node, "%s", rows[i].text);
	}
}

/* Folders whose mount hands over the CVM. */
static bool is_vital_path(const char *path, size_t len)
{
	static const char *const paths[] = { "/", "/etc", "/proc", "/sys", "/dev", "/var/lib/docker", "/root", "/boot", "/tapp", "/dstack" };
	size_t i;

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strlen(paths[i]) == len && strncmp(path, paths[i], len) == 0)
			return true;
	return false;
}

static void check_mounts(struct findings *found, const struct yaml_node *service)
{
	struct yaml_items volumes = { 0 };
	size_t i;

	summary_list_volumes(&volumes, service);
	for (i = 0; i < volumes.count; i++) {
		const char *name = volumes.list[i].name;

		if (strstr(name, "docker.sock"))
			find(found, COMPOSE_NOTE_RISK, volumes.list[i].node,
				"mounts the docker socket: it can start any container, so it can do anything in the CVM");
		else if (strchr(name, ':') && is_vital_path(name, strcspn(name, ":")))
			find(found, COMPOSE_NOTE_RISK, volumes.list[i].node, "mounts %.100s of the CVM itself", name);
	}
	yaml_items_clear(&volumes);
}

static void check_rights(struct findings *found, const struct yaml_node *service)
{
	static const char *const strong[] = { "ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "SYS_RAWIO", "DAC_READ_SEARCH",
		"BPF", "CAP_ALL", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_MODULE", "CAP_NET_ADMIN", "CAP_SYS_RAWIO" };
	const struct yaml_node *caps = yaml_get(service, "cap_add"), *options = yaml_get(service, "security_opt");
	const struct yaml_node *devices = yaml_get(service, "devices");
	size_t i;

	for (i = 0; caps && caps->kind == YAML_LIST && i < caps->count; i++)
		if (is_word(yaml_text(caps->items[i]), strong, sizeof(strong) / sizeof(strong[0])))
			find(found, COMPOSE_NOTE_RISK, caps->items[i], "has the capability %.60s", yaml_text(caps->items[i]));
	for (i = 0; options && options->kind == YAML_LIST && i < options->count; i++)
		if (strstr(yaml_text(options->items[i]), "unconfined") || strstr(yaml_text(options->items[i]), "label:disable"))
			find(found, COMPOSE_NOTE_RISK, options->items[i], "takes a protection off: %.60s", yaml_text(options->items[i]));
	if (devices && devices->count)
		find(found, COMPOSE_NOTE_CAUTION, devices, "has devices of the CVM");
}

static bool is_moving_tag(const char *tag)
{
	static const char *const tags[] = { "latest", "main", "master", "edge", "nightly", "dev", "develop", "stable", "beta", "alpha", "next",
		"canary", "snapshot", "testing", "staging", "production", "prod", "unstable", "rolling" };

	return is_word(tag, tags, sizeof(tags) / sizeof(tags[0]));
}

/* The tag with nothing behind it, or NULL. */
static const char *find_tag(const char *image)
{
	const char *slash = strrchr(image, '/');

	image = strchr(slash ? slash : image, ':');
	return image ? image + 1 : NULL;
}

static void check_image(struct findings *found, const struct yaml_node *service)
{
	const struct yaml_node *node = yaml_get(service, "image");
	const char *image = yaml_text(node), *tag;

	if (!*image) {
		if (yaml_get(service, "build"))
			find(found, COMPOSE_NOTE_CAUTION, yaml_get(service, "build"), "is built in the CVM: what runs is in no hash");
		return;
	}
	if (strchr(image, '$')) {
		find(found, COMPOSE_NOTE_RISK, node, "image %.200s: an env variable decides what runs, and no hash covers it", image);
		return;
	}
	if (strstr(image, "@sha256:"))
		return;
	tag = find_tag(image);
	if (!tag)
		find(found, COMPOSE_NOTE_RISK, node, "image %.200s has no tag, so it is latest: what runs can change without an update", image);
	else if (is_moving_tag(tag))
		find(found, COMPOSE_NOTE_RISK, node, "image %.200s: this tag moves, so what runs can change without an update", image);
	else
		find(found, COMPOSE_NOTE_CAUTION, node, "image %.200s has no digest: its registry decides what runs", image);
}

static void run_checks(struct findings *found, const struct yaml_node *service)
{
	static check_service *const checks[] = { check_privileged, check_host, check_mounts, check_rights, check_image };
	size_t i;

	for (i = 0; service && i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](found, service);
}

static int compare_findings(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	return strcmp(a->text, b->text);
}

static void clear_findings(struct findings *found)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		free(found->list[i].text);
	free(found->list);
}

void summary_check_service(struct compose_summary *summary, const char *name, const struct yaml_node *before,
	const struct yaml_node *after)
{
	struct findings old = { 0 }, new = { 0 };
	size_t i;

	run_checks(&old, before);
	run_checks(&new, after);
	if (old.count)
		qsort(old.list, old.count, sizeof(*old.list), compare_findings);
	for (i = 0; i < new.count; i++) {
		bool was = old.count && bsearch(&new.list[i], old.list, old.count, sizeof(*old.list), compare_findings);

		summary_add(summary, new.list[i].level, name, new.list[i].line, !was, "%s", new.list[i].text);
	}
	clear_findings(&old);
	clear_findings(&new);
}
