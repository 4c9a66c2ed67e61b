/* How a program that people run tells them that something failed. */
#ifndef CUTOUT_COMPLAIN_H
#define CUTOUT_COMPLAIN_H

/* Names the program in every complaint; borrowed for ever. */
void complain_as(const char *program);
/* Prints "program: text" to standard error. The text says what failed and
 * what to do next. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What the programs exit with; others are documented in their --help. */
enum { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SOON = 3 };

#endif
