/* The TLS 1.3 handshake of a partner, in memory. */
#ifndef CUTOUT_BENCH_HANDSHAKE_H
#define CUTOUT_BENCH_HANDSHAKE_H

#include "material.h"

/* CPU microseconds that the server's side alone takes for one connection: make
 * it, shake hands with a client certificate, free it. Settings as session's,
 * but for the server's key, which is in this process and not in keyd. */
double handshake_us(const struct material *m);

#endif
