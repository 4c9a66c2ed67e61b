/* The published schemas as plain lists, for tests that hold them against the
 * tables of the code: every element and attribute, in order, by its path. */
#ifndef CUTOUT_TEST_SCHEMA_WALK_H
#define CUTOUT_TEST_SCHEMA_WALK_H

#include <stdbool.h>
#include <stddef.h>

struct declared {
	char path[160]; /* "Item/Grading/@scheme", the root itself is "" */
	bool attribute;
	bool many;        /* maxOccurs above 1, its own or of a choice around */
	bool group;       /* holds elements or only attributes, no value */
	char type[48];    /* name of its type without prefix, "" for a group */
	char base[48];    /* what that type restricts, "" when it is built in */
	unsigned longest; /* maxLength of the type, 0: none */
	bool documented;
};

struct walk {
	char name[64]; /* of the root element */
	struct declared list[512];
	size_t count;
};

/* Reads SOURCE_DIR/schema/NAME; fails the test when it can not. The caller
 * frees it. */
struct walk *schema_walk(const char *name);

#endif
