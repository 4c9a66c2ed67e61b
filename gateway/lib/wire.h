/* What the processes say to each other: descriptor numbers, frame types and
 * fixed headers. gateway/man/PROTOCOL.md is the prose. All integers are big
 * endian on the wire; headers are packed by hand, never by struct layout. */
#ifndef CUTOUT_WIRE_H
#define CUTOUT_WIRE_H

/* Descriptors every role starts with. */
enum {
	FD_LOG = 2,     /* the inherited log pipe */
	FD_CONTROL = 3, /* SEQPACKET to cutoutd; EOF means: exit */
	FD_SETUP = 4    /* sealed memfd of "key value" lines (setup.h) */
};

/* ... and those of one role. */
enum {
	FD_SESSION_LISTENER = 5,
	FD_SESSION_JOBS = 6,
	FD_SESSION_KEYD = 7,
	FD_SESSION_RATES = 8,
	FD_SESSION_CERTIFICATE = 9,
	FD_SESSION_PARTNERS = 10,
	FD_SESSION_POLICE = 11,
	FD_SESSION_CRLS = 12,
	FD_SESSION_SERVED = 13,
	/* in a child, once it has one: in the place of the listener */
	FD_SESSION_CONNECTION = FD_SESSION_LISTENER,

	FD_SCREEN_JOBS = 5,
	FD_SCREEN_SIGNER = 6,
	FD_SCREEN_SCHEMA = 7,
	FD_SCREEN_DESTINATIONS = 8,

	FD_SIGNER_QUEUE = 5,
	FD_SIGNER_KEY = 6,
	FD_SIGNER_CERTIFICATE = 7,
	FD_SIGNER_DESTINATIONS = 8,

	FD_QUEUE_SIGNER = 5,
	FD_QUEUE_CTL = 6,
	FD_QUEUE_LOG = 7,
	FD_QUEUE_PROMISE = 8,
	FD_QUEUE_DESKS = 9,

	FD_KEYD_KEY = 5,
	FD_KEYD_QUEUE = 6, /* the log and promise keys only */

	FD_FORWARD_QUEUE = 5,
	FD_FORWARD_SOCKET = 6,
	FD_FORWARD_CERTIFICATE = 7,
	FD_FORWARD_KEY = 8,
	FD_FORWARD_POLICE = 9,
	FD_FORWARD_CRLS = 10,

	FD_COVER_JOBS = 5,

	FD_CTL_LISTENER = 5,
	FD_CTL_QUEUE = 6
};

/* Frame types. A frame that the current state does not expect closes the
 * peer that sent it. */
enum frame_type {
	FRAME_DATA = 1, /* 1 to FRAME_MAX bytes of a body */
	FRAME_END = 2,  /* u64 total of the body's bytes */

	FRAME_READY = 10,        /* role -> cutoutd: locked down, serving */
	FRAME_DRAIN = 11,        /* cutoutd -> zygote: finish and exit */
	FRAME_CRASH = 12,        /* zygote -> cutoutd: u8 signal */
	FRAME_CHANNEL = 13,      /* u8 enum channel_kind, with a descriptor */
	FRAME_DESTINATIONS = 14, /* u8: 0 new, 1 the old again; with an
				  * archive's descriptor */
	FRAME_DROP_OLD = 15,     /* forget the destinations before */
	FRAME_WANT_RUN = 16,     /* queue -> cutoutd: u8 destination */
	FRAME_RUN = 17,          /* cutoutd -> queue: u8 destination, u8 ok */

	FRAME_JOB = 20,    /* session -> screen: u8 enum job, with a channel */
	FRAME_HANDED = 21, /* screen -> session: the report left screen */
	FRAME_ANSWER =
	    22, /* screen -> session: u16 HTTP status, body follows */

	FRAME_SUBMIT =
	    30, /* screen -> signer: k dup b lane class destination */
	FRAME_STORE =
	    31, /* signer -> queue: k dup c h lane class destination */
	FRAME_VERDICT = 32, /* queue or signer -> screen: u8 enum verdict */

	FRAME_SIGN = 40,   /* session -> keyd: 32 byte digest */
	FRAME_SIGNED = 41, /* keyd -> session: DER ECDSA signature */
	FRAME_WHO = 42,    /* queue -> keyd log, promise */
	FRAME_KEY = 43,    /* keyd -> queue: 32 byte Ed25519 public key */

	FRAME_LEASE = 50,  /* forward -> queue: give me one */
	FRAME_ITEM = 51,   /* queue -> forward: h, u8 class, body follows */
	FRAME_NONE = 52,   /* queue -> forward: nothing (more) to carry */
	FRAME_RESULT = 53, /* forward -> queue: h, u16 status, body follows */
	FRAME_NEXT = 54,   /* queue -> forward: taken in, go on */
	FRAME_STOP = 55,   /* queue -> forward: end this run */

	FRAME_ASK = 60, /* ctl -> queue: u8 enum verb, arguments */
	FRAME_TELL = 61 /* queue -> ctl: u8 enum rc, JSON body follows */
};

enum channel_kind {
	CHANNEL_SCREEN = 1, /* a zygote that screens partners' reports */
	CHANNEL_COVER = 2,  /* a zygote that screens cover reports */
	CHANNEL_ZYGOTE = 3, /* a session zygote, to keyd */
	CHANNEL_ONCE = 4,   /* good for one signature */
	CHANNEL_CHILD = 5   /* one screen child, to signer */
};

enum job { JOB_REPORT = 1, JOB_CHECK = 2 };

/* What became of a report. The numbers are on the wire. */
enum verdict {
	VERDICT_STORED = 1,    /* committed: 201 */
	VERDICT_DUPLICATE = 2, /* the same was committed before: 200 */
	VERDICT_CONFLICT = 3,  /* same id, other report: 409 */
	VERDICT_CLOSED = 4,    /* admission is closed: 503, not kept */
	VERDICT_REFUSED = 5,   /* failed a check after screen: 500 */
	VERDICT_UNKNOWN = 6    /* a commit failed: 503 */
};

/* Why a report leaves at the pace it does (DESIGN section 6). */
enum lane { LANE_POOL = 0, LANE_FAST = 1 };

enum {
	HASH_LEN = 32,
	CLASS_COUNT = 3,
	/* k, dup, b or k, dup, c, h; then lane, class, destination */
	SUBMIT_LEN = 3 * HASH_LEN + 3,
	STORE_LEN = 4 * HASH_LEN + 4, /* u8 cover at its end */
	/* zygotes at one time that fork screens, old ones that drain among
	 * them: what cutoutd starts, and what signer takes */
	MAX_SCREEN_ZYGOTES = 16,
	MAX_DESTINATIONS = 16,
	MAX_RECIPIENTS = 8
};

/* Bytes of padded canonical XML per size class (DESIGN section 5), and the
 * most that envelope and signature may add to it. */
#define CLASS_BYTES(c)                                                         \
	((c) == 0 ? (size_t)32768 : (c) == 1 ? (size_t)262144 : (size_t)1048576)
#define SEAL_ROOM ((size_t)16384)
#define BODY_MAX ((size_t)1048576) /* a submitted report */
#define ANSWER_MAX ((size_t)8000)  /* JSON before padding to 8192 */
#define ANSWER_SIZE ((size_t)8192)
#define ACK_MAX ((size_t)4096)

/* ctl -> queue */
enum verb {
	VERB_STATUS = 1,
	VERB_DEAD_LIST = 2,
	VERB_DEAD_RETRY = 3, /* h[32] */
	VERB_PAUSE = 4,      /* u8 on */
	VERB_LOG_EXPORT = 5
};

#endif
