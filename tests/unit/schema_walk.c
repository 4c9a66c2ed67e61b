/* The published schemas as plain lists: one walk over the nested declarations,
 * which is how these two files are written. */
#include "schema_walk.h"

#include <check.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_contract.h"

static bool
is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, name) == 0;
}

static const xmlNode *
child(const xmlNode *n, const char *name)
{
	const xmlNode *c;

	for (c = n == NULL ? NULL : n->children; c != NULL; c = c->next)
		if (is(c, name))
			return c;
	return NULL;
}

/* Copies an attribute to out, "" when there is none. */
static void
attribute(const xmlNode *n, const char *name, char *out, size_t size)
{
	xmlChar *value = xmlGetProp(n, (const xmlChar *)name);

	out[0] = '\0';
	if (value != NULL) {
		ck_assert_uint_lt(strlen((const char *)value), size);
		(void)snprintf(out, size, "%s", (const char *)value);
	}
	xmlFree(value);
}

static bool
repeats(const xmlNode *n)
{
	char most[16];

	attribute(n, "maxOccurs", most, sizeof(most));
	return most[0] != '\0' && strcmp(most, "1") != 0;
}

/* The restriction of a named simple type of the same file. */
static const xmlNode *
restriction(const xmlNode *schema, const char *type)
{
	char name[48];
	const xmlNode *n;

	for (n = schema->children; n != NULL; n = n->next) {
		if (!is(n, "simpleType"))
			continue;
		attribute(n, "name", name, sizeof(name));
		if (strcmp(name, type) == 0)
			return child(n, "restriction");
	}
	return NULL;
}

static void
describe_type(const xmlNode *schema, struct declared *d)
{
	const xmlNode *r = restriction(schema, d->type), *longest;
	char value[16];

	if (r == NULL)
		return;
	attribute(r, "base", d->base, sizeof(d->base));
	longest = child(r, "maxLength");
	if (longest == NULL)
		return;
	attribute(longest, "value", value, sizeof(value));
	d->longest = (unsigned)strtoul(value, NULL, 10);
}

static void declare(struct walk *w, const xmlNode *schema, const xmlNode *n,
    const char *parent, bool many);

static void
declare_all(struct walk *w, const xmlNode *schema, const xmlNode *n,
    const char *parent, bool many)
{
	const xmlNode *c;

	for (c = n == NULL ? NULL : n->children; c != NULL; c = c->next)
		if (is(c, "element") || is(c, "attribute"))
			declare(w, schema, c, parent, many);
		else if (is(c, "sequence") || is(c, "choice"))
			declare_all(w, schema, c, parent, many || repeats(c));
}

static void
declare(struct walk *w, const xmlNode *schema, const xmlNode *n,
    const char *parent, bool many)
{
	const xmlNode *complex = child(n, "complexType");
	const xmlNode *value = child(complex, "simpleContent");
	struct declared *d = &w->list[w->count++];
	char name[64];

	ck_assert_uint_lt(w->count, sizeof(w->list) / sizeof(w->list[0]));
	attribute(n, "name", name, sizeof(name));
	d->attribute = is(n, "attribute");
	d->many = many || repeats(n);
	d->group = complex != NULL && value == NULL;
	d->documented = child(child(n, "annotation"), "documentation") != NULL;
	if (parent != NULL)
		(void)snprintf(d->path, sizeof(d->path), "%s%s%s%s", parent,
		    parent[0] == '\0' ? "" : "/", d->attribute ? "@" : "",
		    name);
	else
		(void)snprintf(w->name, sizeof(w->name), "%s", name);
	if (value != NULL) {
		value = child(value, "extension");
		attribute(value, "base", d->type, sizeof(d->type));
	} else if (!d->group)
		attribute(n, "type", d->type, sizeof(d->type));
	describe_type(schema, d);
	declare_all(w, schema, d->group ? complex : value, d->path, false);
}

struct walk *
schema_walk(const char *name)
{
	struct walk *w = calloc(1, sizeof(*w));
	char path[512], *text;
	const xmlNode *schema, *root;
	size_t len;
	xmlDoc *doc;

	(void)snprintf(path, sizeof(path), "%s/schema/%s", SOURCE_DIR, name);
	text = read_whole(path, &len);
	doc = xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET);
	ck_assert_msg(w != NULL && doc != NULL, "%s", path);
	free(text);
	schema = xmlDocGetRootElement(doc);
	root = child(schema, "element");
	ck_assert_ptr_nonnull(root);
	declare(w, schema, root, NULL, false);
	xmlFreeDoc(doc);
	return w;
}
