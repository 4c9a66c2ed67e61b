/* When dummies are made: at times that have nothing to do with reports. Each
 * destination, lane and size is a stream of its own, with random pauses whose
 * mean is half of what its slots use up at the most; what is too much queue
 * turns away. */
#ifndef CUTOUT_STREAMS_H
#define CUTOUT_STREAMS_H

#include <stddef.h>
#include <stdint.h>

#include "dummy.h"
#include "result.h"
#include "setup.h"

enum { STREAM_KINDS = CLASS_COUNT + 1, NAME_MOST = 32 };

struct stream {
	char destination[NAME_MOST];
	const char *scheme; /* static */
	int test;
	enum lane lane;
	uint8_t class;
	int64_t first; /* so many are made without a pause */
	int64_t mean_ms;
	int64_t next_ms; /* monotonic */
};

struct streams {
	size_t count;
	struct stream stream[MAX_DESTINATIONS * STREAM_KINDS];
};

/* Reads "destination_N", "scheme_N", "test_N", "stock", "slot_ms",
 * "fast_slot_ms", "large_slot_ms" and "slot_batch" from the setup. With a stock
 * of 0 there are no streams. RC_CONFIG: and a line in the log. */
enum rc streams_read(const struct setup *s, int64_t now_ms,
    struct streams *out) MUST_USE;

/* The stream whose time comes next; NULL: there is none. */
struct stream *streams_next(struct streams *s);

/* Draws its next pause, after one was made. */
void stream_again(struct stream *s, int64_t now_ms);

#endif
