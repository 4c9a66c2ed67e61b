/* Whether this OpenSSL may be used at all. */
#ifndef CUTOUT_SELFTEST_H
#define CUTOUT_SELFTEST_H

#include "result.h"

/* Starts libcrypto without reading any configuration file, then checks that
 * it is 3.0.22 or later and, by trying, that it refuses an envelope whose tag
 * was cut to one byte (CVE-2026-34182). Call first of all, before lock-down.
 * RC_CONFIG: too old, or it accepted the forgery. RC_CRYPTO: the trial itself
 * could not be made. */
enum rc crypto_selftest(void) MUST_USE;

#endif
