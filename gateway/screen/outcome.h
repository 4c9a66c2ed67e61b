/* The words of each answer about a report. */
#ifndef CUTOUT_OUTCOME_H
#define CUTOUT_OUTCOME_H

#include "findings.h"
#include "result.h"
#include "wire.h"

/* What came of a report. */
enum outcome {
	OUTCOME_CHECKED,  /* 200: only looked at */
	OUTCOME_ACCEPTED, /* 201 */
	OUTCOME_DUPLICATE,
	OUTCOME_HOSTILE,  /* 400: not well-formed, or hostile */
	OUTCOME_RETURNED, /* 422: with findings */
	OUTCOME_CONFLICT, /* 409 */
	OUTCOME_CLOSED,   /* 503: not kept now */
	OUTCOME_UNKNOWN,  /* 503: not known to be kept */
	OUTCOME_FAILED    /* 500: a check after screening failed */
};

/* The outcome that queue's (or signer's) verdict means. */
enum outcome outcome_of_verdict(uint8_t verdict);

/* Sends FRAME_ANSWER with this outcome's words and the findings to session.
 * lane tells how long forwarding may take. Whatever frame_write() says. */
enum rc outcome_send(int channel, enum outcome outcome, enum lane lane,
    const struct findings *findings) MUST_USE;

#endif
