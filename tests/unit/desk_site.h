/* For tests of cutout-desk: a gateway's keys, a desk's keys, sealed reports and
 * a running receiver, in one folder. */
#ifndef CUTOUT_TEST_DESK_SITE_H
#define CUTOUT_TEST_DESK_SITE_H

#include <stddef.h>
#include <sys/types.h>

#include "buf.h"

enum { ITEM_TEXT = 65 }; /* the name of an item, with NUL */

/* The folder: keys/ of cutout-keys demo, police/ and other/ of cutout-desk
 * init, data/. */
extern char site_dir[64];
void site_make(void);
void site_remove(void);
/* data/ as it was at first. */
void site_empty_data(void);

/* A report of the examples as the gateway would seal it: padded canonical XML.
 * The caller frees it. */
struct buf *site_report(const char *good);
/* Any text of a report, and whether it is a cover report. */
struct buf *site_report_text(const char *xml, int cover);
/* The object around plain bytes: to the certificates recipients (paths under
 * the folder, up to a NULL), signed with the key and certificate BASE.key,
 * BASE.crt. The caller frees it. */
struct buf *site_seal(const void *plain, size_t len,
    const char *const *recipients, const char *base);
/* The usual: a report of the examples to this desk by the gateway. */
struct buf *site_item(const char *good);
/* Writes an object as FOLDER/NAME.p7m and gives its name. */
void site_write(const struct buf *object, const char *folder,
    char name[ITEM_TEXT]);

/* Starts cutout-desk receive on a free port, waits until it is ready and gives
 * its pid. What it says goes to the file log. */
pid_t site_receive(int *port);
/* Above 0: receivers that are started may not write longer files. */
extern unsigned long site_file_limit;
/* Sends the signal, waits and gives the exit status, or 128 and the signal
 * that ended it. */
int site_stop(pid_t pid, int signal_number);
/* Waits until the log of receivers holds text count times. */
void site_wait_log(const char *text, int count);

#endif
