/* The only file that takes a report through libxml2: pre-scan, parse, validate,
 * and the typed fields. */
#include "reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complaint.h"
#include "fields_tree.h"
#include "raise.h"
#include "utf8.h"

struct reader {
	const struct contract *c;
	int document;
	struct scan *scan;
	struct findings *findings;
	xmlDocPtr doc;
	const xmlNode *last_wrong; /* one finding a node */
	bool wrong;
	struct fields *fields;
};

/* The number an element got in the order of the document, or -1. */
static int32_t
ordinal(const xmlNode *node)
{
	return node == NULL ? -1 : (int32_t)((intptr_t)node->_private - 1);
}

static xmlNode *
next_element(const xmlNode *node, const xmlNode *root)
{
	const xmlNode *at = node->children;

	while (at != NULL && at->type != XML_ELEMENT_NODE)
		at = at->next;
	while (at == NULL && node != root) {
		for (at = node->next;
		     at != NULL && at->type != XML_ELEMENT_NODE;)
			at = at->next;
		if (at == NULL)
			node = node->parent;
	}
	return (xmlNode *)(uintptr_t)at;
}

/* The parser's name is the scan's, or all that was written when its prefix is
 * not declared: the schema says that better. */
static bool
same_name(const struct scan *s, const struct scanned *e, const xmlNode *node)
{
	size_t len = strlen((const char *)node->name), start = e->name;

	if (len != e->name_len)
		start = (size_t)e->offset + 1;
	return start + len == (size_t)e->name + e->name_len &&
	       memcmp(node->name, s->raw + start, len) == 0;
}

/* Whether the parser and the scan mean the same element: its name, and where
 * in the tree it hangs. */
static bool
same_element(const struct reader *r, const struct scanned *e,
    const xmlNode *node)
{
	const xmlNode *parent = node->parent;

	if (parent != NULL && parent->type != XML_ELEMENT_NODE)
		parent = NULL;
	return ordinal(parent) == e->parent && same_name(r->scan, e, node);
}

/* The parser and the scan must have seen the same elements: two readings of
 * one document is how filters are deceived. */
static bool
number_elements(struct reader *r)
{
	xmlNode *root = xmlDocGetRootElement(r->doc), *node;
	size_t count = 0;

	for (node = root; node != NULL; node = next_element(node, root)) {
		if (count == r->scan->count ||
		    !same_element(r, &r->scan->elements[count], node))
			return false;
		node->_private = (void *)(intptr_t)++count;
	}
	return count == r->scan->count;
}

static enum rc
malformed(struct reader *r, int line, long offset)
{
	struct spot spot = {.path = "/"};

	spot.line = line < 0 ? 0 : (uint32_t)line;
	if (offset > 0 && (size_t)offset <= r->scan->len)
		spot.offset = (uint32_t)offset;
	raise_at(r->findings, r->c, "XML", &spot);
	return RC_DENIED;
}

static enum rc
parse(struct reader *r, const uint8_t *raw, size_t len)
{
	xmlParserCtxtPtr parser = xmlNewParserCtxt();
	enum rc rc = RC_OK;

	if (parser == NULL)
		return RC_NOMEM;
	/* no network, no entities, no limits lifted; errors stay quiet since
	 * they quote the report */
	r->doc = xmlCtxtReadMemory(parser, (const char *)raw, (int)len, NULL,
	    "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR |
		XML_PARSE_NOWARNING | XML_PARSE_COMPACT | XML_PARSE_NOBLANKS);
	if (parser->lastError.code == XML_ERR_NO_MEMORY)
		rc = RC_NOMEM;
	else if (r->doc == NULL || !parser->wellFormed)
		rc = malformed(r, parser->lastError.line,
		    parser->input == NULL ? 0 : xmlByteConsumed(parser));
	else if (r->doc->intSubset != NULL || !number_elements(r))
		rc = malformed(r, 1, 0);
	xmlFreeParserCtxt(parser);
	return rc;
}

/* libxml2 tells each schema error here. */
static void
schema_error(void *context, xmlErrorPtr error)
{
	struct reader *r = context;
	const xmlNode *node = error->node;

	if (error->level < XML_ERR_ERROR)
		return;
	r->wrong = true;
	if (node != NULL && node == r->last_wrong)
		return;
	r->last_wrong = node;
	if (node != NULL && node->type == XML_ATTRIBUTE_NODE)
		node = node->parent;
	if (node != NULL && node->type != XML_ELEMENT_NODE)
		node = NULL;
	complaint_raise(r->c, r->scan, r->document, ordinal(node), error,
	    r->findings);
}

static enum rc
validate(struct reader *r)
{
	xmlSchemaPtr schema = r->document == IN_REPORT ? r->c->report_schema
						       : r->c->sealed_schema;
	/* a fresh context: a used one keeps what it saw */
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
	struct spot spot = {.path = "/", .line = 1};
	int answer;

	if (valid == NULL)
		return RC_NOMEM;
	xmlSchemaSetValidStructuredErrors(valid, schema_error, r);
	answer = xmlSchemaValidateDoc(valid, r->doc);
	xmlSchemaFreeValidCtxt(valid);
	if (answer != 0 && !r->wrong)
		raise_at(r->findings, r->c, "XSD", &spot);
	return answer == 0 && !r->wrong ? RC_OK : RC_DENIED;
}

/* The schema let a value through that the table of fields does not: they
 * disagree, and the report does not travel. */
static enum rc
refuse_field(struct reader *r, const struct field *field, enum rc rc)
{
	if (rc != RC_BAD && rc != RC_LIMIT)
		return rc;
	raise_field(r->findings, r->c, "XSD", field);
	return RC_DENIED;
}

static void
check_nfc(struct reader *r, const struct field *field, const struct scanned *e)
{
	char path[FINDING_PATH];
	struct spot spot = {.path = path, .has_codepoint = true};
	size_t at;

	if ((field->def->type != TYPE_TEXT && field->def->type != TYPE_LINE) ||
	    value_is_nfc(field->text, field->len, &at, &spot.codepoint))
		return;
	field_path(field, path, sizeof(path));
	spot.offset = field->def->attribute ? field->offset
					    : scan_character(r->scan, e, at);
	spot.line = scan_line(r->scan, e, spot.offset);
	spot.help = "This character is written as a letter and a separate "
		    "accent: write the composed form (Unicode NFC).";
	raise_at(r->findings, r->c, "BR-51", &spot);
}

/* Whether the scan looked at every character of a value. What it must not
 * hold was raised then; a value that holds some all the same was read where
 * the scan saw something else. */
static bool
scan_saw(const struct reader *r, const struct field *field)
{
	const uint8_t *p = (const uint8_t *)field->text;
	uint32_t codepoint = 0;
	size_t i, n;

	for (i = 0; i < field->len; i += n) {
		n = utf8_next(p + i, field->len - i, &codepoint);
		if (n == 0 || character_kind(codepoint) != CHARACTER_FINE ||
		    (codepoint == '\n' && field->def->type != TYPE_TEXT))
			return findings_raised(r->findings,
				   contract_rule(r->c, "BR-51")) ||
			       findings_raised(r->findings,
				   contract_rule(r->c, "BR-52"));
	}
	return true;
}

static enum rc
set_value(struct reader *r, struct field *field, const struct scanned *e,
    const xmlNode *node)
{
	const xmlNode *child = node->children;
	xmlChar *joined = NULL;
	const char *text = "";
	enum rc rc;

	if (child != NULL && child->next == NULL &&
	    child->type == XML_TEXT_NODE)
		text = (const char *)child->content;
	else if (child != NULL) {
		joined = xmlNodeGetContent(node);
		if (joined == NULL)
			return RC_NOMEM;
		text = (const char *)joined;
	}
	rc = value_set(r->c, r->fields, field, text, strlen(text));
	xmlFree(joined);
	if (rc != RC_OK)
		return refuse_field(r, field, rc);
	if (!scan_saw(r, field))
		return malformed(r, 1, 0);
	check_nfc(r, field, e);
	return RC_OK;
}

static enum rc
read_attributes(struct reader *r, struct field *parent, const struct scanned *e,
    const xmlNode *node)
{
	const xmlAttr *attr;
	struct field *field;
	enum field_id id;
	enum rc rc = RC_OK;

	for (attr = node->properties; rc == RC_OK && attr != NULL;
	     attr = attr->next) {
		if (attr->ns != NULL)
			continue; /* xsi:, xml: are not fields */
		id = field_find(parent->def->id, true, (const char *)attr->name,
		    strlen((const char *)attr->name), r->document);
		field =
		    id == FIELD_NONE ? NULL : fields_add(r->fields, parent, id);
		if (field == NULL)
			return refuse_field(r, parent, RC_BAD);
		field->offset = field->content =
		    scan_attribute(r->scan, e, field->def->name);
		field->line = scan_line(r->scan, e, field->offset);
		rc = set_value(r, field, e, (const xmlNode *)attr);
	}
	return rc;
}

static enum rc
read_element(struct reader *r, struct field *parent, const xmlNode *node)
{
	const struct scanned *e = &r->scan->elements[ordinal(node)];
	const xmlNode *child;
	const char *name = (const char *)node->name;
	struct field *field;
	enum field_id id;
	enum rc rc;

	/* by the parser's name; that the scan saw the same was compared */
	id = field_find(parent == NULL ? FIELD_NONE : parent->def->id, false,
	    name, strlen(name), r->document);
	if (id == FIELD_NONE || id != (enum field_id)e->id)
		return parent == NULL ? malformed(r, 1, 0)
				      : refuse_field(r, parent, RC_BAD);
	field = fields_add(r->fields, parent, id);
	if (field == NULL)
		return RC_NOMEM;
	field->line = e->line;
	field->offset = e->offset;
	field->content = e->content;
	field->place = e->place;
	rc = read_attributes(r, field, e, node);
	if (rc != RC_OK || field->def->type != TYPE_GROUP)
		return rc == RC_OK ? set_value(r, field, e, node) : rc;
	/* no deeper than the scan let it be */
	for (child = node->children; rc == RC_OK && child != NULL;
	     child = child->next)
		if (child->type == XML_ELEMENT_NODE)
			rc = read_element(r, field, child);
	return rc;
}

static enum rc
read_fields(struct reader *r)
{
	size_t nodes = r->scan->count + r->scan->attributes;
	enum rc rc;

	/* a decoded value is never longer than it was written */
	rc = fields_new(nodes, r->scan->len + nodes, &r->fields);
	if (rc == RC_OK)
		rc = read_element(r, NULL, xmlDocGetRootElement(r->doc));
	/* the schema asks for both, and report_id() promises them */
	if (rc == RC_OK && r->document == IN_REPORT &&
	    (report_id(r->fields) == NULL || report_blind(r->fields) == NULL))
		rc = refuse_field(r,
		    (struct field *)(uintptr_t)fields_root(r->fields), RC_BAD);
	if (rc == RC_OK)
		rc = refs_resolve(r->fields);
	return rc;
}

enum rc
document_read(const struct contract *c, int document, const uint8_t *raw,
    size_t len, struct findings *findings, struct fields **out)
{
	struct reader r = {.c = c, .document = document, .findings = findings};
	enum rc rc;

	rc = scan_raw(c, raw, len, document, findings, &r.scan);
	if (rc == RC_OK && r.scan->unparsable)
		rc = RC_DENIED;
	if (rc == RC_OK)
		rc = parse(&r, raw, len);
	if (rc == RC_OK)
		rc = validate(&r);
	if (rc == RC_OK)
		rc = read_fields(&r);
	if (rc == RC_OK) {
		*out = r.fields;
		r.fields = NULL;
	}
	fields_free(r.fields);
	xmlFreeDoc(r.doc);
	scan_free(r.scan);
	return rc;
}

enum rc
report_read(const struct contract *c, const uint8_t *raw, size_t len,
    struct findings *findings, struct fields **out)
{
	return document_read(c, IN_REPORT, raw, len, findings, out);
}

enum rc
sealed_read(const struct contract *c, const uint8_t *raw, size_t len,
    struct findings *findings, struct fields **out)
{
	return document_read(c, IN_SEALED, raw, len, findings, out);
}
