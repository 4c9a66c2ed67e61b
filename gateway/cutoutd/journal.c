/* The log lines of one role on their way to the daemon's log. */
#include "journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* at most this much of one role before the others get their turn */
enum { CHUNK = 1024, ROUNDS = 16 };

void
journal_init(struct journal *j, int from, const char *name)
{
	memset(j, 0, sizeof(*j));
	j->from = from;
	j->name = name;
}

static void
put(int to, const char *text, size_t len)
{
	/* nothing useful can be done when the log is gone */
	if (write(to, text, len) == -1)
		return;
}

static int
has_name(const struct journal *j)
{
	size_t n = strlen(j->name);

	return j->len > n && memcmp(j->raw_line, j->name, n) == 0 &&
	       (j->raw_line[n] == ':' || j->raw_line[n] == ' ');
}

static void
put_line(struct journal *j, int to)
{
	char line[JOURNAL_LINE + 64];
	int n;

	n = snprintf(line, sizeof(line), "%s%s%.*s\n",
	    has_name(j) ? "" : j->name, has_name(j) ? "" : ": ", (int)j->len,
	    j->raw_line);
	if (n > 0 && (size_t)n < sizeof(line))
		put(to, line, (size_t)n);
}

static void
end_line(struct journal *j, int to, uint64_t now_s)
{
	char text[96];
	int n;

	if (now_s != j->second) {
		if (j->dropped > 0) {
			n = snprintf(text, sizeof(text),
			    "cutoutd: warning: %u lines of %s dropped\n",
			    j->dropped, j->name);
			if (n > 0)
				put(to, text, (size_t)n);
		}
		j->second = now_s;
		j->lines = 0;
		j->dropped = 0;
	}
	if (j->lines++ < JOURNAL_LINES_A_SECOND)
		put_line(j, to);
	else
		j->dropped++;
	j->len = 0;
	j->cut = 0;
}

static void
take(struct journal *j, char c, int to, uint64_t now_s)
{
	if (c == '\n') {
		if (j->len > 0)
			end_line(j, to, now_s);
		j->cut = 0;
		return;
	}
	if (j->cut)
		return;
	if (j->len == sizeof(j->raw_line)) {
		j->cut = 1;
		return;
	}
	if (c < 0x20 || c >= 0x7f)
		c = '?';
	j->raw_line[j->len++] = c;
}

enum rc
journal_copy(struct journal *j, int to, uint64_t now_s)
{
	char raw_chunk[CHUNK];

	for (int round = 0; round < ROUNDS; round++) {
		ssize_t n = read(j->from, raw_chunk, sizeof(raw_chunk));

		if (n == 0)
			return RC_EOF;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? RC_AGAIN : RC_IO;
		for (ssize_t i = 0; i < n; i++)
			take(j, raw_chunk[i], to, now_s);
	}
	return RC_AGAIN;
}

void
journal_end(struct journal *j, int to)
{
	if (j->from == -1)
		return;
	if (j->len > 0)
		put_line(j, to);
	j->len = 0;
	close(j->from);
	j->from = -1;
}
