/* The supervisor's own prison. */
#ifndef CUTOUT_LOCK_H
#define CUTOUT_LOCK_H

#include "config.h"
#include "result.h"

/* Locks cutoutd down: after this it reads and runs only its roles, the
 * libraries they need and the folders of configured files, and connects
 * only to the configured ports. Answers as sandbox_enter_leave(). */
enum rc lock_down(const struct config *c) MUST_USE;

#endif
