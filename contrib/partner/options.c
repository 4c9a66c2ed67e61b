/* What the user asked for. */
#include "options.h"

#include <confuse.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

static const char help[] =
    "usage: cutout-submit new [--scheme 5x5x5|3x5x2] [FILE]\n"
    "       cutout-submit check [--online] FILE...\n"
    "       cutout-submit send [--again] [--no-check] FILE...\n"
    "       cutout-submit resend CODE... | --pending\n"
    "       cutout-submit receipts\n"
    "\n"
    "new       writes a template that explains every field\n"
    "check     says what stands against a report, on this machine; with\n"
    "          --online the gateway says it, and stores nothing\n"
    "send      makes a receipt code, stores it and the exact bytes, sends "
    "them\n"
    "resend    sends stored reports again, unchanged, under the same receipt\n"
    "receipts  lists the receipt codes and what is known of each report\n"
    "\n"
    "  --url URL        the gateway, https://host:port     (CUTOUT_URL)\n"
    "  --ca FILE        PEM: verifies the gateway          (CUTOUT_CA)\n"
    "  --cert FILE      PEM: this agency's certificate     (CUTOUT_CERT)\n"
    "  --key FILE       PEM: its private key               (CUTOUT_KEY)\n"
    "  --receipts DIR   the receipts folder                (CUTOUT_RECEIPTS)\n"
    "                   default: "
    "${XDG_DATA_HOME:-~/.local/share}/cutout/receipts\n"
    "  --schema DIR     the published contract             (CUTOUT_SCHEMA)\n"
    "  --config FILE    a file with the names above (url = \"...\")\n"
    "                   default: "
    "${XDG_CONFIG_HOME:-~/.config}/cutout/submit.conf\n"
    "  --tries N        attempts for each report, 1 to 50 (default 6)\n"
    "  --longest-wait S seconds between two attempts at most (default 120)\n"
    "  --again          send a file that was accepted before as a new report\n"
    "  --no-check       let the gateway alone judge the report\n"
    "\n"
    "exit: 0 accepted, or nothing stands against it\n"
    "      1 failed here: a file, the receipts folder, the settings\n"
    "      2 wrong usage\n"
    "      3 returned with findings: not kept; change the report, send again\n"
    "      4 not known to be kept: use resend, which can not make a second "
    "one\n"
    "      5 a certificate was refused, by the gateway or by us: not kept\n"
    "      6 conflict: the gateway holds another report under this id\n"
    "      7 accepted, and there is urgent advice: call 999 or 101\n"
    "      8 not sent: the gateway is busy or not reachable; stored, use "
    "resend\n"
    "      9 the report made the gateway fail: not kept, change it first\n"
    "With many reports the first of 4 6 9 5 1 8 3 7 0 that occurred.\n"
    "\n"
    "In an emergency call 999. This is not an emergency service.\n";

enum {
	OPT_HELP = 256,
	OPT_VERSION,
	OPT_URL,
	OPT_CA,
	OPT_CERT,
	OPT_KEY,
	OPT_RECEIPTS,
	OPT_SCHEMA,
	OPT_CONFIG,
	OPT_SCHEME,
	OPT_ONLINE,
	OPT_PENDING,
	OPT_AGAIN,
	OPT_NO_CHECK,
	OPT_TRIES,
	OPT_LONGEST
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"url", required_argument, NULL, OPT_URL},
    {"ca", required_argument, NULL, OPT_CA},
    {"cert", required_argument, NULL, OPT_CERT},
    {"key", required_argument, NULL, OPT_KEY},
    {"receipts", required_argument, NULL, OPT_RECEIPTS},
    {"schema", required_argument, NULL, OPT_SCHEMA},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"scheme", required_argument, NULL, OPT_SCHEME},
    {"online", no_argument, NULL, OPT_ONLINE},
    {"pending", no_argument, NULL, OPT_PENDING},
    {"again", no_argument, NULL, OPT_AGAIN},
    {"no-check", no_argument, NULL, OPT_NO_CHECK},
    {"tries", required_argument, NULL, OPT_TRIES},
    {"longest-wait", required_argument, NULL, OPT_LONGEST}, {NULL, 0, NULL, 0}};

static enum rc
number(const char *name, const char *text, long low, long high, long *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || v < low || v > high) {
		show_error("--%s must be a number from %ld to %ld", name, low,
		    high);
		return RC_BAD;
	}
	*out = v;
	return RC_OK;
}

static enum rc
one_option(int c, struct options *o, const char **config)
{
	switch (c) {
	case OPT_HELP:
		(void)fputs(help, stdout);
		return RC_EOF;
	case OPT_VERSION:
		puts("cutout-submit " CUTOUT_VERSION);
		return RC_EOF;
	case OPT_URL:
		o->url = optarg;
		return RC_OK;
	case OPT_CA:
		o->ca = optarg;
		return RC_OK;
	case OPT_CERT:
		o->cert = optarg;
		return RC_OK;
	case OPT_KEY:
		o->key = optarg;
		return RC_OK;
	case OPT_RECEIPTS:
		o->receipts = optarg;
		return RC_OK;
	case OPT_SCHEMA:
		o->schema = optarg;
		return RC_OK;
	case OPT_CONFIG:
		*config = optarg;
		return RC_OK;
	case OPT_SCHEME:
		o->scheme = optarg;
		return RC_OK;
	case OPT_ONLINE:
		o->online = 1;
		return RC_OK;
	case OPT_PENDING:
		o->pending = 1;
		return RC_OK;
	case OPT_AGAIN:
		o->again = 1;
		return RC_OK;
	case OPT_NO_CHECK:
		o->no_check = 1;
		return RC_OK;
	case OPT_TRIES:
		return number("tries", optarg, 1, 50, &o->tries);
	case OPT_LONGEST:
		return number("longest-wait", optarg, 0, 86400, &o->longest_s);
	default:
		return RC_BAD; /* getopt said what is wrong */
	}
}

static const char *
joined(const char *a, const char *b, const char *c)
{
	char *text = NULL;

	return asprintf(&text, "%s%s%s", a, b, c) == -1 ? NULL : text;
}

/* ${VARIABLE:-~/fallback}/rest, or NULL when there is no home either. */
static const char *
in_home(const char *variable, const char *fallback, const char *rest)
{
	const char *base = getenv(variable), *home = getenv("HOME");

	/* the XDG specification: a relative path there is to be ignored */
	if (base != NULL && *base == '/')
		return joined(base, rest, "");
	return home == NULL || *home == '\0' ? NULL
					     : joined(home, fallback, rest);
}

/* The contract beside this program as it is installed. */
static const char *
default_schema(void)
{
	static const char fallback[] = "/usr/share/cutout/schema";
	char self[4096];
	const char *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return fallback;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return fallback;
	*slash = '\0';
	path = joined(self, "/../share/cutout/schema", "");
	return path != NULL && access(path, R_OK) == 0 ? path : fallback;
}

static void
fill(const char **value, const char *variable, cfg_t *file, const char *name)
{
	const char *text;

	if (*value != NULL)
		return;
	text = getenv(variable);
	if (text == NULL || *text == '\0')
		text = file == NULL ? NULL : cfg_getstr(file, name);
	*value = text == NULL || *text == '\0' ? NULL : text;
}

static void __attribute__((format(printf, 2, 0)))
config_error(cfg_t *file, const char *fmt, va_list ap)
{
	char line[512];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	show_error("%s:%d: %s", file->filename == NULL ? "" : file->filename,
	    file->line, line);
}

/* libconfuse's scanner ends the process when it can not read what it could
 * open. */
static int
is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return 0;
	errno = EISDIR;
	return 1;
}

/* Kept until the program ends: options borrow from it. */
static cfg_t *
read_config(const char *path, int must_exist, enum rc *rc)
{
	static cfg_opt_t names[] = {CFG_STR("url", NULL, CFGF_NONE),
	    CFG_STR("ca", NULL, CFGF_NONE), CFG_STR("cert", NULL, CFGF_NONE),
	    CFG_STR("key", NULL, CFGF_NONE),
	    CFG_STR("receipts", NULL, CFGF_NONE),
	    CFG_STR("schema", NULL, CFGF_NONE), CFG_END()};
	cfg_t *file;
	int got;

	*rc = RC_OK;
	if (path == NULL || (!must_exist && access(path, F_OK) == -1))
		return NULL;
	file = cfg_init(names, CFGF_NONE);
	if (file == NULL) {
		*rc = RC_NOMEM;
		return NULL;
	}
	cfg_set_error_function(file, config_error);
	got = is_folder(path) ? CFG_FILE_ERROR : cfg_parse(file, path);
	if (got == CFG_SUCCESS)
		return file;
	if (got == CFG_FILE_ERROR)
		show_error("can not read %s: %s", path, strerror(errno));
	*rc = RC_CONFIG;
	cfg_free(file);
	return NULL;
}

static enum rc
read_command(struct options *o)
{
	static const char *const names[] = {
	    [COMMAND_NEW] = "new",
	    [COMMAND_CHECK] = "check",
	    [COMMAND_SEND] = "send",
	    [COMMAND_RESEND] = "resend",
	    [COMMAND_RECEIPTS] = "receipts",
	};
	size_t i;

	if (o->word_count == 0) {
		(void)fputs(help, stderr);
		return RC_BAD;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(o->words[0], names[i]) == 0)
			break;
	}
	if (i == sizeof(names) / sizeof(names[0])) {
		show_error("no such command: %s; see --help", o->words[0]);
		return RC_BAD;
	}
	o->command = (enum command)i;
	o->words++;
	o->word_count--;
	return RC_OK;
}

/* Whether the words and switches fit the command. */
static enum rc
fits(const struct options *o)
{
	int n = o->word_count;
	int ok;

	switch (o->command) {
	case COMMAND_NEW:
		ok = n <= 1;
		break;
	case COMMAND_CHECK:
	case COMMAND_SEND:
		ok = n >= 1;
		break;
	case COMMAND_RESEND:
		ok = (n >= 1) != (o->pending != 0);
		break;
	default:
		ok = n == 0;
		break;
	}
	if (!ok || (o->online && o->command != COMMAND_CHECK) ||
	    (o->pending && o->command != COMMAND_RESEND) ||
	    (o->scheme != NULL && o->command != COMMAND_NEW) ||
	    ((o->again || o->no_check) && o->command != COMMAND_SEND)) {
		show_error("that does not fit the command; see --help");
		return RC_BAD;
	}
	return RC_OK;
}

enum rc
options_read(int argc, char **argv, struct options *out)
{
	const char *config = getenv("CUTOUT_CONFIG");
	struct options *o = out;
	cfg_t *file;
	enum rc rc;
	int c;

	memset(o, 0, sizeof(*o));
	o->tries = 6;
	o->longest_s = 120;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		rc = one_option(c, o, &config);
		if (rc != RC_OK)
			return rc;
	}
	o->words = argv + optind;
	o->word_count = argc - optind;
	rc = read_command(o);
	if (rc == RC_OK)
		rc = fits(o);
	if (rc != RC_OK)
		return rc;
	file =
	    read_config(config != NULL ? config
				       : in_home("XDG_CONFIG_HOME", "/.config",
					     "/cutout/submit.conf"),
		config != NULL, &rc);
	if (rc != RC_OK)
		return rc;
	fill(&o->url, "CUTOUT_URL", file, "url");
	fill(&o->ca, "CUTOUT_CA", file, "ca");
	fill(&o->cert, "CUTOUT_CERT", file, "cert");
	fill(&o->key, "CUTOUT_KEY", file, "key");
	fill(&o->receipts, "CUTOUT_RECEIPTS", file, "receipts");
	fill(&o->schema, "CUTOUT_SCHEMA", file, "schema");
	if (o->receipts == NULL)
		o->receipts = in_home("XDG_DATA_HOME", "/.local/share",
		    "/cutout/receipts");
	if (o->schema == NULL)
		o->schema = default_schema();
	return RC_OK;
}

enum rc
options_need_gateway(const struct options *o)
{
	const struct {
		const char *value, *name, *variable;
	} needed[] = {
	    {o->url, "--url", "CUTOUT_URL"},
	    {o->ca, "--ca", "CUTOUT_CA"},
	    {o->cert, "--cert", "CUTOUT_CERT"},
	    {o->key, "--key", "CUTOUT_KEY"},
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (needed[i].value != NULL)
			continue;
		show_error("which gateway? Give %s, or set %s, or write it "
			   "into the configuration file (see --help)",
		    needed[i].name, needed[i].variable);
		return RC_CONFIG;
	}
	if (strncmp(o->url, "https://", 8) != 0) {
		show_error("--url must begin with https://");
		return RC_CONFIG;
	}
	for (size_t i = 1; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (access(needed[i].value, R_OK) == 0)
			continue;
		show_error("%s: can not read %s: %s", needed[i].name,
		    needed[i].value, strerror(errno));
		return RC_CONFIG;
	}
	return RC_OK;
}
