/* A sealed report as plain text for people at the desk. Values are shown as
 * text only: what could steer a terminal or hide a word is spelt out, and
 * every line of a free text has a bar before it, so that no text can pass for
 * a heading. */
#include <string.h>

#include "contract.h"
#include "fields_tree.h"
#include "utf8.h"

struct renderer {
	const struct contract *c;
	struct buf *b;
	enum rc rc;
};

static void
put(struct renderer *r, const void *data, size_t len)
{
	if (r->rc == RC_OK)
		r->rc = buf_add(r->b, data, len);
}

static void
put_text(struct renderer *r, const char *text)
{
	put(r, text, strlen(text));
}

static void
put_indent(struct renderer *r, int depth)
{
	for (; depth > 0; depth--)
		put(r, "  ", 2);
}

/* "KnownToHowMany" becomes "Known to how many"; names in capitals stay. */
static void
put_label(struct renderer *r, const char *name)
{
	const char *p;
	char c;

	for (p = name; *p != '\0'; p++) {
		bool capital = *p >= 'A' && *p <= 'Z';
		bool word = capital && p > name && p[1] >= 'a' && p[1] <= 'z';

		if (word)
			put(r, " ", 1);
		c = *p;
		if (word)
			c = (char)(c | 0x20);
		if (p == name && c >= 'a' && c <= 'z')
			c = (char)(c & ~0x20);
		put(r, &c, 1);
	}
}

/* Each line of the value on one of ours. */
static void
put_value(struct renderer *r, const char *text, size_t len, int depth)
{
	const uint8_t *p = (const uint8_t *)text;
	uint32_t codepoint;
	size_t i, n;

	for (i = 0; i < len && r->rc == RC_OK; i += n) {
		n = utf8_next(p + i, len - i, &codepoint);
		if (n == 0) {
			put_text(r, "<?>");
			n = 1;
		} else if (codepoint == '\n') {
			put_text(r, "\n");
			put_indent(r, depth);
			put_text(r, "| ");
		} else if (character_kind(codepoint) != CHARACTER_FINE)
			r->rc = buf_addf(r->b, "<U+%04X>", codepoint);
		else
			put(r, p + i, n);
	}
}

/* What stands beside a value, in the contract's words: the meaning of a code,
 * the text of a rule. */
static const char *
meaning_of(const struct renderer *r, const struct field *field)
{
	const char *help = NULL;

	if (field->def->type == TYPE_CODE)
		return field->meaning;
	if (field->def->id == FIELD_WARNING)
		help = contract_help(r->c, field->text);
	return help == NULL ? "" : help;
}

static void
put_field(struct renderer *r, const struct field *field, int depth)
{
	const char *meaning;

	put_indent(r, depth);
	put_label(r, field->def->name);
	put_text(r, ": ");
	if (field->def->type == TYPE_TEXT) {
		put_text(r, "\n");
		put_indent(r, depth + 1);
		put_text(r, "| ");
	}
	put_value(r, field->text, field->len, depth + 1);
	meaning = meaning_of(r, field);
	if (meaning[0] != '\0') {
		put_text(r, " (");
		put_text(r, meaning);
		put_text(r, ")");
	}
	put_text(r, "\n");
}

static void
put_tree(struct renderer *r, const struct field *field, int depth)
{
	const struct field *f;

	if (field->def->type == TYPE_GROUP) {
		if (depth <= 1)
			put_text(r, "\n");
		put_indent(r, depth);
		put_label(r, field->def->name);
		put_text(r, "\n");
	} else
		put_field(r, field, depth);
	for (f = field->first; f != NULL; f = f->next)
		put_tree(r, f, depth + 1);
}

static const char head[] =
    "Intelligence report through cutout\n"
    "The origin can not be traced. Do not treat two reports from this "
    "gateway as independent\nof each other. The source grade is the "
    "submitter's own claim.\n";

static const char cover_head[] =
    "Cover report: made by the gateway so that nobody can tell when real "
    "ones travel.\nIt has no content.\n";

enum rc
report_text(const struct contract *c, const struct fields *sealed,
    struct buf *b)
{
	struct renderer r = {c, b, RC_OK};
	const struct field *f, *root = fields_root(sealed);

	put_text(&r, sealed_is_cover(sealed) ? cover_head : head);
	for (f = root == NULL ? NULL : root->first; f != NULL; f = f->next)
		put_tree(&r, f, 0);
	return r.rc;
}
