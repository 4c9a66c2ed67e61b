/* What each role may ask of the kernel: the one table, and questions to it. */
#ifndef CUTOUT_SANDBOX_TABLE_H
#define CUTOUT_SANDBOX_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox.h"

enum { RULE_CMPS = 2, SYSCALL_ARGS = 6 };

/* "argument arg, of which the bits of mask, must be value". A mask of zero
 * ends the list. */
struct rule_cmp {
	unsigned int arg;
	uint64_t mask;
	uint64_t value;
};

/* One allowed system call. All comparisons must hold. Several rules for one
 * call are alternatives. */
struct rule {
	int nr;
	struct rule_cmp cmp[RULE_CMPS];
	const char *why;
};

#define LIMIT_NONE UINT64_MAX

struct role_table {
	const char *name;
	const struct rule *rules; /* its own; ended by why == NULL */
	/* Roles whose rules are allowed as well, one bit each, because filters
	 * are inherited over fork and exec. Closed over further such roles by
	 * sandbox_rules(). */
	uint32_t heirs;
	enum role child; /* what sandbox_narrow() takes, or ROLE_COUNT */
	/* Limits: most bytes of a file written, processes of this user while it
	 * forks, bytes of address space, seconds of processor. */
	uint64_t file_bytes, processes, space_bytes, cpu_seconds;
};

/* NULL: no such role. */
const struct role_table *sandbox_table(enum role role);

/* Calls each() for every rule that holds for role: common, own, those of its
 * heirs and those that a sanitizer or coverage build needs. Stops and returns
 * the first answer that is not RC_OK. */
enum rc sandbox_rules(enum role role,
    enum rc (*each)(const struct rule *r, void *arg), void *arg) MUST_USE;

/* Whether the role's table lets this call through. */
int sandbox_allows(enum role role, int nr, const uint64_t args[SYSCALL_ARGS]);
/* Whether it does so whatever the arguments are. */
int sandbox_allows_any(enum role role, int nr);

/* Whether every call that inner's table lets through is let through by
 * outer's, judged rule by rule: the same rule or one without comparisons. */
int sandbox_covers(enum role outer, enum role inner);

/* 1 in builds whose Landlock lets everything through (coverage counters are
 * written at exit); never in a release build. */
extern const int sandbox_open_world;

#endif
