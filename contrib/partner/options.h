/* What the user asked for: command line over environment over the
 * configuration file. */
#ifndef CUTOUT_OPTIONS_H
#define CUTOUT_OPTIONS_H

#include "result.h"

enum command {
	COMMAND_NEW,
	COMMAND_CHECK,
	COMMAND_SEND,
	COMMAND_RESEND,
	COMMAND_RECEIPTS
};

struct options {
	enum command command;
	/* borrowed from argv, the environment or allocated for good; NULL:
	 * not given */
	const char *url, *ca, *cert, *key;
	const char *receipts, *schema, *scheme;
	int online, pending, again, no_check;
	long tries;     /* attempts for each report */
	long longest_s; /* longest wait between two of them */
	char **words;   /* files, or receipt codes */
	int word_count;
};

/* Reads everything. RC_OK: go on. RC_EOF: --help or --version was printed,
 * exit with 0. RC_BAD: wrong usage, told on standard error. RC_CONFIG: the
 * configuration file is wrong, told as well. RC_NOMEM. */
enum rc options_read(int argc, char **argv, struct options *out) MUST_USE;

/* RC_CONFIG: one of url, ca, cert and key is missing or no https address;
 * told on standard error with what to do. */
enum rc options_need_gateway(const struct options *o) MUST_USE;

#endif
