/* What cutoutd tells queue at its start. */
#ifndef CUTOUT_SETTINGS_H
#define CUTOUT_SETTINGS_H

#include "queue.h"
#include "result.h"
#include "setup.h"

/* Reads every setting; numbers are checked again here. RC_CONFIG: one is
 * missing or wrong, and a line in the log names it. RC_NOMEM. */
enum rc settings_read(const struct setup *s, struct queue_config *out) MUST_USE;
void settings_free(struct queue_config *c);

#endif
