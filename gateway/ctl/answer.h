/* The bytes of ctl's answer (serve.h), told whole from cut. */
#ifndef CUTOUT_ANSWER_H
#define CUTOUT_ANSWER_H

#include <stddef.h>

#include "buf.h"
#include "result.h"

struct answer;

/* Takes the data of an answer that is ok, in order. Anything but RC_OK ends
 * the answer with that result. */
typedef enum rc (*answer_sink)(const void *data, size_t len, void *arg);

/* NULL: out of memory. */
struct answer *answer_new(answer_sink sink, void *arg) MUST_USE;
void answer_free(struct answer *a);

/* Hands over what came next. RC_BAD: not such an answer. RC_LIMIT: a refusal
 * of more than 4096 bytes. RC_NOMEM, and what the sink said. After anything
 * but RC_OK no more may be handed over. */
enum rc answer_feed(struct answer *a, const void *raw, size_t len) MUST_USE;

/* The connection ended. RC_OK: it was the whole answer, and the sink has all
 * of it; answer_refusal() tells whether it was one. RC_EOF: nothing came.
 * RC_BAD: it was cut, or is no answer. Or what the sink said. */
enum rc answer_end(struct answer *a) MUST_USE;

/* After a good end: NULL, the gateway did it; else what it said instead, a
 * JSON document, borrowed. */
const struct buf *answer_refusal(const struct answer *a);

#endif
