/* Every option of cutoutd.conf: name, kind, default, range, unit, meaning. */
#ifndef CUTOUT_CONFIG_TABLE_H
#define CUTOUT_CONFIG_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum option_kind { OPTION_NUMBER, OPTION_BOOL, OPTION_TEXT, OPTION_LIST };

enum {
	OPTION_REQUIRED = 1, /* no default */
	OPTION_PATH = 2,     /* texts: absolute path */
	OPTION_EMPTY = 4     /* texts: "" is fine and means: none */
};

struct option_row {
	const char *section; /* "" at the top; "destination" repeats */
	const char *name;
	enum option_kind kind;
	int flags;
	const char *text;  /* default of texts; "{a, b}" of lists */
	int64_t number;    /* default of numbers and bools */
	int64_t low, high; /* range of numbers; count of lists */
	size_t offset;     /* in struct config or struct destination */
	const char *unit;
	const char *help;
};

extern const struct option_row option_table[];
extern const size_t option_count;
/* The sections, in order; the first is "". */
extern const char *const option_sections[];
extern const size_t option_section_count;

#endif
