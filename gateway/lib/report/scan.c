/* The look at the raw bytes: a small strict lexer for the XML without DTD that
 * this gateway takes. It decides nothing that libxml2 would decide: what
 * passes here is parsed and validated all the same, and where the two see
 * other elements, other names or another tree the report is refused. */
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fields_tree.h"
#include "raise.h"
#include "utf8.h"

/* What is open, from the root down. */
struct level {
	int32_t element;
	bool value;          /* a field with text */
	bool started;        /* some character of it was seen */
	uint32_t last_space; /* offset of a space seen last, or 0 */
	uint32_t space;      /* which: it may be written as a reference */
	uint32_t counts[FIELD_COUNT];
};

struct scanner {
	const struct contract *c;
	struct findings *f;
	struct scan *s;
	const uint8_t *raw;
	size_t len, at;
	int document;
	size_t capacity, nodes;
	size_t line_offset;
	uint32_t line;
	bool closed; /* the root element ended */
	int depth;
	struct level stack[SCAN_DEPTH];
};

static const char help_encoding[] =
    "Send the report as UTF-8: write encoding=\"UTF-8\" in the XML "
    "declaration, or leave it out, and save the file as UTF-8.";
static const char help_nul[] =
    "A byte of value 0 is in the report: it is not text. Export it again as "
    "UTF-8 XML.";
static const char help_form[] =
    "The XML is broken here: a tag, an attribute or an entity is not "
    "complete. Only &amp; &lt; &gt; &quot; &apos; and numbers may stand "
    "behind an ampersand.";

/* Lines are counted on the way: offsets only ever grow here. */
static uint32_t
line_of(struct scanner *x, size_t offset)
{
	const uint8_t *p, *end = x->raw + offset;

	for (p = x->raw + x->line_offset; p < end; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			break;
		x->line++;
	}
	if (offset > x->line_offset)
		x->line_offset = offset;
	return x->line;
}

static void
raise_here(struct scanner *x, const char *rule, size_t offset,
    const uint32_t *codepoint, const char *help)
{
	char path[FINDING_PATH] = "/";
	struct spot spot = {.path = path,
	    .line = line_of(x, offset),
	    .offset = (uint32_t)offset,
	    .help = help};

	if (x->depth > 0)
		scan_path(x->s, x->stack[x->depth - 1].element, path,
		    sizeof(path));
	if (codepoint != NULL) {
		spot.has_codepoint = true;
		spot.codepoint = *codepoint;
	}
	raise_at(x->f, x->c, rule, &spot);
}

static enum rc
deny(struct scanner *x, const char *rule, size_t offset, const char *help)
{
	raise_here(x, rule, offset, NULL, help);
	return RC_DENIED;
}

static bool
starts(const struct scanner *x, const char *text)
{
	size_t n = strlen(text);

	return x->len - x->at >= n && memcmp(x->raw + x->at, text, n) == 0;
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct scanner *x)
{
	while (x->at < x->len && blank(x->raw[x->at]))
		x->at++;
}

/* The offset behind the next occurrence of text, or 0. skip: bytes of the
 * opening mark, which can not be part of the closing one ("<!-->" is no whole
 * comment). */
static size_t
find_behind(const struct scanner *x, size_t skip, const char *text)
{
	size_t from = x->at + skip;
	const void *hit =
	    memmem(x->raw + from, x->len - from, text, strlen(text));

	return hit == NULL
		   ? 0
		   : (size_t)((const uint8_t *)hit - x->raw) + strlen(text);
}

static enum rc
count_node(struct scanner *x, size_t offset)
{
	if (++x->nodes > SCAN_NODES)
		return deny(x, "BR-53", offset, NULL);
	return RC_OK;
}

/* BR-51 and BR-52 for one character of a value; whether one was raised.
 * in_line: a line feed is as wrong as a tab. */
static bool
value_character(struct scanner *x, uint32_t codepoint, size_t offset,
    bool in_line)
{
	enum character kind = character_kind(codepoint);

	if (kind == CHARACTER_FINE && in_line && codepoint == '\n')
		kind = CHARACTER_HIDDEN;
	if (kind == CHARACTER_NO_XML)
		x->s->unparsable = true;
	if (kind == CHARACTER_NO_XML || kind == CHARACTER_FORBIDDEN)
		raise_here(x, "BR-51", offset, &codepoint, NULL);
	else if (kind == CHARACTER_HIDDEN)
		raise_here(x, "BR-52", offset, &codepoint, NULL);
	return kind != CHARACTER_FINE;
}

/* One character of an element's content, wherever it came from. */
static void
content_character(struct scanner *x, uint32_t codepoint, size_t offset)
{
	struct level *level = &x->stack[x->depth - 1];
	const struct field_def *def =
	    field_def((enum field_id)x->s->elements[level->element].id);
	bool space = character_is_space(codepoint);

	if (!level->value || def->type == TYPE_BASE64) {
		if (character_kind(codepoint) == CHARACTER_NO_XML)
			(void)value_character(x, codepoint, offset, false);
		return;
	}
	if (space && !level->started) {
		raise_here(x, "BR-52", offset, &codepoint, NULL);
		space = false;
	} else if (value_character(x, codepoint, offset,
		       def->type != TYPE_TEXT))
		space = false;
	level->last_space = space ? (uint32_t)offset : 0;
	level->space = codepoint;
	level->started = true;
}

/* A space at the end of a value. */
static void
end_of_value(struct scanner *x)
{
	struct level *level = &x->stack[x->depth - 1];

	if (level->value && level->last_space != 0)
		raise_here(x, "BR-52", level->last_space, &level->space, NULL);
}

/* Reads one character at x->at: a reference, a line end or a code point. */
static enum rc
read_reference(struct scanner *x, uint32_t *codepoint)
{
	static const struct {
		const char *text;
		uint32_t codepoint;
	} named[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'},
	    {"&quot;", '"'}, {"&apos;", '\''}};
	size_t i, digits = 0;
	uint32_t v = 0, base = 10;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (!starts(x, named[i].text))
			continue;
		*codepoint = named[i].codepoint;
		x->at += strlen(named[i].text);
		return RC_OK;
	}
	i = x->at;
	if (!starts(x, "&#"))
		return deny(x, "XML", x->at, help_form);
	i += 2;
	if (i < x->len && x->raw[i] == 'x') {
		base = 16;
		i++;
	}
	for (; i < x->len && x->raw[i] != ';' && digits < 8; i++, digits++) {
		uint32_t c = x->raw[i], d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (c | 0x20) - 'a' + 10;
		else
			return deny(x, "XML", x->at, help_form);
		v = v * base + d;
	}
	if (digits == 0 || i >= x->len || x->raw[i] != ';' || v > 0x10ffff)
		return deny(x, "XML", x->at, help_form);
	x->at = i + 1;
	/* a lone surrogate is as little a character as U+0000 */
	*codepoint = v >= 0xd800 && v <= 0xdfff ? 0xffff : v;
	return RC_OK;
}

/* The parser makes one line feed of CR LF and of CR. */
static enum rc
read_character(struct scanner *x, bool references, uint32_t *codepoint)
{
	if (references && x->raw[x->at] == '&')
		return read_reference(x, codepoint);
	x->at += utf8_next(x->raw + x->at, x->len - x->at, codepoint);
	if (*codepoint == '\r') {
		*codepoint = '\n';
		if (x->at < x->len && x->raw[x->at] == '\n')
			x->at++;
	}
	return RC_OK;
}

static enum rc
scan_text(struct scanner *x, size_t end, bool references)
{
	uint32_t codepoint = 0;
	size_t offset;
	enum rc rc = count_node(x, x->at);

	while (rc == RC_OK && x->at < end) {
		offset = x->at;
		rc = read_character(x, references, &codepoint);
		if (rc == RC_OK)
			content_character(x, codepoint, offset);
	}
	return rc;
}

/* XML has no "--" in a comment but at its end: with that, nobody can see its
 * end elsewhere. */
static enum rc
scan_comment(struct scanner *x)
{
	size_t end = find_behind(x, strlen("<!--"), "--"), i;
	enum rc rc;

	if (end == 0 || end == x->len || x->raw[end++] != '>')
		return deny(x, "XML", x->at, help_form);
	for (i = x->at; i < end; i++)
		if (x->raw[i] < 0x20 && !blank(x->raw[i]))
			return deny(x, "XML", i, help_form);
	rc = count_node(x, x->at);
	x->at = end;
	return rc;
}

static enum rc
scan_cdata(struct scanner *x)
{
	size_t end = find_behind(x, strlen("<![CDATA["), "]]>");
	enum rc rc;

	if (end == 0 || x->depth == 0)
		return deny(x, "XML", x->at, help_form);
	x->at += strlen("<![CDATA[");
	rc = scan_text(x, end - 3, false);
	x->at = end;
	return rc;
}

/* A name, as it was written: prefix_len counts the colon, 0: no prefix. */
struct name {
	const char *prefix;
	size_t prefix_len;
	const char *local;
	size_t len;
};

/* A name up to a blank, '=', '/', '>' or '<'. */
static enum rc
scan_name(struct scanner *x, struct name *name)
{
	size_t start = x->at, colon = start;

	while (x->at < x->len && !blank(x->raw[x->at]) &&
	       strchr("=/><\"'", x->raw[x->at]) == NULL) {
		if (x->raw[x->at] == ':')
			colon = x->at + 1;
		x->at++;
	}
	if (x->at == start || x->at == x->len)
		return deny(x, "XML", start, help_form);
	name->prefix = (const char *)x->raw + start;
	name->prefix_len = colon - start;
	name->local = (const char *)x->raw + colon;
	name->len = x->at - colon;
	return RC_OK;
}

static bool
is_namespace(const struct name *name)
{
	if (name->prefix_len > 0)
		return name->prefix_len == 6 &&
		       memcmp(name->prefix, "xmlns:", 6) == 0;
	return name->len == 5 && memcmp(name->local, "xmlns", 5) == 0;
}

/* The value between quotes. value: it is a field's. */
static enum rc
scan_attribute_value(struct scanner *x, bool value, size_t end)
{
	size_t first = x->at, offset;
	bool last_space = false;
	uint32_t codepoint = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && x->at < end) {
		offset = x->at;
		if (x->raw[x->at] == '<')
			return deny(x, "XML", x->at, help_form);
		rc = read_character(x, true, &codepoint);
		if (rc != RC_OK)
			break;
		if (!value && character_kind(codepoint) != CHARACTER_NO_XML)
			continue;
		last_space = value && character_is_space(codepoint);
		if (last_space && (offset == first || x->at == end))
			raise_here(x, "BR-52", offset, &codepoint, NULL);
		else
			(void)value_character(x, codepoint, offset, true);
	}
	return rc;
}

static enum rc
scan_attribute_pair(struct scanner *x, enum field_id element)
{
	struct name name;
	size_t end, start = x->at;
	const uint8_t *quote;
	bool value;
	enum rc rc = scan_name(x, &name);

	if (rc != RC_OK)
		return rc;
	skip_blanks(x);
	if (x->at == x->len || x->raw[x->at] != '=')
		return deny(x, "XML", start, help_form);
	x->at++;
	skip_blanks(x);
	if (x->at == x->len || (x->raw[x->at] != '"' && x->raw[x->at] != '\''))
		return deny(x, "XML", start, help_form);
	quote = memchr(x->raw + x->at + 1, x->raw[x->at], x->len - x->at - 1);
	if (quote == NULL)
		return deny(x, "XML", start, help_form);
	x->at++;
	end = (size_t)(quote - x->raw);
	if (end - x->at > SCAN_ATTRIBUTE)
		return deny(x, "BR-53", start, NULL);
	if (is_namespace(&name)) {
		if (memmem(x->raw + x->at, end - x->at, "XInclude", 8) != NULL)
			return deny(x, "BR-53", start, NULL);
	} else
		x->s->attributes++;
	rc = count_node(x, start);
	value = name.prefix_len == 0 && element != FIELD_NONE &&
		field_find(element, true, name.local, name.len, x->document) !=
		    FIELD_NONE;
	if (rc == RC_OK)
		rc = scan_attribute_value(x, value, end);
	x->at = end + 1;
	return rc;
}

static enum rc
new_element(struct scanner *x, size_t offset, enum field_id id,
    const struct name *name)
{
	struct scan *s = x->s;
	struct scanned *e;
	size_t capacity;

	if (s->count == x->capacity) {
		capacity = x->capacity == 0 ? 256 : x->capacity * 2;
		e = reallocarray(s->elements, capacity, sizeof(*e));
		if (e == NULL)
			return RC_NOMEM;
		s->elements = e;
		x->capacity = capacity;
	}
	e = &s->elements[s->count++];
	memset(e, 0, sizeof(*e));
	e->offset = (uint32_t)offset;
	e->line = line_of(x, offset);
	e->name = (uint32_t)(name->local - (const char *)x->raw);
	e->name_len = (uint32_t)name->len;
	e->id = (uint16_t)id;
	e->place = 1;
	e->parent = -1;
	if (x->depth > 0) {
		struct level *up = &x->stack[x->depth - 1];

		e->parent = up->element;
		e->place = ++up->counts[id];
		if (s->elements[up->element].elements < UINT16_MAX)
			s->elements[up->element].elements++;
	}
	return RC_OK;
}

static void
push(struct scanner *x, enum field_id id)
{
	struct level *level = &x->stack[x->depth++];

	level->element = (int32_t)x->s->count - 1;
	level->value = id != FIELD_NONE && field_def(id)->type != TYPE_GROUP;
	level->started = false;
	level->last_space = 0;
	/* fields with text have no children on the list to count */
	if (!level->value)
		memset(level->counts, 0, sizeof(level->counts));
	else
		level->counts[FIELD_NONE] = 0;
}

static void
pop(struct scanner *x)
{
	end_of_value(x);
	x->depth--;
	x->closed = x->depth == 0;
}

static enum field_id
element_field(const struct scanner *x, const struct name *name)
{
	enum field_id parent = FIELD_NONE;

	if (x->depth > 0) {
		parent = (enum field_id)x->s
			     ->elements[x->stack[x->depth - 1].element]
			     .id;
		if (parent == FIELD_NONE)
			return FIELD_NONE;
	}
	return field_find(parent, false, name->local, name->len, x->document);
}

static enum rc
scan_start_tag(struct scanner *x)
{
	size_t offset = x->at, pairs = 0;
	struct name name;
	enum field_id id;
	enum rc rc;

	if (x->closed)
		return deny(x, "XML", offset, help_form);
	if (x->depth == SCAN_DEPTH)
		return deny(x, "BR-53", offset, NULL);
	x->at++;
	rc = scan_name(x, &name);
	if (rc == RC_OK)
		rc = count_node(x, offset);
	if (rc != RC_OK)
		return rc;
	id = element_field(x, &name);
	rc = new_element(x, offset, id, &name);
	if (rc != RC_OK)
		return rc;
	push(x, id);
	for (;;) {
		skip_blanks(x);
		if (starts(x, ">") || starts(x, "/>"))
			break;
		if (x->at == x->len)
			return deny(x, "XML", offset, help_form);
		if (++pairs > SCAN_PAIRS)
			return deny(x, "BR-53", offset, NULL);
		rc = scan_attribute_pair(x, id);
		if (rc != RC_OK)
			return rc;
	}
	rc = starts(x, "/>") ? RC_EOF : RC_OK;
	x->at += rc == RC_EOF ? 2 : 1;
	x->s->elements[x->stack[x->depth - 1].element].content =
	    (uint32_t)x->at;
	if (rc == RC_EOF)
		pop(x);
	return RC_OK;
}

static enum rc
scan_end_tag(struct scanner *x)
{
	size_t end = find_behind(x, strlen("</"), ">");

	if (end == 0 || x->depth == 0)
		return deny(x, "XML", x->at, help_form);
	pop(x);
	x->at = end;
	return RC_OK;
}

static enum rc
scan_markup(struct scanner *x)
{
	if (starts(x, "<!--"))
		return scan_comment(x);
	if (starts(x, "<![CDATA["))
		return scan_cdata(x);
	if (starts(x, "<!") || starts(x, "<?"))
		return deny(x, "BR-53", x->at, NULL); /* DTD, PI */
	if (starts(x, "</"))
		return scan_end_tag(x);
	return scan_start_tag(x);
}

static enum rc
scan_document(struct scanner *x)
{
	const uint8_t *next;
	size_t end;
	enum rc rc = RC_OK;

	while (rc == RC_OK && x->at < x->len) {
		if (x->raw[x->at] == '<') {
			rc = scan_markup(x);
			continue;
		}
		next = memchr(x->raw + x->at, '<', x->len - x->at);
		end = next == NULL ? x->len : (size_t)(next - x->raw);
		if (x->depth > 0) {
			rc = scan_text(x, end, true);
			continue;
		}
		skip_blanks(x);
		if (x->at < end)
			rc = deny(x, "XML", x->at, help_form);
	}
	if (rc == RC_OK && !x->closed)
		rc = deny(x, "XML", x->len, help_form);
	return rc;
}

/* One of version="1.0" encoding="UTF-8" standalone="yes". */
static bool
declaration_pair(struct scanner *x, size_t end)
{
	const uint8_t *quote;
	const char *name = (const char *)x->raw + x->at, *value;
	size_t name_len, len;

	while (x->at < end && x->raw[x->at] >= 'a' && x->raw[x->at] <= 'z')
		x->at++;
	name_len = (size_t)((const char *)x->raw + x->at - name);
	skip_blanks(x);
	if (x->at >= end || x->raw[x->at++] != '=')
		return false;
	skip_blanks(x);
	if (x->at >= end || (x->raw[x->at] != '"' && x->raw[x->at] != '\''))
		return false;
	quote = memchr(x->raw + x->at + 1, x->raw[x->at], end - x->at - 1);
	if (quote == NULL)
		return false;
	value = (const char *)x->raw + x->at + 1;
	len = (size_t)((const char *)quote - value);
	x->at = (size_t)(quote - x->raw) + 1;
	if (name_len == 7 && memcmp(name, "version", 7) == 0)
		return len == 3 && memcmp(value, "1.0", 3) == 0;
	if (name_len == 8 && memcmp(name, "encoding", 8) == 0)
		return len == 5 && strncasecmp(value, "UTF-8", 5) == 0;
	return name_len == 10 && memcmp(name, "standalone", 10) == 0;
}

/* The XML declaration is the one thing with "<?" that may be there. */
static enum rc
scan_declaration(struct scanner *x)
{
	size_t end;

	if (starts(x, "\xef\xbb\xbf"))
		x->at += 3;
	if (!starts(x, "<?xml") || x->len - x->at < 6 ||
	    !blank(x->raw[x->at + 5]))
		return RC_OK;
	end = find_behind(x, strlen("<?xml"), "?>");
	if (end == 0)
		return deny(x, "XML", x->at, help_form);
	end -= 2;
	x->at += 5;
	for (;;) {
		skip_blanks(x);
		if (x->at >= end)
			break;
		if (!declaration_pair(x, end))
			return deny(x, "XML", 0, help_encoding);
	}
	x->at = end + 2;
	return RC_OK;
}

/* No NUL (libxml2 would stop there and be content), and UTF-8 all through. */
static enum rc
scan_bytes(struct scanner *x)
{
	const uint8_t *nul;
	size_t bad;

	if (x->len >= 2 && ((x->raw[0] == 0xfe && x->raw[1] == 0xff) ||
			       (x->raw[0] == 0xff && x->raw[1] == 0xfe) ||
			       x->raw[0] == 0 || x->raw[1] == 0))
		return deny(x, "XML", 0, help_encoding);
	nul = memchr(x->raw, 0, x->len);
	if (nul != NULL)
		return deny(x, "XML", (size_t)(nul - x->raw), help_nul);
	bad = utf8_check(x->raw, x->len);
	if (bad < x->len)
		return deny(x, "XML", bad, help_encoding);
	return RC_OK;
}

enum rc
scan_raw(const struct contract *c, const uint8_t *raw, size_t len, int document,
    struct findings *findings, struct scan **out)
{
	struct scanner *x = calloc(1, sizeof(*x));
	struct scan *s = calloc(1, sizeof(*s));
	enum rc rc = RC_NOMEM;

	if (x == NULL || s == NULL)
		goto out;
	s->raw = x->raw = raw;
	s->len = x->len = len;
	x->c = c;
	x->f = findings;
	x->s = s;
	x->document = document;
	x->line = 1;
	rc = len > UINT32_MAX / 2 ? deny(x, "BR-53", 0, NULL) : scan_bytes(x);
	x->line = 1;
	x->line_offset = 0;
	if (rc == RC_OK)
		rc = scan_declaration(x);
	if (rc == RC_OK)
		rc = scan_document(x);
	if (rc != RC_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	scan_free(s);
	free(x);
	return rc;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	free(s->elements);
	free(s);
}
