/* For tests: runs a command line and keeps what it said. */
#ifndef CUTOUT_TEST_PROGRAM_H
#define CUTOUT_TEST_PROGRAM_H

#include <stddef.h>

/* Runs the shell command that fmt makes; what it writes to both outputs stands
 * in out afterwards, cut to size and ended by NUL. Gives the exit status, 128
 * and the signal when it was killed. A failure to run it fails the test. */
int program_run(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A new folder under /tmp; path has room for 64 bytes. */
void program_folder(char path[64]);
/* Removes a folder that program_folder() made, with everything in it. */
void program_folder_remove(const char *path);

#endif
