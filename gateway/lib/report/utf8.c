/* UTF-8, strictly, and the allowed characters of a value (DOMAIN 6.4). */
#include "utf8.h"

#include <string.h>

static bool
tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

static size_t
next_three(const uint8_t *p, uint32_t *codepoint)
{
	uint32_t v;

	if (!tail(p[1]) || !tail(p[2]))
		return 0;
	v = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 |
	    (uint32_t)(p[2] & 0x3f);
	if (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*codepoint = v;
	return 3;
}

static size_t
next_four(const uint8_t *p, uint32_t *codepoint)
{
	uint32_t v;

	if (!tail(p[1]) || !tail(p[2]) || !tail(p[3]))
		return 0;
	v = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	    (uint32_t)(p[2] & 0x3f) << 6 | (uint32_t)(p[3] & 0x3f);
	if (v < 0x10000 || v > 0x10ffff)
		return 0;
	*codepoint = v;
	return 4;
}

size_t
utf8_next(const uint8_t *p, size_t len, uint32_t *codepoint)
{
	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*codepoint = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf && len >= 2 && tail(p[1])) {
		*codepoint =
		    (uint32_t)(p[0] & 0x1f) << 6 | (uint32_t)(p[1] & 0x3f);
		return 2;
	}
	if (p[0] >= 0xe0 && p[0] <= 0xef && len >= 3)
		return next_three(p, codepoint);
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && len >= 4)
		return next_four(p, codepoint);
	return 0;
}

size_t
utf8_check(const uint8_t *p, size_t len)
{
	size_t i = 0, n;
	uint32_t codepoint;
	uint64_t eight;

	while (i < len) {
		/* eight ASCII bytes at once: most reports have no others */
		if (len - i >= sizeof(eight)) {
			memcpy(&eight, p + i, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		n = utf8_next(p + i, len - i, &codepoint);
		if (n == 0)
			return i;
		i += n;
	}
	return len;
}

struct range {
	uint32_t low, high;
	enum character kind;
};

static const struct range ranges[] = {
    {0x0000, 0x0008, CHARACTER_NO_XML},
    {0x0009, 0x0009, CHARACTER_HIDDEN},
    {0x000b, 0x000c, CHARACTER_NO_XML},
    {0x000d, 0x000d, CHARACTER_HIDDEN},
    {0x000e, 0x001f, CHARACTER_NO_XML},
    {0x007f, 0x009f, CHARACTER_FORBIDDEN}, /* DEL and C1 */
    {0x00ad, 0x00ad, CHARACTER_HIDDEN},    /* soft hyphen */
    {0x034f, 0x034f, CHARACTER_HIDDEN},    /* grapheme joiner */
    {0x061c, 0x061c, CHARACTER_HIDDEN},    /* bidi mark */
    {0x115f, 0x1160, CHARACTER_HIDDEN},    /* Hangul fillers */
    {0x17b4, 0x17b5, CHARACTER_HIDDEN},
    {0x180b, 0x180f, CHARACTER_HIDDEN},
    {0x200b, 0x200f, CHARACTER_HIDDEN}, /* zero width, bidi marks */
    {0x2028, 0x2029, CHARACTER_FORBIDDEN},
    {0x202a, 0x202e, CHARACTER_HIDDEN}, /* bidi embedding */
    {0x2060, 0x206f, CHARACTER_HIDDEN}, /* joiner, bidi isolates */
    {0x3164, 0x3164, CHARACTER_HIDDEN},
    {0xe000, 0xf8ff, CHARACTER_FORBIDDEN}, /* private use */
    {0xfdd0, 0xfdef, CHARACTER_FORBIDDEN}, /* non-characters */
    {0xfe00, 0xfe0f, CHARACTER_HIDDEN},    /* variation selectors */
    {0xfeff, 0xfeff, CHARACTER_HIDDEN},
    {0xffa0, 0xffa0, CHARACTER_HIDDEN},
    {0xfff0, 0xfffd, CHARACTER_FORBIDDEN}, /* specials, replacement */
    {0xfffe, 0xffff, CHARACTER_NO_XML},
    {0x1bca0, 0x1bca3, CHARACTER_HIDDEN}, /* shorthand controls */
    {0x1d173, 0x1d17a, CHARACTER_HIDDEN}, /* musical controls */
    {0xe0000, 0xe0fff, CHARACTER_HIDDEN}, /* tags, selectors */
    {0xf0000, 0x10ffff, CHARACTER_FORBIDDEN},
};

enum character
character_kind(uint32_t codepoint)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]), middle;

	if (codepoint >= 0x20 && codepoint < 0x7f)
		return CHARACTER_FINE;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (codepoint > ranges[middle].high)
			low = middle + 1;
		else if (codepoint < ranges[middle].low)
			high = middle;
		else
			return ranges[middle].kind;
	}
	/* the last two of each plane are no characters */
	return (codepoint & 0xfffe) == 0xfffe ? CHARACTER_FORBIDDEN
					      : CHARACTER_FINE;
}

bool
character_is_space(uint32_t codepoint)
{
	switch (codepoint) {
	case ' ':
	case '\n':
	case '\t':
	case '\r':
	case 0x00a0:
	case 0x1680:
	case 0x202f:
	case 0x205f:
	case 0x3000:
		return true;
	default:
		return codepoint >= 0x2000 && codepoint <= 0x200a;
	}
}
