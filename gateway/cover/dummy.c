/* A report that says nothing. Its text is constant: screen stamps the kind
 * COVER on it, and the desk sorts it out by that. */
#include "dummy.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "hex.h"

static const char before_id[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<IntelligenceReport xmlns=\"urn:cutout:report:1\" "
    "schemaVersion=\"1.0\" profile=\"%s\">"
    "<Envelope><Id>%s</Id><Blind>%s</Blind>"
    "<SubmissionKind>NEW</SubmissionKind>%s%s</Envelope>";

static const char header[] =
    "<Marking><Classification>OFFICIAL-SENSITIVE</Classification></Marking>"
    "<Header><Subject>Cover</Subject><DestinationForce>%s</DestinationForce>"
    "<Priority>%s</Priority><ImmediateRiskToLife>false</ImmediateRiskToLife>"
    "<CrimeInProgress>false</CrimeInProgress>"
    "<SafeguardingFlag>NONE</SafeguardingFlag>"
    "<SafeguardingReferralMade>NOT-NEEDED</SafeguardingReferralMade>"
    "<Strand>PREVENT</Strand><ThreatType>ASB</ThreatType>"
    "<InfoFrom>%s</InfoFrom><InfoPrecision>DAY</InfoPrecision></Header>"
    "<LegalBasis><Basis>CDA98-S115</Basis>"
    "<ContainsPatientInformation>false</ContainsPatientInformation>"
    "</LegalBasis>";

static const char before_text[] =
    "<Item id=\"i%u\"><Sequence>%u</Sequence><Text>";
static const char sentence[] =
    "This report is cover. It was made by the gateway and tells nothing. ";
static const char after_text[] =
    "</Text><HowKnown>OBSERVED</HowKnown><Corroborated>false</Corroborated>"
    "<KnownToHowMany>SOME</KnownToHowMany><Grading scheme=\"%s\">"
    "<GradedBy>SUBMITTER</GradedBy></Grading><EntityRef>e1</EntityRef></Item>";

static const char tail[] =
    "<Risk><RiskToSource>LOW</RiskToSource><RiskToSubject>LOW</RiskToSubject>"
    "<RiskToThirdParty>LOW</RiskToThirdParty>"
    "<RiskToOperation>UNKNOWN</RiskToOperation></Risk>"
    "<Entities><Location id=\"l1\"><Kind>AREA</Kind><Postcode>S99</Postcode>"
    "</Location><Event id=\"e1\"><Kind>OTHER</Kind><Start>%s</Start>"
    "<Precision>DAY</Precision></Event></Entities>"
    "<Link from=\"e1\" to=\"l1\"><Type>OCCURRED-AT</Type>"
    "<Strength>UNCONFIRMED</Strength><ItemRef>i1</ItemRef></Link>"
    "<Declarations><NotAnEmergency>true</NotAnEmergency>"
    "<ReferralConsidered>true</ReferralConsidered>"
    "<SourceNotNamedInText>true</SourceNotNamedInText>"
    "<BestOfKnowledge>true</BestOfKnowledge>"
    "<LawfulBasisConfirmed>true</LawfulBasisConfirmed></Declarations>"
    "</IntelligenceReport>\n";

/* What makes a report of that class: items, and characters of three bytes
 * behind the sentence of each. 50 items and 4000 characters are the most that
 * the schema takes. */
static const struct {
	unsigned int items;
	unsigned int dashes;
} bulk[CLASS_COUNT] = {{1, 0}, {10, 1500}, {50, 3000}};

enum { DATE_LEN = 11 };

/* The day before: it never lies in the future, in no zone. */
static enum rc
yesterday(int64_t now_wall_s, char out[DATE_LEN])
{
	time_t t = (time_t)(now_wall_s - 86400);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, DATE_LEN, "%Y-%m-%d", &tm) != DATE_LEN - 1)
		return RC_IO;
	return RC_OK;
}

static enum rc
random_hex(char out[2 * HASH_LEN + 1])
{
	uint8_t bytes[HASH_LEN];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return RC_IO;
	hex_encode(bytes, sizeof(bytes), out);
	return RC_OK;
}

static enum rc
write_item(const struct dummy *d, unsigned int number, struct buf *to)
{
	enum rc rc;

	rc = buf_addf(to, before_text, number, number);
	if (rc == RC_OK)
		rc = buf_add(to, sentence, sizeof(sentence) - 2);
	for (unsigned int i = 0; i < bulk[d->class].dashes && rc == RC_OK; i++)
		rc = buf_add_text(to, "\xe2\x80\x93");
	if (rc == RC_OK)
		rc = buf_addf(to, after_text, d->scheme);
	return rc;
}

enum rc
dummy_write(const struct dummy *d, struct buf *to)
{
	char id[2 * HASH_LEN + 1], blind[2 * HASH_LEN + 1], date[DATE_LEN];
	int fast = d->lane == LANE_FAST;
	enum rc rc;

	rc = random_hex(id);
	if (rc == RC_OK)
		rc = random_hex(blind);
	if (rc == RC_OK)
		rc = yesterday(d->now_wall_s, date);
	if (rc == RC_OK)
		rc = buf_addf(to, before_id, d->scheme, id, blind,
		    d->test ? "<TestIndicator>true</TestIndicator>" : "",
		    fast ? "<Confirm>BR-66</Confirm>" : "");
	if (rc == RC_OK)
		rc = buf_addf(to, header, d->destination, fast ? "HIGH" : "LOW",
		    date);
	for (unsigned int i = 0; i < bulk[d->class].items && rc == RC_OK; i++)
		rc = write_item(d, i + 1, to);
	return rc == RC_OK ? buf_addf(to, tail, date) : rc;
}
