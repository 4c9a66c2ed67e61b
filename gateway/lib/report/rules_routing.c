/* Where a report goes and how fast: BR-23 to BR-30, BR-66, CT-02 to CT-04,
 * CT-08. */
#include <string.h>

#include "raise.h"
#include "rules.h"

int
report_destination(const struct fields *fields,
    const struct rule_context *context)
{
	const struct field *to = fields_first(fields, FIELD_DESTINATION);
	size_t i;

	if (to == NULL || !context->destinations_known)
		return -1;
	for (i = 0; i < context->destination_count; i++)
		if (strcmp(context->destinations[i].name, to->text) == 0)
			return (int)i;
	return -1;
}

enum lane
report_lane(const struct fields *fields)
{
	return fields->fast ? LANE_FAST : LANE_POOL;
}

/* CT-02, CT-03. A real report where tests go would be read by nobody. */
static void
check_destination(struct check *k)
{
	const struct field *test = first(k, FIELD_TEST_INDICATOR);
	const struct field *to = first(k, FIELD_DESTINATION);
	int at = report_destination(k->fields, k->context);

	if (!k->context->destinations_known)
		return;
	if (at < 0)
		check_raise(k, "CT-03", to);
	else if (field_is(test, "true") != k->context->destinations[at].test)
		check_raise(k, "CT-02", test == NULL ? to : test);
}

/* CT-04: a name that is not on the list may be a secret, or a slip. */
static void
check_operation(struct check *k)
{
	const struct field *name = first(k, FIELD_OPERATION_NAME);
	size_t i;

	if (name == NULL || !k->context->operations_known)
		return;
	for (i = 0; i < k->context->operation_count; i++)
		if (strcmp(k->context->operations[i], name->text) == 0)
			return;
	check_raise(k, "CT-04", name);
}

static void
make_high(struct check *k)
{
	const struct field *priority = first(k, FIELD_PRIORITY);
	const struct code *high =
	    code_find(k->c->list_of[FIELD_PRIORITY], "HIGH", 4);
	struct field *field = (struct field *)(uintptr_t)priority;

	if (field == NULL || high == NULL)
		return;
	field->completed |= strcmp(field->text, "HIGH") != 0;
	field->text = high->text;
	field->len = 4;
	field->meaning = high->meaning;
}

/* BR-23: 999 first; the copy is accepted as HIGH. */
static void
check_emergency(struct check *k)
{
	static const enum field_id signs[] = {
	    FIELD_RISK_TO_LIFE, FIELD_CRIME_IN_PROGRESS};
	bool raised = false;
	size_t i;

	for (i = 0; i < 2 && !raised; i++) {
		raised = has(k, signs[i], "true");
		if (raised)
			check_raise(k, "BR-23", first(k, signs[i]));
	}
	if (!raised)
		return;
	findings_advise(k->findings, ADVICE_999);
	make_high(k);
}

/* BR-25, BR-26: a report is not a referral. Whether none was made. */
static bool
check_safeguarding(struct check *k)
{
	const struct field *made = first(k, FIELD_SAFEGUARDING_REFERRAL);

	if (made == NULL || has(k, FIELD_SAFEGUARDING_FLAG, "NONE"))
		return false;
	if (field_is(made, "UNKNOWN"))
		check_raise(k, "BR-26", made);
	if (!field_is(made, "NO"))
		return false;
	check_raise(k, "BR-25", made);
	findings_advise(k->findings, ADVICE_SAFEGUARDING);
	return true;
}

/* BR-28 */
static void
check_radicalisation(struct check *k)
{
	const struct field *f;

	for (f = first(k, FIELD_THREAT_TYPE); f != NULL; f = f->same) {
		if (!field_is(f, "EXTREMISM"))
			continue;
		check_raise(k, "BR-28", f);
		findings_advise(k->findings, ADVICE_PREVENT);
		return;
	}
}

/* CT-08: OTHER says nothing without its name, and a name nothing beside codes
 * that mean something else. */
static void
check_other_threat(struct check *k)
{
	const struct field *named = first(k, FIELD_THREAT_OTHER), *f;

	for (f = first(k, FIELD_THREAT_TYPE); f != NULL; f = f->same)
		if (field_is(f, "OTHER"))
			break;
	if ((f == NULL) != (named == NULL))
		check_raise(k, "CT-08", f == NULL ? named : f);
}

/* BR-29: what a submitter declares is part of the law of sharing it. */
static void
check_declarations(struct check *k)
{
	static const enum field_id all[] = {FIELD_NOT_AN_EMERGENCY,
	    FIELD_REFERRAL_CONSIDERED, FIELD_SOURCE_NOT_NAMED,
	    FIELD_BEST_OF_KNOWLEDGE, FIELD_LAWFUL_BASIS};
	const struct field *f;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		f = first(k, all[i]);
		if (!field_is(f, "true")) {
			check_raise(k, "BR-29",
			    f == NULL ? first(k, FIELD_DECLARATIONS) : f);
			return;
		}
	}
}

/* BR-30, first half: HIGH, and nothing in it says why. */
static void
check_high_without_cause(struct check *k)
{
	static const char *const causes[] = {"OCG", "USG", "CL", "CUCK", "CCE",
	    "CSE", "MSHT", "FIREARM", "KNIFE", "CORROSIVE", "VIOLENCE", "DA",
	    "HBA", "FM", "FGM", "MISSING", "ARSON", "EXTREMISM"};
	const struct field *f;
	size_t i;

	if (!k->high || !has(k, FIELD_SAFEGUARDING_FLAG, "NONE"))
		return;
	for (f = first(k, FIELD_THREAT_TYPE); f != NULL; f = f->same)
		for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
			if (field_is(f, causes[i]))
				return;
	check_raise(k, "BR-30", first(k, FIELD_PRIORITY));
}

void
rules_routing(struct check *k)
{
	bool no_referral;

	check_destination(k);
	check_operation(k);
	check_emergency(k);
	k->high = has(k, FIELD_PRIORITY, "HIGH");
	no_referral = check_safeguarding(k);
	check_radicalisation(k);
	check_other_threat(k);
	check_declarations(k);
	check_high_without_cause(k);
	k->fields->fast = k->high || no_referral;
	if (!k->fields->fast)
		return;
	/* BR-66: police will know the time to five minutes, and all the same
	 * nobody may read it soon */
	findings_advise(k->findings, ADVICE_101);
	check_raise(k, "BR-66",
	    k->high ? first(k, FIELD_PRIORITY)
		    : first(k, FIELD_SAFEGUARDING_REFERRAL));
}
