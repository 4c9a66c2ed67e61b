/* A file that is there whole or not at all, and never instead of another. */
#ifndef CUTOUT_EXPORT_H
#define CUTOUT_EXPORT_H

#include <stddef.h>

#include "result.h"

struct export;

/* Begins path by making path.part beside it, mode 0600. RC_DUPLICATE: path is
 * there. RC_CONFLICT: path.part is there. RC_LIMIT: path is too long. RC_IO:
 * errno. RC_NOMEM. */
enum rc export_new(const char *path, struct export **out) MUST_USE;

/* Appends. An answer_sink; arg is the export. RC_IO: errno. */
enum rc export_add(const void *data, size_t len, void *arg) MUST_USE;

/* Puts it on stable storage and gives it its name. RC_DUPLICATE: another
 * file got that name meanwhile, and stays. RC_IO: errno. */
enum rc export_finish(struct export *e) MUST_USE;

/* Frees e; NULL is fine. Removes path.part when it did not get its name.
 * Leaves errno alone. */
void export_free(struct export *e);

#endif
