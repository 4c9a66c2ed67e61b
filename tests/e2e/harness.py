"""One gateway and one police desk of its own for each end-to-end test.

The programs are the installed release binaries in their real sandbox, made
ready by contrib/quickstart --prepare and started here, so that a test can
change the configuration first. Everything stands in a temporary folder,
listens on 127.0.0.1 and is stopped by pid.
"""

import hashlib
import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as ET

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CUTOUT_BUILD", os.path.join(TOP, "build-release"))
EXAMPLES = os.path.join(TOP, "schema", "examples")
NS = "urn:cutout:report:1"
# a slower build (sanitizers) may take this much longer for everything
PATIENCE = float(os.environ.get("CUTOUT_PATIENCE", "1"))

ROLES = ("session", "screen", "signer", "queue", "keyd", "forward", "cover", "ctl")


def capable(bit):
    """Whether this process holds a capability: 19 is CAP_SYS_PTRACE, 21
    CAP_SYS_ADMIN. Root does, and a user in a namespace of his own."""
    with open("/proc/self/status") as f:
        held = int(next(l for l in f if l.startswith("CapEff")).split()[1], 16)
    return bool(held >> bit & 1)


CAN_LOOK, CAN_MOUNT = capable(19), capable(21)


class Patience(Exception):
    """A condition did not come true in time."""


def wait_for(condition, seconds=30, what="a condition"):
    """Polls condition() until it is true and returns what it returned."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise Patience("waited %g s for %s" % (seconds * PATIENCE, what))
        time.sleep(0.05)


def run(*command, check=True, **options):
    """subprocess.run with output captured and shown when it fails."""
    got = subprocess.run(command, capture_output=True, timeout=120 * PATIENCE,
                         **options)
    if check and got.returncode != 0:
        raise AssertionError("%s: exit %d\n%s%s" % (
            " ".join(command), got.returncode,
            got.stdout.decode(errors="replace"),
            got.stderr.decode(errors="replace")))
    return got


def example(name, kind="good"):
    with open(os.path.join(EXAMPLES, kind, name), "rb") as f:
        return f.read()


def examples(kind):
    return sorted(n for n in os.listdir(os.path.join(EXAMPLES, kind))
                  if n.endswith(".xml"))


def fresh(body, mark=None):
    """The same report under a new Id and Blind; with a mark, that word is put
    into the first item's text."""
    for name in (b"Id", b"Blind"):
        body = re.sub(b"<%s>[^<]*</%s>" % (name, name),
                      b"<%s>%s</%s>" % (name, secrets.token_hex(32).encode(), name),
                      body, count=1)
    if mark is not None:
        body = re.sub(b"<Text>", b"<Text>" + mark.encode() + b" ", body, count=1)
    return body


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def rules(self):
        return [f["rule"] for f in self.json.get("findings", [])]


class Site:
    """A prepared folder; start() runs desk and cutoutd."""

    # everything leaves in the next slot, and nothing else with it
    AT_ONCE = {"cover": '"none"', "private_delay_hours": "0", "minimum": "0",
               "percent": "100", "oldest_hours": "0", "slot_batch": "256"}

    def __init__(self, conf=None, build=None, desk=True, flow=False):
        """flow: with the pool and the cover of the quick start; most tests
        are about something else and do not wait for them."""
        self.dir = tempfile.mkdtemp(prefix="cutout-e2e.")
        os.chmod(self.dir, 0o755)
        env = dict(os.environ, CUTOUT_SKIP_BUILD="1", CUTOUT_BUILD=build or BUILD)
        run(os.path.join(TOP, "contrib", "quickstart"), "--prepare", self.dir,
            env=env, stdin=subprocess.DEVNULL)
        self.opened = {}
        self.env = {}
        with open(os.path.join(self.dir, "env")) as f:
            for line in f:
                name, value = line.split("=", 1)
                self.env[name] = shlex.split(value)[0]
        self.bin = self.env["BIN"]
        self.conf = os.path.join(self.dir, "cutoutd.conf")
        for name, value in ({} if flow else self.AT_ONCE).items():
            self.configure(name, value)
        for name, value in (conf or {}).items():
            self.configure(name, value)
        self.with_desk = desk
        self.desk = self.daemon = None
        with open(os.path.join(self.dir, "ports")) as f:
            ports = dict(l.strip().split("=") for l in f)
        self.port, self.desk_port = int(ports["port"]), int(ports["desk_port"])
        self.owner = "_cutout" if os.getuid() == 0 else None

    def configure(self, name, value):
        with open(self.conf) as f:
            text = f.read()
        new, n = re.subn(r"(?m)^(\s*)%s\s*=.*$" % re.escape(name),
                         lambda m: "%s%s = %s" % (m.group(1), name, value), text)
        if n != 1:
            raise AssertionError("option %s stands %d times in the configuration"
                                 % (name, n))
        with open(self.conf, "w") as f:
            f.write(new)

    def option(self, name):
        """The text of an option that stands once in the configuration."""
        with open(self.conf) as f:
            return re.search(r'(?m)^\s*%s\s*=\s*"(.*)"$' % re.escape(name),
                             f.read()).group(1)

    def powerless(self, drop):
        """What stands before a command so that it runs as the gateway's user;
        with drop false root stays root, for cutoutd drops by itself."""
        if os.getuid() == 0:
            return [] if not drop else [
                "setpriv", "--reuid=" + self.owner, "--regid=" + self.owner,
                "--clear-groups", "--"]
        if CAN_LOOK:
            return ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--"]
        return []

    def program(self, name, *arguments, check=True, **options):
        command = self.powerless(True) + [os.path.join(self.bin, name), *arguments]
        return run(*command, check=check, cwd=self.dir, **options)

    # --- starting and stopping -------------------------------------------

    def log(self, name="cutoutd"):
        try:
            with open(os.path.join(self.dir, "logs", name), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def _spawn(self, log, command, drop):
        command = self.powerless(drop) + command
        out = open(os.path.join(self.dir, "logs", log), "ab")
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=out, start_new_session=True)
        out.close()
        return child

    def _ready(self, child, log, before):
        def seen():
            if child.poll() is not None:
                raise AssertionError("%s ended with %d\n%s" % (
                    log, child.returncode, self.log(log)[-3000:]))
            return re.search(r"(?m): ready$", self.log(log)[before:])
        wait_for(seen, 60, log + " to be ready")

    def start_desk(self):
        before = len(self.log("desk"))
        keys, police = os.path.join(self.dir, "keys"), os.path.join(self.dir, "police")
        self.desk = self._spawn("desk", [
            os.path.join(self.bin, "cutout-desk"), "receive", "--keys", police,
            "--origin", self.env["ORIGIN_CERT"],
            "--gateway-authority", os.path.join(keys, "gateway-authority.crt"),
            "--gateway-crl", os.path.join(keys, "gateway-authority.crl"),
            "--data", self.env["DESK_DATA"],
            "--listen", "127.0.0.1:%d" % self.desk_port], drop=True)
        self._ready(self.desk, "desk", before)

    def stop_desk(self):
        self._stop(self.desk)
        self.desk = None

    def start_daemon(self, wait=True):
        before = len(self.log())
        self.daemon = self._spawn("cutoutd", [
            os.path.join(self.bin, "cutoutd"), "-c", self.conf], drop=False)
        with open(self.env["PIDFILE"], "w") as f:
            f.write("%d\n" % self.daemon.pid)
        if wait:
            self._ready(self.daemon, "cutoutd", before)

    def start(self):
        try:
            if self.with_desk:
                self.start_desk()
            self.start_daemon()
        except BaseException:
            self.stop()
            raise
        return self

    @staticmethod
    def _stop(child, sig=signal.SIGTERM):
        if child is None:
            return None
        if child.poll() is None:
            child.send_signal(sig)
        try:
            return child.wait(20 * PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return "killed"

    def stop_daemon(self, sig=signal.SIGTERM):
        left = self._stop(self.daemon, sig)
        self.daemon = None
        return left

    def stop(self):
        self.stop_daemon()
        self.stop_desk()

    def close(self):
        self.stop()
        if os.environ.get("CUTOUT_KEEP"):
            print("kept", self.dir, file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # --- looking at the processes ----------------------------------------

    def processes(self):
        """{pid: role} of the daemon and everything below it."""
        tree = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as f:
                    fields = f.read().rpartition(")")
                tree[int(pid)] = (int(fields[2].split()[1]),
                                  fields[0].split("(", 1)[1], fields[2].split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
        found, todo = {}, [self.daemon.pid]
        while todo:
            pid = todo.pop()
            if pid not in tree or tree[pid][2] == "Z":
                continue
            found[pid] = tree[pid][1]
            todo += [p for p, (parent, _, _) in tree.items() if parent == pid]
        return found

    def pids(self, role):
        return sorted(p for p, r in self.processes().items() if r == role)

    # --- submitting -------------------------------------------------------

    def context(self, who="PARTNER"):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.load_verify_locations(self.env["CA"])
        if who:
            c.load_cert_chain(self.env[who + "_CERT"], self.env[who + "_KEY"])
        return c

    def request(self, method, path, body=None, who="PARTNER", headers=None,
                context=None, timeout=60):
        c = http.client.HTTPSConnection("127.0.0.1", self.port,
                                        context=context or self.context(who),
                                        timeout=timeout * PATIENCE)
        try:
            h = {"Content-Type": "application/xml"} if body is not None else {}
            h.update(headers or {})
            c.request(method, path, body, h)
            r = c.getresponse()
            return Answer(r.status, dict(r.getheaders()), r.read())
        finally:
            c.close()

    def submit(self, body, who="PARTNER", path="/v1/reports"):
        return self.request("POST", path, body, who)

    # --- at the desk ------------------------------------------------------

    def items(self):
        folder = os.path.join(self.env["DESK_DATA"], "items")
        if not os.path.isdir(folder):
            return []
        return sorted(os.path.join(folder, n) for n in os.listdir(folder)
                      if n.endswith(".p7m"))

    def open_item(self, path):
        """verify, profile, decrypt: with the stock openssl and the profile
        check, as README writes it."""
        e = self.env
        with open(path, "rb") as f:
            sealed = run("openssl", "cms", "-verify", "-binary", "-inform", "DER",
                         "-in", path, "-partial_chain", "-CAfile", e["ORIGIN_CERT"],
                         "-certfile", e["ORIGIN_CERT"], "-nointern").stdout
        sealed = run(os.path.join(self.bin, "cutout-desk"), "profile",
                     input=sealed).stdout
        return run("openssl", "cms", "-decrypt", "-binary", "-inform", "DER",
                   "-recip", e["RECIPIENT_CERT"], "-inkey", e["RECIPIENT_KEY"],
                   input=sealed).stdout

    def texts(self):
        """The first word of the first item's text of everything at the desk."""
        for path in self.items():
            # a name stands for the same bytes for ever: opened once
            if path not in self.opened:
                root = ET.fromstring(self.open_item(path).decode())
                text = root.find(".//{*}Item/{*}Text").text
                self.opened[path] = text.split()[0]
        return [self.opened[path] for path in self.items() if path in self.opened]

    def control(self, *arguments, check=True):
        return self.program("cutoutctl", "-s", os.path.join(self.dir, "data", "ctl.sock"),
                            *arguments, check=check)


def object_name(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Counting(unittest.TextTestResult):
    pass


def main():
    """Runs the file's tests and closes with one plain line."""
    runner = unittest.TextTestRunner(verbosity=2, stream=sys.stderr)
    program = unittest.main(module="__main__", exit=False, testRunner=runner)
    r = program.result
    failed = len(r.failures) + len(r.errors)
    print("%s: %d passed, %d failed, %d skipped" % (
        os.path.basename(sys.argv[0]), r.testsRun - failed - len(r.skipped),
        failed, len(r.skipped)))
    sys.exit(1 if failed else 0)
