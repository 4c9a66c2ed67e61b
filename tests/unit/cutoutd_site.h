/* For tests of cutoutd: a configuration that is right, with its files, and
 * roles that are a few lines of shell. */
#ifndef CUTOUT_TEST_CUTOUTD_SITE_H
#define CUTOUT_TEST_CUTOUTD_SITE_H

#include "config.h"

/* One option with another value than the usual; a NULL value leaves it out. */
struct option_value {
	const char *section, *name, *value;
};

/* Everything stands under this folder. */
extern char site_dir[64];
void site_make(void);
void site_remove(void);

/* A configuration in which every required option is set, the usual ones so
 * that any other may take the whole of its range, and these as they say.
 * Static storage. */
const char *site_text(const struct option_value *values, size_t count);

/* Reads text; what was complained about stands in site_said, a sentence a
 * line. */
extern char site_said[16384];
enum rc site_parse(const char *text, struct config **out);
void site_complain(const char *sentence);

/* Files for every option, by the names in the configuration: they look like
 * PEM, keys have mode 0600. */
void site_files(void);
void site_file(const char *name, const char *content, unsigned int mode);
/* A role: what the shell does when it is started. Its control socket is
 * descriptor 3, its log 2. */
void site_role(const char *name, const char *script);

/* Shell: the role says ready, and it waits for one frame or the end of its
 * control socket. */
#define SITE_READY "printf '\\012\\000\\000\\000' >&3\n"
#define SITE_WAIT "head -c 1 <&3 >/dev/null\n"

#endif
