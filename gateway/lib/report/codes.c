/* The code lists and what each code means, out of codes.xsd: data, never
 * compiled in, so that a force can correct a word. */
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

enum { LISTS_MAX = 256, CODES_MAX = 2000 };

static int
compare_codes(const void *left, const void *right)
{
	const struct code *a = left, *b = right;

	return strcmp(a->text, b->text);
}

static bool
is_schema(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
	       strcmp((const char *)node->ns->href,
		   "http://www.w3.org/2001/XMLSchema") == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *
child_named(const xmlNode *node, const char *name)
{
	const xmlNode *child;

	for (child = node->children; child != NULL; child = child->next)
		if (is_schema(child, name))
			return child;
	return NULL;
}

static const char *
copy_attribute(struct contract *c, const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
	const char *text = NULL;

	if (value != NULL)
		text = pool_text(c, (const char *)value,
		    strlen((const char *)value));
	xmlFree(value);
	return text;
}

/* Runs of blanks become one space: the file is indented, an answer is not. */
static const char *
copy_documentation(struct contract *c, const xmlNode *node)
{
	const xmlNode *note = child_named(node, "annotation");
	xmlChar *value;
	const char *text;
	size_t from, to = 0;

	if (note != NULL)
		note = child_named(note, "documentation");
	if (note == NULL)
		return "";
	value = xmlNodeGetContent(note);
	if (value == NULL)
		return NULL;
	for (from = 0; value[from] != '\0'; from++) {
		bool blank = value[from] == ' ' || value[from] == '\n' ||
			     value[from] == '\t';

		if (!blank)
			value[to++] = value[from];
		else if (to > 0 && value[to - 1] != ' ')
			value[to++] = ' ';
	}
	while (to > 0 && value[to - 1] == ' ')
		to--;
	text = pool_text(c, (const char *)value, to);
	xmlFree(value);
	return text;
}

/* What stands in an <xs:appinfo> with this source. RC_OK with none; RC_CONFIG:
 * the pool is full. */
static enum rc
copy_appinfo(struct contract *c, const xmlNode *node, const char *wanted,
    const char **out)
{
	const xmlNode *note = child_named(node, "annotation"), *info;
	xmlChar *text;
	bool hit;

	info = note == NULL ? NULL : note->children;
	for (; info != NULL; info = info->next) {
		if (!is_schema(info, "appinfo"))
			continue;
		text = xmlGetProp(info, (const xmlChar *)"source");
		hit = xmlStrEqual(text, (const xmlChar *)wanted);
		xmlFree(text);
		if (!hit)
			continue;
		text = xmlNodeGetContent(info);
		if (text != NULL)
			*out = pool_text(c, (const char *)text,
			    strlen((const char *)text));
		xmlFree(text);
		return *out == NULL ? RC_CONFIG : RC_OK;
	}
	return RC_OK;
}

static bool
is_code_or_none(const struct code_list *list, const char *text)
{
	return text == NULL || code_find(list, text, strlen(text)) != NULL;
}

/* What takes a code's place is one of the same list, or nobody could read it.
 */
static bool
others_exist(const struct code_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!is_code_or_none(list, list->codes[i].coarse) ||
		    !is_code_or_none(list, list->codes[i].converted))
			return false;
	return true;
}

static enum rc
load_codes(struct contract *c, const xmlNode *restriction,
    struct code_list *list)
{
	const xmlNode *node;
	struct code *code;

	list->codes = calloc(CODES_MAX, sizeof(*list->codes));
	if (list->codes == NULL)
		return RC_NOMEM;
	for (node = restriction->children; node != NULL; node = node->next) {
		if (!is_schema(node, "enumeration"))
			continue;
		if (list->count == CODES_MAX)
			return RC_CONFIG;
		code = &list->codes[list->count++];
		code->text = copy_attribute(c, node, "value");
		code->meaning = copy_documentation(c, node);
		if (code->text == NULL || code->meaning == NULL ||
		    copy_appinfo(c, node, "coarse", &code->coarse) != RC_OK ||
		    copy_appinfo(c, node, "converted", &code->converted) !=
			RC_OK)
			return RC_CONFIG;
	}
	qsort(list->codes, list->count, sizeof(*list->codes), compare_codes);
	code = reallocarray(list->codes, list->count + 1, sizeof(*code));
	if (code != NULL)
		list->codes = code;
	return others_exist(list) ? RC_OK : RC_CONFIG;
}

static enum rc
load_lists(struct contract *c, const xmlNode *root)
{
	const xmlNode *node, *restriction;
	struct code_list *list;
	enum rc rc = RC_OK;

	for (node = root->children; rc == RC_OK && node != NULL;
	     node = node->next) {
		if (!is_schema(node, "simpleType"))
			continue;
		restriction = child_named(node, "restriction");
		if (restriction == NULL ||
		    child_named(restriction, "enumeration") == NULL)
			continue;
		if (c->list_count == LISTS_MAX)
			return RC_CONFIG;
		list = &c->lists[c->list_count++];
		list->name = copy_attribute(c, node, "name");
		rc = list->name == NULL ? RC_CONFIG
					: load_codes(c, restriction, list);
	}
	return rc;
}

enum rc
codes_load(struct contract *c, const uint8_t *xsd, size_t len)
{
	xmlDoc *doc;
	const xmlNode *root;
	enum rc rc = RC_CONFIG;

	c->lists = calloc(LISTS_MAX, sizeof(*c->lists));
	if (c->lists == NULL)
		return RC_NOMEM;
	doc = xmlReadMemory((const char *)xsd, (int)len, "codes.xsd", "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc == NULL)
		return RC_CONFIG;
	root = xmlDocGetRootElement(doc);
	if (root != NULL && is_schema(root, "schema"))
		rc = load_lists(c, root);
	xmlFreeDoc(doc);
	return rc;
}

void
codes_free(struct contract *c)
{
	size_t i;

	for (i = 0; i < c->list_count; i++)
		free(c->lists[i].codes);
	free(c->lists);
}

const struct code_list *
list_find(const struct contract *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->list_count; i++)
		if (strcmp(c->lists[i].name, name) == 0)
			return &c->lists[i];
	return NULL;
}

const struct code *
code_find(const struct code_list *list, const char *text, size_t len)
{
	size_t low = 0, high = list->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strncmp(list->codes[middle].text, text, len);
		if (order == 0 && list->codes[middle].text[len] == '\0')
			return &list->codes[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
