/* Memory for private keys: never on a swap disk where that is permitted. */
#ifndef CUTOUT_LOCKED_H
#define CUTOUT_LOCKED_H

#include "result.h"

/* Makes OpenSSL's secure heap, which keys are loaded into from then on. Before
 * any other call of libcrypto. RC_CRYPTO: it can not be had. */
enum rc locked_heap(void) MUST_USE;

/* Locks what the process holds now, once its key is loaded: what the decoder
 * left in the ordinary heap is in it. A line in the log when it is not
 * permitted (systemd's LimitMEMLOCK does); keep swap off then. */
void locked_now(void);

#endif
