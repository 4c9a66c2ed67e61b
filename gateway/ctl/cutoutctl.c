/* cutoutctl: the operator's questions and orders to a running gateway. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "answer.h"
#include "buf.h"
#include "daemon.h"
#include "export.h"
#include "order.h"
#include "show.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SILENT = 3 };
enum {
	WAIT_MS = 60000, /* of silence: ctl may serve another client first */
	ANSWER_MAX_BYTES = 8 << 20 /* of all but the log */
};

#define say(...)                                                               \
	do {                                                                   \
		(void)fputs("cutoutctl: ", stderr);                            \
		fprintf(stderr, __VA_ARGS__);                                  \
		(void)putc('\n', stderr);                                      \
	} while (0)

/* --- what went wrong -------------------------------------------------- */

/* Says why there is no answer; gives the exit code. */
static int
no_answer(const struct order *o, enum rc rc)
{
	switch (rc) {
	case RC_NOTFOUND:
		say("nothing listens at %s: %s. Is cutoutd running? Give the "
		    "socket of its configuration with -s, or in CUTOUT_SOCKET",
		    o->socket, strerror(errno));
		return EXIT_SILENT;
	case RC_TIMEOUT:
		say("the gateway at %s does not answer. Try again; when it "
		    "stays so, look at cutoutd's log",
		    o->socket);
		return EXIT_SILENT;
	case RC_EOF:
		say("the gateway at %s closed without an answer. Run this as "
		    "the gateway's user or as root; if you do, look at "
		    "cutoutd's log",
		    o->socket);
		return EXIT_SILENT;
	case RC_DENIED:
		say("%s: %s. Run this as the gateway's user or as root",
		    o->socket, strerror(errno));
		break;
	case RC_LIMIT:
		say("the socket's path, or the answer, is too long");
		break;
	case RC_BAD:
		say("the answer was cut, or is none: nothing of it counts. Try "
		    "again; when it stays so, look at cutoutd's log");
		break;
	case RC_IO:
		say("the answer can not be taken: %s", strerror(errno));
		break;
	default:
		say("%s", rc_text(rc));
		break;
	}
	return EXIT_FAILED;
}

/* Says what the gateway said instead of doing it. */
static int
refused(const struct order *o, const struct buf *refusal)
{
	json_t *said = json_loadb((const char *)buf_data(refusal),
	    buf_len(refusal), 0, NULL);
	const char *raw_why = json_string_value(json_object_get(said, "error"));

	(void)fputs("cutoutctl: the gateway refused: ", stderr);
	show_text(stderr, raw_why == NULL ? "it does not say why" : raw_why);
	if (o->verb == VERB_DEAD_RETRY)
		(void)
		    fputs(". See `cutoutctl dead list` for what can be retried",
			stderr);
	(void)putc('\n', stderr);
	json_decref(said);
	return EXIT_FAILED;
}

/* Everything that was printed must have arrived. */
static int
flushed(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_DONE;
	say("standard output: %s", strerror(errno));
	return EXIT_FAILED;
}

/* --- the log ---------------------------------------------------------- */

static enum rc
to_stdout(const void *data, size_t len, void *arg)
{
	(void)arg;
	return fwrite(data, 1, len, stdout) == len ? RC_OK : RC_IO;
}

static int
file_failed(const char *file, enum rc rc)
{
	if (rc == RC_DUPLICATE)
		say("%s is there and stays as it is. Give another name", file);
	else if (rc == RC_CONFLICT)
		say("%s.part is there: another export is running, or one was "
		    "interrupted. If none runs, remove it and try again",
		    file);
	else if (rc == RC_LIMIT)
		say("the name of the file is too long");
	else
		say("%s: %s", file,
		    rc == RC_IO ? strerror(errno) : rc_text(rc));
	return EXIT_FAILED;
}

static int
log_to_file(const struct order *o)
{
	struct export *e = NULL;
	struct answer *a = NULL;
	int code;
	enum rc rc;

	rc = export_new(o->file, &e);
	if (rc != RC_OK)
		return file_failed(o->file, rc);
	a = answer_new(export_add, e);
	rc = a == NULL ? RC_NOMEM : daemon_ask(o->socket, o->line, WAIT_MS, a);
	if (rc != RC_OK) {
		code = no_answer(o, rc);
	} else if (answer_refusal(a) != NULL) {
		code = refused(o, answer_refusal(a));
	} else {
		rc = export_finish(e);
		code = rc == RC_OK ? EXIT_DONE : file_failed(o->file, rc);
	}
	answer_free(a);
	export_free(e);
	return code;
}

static int
log_to_stdout(const struct order *o)
{
	struct answer *a = answer_new(to_stdout, NULL);
	int code;
	enum rc rc;

	rc = a == NULL ? RC_NOMEM : daemon_ask(o->socket, o->line, WAIT_MS, a);
	if (rc != RC_OK)
		code = no_answer(o, rc);
	else if (answer_refusal(a) != NULL)
		code = refused(o, answer_refusal(a));
	else
		code = flushed();
	answer_free(a);
	return code;
}

/* --- everything else -------------------------------------------------- */

static enum rc
to_buf(const void *data, size_t len, void *arg)
{
	struct buf *b = arg;

	return buf_add(b, data, len);
}

static enum rc
print_dead(const json_t *answer)
{
	size_t count;
	enum rc rc = show_dead(stdout, answer, &count);

	if (rc == RC_OK && count == 0)
		puts("no dead items");
	return rc;
}

static enum rc
print_retried(const json_t *answer)
{
	const json_t *n = json_object_get(answer, "retried");

	if (!json_is_integer(n))
		return RC_BAD;
	if (json_integer_value(n) == 0)
		puts("there was no dead item");
	else
		printf("%" JSON_INTEGER_FORMAT
		       " to be sent again, each in a coming slot\n",
		    json_integer_value(n));
	return RC_OK;
}

static enum rc
print_paused(const json_t *answer)
{
	const json_t *paused = json_object_get(answer, "paused");

	if (!json_is_boolean(paused))
		return RC_BAD;
	puts(json_is_true(paused)
		 ? "paused: no report is taken in; delivery goes on"
		 : "not paused: reports are taken in");
	return RC_OK;
}

static int
print(const struct order *o, const struct buf *got)
{
	json_t *answer;
	enum rc rc;

	answer = json_loadb((const char *)buf_data(got), buf_len(got),
	    JSON_REJECT_DUPLICATES, NULL);
	rc = json_is_object(answer) ? RC_OK : RC_BAD;
	if (rc == RC_OK && o->json) {
		if (fwrite(buf_data(got), 1, buf_len(got), stdout) !=
		    buf_len(got))
			rc = RC_IO;
	} else if (rc == RC_OK) {
		switch (o->verb) {
		case VERB_DEAD_LIST:
			rc = print_dead(answer);
			break;
		case VERB_DEAD_RETRY:
			rc = print_retried(answer);
			break;
		case VERB_PAUSE:
			rc = print_paused(answer);
			break;
		case VERB_STATUS:
		case VERB_LOG_EXPORT:
			rc = show_object(stdout, answer);
			break;
		}
	}
	json_decref(answer);
	if (rc == RC_BAD) {
		say("the answer is not what this version expects; install "
		    "cutoutctl of the gateway's version");
		return EXIT_FAILED;
	}
	return flushed();
}

static int
ask_and_print(const struct order *o)
{
	struct buf *got = buf_new(ANSWER_MAX_BYTES);
	struct answer *a = NULL;
	enum rc rc = RC_NOMEM;
	int code;

	if (got != NULL)
		a = answer_new(to_buf, got);
	if (a != NULL)
		rc = daemon_ask(o->socket, o->line, WAIT_MS, a);
	if (rc != RC_OK)
		code = no_answer(o, rc);
	else if (answer_refusal(a) != NULL)
		code = refused(o, answer_refusal(a));
	else
		code = print(o, got);
	answer_free(a);
	buf_free(got);
	return code;
}

int
main(int argc, char **argv)
{
	struct order o;
	enum rc rc;

	/* a closed standard output is a failure that is told, not a death */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return EXIT_FAILED;
	rc = order_read(argc, argv, &o);
	if (rc != RC_OK)
		return rc == RC_EOF ? flushed() : EXIT_USAGE;
	if (o.verb != VERB_LOG_EXPORT)
		return ask_and_print(&o);
	return o.file == NULL ? log_to_stdout(&o) : log_to_file(&o);
}
