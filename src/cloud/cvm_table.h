/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of a workspace with their indexes: by identity, sorted, and
 * filtered. Adding a page merges it into the order, so that ten thousand can
 * arrive without one long pause. Pure data, used by workspace.c alone.
 */
#ifndef CVMDECK_CLOUD_CVM_TABLE_H
#define CVMDECK_CLOUD_CVM_TABLE_H

#include "cloud/workspace.h"

struct cvm_place {
	uint64_t key;  /* the first bytes of what is sorted by, so that most comparisons touch no record */
	uint32_t slot;
};

enum { CVM_HAY_SIZE = 320 };

struct cvm_table {
	struct cvm *cvms;
	char (*hays)[CVM_HAY_SIZE]; /* what the filter looks in, lower case */
	uint8_t *passes;            /* the filter's answer for each */
	size_t count, cap;
	uint32_t *hash; /* slot + 1; 0: free */
	size_t hash_size;
	struct cvm_place *by_name; /* always kept: other orders start from it, so equal rows stay sorted by name */
	struct cvm_place *order;
	uint32_t *rows;
	size_t row_count;
	enum workspace_column column;
	bool descending;
	char *filter; /* as given, lower case */
	char *words;  /* the same cut at the blanks, each word with its NUL, then an empty one */
};

void cvm_table_init(struct cvm_table *table);
void cvm_table_clear(struct cvm_table *table);
/* Forgets the records but keeps sorting and filter. */
void cvm_table_reset(struct cvm_table *table);
/* Makes room for that many at once. */
void cvm_table_reserve(struct cvm_table *table, size_t count);
/* Adds records; one already there is replaced. */
void cvm_table_add(struct cvm_table *table, const struct cvm *cvms, size_t count);
void cvm_table_sort(struct cvm_table *table, enum workspace_column column, bool descending);
void cvm_table_filter(struct cvm_table *table, const char *text);
/* What is unique to a CVM: its uuid, else another id. */
const char *cvm_table_identity(const struct cvm *cvm);
/* The record with that identity, or NULL. */
struct cvm *cvm_table_find(const struct cvm_table *table, const char *identity);
/* A record's status changed: looks again whether it passes the filter. */
void cvm_table_touch(struct cvm_table *table, const struct cvm *cvm);
/* Builds the rows anew after touches. */
void cvm_table_rebuild(struct cvm_table *table);

#endif
