/* The statutes a report stands on: BR-41 and BR-42. Known only from a
 * Submitter element; cutout-submit judges it on the partner's machine. */
#include <string.h>

#include "rules.h"

static bool
has_basis(const struct check *k, const char *basis)
{
	const struct field *f;

	for (f = first(k, FIELD_BASIS); f != NULL; f = f->same)
		if (field_is(f, basis))
			return true;
	return false;
}

/* Whether every legal basis is this one, however often it is written. */
static bool
only_basis(const struct check *k, const char *basis)
{
	const struct field *f = first(k, FIELD_BASIS);

	while (f != NULL && field_is(f, basis))
		f = f->same;
	return f == NULL && first(k, FIELD_BASIS) != NULL;
}

static const char *
class_of(const struct check *k)
{
	const struct field *f = first(k, FIELD_SUBMITTER_ORGANISATION_CLASS);

	return f == NULL ? "" : f->text;
}

static bool
is_health(const char *class)
{
	return strncmp(class, "HEALTH-", 7) == 0 ||
	       strcmp(class, "AMBULANCE") == 0;
}

/* BR-41: section 16(4) of the Police, Crime, Sentencing and Courts Act 2022
 * does not let a health or social care authority share personal information
 * under section 16, nor anybody patient information. */
static void
check_serious_violence_duty(struct check *k)
{
	const struct field *basis = first(k, FIELD_BASIS);
	const char *class = class_of(k);
	bool care =
	    is_health(class) || strcmp(class, "COUNCIL-SOCIALCARE") == 0;

	if (!only_basis(k, "SVD-S16"))
		return;
	if ((care && first(k, FIELD_PERSON) != NULL) ||
	    has(k, FIELD_PATIENT_INFORMATION, "true"))
		check_raise(k, "BR-41", basis);
}

/* BR-42: medical confidence, by the GMC's grounds. */
static void
check_confidence(struct check *k)
{
	static const char *const grounds[] = {
	    "CONSENT", "PUBLIC-INTEREST", "VITAL", "OTHER-STATUTE"};
	size_t i;

	if (strncmp(class_of(k), "HEALTH-", 7) != 0 ||
	    first(k, FIELD_PERSON) == NULL)
		return;
	for (i = 0; i < sizeof(grounds) / sizeof(grounds[0]); i++)
		if (has_basis(k, grounds[i]))
			return;
	check_raise(k, "BR-42", first(k, FIELD_LEGAL_BASIS));
}

void
rules_law(struct check *k)
{
	check_serious_violence_duty(k);
	check_confidence(k);
}
