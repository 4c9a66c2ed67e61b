"""The stranger's command: the demonstration ends well and leaves nothing, and
--serve serves, restarts and stops."""

import hashlib
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

from harness import BUILD, PATIENCE, TOP, example, examples, fresh, main, wait_for

QUICKSTART = os.path.join(TOP, "contrib", "quickstart")
NAMES = ["URL", "CA", "PARTNER_CA_CERT", "PARTNER_CA_KEY", "RECIPIENT_CERT",
         "RECIPIENT_KEY", "ORIGIN_CERT", "DATA", "DESK_DATA", "LOGS", "PIDFILE", "BIN"] + [
    who + what for who in ("PARTNER", "PARTNER2", "PARTNER3", "EXPIRED", "REVOKED",
                           "POLICE") for what in ("_CERT", "_KEY")]


def processes_below(folder):
    """Processes whose program stands below this folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/exe" % pid).startswith(folder + "/"):
                found.append(pid)
        except OSError:
            continue
    return found


class Quickstart(unittest.TestCase):
    def env(self):
        return dict(os.environ, CUTOUT_SKIP_BUILD="1", CUTOUT_BUILD=BUILD)

    def test_the_demonstration(self):
        home = tempfile.mkdtemp(prefix="cutout-demo.")
        os.chmod(home, 0o755)
        began = time.monotonic()
        got = subprocess.run([QUICKSTART], env=dict(self.env(), TMPDIR=home),
                             capture_output=True, text=True, timeout=300 * PATIENCE,
                             stdin=subprocess.DEVNULL)
        took = time.monotonic() - began
        self.assertEqual(got.returncode, 0, got.stdout + got.stderr)
        self.assertIn("BR-", got.stdout)
        self.assertEqual(os.listdir(home), [])
        self.assertEqual(processes_below(home), [])
        shutil.rmtree(home)
        print("the demonstration took %.0f s" % took)

    def serve(self, folder):
        out = open(os.path.join(folder, "..", "serve.out"), "ab")
        child = subprocess.Popen([QUICKSTART, "--serve", folder], env=self.env(),
                                 stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        out.close()
        return child

    def submit(self, env, body):
        c = ssl.create_default_context(cafile=env["CA"])
        c.load_cert_chain(env["PARTNER_CERT"], env["PARTNER_KEY"])
        request = urllib.request.Request(env["URL"] + "/v1/reports", body,
                                         {"Content-Type": "application/xml"})
        try:
            with urllib.request.urlopen(request, context=c, timeout=30) as r:
                return r.status
        except OSError:
            return None

    def test_a_folder_of_somebody_elses_things_is_left_alone(self):
        home = tempfile.mkdtemp(prefix="cutout-other.")
        try:
            os.chmod(home, 0o700)
            with open(os.path.join(home, "precious"), "w"):
                pass
            marks = [None, "link"]
            if os.getuid() == 0:
                marks.append("planted")
            for mark in marks:
                path = os.path.join(home, ".cutout-quickstart")
                if os.path.lexists(path):
                    os.unlink(path)
                if mark == "link":
                    os.symlink("/etc/hostname", path)
                elif mark == "planted":
                    with open(path, "w"):
                        pass
                    os.chown(path, 65534, 65534)
                before = (os.stat(home).st_mode, os.stat(home).st_uid,
                          sorted(os.listdir(home)))
                got = subprocess.run([QUICKSTART, "--prepare", home], env=self.env(),
                                     capture_output=True, text=True,
                                     stdin=subprocess.DEVNULL)
                self.assertEqual(got.returncode, 1, got.stdout + got.stderr)
                self.assertIn("not empty", got.stderr)
                self.assertEqual(before, (os.stat(home).st_mode, os.stat(home).st_uid,
                                          sorted(os.listdir(home))))
        finally:
            shutil.rmtree(home)

    def test_serve(self):
        home = tempfile.mkdtemp(prefix="cutout-serve.")
        os.chmod(home, 0o755)
        folder = os.path.join(home, "a folder")
        os.mkdir(folder)
        prints = []
        try:
            for round_ in range(2):
                with open(os.path.join(home, "serve.out"), "w"):
                    pass
                child = self.serve(folder)

                def ready():
                    self.assertIsNone(child.poll())
                    with open(os.path.join(home, "serve.out")) as f:
                        return re.search(r"(?m)^ready$", f.read())
                wait_for(ready, 60, "ready")
                env = {}
                with open(os.path.join(folder, "env")) as f:
                    for line in f:
                        name, value = line.rstrip("\n").split("=", 1)
                        env[name] = shlex.split(value)[0]
                for name in NAMES:
                    self.assertIn(name, env)
                    if name != "URL":
                        self.assertTrue(os.path.exists(env[name]), name)
                with open(env["PARTNER_CERT"], "rb") as f:
                    prints.append(hashlib.sha256(f.read()).hexdigest() + env["URL"])
                good = example(examples("good")[0])
                self.assertEqual(self.submit(env, fresh(good)), 201)
                with open(env["PIDFILE"]) as f:
                    pid = int(f.read())
                os.kill(pid, signal.SIGKILL)
                wait_for(lambda: self.submit(env, fresh(good)) == 201, 60,
                         "cutoutd to serve again on the same port")
                with open(env["PIDFILE"]) as f:
                    self.assertNotEqual(pid, int(f.read()))
                child.send_signal((signal.SIGTERM, signal.SIGINT)[round_])
                self.assertEqual(child.wait(30 * PATIENCE), 0)
                wait_for(lambda: processes_below(folder) == [], 10, "everything to end")
            self.assertEqual(prints[0], prints[1], "keys or port changed")
        finally:
            if child.poll() is None:
                child.kill()
            shutil.rmtree(home)


if __name__ == "__main__":
    main()
