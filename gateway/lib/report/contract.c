/* Loading the contract: schemas and tables, from memory alone. */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "fields_tree.h"
#include "log.h"

static const char *const names[] = {"report.xsd", "codes.xsd", "sealed.xsd",
    "sealed.tsv", "rules.tsv", "words.tsv"};

/* libxml2 has one loader for the whole process. It answers for these two
 * while a contract loads, and for nothing else, ever. */
static const struct archive *loading;

static xmlParserInputPtr
load_entity(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	xmlParserInputPtr input;
	const uint8_t *data;
	size_t len;

	(void)id;
	if (loading == NULL || url == NULL || strcmp(url, "codes.xsd") != 0 ||
	    archive_get(loading, url, &data, &len) != RC_OK)
		return NULL;
	input = xmlNewStringInputStream(ctxt, data);
	if (input != NULL)
		input->filename = (char *)xmlCharStrdup(url);
	return input;
}

static void
ignore_error(void *context, xmlErrorPtr error)
{
	(void)context;
	(void)error;
}

static void *
load_schema(const struct archive *archive, const char *name)
{
	xmlSchemaParserCtxtPtr parser;
	xmlSchemaPtr schema = NULL;
	const uint8_t *data;
	size_t len;

	if (archive_get(archive, name, &data, &len) != RC_OK)
		return NULL;
	parser = xmlSchemaNewMemParserCtxt((const char *)data, (int)len);
	if (parser == NULL)
		return NULL;
	xmlSchemaSetParserStructuredErrors(parser, ignore_error, NULL);
	schema = xmlSchemaParse(parser);
	xmlSchemaFreeParserCtxt(parser);
	return schema;
}

/* The version attribute of the schema element, by its first occurrence in
 * the text: it stands in the start tag. */
static void
read_version(const struct archive *archive, const char *name, char *version,
    size_t size)
{
	const uint8_t *data;
	const char *hit, *end;
	size_t len, n = 0;

	if (archive_get(archive, name, &data, &len) != RC_OK)
		return;
	end = (const char *)data + len;
	hit = memmem(data, len, ":schema", 7);
	if (hit == NULL)
		return;
	hit = memmem(hit, (size_t)(end - hit), " version=\"", 10);
	if (hit == NULL)
		return;
	hit += 10;
	while (n < size - 1 && hit + n < end &&
	       strchr("0123456789.", hit[n]) != NULL)
		n++;
	memcpy(version, hit, n);
	version[n] = '\0';
}

/* Every field of type code has its list. */
static bool
bind_lists(struct contract *c)
{
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++) {
		const struct field_def *def = field_def((enum field_id)id);

		if (def->type != TYPE_CODE)
			continue;
		c->list_of[id] = list_find(c, def->list);
		if (c->list_of[id] == NULL)
			return false;
	}
	return true;
}

/* Every rule the code may raise has its row: bug() in the middle of a report
 * would be too late. */
static bool
bind_rules(const struct contract *c)
{
	static const char *const raised[] = {
#include "rules.def"
	};
	size_t i, k;

	for (i = 0; i < sizeof(raised) / sizeof(raised[0]); i++) {
		for (k = 0; k < c->rule_count; k++)
			if (strcmp(c->rules[k].id, raised[i]) == 0)
				break;
		if (k == c->rule_count)
			return false;
	}
	return true;
}

size_t
contract_rule(const struct contract *c, const char *id)
{
	size_t i;

	for (i = 0; i < c->rule_count; i++)
		if (strcmp(c->rules[i].id, id) == 0)
			return i;
	bug("rule %s has no row", id);
}

static enum rc
load_table(struct contract *c, const struct archive *archive, const char *name,
    enum rc (*load)(struct contract *, const char *, size_t))
{
	const uint8_t *data;
	size_t len;
	enum rc rc = archive_get(archive, name, &data, &len);

	return rc == RC_OK ? load(c, (const char *)data, len) : RC_CONFIG;
}

static enum rc
load_codes(struct contract *c, const char *text, size_t len)
{
	return codes_load(c, (const uint8_t *)text, len);
}

static enum rc
load_tables(struct contract *c, const struct archive *archive, const char **why)
{
	static const struct {
		const char *name;
		enum rc (*load)(struct contract *, const char *, size_t);
		const char *why;
	} tables[] = {
	    {"codes.xsd", load_codes, "codes.xsd can not be read"},
	    {"rules.tsv", tables_load_rules, "rules.tsv has a bad row"},
	    {"words.tsv", tables_load_words, "words.tsv has a bad row"},
	    {"sealed.tsv", tables_load_sealed,
		"sealed.tsv names a path or action that is not known"},
	};
	size_t i;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < sizeof(tables) / sizeof(tables[0]);
	     i++) {
		rc = load_table(c, archive, tables[i].name, tables[i].load);
		*why = tables[i].why;
	}
	return rc;
}

static enum rc
load_schemas(struct contract *c, const struct archive *archive,
    const char **why)
{
	*why = "report.xsd does not compile";
	c->report_schema = load_schema(archive, "report.xsd");
	if (c->report_schema == NULL)
		return RC_CONFIG;
	*why = "sealed.xsd does not compile";
	c->sealed_schema = load_schema(archive, "sealed.xsd");
	if (c->sealed_schema == NULL)
		return RC_CONFIG;
	read_version(archive, "report.xsd", c->schema_version,
	    sizeof(c->schema_version));
	read_version(archive, "codes.xsd", c->codes_version,
	    sizeof(c->codes_version));
	*why = "report.xsd, codes.xsd or rules.tsv has no version";
	return c->schema_version[0] != '\0' && c->codes_version[0] != '\0' &&
		       c->rules_version[0] != '\0'
		   ? RC_OK
		   : RC_CONFIG;
}

static enum rc
load_all(struct contract *c, const struct archive *archive, const char **why)
{
	const uint8_t *data;
	size_t i, len;
	enum rc rc;

	*why = "a file of the schema is missing";
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (archive_get(archive, names[i], &data, &len) != RC_OK ||
		    len > INT32_MAX)
			return RC_CONFIG;
		c->pool_size += 2 * len;
	}
	c->pool = malloc(c->pool_size);
	if (c->pool == NULL)
		return RC_NOMEM;
	rc = load_tables(c, archive, why);
	if (rc != RC_OK)
		return rc;
	/* before the schemas: they fail as well then, and say less */
	*why = "a field's code list is not in codes.xsd";
	if (!bind_lists(c))
		return RC_CONFIG;
	*why = "a rule that is checked has no row in rules.tsv";
	if (!bind_rules(c))
		return RC_CONFIG;
	return load_schemas(c, archive, why);
}

enum rc
contract_load(const struct archive *schema, struct contract **out,
    const char **why)
{
	struct contract *c = calloc(1, sizeof(*c));
	const char *reason;
	enum rc rc;

	if (why == NULL)
		why = &reason;
	*why = "out of memory";
	if (c == NULL)
		return RC_NOMEM;
	fields_prepare();
	xmlInitParser();
	xmlSetExternalEntityLoader(load_entity);
	/* what is wrong is said by *why; libxml2 would write to stderr */
	xmlSetStructuredErrorFunc(NULL, ignore_error);
	loading = schema;
	rc = load_all(c, schema, why);
	loading = NULL;
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (rc == RC_OK) {
		*out = c;
		c = NULL;
	}
	contract_free(c);
	return rc;
}

void
contract_free(struct contract *c)
{
	if (c == NULL)
		return;
	xmlSchemaFree(c->report_schema);
	xmlSchemaFree(c->sealed_schema);
	codes_free(c);
	free(c->words);
	free(c->pool);
	free(c);
}

const char *
contract_help(const struct contract *c, const char *rule)
{
	for (size_t i = 0; i < c->rule_count; i++)
		if (strcmp(c->rules[i].id, rule) == 0)
			return c->rules[i].help;
	return NULL;
}
