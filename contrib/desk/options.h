/* What the user asked for: a command, its word and its options. */
#ifndef CUTOUT_DESK_OPTIONS_H
#define CUTOUT_DESK_OPTIONS_H

#include <stddef.h>

#include "result.h"

enum { DESK_HOSTS_MAX = 16 };

enum desk_command {
	DESK_INIT,
	DESK_RECEIVE,
	DESK_LIST,
	DESK_OPEN,
	DESK_PROFILE
};

/* What cutout-desk exits with besides 0 (done), 1 (failed here) and 2 (wrong
 * usage). */
enum {
	DESK_REFUSED = 3,  /* an item is not what the gateway makes */
	DESK_NOT_OURS = 4, /* it is sealed to other keys */
	DESK_NO_ITEM = 5   /* no item, or more than one, has this name */
};

/* Borrowed from argv; NULL: not given. */
struct desk_options {
	enum desk_command command;
	const char *word; /* DIR of init, ITEM of open */
	const char *keys, *origin, *authority, *crl, *data, *listen, *schema;
	const char *force;
	const char *hosts[DESK_HOSTS_MAX];
	size_t host_count;
	int demo, cover, xml;
};

/* Reads the command line. RC_OK: everything that the command needs is there.
 * RC_EOF: --help or --version was printed, exit with 0. RC_BAD: wrong usage,
 * told on standard error. */
enum rc desk_options_read(int argc, char **argv,
    struct desk_options *out) MUST_USE;

/* The installed folder of the contract, for who gave no --schema. */
const char *desk_default_schema(void);

#endif
