/* Signs sealed reports as this gateway's, after checking that they are sealed
 * reports, and passes them to queue. It never sees a plaintext. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "buf.h"
#include "cert.h"
#include "destinations.h"
#include "frame.h"
#include "judge.h"
#include "locked.h"
#include "log.h"
#include "origin.h"
#include "peers.h"
#include "result.h"
#include "sandbox.h"
#include "selftest.h"
#include "setup.h"
#include "wire.h"

static void
load_key(struct judge *j, int demo)
{
	enum rc rc;

	rc = cert_read(FD_SIGNER_CERTIFICATE, &j->certificate);
	if (rc != RC_OK)
		fatal("the origin certificate: %s", rc_text(rc));
	if (cert_is_demo(j->certificate) && !demo)
		fatal("the origin certificate is for demonstrations: "
		      "production "
		      "refuses it");
	rc = cert_read_key(FD_SIGNER_KEY, &j->key);
	if (rc == RC_DENIED)
		fatal("the origin key must be a file of this user with mode "
		      "0600");
	if (rc != RC_OK)
		fatal("the origin key: %s", rc_text(rc));
	close(FD_SIGNER_KEY);
	close(FD_SIGNER_CERTIFICATE);
}

static void
load_destinations(struct judge *j, int demo)
{
	struct archive *a = NULL;
	const char *why = "not an archive";
	enum rc rc;

	rc = archive_read(FD_SIGNER_DESTINATIONS, &a);
	if (rc == RC_OK)
		rc = destinations_load(a, demo, &j->current, &why);
	if (rc != RC_OK)
		fatal("the destinations: %s", why);
	archive_free(a);
	close(FD_SIGNER_DESTINATIONS);
}

/* Signs and opens once, so that certificate and key are seen to belong
 * together and every algorithm is fetched before the lock-down. */
static void
warm(const struct judge *j)
{
	struct buf *object = buf_new(4096), *inside = buf_new(64);
	enum rc rc = RC_NOMEM;

	if (object != NULL && inside != NULL)
		rc = origin_sign((const uint8_t *)"warm", 4, j->certificate,
		    j->key, object);
	if (rc == RC_OK)
		rc = origin_open(buf_data(object), buf_len(object),
		    j->certificate, inside);
	if (rc != RC_OK)
		fatal("the origin key and certificate do not work: %s",
		    rc_text(rc));
	buf_free(object);
	buf_free(inside);
}

int
main(void)
{
	struct setup *setup = NULL;
	struct judge judge;
	struct peers *peers;
	int64_t demo = 0, per_child = 0;
	enum rc rc;

	log_init("signer", FD_LOG);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("can not ignore SIGPIPE");
	rc = setup_read(FD_SETUP, &setup);
	if (rc == RC_OK)
		rc = setup_number(setup, "demo", 0, 1, &demo);
	if (rc == RC_OK)
		rc = setup_number(setup, "reports_per_process", 1, 1000000,
		    &per_child);
	if (rc != RC_OK)
		fatal("setup: %s", rc_text(rc));
	rc = locked_heap();
	if (rc != RC_OK)
		fatal("no locked memory for the key: %s", rc_text(rc));
	rc = crypto_selftest();
	if (rc != RC_OK)
		fatal("this OpenSSL may not be used; install 3.0.22-1~deb12u2 "
		      "or later");
	memset(&judge, 0, sizeof(judge));
	load_key(&judge, demo != 0);
	locked_now();
	load_destinations(&judge, demo != 0);
	warm(&judge);
	setup_free(setup);
	close(FD_SETUP);
	peers = peers_new(&judge, demo != 0, per_child);
	if (peers == NULL)
		fatal("out of memory");
	rc = sandbox_enter(ROLE_SIGNER);
	if (rc != RC_OK)
		fatal("lock-down: %s", rc_text(rc));
	rc = frame_write(FD_CONTROL, FRAME_READY, NULL, 0);
	if (rc != RC_OK)
		fatal("cutoutd is gone");

	do
		rc = peers_serve(peers);
	while (rc == RC_OK);
	peers_free(peers);
	destinations_free(judge.current);
	destinations_free(judge.old);
	X509_free(judge.certificate);
	EVP_PKEY_free(judge.key);
	return rc == RC_EOF ? 0 : 1;
}
