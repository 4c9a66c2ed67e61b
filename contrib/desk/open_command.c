/* The command open. What is written is made whole in memory first: nobody
 * sees half of a report, or a report without its conditions. */
#include "open_command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "file.h"
#include "find.h"
#include "opener.h"
#include "plain.h"
#include "remarks.h"

enum { TEXT_MAX = 64 * 1024 * 1024 };

/* Spaces behind the root element are padding and no part of the report. */
static size_t
without_padding(const struct buf *plain)
{
	const uint8_t *data = buf_data(plain);
	size_t len = buf_len(plain);

	while (len > 0 && data[len - 1] == ' ')
		len--;
	return len;
}

static enum rc
write_out(int fd, const struct buf *b)
{
	enum rc rc = file_write_fd(fd, b);

	if (rc != RC_OK)
		complain("can not write the output: %s", strerror(errno));
	return rc;
}

static enum rc
show_xml(const struct opened *item, struct buf *b)
{
	enum rc rc;

	rc = remarks_seal(item, b);
	if (rc == RC_OK)
		rc = remarks_origin(b);
	if (rc == RC_OK)
		rc = remarks_binding(item, b);
	if (rc == RC_OK)
		rc = write_out(STDERR_FILENO, b);
	if (rc != RC_OK)
		return rc;
	buf_clear(b);
	rc = plain_xml(b, buf_data(item->plain), without_padding(item->plain));
	if (rc == RC_OK)
		rc = buf_add_text(b, "\n");
	return rc == RC_OK ? write_out(STDOUT_FILENO, b) : rc;
}

/* report_text() begins with what to know of any report. */
static enum rc
show_text(const struct opener *op, const struct opened *item, struct buf *b)
{
	enum rc rc;

	rc = remarks_binding(item, b);
	if (rc == RC_OK)
		rc = report_text(opener_contract(op), item->fields, b);
	if (rc == RC_OK)
		rc = buf_add_text(b, "\n");
	if (rc == RC_OK)
		rc = remarks_seal(item, b);
	return rc == RC_OK ? write_out(STDOUT_FILENO, b) : rc;
}

/* Says why the item did not open. */
static enum rc
show_fault(const struct opened *item, const char *word, struct buf *b)
{
	enum rc rc = RC_OK;

	complain("%s: %s", word, open_fault_text(item->fault));
	if (item->fault == OPEN_NOT_OURS)
		rc = remarks_seal(item, b);
	if (item->fault == OPEN_INVALID)
		rc = remarks_findings(item->findings, b);
	return rc == RC_OK ? write_out(STDERR_FILENO, b) : rc;
}

static int
show(const struct desk_options *o, const struct opener *op,
    const struct opened *item)
{
	struct buf *b = buf_new(TEXT_MAX);
	enum rc rc = RC_NOMEM;

	if (b != NULL && item->fault != OPEN_FINE)
		rc = show_fault(item, o->word, b);
	else if (b != NULL)
		rc = o->xml ? show_xml(item, b) : show_text(op, item, b);
	buf_free_secret(b);
	if (rc != RC_OK && rc != RC_IO)
		complain("%s can not be shown: %s", o->word, rc_text(rc));
	return rc == RC_OK ? open_fault_status(item->fault) : EXIT_FAILED;
}

int
desk_open(const struct desk_options *o)
{
	struct opener *op = NULL;
	struct buf *raw = NULL;
	struct opened item;
	int status;
	enum rc rc;

	rc = opener_new(o, &op);
	if (rc != RC_OK)
		return EXIT_FAILED;
	rc = find_item(o->word, o->data, &raw);
	if (rc != RC_OK) {
		opener_free(op);
		return rc == RC_NOTFOUND ? DESK_NO_ITEM
		       : rc == RC_BAD    ? DESK_REFUSED
					 : EXIT_FAILED;
	}
	opener_open(op, buf_data(raw), buf_len(raw), &item);
	status = show(o, op, &item);
	opened_clear(&item);
	buf_free(raw);
	opener_free(op);
	return status;
}
