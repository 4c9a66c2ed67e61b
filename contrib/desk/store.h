/* The desk's items: DESK_DATA/items/<h>.p7m, h the SHA-256 of the bytes. An
 * item is there whole or not at all, and a name never stands for other bytes.
 */
#ifndef CUTOUT_STORE_H
#define CUTOUT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"
#include "wire.h"

struct store;

/* The largest sealed object there is. */
#define ITEM_MAX (CLASS_BYTES(CLASS_COUNT - 1) + SEAL_ROOM)
enum { STORE_ID_TEXT = 2 * HASH_LEN };

/* Opens DESK_DATA, and makes items/ in it (0700). With receiving set it also
 * locks it against a second receiver and removes what a cut-off write left.
 * RC_NOTFOUND: there is no such folder. RC_AGAIN: another receiver has it.
 * RC_IO: errno. The caller frees *out. */
enum rc store_open(const char *desk_data, int receiving,
    struct store **out) MUST_USE;
void store_free(struct store *s);

/* Keeps an item. RC_OK and RC_DUPLICATE (it was there, the same bytes): it is
 * on stable storage, its name too, and may be acknowledged. RC_BAD: h is not
 * the hash of data. RC_FULL: no room; RC_IO: errno: in both cases nothing may
 * be acknowledged. */
enum rc store_put(struct store *s, const uint8_t h[HASH_LEN],
    const uint8_t *data, size_t len) MUST_USE;

/* Reads an item whose bytes still have the hash that its name says. RC_BAD:
 * they have not. RC_NOTFOUND, RC_LIMIT, RC_IO, RC_NOMEM. The caller frees
 * *out. */
enum rc store_get(const struct store *s, const uint8_t h[HASH_LEN],
    struct buf **out) MUST_USE;

/* Calls each(h, ctx) for every item, by name; stops at the first answer that
 * is not RC_OK and returns it. RC_IO, RC_NOMEM. */
enum rc store_each(const struct store *s,
    enum rc (*each)(const uint8_t h[HASH_LEN], void *ctx), void *ctx) MUST_USE;

#endif
