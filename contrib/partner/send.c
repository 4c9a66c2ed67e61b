/* Sending new reports: judged here, stored, then sent. */
#include "send.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "draft.h"
#include "judge.h"
#include "show.h"

static void
entry_name(struct entry *e, const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(e->name, sizeof(e->name), "%s",
	    slash == NULL ? path : slash + 1);
	for (char *p = e->name; *p != '\0'; p++) {
		if ((unsigned char)*p < 32 || *p == 127)
			*p = '?';
	}
}

/* The entry for a draft: the one that an earlier send of the same file left,
 * or a new one on stable storage. RC_DUPLICATE: it was accepted before. */
static enum rc
claim_entry(const struct options *o, struct store *s, const struct draft *d,
    struct entry *e)
{
	uint8_t source[EVP_MAX_MD_SIZE];
	enum rc rc;

	if (EVP_Digest(buf_data(d->raw), buf_len(d->raw), source, NULL,
		EVP_sha256(), NULL) != 1)
		return RC_CRYPTO;
	rc = store_lock(s);
	if (rc != RC_OK)
		return rc;
	rc = o->again ? RC_NOTFOUND : store_find_source(s, source, e);
	if (rc == RC_OK && e->state == STATE_ACCEPTED) {
		rc = RC_DUPLICATE;
	} else if (rc == RC_NOTFOUND) {
		memset(e, 0, sizeof(*e));
		e->receipt = d->receipt;
		e->state = STATE_READY;
		memcpy(e->source, source, SOURCE_HASH);
		entry_name(e, d->path);
		rc = store_add(s, e, buf_data(d->body), buf_len(d->body));
	}
	store_unlock(s);
	return rc;
}

enum outcome
accepted_before(const struct entry *e, const char *path)
{
	char code[RECEIPT_TEXT];

	receipt_text(&e->receipt, code);
	show_name(stdout, path);
	printf(": accepted before, not sent again; receipt code %s\n"
	       "    to send it as another report use --again\n",
	    code);
	explicit_bzero(code, sizeof(code));
	return OUTCOME_ACCEPTED;
}

/* What is to be sent must be what was judged, less the submitter. *said: what
 * the check had to say, for the caller to free. */
static enum outcome
ready_to_send(const struct options *o, const struct checker *checker,
    struct draft *d, struct reply **said)
{
	enum outcome outcome;
	enum rc rc = draft_prepare(d);

	if (rc == RC_NOMEM || rc == RC_LIMIT) {
		show_error("%s: %s", d->path, rc_text(rc));
		return OUTCOME_FAILED;
	}
	outcome = o->no_check ? OUTCOME_ACCEPTED : judge(checker, d, said);
	if (outcome != OUTCOME_ACCEPTED)
		return outcome;
	if (rc == RC_OK && buf_len(d->body) > BODY_MAX)
		rc = RC_LIMIT;
	if (rc == RC_OK && !o->no_check)
		rc = checker_confirm(checker, buf_data(d->body),
		    buf_len(d->body), d->id, d->blind);
	if (rc == RC_OK)
		return OUTCOME_ACCEPTED;
	(void)reply_advise(*said);
	show_error(rc == RC_LIMIT ? "%s: longer than 1 MiB; shorten it"
				  : "%s: not a report that can be sent",
	    d->path);
	return OUTCOME_RETURNED;
}

static enum outcome
send_one(const struct options *o, const struct checker *checker,
    struct store *s, const char *path)
{
	enum outcome outcome = OUTCOME_FAILED;
	struct reply *said = NULL;
	struct draft d;
	struct entry e;
	enum rc rc;

	memset(&e, 0, sizeof(e));
	rc = draft_read(&d, path);
	if (rc != RC_OK)
		goto out;
	outcome = ready_to_send(o, checker, &d, &said);
	if (outcome != OUTCOME_ACCEPTED)
		goto out;
	rc = claim_entry(o, s, &d, &e);
	if (rc == RC_DUPLICATE) {
		outcome = accepted_before(&e, path);
	} else if (rc == RC_OK) {
		outcome = submit_entry(o, s, &e, path, said);
	} else {
		(void)reply_advise(said);
		show_error("%s: not sent, because the receipt can not be "
			   "stored: %s",
		    path, rc == RC_IO ? strerror(errno) : rc_text(rc));
		outcome = OUTCOME_FAILED;
	}
out:
	receipt_wipe(&e.receipt);
	draft_free(&d);
	reply_free(said);
	return outcome;
}

void
tally_count(struct tally *t, enum outcome one)
{
	t->done++;
	if (one == OUTCOME_ACCEPTED || one == OUTCOME_URGENT)
		t->sent++;
	if (one == OUTCOME_RETURNED)
		t->returned++;
	t->outcome = outcome_worse(t->outcome, one);
	show_progress(t->done, t->total, t->sent, t->returned,
	    t->done == t->total);
}

struct store *
open_receipts(const struct options *o)
{
	struct store *s = NULL;
	enum rc rc;

	if (o->receipts == NULL) {
		show_error("where are the receipts? Give --receipts DIR");
		return NULL;
	}
	rc = store_open(o->receipts, &s);
	if (rc == RC_DENIED)
		show_error("the receipts folder %s must be yours alone: "
			   "chmod 700 it",
		    o->receipts);
	else if (rc != RC_OK)
		show_error("the receipts folder %s: %s", o->receipts,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	return rc == RC_OK ? s : NULL;
}

enum outcome
command_send(const struct options *o)
{
	struct tally t = {.total = (unsigned long)o->word_count};
	struct checker *checker = NULL;
	struct store *s;

	if (options_need_gateway(o) != RC_OK)
		return OUTCOME_FAILED;
	if (!o->no_check) {
		checker = judge_load(o);
		if (checker == NULL)
			return OUTCOME_FAILED;
	}
	s = open_receipts(o);
	if (s == NULL)
		t.outcome = OUTCOME_FAILED;
	for (int i = 0; s != NULL && i < o->word_count; i++)
		tally_count(&t, send_one(o, checker, s, o->words[i]));
	store_close(s);
	checker_free(checker);
	return t.outcome;
}
