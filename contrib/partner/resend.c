/* What lies in the receipts folder: listed, and sent again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "send.h"
#include "show.h"

static enum outcome
resend_one(const struct options *o, struct store *s, struct entry *e)
{
	if (e->state == STATE_ACCEPTED)
		return accepted_before(e, e->name);
	return submit_entry(o, s, e, e->name, NULL);
}

static enum outcome
resend_pending(const struct options *o, struct store *s)
{
	struct tally t = {.total = 0};
	struct entry *list = NULL;
	size_t n = 0, damaged = 0;
	enum rc rc = store_list(s, &list, &n, &damaged);

	if (rc != RC_OK) {
		show_error("the receipts folder: %s",
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
		return OUTCOME_FAILED;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].state == STATE_READY ||
		    list[i].state == STATE_UNSURE)
			t.total++;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].state == STATE_READY ||
		    list[i].state == STATE_UNSURE)
			tally_count(&t, resend_one(o, s, &list[i]));
	}
	if (t.total == 0)
		printf("nothing is pending\n");
	if (damaged > 0) {
		show_error("%zu receipt files are damaged", damaged);
		t.outcome = outcome_worse(t.outcome, OUTCOME_FAILED);
	}
	if (n > 0)
		explicit_bzero(list, n * sizeof(*list));
	free(list);
	return t.outcome;
}

static enum outcome
resend_code(const struct options *o, struct store *s, const char *raw_code)
{
	enum outcome outcome = OUTCOME_FAILED;
	struct receipt r;
	struct entry e;
	enum rc rc;

	rc = receipt_parse(raw_code, &r);
	if (rc != RC_OK) {
		show_error("that is not a receipt code: look at it again");
		return OUTCOME_USAGE;
	}
	rc = store_find(s, &r, &e);
	if (rc == RC_OK)
		outcome = resend_one(o, s, &e);
	else
		show_error("no such receipt in this folder (%s)", rc_text(rc));
	receipt_wipe(&r);
	explicit_bzero(&e, sizeof(e));
	return outcome;
}

enum outcome
command_resend(const struct options *o)
{
	struct tally t = {.total = (unsigned long)o->word_count};
	struct store *s;

	if (options_need_gateway(o) != RC_OK)
		return OUTCOME_FAILED;
	s = open_receipts(o);
	if (s == NULL)
		return OUTCOME_FAILED;
	if (o->pending)
		t.outcome = resend_pending(o, s);
	for (int i = 0; i < o->word_count; i++)
		tally_count(&t, resend_code(o, s, o->words[i]));
	store_close(s);
	return t.outcome;
}

enum outcome
command_receipts(const struct options *o)
{
	static const char *const words[] = {
	    [STATE_READY] = "not sent",
	    [STATE_UNSURE] = "not known to be kept",
	    [STATE_ACCEPTED] = "accepted",
	    [STATE_CONFLICT] = "conflict",
	};
	struct entry *list = NULL;
	size_t n = 0, damaged = 0;
	struct store *s = open_receipts(o);
	enum rc rc;

	if (s == NULL)
		return OUTCOME_FAILED;
	rc = store_list(s, &list, &n, &damaged);
	store_close(s);
	if (rc != RC_OK) {
		show_error("the receipts folder: %s",
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
		return OUTCOME_FAILED;
	}
	for (size_t i = 0; i < n; i++) {
		char code[RECEIPT_TEXT];

		receipt_text(&list[i].receipt, code);
		printf("%s  %-20s  ", code, words[list[i].state]);
		show_name(stdout, list[i].name);
		putchar('\n');
	}
	if (n > 0)
		explicit_bzero(list, n * sizeof(*list));
	free(list);
	if (damaged > 0)
		show_error("%zu receipt files are damaged", damaged);
	return damaged > 0 ? OUTCOME_FAILED : OUTCOME_ACCEPTED;
}
