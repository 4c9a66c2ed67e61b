/* What the validator complains of, in words that say what to do. */
#include "complaint.h"

#include <stdio.h>
#include <string.h>

#include "raise.h"

/* What a value of a type looks like. */
static const char *
form_help(const struct field_def *def)
{
	if (def == NULL)
		return NULL;
	if (def->id == FIELD_CONFIRM)
		return "Write the number of a rule here, such as BR-66.";
	if (def->id == FIELD_SCHEMA_VERSION)
		return "Write 1.0 here: this gateway reads reports of that "
		       "version.";
	switch (def->type) {
	case TYPE_DATE:
		return "Write a date here as 2024-03-31, or with time and zone "
		       "as 2024-03-31T14:05:00Z.";
	case TYPE_BOOL:
		return "Write true or false here.";
	case TYPE_INT:
		return "Write a whole number here that is not too small or "
		       "too large.";
	case TYPE_DECIMAL:
		return "Write a number here, in digits with a point, such as "
		       "53.3811.";
	case TYPE_HEX32:
		return "Write 64 digits here, each 0 to 9 or a to f.";
	case TYPE_ID:
		return "Give each entry a name of its own, such as p1: a "
		       "letter first, then letters and digits, no spaces.";
	case TYPE_REF:
		return "Write the id of another entry here, such as p1.";
	default:
		return NULL;
	}
}

/* What to do about a kind of schema error; NULL: rules.tsv has the words. */
static const char *
schema_help(int code, const struct field_def *def)
{
	switch (code) {
	case XML_SCHEMAV_CVC_ELT_1:
		return "The root must be IntelligenceReport in the namespace "
		       "urn:cutout:report:1.";
	case XML_SCHEMAV_ELEMENT_CONTENT:
		return "An element is missing here, stands in the wrong "
		       "place, stands too often, or is not known.";
	case XML_SCHEMAV_CVC_ENUMERATION_VALID:
		return "This is not one of the codes that may stand here. "
		       "codes.xsd lists them with their meaning.";
	case XML_SCHEMAV_CVC_MINLENGTH_VALID:
		return "This is too short. Write more, or take the element "
		       "out when it may be left out.";
	case XML_SCHEMAV_CVC_MAXLENGTH_VALID:
		return "This is too long. Shorten it, or put the rest where "
		       "there is room.";
	case XML_SCHEMAV_CVC_ELT_3_1:
		return "Leave this element out when there is nothing to say.";
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
		return "This element has an attribute that is not known.";
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
		return "An attribute is missing here.";
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
		return "Text stands here between elements; it belongs into "
		       "one of them.";
	case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2:
	case XML_SCHEMAV_CVC_TYPE_3_1_2:
		return "Only text may stand here, no further elements.";
	case XML_SCHEMAV_CVC_IDC:
		return "Two items have the same Sequence: number them 1, 2, 3.";
	case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
	case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3:
	case XML_SCHEMAV_CVC_PATTERN_VALID:
	case XML_SCHEMAV_CVC_MININCLUSIVE_VALID:
	case XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID:
		return form_help(def);
	default:
		return NULL;
	}
}

/* Names that the schema expected. */
static void
expected_names(enum field_id parent, int document, const char *message,
    struct spot *spot)
{
	const char *p = strstr(message, "Expected is"), *stop;
	enum field_id id;
	size_t n = 0;

	if (p == NULL)
		return;
	for (p = strchr(p, '}'); p != NULL && n < EXPECTED_MAX;
	     p = strchr(stop, '}')) {
		p++;
		stop = p + strcspn(p, " ,)");
		id = field_find(parent, false, p, (size_t)(stop - p), document);
		if (id != FIELD_NONE)
			spot->expected[n++] = field_def(id)->name;
	}
}

/* The name of an attribute in a message: of the one that is missing, or of the
 * one that is wrong, which stands before the first colon and so before any
 * value of the report. NULL: there is none. */
static const char *
attribute_in(const xmlError *error)
{
	static const char missing[] = "The attribute '";
	static const char wrong[] = "', attribute '";
	const char *hit, *colon;

	if (error->message == NULL)
		return NULL;
	if (error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4) {
		hit = strstr(error->message, missing);
		return hit == NULL ? NULL : hit + sizeof(missing) - 1;
	}
	hit = strstr(error->message, wrong);
	colon = strstr(error->message, "': ");
	if (hit == NULL || colon == NULL || hit > colon)
		return NULL;
	return hit + sizeof(wrong) - 1;
}

static enum field_id
attribute_meant(enum field_id element, int document, const xmlError *error)
{
	const char *name = attribute_in(error);

	if (name == NULL)
		return FIELD_NONE;
	return field_find(element, true, name, strcspn(name, "'"), document);
}

/* Behind the path of its element, at its value. */
static void
point_at_attribute(const struct scan *scan, const struct scanned *e,
    enum field_id id, struct spot *spot, char *path, size_t size)
{
	size_t used = strlen(path);

	(void)snprintf(path + used, size - used, "/@%s", field_def(id)->name);
	spot->offset = scan_attribute(scan, e, field_def(id)->name);
	spot->line = scan_line(scan, e, spot->offset);
}

/* What is expected beside the element, or within it when it ends. */
static void
add_expected(const struct scan *scan, const struct scanned *e, int document,
    const xmlError *error, struct spot *spot)
{
	if (error->message == NULL)
		return;
	if (error->code == XML_SCHEMAV_ELEMENT_CONTENT && e->parent >= 0)
		expected_names((enum field_id)scan->elements[e->parent].id,
		    document, error->message, spot);
	if (spot->expected[0] == NULL)
		expected_names((enum field_id)e->id, document, error->message,
		    spot);
}

void
complaint_raise(const struct contract *c, const struct scan *scan, int document,
    int32_t at, const xmlError *error, struct findings *findings)
{
	char path[FINDING_PATH] = "/";
	struct spot spot = {.path = path, .line = 1};
	const struct scanned *e = at < 0 ? NULL : &scan->elements[at];
	enum field_id element = FIELD_NONE, attribute = FIELD_NONE;

	if (e != NULL) {
		element = (enum field_id)e->id;
		spot.line = e->line;
		spot.offset = e->offset;
		scan_path(scan, at, path, sizeof(path));
		add_expected(scan, e, document, error, &spot);
	}
	if (element != FIELD_NONE)
		attribute = attribute_meant(element, document, error);
	if (attribute != FIELD_NONE &&
	    error->code == XML_SCHEMAV_CVC_COMPLEX_TYPE_4) {
		spot.expected[0] = field_def(attribute)->name;
		attribute = FIELD_NONE; /* it is not there to point at */
	}
	if (attribute != FIELD_NONE) {
		point_at_attribute(scan, e, attribute, &spot, path,
		    sizeof(path));
		element = attribute;
	}
	spot.help = schema_help(error->code,
	    element == FIELD_NONE ? NULL : field_def(element));
	raise_at(findings, c, "XSD", &spot);
}
