/* Who may ask for what: one table that denies by default. */
#ifndef CUTOUT_ROUTES_H
#define CUTOUT_ROUTES_H

#include <stddef.h>

#include "result.h"

/* Who a certificate speaks for: the authority that issued it tells. Bits. */
enum party { PARTY_PARTNER = 1, PARTY_POLICE = 2 };

enum action {
	ACTION_REPORT, /* hand the body over to be kept */
	ACTION_CHECK,  /* hand the body over to be looked at */
	ACTION_SERVE   /* answer with a published file */
};

struct route {
	const char *target; /* the whole of it: no prefixes, no queries */
	const char *method;
	unsigned parties; /* enum party */
	enum action action;
	const char *file; /* ACTION_SERVE: its name in the served archive */
	const char *type; /* ... and its media type */
};

/* The route of a request, to *out. RC_NOTFOUND: the table has no such target
 * (404). RC_BAD: it has, with another method; *out tells which (405).
 * RC_DENIED: not for this party (403). */
enum rc routes_find(const char *method, const char *target, enum party party,
    const struct route **out) MUST_USE;

/* Every row, for whoever walks the table. NULL: i is past the end. */
const struct route *routes_row(size_t i);

#endif
