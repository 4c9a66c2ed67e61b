/* The running gateway as cutoutd sees it: its parts, each a process, and what
 * connects them. */
#ifndef CUTOUT_GATEWAY_H
#define CUTOUT_GATEWAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config.h"
#include "journal.h"
#include "material.h"
#include "result.h"
#include "setups.h"

enum proc_state {
	PROC_FREE,
	PROC_STARTING, /* has not said ready */
	PROC_READY,
	PROC_DRAINING /* told to end; its death is expected */
};

struct proc {
	enum proc_state state;
	enum part part;
	pid_t pid;
	int control; /* SEQPACKET, non-blocking; -1: closed */
	struct journal journal;
	uint64_t generation; /* of the material it got */
	uint64_t since_ms;   /* it is in this state */
	size_t destination;  /* of a forward */
};

enum { PROCS_MAX = 64 };

/* Ends of socket pairs that wait for the process they are meant for. */
enum wire_pair {
	PAIR_KEYD_LOG,     /* [0] queue, [1] keyd */
	PAIR_KEYD_PROMISE, /* [0] queue, [1] keyd */
	PAIR_CTL,          /* [0] queue, [1] ctl */
	PAIR_SIGNER,       /* [0] queue, [1] signer */
	PAIR_JOBS,         /* [0] session, [1] screen; kept for fresh zygotes */
	PAIR_COVER_JOBS,   /* [0] cover, [1] its screen; the latter kept */
	PAIR_COUNT
};

/* A change of zygotes under way. */
enum renewal_kind {
	RENEWAL_CRASH,  /* one crashed: the same material again */
	RENEWAL_RELOAD, /* all of next */
	RENEWAL_TRUST   /* next did not serve: session gets its trust alone */
};

struct renewal {
	unsigned int parts; /* a bit for each part; 0: none under way */
	enum renewal_kind kind;
	uint64_t deadline_ms; /* all must be ready by then */
};

struct gateway {
	struct config *config;
	struct material *current, *next;
	uint64_t generation; /* the last one given */
	int devnull, signals, listener, ctl_listener, rates;
	int pairs[PAIR_COUNT][2];
	struct proc procs[PROCS_MAX];
	struct renewal renewal;
	uint64_t renewed_ms;     /* last start of fresh zygotes */
	uint64_t reload_due_ms;  /* hourly */
	unsigned int crashed;    /* parts whose zygote reported a crash */
	unsigned int crashes;    /* told once a day: each is of one report */
	unsigned int run_wanted; /* a bit for each destination */
	int reload_wanted, drop_owed;
	int stop_wanted, stopping, failed;
};

/* Monotonic milliseconds. */
uint64_t now_ms(void);

/* The one ready or starting process of a part, or NULL. Of zygotes the ready
 * one that serves: the one with the highest generation. */
struct proc *gateway_find(struct gateway *g, enum part part,
    enum proc_state state);

/* Starts a process of the part with material m. destination: of a forward,
 * whose run channel and socket are run and socket (else -1), which stay the
 * caller's. RC_LIMIT: too many processes, or screen zygotes. RC_CONFIG: a key
 * file, told in the log. RC_IO, RC_NOMEM. *out is in state PROC_STARTING. */
enum rc gateway_start(struct gateway *g, enum part part,
    const struct material *m, size_t destination, const int run[2],
    struct proc **out) MUST_USE;

/* Sends a frame to a process; RC_EOF also when its control socket is gone. */
enum rc gateway_tell(struct proc *p, uint8_t type, const void *data, size_t len,
    int fd) MUST_USE;

/* Ends one in order: a zygote is told to drain, any other sees its control
 * socket close. */
void gateway_release(struct proc *p);

/* Forgets a process that was reaped. */
void gateway_forget(struct proc *p);

#endif
