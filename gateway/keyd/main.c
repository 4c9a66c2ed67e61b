/* Holds one private key and makes one kind of signature with it, so that no
 * process that reads a stranger's bytes has a key in its memory. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "key.h"
#include "locked.h"
#include "log.h"
#include "result.h"
#include "sandbox.h"
#include "serve.h"
#include "setup.h"
#include "wire.h"

struct duty {
	const char *word; /* "kind" in setup */
	enum key_kind kind;
	enum role role;
	int queue;
};

static const struct duty duties[] = {
    {"tls", KEY_TLS, ROLE_KEYD, -1},
    {"log", KEY_LOG, ROLE_KEYD_LOG, FD_KEYD_QUEUE},
    {"promise", KEY_PROMISE, ROLE_KEYD, FD_KEYD_QUEUE},
};

static const struct duty *
duty_of(const struct setup *setup)
{
	const char *word = setup_text(setup, "kind", "");

	for (size_t i = 0; i < sizeof(duties) / sizeof(duties[0]); i++) {
		if (strcmp(duties[i].word, word) == 0)
			return &duties[i];
	}
	fatal("setup: no such kind of key");
}

/* Signs once with what it has, so that every algorithm is fetched before the
 * lock-down. */
static void
warm(const struct key *key, enum key_kind kind)
{
	uint8_t digest[KEY_DIGEST] = {0}, signature[KEY_SIGNATURE];
	uint8_t public[KEY_PUBLIC];
	size_t len;
	enum rc rc;

	if (kind == KEY_TLS)
		rc = key_sign_digest(key, digest, signature, &len);
	else
		rc = key_public(key, public);
	if (rc != RC_OK)
		fatal("the key does not work: %s", rc_text(rc));
}

int
main(void)
{
	struct setup *setup = NULL;
	const struct duty *duty;
	struct key *key = NULL;
	struct serve *serve;
	enum rc rc;

	log_init("keyd", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	rc = setup_read(FD_SETUP, &setup);
	if (rc != RC_OK)
		fatal("setup: %s", rc_text(rc));
	duty = duty_of(setup);
	rc = locked_heap();
	if (rc != RC_OK)
		fatal("no locked memory for the key: %s", rc_text(rc));
	rc = key_load(FD_KEYD_KEY, duty->kind, &key);
	if (rc == RC_DENIED)
		fatal("the %s key must be a file of this user with mode 0600",
		    duty->word);
	if (rc != RC_OK)
		fatal("the %s key: %s", duty->word, rc_text(rc));
	close(FD_KEYD_KEY);
	close(FD_SETUP);
	warm(key, duty->kind);
	serve = serve_new(key, FD_CONTROL, duty->queue);
	if (serve == NULL)
		fatal("out of memory");
	locked_now();
	setup_free(setup);
	rc = sandbox_enter(duty->role);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	do
		rc = serve_once(serve);
	while (rc == RC_OK);
	serve_free(serve);
	key_free(key);
	return rc == RC_EOF ? 0 : 1;
}
