/* What this machine says about a report. */
#include "judge.h"

#include <stdio.h>

#include "reply.h"
#include "show.h"

enum { JSON_MAX = 65536 };

/* Findings in the form of the gateway's answer, so that both are shown by the
 * same code in the same words. */
static enum rc
as_reply(const struct findings *f, struct reply **out)
{
	struct answer answer = {.http_status = findings_status(f),
	    .word = "CHECKED",
	    .forwarding = "",
	    .title = "",
	    .detail = ""};
	struct buf *b = buf_new(JSON_MAX);
	enum rc rc;

	if (b == NULL)
		return RC_NOMEM;
	rc = findings_json(f, &answer, b);
	if (rc == RC_OK)
		rc = reply_parse(buf_data(b), buf_len(b), out);
	buf_free(b);
	return rc;
}

enum outcome
judge(const struct checker *c, const struct draft *d, struct reply **said)
{
	enum outcome outcome = OUTCOME_FAILED;
	struct findings *f = NULL;
	struct reply *r = NULL;
	int returned, urgent = 0;
	enum rc rc;

	rc = checker_run(c, buf_data(d->judged), buf_len(d->judged), &f);
	if (rc == RC_OK)
		rc = as_reply(f, &r);
	if (rc != RC_OK) {
		show_error("%s: %s", d->path, rc_text(rc));
		goto out;
	}
	returned = findings_status(f) >= 400;
	if (returned || said == NULL)
		urgent = reply_show(r, d->path);
	outcome = returned ? OUTCOME_RETURNED
		  : urgent ? OUTCOME_URGENT
			   : OUTCOME_ACCEPTED;
	if (!returned && said != NULL) {
		*said = r;
		r = NULL; /* the caller owns it now */
	}
out:
	reply_free(r);
	findings_free(f);
	return outcome;
}

struct checker *
judge_load(const struct options *o)
{
	struct checker *c = NULL;
	const char *why = NULL;
	enum rc rc = checker_new(o->schema, &c, &why);

	if (rc == RC_OK)
		return c;
	show_error("the schema folder %s does not serve: %s; name the right "
		   "one with --schema",
	    o->schema, why == NULL ? rc_text(rc) : why);
	return NULL;
}

static enum outcome
check_one(const struct options *o, const struct checker *checker,
    const char *path)
{
	enum outcome outcome = OUTCOME_FAILED;
	struct draft d;
	enum rc rc;

	rc = draft_read(&d, path);
	if (rc != RC_OK)
		goto out;
	rc = draft_prepare(&d);
	if (rc == RC_NOMEM || rc == RC_LIMIT) {
		show_error("%s: %s", path, rc_text(rc));
		goto out;
	}
	if (o->online && rc == RC_OK)
		outcome =
		    submit_check(o, buf_data(d.body), buf_len(d.body), path);
	else
		outcome = judge(checker, &d, NULL);
	if (outcome == OUTCOME_ACCEPTED || outcome == OUTCOME_URGENT) {
		show_name(stdout, path);
		printf(": nothing stands against it\n");
	}
out:
	draft_free(&d);
	return outcome;
}

enum outcome
command_check(const struct options *o)
{
	enum outcome outcome = OUTCOME_ACCEPTED;
	struct checker *checker;

	if (o->online && options_need_gateway(o) != RC_OK)
		return OUTCOME_FAILED;
	checker = judge_load(o);
	if (checker == NULL)
		return OUTCOME_FAILED;
	for (int i = 0; i < o->word_count; i++)
		outcome =
		    outcome_worse(outcome, check_one(o, checker, o->words[i]));
	checker_free(checker);
	return outcome;
}
