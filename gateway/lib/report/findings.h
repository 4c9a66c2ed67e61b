/* What is wrong with a report, or worth knowing about it, without one byte of
 * the report: a finding is a rule, a place and a help text of ours. */
#ifndef CUTOUT_FINDINGS_H
#define CUTOUT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "result.h"

enum { FINDINGS_MAX = 25, FINDING_PATH = 160, EXPECTED_MAX = 4 };

/* R rejects, Q asks for a change or for Envelope/Confirm, W warns, X adds
 * advice. Q, W and X findings that are not raised leave no trace. */
enum severity {
	SEVERITY_NONE = 0,
	SEVERITY_X = 'X',
	SEVERITY_W = 'W',
	SEVERITY_Q = 'Q',
	SEVERITY_R = 'R'
};

struct finding {
	const char *rule; /* "BR-51", "XSD": the contract's, not the report's */
	enum severity severity;
	bool system;      /* class "system" instead of "business" */
	const char *help; /* the contract's text: what to do */
	/* elements that would be right there, from our table */
	const char *expected[EXPECTED_MAX];
	char path[FINDING_PATH]; /* elements of our table, never values */
	uint32_t line;           /* from 1; 0: about the whole report */
	uint32_t offset;         /* bytes from the start of the body */
	bool has_codepoint;
	uint32_t codepoint;
};

/* Pieces of advice, said loudly by clients; bits. */
enum advice {
	ADVICE_999 = 1,
	ADVICE_101 = 2,
	ADVICE_SAFEGUARDING = 4,
	ADVICE_PREVENT = 8,
	ADVICE_CRIME = 16
};

struct findings;

/* NULL: out of memory. The caller frees it. */
struct findings *findings_new(void) MUST_USE;
void findings_free(struct findings *f);

/* At most FINDINGS_MAX are kept, R and Q before W and X, otherwise the first
 * that were met, in the order of the document; findings_more() counts the
 * rest. */
size_t findings_count(const struct findings *f);
const struct finding *findings_get(const struct findings *f, size_t i);
size_t findings_more(const struct findings *f);
unsigned findings_advice(const struct findings *f);

/* 201: nothing stands against the report. 422: it breaks a rule, or asks for
 * a confirmation. 400: not well-formed, or hostile. */
int findings_status(const struct findings *f);

/* What an answer says besides the findings. title and detail only stand in
 * answers from 400 on, forwarding only below; both are ours and ASCII. */
struct answer {
	int http_status;        /* 200, 201, 400, 409, 422, 500, 503 */
	const char *word;       /* "ACCEPTED", "DUPLICATE", "CHECKED" */
	const char *forwarding; /* how long forwarding may take */
	const char *title;
	const char *detail; /* what to do next */
};

/* Appends the JSON body (DESIGN section 4): from 400 on the RFC 9457 form,
 * ASCII only, at most ANSWER_MAX bytes; what does not fit counts as more.
 * f NULL: no findings. RC_LIMIT: b has less room than ANSWER_MAX and it was
 * not enough. RC_NOMEM. */
enum rc findings_json(const struct findings *f, const struct answer *answer,
    struct buf *b) MUST_USE;

#endif
