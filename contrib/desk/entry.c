/* One item in a list. */
#include "entry.h"

#include <string.h>

#include "hex.h"
#include "plain.h"
#include "remarks.h"

/* Under the first line, beside the short name. */
#define UNDER "         "

enum entry_rank
entry_rank(const struct opened *item)
{
	const struct field *priority;

	if (item->fault != OPEN_FINE)
		return ENTRY_CLOSED;
	if (sealed_is_cover(item->fields))
		return ENTRY_COVER;
	if (field_is(fields_first(item->fields, FIELD_RISK_TO_LIFE), "true"))
		return ENTRY_LIFE;
	priority = fields_first(item->fields, FIELD_PRIORITY);
	if (field_is(priority, "HIGH"))
		return ENTRY_HIGH;
	return field_is(priority, "MEDIUM") ? ENTRY_MEDIUM : ENTRY_LOW;
}

/* Every value of a field, with a comma between. */
static enum rc
add_all(struct buf *b, const struct field *f, const char *before)
{
	enum rc rc = RC_OK;

	for (; f != NULL && rc == RC_OK; f = f->same) {
		rc = buf_add_text(b, before);
		if (rc == RC_OK)
			rc = plain_text(b, f->text, f->len, " ");
		before = ",";
	}
	return rc;
}

/* One part of a grade; the submitter may have left it out. */
static const char *
part(const struct field *grading, enum field_id id)
{
	const char *text = field_text(grading, id);

	return text[0] == '\0' ? "-" : text;
}

/* The written form of each grade: "5x5x5 B35". */
static enum rc
add_grades(struct buf *b, const struct fields *r)
{
	const struct field *f = fields_first(r, FIELD_GRADING);
	bool restricted = false;
	enum rc rc = RC_OK;

	if (f != NULL)
		rc = buf_addf(b, "  %s", part(f, FIELD_GRADING_SCHEME));
	for (; f != NULL && rc == RC_OK; f = f->same) {
		rc = buf_addf(b, " %s%s%s", part(f, FIELD_GRADING_SOURCE),
		    part(f, FIELD_GRADING_INFORMATION),
		    part(f, FIELD_GRADING_HANDLING));
		restricted = restricted || remarks_restricts(f);
	}
	if (rc == RC_OK && restricted)
		rc = buf_add_text(b, "  [do not pass on]");
	return rc;
}

static enum rc
add_warnings(const struct contract *c, struct buf *b, const struct fields *r)
{
	const struct field *f = fields_first(r, FIELD_WARNING);
	enum rc rc = RC_OK;

	for (; f != NULL && rc == RC_OK; f = f->same) {
		const char *help = contract_help(c, f->text);

		rc = buf_add_text(b, UNDER "warning ");
		if (rc == RC_OK)
			rc = plain_text(b, f->text, f->len, " ");
		if (rc == RC_OK && help != NULL)
			rc = buf_addf(b, ": %s", help);
		if (rc == RC_OK)
			rc = buf_add_text(b, "\n");
	}
	return rc;
}

static enum rc
add_report(const struct contract *c, struct buf *b, const struct opened *item)
{
	const struct fields *r = item->fields;
	const struct field *subject = fields_first(r, FIELD_SUBJECT);
	enum rc rc = RC_OK;

	if (field_is(fields_first(r, FIELD_RISK_TO_LIFE), "true"))
		rc = buf_add_text(b, "  RISK TO LIFE");
	if (rc == RC_OK)
		rc = add_grades(b, r);
	if (rc == RC_OK)
		rc = add_all(b, fields_first(r, FIELD_CLASSIFICATION), "  ");
	if (rc == RC_OK)
		rc = add_all(b, fields_first(r, FIELD_HANDLING_INSTRUCTION),
		    " ");
	if (rc == RC_OK)
		rc = add_all(b, fields_first(r, FIELD_DESK_MARKING), "  !");
	if (rc == RC_OK)
		rc = add_all(b, fields_first(r, FIELD_THREAT_TYPE), "  ");
	if (rc == RC_OK)
		rc = buf_add_text(b, "\n" UNDER);
	if (rc == RC_OK && subject != NULL)
		rc = plain_text(b, subject->text, subject->len, " ");
	if (rc == RC_OK)
		rc = buf_add_text(b, "\n");
	if (rc == RC_OK && own_strangers(item->own, &item->envelope) > 0)
		rc = buf_add_text(b, UNDER "warning sealed to a key that this "
					   "desk does not know, too\n");
	return rc == RC_OK ? add_warnings(c, b, r) : rc;
}

enum rc
entry_text(const struct contract *c, const struct opened *item, struct buf *b)
{
	static const char *const words[] = {
	    [ENTRY_LIFE] = "HIGH",
	    [ENTRY_HIGH] = "HIGH",
	    [ENTRY_MEDIUM] = "MEDIUM",
	    [ENTRY_LOW] = "LOW",
	    [ENTRY_COVER] = "COVER",
	    [ENTRY_CLOSED] = "CLOSED",
	};
	char name[2 * HASH_LEN + 1];
	enum entry_rank rank = entry_rank(item);
	enum rc rc;

	hex_encode(item->h, HASH_LEN, name);
	rc = buf_addf(b, "%-8s %.*s", words[rank], ENTRY_NAME, name);
	if (rc != RC_OK)
		return rc;
	switch (rank) {
	case ENTRY_CLOSED:
		rc = buf_addf(b, "\n" UNDER "%s\n",
		    open_fault_text(item->fault));
		return rc == RC_OK && item->fault == OPEN_INVALID
			   ? remarks_findings(item->findings, b)
			   : rc;
	case ENTRY_COVER:
		return buf_add_text(b, "\n");
	default:
		return add_report(c, b, item);
	}
}
