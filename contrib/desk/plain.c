/* Text of a report for people's eyes. */
#include "plain.h"

#include <string.h>

#include "utf8.h"

enum rc
plain_text(struct buf *b, const char *text, size_t len, const char *newline)
{
	const uint8_t *p = (const uint8_t *)text;
	enum rc rc = RC_OK;
	size_t n;

	for (size_t i = 0; i < len && rc == RC_OK; i += n) {
		uint32_t codepoint;

		n = utf8_next(p + i, len - i, &codepoint);
		if (n == 0) {
			n = 1;
			rc = buf_add_text(b, "<?>");
		} else if (codepoint == '\n') {
			rc = buf_add_text(b, newline);
		} else if (character_kind(codepoint) != CHARACTER_FINE) {
			rc = buf_addf(b, "<U+%04X>", codepoint);
		} else {
			rc = buf_add(b, p + i, n);
		}
	}
	return rc;
}

enum rc
plain_xml(struct buf *b, const void *xml, size_t len)
{
	const uint8_t *p = xml;
	enum rc rc = RC_OK;
	size_t n;

	for (size_t i = 0; i < len && rc == RC_OK; i += n) {
		uint32_t codepoint;

		n = utf8_next(p + i, len - i, &codepoint);
		if (n == 0)
			return RC_BAD;
		if (codepoint == '\n' || codepoint == '\t' ||
		    character_kind(codepoint) == CHARACTER_FINE)
			rc = buf_add(b, p + i, n);
		else
			rc = buf_addf(b, "&#x%X;", codepoint);
	}
	return rc;
}
