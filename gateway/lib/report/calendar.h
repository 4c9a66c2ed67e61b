/* Civil dates: day numbers, and the time of Europe/London by rule, so that no
 * time zone file is opened behind the lock-down. */
#ifndef CUTOUT_CALENDAR_H
#define CUTOUT_CALENDAR_H

#include "fields.h"

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t calendar_day(int year, int month, int day);
/* The day and its date the other way. */
void calendar_date(int64_t day, struct date *date);
/* Seconds that London is ahead of UTC at a moment: 3600 from the last Sunday
 * of March to the last Sunday of October, 01:00 UTC (since 1996). */
int64_t london_offset_s(int64_t utc_s);
/* The London day of a moment. */
int64_t london_day(int64_t utc_s);

/* The moment of a date with time; without a zone it is London time. */
int64_t date_moment_s(const struct date *date);
/* The London day a date means; a date without time is never shifted. */
int64_t date_day(const struct date *date);
/* Less than, equal to or greater than 0 as a is before, the same as or after
 * b: by the moment when both have a time, else by the day. */
int date_compare(const struct date *a, const struct date *b);
/* Whole years from birth to a day. */
int years_between(const struct date *birth, int64_t day);

#endif
