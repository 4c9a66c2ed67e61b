/* Room on the disk. */
#include "disk.h"

#include "log.h"

void
disk_look(struct queue *q)
{
	uint64_t left = 0;
	int full;

	/* not to know is not to have */
	if (store_space(q->store, &left) != RC_OK)
		left = 0;
	full = left < (uint64_t)q->config.disk_reserve_bytes;
	if (full && !q->full_disk)
		warnx("ALARM: admission is closed: the disk is below its "
		      "reserve");
	else if (!full && q->full_disk)
		note("admission is open: the disk has room again");
	q->full_disk = full;
}
