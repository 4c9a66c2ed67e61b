/* The commands that send: new reports, and stored ones again. */
#ifndef CUTOUT_SEND_H
#define CUTOUT_SEND_H

#include "options.h"
#include "store.h"
#include "submit.h"

/* What a run has counted, and its exit code so far. */
struct tally {
	unsigned long total, done, sent, returned;
	enum outcome outcome;
};

/* Takes one outcome into the tally and shows the progress. */
void tally_count(struct tally *t, enum outcome one);

/* Opens the receipts folder. NULL: told on standard error. */
struct store *open_receipts(const struct options *o) MUST_USE;

/* Says that the gateway accepted it before; OUTCOME_ACCEPTED. */
enum outcome accepted_before(const struct entry *e, const char *name);

enum outcome command_send(const struct options *o);     /* send.c */
enum outcome command_resend(const struct options *o);   /* resend.c */
enum outcome command_receipts(const struct options *o); /* resend.c */

#endif
