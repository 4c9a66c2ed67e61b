/* The list of findings: what is kept, what is only counted. */
#include "findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "raise.h"

struct findings {
	struct finding kept[FINDINGS_MAX];
	size_t count;
	size_t more;
	unsigned advice;
	bool rejected;
	bool malformed;
	bool raised[RULES_MAX];
};

struct findings *
findings_new(void)
{
	return calloc(1, sizeof(struct findings));
}

void
findings_free(struct findings *f)
{
	free(f);
}

size_t
findings_count(const struct findings *f)
{
	return f->count;
}

const struct finding *
findings_get(const struct findings *f, size_t i)
{
	return i < f->count ? &f->kept[i] : NULL;
}

size_t
findings_more(const struct findings *f)
{
	return f->more;
}

unsigned
findings_advice(const struct findings *f)
{
	return f->advice;
}

void
findings_advise(struct findings *f, unsigned advice)
{
	f->advice |= advice;
}

bool
findings_raised(const struct findings *f, size_t rule_row)
{
	return rule_row < RULES_MAX && f->raised[rule_row];
}

int
findings_status(const struct findings *f)
{
	if (f->malformed)
		return 400;
	return f->rejected ? 422 : 201;
}

static bool
stops(enum severity severity)
{
	return severity == SEVERITY_R || severity == SEVERITY_Q;
}

/* Makes room among the kept for one that stops the report, by giving up the
 * last that does not. */
static bool
give_up_one(struct findings *f)
{
	size_t i;

	for (i = f->count; i > 0; i--) {
		if (stops(f->kept[i - 1].severity))
			continue;
		memmove(&f->kept[i - 1], &f->kept[i],
		    (f->count - i) * sizeof(f->kept[0]));
		f->count--;
		f->more++;
		return true;
	}
	return false;
}

/* In the order of the document; what is about all of it comes first. */
static void
keep(struct findings *f, const struct finding *finding)
{
	size_t i = f->count;

	while (i > 0 && f->kept[i - 1].offset > finding->offset)
		i--;
	memmove(&f->kept[i + 1], &f->kept[i],
	    (f->count - i) * sizeof(f->kept[0]));
	f->kept[i] = *finding;
	f->count++;
}

static void
fill(struct finding *finding, const struct rule *rule, const struct spot *spot)
{
	memset(finding, 0, sizeof(*finding));
	finding->rule = rule->id;
	finding->system = rule->system;
	finding->help = spot->help != NULL ? spot->help : rule->help;
	finding->line = spot->line;
	finding->offset = spot->offset;
	finding->has_codepoint = spot->has_codepoint;
	finding->codepoint = spot->codepoint;
	memcpy(finding->expected, spot->expected, sizeof(finding->expected));
	(void)snprintf(finding->path, sizeof(finding->path), "%s", spot->path);
}

void
raise_at(struct findings *f, const struct contract *c, const char *id,
    const struct spot *spot)
{
	static const struct spot whole = {.path = "/"};
	size_t row = contract_rule(c, id);
	const struct rule *rule = &c->rules[row];
	enum severity severity;
	struct finding finding;

	if (spot == NULL)
		spot = &whole;
	severity =
	    spot->severity != SEVERITY_NONE ? spot->severity : rule->severity;
	f->raised[row] = true;
	f->rejected |= stops(severity);
	/* these two say that the document is none, not what it says */
	f->malformed |= strcmp(id, "XML") == 0 || strcmp(id, "BR-53") == 0;
	if (f->count == FINDINGS_MAX && (!stops(severity) || !give_up_one(f))) {
		f->more++;
		return;
	}
	fill(&finding, rule, spot);
	finding.severity = severity;
	keep(f, &finding);
}

void
raise_field_as(struct findings *f, const struct contract *c, const char *rule,
    enum severity severity, const char *help, const struct field *field)
{
	char path[FINDING_PATH];
	struct spot spot = {.path = path,
	    .line = field->line,
	    .offset = field->offset,
	    .severity = severity,
	    .help = help};

	field_path(field, path, sizeof(path));
	raise_at(f, c, rule, &spot);
}

void
raise_field(struct findings *f, const struct contract *c, const char *rule,
    const struct field *field)
{
	raise_field_as(f, c, rule, SEVERITY_NONE, NULL, field);
}

void
field_path(const struct field *field, char *path, size_t size)
{
	const struct field *chain[8];
	size_t depth = 0, used = 0;
	int n;

	for (; field != NULL && depth < 8; field = field->parent)
		chain[depth++] = field;
	path[0] = '\0';
	while (depth > 0) {
		field = chain[--depth];
		if (field->def->many)
			n = snprintf(path + used, size - used, "/%s[%u]",
			    field->def->name, field->place);
		else
			n = snprintf(path + used, size - used, "/%s%s",
			    field->def->attribute ? "@" : "", field->def->name);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}
