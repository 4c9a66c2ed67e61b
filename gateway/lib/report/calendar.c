/* Civil dates without the C library's time zones. */
#include "calendar.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

/* Howard Hinnant's days_from_civil: eras of 400 years, March first. */
int64_t
calendar_day(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

void
calendar_date(int64_t day, struct date *date)
{
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	*date = (struct date){0};
	date->day = (uint8_t)(of_year - (153 * month + 2) / 5 + 1);
	date->month = (uint8_t)(month < 10 ? month + 3 : month - 9);
	date->year = (int16_t)(year + era * 400 + (date->month <= 2 ? 1 : 0));
}

static int64_t
floor_day(int64_t s)
{
	return (s >= 0 ? s : s - (DAY_S - 1)) / DAY_S;
}

/* 01:00 UTC on the last Sunday of a month with 31 days. */
static int64_t
last_sunday_s(int year, int month)
{
	int64_t day = calendar_day(year, month, 31);
	int64_t since_sunday = ((day + 4) % 7 + 7) % 7; /* 1970-01-01: Thu */

	return (day - since_sunday) * DAY_S + HOUR_S;
}

int64_t
london_offset_s(int64_t utc_s)
{
	struct date date;

	calendar_date(floor_day(utc_s), &date);
	return utc_s >= last_sunday_s(date.year, 3) &&
		       utc_s < last_sunday_s(date.year, 10)
		   ? HOUR_S
		   : 0;
}

int64_t
london_day(int64_t utc_s)
{
	return floor_day(utc_s + london_offset_s(utc_s));
}

int64_t
date_moment_s(const struct date *d)
{
	int64_t s = calendar_day(d->year, d->month, d->day) * DAY_S +
		    (int64_t)d->hour * HOUR_S + (int64_t)d->minute * 60 +
		    d->second;

	if (d->has_zone)
		return s - (int64_t)d->zone_minutes * 60;
	/* in the hour that happens twice this takes the later one */
	return s - london_offset_s(s - HOUR_S);
}

int64_t
date_day(const struct date *d)
{
	if (!d->has_time)
		return calendar_day(d->year, d->month, d->day);
	return london_day(date_moment_s(d));
}

int
date_compare(const struct date *a, const struct date *b)
{
	bool both = a->has_time && b->has_time;
	int64_t x = both ? date_moment_s(a) : date_day(a);
	int64_t y = both ? date_moment_s(b) : date_day(b);

	return (x > y) - (x < y);
}

int
years_between(const struct date *birth, int64_t day)
{
	struct date now;
	int years;

	calendar_date(day, &now);
	years = now.year - birth->year;
	if (now.month < birth->month ||
	    (now.month == birth->month && now.day < birth->day))
		years--;
	return years;
}
