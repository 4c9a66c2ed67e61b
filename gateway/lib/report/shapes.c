/* Identifier shapes: small patterns, and the check digits that exist. */
#include "shapes.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Patterns: '#' a digit, '@' a capital letter, anything else itself. */
static bool
like(const char *text, const char *pattern)
{
	for (; *text != '\0' && *pattern != '\0'; text++, pattern++) {
		bool digit = *text >= '0' && *text <= '9';
		bool capital = *text >= 'A' && *text <= 'Z';

		if (*pattern == '#'
			? !digit
			: (*pattern == '@' ? !capital : *text != *pattern))
			return false;
	}
	return *text == '\0' && *pattern == '\0';
}

static bool
like_any(const char *text, const char *const *patterns)
{
	for (; *patterns != NULL; patterns++)
		if (like(text, *patterns))
			return true;
	return false;
}

static bool
only(const char *text, const char *allowed, size_t least, size_t most)
{
	size_t n = strspn(text, allowed);

	return text[n] == '\0' && n >= least && n <= most;
}

static const char digits[] = "0123456789";
static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Registrations are written with a space or without. */
static bool
without_spaces(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (n + 1 >= size)
			return false;
		out[n++] = *text;
	}
	out[n] = '\0';
	return n > 0;
}

bool
shape_vrm(const char *text)
{
	static const char *const patterns[] = {"@@##@@@", /* since 2001 */
	    "@#@@@", "@##@@@", "@###@@@",                 /* prefix */
	    "@@@#@", "@@@##@", "@@@###@",                 /* suffix */
	    "@#", "@##", "@###", "@####", "@@#", "@@##", "@@###", "@@####",
	    "@@@#", "@@@##", "@@@###", "@@@####", /* dateless, NI */
	    "#@", "##@", "###@", "####@", "#@@", "##@@", "###@@", "####@@",
	    "#@@@", "##@@@", "###@@@", "####@@@", NULL};
	char plain[16];

	return without_spaces(text, plain, sizeof(plain)) &&
	       like_any(plain, patterns);
}

bool
shape_vrm_partial(const char *text)
{
	char plain[16];

	return without_spaces(text, plain, sizeof(plain)) &&
	       only(plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*?", 1, 8) &&
	       strspn(plain, "*?") < strlen(plain);
}

bool
shape_vin(const char *text)
{
	return only(text, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789", 17, 17);
}

bool
shape_phone(const char *text)
{
	if (text[0] != '+' || text[1] == '0' || !only(text + 1, digits, 7, 15))
		return false;
	if (strncmp(text, "+44", 3) != 0)
		return true;
	return text[3] != '0' && only(text + 3, digits, 9, 10);
}

bool
shape_nino(const char *text)
{
	static const char *const never[] = {
	    "BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};
	size_t i;

	if (!like(text, "@@######@") || strchr("DFIQUV", text[0]) != NULL ||
	    strchr("DFIOQUV", text[1]) != NULL || text[8] > 'D')
		return false;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strncmp(text, never[i], 2) == 0)
			return false;
	return true;
}

/* ISO/IEC 7812-1: every second digit from the right doubled. */
bool
shape_imei(const char *text)
{
	int sum = 0, d;
	size_t i;

	if (!only(text, digits, 15, 15))
		return false;
	for (i = 0; i < 15; i++) {
		d = text[i] - '0';
		if (i % 2 == 1)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return sum % 10 == 0;
}

bool
shape_imsi(const char *text)
{
	return only(text, digits, 14, 15);
}

/* ISO 7064 MOD 97-10 over the number with its first four behind it. */
bool
shape_iban(const char *text)
{
	char plain[40] = "";
	unsigned rest = 0;
	size_t i, len;

	if (!without_spaces(text, plain, sizeof(plain)) ||
	    !only(plain, capitals, 15, 34) || !isalpha((uint8_t)plain[0]) ||
	    !isalpha((uint8_t)plain[1]) || !isdigit((uint8_t)plain[2]) ||
	    !isdigit((uint8_t)plain[3]))
		return false;
	len = strlen(plain);
	if (strncmp(plain, "GB", 2) == 0 && len != 22)
		return false;
	for (i = 0; i < len; i++) {
		char c = plain[(i + 4) % len];
		unsigned v = isdigit((uint8_t)c) ? (unsigned)(c - '0')
						 : (unsigned)(c - 'A' + 10);

		rest = (v > 9 ? rest * 100 + v : rest * 10 + v) % 97;
	}
	return rest == 1;
}

/* The letter of PNC and CRO numbers: the number modulo 23 in an alphabet
 * without I, O and S, which begins with Z. */
static bool
letter_23(uint64_t number, char letter)
{
	return "ZABCDEFGHJKLMNPQRTUVWXY"[number % 23] == letter;
}

static uint64_t
number_of(const char *text, size_t len)
{
	uint64_t v = 0;

	for (; len > 0; len--, text++)
		v = v * 10 + (uint64_t)(*text - '0');
	return v;
}

/* 2004/0123456A: two digits of the year, then seven, modulo 23. */
bool
shape_pnc(const char *text)
{
	if (!like(text, "####/#######@"))
		return false;
	return letter_23(number_of(text + 2, 2) * 10000000 +
			     number_of(text + 5, 7),
	    text[12]);
}

/* 123456/04A: the two digits of the year, then the serial, modulo 23. */
bool
shape_cro(const char *text)
{
	size_t n;

	if (strncmp(text, "SF", 2) == 0) /* records on paper: no check */
		return strlen(text) >= 7 && text[4] == '/' &&
		       strspn(text + 2, digits) == 2 &&
		       strspn(text + 5, digits) == strlen(text) - 6;
	n = strspn(text, digits);
	if (n < 1 || n > 6 || !like(text + n, "/##@"))
		return false;
	return letter_23(number_of(text + n + 1, 2) * 1000000 +
			     number_of(text, n),
	    text[n + 3]);
}

bool
shape_outward(const char *text)
{
	static const char *const patterns[] = {
	    "@#", "@##", "@#@", "@@#", "@@##", "@@#@", NULL};

	return like_any(text, patterns);
}

bool
shape_postcode(const char *text)
{
	const char *space = strchr(text, ' ');
	char outward[5];
	size_t n;

	if (strcmp(text, "GIR 0AA") == 0)
		return true;
	if (space == NULL)
		return false;
	n = (size_t)(space - text);
	if (n >= sizeof(outward))
		return false;
	memcpy(outward, text, n);
	outward[n] = '\0';
	return shape_outward(outward) && like(space + 1, "#@@") &&
	       strpbrk(space + 2, "CIKMOV") == NULL;
}

bool
shape_uprn(const char *text)
{
	return only(text, digits, 1, 12) && strspn(text, "0") < strlen(text);
}

static bool
shape_host(const char *text)
{
	size_t label;
	bool dotted = false;

	for (;;) {
		label = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
		if (label == 0 || label > 63 || text[0] == '-' ||
		    text[label - 1] == '-')
			return false;
		text += label;
		if (*text == '\0')
			return dotted;
		if (*text++ != '.')
			return false;
		dotted = true;
	}
}

bool
shape_email(const char *text)
{
	const char *at = strrchr(text, '@');
	size_t n;

	if (at == NULL || at == text || at - text > 64 || *text == '.' ||
	    at[-1] == '.' || strlen(text) > 254 || strstr(text, "..") != NULL)
		return false;
	n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.!#$%&'*+/=?^_`{|}~-");
	return n == (size_t)(at - text) && shape_host(at + 1);
}

bool
shape_ip(const char *text)
{
	uint8_t address[16];

	return inet_pton(AF_INET, text, address) == 1 ||
	       inet_pton(AF_INET6, text, address) == 1;
}

bool
shape_url(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz+-.0123456789");

	return n > 0 && strncmp(text + n, "://", 3) == 0 &&
	       text[n + 3] != '\0' && strchr("/?#", text[n + 3]) == NULL &&
	       strpbrk(text, " <>\"") == NULL;
}

bool
shape_sort_code(const char *text)
{
	static const char *const patterns[] = {
	    "##-##-##", "######", "## ## ##", NULL};

	return like_any(text, patterns);
}

bool
shape_account(const char *text)
{
	return only(text, digits, 6, 10);
}

bool
shape_company(const char *text)
{
	static const char *const patterns[] = {
	    "########", "@@######", "@#######", "@@####@@", NULL};

	return like_any(text, patterns);
}

bool
shape_passport(const char *text)
{
	return only(text, capitals, 6, 9);
}

/* Five of the surname, decade, month (51 to 62 for women), day, year,
 * initials, and three that tell namesakes apart. */
bool
shape_driving(const char *text)
{
	int month, day;

	if (strlen(text) != 16 || !only(text, capitals, 16, 16) ||
	    strspn(text + 5, digits) < 6)
		return false;
	month = (text[6] - '0') * 10 + text[7] - '0';
	day = (text[8] - '0') * 10 + text[9] - '0';
	return month % 50 >= 1 && month % 50 <= 12 && month < 63 && day >= 1 &&
	       day <= 31;
}

bool
shape_prison(const char *text)
{
	return like(text, "@####@@") || like(text, "@@####") ||
	       like(text, "@@#####");
}

bool
shape_what3words(const char *text)
{
	int dots = 0;

	if (strncmp(text, "///", 3) == 0)
		text += 3;
	if (*text == '\0' || *text == '.')
		return false;
	for (; *text != '\0'; text++) {
		if (strchr(" ,;:/\\\"'", *text) != NULL)
			return false;
		if (*text == '.' &&
		    (++dots > 2 || text[1] == '.' || text[1] == '\0'))
			return false;
	}
	return dots == 2;
}
