/* The table of fields, and the tree of values. */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "fields_tree.h"

#define ELEMENT false
#define ATTRIBUTE true
#define ONE false
#define MANY true
#define F(id, parent, name, attribute, many, type, list, max, class, where)    \
	[FIELD_##id] = {FIELD_##id, parent, name, attribute, many, type, list, \
	    max, class, where},
static const struct field_def defs[FIELD_COUNT] = {
#include "fields.def"
};
#undef F

const struct field_def *
field_def(enum field_id id)
{
	return &defs[id];
}

/* The rows of one parent stand in the table behind it, but not together:
 * first_child and next_sibling chain them, made by the compiler's order. */
static uint16_t first_child[FIELD_COUNT];
static uint16_t next_sibling[FIELD_COUNT];
static bool chained;

void
fields_prepare(void)
{
	uint16_t i;

	if (chained)
		return;
	for (i = FIELD_COUNT - 1; i > FIELD_NONE; i--) {
		next_sibling[i] = first_child[defs[i].parent];
		first_child[defs[i].parent] = i;
	}
	chained = true;
}

static enum field_id
find_child(enum field_id parent, bool attribute, const char *name, size_t len,
    int document)
{
	uint16_t i;

	for (i = first_child[parent]; i != FIELD_NONE; i = next_sibling[i]) {
		const struct field_def *d = &defs[i];

		if (d->attribute == attribute &&
		    (d->documents & document) != 0 &&
		    strncmp(d->name, name, len) == 0 && d->name[len] == '\0')
			return (enum field_id)i;
	}
	return FIELD_NONE;
}

enum field_id
field_find(enum field_id parent, bool attribute, const char *name, size_t len,
    int document)
{
	enum field_id id;

	fields_prepare();
	id = find_child(parent, attribute, name, len, document);
	/* below its root the sealed document is made of the same fields */
	if (id == FIELD_NONE && parent == FIELD_SEALED)
		id = find_child(FIELD_REPORT, attribute, name, len, document);
	return id;
}

enum rc
fields_new(size_t nodes, size_t text, struct fields **out)
{
	struct fields *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return RC_NOMEM;
	f->size = nodes + FIELDS_SPARE;
	f->text_size = text + 1;
	f->nodes = calloc(f->size, sizeof(*f->nodes));
	f->text = malloc(f->text_size);
	if (f->nodes == NULL || f->text == NULL) {
		fields_free(f);
		return RC_NOMEM;
	}
	*out = f;
	return RC_OK;
}

void
fields_free(struct fields *f)
{
	if (f == NULL)
		return;
	if (f->nodes != NULL)
		explicit_bzero(f->nodes, f->count * sizeof(*f->nodes));
	if (f->text != NULL)
		explicit_bzero(f->text, f->text_len);
	free(f->nodes);
	free(f->text);
	free(f);
}

struct field *
fields_add(struct fields *f, struct field *parent, enum field_id id)
{
	struct field *field, *last;

	if (f->count == f->size)
		return NULL;
	field = &f->nodes[f->count++];
	field->def = &defs[id];
	field->text = "";
	field->parent = parent;
	field->place = 1;
	if (parent != NULL) {
		last = parent->last;
		if (last == NULL)
			parent->first = field;
		else
			last->next = field;
		parent->last = field;
	}
	if (f->last_of[id] == NULL)
		f->first_of[id] = field;
	else
		f->last_of[id]->same = field;
	f->last_of[id] = field;
	return field;
}

const char *
fields_copy(struct fields *f, const char *text, size_t len)
{
	char *copy;

	if (len >= f->text_size - f->text_len)
		return NULL;
	copy = f->text + f->text_len;
	memcpy(copy, text, len);
	copy[len] = '\0';
	f->text_len += len + 1;
	return copy;
}

const struct field *
fields_root(const struct fields *f)
{
	return f->count == 0 ? NULL : &f->nodes[0];
}

const struct field *
fields_first(const struct fields *f, enum field_id id)
{
	return f->first_of[id];
}

const struct field *
field_child(const struct field *parent, enum field_id id)
{
	const struct field *f;

	if (parent == NULL)
		return NULL;
	for (f = parent->first; f != NULL; f = f->next)
		if (f->def->id == id)
			return f;
	return NULL;
}

const struct field *
field_next(const struct field *field)
{
	const struct field *f;

	for (f = field->next; f != NULL; f = f->next)
		if (f->def->id == field->def->id)
			return f;
	return NULL;
}

const char *
field_text(const struct field *parent, enum field_id id)
{
	const struct field *f = field_child(parent, id);

	return f == NULL ? "" : f->text;
}

bool
field_is(const struct field *field, const char *text)
{
	return field != NULL && strcmp(field->text, text) == 0;
}
