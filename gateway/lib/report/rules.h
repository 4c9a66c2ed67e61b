/* The rules beyond the schema, one function for each or for a family of them.
 * What a rule means is in rules.tsv; numbers are those of that table. */
#ifndef CUTOUT_RULES_H
#define CUTOUT_RULES_H

#include "calendar.h"
#include "contract.h"
#include "fields_tree.h"

enum { CONFIRMS_MAX = 64 };

/* One run of the rules over one report. */
struct check {
	const struct contract *c;
	struct fields *fields;
	const struct rule_context *context;
	struct findings *findings;
	int64_t today;      /* day number in Europe/London */
	const char *scheme; /* the report's profile */
	bool high;          /* after BR-23 */
	bool failed;        /* out of memory */
};

/* Raises rule at field (NULL: about the whole report), unless it is a Q that
 * Envelope/Confirm names. */
void check_raise(struct check *k, const char *rule, const struct field *field);
/* Whether Envelope/Confirm names the rule. */
bool confirmed(const struct fields *fields, const char *rule);
/* The first field with this id in the document; NULL: none. */
const struct field *first(const struct check *k, enum field_id id);
/* Whether the one field with this id has this text. */
bool has(const struct check *k, enum field_id id, const char *text);

/* Changes old, a child of parent, or (NULL) adds a child with this id: the
 * gateway completes what the submitter left out. NULL: k->failed. */
const struct field *complete_code(struct check *k, const struct field *parent,
    const struct field *old, enum field_id id, const char *text);

/* Each of these raises what it finds; out of memory sets k->failed. */
void rules_grading(struct check *k);     /* BR-01 to 14 */
void rules_dates(struct check *k);       /* BR-15 to 19, 65 */
void rules_places(struct check *k);      /* BR-21 */
void rules_identifiers(struct check *k); /* BR-22, CT-06 */
void rules_routing(struct check *k);     /* BR-23 to 30, 66, CT-02 to 04, 08 */
void rules_law(struct check *k);         /* BR-41, 42 */
void rules_names(struct check *k);       /* BR-52, as a warning */
void rules_words(struct check *k);       /* BR-30, 44, 46 */
void rules_references(struct check *k);  /* BR-47, 48, 56 */
void rules_duplicates(struct check *k);  /* BR-49 */
void rules_leaving(struct check *k);     /* CT-01, CT-09, CT-11 to 15 */

/* The kind of an entity in table 6.2: P U O L V C B A E, or 0. */
char entity_kind(const struct field *field);
/* Calls visit for each entity in the order of the document. */
typedef void entity_visit(struct check *k, const struct field *entity);
void each_entity(struct check *k, entity_visit *visit);

#endif
