/* Fresh zygotes: after a crash, and with new material at a reload. */
#ifndef CUTOUT_RENEWAL_H
#define CUTOUT_RENEWAL_H

#include "gateway.h"

/* Moves renewals on by what has happened since: starts what is due, lets old
 * zygotes drain when the fresh ones are ready, gives up on a bad set (the old
 * one goes on serving and the log gets an alarm line). Never waits. Returns
 * the milliseconds until it should be called again at the latest. */
int renewal_turn(struct gateway *g);

#endif
