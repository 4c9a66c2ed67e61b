/* Which field a reference means. */
#include <stdlib.h>
#include <string.h>

#include "fields_tree.h"
#include "reader.h"

static int
compare_names(const void *left, const void *right)
{
	const struct field *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

static int
compare_name(const void *name, const void *entry)
{
	const struct field *const *field = entry;

	return strcmp(name, (*field)->text);
}

enum rc
refs_resolve(struct fields *fields)
{
	struct field **ids = calloc(fields->count + 1, sizeof(struct field *));
	struct field **hit, *field;
	size_t i, count = 0;

	if (ids == NULL)
		return RC_NOMEM;
	for (i = 0; i < fields->count; i++)
		if (fields->nodes[i].def->type == TYPE_ID)
			ids[count++] = &fields->nodes[i];
	qsort(ids, count, sizeof(struct field *), compare_names);
	for (i = 0; i < fields->count; i++) {
		field = &fields->nodes[i];
		if (field->def->type != TYPE_REF)
			continue;
		hit = bsearch(field->text, ids, count, sizeof(struct field *),
		    compare_name);
		field->target = hit == NULL ? NULL : (*hit)->parent;
	}
	free(ids);
	return RC_OK;
}
