/* What does not go on to police, and is said: CT-01, CT-09 and CT-11 to CT-15;
 * and how large a report may be once rebuilt: CT-05 and CT-07. */
#include "raise.h"
#include "rules.h"

/* Fields that tell the sector a report comes from: they travel only when the
 * submitter, told so, confirms it. */
static const struct {
	enum field_id id;
	const char *rule;
} tells_the_sector[] = {{FIELD_EDUCATION_PLACE, "CT-11"},
    {FIELD_SCHOOL_YEAR, "CT-12"}, {FIELD_LOOKED_AFTER, "CT-13"},
    {FIELD_PREVIOUSLY_REPORTED, "CT-14"}, {FIELD_CROSS_REFERENCE, "CT-15"}};

void
rules_leaving(struct check *k)
{
	const struct field *f = first(k, FIELD_ATTACHMENT);
	size_t i;

	if (f != NULL)
		check_raise(k, "CT-01", f);
	/* a promise nobody keeps yet: text is not screened in this version */
	if (has(k, FIELD_REDACT, "true"))
		check_raise(k, "CT-09", first(k, FIELD_REDACT));
	for (i = 0; i < sizeof(tells_the_sector) / sizeof(tells_the_sector[0]);
	     i++) {
		f = first(k, tells_the_sector[i].id);
		if (f != NULL &&
		    !confirmed(k->fields, tells_the_sector[i].rule))
			check_raise(k, tells_the_sector[i].rule, f);
	}
}

enum rc
report_class(size_t len, uint8_t *class)
{
	unsigned i;

	for (i = 0; i < CLASS_COUNT; i++)
		if (len <= CLASS_BYTES(i)) {
			*class = (uint8_t)i;
			return RC_OK;
		}
	return RC_LIMIT;
}

void
report_check_size(const struct contract *c, size_t len, enum lane lane,
    struct findings *findings)
{
	uint8_t class;

	if (report_class(len, &class) != RC_OK)
		raise_at(findings, c, "CT-07", NULL);
	else if (lane == LANE_FAST && class != 0)
		raise_at(findings, c, "CT-05", NULL);
}

enum rc
report_pad(struct buf *b, uint8_t class)
{
	size_t size;

	if (class >= CLASS_COUNT)
		return RC_LIMIT;
	size = CLASS_BYTES(class);
	if (buf_len(b) > size)
		return RC_LIMIT;
	return buf_fill(b, ' ', size - buf_len(b));
}
