/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox's own reading of YAML: libyaml's document, in which an alias is
 * the node it names, so that nothing is written out however often it is named.
 */
#include "sandbox/services.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"

enum { MERGES_MOST = 64 }; /* looked into for one service, so that a merge that holds itself ends, and a heap of them */

struct lookup {
	yaml_document_t *document;
	const char *name;
	int merges;
};

static const char *text_of(const yaml_node_t *node)
{
	return node != NULL && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

static yaml_node_t *find_member(struct lookup *lookup, const yaml_node_t *map);

/* `<<` names a map or a list of maps whose members count where the map has none of that name. */
static yaml_node_t *find_merged(struct lookup *lookup, const yaml_node_t *merged)
{
	yaml_node_t *found = NULL;
	if (merged == NULL || lookup->merges-- <= 0)
		return NULL;
	if (merged->type != YAML_SEQUENCE_NODE)
		return find_member(lookup, merged);
	for (yaml_node_item_t *item = merged->data.sequence.items.start; found == NULL && item < merged->data.sequence.items.top; item++)
		found = find_member(lookup, yaml_document_get_node(lookup->document, *item));
	return found;
}

static yaml_node_t *find_member(struct lookup *lookup, const yaml_node_t *map)
{
	yaml_document_t *document = lookup->document;
	yaml_node_t *merged = NULL, *found = NULL;
	if (map == NULL || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
		const char *key = text_of(yaml_document_get_node(document, pair->key));
		if (text_equal(key, lookup->name))
			found = yaml_document_get_node(document, pair->value); /* of a repeated one the last counts */
		else if (text_equal(key, "<<"))
			merged = yaml_document_get_node(document, pair->value);
	}
	return found != NULL ? found : find_merged(lookup, merged);
}

static size_t take_services(yaml_document_t *document, struct sb_service services[SB_SERVICES_MAX])
{
	struct lookup lookup = { .document = document, .name = "services" };
	const yaml_node_t *map = find_member(&lookup, yaml_document_get_root_node(document));
	size_t count = 0;
	if (map == NULL || map->type != YAML_MAPPING_NODE)
		return 0;
	for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top && count < SB_SERVICES_MAX; pair++) {
		const char *name = text_of(yaml_document_get_node(document, pair->key));
		if (name[0] == '\0' || text_equal(name, "<<"))
			continue;
		struct sb_service *service = &services[count++];
		lookup = (struct lookup){ .document = document, .name = "image", .merges = MERGES_MOST };
		text_copy(service->name, sizeof(service->name), name);
		text_copy(service->image, sizeof(service->image), text_of(find_member(&lookup, yaml_document_get_node(document, pair->value))));
	}
	return count;
}

size_t sb_services_read(const char *compose, struct sb_service services[SB_SERVICES_MAX], struct error *err)
{
	yaml_parser_t parser;
	yaml_document_t document;
	size_t count = 0;
	if (yaml_parser_initialize(&parser) == 0) {
		error_set(err, STATUS_INPUT, "compose-broken", "Invalid Docker Compose syntax: out of memory");
		return 0;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)compose, strlen(compose));
	if (yaml_parser_load(&parser, &document) == 0) {
		error_set(err, STATUS_INPUT, "compose-broken", "Invalid Docker Compose syntax: line %zu: %s", (size_t)parser.problem_mark.line + 1,
			parser.problem != NULL ? parser.problem : "no YAML");
	} else {
		count = take_services(&document, services);
		if (count == 0)
			error_set(err, STATUS_INPUT, "compose-broken",
				"Invalid Docker Compose syntax: services must be a mapping with at least one service");
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return count;
}
