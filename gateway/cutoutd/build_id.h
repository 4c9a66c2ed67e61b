/* Which build this is, for the first entry of the audit log. */
#ifndef CUTOUT_BUILD_ID_H
#define CUTOUT_BUILD_ID_H

/* The linker's hash of this program in hexadecimal, or the version when it
 * was linked without one. Static storage, never NULL. */
const char *build_id(void);

#endif
