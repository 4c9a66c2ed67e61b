/* cutout-desk: the police unit's program. Makes its keys, receives sealed
 * reports, and opens them. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "init.h"
#include "list.h"
#include "open_command.h"
#include "options.h"
#include "profile_command.h"
#include "receive.h"

static int
command_init(const struct desk_options *o)
{
	struct init_order order = {
	    .dir = o->word,
	    .force = o->force == NULL ? "Police" : o->force,
	    .hosts = o->hosts,
	    .host_count = o->host_count,
	    .demo = o->demo,
	};

	return desk_init(&order);
}

int
main(int argc, char **argv)
{
	struct rlimit no_core = {0, 0};
	struct desk_options o;
	int status = EXIT_FAILED;
	enum rc rc;

	complain_as("cutout-desk");
	/* keys and reports are for this user alone, also in memory */
	umask(077);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	rc = desk_options_read(argc, argv, &o);
	if (rc != RC_OK)
		return rc == RC_EOF ? EXIT_GOOD : EXIT_USAGE;
	switch (o.command) {
	case DESK_INIT:
		status = command_init(&o);
		break;
	case DESK_RECEIVE:
		status = desk_receive(&o);
		break;
	case DESK_LIST:
		status = desk_list(&o);
		break;
	case DESK_OPEN:
		status = desk_open(&o);
		break;
	case DESK_PROFILE:
		status = desk_profile(STDIN_FILENO, STDOUT_FILENO);
		break;
	}
	if (fflush(stdout) != 0 && status == EXIT_GOOD) {
		complain("can not write the output");
		status = EXIT_FAILED;
	}
	return status;
}
