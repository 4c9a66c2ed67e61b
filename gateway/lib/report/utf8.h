/* UTF-8, strictly: one code point at a time, and which of them may stand in a
 * value. */
#ifndef CUTOUT_UTF8_H
#define CUTOUT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed code point at p, 1 to 4, or 0: none (RFC 3629: no
 * overlong form, no surrogate, nothing above U+10FFFF). */
size_t utf8_next(const uint8_t *p, size_t len, uint32_t *codepoint);
/* The offset of the first byte that is not UTF-8, or len. */
size_t utf8_check(const uint8_t *p, size_t len);

/* The three reasons why a character may not be in a value. */
enum character {
	CHARACTER_FINE,
	CHARACTER_NO_XML,    /* XML 1.0 forbids it: BR-51 */
	CHARACTER_FORBIDDEN, /* C1, private use, non-characters, U+2028: BR-51
			      */
	CHARACTER_HIDDEN     /* tab, CR, bidi, zero width: BR-52 */
};
enum character character_kind(uint32_t codepoint);
/* Any space, line feed included. */
bool character_is_space(uint32_t codepoint);

#endif
