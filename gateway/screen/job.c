/* One report: read, judged, rebuilt, sealed, handed on, answered. The order is
 * the design: the plaintext is gone before the envelope leaves, the session
 * hears "handed over" right before the last frame does, and only queue's
 * verdict makes an answer that says kept. */
#include "job.h"

#include <string.h>
#include <time.h>

#include "buf.h"
#include "derive.h"
#include "findings.h"
#include "frame.h"
#include "outcome.h"
#include "report.h"
#include "seal.h"
#include "wire.h"

struct work {
	const struct screen *s;
	struct findings *findings;
	struct fields *fields;
	struct buf *raw, *dup, *plain, *envelope;
	uint8_t header[SUBMIT_LEN];
	enum lane lane;
	uint8_t class;
	int destination;
};

static int64_t
now_wall_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec;
}

/* Everything that could tell what was in the report or who sent it. */
static void
forget(struct work *w)
{
	buf_free_secret(w->raw);
	buf_free_secret(w->dup);
	buf_free_secret(w->plain);
	fields_free(w->fields);
	w->raw = w->dup = w->plain = NULL;
	w->fields = NULL;
}

static void
forget_all(struct work *w)
{
	forget(w);
	findings_free(w->findings);
	buf_free(w->envelope);
	explicit_bzero(w->header, sizeof(w->header));
}

static enum rc
read_body(struct work *w, int channel)
{
	w->raw = buf_new((size_t)w->s->body_max);
	w->findings = findings_new();
	if (w->raw == NULL || w->findings == NULL)
		return RC_NOMEM;
	return frame_read_body(channel, w->raw);
}

/* From raw XML to fields that the rules have judged. RC_DENIED: the findings
 * say why not. */
static enum rc
judge(struct work *w)
{
	struct rule_context context = {
	    .now_wall_s = now_wall_s() + w->s->clock_offset_s,
	    .destinations_known = true,
	    .destinations = w->s->rule,
	    .destination_count = w->s->destinations->count,
	    .operations_known = true,
	    .operations = w->s->destinations->operation,
	    .operation_count = w->s->destinations->operation_count,
	};
	enum rc rc;

	rc = report_read(w->s->contract, buf_data(w->raw), buf_len(w->raw),
	    w->findings, &w->fields);
	if (rc != RC_OK)
		return rc;
	/* what was submitted, before a rule completes anything */
	w->dup = buf_new(4 * BODY_MAX);
	if (w->dup == NULL)
		return RC_NOMEM;
	rc = report_dup(w->fields, w->dup);
	if (rc == RC_OK)
		rc = report_rules(w->s->contract, w->fields, &context,
		    w->findings);
	if (rc != RC_OK)
		return rc;
	w->lane = report_lane(w->fields);
	w->destination = report_destination(w->fields, &context);
	return findings_status(w->findings) == 201 ? RC_OK : RC_DENIED;
}

/* The new document, and whether it fits. */
static enum rc
rebuild(struct work *w)
{
	enum rc rc;

	w->plain = buf_new(CLASS_BYTES(CLASS_COUNT - 1));
	if (w->plain == NULL)
		return RC_NOMEM;
	rc = report_write(w->s->contract, w->fields, w->findings, w->s->kind,
	    w->plain);
	if (rc == RC_LIMIT) {
		report_check_size(w->s->contract,
		    CLASS_BYTES(CLASS_COUNT - 1) + 1, w->lane, w->findings);
		return RC_DENIED;
	}
	if (rc != RC_OK)
		return rc;
	report_check_size(w->s->contract, buf_len(w->plain), w->lane,
	    w->findings);
	if (findings_status(w->findings) != 201 || w->destination < 0)
		return RC_DENIED;
	return report_class(buf_len(w->plain), &w->class);
}

/* k, dup and b, and the numbers signer and queue go by. */
static enum rc
derive_header(struct work *w)
{
	uint8_t *p = w->header;
	enum rc rc;

	rc = derive_k(report_id(w->fields), p);
	if (rc == RC_OK)
		rc = derive_dup(report_blind(w->fields), buf_data(w->dup),
		    buf_len(w->dup), p + HASH_LEN);
	if (rc == RC_OK)
		rc =
		    derive_b(report_blind(w->fields), p + 2 * (size_t)HASH_LEN);
	p += 3 * (size_t)HASH_LEN;
	p[0] = (uint8_t)w->lane;
	p[1] = w->class;
	p[2] = (uint8_t)w->destination;
	return rc;
}

static enum rc
seal_plain(struct work *w)
{
	const struct recipients *r =
	    w->s->destinations->place[w->destination].recipients;
	enum rc rc;

	rc = report_pad(w->plain, w->class);
	if (rc != RC_OK)
		return rc;
	w->envelope = buf_new(CLASS_BYTES(w->class) + SEAL_ROOM);
	if (w->envelope == NULL)
		return RC_NOMEM;
	return seal(buf_data(w->plain), buf_len(w->plain), r->cert, r->count,
	    w->envelope);
}

/* Sends the envelope to signer and waits for the verdict. */
static enum rc
hand_over(struct work *w, int channel, int signer, uint8_t *verdict)
{
	const uint8_t *p = buf_data(w->envelope);
	size_t left = buf_len(w->envelope);
	uint8_t total[8];
	struct frame f;
	enum rc rc;

	rc = frame_write(signer, FRAME_SUBMIT, w->header, sizeof(w->header));
	explicit_bzero(w->header, sizeof(w->header));
	while (rc == RC_OK && left > 0) {
		size_t n = left < FRAME_MAX ? left : FRAME_MAX;

		rc = frame_write(signer, FRAME_DATA, p, n);
		p += n;
		left -= n;
	}
	put_u64(total, buf_len(w->envelope));
	/* from here on the report may be kept whatever becomes of us */
	if (rc == RC_OK)
		rc = frame_write(channel, FRAME_HANDED, NULL, 0);
	if (rc == RC_OK)
		rc = frame_write(signer, FRAME_END, total, sizeof(total));
	if (rc == RC_OK)
		rc = frame_read(signer, &f);
	if (rc != RC_OK)
		return rc;
	if (f.type != FRAME_VERDICT || f.len != 1)
		return RC_BAD;
	*verdict = f.raw_data[0];
	return RC_OK;
}

static enum rc
submit(struct work *w, int channel, int signer)
{
	uint8_t verdict;
	enum rc rc;

	/* certificates end while a process waits; there is no sealing to fewer
	 */
	if (!destinations_hold(w->s->destinations, now_wall_s()))
		return outcome_send(channel, OUTCOME_CLOSED, w->lane,
		    w->findings);
	rc = derive_header(w);
	if (rc == RC_OK)
		rc = seal_plain(w);
	forget(w);
	if (rc == RC_OK)
		rc = hand_over(w, channel, signer, &verdict);
	if (rc != RC_OK)
		return rc;
	return outcome_send(channel, outcome_of_verdict(verdict), w->lane,
	    w->findings);
}

enum rc
job_serve(const struct screen *s, int channel, uint8_t kind, int signer)
{
	struct work w = {.s = s, .destination = -1};
	enum outcome outcome;
	enum rc rc;

	rc = read_body(&w, channel);
	if (rc != RC_OK)
		goto out;
	rc = judge(&w);
	if (rc == RC_OK)
		rc = rebuild(&w);
	if (rc != RC_OK && rc != RC_DENIED)
		goto out;
	if (rc == RC_OK && kind == JOB_REPORT) {
		rc = submit(&w, channel, signer);
		goto out;
	}
	if (kind == JOB_CHECK)
		outcome = OUTCOME_CHECKED;
	else
		outcome = findings_status(w.findings) == 400 ? OUTCOME_HOSTILE
							     : OUTCOME_RETURNED;
	forget(&w);
	rc = outcome_send(channel, outcome, w.lane, w.findings);
out:
	forget_all(&w);
	return rc;
}
