"""kill -9 of every process, many times, under load: nothing answered 2xx is
lost and nothing arrives twice."""

import os
import random
import signal
import sys
import time
import unittest

from harness import Site, main, wait_for
from load import Load

KILLS = int(os.environ.get("CUTOUT_KILLS", "20"))
IN_FLIGHT = 24


class Kill(unittest.TestCase):
    def setUp(self):
        self.site = Site({"answer_grid_ms": "0"}).start()
        self.load = None

    def tearDown(self):
        if self.load:
            self.load.stop()
        self.site.close()

    def victims(self, role, child):
        found = []
        for pid in self.site.pids(role):
            try:
                with open("/proc/%d/stat" % pid) as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # gone before it was opened, or before it was read
            if (parent == self.site.daemon.pid) != child:
                found.append(pid)
        return found

    def again(self):
        """Starts the daemon anew, as the service manager would."""
        self.site.daemon.wait(30)
        self.site.start_daemon()

    def kill_one(self, role, child):
        def found():
            if role == "cutoutd":
                return [self.site.daemon.pid]
            return self.victims(role, child)
        pids = wait_for(found, 30, "a process of role " + role)
        try:
            os.kill(random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def round(self, role, child):
        book = self.load.book
        before = book.kept_count()
        unknown = len(book.unknown)
        done = 0
        while done < KILLS:
            time.sleep(random.random() * 0.1)
            if not self.kill_one(role, child):
                continue
            done += 1
            if not child and role != "forward":
                self.again()
        middle = book.kept_count()
        wait_for(lambda: book.kept_count() > middle + IN_FLIGHT, 60,
                 "reports to be accepted after the kills of " + role)
        print("kill -9 of %s%s x %d: 2xx before %d, during and after %d, "
              "unknown now %d (was %d)" % (
                  role, " child" if child else "", done, before,
                  book.kept_count() - before, len(book.unknown), unknown),
              file=sys.stderr)

    def test_nothing_is_lost_and_nothing_comes_twice(self):
        self.load = Load(self.site, IN_FLIGHT, pause=0.3, retry_unknown=False).start()
        wait_for(lambda: self.load.book.kept_count() > 10, 60, "first reports")
        for role, child in (("session", True), ("screen", True), ("forward", False),
                            ("session", False), ("screen", False), ("signer", False),
                            ("queue", False), ("keyd", False), ("cover", False),
                            ("ctl", False), ("cutoutd", False)):
            # three keyds stand behind one name
            for _ in range(3 if role == "keyd" else 1):
                self.round(role, child)
        self.load.stop()
        book = self.load.book
        self.assertGreaterEqual(book.most_in_flight, 20)
        self.assertFalse(book.returned, book.statuses)
        # only a report whose own process was killed may be blamed for that
        self.assertLessEqual(len(book.lost), 2 * KILLS)

        marks = []

        def arrived():
            nonlocal marks
            marks = self.site.texts()
            return book.kept <= set(marks)
        # to open hundreds takes minutes on a busy machine: what is there first
        self.site.texts()
        try:
            wait_for(arrived, 180, "everything accepted to be at the desk")
        finally:
            print("sent %d, answered 2xx %d, unknown %d, at the desk %d, "
                  "missing %d, statuses %s" % (
                      len(book.sent), len(book.kept), len(book.unknown),
                      len(marks), len(book.kept - set(marks)), book.statuses),
                  file=sys.stderr)
        self.assertEqual(len(marks), len(set(marks)), "something came twice")
        self.assertEqual(set(marks) - book.sent, set())
        # a 500 says that nothing was kept, and that is so
        self.assertEqual(set(marks) & book.lost, set())
        self.assertEqual(set(marks) - book.kept - book.unknown, set())


if __name__ == "__main__":
    main()
