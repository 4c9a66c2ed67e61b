/* For tests of queue: an exported log read with the auditor's own books. (In a
 * file of its own: both sides have a struct entry.) */
#ifndef CUTOUT_TEST_QUEUE_AUDIT_H
#define CUTOUT_TEST_QUEUE_AUDIT_H

#include <stddef.h>

struct audit {
	size_t accepted, forwarded, done, dead, retries, days;
	size_t faults; /* each is said on standard error */
};

/* A line that is no entry, or is cut, fails the test. */
void audit_read(const void *text, size_t len, struct audit *out);

#endif
