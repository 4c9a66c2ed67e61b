/* The gateway's JSON answer, read with suspicion: what is missing or of
 * another type reads as empty. */
#ifndef CUTOUT_REPLY_H
#define CUTOUT_REPLY_H

#include <stddef.h>

#include "result.h"

struct reply;

/* RC_BAD: not a JSON object. RC_NOMEM. The caller frees *out. */
enum rc reply_parse(const void *raw_json, size_t len,
    struct reply **out) MUST_USE;
void reply_free(struct reply *r);

/* Borrowed texts; "" where there is none. NULL for r is fine. */
const char *reply_word(const struct reply *r);   /* "ACCEPTED" .. */
const char *reply_detail(const struct reply *r); /* what to do next */
const char *reply_forwarding(const struct reply *r);

/* Whether a finding stands against the report: an R, or a Q that is not
 * confirmed. A check that found one is answered 200 all the same. */
int reply_returns(const struct reply *r);

/* Shows its advice. Returns whether there is urgent advice. NULL is fine. */
int reply_advise(const struct reply *r);
/* Whether it has any. */
int reply_has_advice(const struct reply *r);

/* Shows what the answer says under the name of the report: advice first, then
 * the findings. Returns whether there is urgent advice. */
int reply_show(const struct reply *r, const char *name);

#endif
