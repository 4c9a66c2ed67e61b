/* Which item is meant by a word on the command line. */
#ifndef CUTOUT_DESK_FIND_H
#define CUTOUT_DESK_FIND_H

#include "buf.h"
#include "result.h"
#include "store.h"

/* Opens DESK_DATA for reading, or complains. RC_CONFIG. */
enum rc find_store(const char *desk_data, struct store **out) MUST_USE;

/* Reads the item that the word means: hexadecimal digits are the first ones of
 * the name of an item in desk_data (NULL: not given), everything else, so all
 * with a slash or a dot, is a file. RC_NOTFOUND: there is none, or more than
 * one; RC_BAD: its bytes are not those that its name says; RC_IO, RC_LIMIT,
 * RC_NOMEM, RC_CONFIG. Whatever failed was complained about. */
enum rc find_item(const char *word, const char *desk_data,
    struct buf **out) MUST_USE;

#endif
