/* The tables of the contract: rules.tsv, words.tsv, sealed.tsv. Lines of
 * fields between tabs; empty lines and lines with '#' first are comments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "fields_tree.h"

enum { COLUMNS = 4, WORDS_MAX = 4000 };

struct column {
	const char *text;
	size_t len;
};

static bool
column_is(const struct column *column, const char *text)
{
	return column->len == strlen(text) &&
	       memcmp(column->text, text, column->len) == 0;
}

/* Takes the next line with content; its columns, missing ones empty. Returns
 * how many there were, 0 at the end. */
static size_t
next_row(const char **at, const char *end, struct column columns[COLUMNS])
{
	const char *line, *stop, *tab;
	size_t n;

	while (*at < end) {
		line = *at;
		stop = memchr(line, '\n', (size_t)(end - line));
		*at = stop == NULL ? end : stop + 1;
		if (stop == NULL)
			stop = end;
		if (stop > line && stop[-1] == '\r')
			stop--;
		if (stop == line || *line == '#')
			continue;
		for (n = 0; n < COLUMNS; n++)
			columns[n] = (struct column){"", 0};
		for (n = 0; n < COLUMNS; n++) {
			tab = n == COLUMNS - 1
				  ? NULL
				  : memchr(line, '\t', (size_t)(stop - line));
			columns[n].text = line;
			columns[n].len =
			    (size_t)((tab == NULL ? stop : tab) - line);
			if (tab == NULL)
				return n + 1;
			line = tab + 1;
		}
	}
	return 0;
}

const char *
pool_text(struct contract *c, const char *text, size_t len)
{
	char *copy = c->pool + c->pool_len;

	if (len >= c->pool_size - c->pool_len)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	c->pool_len += len + 1;
	return copy;
}

/* A line "# version 1.0" anywhere among the comments. */
static void
read_version(const char *text, size_t len, char *version, size_t size)
{
	static const char mark[] = "# version ";
	const char *hit = memmem(text, len, mark, sizeof(mark) - 1);
	size_t n = 0;

	if (hit == NULL)
		return;
	hit += sizeof(mark) - 1;
	while (n < size - 1 && hit + n < text + len &&
	       strchr("0123456789.", hit[n]) != NULL)
		n++;
	memcpy(version, hit, n);
	version[n] = '\0';
}

enum rc
tables_load_rules(struct contract *c, const char *text, size_t len)
{
	struct column column[COLUMNS];
	const char *at = text;
	struct rule *rule;
	size_t n;

	read_version(text, len, c->rules_version, sizeof(c->rules_version));
	while ((n = next_row(&at, text + len, column)) > 0) {
		if (column_is(&column[0], "rule"))
			continue; /* the head of the columns */
		if (n < 4 || c->rule_count == RULES_MAX || column[1].len != 1 ||
		    strchr("RQWX", column[1].text[0]) == NULL)
			return RC_CONFIG;
		rule = &c->rules[c->rule_count++];
		rule->id = pool_text(c, column[0].text, column[0].len);
		rule->severity = (enum severity)column[1].text[0];
		rule->system = column_is(&column[2], "system");
		rule->help = pool_text(c, column[3].text, column[3].len);
		if (rule->id == NULL || rule->help == NULL ||
		    rule->id[0] == '\0' || strlen(rule->id) > 7)
			return RC_CONFIG;
	}
	return RC_OK;
}

enum rc
tables_load_words(struct contract *c, const char *text, size_t len)
{
	struct column column[COLUMNS];
	const char *at = text;
	struct word *word;

	c->words = calloc(WORDS_MAX, sizeof(*c->words));
	if (c->words == NULL)
		return RC_NOMEM;
	while (next_row(&at, text + len, column) > 0) {
		if (column_is(&column[0], "list"))
			continue;
		if (column[0].len == 0 || column[1].len == 0 ||
		    c->word_count == WORDS_MAX)
			return RC_CONFIG;
		word = &c->words[c->word_count++];
		word->list = pool_text(c, column[0].text, column[0].len);
		word->text = pool_text(c, column[1].text, column[1].len);
		if (word->list == NULL || word->text == NULL)
			return RC_CONFIG;
	}
	return RC_OK;
}

static enum field_id
child_of(enum field_id parent, const char *name, size_t len)
{
	bool attribute = *name == '@';
	enum field_id id;

	if (attribute) {
		name++;
		len--;
	}
	id = field_find(parent, attribute, name, len, IN_BOTH);
	/* "SealedReport" and "IntelligenceReport" may stand in front */
	if (id == FIELD_NONE && parent == FIELD_SEALED)
		id = field_find(FIELD_NONE, false, name, len, IN_BOTH);
	return id == FIELD_REPORT ? FIELD_SEALED : id;
}

/* "Item/Grading/@scheme", with or without the root in front, to a field. */
static enum field_id
path_field(const struct column *path)
{
	const char *p = path->text, *end = p + path->len, *slash;
	enum field_id id = FIELD_SEALED;

	while (p < end && *p == '/')
		p++;
	while (p < end && id != FIELD_NONE) {
		slash = memchr(p, '/', (size_t)(end - p));
		if (slash == NULL)
			slash = end;
		id = child_of(id, p, (size_t)(slash - p));
		p = slash == end ? end : slash + 1;
	}
	return id;
}

static const struct {
	const char *name;
	enum action action;
} actions[] = {
    {"keep", ACTION_KEEP},
    {"drop", ACTION_DROP},
    {"day", ACTION_DAY},
    {"number", ACTION_NUMBER},
    {"choice", ACTION_CHOICE},
    {"coarse", ACTION_COARSE},
    {"decimal", ACTION_DECIMAL},
    {"stamp", ACTION_STAMP},
};

/* The action and the rest behind a space: "choice CT-11". */
static bool
find_action(const struct column *column, enum action *action,
    struct column *rest)
{
	size_t i, n;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		n = strlen(actions[i].name);
		if (column->len < n ||
		    memcmp(column->text, actions[i].name, n) != 0 ||
		    (column->len > n && column->text[n] != ' '))
			continue;
		*action = actions[i].action;
		rest->text = column->text + n;
		rest->len = column->len - n;
		return true;
	}
	return false;
}

/* Whether a choice has its rule, and nothing but it and coarse has one. */
static bool
read_action(const struct column *column, struct sealed_row *row)
{
	struct column rest = {"", 0};

	if (!find_action(column, &row->action, &rest))
		return false;
	if (rest.len == 0)
		return row->action != ACTION_CHOICE;
	if ((row->action != ACTION_CHOICE && row->action != ACTION_COARSE) ||
	    rest.len < 2 || rest.len > sizeof(row->rule))
		return false;
	memcpy(row->rule, rest.text + 1, rest.len - 1);
	return true;
}

/* Behind the rows of the same parent that came before. */
static void
chain_row(struct contract *c, enum field_id parent)
{
	uint16_t place = (uint16_t)c->row_count; /* counted from 1 */

	if (c->row_first[parent] == 0)
		c->row_first[parent] = place;
	else
		c->row_next[c->row_last[parent] - 1] = place;
	c->row_last[parent] = place;
}

enum rc
tables_load_sealed(struct contract *c, const char *text, size_t len)
{
	struct column column[COLUMNS];
	const char *at = text;
	struct sealed_row *row;
	bool seen[FIELD_COUNT] = {false};

	while (next_row(&at, text + len, column) > 0) {
		if (column_is(&column[0], "path"))
			continue;
		if (c->row_count == FIELD_COUNT)
			return RC_CONFIG;
		row = &c->rows[c->row_count++];
		row->id = path_field(&column[0]);
		if (row->id == FIELD_NONE || seen[row->id] ||
		    !read_action(&column[1], row))
			return RC_CONFIG;
		seen[row->id] = true;
		chain_row(c, field_def(row->id)->parent == FIELD_REPORT
				 ? FIELD_SEALED
				 : field_def(row->id)->parent);
	}
	return RC_OK;
}
