/* Starting the gateway in order and ending it in order. */
#ifndef CUTOUT_PHASES_H
#define CUTOUT_PHASES_H

#include "gateway.h"

/* Starts every part, each when those it leans on are ready, and calls lock()
 * before the one that takes connections: nobody is served by a supervisor that
 * is not locked down. RC_TIMEOUT, RC_EOF:
 * one did not become ready (told in the log), also when a signal asks to
 * stop; the caller then calls phases_stop(). Other answers of
 * gateway_start() and lock(). */
enum rc phases_start(struct gateway *g,
    enum rc (*lock)(const struct config *c)) MUST_USE;

/* Ends every part. In order: no new connections, those that are there finish
 * within seconds, then screens, forward, signer, and queue after whatever
 * they handed it, so that nothing accepted is lost. With g->failed set the
 * rest is ended at once instead. All are gone when it returns. */
void phases_stop(struct gateway *g);

#endif
