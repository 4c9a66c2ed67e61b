/* What a screen zygote loads before it is locked down. */
#ifndef CUTOUT_LOAD_H
#define CUTOUT_LOAD_H

#include <stdint.h>

#include "destinations.h"
#include "report.h"
#include "result.h"

struct screen {
	struct contract *contract;
	struct destinations *destinations;
	/* the same, in the form the rules know */
	struct rule_destination rule[MAX_DESTINATIONS];
	enum report_kind kind;
	int64_t spare, reports_per_process, cpu_seconds, deadline_seconds;
	int64_t body_max, clock_offset_s;
};

/* Reads setup, schema and destinations from their descriptors, checks every
 * certificate, and closes them. What is wrong is fatal and says so. */
void load_screen(struct screen *s);

/* Sends something through every library, so that nothing is loaded, opened or
 * fetched later: the lock-down would kill that. Fatal when it fails. */
void load_warm(const struct screen *s);

#endif
