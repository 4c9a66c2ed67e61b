/* cutout-audit: what an auditor can check without reading a report. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ledger.h"

enum { EXIT_HOLDS = 0, EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3 };

static const char usage_text[] =
    "usage: cutout-audit counts [--json] FILE\n"
    "\n"
    "Reads an audit log that `cutoutctl log export` wrote (- is standard\n"
    "input) and checks that its books agree: for every closed day, what was\n"
    "accepted is what was done, is queued or is dead; nothing is done twice,\n"
    "or without having been forwarded; nothing went to a recipient that the\n"
    "log did not announce.\n"
    "\n"
    "exit: 0 everything agrees, 1 something does not, 2 usage,\n"
    "      3 the file can not be read or a line is not an entry\n";

/* What a reader must not take this for. */
static const char not_proven[] =
    "What this log does not yet prove: it has no tree and no signature, so its "
    "operator could have left out, changed or rewritten entries. It proves "
    "only that the numbers the operator shows agree with each other.";

struct output {
	int json;
	json_t *days, *faults;
	size_t lines;
};

static void
day_text(uint32_t day, char out[16])
{
	snprintf(out, 16, "%04u-%02u-%02u", day / 10000 % 10000,
	    day / 100 % 100, day % 100);
}

static void
show_day(const struct ledger_day *d, void *ctx)
{
	struct output *o = ctx;
	char day[16];

	day_text(d->day, day);
	if (o->json) {
		json_array_append_new(o->days,
		    json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "day", day,
			"accepted", (json_int_t)d->accepted, "done",
			(json_int_t)d->log_done, "queued",
			(json_int_t)d->queued, "dead", (json_int_t)d->dead,
			"holds", d->holds));
		return;
	}
	if (o->lines++ == 0)
		printf("%-12s %10s %10s %10s %10s\n", "up to day", "accepted",
		    "= done", "+ queued", "+ dead");
	printf("%-12s %10zu %10zu %10" PRIu64 " %10" PRIu64 "   %s\n", day,
	    d->accepted, d->log_done, d->queued, d->dead,
	    d->holds ? "agrees" : "DOES NOT AGREE");
}

static void
show_fault(const char *what, void *ctx)
{
	struct output *o = ctx;

	if (o->json)
		json_array_append_new(o->faults, json_string(what));
	else
		fprintf(stderr, "cutout-audit: %s\n", what);
}

static void
show_sums(const struct ledger_sums *s, struct output *o)
{
	json_t *all;

	if (!o->json) {
		printf("\naccepted %zu, forwarded %zu (%zu different objects), "
		       "done %zu,\ndead %zu, retries %zu; now queued %zu, dead "
		       "%zu; closed days %zu\n\n%s\n%s\n",
		    s->accepted, s->forwarded, s->objects, s->done, s->dead,
		    s->retries, s->open, s->dead_now, s->days,
		    s->faults == 0 ? "All books agree."
				   : "The books DO NOT agree: see above.",
		    not_proven);
		return;
	}
	all = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O, "
			"s:O, s:s}",
	    "agrees", s->faults == 0, "accepted", (json_int_t)s->accepted,
	    "forwarded", (json_int_t)s->forwarded, "objects",
	    (json_int_t)s->objects, "done", (json_int_t)s->done, "dead",
	    (json_int_t)s->dead, "retries", (json_int_t)s->retries, "queued",
	    (json_int_t)s->open, "deadNow", (json_int_t)s->dead_now, "days",
	    o->days, "faults", o->faults, "notProven", not_proven);
	if (all != NULL) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
}

static int
counts(FILE *from, const char *name, struct output *o)
{
	struct ledger *l = ledger_new();
	struct ledger_sums sums;
	char why[ENTRY_WHY_MAX] = "";
	size_t line = 0;
	enum rc rc = RC_NOMEM;

	if (l != NULL)
		rc = ledger_read(l, from, &line, why);
	if (rc == RC_BAD)
		fprintf(stderr,
		    "cutout-audit: %s:%zu: %s. Export the log again; if it "
		    "stays so, the operator owes an explanation.\n",
		    name, line, why);
	else if (rc != RC_OK)
		fprintf(stderr, "cutout-audit: %s: %s\n", name, rc_text(rc));
	if (rc != RC_OK) {
		ledger_free(l);
		return EXIT_UNREADABLE;
	}
	ledger_close(l, &sums, show_day, show_fault, o);
	show_sums(&sums, o);
	ledger_free(l);
	return sums.faults == 0 ? EXIT_HOLDS : EXIT_BROKEN;
}

static int
run_counts(int argc, char **argv)
{
	struct output o = {0};
	const char *name = NULL;
	FILE *from = stdin;
	int status;

	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o.json = 1;
		else if (name == NULL &&
			 (argv[i][0] != '-' || argv[i][1] == '\0'))
			name = argv[i];
		else {
			(void)fputs(usage_text, stderr);
			return EXIT_USAGE;
		}
	}
	if (name == NULL) {
		(void)fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	if (strcmp(name, "-") != 0) {
		from = fopen(name, "re");
		if (from == NULL) {
			fprintf(stderr,
			    "cutout-audit: %s: %s. Ask the operator for the "
			    "output of `cutoutctl log export`.\n",
			    name, strerror(errno));
			return EXIT_UNREADABLE;
		}
	}
	o.days = json_array();
	o.faults = json_array();
	status = counts(from, name, &o);
	/* half a page of numbers is no answer */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "cutout-audit: standard output: %s\n",
		    strerror(errno));
		status = EXIT_UNREADABLE;
	}
	json_decref(o.days);
	json_decref(o.faults);
	if (from != stdin)
		(void)fclose(from);
	return status;
}

int
main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		printf("cutout-audit " CUTOUT_VERSION "\n");
		return EXIT_HOLDS;
	}
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			(void)fputs(usage_text, stdout);
			return EXIT_HOLDS;
		}
	}
	if (argc >= 2 && strcmp(argv[1], "counts") == 0)
		return run_counts(argc, argv);
	(void)fputs(usage_text, stderr);
	return EXIT_USAGE;
}
