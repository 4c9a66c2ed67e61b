/* The log lines of one role on their way to the daemon's log. */
#ifndef CUTOUT_JOURNAL_H
#define CUTOUT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

enum { JOURNAL_LINE = 512, JOURNAL_LINES_A_SECOND = 200 };

struct journal {
	int from;         /* the pipe's end; -1: none */
	const char *name; /* of the role; borrowed for ever */
	size_t len;
	int cut; /* the rest of this line is dropped */
	uint64_t second;
	unsigned int lines, dropped;
	char raw_line[JOURNAL_LINE];
};

/* Starts with the reading end of a pipe, non-blocking, which it owns. */
void journal_init(struct journal *j, int from, const char *name);

/* Copies what is there, whole lines only, to the descriptor to. A role is not
 * trusted with its lines: one that does not begin with its name gets it, a
 * long one is cut, bytes that are not printable ASCII become '?', and beyond
 * JOURNAL_LINES_A_SECOND they are dropped and counted. RC_AGAIN: no more now.
 * RC_EOF: the role closed it. RC_IO: errno tells. */
enum rc journal_copy(struct journal *j, int to, uint64_t now_s) MUST_USE;

/* Closes the pipe; an unfinished line is copied first. */
void journal_end(struct journal *j, int to);

#endif
