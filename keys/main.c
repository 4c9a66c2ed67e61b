/* cutout-keys: authorities, certificates and the gateway's own keys. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "complain.h"

static const struct command *const commands[] = {&command_authority,
    &command_issue, &command_revoke, &command_crl, &command_renew,
    &command_gateway, &command_list, &command_check, &command_demo};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]), DAYS_MOST = 36500 };

static void
usage(FILE *to)
{
	fprintf(to, "usage:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  cutout-keys %s\n", commands[i]->usage);
	fprintf(to,
	    "\n`cutout-keys COMMAND --help` says more. Private keys are mode "
	    "0600, folders 0700,\nand nothing is ever overwritten.\n"
	    "exit: 0 done, 1 failed, 2 usage, 3 list: something ends soon\n");
}

static int
read_days(const char *text, long *out)
{
	char *end = NULL;
	long n = strtol(text, &end, 10);

	if (end == text || *end != '\0' || n < 1 || n > DAYS_MOST) {
		complain("`%s` is not a number of days from 1 to %d", text,
		    DAYS_MOST);
		return 0;
	}
	*out = n;
	return 1;
}

static int
take_option(struct call *call, int letter, const char *value)
{
	switch (letter) {
	case 'n':
		call->name = value;
		return 1;
	case 'o':
		call->organisation = value;
		return 1;
	case 'r':
		call->request = value;
		return 1;
	case 'C':
		call->certificate = value;
		return 1;
	case 'k':
		call->new_key = 1;
		return 1;
	case 'd':
		return read_days(value, &call->days);
	case 'c':
		return read_days(value, &call->crl_days);
	case 'w':
		return read_days(value, &call->within);
	case 'H':
		if (call->host_count == CALL_HOSTS_MAX) {
			complain("at most %d --host", CALL_HOSTS_MAX);
			return 0;
		}
		call->hosts[call->host_count++] = value;
		return 1;
	default:
		return 0;
	}
}

static const struct option long_options[] = {
    {"help", no_argument, NULL, 'h'},
    {"name", required_argument, NULL, 'n'},
    {"organisation", required_argument, NULL, 'o'},
    {"request", required_argument, NULL, 'r'},
    {"certificate", required_argument, NULL, 'C'},
    {"new-key", no_argument, NULL, 'k'},
    {"days", required_argument, NULL, 'd'},
    {"crl-days", required_argument, NULL, 'c'},
    {"within", required_argument, NULL, 'w'},
    {"host", required_argument, NULL, 'H'},
    {NULL, 0, NULL, 0},
};

/* 1: call is filled in. 0: it was complained about. */
static int
take_apart(const struct command *command, int argc, char **argv,
    struct call *call)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (letter == 'h') {
			call->help = 1;
			return 1;
		}
		if (letter == '?')
			return 0;
		if (strchr(command->options, letter) == NULL) {
			complain("%s does not take this option", command->word);
			return 0;
		}
		if (!take_option(call, letter, optarg))
			return 0;
	}
	if (optind == argc) {
		complain("%s: DIR is missing", command->word);
		return 0;
	}
	call->dir = argv[optind++];
	while (optind < argc && call->arg_count < CALL_ARGS_MAX)
		call->args[call->arg_count++] = argv[optind++];
	if (optind < argc || call->arg_count < command->args_low ||
	    call->arg_count > command->args_high) {
		complain("%s: too %s words after DIR", command->word,
		    call->arg_count < command->args_low ? "few" : "many");
		return 0;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	const struct command *command = NULL;
	struct call call = {0};

	complain_as("cutout-keys");
	umask(077);
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		printf("cutout-keys " CUTOUT_VERSION "\n");
		return EXIT_GOOD;
	}
	if (argc >= 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "help") == 0)) {
		usage(stdout);
		return EXIT_GOOD;
	}
	for (size_t i = 0; argc >= 2 && i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i]->word) == 0)
			command = commands[i];
	}
	if (command == NULL) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!take_apart(command, argc - 1, argv + 1, &call)) {
		fprintf(stderr, "usage: cutout-keys %s\n", command->usage);
		return EXIT_USAGE;
	}
	if (call.help) {
		printf("usage: cutout-keys %s\n\n%s", command->usage,
		    command->help);
		return EXIT_GOOD;
	}
	call.now_s = time(NULL);
	return command->run(&call);
}
