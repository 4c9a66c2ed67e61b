/* Who may ask for what. A target has one method: two rows of one target would
 * make the Allow line of a 405 wrong. */
#include "routes.h"

#include <string.h>

#define EVERYBODY ((unsigned)PARTY_PARTNER | (unsigned)PARTY_POLICE)
#define XML "application/xml"
#define TSV "text/tab-separated-values; charset=utf-8"

static const struct route table[] = {
    {"/v1/reports", "POST", PARTY_PARTNER, ACTION_REPORT, NULL, NULL},
    {"/v1/check", "POST", PARTY_PARTNER, ACTION_CHECK, NULL, NULL},
    {"/v1/schema/report.xsd", "GET", EVERYBODY, ACTION_SERVE, "report.xsd",
	XML},
    {"/v1/schema/codes.xsd", "GET", EVERYBODY, ACTION_SERVE, "codes.xsd", XML},
    {"/v1/schema/sealed.xsd", "GET", EVERYBODY, ACTION_SERVE, "sealed.xsd",
	XML},
    {"/v1/schema/sealed.tsv", "GET", EVERYBODY, ACTION_SERVE, "sealed.tsv",
	TSV},
    {"/v1/schema/rules.tsv", "GET", EVERYBODY, ACTION_SERVE, "rules.tsv", TSV},
    {"/v1/schema/words.tsv", "GET", EVERYBODY, ACTION_SERVE, "words.tsv", TSV},
    {"/v1/openapi.yaml", "GET", EVERYBODY, ACTION_SERVE, "openapi.yaml",
	"application/yaml"},
};

const struct route *
routes_row(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}

enum rc
routes_find(const char *method, const char *target, enum party party,
    const struct route **out)
{
	const struct route *r;

	for (size_t i = 0; (r = routes_row(i)) != NULL; i++) {
		if (strcmp(r->target, target) == 0)
			break;
	}
	*out = r;
	if (r == NULL)
		return RC_NOTFOUND;
	if (strcmp(r->method, method) != 0)
		return RC_BAD;
	return (r->parties & (unsigned)party) != 0 ? RC_OK : RC_DENIED;
}
