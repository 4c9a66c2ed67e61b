/* What people see: advice first and loud, findings as compilers print them,
 * the receipt code once. Nothing from the network reaches a terminal raw. */
#ifndef CUTOUT_SHOW_H
#define CUTOUT_SHOW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One finding, of the local check or of the gateway's answer. */
struct shown {
	const char *rule;
	char severity;
	const char *path;
	uint32_t line;         /* 0: about the whole report */
	const char *codepoint; /* "U+000B", or NULL */
	const char *help;
};

/* file:line: rule severity: help, on standard output. */
void show_finding(const char *file, const struct shown *f);
void show_more(const char *file, unsigned long more);

/* A piece of advice, on standard error, so that it is seen even when output
 * goes into a file. Returns whether it is an urgent one (999 or 101). */
int show_advice(const char *text);

/* "cutout-submit: ...", on standard error. It may hold names of files as they
 * are; text from the network goes through show_plain() before. */
void show_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "12 of 40 sent, 1 returned": on a terminal one line that is written over,
 * else a line for every tenth report and the last. Only when total > 1. */
void show_progress(unsigned long done, unsigned long total, unsigned long sent,
    unsigned long returned, int final);

/* Text that came from the network: the gateway's is ASCII, and every other
 * byte is shown as a question mark. */
void show_text(FILE *to, const char *raw_text);
/* The same into out, cut at size. */
void show_plain(char *out, size_t size, const char *raw_text);
/* The name of a file on this machine: UTF-8, and a question mark for every
 * character that can not be seen or could steer a terminal. */
void show_name(FILE *to, const char *raw_name);

#endif
