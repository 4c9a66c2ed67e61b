/* The command list: every item in a line or two. */
#ifndef CUTOUT_DESK_LIST_H
#define CUTOUT_DESK_LIST_H

#include "options.h"

/* Writes to standard output, the most urgent first. An item that does not open
 * is listed as such and decides the exit status, which this gives. */
int desk_list(const struct desk_options *o);

#endif
