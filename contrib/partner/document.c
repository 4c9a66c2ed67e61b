/* Puts Id and Blind into a document and takes the submitter out, by its
 * markup alone: nothing is parsed into a tree and written anew, so that every
 * line stays where its author knows it. What comes out is read again by the
 * report library before it is sent; this file decides nothing. */
#include "document.h"

#include <string.h>

#include "hex.h"

/* Where the reading stands. */
struct walk {
	const char *p, *end;
	size_t depth;   /* of open elements; 1: inside the root */
	size_t leaving; /* the depth at which the removed element began, or 0 */
	int in_envelope;
	int found; /* an Envelope was there */
	int keep_submitter;
	char id[2 * RECEIPT_KEY + 1];
	char blind[2 * RECEIPT_KEY + 1];
	struct buf *out;
};

/* A tag's name without its prefix. */
struct tag {
	const char *name; /* with prefix */
	size_t name_len;
	const char *local;
	size_t local_len;
	int closing;
	int empty; /* <a/> */
};

/* Copies len bytes, or of what is left out only its line breaks. */
static enum rc
pass(struct walk *w, const char *from, size_t len, int visible)
{
	if (visible)
		return buf_add(w->out, from, len);
	for (size_t i = 0; i < len; i++) {
		enum rc rc;

		if (from[i] != '\n')
			continue;
		rc = buf_add(w->out, "\n", 1);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* The first byte behind the next needle, or NULL. */
static const char *
behind(const struct walk *w, const char *from, const char *needle)
{
	size_t n = strlen(needle);
	const char *hit = memmem(from, (size_t)(w->end - from), needle, n);

	return hit == NULL ? NULL : hit + n;
}

static int
starts(const struct walk *w, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(w->end - w->p) >= n && memcmp(w->p, text, n) == 0;
}

/* The first byte behind the tag at p, or NULL; '>' may stand in quotes. */
static const char *
tag_end(const struct walk *w)
{
	char quote = '\0';

	for (const char *p = w->p + 1; p < w->end; p++) {
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		} else if (*p == '>') {
			return p + 1;
		} else if (*p == '<') {
			return NULL;
		}
	}
	return NULL;
}

static void
tag_read(const char *p, const char *end, struct tag *t)
{
	const char *colon;

	p++;
	t->closing = *p == '/';
	if (t->closing)
		p++;
	t->empty = !t->closing && end[-2] == '/';
	t->name = p;
	while (p < end && strchr(" \t\r\n/>", *p) == NULL)
		p++;
	t->name_len = (size_t)(p - t->name);
	colon = memchr(t->name, ':', t->name_len);
	t->local = colon == NULL ? t->name : colon + 1;
	t->local_len = (size_t)(p - t->local);
}

static int
is(const struct tag *t, const char *local)
{
	return t->local_len == strlen(local) &&
	       memcmp(t->local, local, t->local_len) == 0;
}

/* Whether the element that opens here, at depth + 1, stays behind. */
static int
stays_behind(const struct walk *w, const struct tag *t)
{
	if (w->depth == 1)
		return is(t, "Submitter") && !w->keep_submitter;
	if (w->depth == 2 && w->in_envelope)
		return is(t, "Id") || is(t, "Blind") || is(t, "ClientSoftware");
	return 0;
}

/* One element with the prefix that the Envelope has. */
static enum rc
put_element(struct walk *w, const struct tag *t, const char *name,
    const char *value)
{
	int prefix = (int)(t->local - t->name);

	return buf_addf(w->out, "<%.*s%s>%s</%.*s%s>", prefix, t->name, name,
	    value, prefix, t->name, name);
}

static enum rc
open_envelope(struct walk *w, const struct tag *t, const char *end)
{
	size_t len = (size_t)(end - w->p);
	enum rc rc;

	w->found = 1;
	w->in_envelope = !t->empty;
	rc = buf_add(w->out, w->p, t->empty ? len - 2 : len);
	if (rc == RC_OK && t->empty)
		rc = buf_add(w->out, ">", 1);
	if (rc == RC_OK)
		rc = put_element(w, t, "Id", w->id);
	if (rc == RC_OK)
		rc = put_element(w, t, "Blind", w->blind);
	if (rc == RC_OK && t->empty)
		rc = buf_addf(w->out, "</%.*s>", (int)t->name_len, t->name);
	return rc;
}

static enum rc
start_tag(struct walk *w, const struct tag *t, const char *end)
{
	enum rc rc;

	if (w->leaving == 0 && stays_behind(w, t)) {
		rc = pass(w, w->p, (size_t)(end - w->p), 0);
		if (!t->empty)
			w->leaving = w->depth + 1;
	} else if (w->leaving == 0 && w->depth == 1 && is(t, "Envelope")) {
		rc = open_envelope(w, t, end);
	} else {
		rc = pass(w, w->p, (size_t)(end - w->p), w->leaving == 0);
	}
	if (!t->empty)
		w->depth++;
	return rc;
}

static enum rc
end_tag(struct walk *w, const char *end)
{
	enum rc rc;

	if (w->depth == 0)
		return RC_BAD;
	rc = pass(w, w->p, (size_t)(end - w->p), w->leaving == 0);
	if (w->leaving == w->depth)
		w->leaving = 0;
	w->depth--;
	if (w->depth == 1)
		w->in_envelope = 0;
	return rc;
}

/* What begins with '<' at p. */
static enum rc
markup(struct walk *w)
{
	int comment = starts(w, "<!--"), other;
	const char *end;
	struct tag t;
	enum rc rc;

	other = comment || starts(w, "<![CDATA[") || starts(w, "<?");
	if (comment)
		end = behind(w, w->p + 4, "-->");
	else if (starts(w, "<![CDATA["))
		end = behind(w, w->p, "]]>");
	else if (starts(w, "<?"))
		end = behind(w, w->p, "?>");
	else if (starts(w, "<!"))
		return RC_BAD; /* a document type: refused anyway */
	else
		end = tag_end(w);
	if (end == NULL)
		return RC_BAD;
	if (other) {
		rc = pass(w, w->p, (size_t)(end - w->p),
		    !comment && w->leaving == 0);
	} else {
		tag_read(w->p, end, &t);
		rc = t.closing ? end_tag(w, end) : start_tag(w, &t, end);
	}
	w->p = end;
	return rc;
}

enum rc
document_prepare(const void *raw_xml, size_t len, const uint8_t id[RECEIPT_KEY],
    const uint8_t blind[RECEIPT_KEY], int keep_submitter, struct buf *out)
{
	struct walk w = {.p = raw_xml,
	    .end = (const char *)raw_xml + len,
	    .keep_submitter = keep_submitter,
	    .out = out};
	enum rc rc = RC_OK;

	if (len == 0 || memchr(raw_xml, '\0', len) != NULL)
		return RC_BAD;
	hex_encode(id, RECEIPT_KEY, w.id);
	hex_encode(blind, RECEIPT_KEY, w.blind);
	while (rc == RC_OK && w.p < w.end) {
		const char *next = memchr(w.p, '<', (size_t)(w.end - w.p));

		if (next == NULL)
			next = w.end;
		if (next > w.p)
			rc =
			    pass(&w, w.p, (size_t)(next - w.p), w.leaving == 0);
		w.p = next;
		if (rc == RC_OK && w.p < w.end)
			rc = markup(&w);
	}
	explicit_bzero(w.blind, sizeof(w.blind));
	if (rc == RC_OK && w.depth != 0)
		rc = RC_BAD;
	if (rc == RC_OK && !w.found)
		rc = RC_NOTFOUND;
	return rc;
}
