/* The command check: is this folder fit to run a gateway from? */
#include "command.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "complain.h"
#include "crl.h"
#include "pair.h"

enum { CRL_WARN_DAYS = 7 };

struct checking {
	struct folder *f;
	const struct call *call;
	size_t wrong, looked_at;
};

static void __attribute__((format(printf, 3, 4)))
wrong(struct checking *k, const char *name, const char *fmt, ...)
{
	va_list ap;

	k->wrong++;
	printf("WRONG  %s: ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* A private key that others can read is no secret; one that belongs to
 * another user can be exchanged by him (CRYPTO 5). */
static enum rc
check_mode(const char *name, void *ctx)
{
	struct checking *k = ctx;
	struct stat st;

	k->looked_at++;
	if (fstatat(folder_fd(k->f), name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		wrong(k, name, "is not a plain file");
	else if ((st.st_mode & 07777 & ~0600U) != 0)
		wrong(k, name, "mode is %04o; use chmod 600",
		    (unsigned)st.st_mode & 07777U);
	else if (st.st_uid != geteuid())
		wrong(k, name, "belongs to another user; use chown");
	return RC_OK;
}

static void
check_folder_mode(struct checking *k)
{
	struct stat st;

	if (fstat(folder_fd(k->f), &st) == 0 && (st.st_mode & 022) != 0)
		wrong(k, k->call->dir, "others may write here; use chmod 700");
	else if ((st.st_mode & 055) != 0)
		printf("note   %s: others may look in here; chmod 700 is "
		       "better\n",
		    k->call->dir);
}

/* A certificate, or a public key, and the private key of the same name. */
static enum rc
check_pair(const char *name, void *ctx)
{
	struct checking *k = ctx;
	char key_name[FOLDER_NAME_MAX + 8];
	EVP_PKEY *private = NULL, *public = NULL;
	X509 *c = NULL;
	size_t stem = strlen(name) - 4;
	int bare = strcmp(name + stem, ".pub") == 0;
	enum rc rc;

	snprintf(key_name, sizeof(key_name), "%.*s.key", (int)stem, name);
	if (bare)
		rc = pair_read_public(k->f, name, &public);
	else
		rc = certificate_read(k->f, name, &c);
	if (rc != RC_OK)
		wrong(k, name, "can not be read: %s", rc_text(rc));
	else if (folder_has(k->f, key_name)) {
		rc = pair_read_private(k->f, key_name, &private);
		if (rc != RC_OK)
			wrong(k, key_name, "can not be read: %s", rc_text(rc));
		else if ((bare ? EVP_PKEY_eq(public, private)
			       : X509_check_private_key(c, private)) != 1)
			wrong(k, key_name, "does not belong to %s", name);
	}
	EVP_PKEY_free(private);
	EVP_PKEY_free(public);
	X509_free(c);
	return RC_OK;
}

static enum rc
check_chain_with(struct checking *k, const char *name, X509 *c, X509 *issuer,
    X509_CRL *crl)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum purpose purpose = PURPOSE_AUTHORITY;
	int error = X509_V_OK, tolerated;
	enum rc rc = RC_NOMEM;

	if (store == NULL || ctx == NULL ||
	    X509_STORE_add_cert(store, issuer) != 1 ||
	    X509_STORE_add_crl(store, crl) != 1 ||
	    X509_STORE_set_flags(store,
		X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK) != 1 ||
	    X509_STORE_CTX_init(ctx, store, c, NULL) != 1)
		goto out;
	rc = RC_OK;
	if (certificate_purpose(c, &purpose) != RC_OK)
		wrong(k, name, "its extensions are not for any use of ours");
	if (purpose == PURPOSE_CLIENT)
		X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT);
	else if (purpose == PURPOSE_SERVER)
		X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
	if (X509_verify_cert(ctx) == 1)
		goto out;
	error = X509_STORE_CTX_get_error(ctx);
	/* that a partner's certificate has ended or was taken back is the
	 * gateway's business to refuse, not a fault of this folder */
	tolerated = strncmp(name, "partners/", 9) == 0 &&
		    (error == X509_V_ERR_CERT_HAS_EXPIRED ||
			error == X509_V_ERR_CERT_REVOKED);
	if (tolerated)
		printf("note   %s: %s\n", name,
		    X509_verify_cert_error_string(error));
	else
		wrong(k, name, "%s", X509_verify_cert_error_string(error));
out:
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return rc;
}

/* cutout-desk init made this folder, not cutout-keys. */
static int
is_of_a_desk(const struct checking *k)
{
	return folder_has(k->f, POLICE_BASE ".crt");
}

/* The authority that should have issued this certificate. */
static const char *
issuer_of(const struct checking *k, const char *name)
{
	if (strncmp(name, "partners/", 9) == 0 ||
	    strcmp(name, PARTNER_BASE ".crt") == 0)
		return PARTNER_BASE;
	return is_of_a_desk(k) ? POLICE_BASE : GATEWAY_BASE;
}

static enum rc
check_chain(const char *name, void *ctx)
{
	struct checking *k = ctx;
	const char *base = issuer_of(k, name);
	char crt_name[FOLDER_NAME_MAX], crl_name[FOLDER_NAME_MAX];
	X509 *c = NULL, *issuer = NULL;
	X509_CRL *crl = NULL;
	enum rc rc = RC_OK;

	k->looked_at++;
	snprintf(crt_name, sizeof(crt_name), "%s.crt", base);
	snprintf(crl_name, sizeof(crl_name), "%s.crl", base);
	if (certificate_read(k->f, name, &c) != RC_OK)
		goto out; /* check_pair() has said so */
	if (certificate_read(k->f, crt_name, &issuer) != RC_OK)
		wrong(k, name, "%s, which should have issued it, is not here",
		    crt_name);
	else if (crl_read(k->f, crl_name, &crl) != RC_OK)
		wrong(k, crl_name,
		    "is not here or can not be read; use "
		    "`cutout-keys crl`");
	else
		rc = check_chain_with(k, name, c, issuer, crl);
out:
	X509_CRL_free(crl);
	X509_free(issuer);
	X509_free(c);
	return rc;
}

static enum rc
check_crl(const char *name, void *ctx)
{
	struct checking *k = ctx;
	char crt_name[FOLDER_NAME_MAX + 8];
	X509_CRL *crl = NULL;
	X509 *issuer = NULL;
	long days;

	k->looked_at++;
	snprintf(crt_name, sizeof(crt_name), "%.*s.crt", (int)strlen(name) - 4,
	    name);
	if (crl_read(k->f, name, &crl) != RC_OK)
		wrong(k, name, "can not be read; use `cutout-keys crl`");
	else if (certificate_read(k->f, crt_name, &issuer) != RC_OK)
		wrong(k, name, "%s is not here", crt_name);
	else if (X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1)
		wrong(k, name, "is not signed by %s", crt_name);
	else {
		days = crl_days_left(crl, k->call->now_s);
		if (days < 0)
			wrong(k, name,
			    "is out of date: everything it covers "
			    "is refused; use `cutout-keys crl`");
		else if (days < CRL_WARN_DAYS)
			printf("note   %s: ends in %ld days; use `cutout-keys "
			       "crl`\n",
			    name, days);
	}
	X509_CRL_free(crl);
	X509_free(issuer);
	return RC_OK;
}

static void
note_missing(struct checking *k)
{
	static const char *const needed[] = {PARTNER_BASE ".crt",
	    PARTNER_BASE ".crl", GATEWAY_BASE ".crt", GATEWAY_BASE ".crl",
	    "tls.crt", "tls.key", "origin.crt", "origin.key", "log.key",
	    "promise.key", "forward.crt", "forward.key"};

	if (is_of_a_desk(k)) {
		if (folder_has(k->f, POLICE_BASE ".key"))
			printf("note   %s.key: is here; keep it off the desk's "
			       "machine\n",
			    POLICE_BASE);
		return;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!folder_has(k->f, needed[i]))
			printf("note   %s: not here; a gateway needs it\n",
			    needed[i]);
	}
	if (folder_has(k->f, PARTNER_BASE ".key"))
		printf("note   %s.key: is here; on a gateway it should not "
		       "be\n",
		    PARTNER_BASE);
}

static int
run_check(const struct call *call)
{
	static const struct {
		const char *inside, *suffix;
		enum rc (*each)(const char *name, void *ctx);
	} steps[] = {
	    {"", ".key", check_mode},
	    {"partners", ".key", check_mode},
	    {"", ".crt", check_pair},
	    {"partners", ".crt", check_pair},
	    {"", ".pub", check_pair},
	    {"", ".crt", check_chain},
	    {"partners", ".crt", check_chain},
	    {"", ".crl", check_crl},
	};
	struct checking k = {.call = call};
	enum rc rc = RC_OK;

	k.f = command_open(call);
	if (k.f == NULL)
		return EXIT_FAILED;
	check_folder_mode(&k);
	for (size_t i = 0; rc == RC_OK && i < sizeof(steps) / sizeof(steps[0]);
	     i++)
		rc = folder_each(k.f, steps[i].inside, steps[i].suffix,
		    steps[i].each, &k);
	note_missing(&k);
	if (rc != RC_OK)
		complain("%s: the check could not be finished: %s", call->dir,
		    rc_text(rc));
	else if (k.looked_at == 0) {
		complain("%s: there are no keys here", call->dir);
		rc = RC_NOTFOUND;
	} else if (k.wrong > 0)
		printf("%zu wrong\n", k.wrong);
	else
		printf("all right\n");
	folder_free(k.f);
	return rc == RC_OK && k.wrong == 0 ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_check = {"check", "", 0, 0, "check DIR",
    "Looks whether DIR is fit to run a gateway, or a desk, from: private keys "
    "are\n"
    "plain files of yours with mode 0600, every key belongs to its "
    "certificate, "
    "every\n"
    "certificate is valid, for its use, under its authority and revocation\n"
    "list, and the lists are fresh. Exit 1 when a line says WRONG; lines with\n"
    "`note` are for you to judge.\n",
    run_check};
