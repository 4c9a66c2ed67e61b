/* The words of each answer about a report: plain ones, and what to do next. */
#include "outcome.h"

#include "buf.h"
#include "frame.h"

#define RESEND                                                                 \
	"Send the same report again in a few minutes, with the same Id and "   \
	"Blind: a report that was kept is recognised and not stored twice."

static const struct answer answers[] = {
    [OUTCOME_CHECKED] = {.http_status = 200, .word = "CHECKED"},
    [OUTCOME_ACCEPTED] = {.http_status = 201, .word = "ACCEPTED"},
    [OUTCOME_DUPLICATE] = {.http_status = 200, .word = "DUPLICATE"},
    [OUTCOME_HOSTILE] = {.http_status = 400,
	.title = "This is not a report that can be read",
	.detail = "Nothing was kept. Correct what the findings name, or export "
		  "the report again as XML 1.0 in UTF-8 without a DOCTYPE."},
    [OUTCOME_RETURNED] = {.http_status = 422,
	.title = "The report is returned",
	.detail = "Nothing was kept. Change what the findings name, or confirm "
		  "those that may be confirmed, and send it again."},
    [OUTCOME_CONFLICT] = {.http_status = 409,
	.title = "Another report was sent with this Id",
	.detail = "This one was not kept. A new report needs a new Id and "
		  "Blind. If you sent the very bytes that you stored, do not "
		  "take a new Id: the state of your report is unknown here."},
    [OUTCOME_CLOSED] = {.http_status = 503,
	.title = "The gateway takes no reports just now",
	.detail = "The report was not kept. " RESEND},
    [OUTCOME_UNKNOWN] = {.http_status = 503,
	.title = "The report is not known to be kept",
	.detail = RESEND},
    [OUTCOME_FAILED] = {.http_status = 500,
	.title = "The report could not be processed",
	.detail = "It was not kept. Do not send it again unchanged; tell the "
		  "operator of the gateway that this happened."},
};

/* DESIGN sections 4 and 6; cutoutd.conf(5) has the pace. */
static const char *const forwarding[] = {
    [LANE_POOL] = "Your report is kept and will be forwarded to the police "
		  "intelligence unit. That usually happens within a day and "
		  "can take up to five days. It is not monitored round the "
		  "clock: in an emergency call 999.",
    [LANE_FAST] = "Your report is kept and leaves for the police intelligence "
		  "unit within about five minutes. It is not monitored round "
		  "the clock: in an emergency call 999.",
};

enum outcome
outcome_of_verdict(uint8_t verdict)
{
	switch (verdict) {
	case VERDICT_STORED:
		return OUTCOME_ACCEPTED;
	case VERDICT_DUPLICATE:
		return OUTCOME_DUPLICATE;
	case VERDICT_CONFLICT:
		return OUTCOME_CONFLICT;
	case VERDICT_CLOSED:
		return OUTCOME_CLOSED;
	case VERDICT_REFUSED:
		return OUTCOME_FAILED;
	default:
		return OUTCOME_UNKNOWN;
	}
}

enum rc
outcome_send(int channel, enum outcome outcome, enum lane lane,
    const struct findings *findings)
{
	struct answer answer = answers[outcome];
	struct buf *json = buf_new(ANSWER_MAX);
	uint8_t status[2];
	enum rc rc;

	if (json == NULL)
		return RC_NOMEM;
	if (answer.http_status < 400)
		answer.forwarding =
		    outcome == OUTCOME_CHECKED ? "" : forwarding[lane];
	rc = findings_json(findings, &answer, json);
	put_u16(status, (uint16_t)answer.http_status);
	if (rc == RC_OK)
		rc = frame_write(channel, FRAME_ANSWER, status, sizeof(status));
	if (rc == RC_OK)
		rc = frame_write_body(channel, buf_data(json), buf_len(json));
	buf_free(json);
	return rc;
}
