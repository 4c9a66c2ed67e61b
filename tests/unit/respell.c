/* The same report, written another way. */
#include "respell.h"

#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows; tests have memory. */
struct out {
	char *text;
	size_t len, size;
};

static void
add(struct out *o, const char *text, size_t len)
{
	if (o->text == NULL || o->len + len + 1 > o->size) {
		o->size = 2 * (o->len + len + 1);
		o->text = realloc(o->text, o->size);
		ck_assert_ptr_nonnull(o->text);
	}
	memcpy(o->text + o->len, text, len);
	o->len += len;
	o->text[o->len] = '\0';
}

static void
add_text(struct out *o, const char *text)
{
	add(o, text, strlen(text));
}

/* One piece of the document: a tag, a comment, or what is between. */
struct token {
	const char *at;
	size_t len;
	enum { TEXT, START, END, EMPTY, OTHER } kind;
};

static bool
next_token(const char **p, struct token *t)
{
	const char *stop;

	if (**p == '\0')
		return false;
	t->at = *p;
	if (**p != '<') {
		t->kind = TEXT;
		stop = strchr(*p, '<');
		t->len = stop == NULL ? strlen(*p) : (size_t)(stop - *p);
	} else if (strncmp(*p, "<!--", 4) == 0) {
		t->kind = OTHER;
		stop = strstr(*p, "-->");
		ck_assert_ptr_nonnull(stop);
		t->len = (size_t)(stop + 3 - *p);
	} else {
		stop = strchr(*p, '>');
		ck_assert_ptr_nonnull(stop);
		t->len = (size_t)(stop + 1 - *p);
		t->kind = (*p)[1] == '/'             ? END
			  : (*p)[1] == '?'           ? OTHER
			  : t->at[t->len - 2] == '/' ? EMPTY
						     : START;
	}
	*p += t->len;
	return true;
}

static bool
is_blank(const struct token *t)
{
	size_t i;

	for (i = 0; i < t->len; i++)
		if (!isspace((unsigned char)t->at[i]))
			return false;
	return true;
}

static void
crlf(const char *xml, struct out *o)
{
	for (; *xml != '\0'; xml++)
		add_text(o, *xml == '\n' ? "\r\n" : (char[]){*xml, '\0'});
}

static void
between(const char *xml, struct out *o, bool comments)
{
	const char *p = xml;
	struct token t, before = {.kind = OTHER};

	while (next_token(&p, &t)) {
		/* white space only where there is no value */
		if (t.kind == TEXT && is_blank(&t) && before.kind != START) {
			if (comments)
				add(o, t.at, t.len);
			continue;
		}
		if (t.kind == START && before.kind == START)
			add_text(o, comments ? "<!-- x -->" : "\n\t\t \n");
		add(o, t.at, t.len);
		if (t.kind == END && *p != '\0')
			add_text(o, comments ? "<!-- y > -->" : "\n   \t\n");
		before = t;
	}
}

static void
prefix(const char *xml, struct out *o)
{
	const char *p = xml, *hit;
	struct token t;

	while (next_token(&p, &t)) {
		if (t.kind == TEXT || t.kind == OTHER) {
			add(o, t.at, t.len);
			continue;
		}
		add_text(o, t.kind == END ? "</pre-fix:" : "<pre-fix:");
		t.len -= t.kind == END ? 2 : 1;
		t.at += t.kind == END ? 2 : 1;
		hit = memmem(t.at, t.len, "xmlns=", 6);
		if (hit != NULL) {
			add(o, t.at, (size_t)(hit + 5 - t.at));
			add_text(o, ":pre-fix");
			t.len -= (size_t)(hit + 5 - t.at);
			t.at = hit + 5;
		}
		add(o, t.at, t.len);
	}
}

static void
quotes(const char *xml, struct out *o)
{
	const char *p = xml;
	struct token t;
	size_t i;

	while (next_token(&p, &t))
		for (i = 0; i < t.len; i++) {
			bool tag = t.kind == START || t.kind == EMPTY;

			if (tag && t.at[i] == '"')
				add_text(o, "'");
			else if (tag && t.at[i] == '=')
				add_text(o, "\n =  ");
			else if (t.kind != TEXT && t.kind != OTHER &&
				 t.at[i] == '>' && t.at[i - 1] != '/')
				add_text(o, " >");
			else
				add(o, t.at + i, 1);
		}
}

/* "<Name a="1" b="2">" with its attributes the other way round. */
static void
reverse_tag(const struct token *t, struct out *o)
{
	const char *p = t->at + strcspn(t->at, " \n\t/>"), *end;
	const char *from[16] = {NULL}, *to[16] = {NULL};
	size_t count = 0;

	end = t->at + t->len - (t->kind == EMPTY ? 2 : 1);
	add(o, t->at, (size_t)(p - t->at));
	while (p < end) {
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p >= end)
			break;
		from[count] = p;
		p = strchr(p, '"');
		p = strchr(p + 1, '"') + 1;
		to[count++] = p;
		ck_assert_uint_lt(count, 16);
	}
	while (count-- > 0) {
		add_text(o, " ");
		add(o, from[count], (size_t)(to[count] - from[count]));
	}
	add_text(o, t->kind == EMPTY ? "/>" : ">");
}

static void
attributes(const char *xml, struct out *o)
{
	const char *p = xml;
	struct token t;

	while (next_token(&p, &t))
		if (t.kind == START || t.kind == EMPTY)
			reverse_tag(&t, o);
		else
			add(o, t.at, t.len);
}

/* The text of values: behind a start tag and before an end tag. */
static void
values(const char *xml, struct out *o, bool numbers)
{
	const char *p = xml;
	struct token t, before = {.kind = OTHER};
	char reference[16];
	size_t i;

	while (next_token(&p, &t)) {
		bool value = t.kind == TEXT && before.kind == START &&
			     p[0] == '<' && p[1] == '/' &&
			     memchr(t.at, '&', t.len) == NULL;

		if (value && !numbers) {
			for (i = t.len / 2; (t.at[i] & 0xc0) == 0x80;)
				i++; /* not within a character */
			add_text(o, "<![CDATA[");
			add(o, t.at, i);
			add_text(o, "]]><!-- cut --><![CDATA[");
			add(o, t.at + i, t.len - i);
			add_text(o, "]]>");
		} else if (value)
			for (i = 0; i < t.len; i++) {
				(void)snprintf(reference, sizeof(reference),
				    i % 2 == 0 ? "&#%d;" : "&#x%x;",
				    (unsigned char)t.at[i]);
				/* a byte of a longer character stays */
				if ((t.at[i] & 0x80) != 0)
					add(o, t.at + i, 1);
				else
					add_text(o, reference);
			}
		else
			add(o, t.at, t.len);
		before = t;
	}
}

static bool
name_is(const struct token *t, const char *name)
{
	size_t n = strlen(name), skip = t->kind == END ? 2 : 1;

	return t->len > n + skip && memcmp(t->at + skip, name, n) == 0 &&
	       strchr(" />\n\t", t->at[skip + n]) != NULL;
}

/* id="..", from="..", to="..", and the text of EntityRef and ItemRef. */
static void
ids(const char *xml, struct out *o)
{
	static const char *const marks[] = {" id=\"", " from=\"", " to=\""};
	const char *p = xml;
	struct token t, before = {.kind = OTHER};
	size_t i, k, n;

	while (next_token(&p, &t)) {
		bool ref = t.kind == TEXT && before.kind == START &&
			   (name_is(&before, "EntityRef") ||
			       name_is(&before, "ItemRef"));
		bool ages = t.kind != TEXT && name_is(&t, "ApproxAge");

		if (ref)
			add_text(o, "_x.");
		for (i = 0; i < t.len; i++) {
			add(o, t.at + i, 1);
			for (k = 0; t.kind != TEXT && !ages && k < 3; k++) {
				n = strlen(marks[k]);
				if (i + 1 >= n &&
				    memcmp(t.at + i + 1 - n, marks[k], n) == 0)
					add_text(o, "_x.");
			}
		}
		before = t;
	}
}

/* Behind the element that starts at p. */
static const char *
behind_element(const char *p)
{
	struct token t;
	int depth = 0;

	while (next_token(&p, &t)) {
		if (t.kind == START)
			depth++;
		if (t.kind == END)
			depth--;
		if (depth == 0 && t.kind != TEXT && t.kind != OTHER)
			break;
	}
	return p;
}

/* Runs of sibling elements of these names come out in reverse. */
static void
order(const char *xml, struct out *o)
{
	static const char *const names[] = {"Person", "UnidentifiedPerson",
	    "Organisation", "Location", "Vehicle", "Communication", "Object",
	    "Account", "Event", "Link", "EntityRef", "ItemRef", "Item",
	    "ThreatType", "Strand"};
	const char *from[4096] = {NULL}, *to[4096] = {NULL};
	const char *p = xml, *q;
	struct token t;
	size_t i, count;
	bool listed;

	for (;;) {
		count = 0;
		q = p;
		while (next_token(&q, &t)) {
			if (t.kind == TEXT && is_blank(&t))
				continue;
			listed = false;
			for (i = 0; t.kind == START &&
				    i < sizeof(names) / sizeof(names[0]);
			     i++)
				listed |= name_is(&t, names[i]);
			/* one kind at a time keeps the schema's order, but
			 * entities of all kinds mix as they like */
			if (!listed ||
			    (count > 0 && strncmp(from[0], t.at, 4) != 0))
				break;
			from[count] = t.at;
			q = to[count] = behind_element(t.at);
			ck_assert_uint_lt(++count, 4096);
			p = q;
		}
		while (count-- > 0) {
			struct out inner = {NULL, 0, 0};
			const char *start = strchr(from[count], '>') + 1;
			char *body =
			    strndup(start, (size_t)(to[count] - start));

			add(o, from[count], (size_t)(start - from[count]));
			order(body, &inner);
			if (inner.text != NULL)
				add(o, inner.text, inner.len);
			free(inner.text);
			free(body);
		}
		if (!next_token(&p, &t))
			break;
		add(o, t.at, t.len);
	}
}

/* A decimal with what says nothing: a plus, noughts in front and behind, a
 * bare point; or without the nought before its point. */
static void
add_decimal(struct out *o, const char *text, size_t len)
{
	bool point = memchr(text, '.', len) != NULL;
	bool below_one = len > 1 && text[0] == '0' && text[1] == '.';

	add_text(o, text[0] == '-' ? "-0" : below_one ? "+" : "+00");
	if (text[0] == '-' || below_one) {
		text++;
		len--;
	}
	add(o, text, len);
	add_text(o, point ? "00" : ".");
}

/* Where a number stands. width: digits a whole number may have, 0: it is a
 * decimal. */
static const struct {
	const char *element, *attribute;
	size_t width;
} numbers[] = {{"Sequence", NULL, 2}, {"SchoolYear", NULL, 2},
    {"PrecisionMetres", NULL, 6}, {"Lat", NULL, 0}, {"Lon", NULL, 0},
    {"Quantity", NULL, 0}, {"Amount", NULL, 0}, {"ApproxAge", "from=\"", 3},
    {"ApproxAge", "to=\"", 3}};

static bool
add_number(struct out *o, const struct token *tag, const struct token *text)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].attribute != NULL ||
		    !name_is(tag, numbers[i].element))
			continue;
		if (numbers[i].width == 0) {
			add_decimal(o, text->at, text->len);
			return true;
		}
		if (text->len < numbers[i].width)
			add_text(o, "0");
		add(o, text->at, text->len);
		return true;
	}
	return false;
}

static void
digits(const char *xml, struct out *o)
{
	const char *p = xml, *hit;
	struct token t, before = {.kind = OTHER};
	size_t i, n;

	while (next_token(&p, &t)) {
		if (t.kind == TEXT && before.kind == START &&
		    add_number(o, &before, &t))
			continue;
		before = t;
		for (i = 0;
		     t.kind != TEXT && i < sizeof(numbers) / sizeof(numbers[0]);
		     i++) {
			if (numbers[i].attribute == NULL ||
			    !name_is(&before, numbers[i].element))
				continue;
			n = strlen(numbers[i].attribute);
			hit = memmem(t.at, t.len, numbers[i].attribute, n);
			if (hit == NULL)
				continue;
			add(o, t.at, (size_t)(hit + n - t.at));
			t.len -= (size_t)(hit + n - t.at);
			t.at = hit + n;
			if (strcspn(t.at, "\"") < numbers[i].width)
				add_text(o, "0");
		}
		add(o, t.at, t.len);
	}
}

static void
bom(const char *xml, struct out *o)
{
	const char *declared = strstr(xml, "?>");

	add_text(o, "\xef\xbb\xbf");
	add_text(o, strncmp(xml, "<?xml", 5) == 0 && declared != NULL
			? declared + 2
			: xml);
}

const char *
respell_name(enum respelling how)
{
	static const char *const names[] = {"CRLF", "comments", "indentation",
	    "prefix", "quotes", "attributes", "CDATA", "numbers", "ids",
	    "order", "digits", "BOM"};

	return names[how];
}

char *
respell(const char *xml, enum respelling how)
{
	struct out o = {NULL, 0, 0};

	switch (how) {
	case RESPELL_CRLF:
		crlf(xml, &o);
		break;
	case RESPELL_COMMENTS:
		between(xml, &o, true);
		break;
	case RESPELL_INDENT:
		between(xml, &o, false);
		break;
	case RESPELL_PREFIX:
		prefix(xml, &o);
		break;
	case RESPELL_QUOTES:
		quotes(xml, &o);
		break;
	case RESPELL_ATTRIBUTES:
		attributes(xml, &o);
		break;
	case RESPELL_CDATA:
		values(xml, &o, false);
		break;
	case RESPELL_NUMBERS:
		values(xml, &o, true);
		break;
	case RESPELL_IDS:
		ids(xml, &o);
		break;
	case RESPELL_ORDER:
		order(xml, &o);
		break;
	case RESPELL_DIGITS:
		digits(xml, &o);
		break;
	default:
		bom(xml, &o);
		break;
	}
	ck_assert_ptr_nonnull(o.text);
	return o.text;
}
