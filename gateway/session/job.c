/* A report on its way through screen. */
#include "job.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "frame.h"

enum rc
job_offer(struct errand *j, int jobs, enum job kind, uint64_t screen_ns)
{
	uint8_t byte = (uint8_t)kind;
	int pair[2];
	enum rc rc;

	*j = (struct errand){.channel = -1,
	    .screen_ns = screen_ns,
	    .started_ns = deadline_now()};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return RC_FULL;
	rc = frame_send(jobs, FRAME_JOB, &byte, sizeof(byte), pair[1]);
	close(pair[1]);
	if (rc != RC_OK) {
		close(pair[0]);
		return RC_FULL;
	}
	j->channel = pair[0];
	return RC_OK;
}

/* A frame goes out only when there is room for it, so that this blocking
 * socket never blocks: the kernel shows room for three times a frame. */
static enum rc
send_frame(const struct errand *j, uint8_t type, const void *data, size_t len,
    uint64_t by_ns)
{
	enum rc rc;

	rc = deadline_wait(j->channel, POLLOUT, by_ns);
	return rc == RC_OK ? frame_write(j->channel, type, data, len) : rc;
}

enum rc
job_body(struct errand *j, const uint8_t *raw, size_t len, uint64_t by_ns)
{
	enum rc rc;

	rc = send_frame(j, FRAME_DATA, raw, len, by_ns);
	if (rc == RC_OK)
		j->total += len;
	return rc == RC_OK || rc == RC_TIMEOUT ? rc : RC_EOF;
}

static enum rc
next_frame(const struct errand *j, struct frame *f, uint64_t by_ns)
{
	enum rc rc;

	rc = deadline_wait(j->channel, POLLIN, by_ns);
	return rc == RC_OK ? frame_read(j->channel, f) : rc;
}

/* The statuses that screen gives. It may be taken over: any other is none. */
static bool
status_known(uint16_t status)
{
	static const uint16_t known[] = {200, 201, 400, 409, 422, 500, 503};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == status)
			return true;
	}
	return false;
}

/* "kept" can not be said of what was never passed on */
static bool
answer_fits(const struct errand *j, uint16_t status)
{
	return status_known(status) && (j->handed || status != 201);
}

static enum rc
read_answer(struct errand *j, const struct frame *f, uint64_t by_ns,
    struct buf *json)
{
	struct frame part;
	enum rc rc;

	if (f->len != 2 || !answer_fits(j, get_u16(f->raw_data)))
		return RC_BAD;
	do {
		rc = next_frame(j, &part, by_ns);
		if (rc == RC_OK)
			rc = frame_body_step(&part, json);
		else if (rc == RC_AGAIN)
			rc = RC_IO;
	} while (rc == RC_AGAIN);
	if (rc == RC_OK)
		j->status = get_u16(f->raw_data);
	return rc;
}

/* HANDED at most once, then ANSWER; everything else is the end. */
static enum rc
wait_answer(struct errand *j, uint64_t by_ns, struct buf *json)
{
	struct frame f;
	enum rc rc;

	rc = next_frame(j, &f, by_ns);
	if (rc == RC_OK && f.type == FRAME_HANDED && f.len == 0) {
		j->handed = true;
		rc = next_frame(j, &f, by_ns);
	}
	if (rc != RC_OK)
		return rc;
	return f.type == FRAME_ANSWER ? read_answer(j, &f, by_ns, json)
				      : RC_BAD;
}

bool
job_was_slow(const struct errand *j, uint64_t now_ns)
{
	uint64_t until = j->finished_ns == 0 ? now_ns : j->finished_ns;

	return now_ns - j->started_ns >= j->screen_ns &&
	       until - j->started_ns > j->screen_ns / 2;
}

enum job_end
job_finish(struct errand *j, uint64_t by_ns, struct buf *json)
{
	uint8_t total[8];
	enum rc rc;

	put_u64(total, j->total);
	rc = send_frame(j, FRAME_END, total, sizeof(total), by_ns);
	j->finished_ns = deadline_now();
	if (rc == RC_OK)
		rc = wait_answer(j, by_ns, json);
	job_drop(j);
	if (rc == RC_OK)
		return JOB_ANSWERED;
	buf_clear(json);
	if (j->handed || rc == RC_TIMEOUT || job_was_slow(j, deadline_now()))
		return JOB_UNKNOWN;
	return JOB_FAILED;
}

void
job_drop(struct errand *j)
{
	if (j->channel != -1)
		close(j->channel);
	j->channel = -1;
}
