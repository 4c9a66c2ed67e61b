/* What contract_load() compiled, for the inside of this library. */
#ifndef CUTOUT_CONTRACT_H
#define CUTOUT_CONTRACT_H

#include "report.h"

enum { RULES_MAX = 128, LIST_NAME = 48 };

/* A row of rules.tsv. */
struct rule {
	const char *id;
	enum severity severity;
	bool system;
	const char *help;
};

/* One code of a list, and the list: sorted by code. */
struct code {
	const char *text;
	const char *meaning;
	const char *coarse;    /* the code that may travel instead, or NULL */
	const char *converted; /* its like in the other scheme, or NULL */
};
struct code_list {
	const char *name;
	struct code *codes;
	size_t count;
};

/* What sealed.tsv says is to be done with a field. */
enum action {
	ACTION_NONE, /* no row: the field does not travel */
	ACTION_KEEP,
	ACTION_DROP,
	ACTION_DAY,     /* no time of day */
	ACTION_NUMBER,  /* an id, a reference or a Sequence, renumbered */
	ACTION_CHOICE,  /* only with Envelope/Confirm of the rule */
	ACTION_COARSE,  /* the coarse code, unless the rule is confirmed */
	ACTION_DECIMAL, /* four decimals */
	ACTION_STAMP    /* the gateway's own value */
};

/* A row of sealed.tsv; rows of one parent are in output order. */
struct sealed_row {
	enum field_id id;
	enum action action;
	char rule[8]; /* ACTION_CHOICE, ACTION_COARSE: to confirm, or "" */
};

/* A word of words.tsv, folded to lower case. */
struct word {
	const char *list;
	const char *text;
};

struct contract {
	char *pool; /* every text below lies in here */
	size_t pool_len, pool_size;
	struct rule rules[RULES_MAX];
	size_t rule_count;
	struct code_list *lists;
	size_t list_count;
	struct sealed_row rows[FIELD_COUNT];
	size_t row_count;
	/* the rows of one parent, chained in output order: places + 1 */
	uint16_t row_first[FIELD_COUNT], row_last[FIELD_COUNT];
	uint16_t row_next[FIELD_COUNT];
	struct word *words;
	size_t word_count;
	/* the list of a TYPE_CODE field, by its id */
	const struct code_list *list_of[FIELD_COUNT];
	char schema_version[16], codes_version[16], rules_version[16];
	void *report_schema; /* xmlSchemaPtr; the writer knows no libxml2 */
	void *sealed_schema;
};

/* The place of a rule in rules.tsv; bug() when it has none: a rule that the
 * code raises must have a row (contract_load() compared them). */
size_t contract_rule(const struct contract *c, const char *id);
/* The code of a list, or NULL. Not NUL-terminated input. */
const struct code *code_find(const struct code_list *list, const char *text,
    size_t len);
const struct code_list *list_find(const struct contract *c, const char *name);

/* codes.c: reads the lists out of codes.xsd. */
enum rc codes_load(struct contract *c, const uint8_t *xsd, size_t len);
void codes_free(struct contract *c);
/* tables.c: rules.tsv, words.tsv, sealed.tsv. */
enum rc tables_load_rules(struct contract *c, const char *text, size_t len);
enum rc tables_load_words(struct contract *c, const char *text, size_t len);
enum rc tables_load_sealed(struct contract *c, const char *text, size_t len);
/* A copy of len bytes of text in the contract's pool, NUL-terminated; NULL:
 * the pool is full (it was made large enough for all files). */
const char *pool_text(struct contract *c, const char *text, size_t len);

#endif
