/* Grades and handling codes: BR-01 to BR-14. */
#include <string.h>

#include "rules.h"

/* One item's grade, as far as it is there. */
struct grade {
	const struct field *item;
	const struct field *grading;
	bool is_352;
	char source, information, handling; /* 0: absent */
	const struct field *information_field;
	const struct field *handling_field;
	const struct field *source_field;
};

static char
letter(const struct field *f)
{
	if (f == NULL)
		return '\0';
	return f->text[0];
}

static void
read_grade(const struct field *item, struct grade *g)
{
	memset(g, 0, sizeof(*g));
	g->item = item;
	g->grading = field_child(item, FIELD_GRADING);
	g->is_352 =
	    strcmp(field_text(g->grading, FIELD_GRADING_SCHEME), "3x5x2") == 0;
	g->source_field = field_child(g->grading, FIELD_GRADING_SOURCE);
	g->information_field =
	    field_child(g->grading, FIELD_GRADING_INFORMATION);
	g->handling_field = field_child(g->grading, FIELD_GRADING_HANDLING);
	g->source = letter(g->source_field);
	g->information = letter(g->information_field);
	g->handling = letter(g->handling_field);
}

static bool
in_list(char c, const char *list)
{
	return c == '\0' || strchr(list, c) != NULL;
}

/* BR-01: the scheme is the profile's, and so is every code. */
static void
check_scheme(struct check *k, const struct grade *g)
{
	if (strcmp(field_text(g->grading, FIELD_GRADING_SCHEME), k->scheme) !=
	    0)
		check_raise(k, "BR-01", g->grading);
	else if (!in_list(g->source, g->is_352 ? "123" : "ABCDE"))
		check_raise(k, "BR-01", g->source_field);
	else if (!in_list(g->information, g->is_352 ? "ABCDE" : "12345"))
		check_raise(k, "BR-01", g->information_field);
	else if (!in_list(g->handling, g->is_352 ? "PC" : "12345"))
		check_raise(k, "BR-01", g->handling_field);
}

/* BR-03 and BR-04. */
static void
check_pair(struct check *k, const struct grade *g)
{
	char s = g->source, i = g->information;

	if (!g->is_352 && s == 'A')
		check_raise(k, "BR-03", g->source_field);
	if (g->is_352 ? s == '3' && i == 'A'
		      : ((s == 'A' || s == 'B') && i == '4') ||
			    (s == 'E' && i == '1'))
		check_raise(k, "BR-04", g->grading);
}

/* BR-05, BR-06, BR-07. */
static void
check_support(struct check *k, const struct grade *g)
{
	bool doubted = g->information == (g->is_352 ? 'E' : '5');

	if (g->information == (g->is_352 ? 'B' : '3') &&
	    (!field_is(field_child(g->item, FIELD_CORROBORATED), "true") ||
		field_child(g->item, FIELD_CORROBORATION_NOTE) == NULL))
		check_raise(k, "BR-05", g->information_field);
	if (doubted &&
	    field_child(g->item, FIELD_SUSPECTED_FALSE_REASON) == NULL)
		check_raise(k, "BR-06", g->item);
	if (k->high && (doubted || g->source == (g->is_352 ? '3' : 'D')))
		check_raise(k, "BR-07", g->grading);
}

/* BR-08: C has no counterpart in 3x5x2. */
static void
check_conversion(struct check *k, const struct grade *g)
{
	int at = report_destination(k->fields, k->context);
	const struct rule_destination *d;

	if (at < 0 || g->is_352 || g->source != 'C')
		return;
	d = &k->context->destinations[at];
	if (d->takes_3x5x2 && !d->takes_5x5x5)
		check_raise(k, "BR-08", g->source_field);
}

/* BR-09, BR-10, BR-11: who may see it. */
static void
check_handling(struct check *k, const struct grade *g)
{
	const struct field *condition =
	    field_child(g->grading, FIELD_CONDITION);
	bool submitter =
	    strcmp(field_text(g->grading, FIELD_GRADED_BY), "SUBMITTER") == 0;
	bool open = g->handling == (g->is_352 ? 'P' : '1');

	if (g->handling == '\0')
		return;
	if (g->handling == (g->is_352 ? 'C' : '4') ||
	    (!g->is_352 && g->handling == '5'))
		check_raise(k, "BR-09", g->handling_field);
	if (submitter && !open &&
	    (field_child(condition, FIELD_CONDITION_TEXT) == NULL ||
		(!g->is_352 && g->handling == '4' &&
		    field_child(g->grading, FIELD_REVIEW_BY) == NULL)))
		check_raise(k, "BR-10", g->handling_field);
	if (open && (field_is(field_child(g->item, FIELD_KNOWN_TO), "FEW") ||
			has(k, FIELD_RISK_TO_SOURCE, "HIGH")))
		check_raise(k, "BR-11", g->handling_field);
}

/* BR-13: how it is known against what is claimed. */
static void
check_provenance(struct check *k, const struct grade *g)
{
	const struct field *how = field_child(g->item, FIELD_HOW_KNOWN);
	bool hearsay_as_fact = field_is(how, "TOLD-BY-OTHER") &&
			       g->information == (g->is_352 ? 'A' : '1');
	bool seen_as_hearsay = g->is_352 && field_is(how, "OBSERVED") &&
			       (g->information == 'C' || g->information == 'D');

	if (hearsay_as_fact || seen_as_hearsay)
		check_raise(k, "BR-13", g->information_field);
}

static bool
is_top(const struct grade *g)
{
	if (g->is_352)
		return g->source == '1' && g->information == 'A';
	return (g->source == 'A' || g->source == 'B') && g->information == '1';
}

/* BR-14: five items or more, and all of them as good as can be. */
static void
check_monotony(struct check *k)
{
	const struct field *item;
	struct grade g;
	size_t count = 0;

	for (item = first(k, FIELD_ITEM); item != NULL; item = item->same) {
		read_grade(item, &g);
		if (!is_top(&g))
			return;
		count++;
	}
	if (count >= 5)
		check_raise(k, "BR-14", NULL);
}

/* BR-02: who says nothing about handling gets the narrowest. */
static void
default_handling(struct check *k, const struct grade *g)
{
	if (g->handling != '\0')
		return;
	(void)complete_code(k, g->grading, NULL, FIELD_GRADING_HANDLING,
	    g->is_352 ? "C" : "5");
	(void)complete_code(k, g->grading,
	    field_child(g->grading, FIELD_GRADED_BY), FIELD_GRADED_BY,
	    "GATEWAY-DEFAULT");
}

void
rules_grading(struct check *k)
{
	const struct field *item;
	struct grade g;

	for (item = first(k, FIELD_ITEM); item != NULL; item = item->same) {
		read_grade(item, &g);
		if (g.grading == NULL) {
			check_raise(k, "BR-02", item);
			continue;
		}
		check_scheme(k, &g);
		check_pair(k, &g);
		check_support(k, &g);
		check_conversion(k, &g);
		check_handling(k, &g);
		check_provenance(k, &g);
		default_handling(k, &g);
	}
	check_monotony(k);
}
