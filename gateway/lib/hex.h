/* Bytes as lower-case hexadecimal, and back. */
#ifndef CUTOUT_HEX_H
#define CUTOUT_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "result.h"

/* Writes 2 * len digits and a NUL; out has room for 2 * len + 1. */
void hex_encode(const uint8_t *data, size_t len, char *out);
/* Reads exactly 2 * len digits of either case, followed by NUL. RC_BAD:
 * anything else; out is then undefined. */
enum rc hex_decode(const char *raw_text, uint8_t *out, size_t len) MUST_USE;

#endif
