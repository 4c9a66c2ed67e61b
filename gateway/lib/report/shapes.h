/* The shapes and check digits of British and international identifiers
 * (DOMAIN 6.4). Each answers whether text can be such a number. Case and
 * spaces as the published form has them; where people vary, both pass. */
#ifndef CUTOUT_SHAPES_H
#define CUTOUT_SHAPES_H

#include <stdbool.h>

bool shape_vrm(const char *text);         /* AB12CDE, A123BCD, .. */
bool shape_vrm_partial(const char *text); /* with * for what is unknown */
bool shape_vin(const char *text);         /* 17, no I O Q */
bool shape_phone(const char *text);       /* E.164; +44 closer */
bool shape_nino(const char *text);        /* AB123456C */
bool shape_imei(const char *text);        /* 15 digits, Luhn */
bool shape_imsi(const char *text);        /* 14 or 15 digits */
bool shape_iban(const char *text);        /* ISO 13616, mod 97 */
bool shape_pnc(const char *text);         /* 2004/0123456A, mod 23 */
bool shape_cro(const char *text);         /* 123456/04A, mod 23 */
bool shape_postcode(const char *text);    /* S1 2HH */
bool shape_outward(const char *text);     /* S1 */
bool shape_uprn(const char *text);        /* 1 to 12 digits, not 0 */
bool shape_email(const char *text);       /* RFC 5321 in its usual form */
bool shape_ip(const char *text);          /* v4 or v6 */
bool shape_url(const char *text);         /* scheme://host */
bool shape_sort_code(const char *text);   /* 12-34-56 or 123456 */
bool shape_account(const char *text);     /* 6 to 10 digits */
bool shape_company(const char *text);     /* 01234567, SC123456 */
bool shape_passport(const char *text);    /* 6 to 9 letters, digits */
bool shape_driving(const char *text);     /* MORGA657054SM9IJ, 16 */
bool shape_prison(const char *text);      /* A1234BC */
bool shape_what3words(const char *text);  /* ///a.b.c */

#endif
