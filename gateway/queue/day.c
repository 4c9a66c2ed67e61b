/* The gateway's days. */
#include "day.h"

#include <string.h>

enum { DAY_S = 86400, HOUR_S = 3600 };

int64_t
day_of(const struct day_clock *c, int64_t wall_s)
{
	int64_t at = c->born_s + (wall_s - c->born_s) * c->scale;

	at -= c->epoch_hour * HOUR_S;
	return at < 0 ? 0 : at / DAY_S;
}

static void
digits(char *to, int64_t value, int count)
{
	while (count-- > 0) {
		to[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Days to a civil date: eras of 400 years that begin on a 1 March. */
void
day_text(int64_t day, char out[DAY_TEXT])
{
	int64_t z = day + 719468, era = z / 146097, of_era = z % 146097;
	int64_t year_of_era =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year =
	    of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march = (5 * of_year + 2) / 153;
	int64_t month = march < 10 ? march + 3 : march - 9;
	int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);

	memcpy(out, "0000-00-00", DAY_TEXT);
	digits(out, year > 9999 ? 9999 : year, 4);
	digits(out + 5, month, 2);
	digits(out + 8, of_year - (153 * march + 2) / 5 + 1, 2);
}
