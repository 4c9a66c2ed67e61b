/* The same report, as another program would have written it. For tests: text
 * in, text out, by a small lexer of well-formed XML. */
#ifndef CUTOUT_TEST_RESPELL_H
#define CUTOUT_TEST_RESPELL_H

enum respelling {
	RESPELL_CRLF,       /* line ends of Windows */
	RESPELL_COMMENTS,   /* a comment behind every tag */
	RESPELL_INDENT,     /* other white space between elements */
	RESPELL_PREFIX,     /* a prefix on every element */
	RESPELL_QUOTES,     /* ' for ", spaces within tags */
	RESPELL_ATTRIBUTES, /* attributes in reverse */
	RESPELL_CDATA,      /* text in CDATA sections */
	RESPELL_NUMBERS,    /* letters as character references */
	RESPELL_IDS,        /* other id names */
	RESPELL_ORDER,      /* entities, links and references in reverse */
	RESPELL_DIGITS,     /* 07 for 7, +1.50 for 1.5 */
	RESPELL_BOM,        /* a mark in front, no XML declaration */
	RESPELL_COUNT
};

const char *respell_name(enum respelling how);
/* A new text; the caller frees it. */
char *respell(const char *xml, enum respelling how);

#endif
