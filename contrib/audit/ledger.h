/* The books: every entry of an exported log, and whether they agree. */
#ifndef CUTOUT_LEDGER_H
#define CUTOUT_LEDGER_H

#include <stdio.h>

#include "entry.h"
#include "result.h"

struct ledger;

/* NULL: out of memory. */
struct ledger *ledger_new(void) MUST_USE;
void ledger_free(struct ledger *l);

/* Enters one entry. RC_NOMEM. */
enum rc ledger_add(struct ledger *l, const struct entry *e) MUST_USE;

/* Reads a whole exported log. RC_BAD: line number *line is not an entry, why
 * says in what way; RC_IO; RC_NOMEM. The last line needs its newline, too. */
enum rc ledger_read(struct ledger *l, FILE *from, size_t *line,
    char why[ENTRY_WHY_MAX]) MUST_USE;

struct ledger_sums {
	size_t accepted, forwarded, done, dead, retries;
	size_t objects;  /* different objects that were forwarded */
	size_t dead_now; /* dead and not taken up again */
	size_t days;     /* closed days */
	size_t open;     /* accepted, neither done nor dead: still queued */
	size_t faults;   /* statements that do not hold */
};

/* One closed day: what the tally says, and what the entries up to the end of
 * that day add up to. */
struct ledger_day {
	uint32_t day;
	uint64_t queued, dead, done;         /* the tally */
	size_t accepted, log_done, log_dead; /* the entries */
	int holds;
};

/* Closes the books. Calls fault(what, ctx) with a sentence for each statement
 * that does not hold, and each(day, ctx) for each closed day in order; either
 * may be NULL. Order within a day carries no meaning and is not looked at. */
void ledger_close(struct ledger *l, struct ledger_sums *sums,
    void (*each)(const struct ledger_day *day, void *ctx),
    void (*fault)(const char *what, void *ctx), void *ctx);

#endif
