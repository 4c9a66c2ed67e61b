/* The run of the rules over a report, and what they share. */
#include "rules.h"

#include <string.h>

#include "raise.h"

bool
confirmed(const struct fields *fields, const char *rule)
{
	const struct field *f;
	int n = 0;

	for (f = fields_first(fields, FIELD_CONFIRM);
	     f != NULL && n < CONFIRMS_MAX; f = f->same, n++)
		if (strcmp(f->text, rule) == 0)
			return true;
	return false;
}

void
check_raise(struct check *k, const char *rule, const struct field *field)
{
	size_t row = contract_rule(k->c, rule);

	if (k->c->rules[row].severity == SEVERITY_Q &&
	    confirmed(k->fields, rule))
		return;
	if (field == NULL)
		raise_at(k->findings, k->c, rule, NULL);
	else
		raise_field(k->findings, k->c, rule, field);
}

const struct field *
first(const struct check *k, enum field_id id)
{
	return fields_first(k->fields, id);
}

bool
has(const struct check *k, enum field_id id, const char *text)
{
	return field_is(fields_first(k->fields, id), text);
}

const struct field *
complete_code(struct check *k, const struct field *parent,
    const struct field *old, enum field_id id, const char *text)
{
	const struct code *code =
	    code_find(k->c->list_of[id], text, strlen(text));
	struct field *field = (struct field *)(uintptr_t)old;

	if (field == NULL)
		field = fields_add(k->fields, (struct field *)(uintptr_t)parent,
		    id);
	if (field == NULL || code == NULL) {
		k->failed = true;
		return NULL;
	}
	field->text = code->text;
	field->len = (uint32_t)strlen(text);
	field->meaning = code->meaning;
	field->completed = true;
	field->line = parent->line;
	field->offset = parent->offset;
	return field;
}

static const struct {
	enum field_id id;
	char kind;
} kinds[] = {
    {FIELD_PERSON, 'P'},
    {FIELD_UNIDENTIFIED, 'U'},
    {FIELD_ORGANISATION, 'O'},
    {FIELD_LOCATION, 'L'},
    {FIELD_VEHICLE, 'V'},
    {FIELD_COMMUNICATION, 'C'},
    {FIELD_OBJECT, 'B'},
    {FIELD_ACCOUNT, 'A'},
    {FIELD_EVENT, 'E'},
};

char
entity_kind(const struct field *field)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (field->def->id == kinds[i].id)
			return kinds[i].kind;
	return 0;
}

void
each_entity(struct check *k, entity_visit *visit)
{
	const struct field *entities = first(k, FIELD_ENTITIES), *f;

	if (entities == NULL)
		return;
	for (f = entities->first; f != NULL; f = f->next)
		if (entity_kind(f) != 0)
			visit(k, f);
}

static void (*const families[])(struct check *) = {
    /* BR-23 makes the priority HIGH before others ask for it */
    rules_routing, rules_grading, rules_dates, rules_places, rules_identifiers,
    rules_law, rules_names, rules_words, rules_references, rules_duplicates,
    rules_leaving};

enum rc
report_rules(const struct contract *c, struct fields *fields,
    const struct rule_context *context, struct findings *findings)
{
	struct check k = {.c = c,
	    .fields = fields,
	    .context = context,
	    .findings = findings,
	    .today = london_day(context->now_wall_s)};
	const struct field *profile = fields_first(fields, FIELD_PROFILE);
	size_t i;

	k.scheme = profile == NULL ? "" : profile->text;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		families[i](&k);
	return k.failed ? RC_NOMEM : RC_OK;
}

static const uint8_t *
hex_of(const struct fields *fields, enum field_id id)
{
	const struct field *f = fields_first(fields, id);

	return f == NULL ? NULL : f->hex;
}

const uint8_t *
report_id(const struct fields *fields)
{
	return hex_of(fields, FIELD_ENVELOPE_ID);
}

const uint8_t *
report_blind(const struct fields *fields)
{
	return hex_of(fields, FIELD_ENVELOPE_BLIND);
}
