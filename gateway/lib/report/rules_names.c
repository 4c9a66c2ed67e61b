/* BR-52, its warning: a name that mixes scripts looks like one person and is
 * found as another ("Ivan" with a Cyrillic a). */
#include "raise.h"
#include "rules.h"
#include "utf8.h"

enum script { SCRIPT_OTHER = 0, LATIN = 1, GREEK = 2, CYRILLIC = 4 };

static unsigned
script_of(uint32_t c)
{
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		return LATIN;
	if ((c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7) ||
	    (c >= 0x1e00 && c <= 0x1eff))
		return LATIN;
	if ((c >= 0x370 && c <= 0x3ff) || (c >= 0x1f00 && c <= 0x1fff))
		return GREEK;
	if (c >= 0x400 && c <= 0x52f)
		return CYRILLIC;
	return SCRIPT_OTHER;
}

/* Within one word; a name may have words of two scripts. */
static bool
mixes(const struct field *f)
{
	const uint8_t *p = (const uint8_t *)f->text;
	unsigned scripts = 0;
	uint32_t c;
	size_t i, n;

	for (i = 0; i < f->len; i += n) {
		n = utf8_next(p + i, f->len - i, &c);
		if (n == 0)
			return false;
		scripts = c == ' ' || c == '-' ? 0 : scripts | script_of(c);
		if ((scripts & (scripts - 1)) != 0)
			return true;
	}
	return false;
}

void
rules_names(struct check *k)
{
	static const enum field_id names[] = {FIELD_GIVEN, FIELD_MIDDLE,
	    FIELD_SURNAME, FIELD_PERSON_ALIAS, FIELD_NICKNAME,
	    FIELD_ORGANISATION_NAME, FIELD_ORGANISATION_ALIAS};
	const struct field *f;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (f = first(k, names[i]); f != NULL; f = f->same)
			if (mixes(f))
				raise_field_as(k->findings, k->c, "BR-52",
				    SEVERITY_W,
				    "This name mixes letters of two scripts "
				    "that look alike; check it.",
				    f);
}
