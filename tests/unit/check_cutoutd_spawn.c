/* A role starts with exactly what it is meant to have; and who starts it is
 * not root, and locked up. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cutoutd_site.h"
#include "identity.h"
#include "lock.h"
#include "program.h"
#include "spawn.h"

static char out[8192];

static void
setup(void)
{
	site_make();
	ck_assert_int_eq(chdir(site_dir), 0);
}

static void
teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	site_remove();
}

static int
status_of(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What it wrote to its standard output, which is the file "out". */
static void
run(const int *fds, size_t count)
{
	ssize_t n;
	pid_t pid;
	int fd;

	ck_assert_int_eq(truncate("out", 0), 0);
	ck_assert_int_eq(lseek(fds[1], 0, SEEK_SET), 0);
	ck_assert_int_eq(spawn("libexec/keyd", "keyd", fds, count, &pid),
	    RC_OK);
	ck_assert_int_eq(status_of(pid), 0);
	fd = open("out", O_RDONLY | O_CLOEXEC);
	n = read(fd, out, sizeof(out) - 1);
	ck_assert_int_ge(n, 0);
	out[n] = '\0';
	close(fd);
}

static int
file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	return fd;
}

START_TEST(descriptors_are_the_given_and_no_other)
{
	int fds[8], other = open("/", O_RDONLY), n = 0;

	/* not "#!": the shell would have the script open too */
	site_role("keyd", "exec ls -l /proc/self/fd\n");
	(void)other; /* open over exec, and not given */
	for (int i = 0; i < 8; i++)
		fds[i] = -1;
	/* in an order that overwrites what is still needed */
	fds[6] = file("six");
	fds[4] = file("four");
	fds[1] = file("out");
	fds[2] = fds[1];
	fds[3] = file("three");
	fds[7] = fds[3];
	ck_assert_int_lt(fds[6], fds[3]);
	run(fds, 8);
	ck_assert_ptr_nonnull(strstr(out, " 6 -> "));
	for (const char *p = out; (p = strstr(p, " -> ")) != NULL; p++)
		n++;
	/* 1, 2, 3, 4, 6, 7 and the folder that ls reads */
	ck_assert_msg(n == 7, "%s", out);
	ck_assert_ptr_nonnull(strstr(strstr(out, " 1 -> "), "/out\n"));
	ck_assert_ptr_nonnull(strstr(strstr(out, " 2 -> "), "/out\n"));
	ck_assert_ptr_nonnull(strstr(out, "/six\n"));
	ck_assert_ptr_eq(strstr(strstr(out, " 4 -> "), "/four\n"),
	    strstr(out, "/four\n"));
	ck_assert_ptr_nonnull(strstr(strstr(out, " 3 -> "), "/three\n"));
	ck_assert_ptr_nonnull(strstr(strstr(out, " 7 -> "), "/three\n"));
	/* what was given stays the caller's */
	ck_assert_int_ne(fcntl(fds[6], F_GETFD), -1);
}
END_TEST

START_TEST(nothing_but_its_name_is_handed_down)
{
	int fds[3] = {-1, file("out"), -1};
	const char *ignored;
	sigset_t all;

	site_role("keyd", "exec cat /proc/self/status\n");
	(void)umask(0);
	(void)sigfillset(&all);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &all, NULL), 0);
	ck_assert_int_eq(setenv("SECRET", "of cutoutd", 1), 0);
	run(fds, 3);
	ck_assert_ptr_nonnull(strstr(out, "Umask:\t0077\n"));
	ck_assert_ptr_nonnull(strstr(out, "SigBlk:\t0000000000000000\n"));
	ignored = strstr(out, "SigIgn:\t");
	ck_assert_ptr_nonnull(ignored);
	ck_assert_uint_ne(strtoull(ignored + 8, NULL, 16) >> (SIGPIPE - 1) & 1,
	    0);
	site_role("keyd", "tr '\\0' '|' </proc/$$/environ\n"
			  "echo args=$#\n");
	run(fds, 3);
	ck_assert_ptr_null(strstr(out, "SECRET"));
	ck_assert_ptr_null(strchr(out, '|'));
	ck_assert_ptr_nonnull(strstr(out, "args=0\n"));
}
END_TEST

START_TEST(a_role_that_can_not_be_run_says_so_and_ends_with_127)
{
	int fds[SPAWN_FDS + 1] = {-1, -1, file("out")};
	pid_t pid = -1;

	ck_assert_int_eq(spawn("libexec/none", "none", fds, 3, &pid), RC_OK);
	ck_assert_int_eq(status_of(pid), 127);
	ck_assert_int_gt(pread(fds[2], out, sizeof(out) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(out, "a role can not be run\n"));
	pid = -1;
	ck_assert_int_eq(spawn("libexec/none", "none", fds, SPAWN_FDS + 1,
			     &pid),
	    RC_LIMIT);
	ck_assert_int_eq(pid, -1);
}
END_TEST

/* --- who it runs as --------------------------------------------------- */

/* The exit status of a process that does this. */
static int
in_child(int (*what)(void))
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		_exit(what());
	return status_of(pid);
}

static int
drop_for_good(void)
{
	const struct passwd *pw = getpwnam("nobody");
	uid_t uid = pw->pw_uid;
	gid_t gid = pw->pw_gid;

	/* a group of root's that must not stay */
	if (setgroups(1, (const gid_t[]){1}) != 0 ||
	    identity_drop("nobody") != RC_OK)
		return 1;
	if (getuid() != uid || geteuid() != uid || getgid() != gid ||
	    getegid() != gid || getgroups(0, NULL) != 0)
		return 2;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return 3;
	/* from now on it stays that, whatever the name */
	if (identity_drop("root") != RC_OK || geteuid() != uid)
		return 4;
	return identity_drop("no such user") == RC_OK ? 0 : 5;
}

static int
drop_to_root(void)
{
	return identity_drop("root") == RC_DENIED && geteuid() == 0 ? 0 : 1;
}

static int
drop_to_nobody_known(void)
{
	return identity_drop("no such user") == RC_NOTFOUND ? 0 : 1;
}

START_TEST(root_becomes_the_user_and_can_not_come_back)
{
	if (geteuid() != 0) {
		ck_assert_int_eq(identity_drop("no such user"), RC_OK);
		return;
	}
	ck_assert_int_eq(in_child(drop_for_good), 0);
	ck_assert_int_eq(in_child(drop_to_root), 0);
	ck_assert_int_eq(in_child(drop_to_nobody_known), 0);
}
END_TEST

/* --- where it may go -------------------------------------------------- */

static struct config *c;

static int
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd == -1)
		return 0;
	close(fd);
	return 1;
}

/* The exit status tells which promise is broken. */
static int
go_where_it_may_not(void)
{
	int fds[3] = {-1, -1, -1};
	pid_t pid;

	if (lock_down(c) != RC_OK)
		return 1;
	if (!opens("schema/report.xsd", O_RDONLY) ||
	    !opens("keys/tls.crt", O_RDONLY))
		return 2;
	if (opens("/etc/passwd", O_RDONLY) || errno != EACCES)
		return 3;
	if (opens("private/other", O_RDONLY) || errno != EACCES)
		return 4;
	if (opens("schema/report.xsd", O_RDWR) || errno != EACCES)
		return 5;
	if (spawn("libexec/true", "true", fds, 3, &pid) != RC_OK ||
	    status_of(pid) != 0)
		return 6;
	/* it may not run what is no role of its own */
	if (spawn("private/true", "true", fds, 3, &pid) != RC_OK ||
	    status_of(pid) == 0)
		return 7;
	return 0;
}

static int
end_in_prison(void)
{
	if (lock_down(c) == RC_OK)
		(void)mkdir("new", 0700); /* no call of a supervisor */
	return 0;
}

START_TEST(locked_down_it_reads_and_runs_what_is_configured_alone)
{
	static const struct option_value options[] = {
	    {"", "tls_certificate", NULL}, {"", "tls_key", NULL},
	    {"", "origin_certificate", NULL}, {"", "forward_certificate", NULL},
	    {"", "forward_key", NULL}, {"", "partner_authority", NULL},
	    {"", "partner_crl", NULL}, {"", "police_authority", NULL},
	    {"", "police_crl", NULL}, {"destination", "ack", NULL},
	    {"destination", "recipients", NULL}};
	struct option_value v[sizeof(options) / sizeof(options[0])];
	char path[96], list[96];
	enum rc rc;

	/* all in one folder that is not the whole site */
	(void)snprintf(path, sizeof(path), "\"%s/keys/tls.crt\"", site_dir);
	(void)snprintf(list, sizeof(list), "{\"%s/keys/tls.crt\"}", site_dir);
	memcpy(v, options, sizeof(v));
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		v[i].value = strcmp(v[i].name, "recipients") == 0 ? list : path;
	rc = site_parse(site_text(v, sizeof(v) / sizeof(v[0])), &c);
	ck_assert_msg(rc == RC_OK, "%s", site_said);
	ck_assert_int_eq(program_run(out, sizeof(out),
			     "mkdir keys schema private && "
			     "cp /bin/true libexec/ && "
			     "cp /bin/true private/ && touch keys/tls.crt "
			     "schema/report.xsd private/other"),
	    0);
	ck_assert_int_eq(in_child(go_where_it_may_not), 0);
	ck_assert_int_eq(in_child(end_in_prison), 128 + SIGSYS);
	/* a path that is not there is no lock-down */
	ck_assert_int_eq(program_run(out, sizeof(out), "rm -r keys"), 0);
	ck_assert_int_eq(in_child(go_where_it_may_not), 1);
	config_free(c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cutoutd spawn");
	TCase *t = tcase_create("spawn");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, descriptors_are_the_given_and_no_other);
	tcase_add_test(t, nothing_but_its_name_is_handed_down);
	tcase_add_test(t, a_role_that_can_not_be_run_says_so_and_ends_with_127);
	tcase_add_test(t, root_becomes_the_user_and_can_not_come_back);
	tcase_add_test(t,
	    locked_down_it_reads_and_runs_what_is_configured_alone);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
