/* Answers as they go out. */
#include "answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "http.h"
#include "log.h"

#define PROBLEM_JSON "application/problem+json"
#define SEND_AGAIN                                                             \
	"Send the same report again, with the same Id and Blind: a report "    \
	"that was kept is recognised and not stored twice."

/* ASCII without quotes and backslashes: nothing needs an escape. */
static const struct {
	int status;
	const char *title, *detail;
} problems[PROBLEM_COUNT] = {
    [PROBLEM_REQUEST] = {400, "The request is not understood",
	"Nothing was kept. Send a plain HTTP/1.1 request as /v1/openapi.yaml "
	"describes it."},
    [PROBLEM_PARTY] = {403, "This is not for your certificate",
	"Nothing was kept. Reports come from partners, with a certificate of "
	"the partner authority."},
    [PROBLEM_TARGET] = {404, "There is nothing of this name",
	"See /v1/openapi.yaml for what there is."},
    [PROBLEM_METHOD] = {405, "This can not be done here",
	"The Allow line names the method that can."},
    [PROBLEM_SLOW] = {408, "The request took too long",
	"Nothing was kept. " SEND_AGAIN},
    [PROBLEM_SIZE] = {413, "The report is too large",
	"Nothing was kept. Shorten the report, or send it in parts, each with "
	"an Id and a Blind of its own."},
    [PROBLEM_TARGET_SIZE] = {414, "The target of the request is too long",
	"See /v1/openapi.yaml for what there is."},
    [PROBLEM_TYPE] = {415, "This is not the type of a report",
	"Nothing was kept. Send XML in UTF-8 as application/xml."},
    [PROBLEM_EXPECTATION] = {417, "The request expects what is not offered",
	"Nothing was kept. Expect may only say 100-continue."},
    [PROBLEM_CONNECTIONS] = {429, "Too many connections at one time",
	"Nothing was read or kept. Wait as Retry-After says. " SEND_AGAIN},
    [PROBLEM_REPORTS] = {429, "No more reports today",
	"Nothing was kept. Wait as Retry-After says. " SEND_AGAIN},
    [PROBLEM_HEAD_SIZE] = {431, "The head of the request is too large",
	"Nothing was kept. Send fewer and shorter header fields."},
    [PROBLEM_FAILED] = {500, "The report could not be processed",
	"It was not kept. Do not send it again unchanged; tell the operator "
	"of the gateway that this happened."},
    [PROBLEM_CODING] = {501, "The body is coded in an unknown way",
	"Nothing was kept. Send it plain, with a Content-Length or chunked."},
    [PROBLEM_BUSY] = {503, "The gateway is busy",
	"The report was not kept. " SEND_AGAIN},
    [PROBLEM_UNKNOWN] = {503, "The report is not known to be kept",
	"It may be kept or not. " SEND_AGAIN},
    [PROBLEM_VERSION] = {505, "This is not HTTP/1.1",
	"Nothing was kept. Send the request as HTTP/1.1."},
};

int
problem_status(enum problem p)
{
	return problems[p].status;
}

enum problem
problem_of_status(int status)
{
	switch (status) {
	case 413:
		return PROBLEM_SIZE;
	case 414:
		return PROBLEM_TARGET_SIZE;
	case 417:
		return PROBLEM_EXPECTATION;
	case 431:
		return PROBLEM_HEAD_SIZE;
	case 501:
		return PROBLEM_CODING;
	case 505:
		return PROBLEM_VERSION;
	default:
		return PROBLEM_REQUEST;
	}
}

/* Status line and fields to the start of a. */
static enum rc
put_head(struct answer *a, int status, const char *type, size_t len,
    const struct answer_frame *frame)
{
	char extra[128] = "";
	int n = 0;

	if (frame->allow != NULL)
		n = snprintf(extra, sizeof(extra), "Allow: %s\r\n",
		    frame->allow);
	else if (frame->retry_s != 0)
		n = snprintf(extra, sizeof(extra),
		    "Retry-After: %" PRIu64 "\r\n", frame->retry_s);
	if (n < 0 || (size_t)n >= sizeof(extra))
		return RC_BAD;
	a->len = http_head((char *)a->bytes, ANSWER_HEAD_MAX, status, type, len,
	    frame->keep_alive, extra);
	return a->len == 0 ? RC_BAD : RC_OK;
}

enum rc
answer_json(struct answer *a, int status, const void *json, size_t len,
    const struct answer_frame *frame)
{
	enum rc rc;

	if (len > ANSWER_SIZE)
		return RC_LIMIT;
	rc = put_head(a, status,
	    status < 400 ? "application/json" : PROBLEM_JSON, ANSWER_SIZE,
	    frame);
	if (rc != RC_OK || frame->bodiless)
		return rc;
	memcpy(a->bytes + a->len, json, len);
	memset(a->bytes + a->len + len, ' ', ANSWER_SIZE - len);
	a->len += ANSWER_SIZE;
	return RC_OK;
}

void
answer_problem(struct answer *a, enum problem p,
    const struct answer_frame *frame)
{
	char json[1024];
	int n;

	n = snprintf(json, sizeof(json),
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
	    "\"detail\":\"%s\",\"findings\":[],\"more\":0,\"advice\":[]}",
	    problems[p].title, problems[p].status, problems[p].detail);
	if (n < 0 || (size_t)n >= sizeof(json) ||
	    answer_json(a, problems[p].status, json, (size_t)n, frame) != RC_OK)
		bug("a problem does not fit an answer");
}

enum rc
answer_file(struct answer *a, const char *type, size_t len,
    const struct answer_frame *frame)
{
	return put_head(a, 200, type, len, frame);
}

uint64_t
answer_due(uint64_t start_ns, uint64_t now_ns, uint64_t grid_ms)
{
	uint64_t grid_ns = grid_ms * MILLI_NS, steps;

	if (grid_ns == 0 || now_ns < start_ns)
		return now_ns;
	steps = (now_ns - start_ns + grid_ns - 1) / grid_ns;
	return start_ns + (steps == 0 ? 1 : steps) * grid_ns;
}
