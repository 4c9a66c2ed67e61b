/* When things happened: BR-15 to BR-19 and BR-65. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

enum {
	SKEW_S = 300,
	HIGH_DAYS = 90,
	MEDIUM_YEARS = 2,
	AGE_MAX = 130,
	CHILD_YEARS = 10,
	YEAR_MIN = 1700, /* of anything that an intelligence report is about */
	YEAR_MAX = 2999
};

/* Dates the report says something happened at; not the dates of the future
 * that a plan may have (ReviewBy, ValidTo) and not CreatedAt. */
static const enum field_id happened[] = {FIELD_INFO_FROM, FIELD_INFO_TO,
    FIELD_BIRTH, FIELD_FIRST_SEEN, FIELD_LAST_SEEN, FIELD_EVENT_START,
    FIELD_EVENT_END, FIELD_VALID_FROM, FIELD_PREVIOUSLY_WHEN};

/* What other systems write for "unknown" (SQL Server, Excel, the end of
 * time). */
static bool
is_sentinel(const struct date *d)
{
	return (d->year == 1753 && d->month == 1 && d->day == 1) ||
	       (d->year == 1900 && d->month == 1 && d->day == 1) ||
	       (d->year == 9999 && d->month == 12 && d->day == 31);
}

/* A year that nothing here is about. sealed.xsd takes four digits of a year
 * in London, which 1000-01-01T00:30:00+14:00 would leave. */
static bool
is_absurd(const struct date *d)
{
	return d->year < YEAR_MIN || d->year > YEAR_MAX;
}

static bool
is_future(const struct check *k, const struct date *d)
{
	if (d->has_time)
		return date_moment_s(d) > k->context->now_wall_s + SKEW_S;
	return date_day(d) > k->today;
}

/* BR-15 */
static void
check_future(struct check *k)
{
	const struct field *f;
	size_t i;

	for (i = 0; i < sizeof(happened) / sizeof(happened[0]); i++)
		for (f = first(k, happened[i]); f != NULL; f = f->same)
			if (is_future(k, &f->date) && !is_sentinel(&f->date) &&
			    !is_absurd(&f->date))
				check_raise(k, "BR-15", f);
}

/* BR-16 */
static void
check_order(struct check *k)
{
	static const struct {
		enum field_id from, to;
	} pairs[] = {{FIELD_INFO_FROM, FIELD_INFO_TO},
	    {FIELD_FIRST_SEEN, FIELD_LAST_SEEN},
	    {FIELD_EVENT_START, FIELD_EVENT_END},
	    {FIELD_VALID_FROM, FIELD_VALID_TO}};
	const struct field *to, *from;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		for (to = first(k, pairs[i].to); to != NULL; to = to->same) {
			from = field_child(to->parent, pairs[i].from);
			if (from != NULL &&
			    date_compare(&to->date, &from->date) < 0)
				check_raise(k, "BR-16", to);
		}
}

static const char *
precision_of(const struct field *f)
{
	switch (f->def->id) {
	case FIELD_INFO_FROM:
	case FIELD_INFO_TO:
		return field_text(f->parent, FIELD_INFO_PRECISION);
	case FIELD_EVENT_START:
	case FIELD_EVENT_END:
		return field_text(f->parent, FIELD_EVENT_PRECISION);
	case FIELD_FIRST_SEEN:
		return field_text(f, FIELD_FIRST_SEEN_PRECISION);
	case FIELD_LAST_SEEN:
		return field_text(f, FIELD_LAST_SEEN_PRECISION);
	default:
		return "";
	}
}

/* BR-17, for every date there is: a time without a zone, a zone without a
 * time, and EXACT without a time. */
static void
check_precision(struct check *k)
{
	const struct field *f;
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++) {
		if (field_def((enum field_id)id)->type != TYPE_DATE)
			continue;
		for (f = first(k, (enum field_id)id); f != NULL; f = f->same)
			if (f->date.has_time != f->date.has_zone ||
			    (!f->date.has_time &&
				strcmp(precision_of(f), "EXACT") == 0))
				check_raise(k, "BR-17", f);
	}
}

/* BR-18 */
static void
check_age_of_information(struct check *k)
{
	const struct field *f = first(k, FIELD_INFO_TO);
	int64_t day;

	if (f == NULL)
		f = first(k, FIELD_INFO_FROM);
	if (f == NULL)
		return;
	day = date_day(&f->date);
	if (k->high ? k->today - day > HIGH_DAYS
		    : has(k, FIELD_PRIORITY, "MEDIUM") &&
			  years_between(&f->date, k->today) >= MEDIUM_YEARS &&
			  !is_sentinel(&f->date))
		check_raise(k, "BR-18", f);
}

/* The first day anything in the report happened on, by which a person was
 * born. */
static bool
born_after(struct check *k, const struct field *birth)
{
	const struct field *f = first(k, FIELD_INFO_TO);

	if (f == NULL)
		f = first(k, FIELD_INFO_FROM);
	return f != NULL && date_day(&birth->date) > date_day(&f->date);
}

/* BR-19: birth after the event the person is linked to. */
static void
check_linked_birth(struct check *k)
{
	const struct field *link, *from, *to, *birth, *start;

	for (link = first(k, FIELD_LINK); link != NULL; link = link->same) {
		from = field_child(link, FIELD_LINK_FROM);
		to = field_child(link, FIELD_LINK_TO);
		if (from == NULL || to == NULL)
			continue;
		birth = field_child(from->target, FIELD_BIRTH);
		start = field_child(to->target, FIELD_EVENT_START);
		if (birth != NULL && start != NULL && !born_after(k, birth) &&
		    !is_future(k, &birth->date) &&
		    date_day(&birth->date) > date_day(&start->date))
			check_raise(k, "BR-19", birth);
	}
}

/* BR-19: sentinels, and slips that no date can be. */
static void
check_sentinels(struct check *k)
{
	const struct field *f;
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++) {
		if (field_def((enum field_id)id)->type != TYPE_DATE)
			continue;
		for (f = first(k, (enum field_id)id); f != NULL; f = f->same)
			if (is_sentinel(&f->date) || is_absurd(&f->date))
				check_raise(k, "BR-19", f);
	}
}

/* BR-19: births and ages that can not be, and both where one belongs. */
static void
check_births(struct check *k)
{
	const struct field *f;

	for (f = first(k, FIELD_BIRTH); f != NULL; f = f->same) {
		if (is_sentinel(&f->date) || is_absurd(&f->date) ||
		    is_future(k, &f->date))
			continue; /* said by another rule, or above */
		if (years_between(&f->date, k->today) > AGE_MAX ||
		    born_after(k, f) ||
		    field_child(f->parent, FIELD_PERSON_AGE) != NULL)
			check_raise(k, "BR-19", f);
	}
}

static void
check_age_range(struct check *k, enum field_id group, enum field_id from_id,
    enum field_id to_id)
{
	const struct field *age, *from, *to;

	for (age = first(k, group); age != NULL; age = age->same) {
		from = field_child(age, from_id);
		to = field_child(age, to_id);
		if ((from != NULL && from->number > AGE_MAX) ||
		    (to != NULL && to->number > AGE_MAX) ||
		    (from != NULL && to != NULL && to->number < from->number))
			check_raise(k, "BR-19", age);
	}
}

static bool
under_ten(struct check *k, const struct field *person)
{
	const struct field *birth = field_child(person, FIELD_BIRTH);
	const struct field *age = field_child(person, FIELD_PERSON_AGE);
	const struct field *to = field_child(age, FIELD_PERSON_AGE_TO);

	if (birth != NULL)
		return !is_future(k, &birth->date) &&
		       years_between(&birth->date, k->today) < CHILD_YEARS;
	if (to == NULL)
		to = field_child(age, FIELD_PERSON_AGE_FROM);
	return to != NULL && to->number < CHILD_YEARS;
}

/* BR-65: below the age of criminal responsibility. */
static void
check_children(struct check *k)
{
	const struct field *role;

	for (role = first(k, FIELD_PERSON_ROLE); role != NULL;
	     role = role->same)
		if (field_is(role, "SUSPECT") && under_ten(k, role->parent))
			check_raise(k, "BR-65", role);
}

void
rules_dates(struct check *k)
{
	check_future(k);
	check_order(k);
	check_precision(k);
	check_age_of_information(k);
	check_sentinels(k);
	check_births(k);
	check_linked_birth(k);
	check_age_range(k, FIELD_PERSON_AGE, FIELD_PERSON_AGE_FROM,
	    FIELD_PERSON_AGE_TO);
	check_age_range(k, FIELD_UNIDENTIFIED_AGE, FIELD_UNIDENTIFIED_AGE_FROM,
	    FIELD_UNIDENTIFIED_AGE_TO);
	check_children(k);
}
