/* The typed fields of a report: a tree of values from the allow-list in
 * fields.def. What is not in that list has no way to be in here. */
#ifndef CUTOUT_FIELDS_H
#define CUTOUT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "result.h"

#define F(id, ...) FIELD_##id,
enum field_id {
	FIELD_NONE,
#include "fields.def"
	FIELD_COUNT
};
#undef F

enum field_type {
	TYPE_GROUP,   /* an element with elements or only attributes */
	TYPE_TEXT,    /* free text, LF allowed */
	TYPE_LINE,    /* text of one line */
	TYPE_CODE,    /* a value of a code list */
	TYPE_DATE,    /* date, or date and time */
	TYPE_INT,     /* 0 to 2^31 - 1, or negative */
	TYPE_DECIMAL, /* sign, digits and point, checked */
	TYPE_BOOL,
	TYPE_HEX32, /* 32 bytes */
	TYPE_ID,    /* names its parent within the document */
	TYPE_REF,   /* such a name, resolved */
	TYPE_BASE64
};

/* Which document a field may stand in. */
enum { IN_REPORT = 1, IN_SEALED = 2, IN_BOTH = 3 };

/* One row of fields.def. */
struct field_def {
	enum field_id id;
	enum field_id parent; /* FIELD_NONE: a root */
	const char *name;     /* element, or attribute */
	bool attribute;
	bool many; /* may stand more than once beside each other */
	enum field_type type;
	const char *list;    /* of codes, else NULL */
	uint32_t max;        /* bytes of the value, UTF-8 */
	char identity_class; /* S O T P F Z, DOMAIN section 6 */
	uint8_t documents;
};

/* A civil date. Without a zone it is one in Europe/London and is never
 * shifted (BR-17). */
struct date {
	int16_t year;
	uint8_t month, day, hour, minute, second;
	bool has_time;
	bool has_zone;
	int16_t zone_minutes; /* east of UTC */
};

/* One element or attribute. Read-only outside this library. Everything it
 * points to lives as long as its struct fields. */
struct field {
	const struct field_def *def;
	struct field *parent;
	struct field *first; /* child: attributes, then elements in order */
	struct field *last;
	struct field *next; /* sibling */
	struct field *same; /* next with this id in the whole document */
	/* The value as text, NUL-terminated, never NULL: for a code the
	 * contract's own word, for a bool "true" or "false", empty for a
	 * group. */
	const char *text;
	uint32_t len;
	uint32_t line;    /* where it starts in the raw bytes, from 1 */
	uint32_t offset;  /* of its first byte */
	uint32_t content; /* of the first byte of its content */
	uint32_t place;   /* 1, 2 .. among siblings with this id */
	bool completed;   /* the gateway put it here, not the submitter */
	union {
		struct date date;
		int64_t number;
		bool truth;
		uint8_t hex[32];
		struct field *target; /* of a ref; NULL: there is none */
		const char *meaning;  /* of a code */
	};
};

struct fields;

/* Cleanses and frees; NULL is fine. */
void fields_free(struct fields *fields);
const struct field *fields_root(const struct fields *fields);
/* The first field with this id in the document, or NULL; its siblings in
 * spirit follow with ->same. */
const struct field *fields_first(const struct fields *fields, enum field_id id);
/* The first child with this id, or NULL; more follow with field_next(). */
const struct field *field_child(const struct field *parent, enum field_id id);
const struct field *field_next(const struct field *field);
/* The text of such a child, or "". */
const char *field_text(const struct field *parent, enum field_id id);
/* Whether field (NULL: no) has exactly this text. */
bool field_is(const struct field *field, const char *text);

/* The row of an id; FIELD_NONE < id < FIELD_COUNT. */
const struct field_def *field_def(enum field_id id);
/* The id of a child of parent by name, or FIELD_NONE. Attribute and element
 * names do not mix. */
enum field_id field_find(enum field_id parent, bool attribute, const char *name,
    size_t len, int document);

#endif
