/* Complaints of the programs that people run. */
#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

static const char *program_name = "cutout";

void
complain_as(const char *program)
{
	program_name = program;
}

void
complain(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_name);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}
