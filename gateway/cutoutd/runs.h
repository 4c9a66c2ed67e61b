/* Delivery runs: cutoutd connects, forward speaks, queue decides. */
#ifndef CUTOUT_RUNS_H
#define CUTOUT_RUNS_H

#include "gateway.h"

/* Starts the runs that queue asked for, at most one at a time for each
 * destination, and tells queue the outcome. Never waits: the socket is handed
 * over while it is still connecting. A run that is far past its deadline is
 * killed. */
void runs_turn(struct gateway *g);

#endif
