/* One report: read, judged, rebuilt, sealed, handed on, answered. */
#ifndef CUTOUT_JOB_H
#define CUTOUT_JOB_H

#include "load.h"
#include "result.h"

/* Serves one job of the given kind (enum job) on its channel. signer is this
 * process's own channel to signer. When it returns, plaintext and identity are
 * cleansed. RC_OK: answered. Anything else: session got no answer and takes
 * what that means from how far it came (PROTOCOL.md, section 1). */
enum rc job_serve(const struct screen *s, int channel, uint8_t kind,
    int signer) MUST_USE;

#endif
