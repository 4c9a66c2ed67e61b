/* A report on its way through screen: handed over while it is read, and what
 * came of it. */
#ifndef CUTOUT_JOB_H
#define CUTOUT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

/* What is known of a report that was handed over (PROTOCOL.md, section 1). */
enum job_end {
	JOB_ANSWERED, /* screen says; see status and json */
	JOB_FAILED,   /* screen died before it passed the report on: 500 */
	JOB_UNKNOWN   /* it may be kept, or was not looked at in time: 503 */
};

/* One job, from its offer to its end. */
struct errand {
	int channel;          /* -1: none */
	uint64_t screen_ns;   /* what a screen process may take in all */
	uint64_t started_ns;  /* when it was offered */
	uint64_t finished_ns; /* when the last byte was handed over */
	uint64_t total;       /* bytes handed over */
	bool handed;          /* screen passed it on */
	uint16_t status;
};

/* Offers a job on the socket that all screens wait on; jobs is non-blocking.
 * RC_FULL: no screen takes jobs just now, nothing was sent. */
enum rc job_offer(struct errand *j, int jobs, enum job kind,
    uint64_t screen_ns) MUST_USE;

/* Hands over bytes of the body, 1 to FRAME_MAX. RC_EOF: screen is gone.
 * RC_TIMEOUT: it did not take them before by_ns. */
enum rc job_body(struct errand *j, const uint8_t *raw, size_t len,
    uint64_t by_ns) MUST_USE;

/* Ends the body and waits for what comes of it; *json then holds the answer's
 * body when there is one. Always closes the channel. */
enum job_end job_finish(struct errand *j, uint64_t by_ns,
    struct buf *json) MUST_USE;

/* Whether screen's own time was over, so that its end says nothing about the
 * report: the client was too slow. */
bool job_was_slow(const struct errand *j, uint64_t now_ns);

/* Drops the job: without the end of the body nothing is kept. */
void job_drop(struct errand *j);

#endif
