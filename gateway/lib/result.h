/* The one result type: what a call may answer, and its words. */
#ifndef CUTOUT_RESULT_H
#define CUTOUT_RESULT_H

#define MUST_USE __attribute__((warn_unused_result))

/* Every function that can fail returns one of these, and nobody may ignore it.
 * RC_OK is zero so that a zeroed struct does not read as a failure by chance;
 * code compares with RC_OK by name all the same. */
enum rc {
	RC_OK = 0,
	RC_EOF,       /* the peer closed in an orderly way */
	RC_AGAIN,     /* nothing there now: ask again later */
	RC_BAD,       /* bytes from outside do not have the agreed form */
	RC_LIMIT,     /* a hard maximum was reached */
	RC_DENIED,    /* understood and refused */
	RC_DUPLICATE, /* stored before, the same */
	RC_CONFLICT,  /* stored before, another */
	RC_FULL,      /* no room: admission is closed */
	RC_NOTFOUND,  /* no such thing */
	RC_TIMEOUT,   /* a deadline passed */
	RC_IO,        /* a system call failed; errno tells */
	RC_NOMEM,     /* out of memory */
	RC_CRYPTO,    /* a cryptographic call failed or did not verify */
	RC_CONFIG,    /* a configured value or file is wrong */
	RC_UNKNOWN    /* may or may not have happened: recovery decides */
};

/* A few plain words for rc; never NULL, static storage. */
const char *rc_text(enum rc rc);

#endif
