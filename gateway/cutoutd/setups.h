/* The settings each part of the gateway gets from the configuration. */
#ifndef CUTOUT_SETUPS_H
#define CUTOUT_SETUPS_H

#include "config.h"
#include "result.h"

/* Everything that cutoutd starts. Several parts may be one role: there are
 * three keyds and two screen zygotes. */
enum part {
	PART_KEYD_TLS,
	PART_KEYD_LOG,
	PART_KEYD_PROMISE,
	PART_QUEUE,
	PART_SIGNER,
	PART_COVER_SCREEN,
	PART_COVER,
	PART_SCREEN,
	PART_SESSION,
	PART_CTL,
	PART_FORWARD,
	PART_COUNT
};

/* The program of a part in the folder libexec. */
const char *part_program(enum part part);
/* Its name in cutoutd's log lines: "keyd log", "screen cover". */
const char *part_name(enum part part);
/* Zygotes are replaced while the daemon runs. */
int part_is_zygote(enum part part);

/* A sealed memfd with the part's settings; the caller closes it.
 * destination: the run's, for PART_FORWARD. RC_NOMEM, RC_IO, RC_BAD. */
enum rc setup_make(const struct config *c, enum part part, size_t destination,
    int *out) MUST_USE;

#endif
