/* The gateway's JSON answers as text for a person. It shows whatever keys
 * there are, so that a newer gateway says more through an older cutoutctl. */
#include "show.h"

#include <ctype.h>
#include <string.h>

enum { INDENT = 2, CELL = 96, DEEPEST = 8, GAP = 2 };

void
show_text(FILE *to, const char *raw_text)
{
	for (const char *p = raw_text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		(void)putc(c < 0x20 || c == 0x7f ? '?' : c, to);
	}
}

/* --- one cell --------------------------------------------------------- */

/* "freeRows" and "free_rows" as "free rows". */
static void
label_of(const char *key, char out[CELL])
{
	size_t n = 0;

	for (const char *p = key; *p != '\0' && n < CELL - 2; p++) {
		unsigned char c = (unsigned char)*p;

		/* a capital behind a small letter begins a word */
		if (isupper(c) && p > key && islower((unsigned char)p[-1]))
			out[n++] = ' ';
		if (c == '_' || c == '-')
			c = ' ';
		out[n++] = (char)(isupper(c) ? tolower(c) : c);
	}
	out[n] = '\0';
}

static void
scalar_of(const json_t *value, char out[CELL])
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		snprintf(out, CELL, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(out, CELL, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(out, CELL, "%g", json_real_value(value));
		break;
	case JSON_TRUE:
		snprintf(out, CELL, "yes");
		break;
	case JSON_FALSE:
		snprintf(out, CELL, "no");
		break;
	case JSON_NULL:
		snprintf(out, CELL, "-");
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		snprintf(out, CELL, "...");
		break;
	}
}

static void
pad(FILE *to, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)putc(' ', to);
}

/* --- lists ------------------------------------------------------------ */

static int
is_table(const json_t *list)
{
	size_t i, n = json_array_size(list);

	for (i = 0; i < n && json_is_object(json_array_get(list, i)); i++)
		;
	return n > 0 && i == n;
}

/* How wide the column of key must be. */
static size_t
column_width(const json_t *list, const char *key)
{
	char cell[CELL];
	size_t width;

	label_of(key, cell);
	width = strlen(cell);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_object_get(json_array_get(list, i), key);

		if (v == NULL)
			continue;
		scalar_of(v, cell);
		if (strlen(cell) > width)
			width = strlen(cell);
	}
	return width;
}

static void
show_cell(FILE *to, const char *cell, size_t width, int right)
{
	size_t len = strlen(cell), fill = len < width ? width - len : 0;

	if (right)
		pad(to, fill);
	show_text(to, cell);
	if (!right)
		pad(to, fill);
}

/* One row, or with row NULL the heads; the first row's keys are the columns. */
static void
show_row(FILE *to, const json_t *list, const json_t *row, size_t indent)
{
	json_t *first = json_array_get(list, 0);
	const char *key;
	json_t *value;
	size_t before = indent;

	json_object_foreach(first, key, value)
	{
		const json_t *v =
		    row == NULL ? NULL : json_object_get(row, key);
		char cell[CELL] = "";

		if (row == NULL)
			label_of(key, cell);
		else if (v != NULL)
			scalar_of(v, cell);
		pad(to, before);
		show_cell(to, cell, column_width(list, key),
		    json_is_number(value));
		before = GAP;
	}
	(void)putc('\n', to);
}

static void
show_table(FILE *to, const json_t *list, size_t indent)
{
	show_row(to, list, NULL, indent);
	for (size_t i = 0; i < json_array_size(list); i++)
		show_row(to, list, json_array_get(list, i), indent);
}

static void
show_words(FILE *to, const json_t *list)
{
	size_t n = json_array_size(list);
	char cell[CELL];

	if (n == 0)
		(void)putc('-', to);
	for (size_t i = 0; i < n; i++) {
		scalar_of(json_array_get(list, i), cell);
		if (i > 0)
			(void)fputs(", ", to);
		show_text(to, cell);
	}
	(void)putc('\n', to);
}

/* --- objects ---------------------------------------------------------- */

static int
is_block(const json_t *value)
{
	return json_is_object(value) || is_table(value);
}

/* The widest label of a one-line value. */
static size_t
label_width(json_t *object)
{
	const char *key;
	json_t *value;
	char cell[CELL];
	size_t width = 0;

	json_object_foreach(object, key, value)
	{
		label_of(key, cell);
		if (!is_block(value) && strlen(cell) > width)
			width = strlen(cell);
	}
	return width;
}

static void
show_level(FILE *to, json_t *object, size_t indent, int depth)
{
	size_t width = label_width(object);
	const char *key;
	json_t *value;
	char cell[CELL];

	json_object_foreach(object, key, value)
	{
		label_of(key, cell);
		pad(to, indent);
		if (is_block(value)) {
			show_text(to, cell);
			(void)putc('\n', to);
			if (json_is_array(value))
				show_table(to, value, indent + INDENT);
			else if (depth < DEEPEST)
				show_level(to, value, indent + INDENT,
				    depth + 1);
			continue;
		}
		show_cell(to, cell, width + GAP, 0);
		if (json_is_array(value)) {
			show_words(to, value);
			continue;
		}
		scalar_of(value, cell);
		show_text(to, cell);
		(void)putc('\n', to);
	}
}

enum rc
show_object(FILE *to, json_t *object)
{
	if (!json_is_object(object))
		return RC_BAD;
	show_level(to, object, 0, 0);
	return RC_OK;
}

/* --- the dead --------------------------------------------------------- */

enum rc
show_dead(FILE *to, const json_t *answer, size_t *count)
{
	const json_t *list = json_object_get(answer, "dead");

	*count = 0;
	if (!json_is_array(list))
		return RC_BAD;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *raw_h =
		    json_string_value(json_object_get(item, "h"));
		const char *raw_name =
		    json_string_value(json_object_get(item, "destination"));

		if (raw_h == NULL || raw_name == NULL)
			return RC_BAD;
		show_text(to, raw_h);
		(void)fputs("  ", to);
		show_text(to, raw_name);
		(void)putc('\n', to);
		(*count)++;
	}
	return RC_OK;
}
