/* One value: from text that the schema found valid to a typed one. The schema
 * is data and this is code, so each type is checked again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "fields_tree.h"
#include "hex.h"
#include "reader.h"
#include "utf8.h"

/* Reads exactly n digits. */
static bool
digits(const char **p, const char *end, int n, int *out)
{
	int v = 0;

	for (; n > 0; n--, (*p)++) {
		if (*p == end || **p < '0' || **p > '9')
			return false;
		v = v * 10 + (**p - '0');
	}
	*out = v;
	return true;
}

static bool
mark(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

static bool
read_time(const char **p, const char *end, struct date *d)
{
	int hour, minute, second;

	if (!digits(p, end, 2, &hour) || !mark(p, end, ':') ||
	    !digits(p, end, 2, &minute) || !mark(p, end, ':') ||
	    !digits(p, end, 2, &second) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	if (mark(p, end, '.'))
		while (*p < end && **p >= '0' && **p <= '9')
			(*p)++; /* fractions of a second are dropped */
	d->hour = (uint8_t)hour;
	d->minute = (uint8_t)minute;
	d->second = (uint8_t)second;
	d->has_time = true;
	return true;
}

static bool
read_zone(const char **p, const char *end, struct date *d)
{
	int sign, hour, minute;

	if (*p == end)
		return true;
	d->has_zone = true;
	if (mark(p, end, 'Z'))
		return *p == end;
	sign = **p == '-' ? -1 : 1;
	if (**p != '-' && **p != '+')
		return false;
	(*p)++;
	if (!digits(p, end, 2, &hour) || !mark(p, end, ':') ||
	    !digits(p, end, 2, &minute) || hour > 14 || minute > 59)
		return false;
	d->zone_minutes = (int16_t)(sign * (hour * 60 + minute));
	return *p == end;
}

static int
month_days(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month == 2 &&
	    ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		return 29;
	return days[month - 1];
}

static bool
read_date(const char *p, size_t len, struct date *d)
{
	const char *end = p + len;
	int year, month, day;

	memset(d, 0, sizeof(*d));
	if (!digits(&p, end, 4, &year) || !mark(&p, end, '-') ||
	    !digits(&p, end, 2, &month) || !mark(&p, end, '-') ||
	    !digits(&p, end, 2, &day) || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return false;
	d->year = (int16_t)year;
	d->month = (uint8_t)month;
	d->day = (uint8_t)day;
	if (mark(&p, end, 'T') && !read_time(&p, end, d))
		return false;
	return read_zone(&p, end, d);
}

static bool
read_int(const char *text, size_t len, int64_t *out)
{
	size_t i = 0;
	int64_t v = 0;
	bool negative = len > 0 && text[0] == '-';

	if (negative || (len > 0 && text[0] == '+'))
		i++;
	if (i == len || len - i > 10)
		return false;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (text[i] - '0');
	}
	*out = negative ? -v : v;
	return true;
}

static bool
is_decimal(const char *text, size_t len)
{
	size_t i = 0, before, after = 0;

	if (len > 0 && (text[0] == '-' || text[0] == '+'))
		i++;
	for (before = i; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		;
	before = i - before;
	if (i < len && text[i] == '.') {
		for (after = ++i; i < len && text[i] >= '0' && text[i] <= '9';
		     i++)
			;
		after = i - after;
	}
	return i == len && before + after > 0;
}

static enum rc
set_bool(struct field *field, const char *text, size_t len)
{
	bool yes = (len == 4 && memcmp(text, "true", 4) == 0) ||
		   (len == 1 && text[0] == '1');
	bool no = (len == 5 && memcmp(text, "false", 5) == 0) ||
		  (len == 1 && text[0] == '0');

	if (!yes && !no)
		return RC_BAD;
	field->truth = yes;
	field->text = yes ? "true" : "false";
	field->len = yes ? 4 : 5;
	return RC_OK;
}

/* The text becomes the contract's own: not a byte of the report is kept. */
static enum rc
set_code(const struct contract *c, struct field *field, const char *text,
    size_t len)
{
	const struct code *code =
	    code_find(c->list_of[field->def->id], text, len);

	if (code == NULL)
		return RC_BAD;
	field->text = code->text;
	field->len = (uint32_t)len;
	field->meaning = code->meaning;
	return RC_OK;
}

static enum rc
set_hex(struct field *field)
{
	if (field->len != 2 * sizeof(field->hex))
		return RC_BAD;
	return hex_decode(field->text, field->hex, sizeof(field->hex));
}

static enum rc
copy_text(struct fields *fields, struct field *field, const char *text,
    size_t len)
{
	const char *copy = fields_copy(fields, text, len);

	if (copy == NULL)
		return RC_NOMEM;
	field->text = copy;
	field->len = (uint32_t)len;
	return RC_OK;
}

enum rc
value_set(const struct contract *c, struct fields *fields, struct field *field,
    const char *text, size_t len)
{
	enum rc rc;

	if (field->def->type == TYPE_GROUP || field->def->type == TYPE_BASE64)
		return RC_OK; /* attachments are refused unread: CT-01 */
	if (len > field->def->max)
		return RC_LIMIT;
	if (field->def->type == TYPE_BOOL)
		return set_bool(field, text, len);
	if (field->def->type == TYPE_CODE)
		return set_code(c, field, text, len);
	rc = copy_text(fields, field, text, len);
	if (rc != RC_OK)
		return rc;
	switch (field->def->type) {
	case TYPE_DATE:
		return read_date(text, len, &field->date) ? RC_OK : RC_BAD;
	case TYPE_INT:
		return read_int(text, len, &field->number) ? RC_OK : RC_BAD;
	case TYPE_DECIMAL:
		return is_decimal(text, len) ? RC_OK : RC_BAD;
	case TYPE_HEX32:
		return set_hex(field);
	default:
		return RC_OK;
	}
}

bool
value_is_nfc(const char *text, size_t len, size_t *at, uint32_t *codepoint)
{
	utf8proc_uint8_t *normal = NULL;
	const uint8_t *p = (const uint8_t *)text;
	uint32_t other;
	utf8proc_ssize_t normal_len;
	size_t i, n;
	bool same;

	for (i = 0; i < len && p[i] < 0x80; i++)
		;
	if (i == len)
		return true;
	normal_len = utf8proc_map(p, (utf8proc_ssize_t)len, &normal,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	same = normal_len == (utf8proc_ssize_t)len &&
	       memcmp(normal, text, len) == 0;
	*at = 0;
	*codepoint = 0;
	for (i = 0; !same && i < len; i += n, (*at)++) {
		n = utf8_next(p + i, len - i, codepoint);
		if (n == 0 || normal_len < 0 || i >= (size_t)normal_len ||
		    utf8_next(normal + i, (size_t)normal_len - i, &other) !=
			n ||
		    other != *codepoint)
			break;
	}
	free(normal);
	return same;
}
