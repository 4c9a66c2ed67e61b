/* The life of one report on the way to the gateway. What counts is what the
 * gateway may hold afterwards: an answer that is lost once leaves the report
 * "unsure" until the gateway says that it has it, whatever it says else. */
#include "submit.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "show.h"
#include "wire.h"

enum { REQUEST_SECONDS = 60, FIRST_WAIT_S = 1 };

#define PATH_REPORTS "/v1/reports"
#define PATH_CHECK "/v1/check"

/* What one answer means. */
enum meaning {
	MEANS_ACCEPTED,
	MEANS_RETURNED, /* 400, 413, 422: not kept, the report is to change */
	MEANS_HARMFUL,  /* 500: not kept */
	MEANS_REFUSED,  /* certificate or role: not kept */
	MEANS_WRONG,    /* 404 and the like: this is no such gateway */
	MEANS_CONFLICT, /* 409 */
	MEANS_BUSY,     /* 429, or no connection: not kept, try again */
	MEANS_UNSURE,   /* 503, or the answer was lost: try again */
	MEANS_SETTINGS  /* a file or address of ours */
};

enum outcome
outcome_worse(enum outcome a, enum outcome b)
{
	static const enum outcome order[] = {OUTCOME_UNKNOWN, OUTCOME_CONFLICT,
	    OUTCOME_HARMFUL, OUTCOME_REFUSED, OUTCOME_FAILED, OUTCOME_USAGE,
	    OUTCOME_NOT_SENT, OUTCOME_RETURNED, OUTCOME_URGENT,
	    OUTCOME_ACCEPTED};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i] || b == order[i])
			return order[i];
	}
	return OUTCOME_FAILED;
}

static enum meaning
meaning_of_status(long status)
{
	switch (status) {
	case 200:
	case 201:
		return MEANS_ACCEPTED;
	case 400:
	case 413:
	case 422:
		return MEANS_RETURNED;
	case 401:
	case 403:
		return MEANS_REFUSED;
	case 409:
		return MEANS_CONFLICT;
	case 408:
	case 429:
		return MEANS_BUSY;
	case 500:
		return MEANS_HARMFUL;
	default:
		/* 502, 503, 504: something may have been kept */
		return status >= 500 ? MEANS_UNSURE : MEANS_WRONG;
	}
}

static enum meaning
meaning_of(const struct answer_raw *a)
{
	switch (a->what) {
	case EXCHANGE_ANSWERED:
		return meaning_of_status(a->status);
	case EXCHANGE_NOT_SENT:
		return MEANS_BUSY;
	case EXCHANGE_REFUSED:
	case EXCHANGE_UNTRUSTED:
		return MEANS_REFUSED;
	case EXCHANGE_CONFIG:
		return MEANS_SETTINGS;
	default:
		return MEANS_UNSURE;
	}
}

/* --- showing an answer --- */

static void
show_accepted(const struct reply *r, const struct entry *e, const char *name)
{
	char code[RECEIPT_TEXT];

	receipt_text(&e->receipt, code);
	show_name(stdout, name);
	printf(": %s; receipt code %s\n",
	    strcmp(reply_word(r), "DUPLICATE") == 0
		? "accepted already, kept once"
		: "accepted",
	    code);
	if (*reply_forwarding(r) != '\0') {
		printf("    ");
		show_text(stdout, reply_forwarding(r));
		putchar('\n');
	}
	(void)fflush(stdout);
	explicit_bzero(code, sizeof(code));
}

/* A sentence on what stands in the way, and what to do about it. */
static void
show_trouble(const char *name, const char *what, const struct answer_raw *a,
    const struct reply *r)
{
	char detail[512];

	show_plain(detail, sizeof(detail),
	    a->what == EXCHANGE_ANSWERED ? reply_detail(r) : a->why);
	if (a->what == EXCHANGE_ANSWERED)
		show_error("%s: %s (%ld) %s", name, what, a->status, detail);
	else
		show_error("%s: %s: %s", name, what, detail);
}

static void
show_stored(const struct entry *e, const char *name)
{
	char code[RECEIPT_TEXT];

	receipt_text(&e->receipt, code);
	show_name(stdout, name);
	printf(": stored here; receipt code %s\n", code);
	printf("    send the same report again: cutout-submit resend %s\n",
	    code);
	(void)fflush(stdout);
	explicit_bzero(code, sizeof(code));
}

/* --- attempts --- */

/* Before the next attempt: what the gateway asked for, else doubling, drawn
 * from half to one and a half. -1: longer than the user is willing to wait. */
static long
wait_seconds(const struct options *o, long asked, long attempt)
{
	long base = FIRST_WAIT_S;
	unsigned char r = 128;

	if (asked > 0)
		return asked <= o->longest_s ? asked : -1;
	for (long i = 1; i < attempt && base < o->longest_s; i++)
		base *= 2;
	if (base > o->longest_s)
		base = o->longest_s;
	if (RAND_bytes(&r, 1) != 1)
		return base;
	return base / 2 + base * r / 255;
}

static void
wait_for(long seconds)
{
	struct timespec left = {.tv_sec = seconds};

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		continue;
}

/* The last attempt's answer, for the caller to free. */
struct attempt {
	struct answer_raw answer;
	struct reply *reply;
	enum meaning meaning;
	enum state before; /* UNSURE: an earlier attempt may have been kept */
	const struct reply *said; /* by this machine, while it is untold */
};

/* Who is to call 999 now hears it also when the gateway says nothing. */
static void
advise(struct attempt *t)
{
	if (reply_has_advice(t->reply))
		return;
	(void)reply_advise(t->said);
	t->said = NULL;
}

static void
attempt_clear(struct attempt *t)
{
	reply_free(t->reply);
	buf_free(t->answer.body);
	t->reply = NULL;
	t->answer.body = NULL;
}

/* Whether a 2xx says in the gateway's words what it is: anything else that
 * answers 200 to everything has kept nothing. */
static int
is_confirmed(const char *path, long status, const struct reply *r)
{
	static const struct {
		const char *path;
		long status;
		const char *word;
	} words[] = {{PATH_REPORTS, 201, "ACCEPTED"},
	    {PATH_REPORTS, 200, "DUPLICATE"}, {PATH_CHECK, 200, "CHECKED"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(path, words[i].path) == 0 &&
		    status == words[i].status &&
		    strcmp(reply_word(r), words[i].word) == 0)
			return 1;
	}
	return 0;
}

static enum rc
ask(const struct options *o, const char *path, const void *body, size_t len,
    struct attempt *t)
{
	struct target target = {.url = o->url,
	    .ca = o->ca,
	    .cert = o->cert,
	    .key = o->key,
	    .seconds = REQUEST_SECONDS};
	enum rc rc;

	attempt_clear(t);
	rc = transport_post(&target, path, body, len, &t->answer);
	if (rc != RC_OK)
		return rc;
	t->meaning = meaning_of(&t->answer);
	if (t->answer.what != EXCHANGE_ANSWERED)
		return RC_OK;
	rc = reply_parse(buf_data(t->answer.body), buf_len(t->answer.body),
	    &t->reply);
	if (t->meaning == MEANS_ACCEPTED &&
	    !is_confirmed(path, t->answer.status, t->reply))
		t->meaning = MEANS_UNSURE;
	return rc == RC_NOMEM ? rc : RC_OK;
}

/* The state after an answer. When the folder fails the answer still counts:
 * what is on disk is on the safe side, and its owner is told. */
static void
settle(struct store *s, struct entry *e, enum state state, const char *name)
{
	enum rc rc = store_state(s, e, state);

	if (rc == RC_OK)
		return;
	show_error("%s: warning: the receipts folder: %s; %s", name,
	    rc == RC_IO ? strerror(errno) : rc_text(rc),
	    e->state == STATE_ACCEPTED
		? "its text is still stored there"
		: "it is stored there as not known to be kept");
}

/* One attempt, with the state on disk before and after it. RC_IO: the folder
 * failed before anything was sent. */
static enum rc
attempt(const struct options *o, struct store *s, struct entry *e,
    const struct buf *body, const char *name, struct attempt *t)
{
	enum rc rc;

	t->before = e->state;
	/* before a byte leaves: after a crash it is a report that may have
	 * been kept */
	rc = store_state(s, e, STATE_UNSURE);
	if (rc != RC_OK)
		return rc;
	rc = ask(o, PATH_REPORTS, buf_data(body), buf_len(body), t);
	if (rc != RC_OK)
		return rc;
	switch (t->meaning) {
	case MEANS_ACCEPTED:
		settle(s, e, STATE_ACCEPTED, name);
		break;
	case MEANS_CONFLICT:
		settle(s, e, STATE_CONFLICT, name);
		break;
	case MEANS_UNSURE:
		break;
	default:
		/* not kept this time; an earlier doubt stays */
		settle(s, e, t->before, name);
		break;
	}
	return RC_OK;
}

static enum rc
attempts(const struct options *o, struct store *s, struct entry *e,
    const struct buf *body, const char *name, struct attempt *t)
{
	for (long n = 1;; n++) {
		enum rc rc = attempt(o, s, e, body, name, t);
		long seconds;

		if (rc != RC_OK ||
		    (t->meaning != MEANS_BUSY && t->meaning != MEANS_UNSURE))
			return rc;
		advise(t);
		if (n >= o->tries)
			return RC_OK;
		seconds = wait_seconds(o, t->answer.retry_after_s, n);
		if (seconds < 0)
			return RC_OK;
		wait_for(seconds);
	}
}

/* --- what to tell --- */

/* An earlier attempt may have been kept (409 says that something was): what
 * came of this one does not tell what became of the report. */
static enum outcome
this_time(const struct attempt *t, enum outcome outcome)
{
	return t->before == STATE_READY ? outcome : OUTCOME_UNKNOWN;
}

/* The gateway did not keep it this time. When an earlier attempt may have
 * been kept the entry stays, else it is of no more use. */
static enum outcome
not_kept(struct store *s, struct entry *e, const struct attempt *t,
    const char *name, enum outcome outcome)
{
	if (t->before != STATE_READY) {
		show_error("%s: an earlier attempt may have been kept; the "
			   "receipt stays, look for it in the bundle",
		    name);
		return outcome_worse(outcome, OUTCOME_UNKNOWN);
	}
	if (store_remove(s, e) != RC_OK)
		show_error("can not remove from the receipts folder: %s",
		    strerror(errno));
	return outcome;
}

static enum outcome
conclude(struct store *s, struct entry *e, struct attempt *t, const char *name)
{
	const struct answer_raw *a = &t->answer;
	int urgent = reply_show(t->reply, name);

	if (t->meaning != MEANS_ACCEPTED && t->meaning != MEANS_RETURNED)
		advise(t);
	switch (t->meaning) {
	case MEANS_ACCEPTED:
		show_accepted(t->reply, e, name);
		return urgent ? OUTCOME_URGENT : OUTCOME_ACCEPTED;
	case MEANS_RETURNED:
		show_trouble(name, "returned, not kept", a, t->reply);
		return not_kept(s, e, t, name, OUTCOME_RETURNED);
	case MEANS_HARMFUL:
		show_trouble(name,
		    "the report made the gateway fail and was not kept; do "
		    "not send it unchanged",
		    a, t->reply);
		return not_kept(s, e, t, name, OUTCOME_HARMFUL);
	case MEANS_CONFLICT:
		show_trouble(name,
		    "the gateway holds another report under this id; what "
		    "became of this one is not known: look for the receipt "
		    "in the bundle",
		    a, t->reply);
		show_stored(e, name);
		return OUTCOME_CONFLICT;
	case MEANS_REFUSED:
		show_trouble(name,
		    a->what == EXCHANGE_UNTRUSTED
			? "the server is not the gateway that --ca and --url "
			  "name; nothing was sent"
			: "the gateway refuses this certificate; not kept",
		    a, t->reply);
		show_stored(e, name);
		return this_time(t, OUTCOME_REFUSED);
	case MEANS_BUSY:
		show_trouble(name,
		    t->before == STATE_READY
			? "the gateway is busy or not reachable; nothing was "
			  "kept"
			: "the gateway is busy or not reachable; an earlier "
			  "attempt may have been kept",
		    a, t->reply);
		show_stored(e, name);
		return this_time(t, OUTCOME_NOT_SENT);
	case MEANS_UNSURE:
		show_trouble(name, "not known whether it was kept", a,
		    t->reply);
		show_stored(e, name);
		return OUTCOME_UNKNOWN;
	default:
		show_trouble(name, "can not be sent there", a, t->reply);
		show_stored(e, name);
		return this_time(t, OUTCOME_FAILED);
	}
}

enum outcome
submit_entry(const struct options *o, struct store *s, struct entry *e,
    const char *name, const struct reply *said)
{
	struct buf *body = buf_new(BODY_MAX + 4096);
	struct attempt t = {.reply = NULL, .said = said};
	enum outcome outcome = OUTCOME_FAILED;
	int claim = -1;
	enum rc rc;

	rc = body == NULL ? RC_NOMEM : store_claim(s, e, &claim);
	if (rc == RC_AGAIN) {
		show_error("%s: another cutout-submit is sending it", name);
		goto out;
	}
	/* as it is now that nobody else is at it */
	if (rc == RC_OK)
		rc = store_find(s, &e->receipt, e);
	if (rc == RC_OK)
		rc = store_body(s, e, body);
	if (rc == RC_OK)
		rc = attempts(o, s, e, body, name, &t);
	if (rc == RC_OK) {
		outcome = conclude(s, e, &t, name);
	} else {
		advise(&t);
		show_error("%s: the receipts folder: %s", name,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
		if (e->state == STATE_UNSURE)
			outcome = OUTCOME_UNKNOWN;
	}
out:
	attempt_clear(&t);
	if (claim != -1)
		close(claim);
	buf_free_secret(body);
	return outcome;
}

enum outcome
submit_check(const struct options *o, const void *body, size_t len,
    const char *name)
{
	struct attempt t = {.reply = NULL};
	enum outcome outcome = OUTCOME_FAILED;
	int urgent;

	if (ask(o, PATH_CHECK, body, len, &t) != RC_OK) {
		show_error("%s: out of memory", name);
		return OUTCOME_FAILED;
	}
	urgent = reply_show(t.reply, name);
	switch (t.meaning) {
	case MEANS_ACCEPTED:
		outcome = reply_returns(t.reply) ? OUTCOME_RETURNED
			  : urgent               ? OUTCOME_URGENT
						 : OUTCOME_ACCEPTED;
		break;
	case MEANS_RETURNED:
		outcome = OUTCOME_RETURNED;
		break;
	case MEANS_HARMFUL:
		outcome = OUTCOME_HARMFUL;
		break;
	case MEANS_REFUSED:
		outcome = OUTCOME_REFUSED;
		break;
	case MEANS_BUSY:
	case MEANS_UNSURE:
		/* nothing is ever kept of a check */
		outcome = OUTCOME_NOT_SENT;
		break;
	default:
		break;
	}
	if (t.meaning != MEANS_ACCEPTED)
		show_trouble(name, "checked", &t.answer, t.reply);
	attempt_clear(&t);
	return outcome;
}
