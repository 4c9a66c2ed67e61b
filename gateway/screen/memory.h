/* Where a screen process keeps reports in clear, and how it forgets them. */
#ifndef CUTOUT_MEMORY_H
#define CUTOUT_MEMORY_H

#include "result.h"

/* Makes the deadline signals (SIGALRM, SIGXCPU) wipe all memory and end the
 * process. RC_IO. */
enum rc memory_watch(void) MUST_USE;

/* In the zygote, when its libraries and schema are warm: what is in memory by
 * now holds nothing of a report, and stays apart from what will. */
void memory_warm(void);

/* Takes the page faults of a usual report now, while nobody waits. */
void memory_ahead(void);

/* Cleanses all memory that was allocated since memory_warm(). The process may
 * only end after it, by _exit(). */
void memory_wipe(void);

#endif
