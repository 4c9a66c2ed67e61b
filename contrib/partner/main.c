/* cutout-submit: the partner's side. Writes, checks and sends reports, and
 * keeps the receipts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "draft.h"
#include "judge.h"
#include "options.h"
#include "send.h"
#include "show.h"
#include "template.h"
#include "transport.h"

/* Opens the file to write, which must not be there: a report that somebody has
 * filled in is never overwritten. */
static FILE *
create(const char *path)
{
	FILE *to = NULL;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1)
		to = fdopen(fd, "w");
	if (to == NULL) {
		show_error("can not make %s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
	}
	return to;
}

static enum outcome
command_new(const struct options *o)
{
	const char *scheme = o->scheme == NULL ? "5x5x5" : o->scheme;
	int named = o->word_count == 1 && strcmp(o->words[0], "-") != 0;
	struct draft d;
	FILE *to = stdout;
	enum rc rc;

	if (strcmp(scheme, "5x5x5") != 0 && strcmp(scheme, "3x5x2") != 0) {
		show_error("--scheme is 5x5x5 or 3x5x2");
		return OUTCOME_USAGE;
	}
	memset(&d, 0, sizeof(d));
	rc = draft_receipt(&d);
	if (rc == RC_OK && named) {
		to = create(o->words[0]);
		if (to == NULL)
			return OUTCOME_FAILED;
	}
	if (rc == RC_OK)
		rc = template_write(to, o->schema, scheme, d.id, d.blind);
	if (named && fclose(to) != 0 && rc == RC_OK)
		rc = RC_IO;
	if (!named && fflush(stdout) != 0 && rc == RC_OK)
		rc = RC_IO;
	if (rc == RC_CONFIG)
		show_error("the schema folder %s does not serve; name the "
			   "right one with --schema",
		    o->schema);
	else if (rc != RC_OK)
		show_error("can not write the template: %s", rc_text(rc));
	if (rc != RC_OK && named)
		(void)unlink(o->words[0]);
	draft_free(&d);
	return rc == RC_OK ? OUTCOME_ACCEPTED : OUTCOME_FAILED;
}

int
main(int argc, char **argv)
{
	struct rlimit no_core = {0, 0};
	struct options o;
	enum outcome outcome = OUTCOME_FAILED;
	enum rc rc;

	/* receipts and reports are for this user alone, also in memory */
	umask(077);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	rc = options_read(argc, argv, &o);
	if (rc == RC_EOF)
		return OUTCOME_ACCEPTED;
	if (rc != RC_OK)
		return rc == RC_BAD ? OUTCOME_USAGE : OUTCOME_FAILED;
	if (transport_start() != RC_OK) {
		show_error("libcurl is not built with OpenSSL");
		return OUTCOME_FAILED;
	}
	switch (o.command) {
	case COMMAND_NEW:
		outcome = command_new(&o);
		break;
	case COMMAND_CHECK:
		outcome = command_check(&o);
		break;
	case COMMAND_SEND:
		outcome = command_send(&o);
		break;
	case COMMAND_RESEND:
		outcome = command_resend(&o);
		break;
	case COMMAND_RECEIPTS:
		outcome = command_receipts(&o);
		break;
	}
	if (fflush(stdout) != 0) {
		show_error("can not write the output: %s", strerror(errno));
		outcome = outcome_worse(outcome, OUTCOME_FAILED);
	}
	return (int)outcome;
}
