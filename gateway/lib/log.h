/* Log lines to the inherited pipe: `process: event key=value`. */
#ifndef CUTOUT_LOG_H
#define CUTOUT_LOG_H

/* Names this process in every line; fd is where lines go (2, the pipe that
 * cutoutd gave). process is borrowed for ever. Without it: "cutout", fd 2. */
void log_init(const char *process, int fd);

/* The three words of failure. None of them may be given an address, a
 * certificate, an id, a size, a time or any byte of a report.
 * warnx: this report or connection ends, the process goes on.
 * fatal: the surroundings are broken; says why and exits with 1.
 * bug: an invariant of ours is broken; says so and aborts.
 * note: something happened that is not a failure. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
_Noreturn void bug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
