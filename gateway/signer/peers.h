/* The loop over signer's peers: cutoutd, screen zygotes and their children. */
#ifndef CUTOUT_PEERS_H
#define CUTOUT_PEERS_H

#include <stdint.h>

#include "judge.h"
#include "result.h"

enum { PEERS_ZYGOTES = MAX_SCREEN_ZYGOTES, PEERS_CHILDREN = 4096 };

struct peers;

/* A loop for this judge, whose destinations it replaces when cutoutd says so.
 * demo: whether demo material may be loaded. per_child: envelopes that one
 * screen child may hand in, from 1; then its channel is closed, so that one
 * that was taken over gets no further signature. NULL: out of memory. */
struct peers *peers_new(struct judge *j, int demo, int64_t per_child) MUST_USE;
void peers_free(struct peers *p);

/* Waits for peers once and serves each that has something. A frame out of
 * form, or one that the peer's state does not expect, closes that peer. RC_OK:
 * go on. RC_EOF: cutoutd or queue is gone: end. RC_IO: poll failed. What is
 * refused is counted and logged once a day. */
enum rc peers_serve(struct peers *p) MUST_USE;

#endif
