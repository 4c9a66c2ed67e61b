/* The command line of cutout-desk: one table says which command takes what. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

/* An option, the letter that the command table knows it by, and what it is,
 * for who left it out. */
static const struct {
	const char *name, *what;
	int argument;
	char letter;
} names[] = {
    {"help", "", no_argument, 'h'},
    {"keys", "DIR, the folder that cutout-desk init made", required_argument,
	'k'},
    {"origin", "FILE, the gateway's origin.crt", required_argument, 'o'},
    {"gateway-authority", "FILE, the gateway's gateway-authority.crt",
	required_argument, 'a'},
    {"gateway-crl", "FILE, the gateway's gateway-authority.crl",
	required_argument, 'c'},
    {"data", "DIR, the folder that keeps the items", required_argument, 'd'},
    {"listen", "ADDRESS:PORT", required_argument, 'l'},
    {"schema", "DIR", required_argument, 's'},
    {"force", "NAME", required_argument, 'f'},
    {"host", "NAME", required_argument, 'H'},
    {"demo", "", no_argument, 'D'},
    {"cover", "", no_argument, 'C'},
    {"xml", "", no_argument, 'x'},
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static const struct {
	const char *name;
	const char *takes, *needs; /* letters */
	const char *missing;       /* the word it needs, or NULL */
	const char *usage, *help;
} commands[] = {
    [DESK_INIT] = {"init", "fHD", "", "DIR, the folder to make",
	"init DIR [--force NAME] [--host HOST]... [--demo]",
	"Makes the police authority, its revocation list and the desk's keys "
	"in DIR, and\nDIR/public/ with the certificates for the gateway's "
	"operator. Nothing is\noverwritten.\n\n"
	"  --force NAME  stands in the certificates: SYP (default: Police)\n"
	"  --host HOST   name or address of the receiving machine; may be "
	"given again\n"
	"                (default: localhost, 127.0.0.1, ::1)\n"
	"  --demo        marked for demonstrations: a production gateway "
	"refuses it\n"},
    [DESK_RECEIVE] = {"receive", "koacdl", "koacdl", NULL,
	"receive --keys DIR --origin FILE --gateway-authority FILE\n"
	"      --gateway-crl FILE --data DIR --listen ADDRESS:PORT",
	"Takes items from the gateway, keeps them as DIR/items/HASH.p7m, and "
	"signs an\nacknowledgement once an item is on stable storage. Needs "
	"server.crt, server.key,\nack.crt and ack.key of the keys folder, not "
	"recipient.key.\n\n"
	"  --keys DIR                what cutout-desk init made\n"
	"  --origin FILE             the gateway's origin.crt; with an old and "
	"a new one in\n"
	"                            the file both count\n"
	"  --gateway-authority FILE  issued the gateway's client certificate\n"
	"  --gateway-crl FILE        its revocation list\n"
	"  --data DIR                keeps the items; must be there\n"
	"  --listen ADDRESS:PORT     127.0.0.1:8443, [::1]:8443\n\n"
	"SIGHUP reads certificates and the revocation list again. SIGTERM and "
	"SIGINT stop\nit: what was acknowledged is kept, everything else the "
	"gateway sends again.\n"},
    [DESK_LIST] = {"list", "kodsC", "kod", NULL,
	"list --keys DIR --origin FILE --data DIR [--schema DIR] [--cover]",
	"Opens every item and lists it, risk to life and HIGH first: its "
	"short name,\npriority, grades, marking and threat, then its subject "
	"and what the gateway\nwarns of. Nothing is written to disk.\n\n"
	"  --keys DIR     what cutout-desk init made: every recipient*.crt "
	"with its .key is\n                 tried; without one it is a "
	"colleague's\n"
	"  --origin FILE  the gateway's origin.crt\n"
	"  --data DIR     the folder of cutout-desk receive\n"
	"  --schema DIR   the contract (default: the installed one)\n"
	"  --cover        list the gateway's cover reports too\n\n"
	"exit: 3 when an item is not what the gateway makes, 4 when one is "
	"sealed to other\nkeys; the others are listed all the same\n"},
    [DESK_OPEN] = {"open", "kodsx", "ko", "ITEM, a file or a name from list",
	"open ITEM --keys DIR --origin FILE [--data DIR] [--schema DIR] "
	"[--xml]",
	"Verifies one item, checks its form, decrypts it, validates the "
	"report again and\nshows it as text with the meaning beside each "
	"code. ITEM is a file, or the name\nof an item in --data, of which "
	"the first letters are enough.\n\n"
	"  --keys DIR     what cutout-desk init made: every recipient*.crt "
	"with its .key is\n                 tried; without one it is a "
	"colleague's\n"
	"  --origin FILE  the gateway's origin.crt\n"
	"  --data DIR     the folder of cutout-desk receive\n"
	"  --schema DIR   the contract (default: the installed one)\n"
	"  --xml          show the report's XML; remarks go to standard "
	"error\n\n"
	"exit: 3 it is not what the gateway makes, 4 it is sealed to other "
	"keys, 5 there is\nno such item, or more than one\n"},
    [DESK_PROFILE] = {"profile", "", "", NULL, "profile <ENVELOPE >CHECKED",
	"A filter for openssl pipelines: passes an envelope on unchanged when "
	"it has\nexactly the form that the gateway makes (gateway/man/"
	"PROTOCOL.md, section 4), and\nwrites nothing otherwise. Stock "
	"decryption accepts forged tags: never decrypt what\ndid not pass.\n\n"
	"exit: 1 it did not pass, or could not be read or written\n"},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
usage(FILE *to)
{
	fprintf(to, "usage:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  cutout-desk %s\n", commands[i].usage);
	fprintf(to,
	    "\n`cutout-desk COMMAND --help` says more.\n"
	    "exit: 0 done, 1 failed, 2 usage, 3 an item is not what the "
	    "gateway makes,\n      4 an item is sealed to other keys, 5 no "
	    "such item\n");
}

/* Where the value of an option goes; NULL: it has none. */
static const char **
place(struct desk_options *o, char letter)
{
	switch (letter) {
	case 'k':
		return &o->keys;
	case 'o':
		return &o->origin;
	case 'a':
		return &o->authority;
	case 'c':
		return &o->crl;
	case 'd':
		return &o->data;
	case 'l':
		return &o->listen;
	case 's':
		return &o->schema;
	case 'f':
		return &o->force;
	default:
		return NULL;
	}
}

static enum rc
take(struct desk_options *o, char letter)
{
	const char **value;

	switch (letter) {
	case 'H':
		if (o->host_count == DESK_HOSTS_MAX) {
			complain("at most %d --host", DESK_HOSTS_MAX);
			return RC_BAD;
		}
		o->hosts[o->host_count++] = optarg;
		break;
	case 'D':
		o->demo = 1;
		break;
	case 'C':
		o->cover = 1;
		break;
	case 'x':
		o->xml = 1;
		break;
	default:
		value = place(o, letter);
		if (value != NULL)
			*value = optarg;
		break;
	}
	return RC_OK;
}

static enum rc
read_options(int argc, char **argv, struct desk_options *o)
{
	struct option list[NAMES + 1] = {{NULL, 0, NULL, 0}};
	int c;

	for (size_t i = 0; i < NAMES; i++)
		list[i] = (struct option){
		    names[i].name, names[i].argument, NULL, names[i].letter};
	while ((c = getopt_long(argc, argv, "h", list, NULL)) != -1) {
		enum rc rc;

		if (c == 'h')
			return RC_EOF;
		if (c == '?')
			return RC_BAD; /* getopt said what is wrong */
		if (strchr(commands[o->command].takes, c) == NULL) {
			complain("%s does not take this option",
			    commands[o->command].name);
			return RC_BAD;
		}
		rc = take(o, (char)c);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
read_words(int argc, char **argv, struct desk_options *o)
{
	const char *missing = commands[o->command].missing;
	int most = missing != NULL;

	if (optind < argc)
		o->word = argv[optind];
	if (argc - optind > most) {
		complain("%s: one word too many: %s", commands[o->command].name,
		    argv[optind + most]);
		return RC_BAD;
	}
	if (missing == NULL || (o->word != NULL && *o->word != '\0'))
		return RC_OK;
	complain("%s needs %s", commands[o->command].name, missing);
	return RC_BAD;
}

static enum rc
check_needs(struct desk_options *o)
{
	for (size_t i = 0; i < NAMES; i++) {
		const char **value = place(o, names[i].letter);

		if (strchr(commands[o->command].needs, names[i].letter) ==
			NULL ||
		    value == NULL || (*value != NULL && **value != '\0'))
			continue;
		complain("%s needs --%s %s", commands[o->command].name,
		    names[i].name, names[i].what);
		return RC_BAD;
	}
	return RC_OK;
}

/* Whether the first word asks about the program itself. */
static int
asks_itself(const char *word)
{
	if (strcmp(word, "--version") == 0) {
		puts("cutout-desk " CUTOUT_VERSION);
		return 1;
	}
	if (strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0 &&
	    strcmp(word, "help") != 0)
		return 0;
	usage(stdout);
	return 1;
}

enum rc
desk_options_read(int argc, char **argv, struct desk_options *out)
{
	size_t i = COMMANDS;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	if (argc >= 2 && asks_itself(argv[1]))
		return RC_EOF;
	if (argc >= 2) {
		for (i = 0; i < COMMANDS; i++)
			if (strcmp(argv[1], commands[i].name) == 0)
				break;
	}
	if (i == COMMANDS) {
		usage(stderr);
		return RC_BAD;
	}
	out->command = (enum desk_command)i;
	rc = read_options(argc - 1, argv + 1, out);
	if (rc == RC_EOF) {
		printf("usage: cutout-desk %s\n\n%s", commands[i].usage,
		    commands[i].help);
		return rc;
	}
	if (rc == RC_OK)
		rc = read_words(argc - 1, argv + 1, out);
	if (rc == RC_OK)
		rc = check_needs(out);
	if (rc != RC_OK)
		fprintf(stderr, "usage: cutout-desk %s\n", commands[i].usage);
	return rc;
}

const char *
desk_default_schema(void)
{
	static const char fallback[] = "/usr/share/cutout/schema";
	static const char beside[] = "/../share/cutout/schema";
	static char path[4096];
	ssize_t n;
	char *slash;

	n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(beside));
	if (n <= 0)
		return fallback;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return fallback;
	memcpy(slash, beside, sizeof(beside));
	return access(path, R_OK) == 0 ? path : fallback;
}
