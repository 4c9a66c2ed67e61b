/* Bytes of XML, always in the same form, and values made coarser. */
#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "rules.h"
#include "writer.h"

enum { PLACE_DECIMALS = 4 };

static void
put(struct writer *w, const char *text, size_t len)
{
	if (w->rc == RC_OK)
		w->rc = buf_add(w->b, text, len);
}

void
put_text(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

/* Text as XML: the same few forms for each character, always. */
void
put_escaped(struct writer *w, const char *text, size_t len)
{
	size_t start = 0, i;
	const char *form;

	for (i = 0; i < len; i++) {
		switch (text[i]) {
		case '&':
			form = "&amp;";
			break;
		case '<':
			form = "&lt;";
			break;
		case '>':
			form = "&gt;";
			break;
		case '"':
			form = "&quot;";
			break;
		default:
			continue;
		}
		put(w, text + start, i - start);
		put_text(w, form);
		start = i + 1;
	}
	put(w, text + start, len - start);
}

void
put_attribute(struct writer *w, const char *name, const char *value, size_t len)
{
	put_text(w, " ");
	put_text(w, name);
	put_text(w, "=\"");
	put_escaped(w, value, len);
	put_text(w, "\"");
}

size_t
writer_place(const struct writer *w, const struct field *field)
{
	return (size_t)(field - w->fields->nodes);
}

/* The day something happened on, in London; a date without time is never
 * shifted (BR-17). */
static void
make_day(const struct field *field, struct value *v)
{
	struct date d;
	int n;

	calendar_date(date_day(&field->date), &d);
	n = snprintf(v->made, sizeof(v->made), "%04d-%02u-%02u", d.year,
	    d.month, d.day);
	v->text = v->made;
	v->len = n > 0 ? (size_t)n : 0;
}

static void
make_int(const struct field *field, struct value *v)
{
	int n = snprintf(v->made, sizeof(v->made), "%lld",
	    (long long)field->number);

	v->text = v->made;
	v->len = n > 0 ? (size_t)n : 0;
}

/* How a program writes numbers could tell which one it was: no sign but a
 * minus, no noughts that say nothing, no bare point. decimals: how many may
 * stay. Cut, not rounded: no new digit appears. */
static void
make_decimal(const struct field *field, size_t decimals, struct value *v)
{
	const char *whole = field->text, *end = field->text + field->len;
	const char *fraction = memchr(whole, '.', field->len);
	size_t whole_len, fraction_len = 0;
	bool negative = *whole == '-';
	int n;

	if (*whole == '-' || *whole == '+')
		whole++;
	whole_len = (size_t)((fraction == NULL ? end : fraction) - whole);
	for (; whole_len > 0 && *whole == '0'; whole_len--)
		whole++;
	if (fraction != NULL)
		fraction_len = (size_t)(end - ++fraction);
	if (fraction_len > decimals)
		fraction_len = decimals;
	while (fraction_len > 0 && fraction[fraction_len - 1] == '0')
		fraction_len--;
	/* shorter than field->text but for one nought: it fits */
	n = snprintf(v->made, sizeof(v->made), "%s%.*s%s%.*s",
	    negative && whole_len + fraction_len > 0 ? "-" : "",
	    whole_len == 0 ? 1 : (int)whole_len, whole_len == 0 ? "0" : whole,
	    fraction_len == 0 ? "" : ".", (int)fraction_len,
	    fraction_len == 0 ? "" : fraction);
	v->text = v->made;
	v->len = n > 0 && (size_t)n < sizeof(v->made) ? (size_t)n : 0;
}

/* "p1", "i12": the kind's letter and the new number. */
static void
make_number(const struct writer *w, const struct field *target, struct value *v)
{
	char letter = entity_kind(target);
	int n;

	n = snprintf(v->made, sizeof(v->made), "%c%u",
	    letter == '\0' ? 'i' : letter | 0x20,
	    w->number[writer_place(w, target)] + 1);
	v->text = v->made;
	v->len = n > 0 ? (size_t)n : 0;
}

/* The broader code, when the list has one: who knows how exactly a thing is
 * known, or when, can tell who said it. */
static void
make_coarse(const struct writer *w, const struct sealed_row *row,
    const struct field *field, struct value *v)
{
	const struct code_list *list = w->c->list_of[field->def->id];
	const struct code *code;

	if (row->rule[0] != '\0' && confirmed(w->fields, row->rule))
		return;
	code = code_find(list, field->text, field->len);
	if (code == NULL || code->coarse == NULL)
		return;
	v->text = code->coarse;
	v->len = strlen(code->coarse);
}

/* An item's place among the items, whatever numbers the client gives. */
static void
make_sequence(const struct writer *w, const struct field *field,
    struct value *v)
{
	int n = snprintf(v->made, sizeof(v->made), "%u",
	    w->number[writer_place(w, field->parent)] + 1);

	v->text = v->made;
	v->len = n > 0 ? (size_t)n : 0;
}

void
make_value(const struct writer *w, const struct sealed_row *row,
    const struct field *field, struct value *v)
{
	v->text = field->text;
	v->len = field->len;
	if (field->def->type == TYPE_ID)
		make_number(w, field->parent, v);
	else if (field->def->type == TYPE_REF && field->target != NULL)
		make_number(w, field->target, v);
	else if (row->action == ACTION_DAY && field->def->type == TYPE_DATE)
		make_day(field, v);
	else if (row->action == ACTION_NUMBER)
		make_sequence(w, field, v);
	else if (field->def->type == TYPE_INT)
		make_int(field, v);
	else if (field->def->type == TYPE_DECIMAL)
		/* four in a place: about eleven metres */
		make_decimal(field,
		    row->action == ACTION_DECIMAL ? PLACE_DECIMALS : SIZE_MAX,
		    v);
	else if (row->action == ACTION_COARSE)
		make_coarse(w, row, field, v);
}

void
put_open(struct writer *w, const char *name)
{
	put_text(w, "<");
	put_text(w, name);
	put_text(w, ">");
}

void
put_close(struct writer *w, const char *name)
{
	put_text(w, "</");
	put_text(w, name);
	put_text(w, ">\n");
}

void
put_element(struct writer *w, const char *name, const char *value)
{
	put_open(w, name);
	put_escaped(w, value, strlen(value));
	put_close(w, name);
}
