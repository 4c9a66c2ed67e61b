/* Rules that read words in free text, by the lists of words.tsv: BR-30,
 * BR-44 and BR-46. */
#include <string.h>

#include "raise.h"
#include "rules.h"

/* Fields whose text the submitter writes freely and that travel. */
static bool
is_free_text(const struct field_def *def)
{
	return def->identity_class == 'F';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/* A word of the list at a place where a word begins, in any case. */
static bool
word_at(const char *text, const char *word)
{
	for (; *word != '\0'; word++, text++) {
		int c = *text >= 'A' && *text <= 'Z' ? *text | 0x20 : *text;

		if (c != *word)
			return false;
	}
	return !is_letter(*text);
}

/* Whether some word of the list stands in the text. Words of one list are
 * few and short: each place where a word begins is tried against them. */
static bool
text_has(const struct check *k, const char *list, const char *text)
{
	bool inside = false;
	size_t i;

	for (; *text != '\0'; text++) {
		bool begins = is_letter(*text) && !inside;

		inside = is_letter(*text);
		if (!begins)
			continue;
		for (i = 0; i < k->c->word_count; i++)
			if (strcmp(k->c->words[i].list, list) == 0 &&
			    word_at(text, k->c->words[i].text))
				return true;
	}
	return false;
}

/* BR-30, second half: LOW, and the words are of violence. */
static void
check_low(struct check *k)
{
	const struct field *f;

	if (!has(k, FIELD_PRIORITY, "LOW"))
		return;
	for (f = first(k, FIELD_ITEM_TEXT); f != NULL; f = f->same)
		if (text_has(k, "threat", f->text)) {
			check_raise(k, "BR-30", f);
			return;
		}
}

/* BR-44: a marking above this network's, used as one: in capitals at the
 * start of a line, or in brackets, with nothing but punctuation behind. */
static bool
marked(const char *text)
{
	static const char *const words[] = {
	    "TOP SECRET", "SECRET", "CONFIDENTIAL", "RESTRICTED", "PROTECT"};
	bool start = true;
	size_t i, n;

	for (; *text != '\0'; text++) {
		for (i = 0; start && i < sizeof(words) / sizeof(words[0]);
		     i++) {
			n = strlen(words[i]);
			if (strncmp(text, words[i], n) == 0 &&
			    (text[n] == '\0' ||
				strchr(":-/.,;)]\n", text[n]) != NULL ||
				(text[n] == ' ' &&
				    strchr("-/(:", text[n + 1]) != NULL)))
				return true;
		}
		start = *text == '\n' || *text == '(' || *text == '[';
	}
	return false;
}

static void
check_markings(struct check *k)
{
	const struct field *f;
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++) {
		if (!is_free_text(field_def((enum field_id)id)))
			continue;
		for (f = first(k, (enum field_id)id); f != NULL; f = f->same)
			if (marked(f->text))
				check_raise(k, "BR-44", f);
	}
}

/* The first free text that goes to police and has a word of the list. */
static const struct field *
text_with(const struct check *k, const char *list)
{
	const struct field *f;
	int id;

	for (id = FIELD_NONE + 1; id < FIELD_COUNT; id++) {
		const struct field_def *def = field_def((enum field_id)id);

		if (!is_free_text(def) || (def->documents & IN_SEALED) == 0)
			continue;
		for (f = first(k, (enum field_id)id); f != NULL; f = f->same)
			if (text_has(k, list, f->text))
				return f;
	}
	return NULL;
}

/* BR-46: what the law protects in a special way is marked for the desk, by
 * the submitter's word or by a list of words named after the marking. */
static void
check_protected(struct check *k)
{
	const struct code_list *list = k->c->list_of[FIELD_DESK_MARKING];
	const struct field *said = first(k, FIELD_RISK_ISSUE), *hit;
	size_t i;

	for (i = 0; i < list->count && !k->failed; i++) {
		const char *marking = list->codes[i].text;

		hit = field_is(said, marking) ? said : text_with(k, marking);
		if (hit == NULL)
			continue;
		check_raise(k, "BR-46", hit);
		(void)complete_code(k, fields_root(k->fields), NULL,
		    FIELD_DESK_MARKING, marking);
	}
}

void
rules_words(struct check *k)
{
	check_low(k);
	check_markings(k);
	check_protected(k);
}
