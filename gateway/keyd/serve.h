/* Who may ask this keyd for what: the loop over its peers. */
#ifndef CUTOUT_SERVE_H
#define CUTOUT_SERVE_H

#include "key.h"
#include "result.h"

enum { SERVE_ZYGOTES = 16, SERVE_ONCE = 2048 };

struct serve;

/* A loop for this key over the control socket and, for the log and promise
 * keys, the channel to queue (-1: none). key is borrowed; descriptors stay the
 * caller's. NULL: out of memory. */
struct serve *serve_new(const struct key *key, int control, int queue) MUST_USE;
void serve_free(struct serve *s);

/* Waits for peers once and serves each that has something. A frame that is
 * out of form, or that this peer may not send, closes that peer. A peer with a
 * one-signature channel gets one signature and is closed. RC_OK: go on.
 * RC_EOF: cutoutd (or queue) is gone, end. RC_IO: poll failed. */
enum rc serve_once(struct serve *s) MUST_USE;

#endif
