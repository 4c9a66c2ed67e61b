/* Bytes as lower-case hexadecimal, and back. */
#include "hex.h"

void
hex_encode(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum rc
hex_decode(const char *raw_text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high, low;

		high = digit(raw_text[2 * i]);
		if (high < 0)
			return RC_BAD;
		low = digit(raw_text[2 * i + 1]);
		if (low < 0)
			return RC_BAD;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return raw_text[2 * len] == '\0' ? RC_OK : RC_BAD;
}
