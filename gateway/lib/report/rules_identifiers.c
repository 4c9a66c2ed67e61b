/* Numbers that carry their own check, and numbers that only one agency has:
 * BR-22 and CT-06. */
#include <string.h>

#include "rules.h"
#include "shapes.h"

/* BR-22 for a field that is one identifier. */
static void
check_shape(struct check *k, enum field_id id, bool (*shape)(const char *))
{
	const struct field *f;

	for (f = first(k, id); f != NULL; f = f->same)
		if (!shape(f->text))
			check_raise(k, "BR-22", f);
}

static bool
any_postcode(const char *text)
{
	return shape_postcode(text) || shape_outward(text);
}

/* A false plate has a plate's shape as well; a partial one has stars. */
static void
check_registrations(struct check *k)
{
	const struct field *f;

	for (f = first(k, FIELD_REGISTRATION); f != NULL; f = f->same) {
		bool partial = strcmp(field_text(f, FIELD_REGISTRATION_STATUS),
				   "PARTIAL") == 0;

		if (partial ? !shape_vrm_partial(f->text) : !shape_vrm(f->text))
			check_raise(k, "BR-22", f);
	}
}

struct shaped_kind {
	const char *kind;
	bool (*shape)(const char *);
};

static void
check_kind(struct check *k, const struct field *value, const char *kind,
    const struct shaped_kind *table, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(table[i].kind, kind) == 0 &&
		    !table[i].shape(value->text))
			check_raise(k, "BR-22", value);
}

static void
check_communications(struct check *k)
{
	static const struct shaped_kind table[] = {{"PHONE", shape_phone},
	    {"DEALLINE", shape_phone}, {"EMAIL", shape_email},
	    {"URL", shape_url}, {"IMEI", shape_imei}, {"IMSI", shape_imsi},
	    {"IP", shape_ip}};
	const struct field *f;

	for (f = first(k, FIELD_COMMUNICATION_VALUE); f != NULL; f = f->same)
		check_kind(k, f,
		    field_text(f->parent, FIELD_COMMUNICATION_KIND), table,
		    sizeof(table) / sizeof(table[0]));
}

/* CT-06: these numbers are held by one agency and would name it. */
static bool
names_an_agency(const char *type)
{
	static const char *const types[] = {
	    "NHS", "HOSPITAL", "UPN", "TENANCY", "CASE-NO"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

static void
check_personal(struct check *k)
{
	static const struct shaped_kind table[] = {{"PNC", shape_pnc},
	    {"CRO", shape_cro}, {"NINO", shape_nino},
	    {"PASSPORT", shape_passport}, {"DRIVING", shape_driving},
	    {"PRISON-NO", shape_prison}};
	const struct field *f;
	const char *type;

	for (f = first(k, FIELD_IDENTIFIER); f != NULL; f = f->same) {
		type = field_text(f, FIELD_IDENTIFIER_TYPE);
		if (names_an_agency(type))
			check_raise(k, "CT-06", f);
		else
			check_kind(k, f, type, table,
			    sizeof(table) / sizeof(table[0]));
	}
}

void
rules_identifiers(struct check *k)
{
	check_registrations(k);
	check_communications(k);
	check_personal(k);
	check_shape(k, FIELD_VIN, shape_vin);
	check_shape(k, FIELD_POSTCODE, any_postcode);
	check_shape(k, FIELD_UPRN, shape_uprn);
	check_shape(k, FIELD_WHAT3WORDS, shape_what3words);
	check_shape(k, FIELD_COMPANY_NUMBER, shape_company);
	check_shape(k, FIELD_SORT_CODE, shape_sort_code);
	check_shape(k, FIELD_ACCOUNT_NUMBER, shape_account);
	check_shape(k, FIELD_IBAN, shape_iban);
}
