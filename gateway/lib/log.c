/* Log lines to the inherited pipe: one write() a line, so lines of several
 * processes do not mix. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_SIZE = 512 };

static const char *log_process = "cutout";
static int log_fd = STDERR_FILENO;

void
log_init(const char *process, int fd)
{
	log_process = process;
	log_fd = fd;
}

static void __attribute__((format(printf, 2, 0)))
line(const char *word, const char *fmt, va_list ap)
{
	char text[LINE_SIZE];
	int n, m;

	n = snprintf(text, sizeof(text) - 1, "%s: %s", log_process, word);
	if (n < 0 || (size_t)n >= sizeof(text) - 1)
		return;
	m = vsnprintf(text + n, sizeof(text) - 1 - (size_t)n, fmt, ap);
	if (m < 0)
		return;
	n += m;
	if ((size_t)n > sizeof(text) - 2)
		n = (int)sizeof(text) - 2;
	text[n++] = '\n';
	/* nothing useful can be done when the log is gone */
	if (write(log_fd, text, (size_t)n) < 0)
		return;
}

void
note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("", fmt, ap);
	va_end(ap);
}

void
warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("warning: ", fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("fatal: ", fmt, ap);
	va_end(ap);
	_exit(1);
}

void
bug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("bug: ", fmt, ap);
	va_end(ap);
	abort();
}
