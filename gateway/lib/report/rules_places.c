/* Coordinates: BR-21. */
#include <stdlib.h>

#include "rules.h"

/* is_decimal() let the text be digits and a point; the C locale reads them. */
static bool
within(const struct field *f, double most)
{
	double v = strtod(f->text, NULL);

	return v >= -most && v <= most;
}

void
rules_places(struct check *k)
{
	const struct field *location, *lat, *lon, *precision;

	for (location = first(k, FIELD_LOCATION); location != NULL;
	     location = location->same) {
		lat = field_child(location, FIELD_LAT);
		lon = field_child(location, FIELD_LON);
		precision = field_child(location, FIELD_PRECISION_METRES);
		if (lat == NULL && lon == NULL)
			continue;
		if (lat == NULL || lon == NULL || precision == NULL)
			check_raise(k, "BR-21", lat == NULL ? lon : lat);
		else if (!within(lat, 90))
			check_raise(k, "BR-21", lat);
		else if (!within(lon, 180))
			check_raise(k, "BR-21", lon);
	}
}
