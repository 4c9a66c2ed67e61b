/* The gateway's days: the only time that is ever written down. */
#ifndef CUTOUT_DAY_H
#define CUTOUT_DAY_H

#include <stdint.h>

enum { DAY_TEXT = 11 };

/* A clock that runs scale times as fast as the wall from born_s on (only demo
 * gateways do), and whose days change at epoch_hour UTC. */
struct day_clock {
	int64_t born_s;
	int64_t scale;
	int64_t epoch_hour;
};

/* The number of the gateway's day (days since 1970-01-01) at this wall time. */
int64_t day_of(const struct day_clock *c, int64_t wall_s);

/* A day number as YYYY-MM-DD; years from 1970 to 9999. */
void day_text(int64_t day, char out[DAY_TEXT]);

#endif
