/* What the gateway says itself in the new document: versions, warnings,
 * markings, the converted grade. */
#include <string.h>

#include "raise.h"
#include "writer.h"

/* What police are told of the gateway's own doubts; never a rule that tells a
 * sector or an hour (DESIGN section 6). */
static const char *const travelling[] = {
    "BR-03", "BR-04", "BR-13", "BR-18", "BR-48", "BR-56"};

static void
stamp_warnings(struct writer *w, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(travelling) / sizeof(travelling[0]); i++)
		if (findings_raised(w->findings,
			contract_rule(w->c, travelling[i])))
			put_element(w, name, travelling[i]);
}

/* What the law protects in a special way (BR-46). */
static void
stamp_markings(struct writer *w, const char *name)
{
	const struct field *f;

	for (f = fields_first(w->fields, FIELD_DESK_MARKING); f != NULL;
	     f = f->same)
		put_element(w, name, f->text);
}

/* One part of a grade in the other scheme; nothing where there is no like. */
static void
stamp_converted_code(struct writer *w, enum field_id id,
    const struct field *grading, enum field_id original)
{
	const struct field *field = field_child(grading, original);
	const struct code *code = NULL;

	if (field != NULL)
		code =
		    code_find(w->c->list_of[original], field->text, field->len);
	if (code != NULL && code->converted != NULL)
		put_element(w, field_def(id)->name, code->converted);
}

/* The grade in the scheme it was not given in. It stands beside the original
 * and never without it (BR-12): there is nothing to convert then. */
static void
stamp_converted(struct writer *w, const struct field *item)
{
	static const struct {
		enum field_id id, original;
	} parts[] = {{FIELD_CONVERTED_SOURCE, FIELD_GRADING_SOURCE},
	    {FIELD_CONVERTED_INFORMATION, FIELD_GRADING_INFORMATION},
	    {FIELD_CONVERTED_HANDLING, FIELD_GRADING_HANDLING}};
	const struct field *grading = field_child(item, FIELD_GRADING);
	const char *name = field_def(FIELD_CONVERTED)->name, *scheme = "3x5x2";
	uint16_t i;
	size_t k;

	if (grading == NULL)
		return;
	if (strcmp(field_text(grading, FIELD_GRADING_SCHEME), scheme) == 0)
		scheme = "5x5x5";
	put_text(w, "<");
	put_text(w, name);
	put_attribute(w, field_def(FIELD_CONVERTED_SCHEME)->name, scheme,
	    strlen(scheme));
	put_text(w, ">");
	for (i = w->c->row_first[FIELD_CONVERTED]; i != 0;
	     i = w->c->row_next[i - 1])
		for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (parts[k].id == w->c->rows[i - 1].id)
				stamp_converted_code(w, parts[k].id, grading,
				    parts[k].original);
	put_close(w, name);
}

void
write_stamp(struct writer *w, enum field_id id, const struct field *parent)
{
	const char *name = field_def(id)->name;
	uint16_t i;

	switch (id) {
	case FIELD_GATEWAY:
		put_open(w, name);
		for (i = w->c->row_first[id]; i != 0; i = w->c->row_next[i - 1])
			write_stamp(w, w->c->rows[i - 1].id, parent);
		put_close(w, name);
		return;
	case FIELD_KIND:
		put_element(w, name,
		    w->kind == KIND_COVER ? "COVER" : "REPORT");
		return;
	case FIELD_CODES_VERSION:
		put_element(w, name, w->c->codes_version);
		return;
	case FIELD_RULES_VERSION:
		put_element(w, name, w->c->rules_version);
		return;
	case FIELD_SEALED_CLASS:
		put_element(w, name, "PARTNER");
		return;
	case FIELD_BASIS_DECLARED:
		put_element(w, name,
		    fields_first(w->fields, FIELD_BASIS) != NULL ? "true"
								 : "false");
		return;
	case FIELD_WARNING:
		stamp_warnings(w, name);
		return;
	case FIELD_DESK_MARKING:
		stamp_markings(w, name);
		return;
	case FIELD_CONVERTED:
		stamp_converted(w, parent);
		return;
	default:
		return;
	}
}
