/* Where things lie in the raw bytes, asked again after the scan. */
#include <stdio.h>
#include <string.h>

#include "scan.h"
#include "utf8.h"

void
scan_path(const struct scan *s, int32_t element, char *path, size_t size)
{
	int32_t chain[SCAN_DEPTH];
	size_t depth = 0, used = 0;
	int n;

	for (; element >= 0 && depth < SCAN_DEPTH;
	     element = s->elements[element].parent)
		if (s->elements[element].id != FIELD_NONE)
			chain[depth++] = element;
	(void)snprintf(path, size, "/");
	while (depth > 0) {
		const struct scanned *e = &s->elements[chain[--depth]];
		const struct field_def *def = field_def((enum field_id)e->id);

		if (def->many)
			n = snprintf(path + used, size - used, "/%s[%u]",
			    def->name, e->place);
		else
			n = snprintf(path + used, size - used, "/%s",
			    def->name);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

uint32_t
scan_line(const struct scan *s, const struct scanned *e, uint32_t offset)
{
	const uint8_t *p = s->raw + e->offset, *end = s->raw + offset;
	uint32_t line = e->line;

	for (; p < end; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			break;
		line++;
	}
	return line;
}

/* The start tag was lexed before: a quote opens and closes. */
uint32_t
scan_attribute(const struct scan *s, const struct scanned *e, const char *name)
{
	const uint8_t *p = s->raw + e->offset, *end = s->raw + e->content;
	const uint8_t *word, *quote;
	size_t len = strlen(name);

	while (p < end) {
		while (p < end && strchr(" \t\r\n", *p) == NULL)
			p++;
		while (p < end && strchr(" \t\r\n", *p) != NULL)
			p++;
		word = p;
		while (p < end && *p != '"' && *p != '\'')
			p++;
		if (p == end)
			break;
		if ((size_t)(p - word) > len && memcmp(word, name, len) == 0 &&
		    strchr("= \t\r\n", word[len]) != NULL)
			return (uint32_t)(p + 1 - s->raw);
		quote = memchr(p + 1, *p, (size_t)(end - p - 1));
		if (quote == NULL)
			break;
		p = quote + 1;
	}
	return e->offset;
}

/* Behind the markup that may stand within a value: comments and the ends of
 * CDATA sections. */
static const uint8_t *
skip_markup(const uint8_t *p, const uint8_t *end, bool *cdata)
{
	const uint8_t *hit;

	for (;;) {
		size_t left = (size_t)(end - p);

		if (*cdata && left >= 3 && memcmp(p, "]]>", 3) == 0) {
			*cdata = false;
			p += 3;
		} else if (!*cdata && left >= 9 &&
			   memcmp(p, "<![CDATA[", 9) == 0) {
			*cdata = true;
			p += 9;
		} else if (!*cdata && left >= 4 && memcmp(p, "<!--", 4) == 0) {
			hit = memmem(p + 4, left - 4, "-->", 3);
			if (hit == NULL)
				return end;
			p = hit + 3;
		} else
			return p;
	}
}

uint32_t
scan_character(const struct scan *s, const struct scanned *e, size_t k)
{
	const uint8_t *p = s->raw + e->content, *end = s->raw + s->len, *semi;
	bool cdata = false;
	uint32_t codepoint;
	size_t n;

	for (p = skip_markup(p, end, &cdata); k > 0 && p < end; k--) {
		if (!cdata && *p == '<')
			break;
		if (!cdata && *p == '&') {
			semi = memchr(p, ';', (size_t)(end - p));
			p = semi == NULL ? end : semi + 1;
		} else {
			if (*p == '\r' && end - p > 1 && p[1] == '\n')
				p++;
			n = utf8_next(p, (size_t)(end - p), &codepoint);
			p += n == 0 ? 1 : n;
		}
		p = skip_markup(p, end, &cdata);
	}
	return (uint32_t)(p - s->raw);
}
