/* The inside of the writer: where it writes to, and what it knows. Like the
 * rest of the writer it includes no parser's header. */
#ifndef CUTOUT_WRITER_H
#define CUTOUT_WRITER_H

#include "contract.h"
#include "fields_tree.h"

/* The most one report may look like while it is sorted. */
#define SEALED_NAMESPACE "urn:cutout:sealed:1"
#define SIDE_MAX ((size_t)8 * 1024 * 1024)

struct writer {
	const struct contract *c;
	const struct fields *fields;
	const struct findings *findings;
	enum report_kind kind;
	struct buf *b;
	enum rc rc; /* sticky: the first failure ends all writing */
	/* the new number of an entity or item, by its place in the tree */
	uint32_t *number;
	bool plain; /* content for comparing: ids and references left out */
};

/* The value of a field as it travels. */
struct value {
	char made[64];
	const char *text;
	size_t len;
};

/* forms.c: bytes of XML, and values made coarser. */
void put_text(struct writer *w, const char *text);
void put_escaped(struct writer *w, const char *text, size_t len);
void put_attribute(struct writer *w, const char *name, const char *value,
    size_t len);
void put_open(struct writer *w, const char *name);
void put_close(struct writer *w, const char *name);
void put_element(struct writer *w, const char *name, const char *value);
size_t writer_place(const struct writer *w, const struct field *field);
void make_value(const struct writer *w, const struct sealed_row *row,
    const struct field *field, struct value *v);

/* writer.c: one field with all below it that travels; its children alone. */
void write_field(struct writer *w, const struct sealed_row *row,
    const struct field *field);
void write_children(struct writer *w, const struct field *parent);

/* stamps.c: a value of the gateway's own, within parent. */
void write_stamp(struct writer *w, enum field_id id,
    const struct field *parent);

/* numbers.c: gives every item and entity its new number. RC_NOMEM, RC_LIMIT:
 * in w->rc. */
void number_all(struct writer *w);

#endif
