/* For tests of queue: an exported log read with the auditor's own books. */
#include "queue_audit.h"

#include <check.h>
#include <stdio.h>

#include "ledger.h"

static void
say(const char *what, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "audit: %s\n", what);
}

void
audit_read(const void *text, size_t len, struct audit *out)
{
	static char none[] = "";
	struct ledger *l = ledger_new();
	struct ledger_sums sums;
	char why[ENTRY_WHY_MAX] = "";
	size_t line = 0;
	FILE *f;

	ck_assert_ptr_nonnull(l);
	/* fmemopen() takes no const, and no empty text */
	f = len == 0 ? fmemopen(none, 1, "r")
		     : fmemopen((void *)(size_t)text, len, "r");
	ck_assert_ptr_nonnull(f);
	if (len > 0)
		ck_assert_msg(ledger_read(l, f, &line, why) == RC_OK,
		    "line %zu: %s", line, why);
	(void)fclose(f);
	ledger_close(l, &sums, NULL, say, NULL);
	out->accepted = sums.accepted;
	out->forwarded = sums.forwarded;
	out->done = sums.done;
	out->dead = sums.dead;
	out->retries = sums.retries;
	out->days = sums.days;
	out->faults = sums.faults;
	ledger_free(l);
}
