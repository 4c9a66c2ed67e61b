"""Each process in its real prison: what it holds, what it maps, and what
happens when it does what it must never do.

The forbidden call is made inside the live release process after it said
ready, by ptrace (tests/tools/inject)."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from harness import BUILD, CAN_LOOK, Site, examples, example, fresh, main, run, wait_for

INJECT = os.path.join(BUILD, "tests", "inject")
# x86_64 numbers
NUMBER = {"open": 2, "openat": 257, "socket": 41, "connect": 42, "execve": 59,
          "execveat": 322, "ptrace": 101, "fork": 57, "vfork": 58, "kill": 62,
          "process_vm_readv": 310, "pidfd_open": 434, "bpf": 321, "mount": 165,
          "unlink": 87, "rename": 82, "chmod": 90, "setuid": 105, "prctl": 157,
          "io_uring_setup": 425, "userfaultfd": 323, "keyctl": 250, "accept": 43,
          "accept4": 288, "bind": 49, "listen": 50, "recvmsg": 47, "seccomp": 317,
          "mmap": 9, "mprotect": 10, "shutdown": 48, "shmget": 29, "openat2": 437, "clone3": 435}
PROT_RWX, MAP_ANON = 7, 0x22

FORBIDDEN_TO_ALL = ("open", "openat", "openat2", "execve", "execveat", "ptrace",
                    "process_vm_readv", "pidfd_open", "bpf", "mount", "unlink",
                    "rename", "chmod", "setuid", "io_uring_setup", "userfaultfd",
                    "keyctl", "socket", "shmget")
# cutoutd alone may open, run and connect what it was configured to
CUTOUTD_MAY = {"openat", "execve", "socket", "connect", "kill"}

# role -> all libraries mapped besides libc, ld.so and libseccomp: no more, no less
LIBRARIES = {
    "session": {"libssl", "libcrypto"},
    "screen": {"libxml2", "libcrypto", "libutf8proc", "libicuuc", "libicudata",
               "libz", "liblzma", "libstdc++", "libm", "libgcc_s"},
    "signer": {"libcrypto"},
    "queue": {"libsqlite3", "libcrypto", "libm"},
    "keyd": {"libcrypto"},
    "cover": set(),
    "ctl": {"libjansson"},
    "cutoutd": {"libconfuse"},
}
# role -> those of them that the program itself names (readelf); the others come
# with these. forward lives for one run and is looked at here alone.
LINKED = {
    "session": {"libssl", "libcrypto"},
    "screen": {"libxml2", "libcrypto", "libutf8proc"},
    "signer": {"libcrypto"},
    "queue": {"libsqlite3", "libcrypto"},
    "keyd": {"libcrypto"},
    "forward": {"libcurl", "libssl", "libcrypto"},
    "cover": set(),
    "ctl": {"libjansson"},
    "cutoutd": {"libconfuse"},
}
COMMON = {"libc", "ld-linux-x86", "libseccomp"}

# (role, a zygote's child) -> sockets at fixed numbers, how many further ones there
# may be (channels of zygotes and children, whose number changes), and files
MANY = 10000
# what a child still holds once it has its work: all of it its own, but the ways
# on from session
BUSY = {"session": ({5, 6, 7}, 2), "screen": (set(), 3)}
HELD = {
    ("session", False): ({3, 5, 6, 7}, MANY, []),
    ("session", True): ({5, 6, 7}, 1, []),
    ("screen", False): ({3, 5, 6}, MANY, []),
    ("screen", True): ({5}, 2, []),
    ("signer", False): ({3, 5}, MANY, []),
    ("queue", False): ({3, 5, 6, 7, 8}, 0, [
        "", "/log.db", "/log.db-wal", "/queue.db", "/queue.db-wal", "/queue.db-wal"]),
    ("keyd", False): ({3}, 1, []),
    ("cover", False): ({3, 5}, 0, []),
    ("ctl", False): ({3, 5, 6}, 0, []),
}


def plain_name(library):
    return re.sub(r"([-.][0-9.]+)?\.so.*$", "", library)


def libraries(pid):
    found = set()
    with open("/proc/%d/maps" % pid) as f:
        for line in f:
            name = os.path.basename(line.split()[-1]) if len(line.split()) > 5 else ""
            if ".so" in name:
                found.add(plain_name(name))
    return found


@unittest.skipUnless(CAN_LOOK, "needs to look into other processes")
class Prison(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def setUp(self):
        if self.site.daemon is None or self.site.daemon.poll() is not None:
            self.site.start_daemon()

    ROLES = {"cutoutd", "session", "screen", "signer", "queue", "keyd", "cover", "ctl"}

    def look_at_each(self, look):
        """look(pid, role) for every process. One may end meanwhile, a spare
        child that is replaced: of each role some have been seen all the same."""
        seen = set()
        for pid, role in self.site.processes().items():
            try:
                look(pid, role)
            except (FileNotFoundError, ProcessLookupError):
                continue
            seen.add(role)
        self.assertLessEqual(self.ROLES, seen)

    def test_every_process_is_locked_down(self):
        def look(pid, role):
            with open("/proc/%d/status" % pid) as f:
                status = dict(l.rstrip("\n").split(":\t", 1) for l in f if ":\t" in l)
            with open("/proc/%d/limits" % pid) as f:
                limits = f.read()
            with open("/proc/%d/environ" % pid, "rb") as f:
                environment = f.read()
            self.assertEqual(status["Seccomp"], "2", role)
            self.assertEqual(status["NoNewPrivs"], "1", role)
            for powers in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                self.assertEqual(int(status[powers], 16), 0, (role, powers))
            self.assertRegex(limits, r"Max core file size\s+0\s+0", role)
            if role != "cutoutd":
                self.assertEqual(environment, b"", role)

        self.look_at_each(look)
        self.assertEqual(len(self.site.pids("keyd")), 3)

    def test_no_process_runs_as_root(self):
        if os.getuid() != 0:
            self.skipTest("started by an ordinary user")

        def look(pid, role):
            with open("/proc/%d/status" % pid) as f:
                uids = re.search(r"Uid:\t(\d+)\t(\d+)\t(\d+)\t(\d+)", f.read())
            self.assertNotIn("0", uids.groups(), role)

        self.look_at_each(look)

    def held(self, pid):
        """What a process holds: {number: kind or path}."""
        fds = {}
        for fd in os.listdir("/proc/%d/fd" % pid):
            try:
                what = os.readlink("/proc/%d/fd/%s" % (pid, fd))
            except FileNotFoundError:
                continue
            fds[int(fd)] = re.sub(r":\[\d+\]$", "", what)
        return fds

    def is_child(self, pid):
        with open("/proc/%d/stat" % pid) as f:
            return int(f.read().rpartition(")")[2].split()[1]) != self.site.daemon.pid

    def test_the_descriptors_of_each_process_are_the_listed_ones(self):
        # nothing is under way: no delivery run, no operator
        wait_for(lambda: "forward" not in self.site.processes().values(), 60,
                 "the delivery runs to end")
        looked = set()
        for pid, role in self.site.processes().items():
            if role == "cutoutd":
                continue
            try:
                fds, child = self.held(pid), self.is_child(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue  # a spare child that was replaced meanwhile
            fixed, more, files = HELD[(role, child)]
            self.assertEqual((fds.pop(0), fds.pop(1), fds.pop(2)),
                             ("/dev/null", "/dev/null", "pipe"), role)
            for fd in fixed:
                self.assertEqual(fds.pop(fd, None), "socket", (role, child, fd))
            data = os.path.join(self.site.dir, "data")
            found = sorted(w for w in fds.values() if w != "socket")
            self.assertEqual(found, [data + name for name in files], (role, child))
            self.assertLessEqual(list(fds.values()).count("socket"), more, (role, child))
            looked.add((role, child))
        self.assertEqual(looked, set(HELD))

    def half_a_report(self):
        """A connection with a report on it that does not end: a child of session
        and one of screen are at work."""
        raw = socket.create_connection(("127.0.0.1", self.site.port))
        tls = self.site.context().wrap_socket(raw, server_hostname="127.0.0.1")
        tls.sendall(b"POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Length: 4096\r\n"
                    b"Content-Type: application/xml\r\n\r\n<Report>")
        return tls

    def waits_on(self, pid):
        """The very socket that children of session and screen wait on."""
        try:
            return os.readlink("/proc/%d/fd/5" % pid)
        except FileNotFoundError:
            os.readlink("/proc/%d/fd/0" % pid)  # it is still there
            return None

    def busy(self, role):
        """The child of a role that does not wait where its zygotes do."""
        def look():
            pids = self.site.pids(role)
            try:
                waiting = {self.waits_on(p) for p in pids if not self.is_child(p)}
            except FileNotFoundError:
                return None
            for pid in pids:
                try:
                    if self.is_child(pid) and self.waits_on(pid) not in waiting:
                        return pid
                except (FileNotFoundError, ProcessLookupError):
                    continue
            return None
        return wait_for(look, 10, "a busy child of " + role)

    def test_a_child_at_work_holds_no_work_of_its_siblings(self):
        with self.half_a_report():
            for role, (shared, more) in BUSY.items():
                fds = self.held(self.busy(role))
                for fd in (0, 1, 2):
                    fds.pop(fd)
                for fd in shared:
                    self.assertEqual(fds.pop(fd, None), "socket", (role, fd))
                self.assertEqual(set(fds.values()), {"socket"}, role)
                self.assertLessEqual(len(fds), more, role)

    def test_the_descriptors_of_cutoutd(self):
        fds = self.held(self.site.daemon.pid)
        log = os.path.join(self.site.dir, "logs", "cutoutd")
        self.assertEqual((fds.pop(0), fds.pop(1), fds.pop(2)), ("/dev/null", log, log))
        others = sorted(w for w in fds.values() if w not in ("socket", "pipe"))
        self.assertEqual(others, ["/dev/null", "/memfd:rates (deleted)",
                                  "anon_inode:[signalfd]"])

    def test_mapped_libraries(self):
        def look(pid, role):
            if role in LIBRARIES:
                mapped = libraries(pid)
                self.assertEqual(mapped, COMMON | LIBRARIES[role], role)
        self.look_at_each(look)

    def test_linked_libraries(self):
        for role, named in LINKED.items():
            folder = self.site.bin if role == "cutoutd" else os.path.join(
                self.site.dir, "prefix", "libexec", "cutout")
            out = run("readelf", "-d", os.path.join(folder, role)).stdout.decode()
            found = set(map(plain_name, re.findall(r"\(NEEDED\).*\[(.*)\]", out)))
            self.assertEqual(found - {"ld-linux-x86"}, named | {"libc", "libseccomp"},
                             role)

    def inject(self, pid, name, *arguments):
        return run(INJECT, str(pid), str(NUMBER[name]), *map(str, arguments)).stdout \
            .decode().strip()

    def one_of_each(self):
        seen = {}
        for pid, role in sorted(self.site.processes().items()):
            seen.setdefault(role, []).append(pid)
        return seen

    def victims(self, role, child):
        """A zygote is the process whose parent is cutoutd; a child's is not."""
        if role == "cutoutd":
            return [self.site.daemon.pid]
        found = []
        for pid in self.site.pids(role):
            try:
                if self.is_child(pid) == child:
                    found.append(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
        return found

    def dies(self, role, child, name, arguments=()):
        if self.site.daemon is None or self.site.daemon.poll() is not None:
            self.site.start_daemon()
        for left in range(20, 0, -1):
            pid = wait_for(lambda: self.victims(role, child), 30, "a " + role)[0]
            try:
                got = self.inject(pid, name, *arguments)
                break
            except AssertionError:
                # after a crash the old zygote lets its idle children end, and this
                # one was among them: another
                if not child or left == 1:
                    raise
                wait_for(lambda: pid not in self.site.processes(), 10, "its end")
        self.assertEqual(got, "killed %d" % signal.SIGSYS, (role, child, name))
        if not child:
            # a long-lived process is gone: the whole daemon stops
            self.site.daemon.wait(30)

    def test_forbidden_calls_kill_children(self):
        for role in ("session", "screen"):
            for name in FORBIDDEN_TO_ALL + ("fork", "vfork", "kill", "connect", "bind",
                                            "listen"):
                self.dies(role, True, name)
            self.dies(role, True, "mmap", (0, 4096, PROT_RWX, MAP_ANON, -1, 0))
            self.dies(role, True, "mprotect", (0, 4096, PROT_RWX))
        # and the gateway serves on
        got = self.site.submit(fresh(example(examples("good")[0])))
        self.assertEqual(got.status, 201, got.body)

    def test_a_child_at_work_ends_no_socket_of_its_siblings(self):
        for shared in BUSY["session"][0] - {5}:
            with self.half_a_report():
                got = self.inject(self.busy("session"), "shutdown", shared,
                                  socket.SHUT_RDWR)
            self.assertEqual(got, "killed %d" % signal.SIGSYS, shared)
        # its own it may
        with self.half_a_report():
            got = self.inject(self.busy("session"), "shutdown", 5, socket.SHUT_RDWR)
        self.assertEqual(got, "returned 0")
        got = self.site.submit(fresh(example(examples("good")[0])))
        self.assertEqual(got.status, 201, got.body)

    def test_forbidden_calls_kill_long_lived_processes(self):
        for role in ("queue", "signer", "keyd", "cover", "ctl", "session", "screen"):
            for name in ("openat", "socket", "execve", "ptrace"):
                self.dies(role, False, name)
            self.dies(role, False, "mmap", (0, 4096, PROT_RWX, MAP_ANON, -1, 0))

    def test_cutoutd_itself(self):
        for name in sorted(set(FORBIDDEN_TO_ALL) - CUTOUTD_MAY):
            self.dies("cutoutd", False, name)

    def test_cutoutd_can_not_come_back_to_root(self):
        self.dies("cutoutd", False, "setuid", (0,))


@unittest.skipUnless(CAN_LOOK, "needs to look into other processes")
class Hole(unittest.TestCase):
    """The prison test can fail: in a copy whose table lets openat through,
    everything else the same, the same call comes back."""

    def test_a_hole_in_the_table_is_seen(self):
        build = os.path.join(os.path.dirname(BUILD), "build-hole")
        run("cmake", "-S", os.path.dirname(os.path.dirname(os.path.dirname(
            os.path.abspath(__file__)))), "-B", build, "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
            "-DCUTOUT_TEST_HOLE=ON", "-DBUILD_TESTING=OFF")
        subprocess.run(["cmake", "--build", build, "-j2"], check=True,
                       capture_output=True)
        with Site(build=build) as site:
            for role in ("queue", "signer", "keyd", "session", "screen"):
                pid = site.pids(role)[0]
                got = run(INJECT, str(pid), str(NUMBER["openat"])).stdout.decode()
                self.assertTrue(got.startswith("returned -"), (role, got))


if __name__ == "__main__":
    main()
