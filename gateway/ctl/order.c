/* What the operator ordered: the command line of cutoutctl. */
#include "order.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"

#define DEFAULT_SOCKET "/var/lib/cutout/ctl.sock"

static const char help[] =
    "usage: cutoutctl [-s SOCKET] status [--json]\n"
    "       cutoutctl [-s SOCKET] dead list [--json]\n"
    "       cutoutctl [-s SOCKET] dead retry H | --all\n"
    "       cutoutctl [-s SOCKET] pause on | off\n"
    "       cutoutctl [-s SOCKET] log export [FILE]\n"
    "\n"
    "status      how the gateway is\n"
    "dead list   sealed reports that a desk refused three times: they are\n"
    "            kept, and not sent again by themselves\n"
    "dead retry  sends one of them again (H as dead list shows it), or all\n"
    "pause       on: the gateway takes in no more reports (they are answered\n"
    "            503); what it holds is still delivered. off: it does again\n"
    "log export  writes the audit log: to FILE, which must not exist, or to\n"
    "            standard output; read it with `cutout-audit counts FILE`\n"
    "\n"
    "Counts that depend on reports are those of the end of the last day, and\n"
    "change once a day: a number that followed each report would be a list\n"
    "of the times at which reports came.\n"
    "\n"
    "  -s, --socket SOCKET  the gateway's control socket (CUTOUT_SOCKET)\n"
    "                       default: " DEFAULT_SOCKET "\n"
    "      --json           print the gateway's answer as it came\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "Run it as the gateway's user, or as root.\n"
    "\n"
    "exit: 0 done, 1 failed or refused, 2 wrong usage,\n"
    "      3 the gateway does not answer\n";

enum { OPT_JSON = 256, OPT_ALL };

static const struct option long_options[] = {
    {"socket", required_argument, NULL, 's'},
    {"json", no_argument, NULL, OPT_JSON}, {"all", no_argument, NULL, OPT_ALL},
    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0}};

static enum rc
wrong(const char *what)
{
	fprintf(stderr, "cutoutctl: %s; see cutoutctl --help\n", what);
	return RC_BAD;
}

static void
set_line(struct order *o, enum verb verb, const char *line)
{
	o->verb = verb;
	snprintf(o->line, sizeof(o->line), "%s\n", line);
}

/* --- the words behind the options ------------------------------------- */

struct words {
	char **v;
	int count;
	int all; /* --all */
};

static int
is(const struct words *w, int i, const char *text)
{
	return i < w->count && strcmp(w->v[i], text) == 0;
}

static enum rc
read_retry(const struct words *w, struct order *o)
{
	char digits[2 * HASH_LEN + 1];
	uint8_t h[HASH_LEN];

	if (w->all && w->count == 2) {
		set_line(o, VERB_DEAD_RETRY,
		    "{\"verb\":\"dead-retry\",\"all\":true}");
		return RC_OK;
	}
	if (w->all || w->count != 3)
		return wrong("dead retry takes either H or --all");
	if (hex_decode(w->v[2], h, sizeof(h)) != RC_OK)
		return wrong("H is the 64 hexadecimal digits that `cutoutctl "
			     "dead list` shows");
	hex_encode(h, sizeof(h), digits);
	o->verb = VERB_DEAD_RETRY;
	snprintf(o->line, sizeof(o->line),
	    "{\"verb\":\"dead-retry\",\"h\":\"%s\"}\n", digits);
	return RC_OK;
}

static enum rc
read_pause(const struct words *w, struct order *o)
{
	if (w->count == 2 && is(w, 1, "on"))
		set_line(o, VERB_PAUSE, "{\"verb\":\"pause\",\"on\":true}");
	else if (w->count == 2 && is(w, 1, "off"))
		set_line(o, VERB_PAUSE, "{\"verb\":\"pause\",\"on\":false}");
	else
		return wrong("pause takes on or off");
	return RC_OK;
}

static enum rc
read_export(const struct words *w, struct order *o)
{
	if (w->count > 3)
		return wrong("log export takes one FILE");
	if (w->count == 3 && !is(w, 2, "-"))
		o->file = w->v[2];
	if (o->file != NULL && *o->file == '\0')
		return wrong("FILE is empty");
	set_line(o, VERB_LOG_EXPORT, "{\"verb\":\"log-export\"}");
	return RC_OK;
}

static enum rc
read_words(const struct words *w, struct order *o)
{
	if (w->count == 1 && is(w, 0, "status")) {
		set_line(o, VERB_STATUS, "{\"verb\":\"status\"}");
		return RC_OK;
	}
	if (is(w, 0, "dead") && is(w, 1, "list") && w->count == 2) {
		set_line(o, VERB_DEAD_LIST, "{\"verb\":\"dead-list\"}");
		return RC_OK;
	}
	if (is(w, 0, "dead") && is(w, 1, "retry"))
		return read_retry(w, o);
	if (is(w, 0, "pause"))
		return read_pause(w, o);
	if (is(w, 0, "log") && is(w, 1, "export"))
		return read_export(w, o);
	return wrong(w->count == 0 ? "what shall be done?" : "no such command");
}

enum rc
order_read(int argc, char **argv, struct order *out)
{
	struct words w = {0};
	const char *set = getenv("CUTOUT_SOCKET");
	enum rc rc;
	int c;

	memset(out, 0, sizeof(*out));
	out->socket = set != NULL && *set != '\0' ? set : DEFAULT_SOCKET;
	while ((c = getopt_long(argc, argv, "s:hV", long_options, NULL)) !=
	       -1) {
		switch (c) {
		case 's':
			out->socket = optarg;
			break;
		case OPT_JSON:
			out->json = 1;
			break;
		case OPT_ALL:
			w.all = 1;
			break;
		case 'h':
			(void)fputs(help, stdout);
			return RC_EOF;
		case 'V':
			puts("cutoutctl " CUTOUT_VERSION);
			return RC_EOF;
		default:
			return wrong("an option is wrong");
		}
	}
	w.v = argv + optind;
	w.count = argc - optind;
	rc = read_words(&w, out);
	if (rc == RC_OK && w.all && out->verb != VERB_DEAD_RETRY)
		return wrong("--all is for dead retry");
	if (rc == RC_OK && out->json && out->verb != VERB_STATUS &&
	    out->verb != VERB_DEAD_LIST)
		return wrong("--json is for status and dead list");
	return rc;
}
