/* Room on the disk: admission stops well before it ends, and delivery needs
 * none (store.h, STORE_WAL_BYTES). */
#ifndef CUTOUT_DISK_H
#define CUTOUT_DISK_H

#include "queue.h"

/* Looks how much is left: below the reserve q->full_disk is set, and admission
 * is closed. Says so in the log when it changes. */
void disk_look(struct queue *q);

#endif
