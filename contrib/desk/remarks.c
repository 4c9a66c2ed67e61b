/* What must be seen before a report is read. */
#include "remarks.h"

#include <string.h>

#include "hex.h"
#include "plain.h"

/* Every line of a loud remark starts so; no text of a report can. */
#define LOUD "*** "
#define LOUD_MORE "\n***     "

static enum rc
add_ski(struct buf *b, const uint8_t ski[SKI_LEN])
{
	char text[2 * SKI_LEN + 1];

	hex_encode(ski, SKI_LEN, text);
	return buf_addf(b, "  %s  ", text);
}

/* One recipient. A stranger among them may be a key that somebody put into the
 * gateway: the desk is where it shows. */
static enum rc
add_recipient(const struct opened *item, const uint8_t ski[SKI_LEN],
    struct buf *b)
{
	const struct own_key *k = own_find(item->own, ski);
	enum rc rc = add_ski(b, ski);

	if (rc != RC_OK)
		return rc;
	if (k == NULL)
		return buf_add_text(b, "not in --keys\n");
	return buf_addf(b, "%s%s\n", k->name,
	    k == item->key ? ", opened with its key" : "");
}

static enum rc
add_recipients(const struct opened *item, struct buf *b)
{
	const struct profile *e = &item->envelope;
	enum rc rc;

	rc = buf_addf(b, "Sealed to %zu:\n", e->recipients + e->others);
	for (size_t i = 0; rc == RC_OK && i < e->recipients; i++)
		rc = add_recipient(item, e->ski[i], b);
	if (rc == RC_OK && e->others > 0)
		rc = buf_addf(b,
		    "  and %zu of a kind that this program does "
		    "not know\n",
		    e->others);
	if (rc == RC_OK && own_strangers(item->own, e) > 0)
		rc = buf_add_text(b,
		    "Ask the gateway's operator whose keys those are that this "
		    "desk does not know.\nWhen they are a colleague's: put the "
		    "certificate into --keys as recipient-NAME.crt.\n");
	return rc;
}

enum rc
remarks_seal(const struct opened *item, struct buf *b)
{
	char name[2 * HASH_LEN + 1];
	enum rc rc;

	hex_encode(item->h, HASH_LEN, name);
	rc =
	    buf_addf(b, "Item %s\nSigned by the gateway's origin key:\n", name);
	if (rc == RC_OK)
		rc = add_ski(b, item->origin);
	if (rc == RC_OK)
		rc = buf_add_text(b, "pinned in --origin\n");
	return rc == RC_OK ? add_recipients(item, b) : rc;
}

/* "label: TEXT (meaning)", loudly. */
static enum rc
add_loud(struct buf *b, const char *label, const struct field *f)
{
	enum rc rc;

	if (f == NULL)
		return RC_OK;
	rc = buf_addf(b, LOUD "%s: ", label);
	if (rc == RC_OK)
		rc = plain_text(b, f->text, f->len, LOUD_MORE);
	if (rc == RC_OK && f->def->type == TYPE_CODE && f->meaning[0] != '\0')
		rc = buf_addf(b, " (%s)", f->meaning);
	return rc == RC_OK ? buf_add_text(b, "\n") : rc;
}

bool
remarks_restricts(const struct field *grading)
{
	const struct field *handling =
	    field_child(grading, FIELD_GRADING_HANDLING);

	return field_is(handling, "5") || field_is(handling, "C");
}

static enum rc
add_condition(struct buf *b, const struct field *grading)
{
	const struct field *c = field_child(grading, FIELD_CONDITION);
	enum rc rc;

	rc = add_loud(b, "  review by", field_child(grading, FIELD_REVIEW_BY));
	if (c == NULL || rc != RC_OK)
		return rc;
	rc = add_loud(b, "  action", field_child(c, FIELD_ACTION_CODE));
	if (rc == RC_OK)
		rc = add_loud(b, "  sanitisation",
		    field_child(c, FIELD_SANITISATION_CODE));
	if (rc == RC_OK)
		rc = add_loud(b, "  condition",
		    field_child(c, FIELD_CONDITION_TEXT));
	return rc;
}

/* One item of the report that binds who reads it. Code 5 means two things in
 * two published versions: it fails closed. */
static enum rc
add_handling(struct buf *b, const struct field *grading)
{
	const char *words = "conditions apply";
	enum rc rc;

	if (remarks_restricts(grading))
		words = "do not pass it on: for this intelligence unit alone, "
			"unless\n***     its conditions say otherwise";
	else if (field_child(grading, FIELD_CONDITION) == NULL)
		return RC_OK;
	rc = buf_addf(b, LOUD "Item %s: %s\n",
	    field_text(grading->parent, FIELD_SEQUENCE), words);
	if (rc == RC_OK)
		rc = add_loud(b, "  handling code",
		    field_child(grading, FIELD_GRADING_HANDLING));
	return rc == RC_OK ? add_condition(b, grading) : rc;
}

enum rc
remarks_binding(const struct opened *item, struct buf *b)
{
	const struct fields *r = item->fields;
	const struct field *f;
	size_t before = buf_len(b);
	enum rc rc = RC_OK;

	if (field_is(fields_first(r, FIELD_RISK_TO_LIFE), "true"))
		rc = buf_add_text(b, LOUD "IMMEDIATE RISK TO LIFE\n");
	if (rc == RC_OK && own_strangers(item->own, &item->envelope) > 0)
		rc = buf_add_text(b, LOUD "Sealed to a key that this desk does "
					  "not know, too: see \"Sealed to\"\n");
	for (f = fields_first(r, FIELD_DESK_MARKING); f != NULL && rc == RC_OK;
	     f = f->same)
		rc = add_loud(b, "Marking, before you read on", f);
	for (f = fields_first(r, FIELD_GRADING); f != NULL && rc == RC_OK;
	     f = f->same)
		rc = add_handling(b, f);
	if (rc == RC_OK && buf_len(b) > before)
		rc = buf_add_text(b, "\n");
	return rc;
}

enum rc
remarks_origin(struct buf *b)
{
	return buf_add_text(b,
	    "The origin can not be traced. Do not treat two reports from this "
	    "gateway as\nindependent of each other. The source grade is the "
	    "submitter's own claim.\n");
}

enum rc
remarks_findings(const struct findings *findings, struct buf *b)
{
	enum rc rc = RC_OK;

	if (findings == NULL)
		return RC_OK;
	for (size_t i = 0; rc == RC_OK && i < findings_count(findings); i++) {
		const struct finding *f = findings_get(findings, i);

		rc = buf_addf(b, "  %s at %s, line %u: %s\n", f->rule, f->path,
		    f->line, f->help);
	}
	if (rc == RC_OK && findings_more(findings) > 0)
		rc = buf_addf(b, "  and %zu more\n", findings_more(findings));
	return rc;
}
