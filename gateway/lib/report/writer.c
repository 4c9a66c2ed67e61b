/* The new document. It is written from typed fields alone: no parser's header
 * is included here, and there is nothing to copy a byte of markup from. What
 * is written, in which order and how coarse, is sealed.tsv. */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include "rules.h"

/* Whether the row lets this field out at all. */
static bool
travels(const struct writer *w, const struct sealed_row *row,
    const struct field *field)
{
	if (w->plain &&
	    (field->def->type == TYPE_ID || field->def->type == TYPE_REF))
		return false;
	switch (row->action) {
	case ACTION_NONE:
	case ACTION_DROP:
	case ACTION_STAMP:
		return false;
	case ACTION_CHOICE:
		return confirmed(w->fields, row->rule);
	default:
		return true;
	}
}

static void
write_attributes(struct writer *w, const struct field *field)
{
	const struct sealed_row *row;
	const struct field *attribute;
	struct value v;
	uint16_t i;

	for (i = w->c->row_first[field->def->id]; i != 0;
	     i = w->c->row_next[i - 1]) {
		row = &w->c->rows[i - 1];
		if (!field_def(row->id)->attribute)
			continue;
		attribute = field_child(field, row->id);
		if (attribute == NULL || !travels(w, row, attribute))
			continue;
		make_value(w, row, attribute, &v);
		put_attribute(w, attribute->def->name, v.text, v.len);
	}
}

/* Children that may stand more than once: their order says something only
 * where people read it. */
static bool
order_matters(enum field_id id)
{
	return id == FIELD_GIVEN || id == FIELD_MIDDLE ||
	       id == FIELD_ADDRESS_LINE;
}

/* One of several children: what it looks like, for sorting. */
struct piece {
	const struct field *field;
	size_t at, len; /* in the side buffer */
};

static _Thread_local const uint8_t *side_data;

static int
compare_pieces(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = memcmp(side_data + a->at, side_data + b->at, len);

	if (order != 0)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

static int
compare_numbers(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;

	return (a->at > b->at) - (a->at < b->at);
}

/* Entities and items have their number; everything else is sorted by what it
 * will look like. */
static void
sort_pieces(struct writer *w, const struct sealed_row *row,
    struct piece *pieces, size_t count)
{
	struct buf *out = w->b, *side;
	bool numbered =
	    row->id == FIELD_ITEM || entity_kind(pieces[0].field) != '\0';
	size_t i;

	if (numbered && w->plain)
		return;
	if (numbered) {
		for (i = 0; i < count; i++)
			pieces[i].at =
			    w->number[writer_place(w, pieces[i].field)];
		qsort(pieces, count, sizeof(*pieces), compare_numbers);
		return;
	}
	side = buf_new(SIDE_MAX);
	if (side == NULL) {
		w->rc = RC_NOMEM;
		return;
	}
	w->b = side;
	for (i = 0; i < count; i++) {
		pieces[i].at = buf_len(side);
		write_field(w, row, pieces[i].field);
		pieces[i].len = buf_len(side) - pieces[i].at;
	}
	w->b = out;
	side_data = buf_data(side);
	if (w->rc == RC_OK)
		qsort(pieces, count, sizeof(*pieces), compare_pieces);
	buf_free_secret(side);
}

/* Whether two pieces of a list of codes or references say the same. */
static bool
said_before(const struct writer *w, const struct sealed_row *row,
    const struct field *before, const struct field *field)
{
	struct value a, b;

	if (field->def->type != TYPE_CODE && field->def->type != TYPE_REF)
		return false;
	make_value(w, row, before, &a);
	make_value(w, row, field, &b);
	return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static void
write_many(struct writer *w, const struct sealed_row *row,
    const struct field *parent)
{
	const struct field *f;
	struct piece *pieces;
	size_t count = 0, i;

	for (f = field_child(parent, row->id); f != NULL; f = field_next(f))
		count++;
	if (count == 0)
		return;
	pieces = calloc(count, sizeof(*pieces));
	if (pieces == NULL) {
		w->rc = RC_NOMEM;
		return;
	}
	count = 0;
	for (f = field_child(parent, row->id); f != NULL; f = field_next(f))
		if (travels(w, row, f))
			pieces[count++].field = f;
	if (count > 1 && !order_matters(row->id))
		sort_pieces(w, row, pieces, count);
	/* sorted: what is there twice stands side by side */
	for (i = 0; i < count && w->rc == RC_OK; i++)
		if (i == 0 ||
		    !said_before(w, row, pieces[i - 1].field, pieces[i].field))
			write_field(w, row, pieces[i].field);
	free(pieces);
}

/* The rows of the sealed root order both what the gateway stamps and the
 * parts of the report. */
static uint16_t
first_row(const struct writer *w, const struct field *parent)
{
	enum field_id id = parent->def->id;

	return w->c->row_first[id == FIELD_REPORT ? FIELD_SEALED : id];
}

void
write_children(struct writer *w, const struct field *parent)
{
	const struct sealed_row *row;
	const struct field *child;
	uint16_t i;

	for (i = first_row(w, parent); i != 0 && w->rc == RC_OK;
	     i = w->c->row_next[i - 1]) {
		row = &w->c->rows[i - 1];
		if (field_def(row->id)->attribute)
			continue;
		if (row->action == ACTION_STAMP) {
			write_stamp(w, row->id, parent);
			continue;
		}
		if (field_def(row->id)->many) {
			write_many(w, row, parent);
			continue;
		}
		child = field_child(parent, row->id);
		if (child != NULL && travels(w, row, child))
			write_field(w, row, child);
	}
}

void
write_field(struct writer *w, const struct sealed_row *row,
    const struct field *field)
{
	struct value v;

	put_text(w, "<");
	put_text(w, field->def->name);
	write_attributes(w, field);
	put_text(w, ">");
	if (field->def->type == TYPE_GROUP)
		write_children(w, field);
	else {
		make_value(w, row, field, &v);
		put_escaped(w, v.text, v.len);
	}
	put_text(w, "</");
	put_text(w, field->def->name);
	put_text(w, ">\n");
}

static void
write_root(struct writer *w)
{
	const struct field *root = fields_root(w->fields);
	const char *name = field_def(FIELD_SEALED)->name;
	const char *profile = field_text(root, FIELD_PROFILE);

	put_text(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
	put_text(w, name);
	put_attribute(w, "xmlns", SEALED_NAMESPACE, strlen(SEALED_NAMESPACE));
	put_attribute(w, field_def(FIELD_SEALED_VERSION)->name,
	    w->c->schema_version, strlen(w->c->schema_version));
	put_attribute(w, field_def(FIELD_SEALED_PROFILE)->name, profile,
	    strlen(profile));
	put_text(w, ">\n");
	write_children(w, root);
	put_close(w, name);
}

enum rc
report_write(const struct contract *c, const struct fields *fields,
    const struct findings *findings, enum report_kind kind, struct buf *b)
{
	struct writer w = {.c = c,
	    .fields = fields,
	    .findings = findings,
	    .kind = kind,
	    .b = b};

	w.number = calloc(fields->count, sizeof(*w.number));
	if (w.number == NULL)
		return RC_NOMEM;
	number_all(&w);
	write_root(&w);
	free(w.number);
	return w.rc;
}

bool
sealed_is_cover(const struct fields *sealed)
{
	return field_is(fields_first(sealed, FIELD_KIND), "COVER");
}
