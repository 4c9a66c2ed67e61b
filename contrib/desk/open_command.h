/* The command open: one item, as text or as XML. */
#ifndef CUTOUT_DESK_OPEN_COMMAND_H
#define CUTOUT_DESK_OPEN_COMMAND_H

#include "options.h"

/* Writes to standard output; with o->xml remarks go to standard error. Nothing
 * is written of a report that does not pass every check. Gives the exit
 * status. */
int desk_open(const struct desk_options *o);

#endif
