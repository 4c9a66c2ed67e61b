/* Findings as the JSON of an answer: ASCII only, cut to one size. */
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "wire.h"

/* What stands behind the findings at most: the count and the advice. */
enum { TAIL_ROOM = 1200 };

static const struct {
	unsigned advice;
	const char *text;
} advices[] = {
    {ADVICE_999, "999: Call 999 now. This gateway is not watched and police "
		 "may read a report hours later."},
    {ADVICE_SAFEGUARDING,
	"SAFEGUARDING: Make the safeguarding referral to the local authority "
	"today. A report to police is not a referral."},
    {ADVICE_101, "101: Call 101, or 999 when it becomes an emergency, when "
		 "police need to know soon. Nobody at the gateway reads "
		 "reports."},
    {ADVICE_PREVENT,
	"PREVENT: Tell the Prevent team, or the anti-terrorist hotline 0800 "
	"789 321, about radicalisation or terrorism."},
    {ADVICE_CRIME, "CRIME: Report a crime as a crime, on 101 or the force's "
		   "web site. You will then be contacted."},
};

/* Appends text within a JSON string. Our own words are ASCII; should a rule
 * table hold anything else, it becomes a question mark rather than a broken
 * answer.
 */
static enum rc
add_escaped(struct buf *b, const char *text)
{
	char out[2];
	enum rc rc = RC_OK;

	for (; rc == RC_OK && *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		out[0] = '\\';
		out[1] = (char)c;
		if (c == '"' || c == '\\')
			rc = buf_add(b, out, 2);
		else if (c < 0x20 || c > 0x7e)
			rc = buf_add_text(b, "?");
		else
			rc = buf_add(b, &out[1], 1);
	}
	return rc;
}

static enum rc
add_string(struct buf *b, const char *text)
{
	enum rc rc = buf_add_text(b, "\"");

	if (rc == RC_OK)
		rc = add_escaped(b, text);
	return rc == RC_OK ? buf_add_text(b, "\"") : rc;
}

static enum rc
add_member(struct buf *b, const char *name, const char *text)
{
	enum rc rc = add_string(b, name);

	if (rc == RC_OK)
		rc = buf_add_text(b, ":");
	return rc == RC_OK ? add_string(b, text) : rc;
}

/* The help text, and the names that would be right there. */
static enum rc
add_help(struct buf *b, const struct finding *finding)
{
	enum rc rc = buf_add_text(b, "\"help\":\"");
	size_t i;

	if (rc == RC_OK)
		rc = add_escaped(b, finding->help);
	for (i = 0; rc == RC_OK && i < EXPECTED_MAX; i++)
		if (finding->expected[i] != NULL)
			rc = buf_addf(b, "%s%s", i == 0 ? " Expected: " : ", ",
			    finding->expected[i]);
	return rc == RC_OK ? buf_add_text(b, "\"}") : rc;
}

static enum rc
add_finding(struct buf *b, const struct finding *finding, bool first)
{
	enum rc rc;

	rc = buf_addf(b,
	    "%s{\"rule\":\"%s\",\"severity\":\"%c\",\"class\":"
	    "\"%s\",",
	    first ? "" : ",", finding->rule, (char)finding->severity,
	    finding->system ? "system" : "business");
	if (rc == RC_OK)
		rc = add_member(b, "path", finding->path);
	if (rc == RC_OK)
		rc = buf_addf(b, ",\"line\":%u,\"offset\":%u,", finding->line,
		    finding->offset);
	if (rc == RC_OK && finding->has_codepoint)
		rc = buf_addf(b, "\"codePoint\":\"U+%04X\",",
		    finding->codepoint);
	return rc == RC_OK ? add_help(b, finding) : rc;
}

/* As many findings as fit before the tail; the rest is counted in *more. */
static enum rc
add_findings(struct buf *b, const struct findings *f, size_t start,
    size_t *more)
{
	size_t i, before, count = f == NULL ? 0 : findings_count(f);
	enum rc rc = buf_add_text(b, ",\"findings\":[");

	*more = f == NULL ? 0 : findings_more(f);
	for (i = 0; rc == RC_OK && i < count; i++) {
		before = buf_len(b);
		rc = add_finding(b, findings_get(f, i), i == 0);
		if (rc == RC_LIMIT ||
		    buf_len(b) - start > ANSWER_MAX - TAIL_ROOM) {
			buf_truncate(b, before);
			*more += count - i;
			rc = RC_OK;
			break;
		}
	}
	return rc;
}

static enum rc
add_advice(struct buf *b, unsigned advice)
{
	bool first = true;
	size_t i;
	enum rc rc = buf_add_text(b, ",\"advice\":[");

	for (i = 0; rc == RC_OK && i < sizeof(advices) / sizeof(advices[0]);
	     i++) {
		if ((advice & advices[i].advice) == 0)
			continue;
		if (!first)
			rc = buf_add_text(b, ",");
		if (rc == RC_OK)
			rc = add_string(b, advices[i].text);
		first = false;
	}
	return rc == RC_OK ? buf_add_text(b, "]") : rc;
}

static enum rc
add_head(struct buf *b, const struct answer *answer)
{
	enum rc rc;

	if (answer->http_status < 400) {
		rc = buf_add_text(b, "{");
		return rc == RC_OK ? add_member(b, "status", answer->word) : rc;
	}
	rc = buf_add_text(b, "{\"type\":\"about:blank\",");
	if (rc == RC_OK)
		rc = add_member(b, "title", answer->title);
	if (rc == RC_OK)
		rc = buf_addf(b, ",\"status\":%d,", answer->http_status);
	return rc == RC_OK ? add_member(b, "detail", answer->detail) : rc;
}

enum rc
findings_json(const struct findings *f, const struct answer *answer,
    struct buf *b)
{
	size_t start = buf_len(b), more = 0;
	enum rc rc = add_head(b, answer);

	if (rc == RC_OK)
		rc = add_findings(b, f, start, &more);
	if (rc == RC_OK)
		rc = buf_addf(b, "],\"more\":%zu", more);
	if (rc == RC_OK)
		rc = add_advice(b, f == NULL ? 0 : findings_advice(f));
	if (rc == RC_OK && answer->http_status < 400) {
		rc = buf_add_text(b, ",");
		if (rc == RC_OK)
			rc = add_member(b, "forwarding", answer->forwarding);
	}
	return rc == RC_OK ? buf_add_text(b, "}") : rc;
}
