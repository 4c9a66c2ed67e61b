/* A report to fill in. What must be there stands open; what may be there stands
 * in comment marks, with a comment before it that explains it. */
#include "template.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "xsd.h"

enum { WIDTH = 78, DEEP = 12 };

struct writer {
	FILE *to;
	const struct xsd *x;
	const char *scheme;
	char id[2 * RECEIPT_KEY + 1], blind[2 * RECEIPT_KEY + 1];
	const char *parent; /* name of the element being written */
	int depth;
	/* 0: open, 1: explaining inside a comment, 2: the shape inside one */
	int mode;
};

/* Elements that have no place in a first draft: they are the gateway's
 * business, not to be sent at all, or not served yet (CT-09). The schema knows
 * them all the same. */
static const char *const left_out[] = {
    "ClientSoftware", "Attachment", "Redact"};

static void
indent(const struct writer *w, int more)
{
	for (int i = 0; i < 2 * w->depth + more; i++)
		(void)fputc(' ', w->to);
}

/* Words, broken at the width; -- can not stand in a comment. */
static void
wrapped(const struct writer *w, const char *text, int column, int hang)
{
	int space = 0; /* owed before the next word, unless it begins a line */

	for (;;) {
		size_t n;

		for (; *text == ' '; text++)
			space = 1;
		n = strcspn(text, " ");
		if (n == 0)
			return;
		if (column + space + (int)n > WIDTH) {
			(void)fputc('\n', w->to);
			indent(w, hang);
			column = 2 * w->depth + hang;
			space = 0;
		}
		if (space)
			(void)fputc(' ', w->to);
		for (size_t i = 0; i < n; i++)
			(void)fputc(text[i] == '-' && text[i + 1] == '-'
					? '_'
					: text[i],
			    w->to);
		column += space + (int)n;
		text += n;
	}
}

/* --- what a field is --- */

static void
how_often(const struct xsd_node *n, char *out, size_t size)
{
	unsigned least = xsd_least(n), most = xsd_most(n);
	const char *word = least > 0 ? "required" : "optional";

	if (most == 1)
		snprintf(out, size, "%s", word);
	else if (most == UINT_MAX)
		snprintf(out, size, "%s, %s", word,
		    least > 0 ? "once or more" : "any number of times");
	else
		snprintf(out, size, "%s, up to %u times", word, most);
}

/* Plain words for a built-in type. */
static const char *
plain_type(const char *builtin)
{
	static const struct {
		const char *name, *words;
	} types[] = {
	    {"boolean", "true or false"},
	    {"date", "a date such as 2024-03-31"},
	    {"dateTime", "date and time with zone, 2024-03-31T14:05:00Z"},
	    {"gYear", "a year"},
	    {"ID", "a name of your choice within this report, such as p1"},
	    {"IDREF", "such a name"},
	    {"decimal", "a decimal number"},
	    {"integer", "a whole number"},
	    {"int", "a whole number"},
	    {"positiveInteger", "a whole number from 1"},
	    {"nonNegativeInteger", "a whole number from 0"},
	    {"unsignedByte", "a whole number"},
	    {"unsignedInt", "a whole number"},
	    {"base64Binary", "base64"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, builtin) == 0)
			return types[i].words;
	}
	return NULL;
}

static void
what_value(const struct writer *w, const struct xsd_node *n, char *out,
    size_t size)
{
	const char *least = xsd_facet(w->x, n, "minLength");
	const char *most = xsd_facet(w->x, n, "maxLength");
	const char *low = xsd_facet(w->x, n, "minInclusive");
	const char *high = xsd_facet(w->x, n, "maxInclusive");
	const char *words = plain_type(xsd_builtin(w->x, n));

	out[0] = '\0';
	if (low != NULL && high != NULL)
		snprintf(out, size, ", from %s to %s", low, high);
	else if (words != NULL)
		snprintf(out, size, ", %s", words);
	else if (least != NULL && most != NULL && strcmp(least, "0") != 0)
		snprintf(out, size, ", %s to %s characters", least, most);
	else if (most != NULL)
		snprintf(out, size, ", up to %s characters", most);
}

struct code_list {
	const struct writer *w;
	int seen;
	char only[64]; /* the code, when there is just one */
};

static enum rc
each_code(void *arg, const char *code, const char *meaning)
{
	struct code_list *list = arg;
	const struct writer *w = list->w;

	snprintf(list->only, sizeof(list->only), "%s", code);
	if (list->seen++ < 0)
		return RC_OK; /* only counting */
	(void)fputc('\n', w->to);
	indent(w, 7);
	fprintf(w->to, "%s", code);
	if (*meaning != '\0') {
		(void)fputs("  ", w->to);
		wrapped(w, meaning, 2 * w->depth + 9 + (int)strlen(code), 11);
	}
	return RC_OK;
}

/* "Name: required, 5 to 120 characters. What it is." and the codes. */
static enum rc
explain(const struct writer *w, const struct xsd_node *n)
{
	struct code_list codes = {.w = w};
	char often[64], value[160], *line = NULL;
	char *text = xsd_documentation(w->x, n);
	int is_value = xsd_has_value(w->x, n);

	how_often(n, often, sizeof(often));
	value[0] = '\0';
	if (is_value)
		what_value(w, n, value, sizeof(value));
	if (asprintf(&line, "%s%s: %s%s. %s", xsd_is_attribute(n) ? "@" : "",
		xsd_name(w->x, n), often, value,
		text == NULL ? "" : text) == -1) {
		free(text);
		return RC_NOMEM;
	}
	wrapped(w, line, 2 * w->depth + 5, 5);
	free(line);
	free(text);
	return is_value ? xsd_codes(w->x, n, each_code, &codes) : RC_OK;
}

/* --- writing --- */

/* What is already known of a value, or "". */
static const char *
known_value(const struct writer *w, const struct xsd_node *n,
    struct code_list *only)
{
	static const char *const numbered[][2] = {{"Item", "i1"},
	    {"Person", "p1"}, {"UnidentifiedPerson", "u1"},
	    {"Organisation", "o1"}, {"Location", "l1"}, {"Vehicle", "v1"},
	    {"Communication", "c1"}, {"Object", "b1"}, {"Account", "a1"},
	    {"Event", "e1"}};
	const char *name = xsd_name(w->x, n);

	if (strcmp(name, "schemaVersion") == 0)
		return "1.0";
	if (strcmp(name, "profile") == 0 || strcmp(name, "scheme") == 0)
		return w->scheme;
	if (strcmp(name, "Id") == 0)
		return w->id;
	if (strcmp(name, "Blind") == 0)
		return w->blind;
	if (strcmp(name, "Sequence") == 0)
		return "1";
	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
		if (strcmp(name, "id") == 0 &&
		    strcmp(w->parent, numbered[i][0]) == 0)
			return numbered[i][1];
	}
	only->seen = INT_MIN;
	if (xsd_codes(w->x, n, each_code, only) == RC_OK &&
	    only->seen == INT_MIN + 1)
		return only->only;
	return "";
}

static int
is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (strcmp(name, left_out[i]) == 0)
			return 1;
	}
	return 0;
}

static enum rc
write_attribute(void *arg, const struct xsd_node *n)
{
	struct code_list only = {.seen = 0};
	struct writer *w = arg;

	if (!xsd_is_attribute(n))
		return RC_OK;
	if (xsd_least(n) == 0 && w->mode == 0)
		return RC_OK; /* explained, and added by hand */
	only.w = w;
	fprintf(w->to, " %s=\"%s\"", xsd_name(w->x, n),
	    known_value(w, n, &only));
	return RC_OK;
}

static enum rc
explain_attribute(void *arg, const struct xsd_node *n)
{
	struct writer *w = arg;

	if (!xsd_is_attribute(n))
		return RC_OK;
	(void)fputc('\n', w->to);
	indent(w, 5);
	return explain(w, n);
}

static enum rc write_child(void *arg, const struct xsd_node *n);
static enum rc explain_inside(void *arg, const struct xsd_node *n);

/* The element itself, with what is in it. */
static enum rc
write_element(struct writer *w, const struct xsd_node *n)
{
	struct code_list only = {.w = w};
	const char *name = xsd_name(w->x, n), *parent = w->parent;
	enum rc rc;

	if (w->depth > DEEP)
		return RC_CONFIG;
	indent(w, 0);
	fprintf(w->to, "<%s", name);
	if (w->depth == 0)
		(void)fputs(" xmlns=\"urn:cutout:report:1\"", w->to);
	w->parent = name;
	rc = xsd_children(w->x, n, write_attribute, w);
	w->parent = parent;
	if (rc != RC_OK)
		return rc;
	(void)fputc('>', w->to);
	if (xsd_has_value(w->x, n)) {
		fprintf(w->to, "%s</%s>\n", known_value(w, n, &only), name);
		return RC_OK;
	}
	(void)fputc('\n', w->to);
	w->depth++;
	w->parent = name;
	rc = xsd_children(w->x, n, write_child, w);
	w->parent = parent;
	w->depth--;
	indent(w, 0);
	fprintf(w->to, "</%s>\n", name);
	return rc;
}

/* A comment on an element that stands open after it. */
static enum rc
write_open(struct writer *w, const struct xsd_node *n)
{
	enum rc rc;

	(void)fputc('\n', w->to);
	indent(w, 0);
	(void)fputs("<!-- ", w->to);
	rc = explain(w, n);
	if (rc == RC_OK)
		rc = xsd_children(w->x, n, explain_attribute, w);
	(void)fputs(" -->\n", w->to);
	return rc == RC_OK ? write_element(w, n) : rc;
}

/* A comment that explains an element and all in it, then its shape in comment
 * marks of its own. */
static enum rc
write_optional(struct writer *w, const struct xsd_node *n)
{
	enum rc rc;

	(void)fputc('\n', w->to);
	indent(w, 0);
	(void)fputs("<!-- ", w->to);
	w->mode = 1;
	rc = explain(w, n);
	w->depth++;
	if (rc == RC_OK)
		rc = xsd_children(w->x, n, explain_inside, w);
	w->depth--;
	(void)fputs(" -->\n", w->to);
	indent(w, 0);
	(void)fputs("<!--\n", w->to);
	w->mode = 2;
	if (rc == RC_OK)
		rc = write_element(w, n);
	w->mode = 0;
	indent(w, 0);
	(void)fputs("-->\n", w->to);
	return rc;
}

static enum rc
explain_inside(void *arg, const struct xsd_node *n)
{
	struct writer *w = arg;
	enum rc rc;

	if (w->depth > DEEP)
		return RC_CONFIG;
	(void)fputc('\n', w->to);
	indent(w, 5);
	rc = explain(w, n);
	if (rc != RC_OK || xsd_is_attribute(n))
		return rc;
	w->depth++;
	rc = xsd_children(w->x, n, explain_inside, w);
	w->depth--;
	return rc;
}

static enum rc
write_child(void *arg, const struct xsd_node *n)
{
	struct writer *w = arg;

	if (xsd_is_attribute(n) || is_left_out(xsd_name(w->x, n)))
		return RC_OK;
	if (w->mode != 0)
		return write_element(w, n);
	return xsd_least(n) > 0 ? write_open(w, n) : write_optional(w, n);
}

static const char head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- An intelligence report to fill in. In an emergency call 999.\n"
    "     Fill in what is required. To use something optional, take away the\n"
    "     marks around it and delete the lines you do not need. Write about\n"
    "     the matter, not about yourself or how your organisation knows.\n"
    "     Comments, and the Submitter element, stay on your machine when you\n"
    "     send with cutout-submit. -->\n";

enum rc
template_write(FILE *to, const char *schema_folder, const char *scheme,
    const uint8_t id[RECEIPT_KEY], const uint8_t blind[RECEIPT_KEY])
{
	struct writer w = {.to = to, .scheme = scheme, .parent = ""};
	struct xsd *x = NULL;
	enum rc rc;

	rc = xsd_open(schema_folder, &x);
	if (rc != RC_OK)
		return rc;
	w.x = x;
	hex_encode(id, RECEIPT_KEY, w.id);
	hex_encode(blind, RECEIPT_KEY, w.blind);
	if (xsd_root(x) == NULL) {
		rc = RC_CONFIG;
	} else {
		(void)fputs(head, to);
		rc = write_element(&w, xsd_root(x));
	}
	explicit_bzero(w.blind, sizeof(w.blind));
	xsd_free(x);
	return rc == RC_OK && ferror(to) ? RC_IO : rc;
}
