"""cutoutd as the one that starts, watches and ends the others: whatever it
inherits, whoever it is signalled by, and whatever stands beside it."""

import os
import re
import shutil
import signal
import unittest

from harness import CAN_LOOK, Site, example, examples, fresh, main, wait_for


class Supervisor(unittest.TestCase):
    def setUp(self):
        self.site = Site()

    def tearDown(self):
        self.site.close()

    def serves(self):
        got = self.site.submit(fresh(example(examples("good")[0])))
        self.assertEqual(got.status, 201, got.body)

    def reload(self, send):
        before = len(self.site.log())
        send()
        wait_for(lambda: "reload" in self.site.log()[before:], 30, "a reload")
        return self.site.log()[before:]

    def test_signals_of_a_terminal_are_cutoutds_alone(self):
        self.site.start()
        roles = set(self.site.processes()) - {self.site.daemon.pid}
        for pid in roles:
            os.kill(pid, signal.SIGINT)
            os.kill(pid, signal.SIGHUP)
        self.serves()
        group = self.site.daemon.pid
        said = self.reload(lambda: os.killpg(group, signal.SIGHUP))
        self.assertNotIn("ended by signal", said)
        self.serves()
        os.killpg(group, signal.SIGINT)
        self.assertEqual(self.site.daemon.wait(30), 0)
        self.assertIn("cutoutd: stopped\n", self.site.log())

    def test_a_second_start_leaves_the_first_alone(self):
        self.site.start_daemon()
        with open(self.site.conf) as f:
            text = f.read()
        # on another port, but with the same data
        other, n = re.subn(r"(?m)^port = \d+$", "port = %d" % self.site.desk_port, text)
        self.assertEqual(n, 1)
        path = os.path.join(self.site.dir, "other.conf")
        with open(path, "w") as f:
            f.write(other)
        got = self.site.program("cutoutd", "-c", path, check=False)
        self.assertEqual(got.returncode, 1)
        self.assertIn(b"option ctl_socket", got.stderr)
        self.site.control("status")
        # a socket that nobody serves any more is no hindrance
        self.site.stop_daemon(signal.SIGKILL)
        self.site.start_daemon()
        self.site.control("status")

    @unittest.skipUnless(CAN_LOOK, "needs to look into other processes")
    def test_nothing_that_was_inherited_stays_open(self):
        # a shell between: subprocess closes what it was not told of
        theirs = os.path.join(self.site.dir, "theirs")
        powerless = self.site.powerless
        self.site.powerless = lambda drop: [
            "sh", "-c", "exec 3>%s 7>%s; exec \"$@\"" % (theirs, theirs), "sh",
        ] + powerless(drop)
        self.site.start_daemon()
        pid = self.site.daemon.pid
        names = [os.readlink("/proc/%d/fd/%s" % (pid, fd))
                 for fd in os.listdir("/proc/%d/fd" % pid)]
        self.assertNotIn(theirs, names)

    def test_nobody_is_served_before_cutoutd_is_locked_down(self):
        self.site.start_daemon(wait=False)
        wait_for(lambda: self.site.pids("session"), 60, "a session")
        with open("/proc/%d/status" % self.site.daemon.pid) as f:
            self.assertIn("Seccomp:\t2\n", f.read())
        wait_for(lambda: "ready" in self.site.log(), 60, "all to be ready")
        self.serves()

    def test_too_few_open_files_are_told_at_the_start(self):
        powerless = self.site.powerless

        def limited(soft, hard):
            self.site.powerless = lambda drop: [
                "prlimit", "--nofile=%d:%d" % (soft, hard)] + powerless(drop)
        limited(128, 128)
        got = self.site.program("cutoutd", "-c", self.site.conf, check=False)
        self.assertEqual(got.returncode, 2)
        self.assertIn(b"option limits.max_connections: needs ", got.stderr)
        # and what may be raised is raised, for every role
        limited(128, 4096)
        self.site.start_daemon()
        for pid, role in self.site.processes().items():
            if role == "forward":
                continue  # it ends when it likes
            try:
                with open("/proc/%d/limits" % pid) as f:
                    limits = f.read()
            except (FileNotFoundError, ProcessLookupError):
                continue  # a spare child that was replaced meanwhile
            self.assertRegex(limits, r"Max open files\s+4096\s+4096", role)

    def test_linked_files_are_read_at_a_reload_too(self):
        away = os.path.join(self.site.dir, "away")
        schema = os.path.join(self.site.dir, "prefix", "share", "cutout", "schema")
        os.mkdir(away, 0o755)
        for option in ("partner_crl", "tls_certificate"):
            path = self.site.option(option)
            shutil.move(path, away)
            os.symlink(os.path.join(away, os.path.basename(path)), path)
        os.mkdir(os.path.join(away, "schema"), 0o755)
        shutil.move(os.path.join(schema, "words.tsv"), os.path.join(away, "schema"))
        os.symlink(os.path.join(away, "schema", "words.tsv"),
                   os.path.join(schema, "words.tsv"))
        self.site.start_daemon()
        said = self.reload(lambda: self.site.daemon.send_signal(signal.SIGHUP))
        self.assertNotIn("ALARM", said)
        self.serves()

    def test_a_death_is_seen_though_sigchld_was_ignored(self):
        # subprocess and whoever it starts inherit this
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            self.site.start_daemon()
        finally:
            signal.signal(signal.SIGCHLD, before)
        os.kill(self.site.pids("queue")[0], signal.SIGKILL)
        self.assertEqual(self.site.daemon.wait(30), 1)
        # keyd may be seen first: it ends with queue
        self.assertIn("cutoutd: warning: stopped: a part failed\n", self.site.log())


if __name__ == "__main__":
    main()
