/* Memory for reports in clear: one region that is never dumped, where every
 * freed block is cleansed and all of it with one call. */
#ifndef CUTOUT_ARENA_H
#define CUTOUT_ARENA_H

#include <stddef.h>

#include "result.h"

/* Reserves max bytes of address space (memory comes as it is used). Once, in a
 * process with one thread. RC_NOMEM. Until it was called every request gets
 * NULL. */
enum rc arena_open(size_t max) MUST_USE;

/* As malloc(), realloc() and free(), aligned to 16 bytes. A freed block, and
 * one that realloc left, is cleansed before it is used again. */
void *arena_alloc(size_t size);
void *arena_realloc(void *p, size_t size);
void arena_free(void *p);
/* The size of a block as it may be used; 0 for NULL. */
size_t arena_size(const void *p);

/* What there is by now holds nothing of a report (libraries and schema, warmed
 * before a fork) and from here on nothing of one is put among it: new blocks
 * lie beyond it, a block of it that is freed is cleansed and not used again,
 * and realloc moves it. arena_wipe() then leaves it alone, which saves a child
 * from copying every page that it shares with its zygote. */
void arena_seal(void);

/* Takes page faults now instead of later: makes this many bytes of memory that
 * nothing uses yet present. Best effort. */
void arena_populate(size_t bytes);

/* Cleanses every byte that any block ever had since arena_seal(), or ever when
 * that was not called. No block may be used any more.
 * May be called in a signal handler. */
void arena_wipe(void);

#endif
