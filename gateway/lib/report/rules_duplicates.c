/* BR-49: one thing, entered twice. */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "rules.h"

/* What makes two entities of a kind the same: a text of key fields, folded,
 * hashed. Equal hashes count as equal texts: two of 64 bits that meet by
 * chance are not to be expected, and who looks for them gets a finding. */
struct key {
	uint64_t hash;
	const struct field *entity;
};

/* The fields that identify an entity of a kind; all of one row must be there
 * for it to have that key. */
static const struct {
	enum field_id kind;
	enum field_id fields[3];
} key_fields[] = {
    {FIELD_PERSON, {FIELD_GIVEN, FIELD_SURNAME, FIELD_BIRTH}},
    {FIELD_ORGANISATION, {FIELD_COMPANY_NUMBER, 0, 0}},
    {FIELD_LOCATION, {FIELD_UPRN, 0, 0}},
    {FIELD_LOCATION, {FIELD_ADDRESS_LINE, FIELD_POSTCODE, 0}},
    {FIELD_VEHICLE, {FIELD_REGISTRATION, 0, 0}},
    {FIELD_VEHICLE, {FIELD_VIN, 0, 0}},
    {FIELD_COMMUNICATION,
	{FIELD_COMMUNICATION_KIND, FIELD_COMMUNICATION_VALUE, FIELD_NONE}},
    {FIELD_ACCOUNT, {FIELD_SORT_CODE, FIELD_ACCOUNT_NUMBER, 0}},
    {FIELD_ACCOUNT, {FIELD_IBAN, 0, 0}},
};

/* Letters and digits only, in lower case: "AB12 CDE" is "ab12cde". */
static uint64_t
fold(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c >= 0x80 || c == '+' || c == '@' || c == '*')
			hash = hash_byte(hash, c);
	}
	return hash_byte(hash, 0);
}

/* All fields of the id within the entity, so that "1 High St" and "Flat 2, 1
 * High St" differ. */
static bool
key_of(const struct field *entity, const enum field_id *ids, uint64_t *out)
{
	const struct field *f;
	uint64_t hash = HASH_START;
	size_t i;

	for (i = 0; i < 3 && ids[i] != FIELD_NONE; i++) {
		f = field_child(entity, ids[i]);
		if (f == NULL)
			return false;
		/* a plate with stars in it is no key: many cars fit */
		if (ids[i] == FIELD_REGISTRATION &&
		    strpbrk(f->text, "*?") != NULL)
			return false;
		for (; f != NULL; f = field_next(f))
			hash = fold(hash, f->text);
		hash = hash_byte(hash, 1);
	}
	*out = hash;
	return true;
}

static int
compare_keys(const void *left, const void *right)
{
	const struct key *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->entity > b->entity) - (a->entity < b->entity);
}

void
rules_duplicates(struct check *k)
{
	struct key *keys = calloc(k->fields->count + 1, sizeof(*keys));
	const struct field *f;
	size_t row, i, count;

	if (keys == NULL) {
		k->failed = true;
		return;
	}
	for (row = 0; row < sizeof(key_fields) / sizeof(key_fields[0]); row++) {
		count = 0;
		for (f = first(k, key_fields[row].kind); f != NULL; f = f->same)
			if (key_of(f, key_fields[row].fields,
				&keys[count].hash))
				keys[count++].entity = f;
		qsort(keys, count, sizeof(*keys), compare_keys);
		for (i = 1; i < count; i++)
			if (keys[i].hash == keys[i - 1].hash)
				check_raise(k, "BR-49", keys[i].entity);
	}
	free(keys);
}
