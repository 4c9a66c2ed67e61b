/* What the operator ordered: the command line of cutoutctl. */
#ifndef CUTOUT_ORDER_H
#define CUTOUT_ORDER_H

#include "result.h"
#include "wire.h"

enum { ORDER_LINE = 160 };

struct order {
	const char *socket;
	const char *file; /* log export: NULL is standard output */
	enum verb verb;
	int json;              /* print what came, unchanged */
	char line[ORDER_LINE]; /* the question, with its newline */
};

/* Reads the command line. RC_OK: do it; strings are argv's or the
 * environment's. RC_EOF: --help or --version was answered. RC_BAD: wrong
 * usage, and standard error says what. */
enum rc order_read(int argc, char **argv, struct order *out) MUST_USE;

#endif
