/* The fixed serialisation that tells "the same report again" from "another
 * report under the same id" (DESIGN section 3). Form, for each field, in the
 * order of the document but with attributes in the order of the table:
 *	depth SP name "=" length ":" value LF
 * Names, not numbers, so that a later version of the table still agrees. */
#include <string.h>

#include "fields_tree.h"
#include "report.h"

static bool
excluded(enum field_id id)
{
	return id == FIELD_SUBMITTER || id == FIELD_CLIENT_SOFTWARE ||
	       id == FIELD_ENVELOPE_ID || id == FIELD_ENVELOPE_BLIND;
}

static enum rc
add_field(const struct field *field, int depth, struct buf *b)
{
	enum rc rc;

	rc = buf_addf(b, "%d %s%s=%u:", depth, field->def->attribute ? "@" : "",
	    field->def->name, field->len);
	if (rc == RC_OK)
		rc = buf_add(b, field->text, field->len);
	return rc == RC_OK ? buf_add(b, "\n", 1) : rc;
}

/* The attribute of parent that follows id in the table. */
static const struct field *
attribute_after(const struct field *parent, enum field_id id)
{
	const struct field *f, *best = NULL;

	for (f = parent->first; f != NULL && f->def->attribute; f = f->next)
		if (f->def->id > id &&
		    (best == NULL || f->def->id < best->def->id))
			best = f;
	return best;
}

static enum rc
add_tree(const struct field *field, int depth, struct buf *b)
{
	const struct field *f;
	enum rc rc = add_field(field, depth, b);

	for (f = attribute_after(field, FIELD_NONE); rc == RC_OK && f != NULL;
	     f = attribute_after(field, f->def->id))
		rc = add_field(f, depth + 1, b);
	/* as deep as the scan lets a document be */
	for (f = field->first; rc == RC_OK && f != NULL; f = f->next)
		if (!f->def->attribute && !excluded(f->def->id))
			rc = add_tree(f, depth + 1, b);
	return rc;
}

enum rc
report_dup(const struct fields *fields, struct buf *b)
{
	enum rc rc = buf_add_text(b, "cutout-dup-v1\n");

	return rc == RC_OK ? add_tree(fields_root(fields), 0, b) : rc;
}
