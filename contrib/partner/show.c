/* What people see. */
#include "show.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

static bool overwriting;

/* Control characters could steer the terminal: C0, DEL, and C1, which some
 * terminals take from U+009B as well as from ESC. */
static int
shown(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 32 || u >= 127 ? '?' : u;
}

void
show_text(FILE *to, const char *raw_text)
{
	for (const char *p = raw_text; *p != '\0'; p++)
		(void)putc(shown(*p), to);
}

void
show_plain(char *out, size_t size, const char *raw_text)
{
	size_t n = 0;

	for (; n + 1 < size && raw_text[n] != '\0'; n++)
		out[n] = (char)shown(raw_text[n]);
	out[n] = '\0';
}

void
show_name(FILE *to, const char *raw_name)
{
	const uint8_t *p = (const uint8_t *)raw_name;
	size_t len = strlen(raw_name), n;
	uint32_t codepoint;

	for (; len > 0; p += n, len -= n) {
		n = utf8_next(p, len, &codepoint);
		if (n == 0 || codepoint == '\n' ||
		    character_kind(codepoint) != CHARACTER_FINE) {
			n = n == 0 ? 1 : n;
			(void)putc('?', to);
		} else
			(void)fwrite(p, 1, n, to);
	}
}

/* Ends a progress line, so that what follows has a line of its own. */
static void
fresh_line(void)
{
	if (overwriting)
		(void)fputc('\n', stderr);
	overwriting = false;
}

void
show_finding(const char *file, const struct shown *f)
{
	fresh_line();
	show_name(stdout, file);
	if (f->line > 0)
		printf(":%u", f->line);
	printf(": ");
	show_text(stdout, f->rule);
	printf(" %c: ", shown(f->severity));
	show_text(stdout, f->help);
	if (f->codepoint != NULL) {
		printf(" [");
		show_text(stdout, f->codepoint);
		printf("]");
	}
	if (f->path[0] != '\0') {
		printf(" (");
		show_text(stdout, f->path);
		printf(")");
	}
	putchar('\n');
}

void
show_more(const char *file, unsigned long more)
{
	if (more == 0)
		return;
	show_name(stdout, file);
	printf(": and %lu more\n", more);
}

int
show_advice(const char *text)
{
	bool urgent =
	    strncmp(text, "999", 3) == 0 || strncmp(text, "101", 3) == 0;
	bool terminal = isatty(STDERR_FILENO);

	fresh_line();
	if (terminal && urgent)
		(void)fputs("\033[1;7m", stderr);
	(void)fputs(urgent ? "*** " : "  * ", stderr);
	show_text(stderr, text);
	(void)fputs(urgent ? " ***" : "", stderr);
	if (terminal && urgent)
		(void)fputs("\033[0m", stderr);
	(void)fputc('\n', stderr);
	return urgent;
}

void
show_error(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fresh_line();
	(void)fputs("cutout-submit: ", stderr);
	show_name(stderr, line);
	(void)fputc('\n', stderr);
}

void
show_progress(unsigned long done, unsigned long total, unsigned long sent,
    unsigned long returned, int final)
{
	bool terminal = isatty(STDERR_FILENO);

	if (total < 2 || (!terminal && !final && done % 10 != 0))
		return;
	fprintf(stderr, "%s%lu of %lu sent, %lu returned%s",
	    terminal ? "\r" : "", sent, total, returned,
	    terminal ? "\033[K" : "\n");
	overwriting = terminal;
	if (final)
		fresh_line();
	(void)fflush(stderr);
}
