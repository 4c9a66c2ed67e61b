/* For tests of signer: keys, a judge for two destinations, and envelopes. */
#ifndef CUTOUT_TEST_SIGNER_SITE_H
#define CUTOUT_TEST_SIGNER_SITE_H

#include "judge.h"

/* The readers: destination 0 is for A and B, destination 1 for A alone. C is
 * of the set before. */
enum { READER_A, READER_B, READER_C, READERS };
extern X509 *site_reader[READERS];
/* Makes the keys, once. */
void site_make(void);

/* A judge with that set; fresh each time, so that a test may change it. */
void site_judge(struct judge *j);
void site_judge_free(struct judge *j);

/* An envelope around len bytes, sealed to these readers; the caller frees
 * it. */
struct buf *site_envelope(size_t len, const int *readers, size_t count);
/* The usual: one that screen makes for destination 0, class 0. */
struct buf *site_good(void);
/* The payload of FRAME_SUBMIT. */
void site_submit(uint8_t lane, uint8_t class, uint8_t destination,
    uint8_t out[SUBMIT_LEN]);
/* Whether the object is signed by the judge and holds this envelope. */
int site_holds(const struct judge *j, const struct buf *object,
    const struct buf *envelope);

#endif
