/* The command init: the police authority and everything the desk needs. */
#ifndef CUTOUT_DESK_INIT_H
#define CUTOUT_DESK_INIT_H

#include <stddef.h>

struct init_order {
	const char *dir;
	const char *force;        /* "SYP": into the names */
	const char *const *hosts; /* of the desk's TLS server */
	size_t host_count;        /* 0: localhost, 127.0.0.1 and ::1 */
	int demo;
};

/* Makes the folder; nothing in it is overwritten. Gives the exit status and
 * says what was done and what to do next. */
int desk_init(const struct init_order *order);

#endif
