/* The command receive: the police unit's server. */
#ifndef CUTOUT_DESK_RECEIVE_H
#define CUTOUT_DESK_RECEIVE_H

#include "options.h"

/* Serves until SIGTERM or SIGINT; prints "cutout-desk: ready" on standard error
 * once it listens. It may be killed at any moment: an item is kept whole or not
 * at all, and never acknowledged before. Gives the exit status. */
int desk_receive(const struct desk_options *o);

#endif
