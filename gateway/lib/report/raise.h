/* Raising findings: from a rule and a place to a row of the answer. */
#ifndef CUTOUT_RAISE_H
#define CUTOUT_RAISE_H

#include "contract.h"

/* Where something is, while there may be no field for it. */
struct spot {
	const char *path; /* borrowed for the call */
	uint32_t line;
	uint32_t offset;
	bool has_codepoint;
	uint32_t codepoint;
	const char *help; /* instead of the rule's, static; or NULL */
	const char *expected[EXPECTED_MAX];
	enum severity severity; /* instead of the rule's, or NONE */
};

/* Raises rule at the spot, or (NULL) about the whole report. */
void raise_at(struct findings *f, const struct contract *c, const char *rule,
    const struct spot *spot);
/* Raises rule at a field. */
void raise_field(struct findings *f, const struct contract *c, const char *rule,
    const struct field *field);
/* The same with another severity and help than the table's: for a rule that
 * warns of one thing and rejects another (BR-52). */
void raise_field_as(struct findings *f, const struct contract *c,
    const char *rule, enum severity severity, const char *help,
    const struct field *field);
/* Whether the rule in this row of rules.tsv was raised, kept or not. */
bool findings_raised(const struct findings *f, size_t rule_row);
void findings_advise(struct findings *f, unsigned advice);

/* Writes the path of a field ("/IntelligenceReport/Item[2]/Text"), cut at
 * size. */
void field_path(const struct field *field, char *path, size_t size);

#endif
