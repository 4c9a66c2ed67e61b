/* The published report.xsd as people read it. */
#include "xsd.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types may refer to types; this deep at most. */
enum { DEEP = 16, DOCUMENTS = 2 };

struct xsd {
	xmlDocPtr documents[DOCUMENTS];
};

static const char xs[] = "http://www.w3.org/2001/XMLSchema";

/* The two faces of a node: ours to the outside, libxml2's inside. */
static xmlNode *
in(const struct xsd_node *n)
{
	return (xmlNode *)(uintptr_t)n;
}

static const struct xsd_node *
out(const xmlNode *n)
{
	return (const struct xsd_node *)n;
}

static int
is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && n->ns != NULL &&
	       strcmp((const char *)n->ns->href, xs) == 0 &&
	       strcmp((const char *)n->name, name) == 0;
}

/* The value of an attribute, borrowed from the document, or NULL. */
static const char *
attribute(const xmlNode *n, const char *name)
{
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
		if (a->ns == NULL && a->children != NULL &&
		    strcmp((const char *)a->name, name) == 0)
			return (const char *)a->children->content;
	}
	return NULL;
}

static const char *
without_prefix(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static const xmlNode *
child(const xmlNode *n, const char *name)
{
	for (const xmlNode *c = n->children; c != NULL; c = c->next) {
		if (is(c, name))
			return c;
	}
	return NULL;
}

/* A declaration at the top of either document. */
static const xmlNode *
global(const struct xsd *x, const char *kind, const char *name)
{
	name = without_prefix(name);
	for (size_t i = 0; i < DOCUMENTS; i++) {
		const xmlNode *root = xmlDocGetRootElement(x->documents[i]);

		for (const xmlNode *c = root->children; c != NULL;
		     c = c->next) {
			const char *own =
			    is(c, kind) ? attribute(c, "name") : NULL;

			if (own != NULL && strcmp(own, name) == 0)
				return c;
		}
	}
	return NULL;
}

enum rc
xsd_open(const char *folder, struct xsd **result)
{
	static const char *const names[DOCUMENTS] = {"report.xsd", "codes.xsd"};
	struct xsd *x = calloc(1, sizeof(*x));
	enum rc rc = RC_OK;

	if (x == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < DOCUMENTS && rc == RC_OK; i++) {
		char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, names[i]) == -1) {
			rc = RC_NOMEM;
			break;
		}
		x->documents[i] = xmlReadFile(path, NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			XML_PARSE_NOCDATA);
		free(path);
		if (x->documents[i] == NULL ||
		    xmlDocGetRootElement(x->documents[i]) == NULL ||
		    !is(xmlDocGetRootElement(x->documents[i]), "schema"))
			rc = RC_CONFIG;
	}
	if (rc != RC_OK) {
		xsd_free(x);
		return rc;
	}
	*result = x;
	return RC_OK;
}

void
xsd_free(struct xsd *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < DOCUMENTS; i++)
		xmlFreeDoc(x->documents[i]);
	free(x);
}

const struct xsd_node *
xsd_root(const struct xsd *x)
{
	return out(global(x, "element", "IntelligenceReport"));
}

/* What a ref= points to, else the node itself. */
static const xmlNode *
target(const struct xsd *x, const xmlNode *n)
{
	const char *ref = attribute(n, "ref");
	const xmlNode *found;

	if (ref == NULL)
		return n;
	found = global(x, (const char *)n->name, ref);
	return found == NULL ? n : found;
}

/* The type of an element or attribute: a node of the schema, or NULL and in
 * *builtin the built-in one's name ("" when it has none). */
static const xmlNode *
type_of(const struct xsd *x, const xmlNode *n, const char **builtin)
{
	static const char *const kinds[] = {"complexType", "simpleType"};
	const char *name;

	*builtin = "";
	n = target(x, n);
	name = attribute(n, "type");
	for (size_t i = 0; i < 2; i++) {
		const xmlNode *t = name == NULL ? child(n, kinds[i])
						: global(x, kinds[i], name);

		if (t != NULL)
			return t;
	}
	if (name != NULL)
		*builtin = without_prefix(name);
	return NULL;
}

/* The restriction or extension inside a type, or NULL. */
static const xmlNode *
derivation(const xmlNode *type)
{
	static const char *const inside[] = {"simpleContent", "complexContent"};
	const xmlNode *n = type, *d;

	for (size_t i = 0; i < 2; i++) {
		if (child(type, inside[i]) != NULL)
			n = child(type, inside[i]);
	}
	d = child(n, "restriction");
	return d == NULL ? child(n, "extension") : d;
}

/* The type that d derives from, as type_of(). */
static const xmlNode *
base_of(const struct xsd *x, const xmlNode *d, const char **builtin)
{
	const char *name = attribute(d, "base");
	const xmlNode *t;

	*builtin = "";
	if (name == NULL)
		return child(d, "simpleType");
	t = global(x, "simpleType", name);
	if (t == NULL)
		t = global(x, "complexType", name);
	if (t == NULL)
		*builtin = without_prefix(name);
	return t;
}

/* --- children --- */

struct visit {
	const struct xsd *x;
	enum rc (*each)(void *arg, const struct xsd_node *child);
	void *arg;
};

static enum rc particles(const struct visit *v, const xmlNode *n, int deep);

static enum rc
particle(const struct visit *v, const xmlNode *c, int deep)
{
	if (is(c, "element"))
		return v->each(v->arg, out(c));
	if (is(c, "sequence") || is(c, "choice") || is(c, "all"))
		return particles(v, c, deep + 1);
	if (is(c, "group") && target(v->x, c) != c)
		return particles(v, target(v->x, c), deep + 1);
	return RC_OK;
}

static enum rc
particles(const struct visit *v, const xmlNode *n, int deep)
{
	enum rc rc = RC_OK;

	if (deep > DEEP)
		return RC_CONFIG;
	for (const xmlNode *c = n->children; c != NULL && rc == RC_OK;
	     c = c->next)
		rc = particle(v, c, deep);
	return rc;
}

/* Attributes and elements of a type, those of its base first. */
static enum rc
members(const struct visit *v, const xmlNode *type, int attributes, int deep)
{
	const xmlNode *d = derivation(type), *base, *n;
	const char *builtin;
	enum rc rc = RC_OK;

	if (deep > DEEP)
		return RC_CONFIG;
	if (d != NULL && is(d, "extension")) {
		base = base_of(v->x, d, &builtin);
		if (base != NULL)
			rc = members(v, base, attributes, deep + 1);
	}
	n = d == NULL ? type : d;
	if (!attributes)
		return rc == RC_OK ? particles(v, n, 0) : rc;
	for (const xmlNode *c = n->children; c != NULL && rc == RC_OK;
	     c = c->next) {
		if (is(c, "attribute"))
			rc = v->each(v->arg, out(c));
	}
	return rc;
}

enum rc
xsd_children(const struct xsd *x, const struct xsd_node *element,
    enum rc (*each)(void *arg, const struct xsd_node *child), void *arg)
{
	struct visit v = {x, each, arg};
	const char *builtin;
	const xmlNode *type = type_of(x, in(element), &builtin);
	enum rc rc;

	if (type == NULL || !is(type, "complexType"))
		return RC_OK;
	rc = members(&v, type, 1, 0);
	return rc == RC_OK ? members(&v, type, 0, 0) : rc;
}

/* --- what a node is --- */

const char *
xsd_name(const struct xsd *x, const struct xsd_node *n)
{
	const char *name = attribute(target(x, in(n)), "name");

	return name == NULL ? "" : name;
}

int
xsd_is_attribute(const struct xsd_node *n)
{
	return is(in(n), "attribute");
}

static unsigned
occurs(const xmlNode *n, const char *name, unsigned fallback)
{
	const char *text = attribute(n, name);
	unsigned long v;

	if (text == NULL)
		return fallback;
	v = strtoul(text, NULL, 10);
	return strcmp(text, "unbounded") == 0 || v > UINT_MAX ? UINT_MAX
							      : (unsigned)v;
}

/* Whether a rule beyond the schema asks for it. */
static int
is_asked_for(const xmlNode *n)
{
	const xmlNode *note = child(n, "annotation");
	const xmlNode *info = note == NULL ? NULL : child(note, "appinfo");
	const char *source = info == NULL ? NULL : attribute(info, "source");

	return source != NULL && strcmp(source, "asked") == 0;
}

unsigned
xsd_least(const struct xsd_node *node)
{
	const xmlNode *n = in(node);
	const char *use = attribute(n, "use");

	if (is_asked_for(n))
		return 1;
	if (is(n, "attribute"))
		return use != NULL && strcmp(use, "required") == 0;
	for (const xmlNode *p = n->parent; p != NULL && !is(p, "complexType");
	     p = p->parent) {
		if (is(p, "choice") || occurs(p, "minOccurs", 1) == 0)
			return 0;
	}
	return occurs(n, "minOccurs", 1);
}

unsigned
xsd_most(const struct xsd_node *node)
{
	const xmlNode *n = in(node);
	unsigned most = occurs(n, "maxOccurs", 1);

	if (is(n, "attribute"))
		return 1;
	for (const xmlNode *p = n->parent; p != NULL && !is(p, "complexType");
	     p = p->parent) {
		unsigned outer =
		    p->type == XML_ELEMENT_NODE ? occurs(p, "maxOccurs", 1) : 1;

		if (outer > most)
			most = outer;
	}
	return most;
}

/* Walks from a node's type to what it is built on: calls look for each
 * derivation until it is satisfied; returns the built-in name at the end. */
static const char *
descend(const struct xsd *x, const struct xsd_node *n,
    int (*look)(void *arg, const xmlNode *derivation), void *arg)
{
	const char *builtin;
	const xmlNode *type = type_of(x, in(n), &builtin);

	for (int i = 0; type != NULL && i < DEEP; i++) {
		const xmlNode *d = derivation(type);

		if (d == NULL)
			return "";
		if (look != NULL && look(arg, d))
			return "";
		type = base_of(x, d, &builtin);
	}
	return builtin;
}

const char *
xsd_builtin(const struct xsd *x, const struct xsd_node *n)
{
	return descend(x, n, NULL, NULL);
}

int
xsd_has_value(const struct xsd *x, const struct xsd_node *n)
{
	const char *builtin;
	const xmlNode *type = type_of(x, in(n), &builtin);

	return type == NULL || is(type, "simpleType") ||
	       child(type, "simpleContent") != NULL;
}

struct facet {
	const char *name;
	const char *value;
};

static int
look_facet(void *arg, const xmlNode *d)
{
	struct facet *f = arg;
	const xmlNode *n = child(d, f->name);

	f->value = n == NULL ? NULL : attribute(n, "value");
	return f->value != NULL;
}

const char *
xsd_facet(const struct xsd *x, const struct xsd_node *n, const char *facet)
{
	struct facet f = {facet, NULL};

	(void)descend(x, n, look_facet, &f);
	return f.value;
}

/* --- words --- */

/* The words of a node's annotation with every run of space made one, for
 * free(); NULL: none. */
static char *
words(const xmlNode *n)
{
	const xmlNode *a = child(n, "annotation");
	const xmlNode *d = a == NULL ? NULL : child(a, "documentation");
	xmlChar *raw = d == NULL ? NULL : xmlNodeGetContent(d);
	char *text, *to;

	if (raw == NULL)
		return NULL;
	text = to = malloc(strlen((char *)raw) + 1);
	for (const char *p = (char *)raw; text != NULL && *p != '\0'; p++) {
		int space = strchr(" \t\r\n", *p) != NULL;

		if (!space)
			*to++ = *p;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	xmlFree(raw);
	if (text == NULL)
		return NULL;
	if (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	return text;
}

char *
xsd_documentation(const struct xsd *x, const struct xsd_node *n)
{
	const xmlNode *node = in(n), *type;
	const char *builtin;
	char *text = words(node);

	if (text == NULL)
		text = words(target(x, node));
	type = type_of(x, node, &builtin);
	if (text == NULL && type != NULL)
		text = words(type);
	return text;
}

struct codes {
	enum rc (*each)(void *arg, const char *code, const char *meaning);
	void *arg;
	enum rc rc;
};

static int
look_codes(void *arg, const xmlNode *d)
{
	struct codes *codes = arg;
	int any = 0;

	for (const xmlNode *c = d->children; c != NULL; c = c->next) {
		const char *code =
		    is(c, "enumeration") ? attribute(c, "value") : NULL;
		char *meaning;

		if (code == NULL)
			continue;
		any = 1;
		meaning = words(c);
		if (codes->rc == RC_OK)
			codes->rc = codes->each(codes->arg, code,
			    meaning == NULL ? "" : meaning);
		free(meaning);
	}
	return any;
}

enum rc
xsd_codes(const struct xsd *x, const struct xsd_node *n,
    enum rc (*each)(void *arg, const char *code, const char *meaning),
    void *arg)
{
	struct codes codes = {each, arg, RC_OK};

	(void)descend(x, n, look_codes, &codes);
	return codes.rc;
}
