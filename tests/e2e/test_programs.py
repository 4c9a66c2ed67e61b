"""What each side runs: the partner's, the operator's, the auditor's and the
police's programs, against a real gateway and a real desk."""

import contextlib
import glob
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest
import xml.etree.ElementTree as ET

from harness import (EXAMPLES, Site, example, examples, fresh, main, object_name, run,
                     wait_for)

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}")
FINDING = re.compile(r"^(?P<file>[^:]+)(?::(?P<line>\d+))?: (?P<rule>[A-Z]+(?:-\d+)?) "
                     r"(?P<severity>[RQWX]): (?P<help>.+)$")
SMALL = min(examples("good"), key=lambda n: len(example(n)))


def path_of(kind, name):
    return os.path.join(EXAMPLES, kind, name)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def text(data):
    return data.decode(errors="replace")


def hkdf(secret, info, salt=b"cutout-receipt-v1"):
    """RFC 5869, one block of SHA-256."""
    prk = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


# what a person writes into the template, in the order of its open fields
WRITTEN = """Classification OFFICIAL-SENSITIVE, Subject Smashed windows, DestinationForce SYP,
Priority LOW, ImmediateRiskToLife false, CrimeInProgress false, SafeguardingFlag NONE,
SafeguardingReferralMade NOT-NEEDED, Strand PREVENT, ThreatType ASB, InfoFrom 2026-02-01,
InfoPrecision DAY, Basis CDA98-S115, ContainsPatientInformation false,
Text Marknew shop windows were smashed again by riders of quad bikes., HowKnown OBSERVED,
Corroborated false, KnownToHowMany SOME, EntityRef e1, RiskToSource LOW, RiskToSubject LOW,
RiskToThirdParty LOW, RiskToOperation UNKNOWN, Kind AREA, Postcode S99, Kind OTHER,
Start 2026-02-01, Precision DAY, Type OCCURRED-AT, Strength UNCONFIRMED, ItemRef i1,
NotAnEmergency true, ReferralConsidered true, SourceNotNamedInText true,
BestOfKnowledge true, LawfulBasisConfirmed true"""


def fill_in(template):
    """Does what the template says: takes marks away, fills in, deletes lines."""
    for name in ("EntityRef", "Entities", "Link"):
        template = re.sub(r"<!--\n( *<%s\b[^>]*>.*?</%s>\n) *-->" % (name, name), r"\1",
                          template, count=1, flags=re.S)
    template = re.sub(r" *<(?!Location|Event)(\w+) id=\"(?!i1)\w+\">.*?</\1>\n", "", template,
                      flags=re.S)
    template = template.replace('from="" to=""', 'from="e1" to="l1"')
    todo = [w.strip().split(" ", 1) for w in " ".join(WRITTEN.split()).split(", ")]
    lines, comment = [], False
    for line in template.splitlines():
        comment |= "<!--" in line
        empty = re.match(r"^( *)<(\w+)(?: \w+=\"\")*></\w+>$", line)
        if comment or not empty:
            lines.append(line)
        elif todo and empty.group(2) == todo[0][0]:
            name, value = todo.pop(0)
            lines.append("%s<%s>%s</%s>" % (empty.group(1), name, value, name))
        comment &= "-->" not in line
    if todo:
        raise AssertionError("no place for %s" % todo[0])
    return "\n".join(lines) + "\n"


class Swallower:
    """Stands between partner and gateway and loses answers: what the gateway
    says after the whole report went up is read and thrown away."""

    def __init__(self, port, report_bytes, losses=1):
        self.to, self.threshold, self.losses = port, report_bytes, losses
        self.connections = self.swallowed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.join, args=(client, self.losses > 0),
                             daemon=True).start()
            self.losses -= 1

    def join(self, client, lose):
        server = socket.create_connection(("127.0.0.1", self.to))
        up = [0]

        def upwards():
            try:
                while data := client.recv(65536):
                    up[0] += len(data)
                    server.sendall(data)
                server.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        threading.Thread(target=upwards, daemon=True).start()
        try:
            while data := server.recv(65536):
                if lose and up[0] >= self.threshold:
                    self.swallowed += len(data)
                else:
                    client.sendall(data)
        except OSError:
            pass
        for s in (client, server):
            # close() alone waits for the thread that reads
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def end(self):
        self.listener.close()


class FalseGateway(http.server.ThreadingHTTPServer):
    """Has the gateway's certificate and gives the answers it was told to."""

    daemon_threads = True

    def __init__(self, site, *answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.server.times.append(time.monotonic())
                at = min(len(self.server.times), len(self.server.answers)) - 1
                status, headers, body = self.server.answers[at]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.answers, self.times = answers, []
        super().__init__(("127.0.0.1", 0), Handler)
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        keys = os.path.join(site.dir, "keys")
        c.load_cert_chain(os.path.join(keys, "tls.crt"), os.path.join(keys, "tls.key"))
        self.socket = c.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class OneSite(unittest.TestCase):
    """One gateway and one desk for all tests of the class."""

    conf = {}

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.conf)
        cls.addClassCleanup(cls.site.close)
        cls.site.start()
        cls.schema = os.path.join(cls.site.dir, "prefix", "share", "cutout", "schema")

    def setUp(self):
        # each test has a receipts folder of its own
        self.receipts = os.path.join(self.site.dir, "receipts-" + self.id().split(".")[-1])

    def command(self, *words, who="PARTNER", port=None, ca=None, receipts=None):
        e = self.site.env
        return [*words, "--url", "https://127.0.0.1:%d" % (port or self.site.port),
                "--ca", ca or e["CA"], "--cert", e[who + "_CERT"], "--key",
                e[who + "_KEY"], "--receipts", receipts or self.receipts,
                "--schema", self.schema]

    def submit(self, *words, code=0, **where):
        """Runs cutout-submit; it must exit with code."""
        got = self.site.program("cutout-submit", *self.command(*words, **where),
                                check=False)
        self.assertEqual(got.returncode, code, text(got.stdout + got.stderr))
        return got

    def start_submit(self, *words, **where):
        return subprocess.Popen(
            self.site.powerless(True) +
            [os.path.join(self.site.bin, "cutout-submit")] + self.command(*words, **where),
            cwd=self.site.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def file(self, name, body):
        path = os.path.join(self.site.dir, name)
        with open(path, "wb") as f:
            f.write(body)
        return path

    def report(self, name, mark):
        """A file with the small example, marked."""
        return self.file(name, fresh(example(SMALL), mark))

    def arrives(self, mark):
        """It is at the desk, and after a few more slots still once."""
        wait_for(lambda: mark in self.site.texts(), 60, mark + " at the desk")
        self.assertEqual(self.site.texts().count(mark), 1)

    def stored(self):
        """The report that waits in the receipts folder."""
        found = glob.glob(os.path.join(self.receipts, "*.xml"))
        self.assertEqual(len(found), 1)
        with open(found[0], "rb") as f:
            return f.read()


class Partner(OneSite):
    def test_new_explains_every_field_and_never_overwrites(self):
        path = os.path.join(self.site.dir, "new.xml")
        for scheme in ("5x5x5", "3x5x2"):
            got = self.submit("new", "--scheme", scheme)
            self.assertEqual(ET.fromstring(got.stdout).get("profile"), scheme)
            self.assertIn(b"<!--", got.stdout)
        self.submit("new", path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, "rb") as f:
            before = f.read()
        got = self.submit("new", path, code=1)
        self.assertIn(b"exists", got.stderr)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), before)
        # nothing is filled in yet, and that is said, a line for each field
        got = self.submit("check", path, code=3)
        self.assertTrue(FINDING.match(text(got.stdout).splitlines()[0]), got.stdout)
        # and filled in as it says, it is a report
        filled = self.file("filled.xml", fill_in(text(before)).encode())
        self.assertIn("accepted", text(self.submit("send", filled).stdout))
        self.arrives("Marknew")

    def test_check_finds_nothing_in_good_reports(self):
        names = [path_of("good", n) for n in examples("good")]
        got = self.site.program("cutout-submit", *self.command("check", *names),
                                check=False)
        self.assertIn(got.returncode, (0, 7), text(got.stdout + got.stderr))
        self.assertEqual(text(got.stdout).count("nothing stands against it"), len(names))

    def test_findings_have_rule_line_and_help(self):
        body = example(SMALL).replace(b"<Priority>", b"<Priority>LOUD", 1)
        line = body[:body.index(b"LOUD")].count(b"\n") + 1
        path = self.file("loud.xml", body)
        for words in (["check"], ["check", "--online"], ["send"], ["send", "--no-check"]):
            got = self.submit(*words, path, code=3)
            found = [FINDING.match(l) for l in text(got.stdout).splitlines()]
            found = [f for f in found if f]
            self.assertEqual([int(f["line"]) for f in found], [line], (words, got.stdout))
            self.assertEqual(found[0]["file"], path)
            self.assertGreater(len(found[0]["help"]), 20)
            # a finding never repeats submitted text
            self.assertNotIn(b"LOUD", got.stdout + got.stderr)
        self.assertEqual(glob.glob(os.path.join(self.receipts, "*.receipt")), [])

    def test_each_bad_example_is_returned_here_or_there(self):
        # the client puts in Id and Blind by itself: what is wrong with those goes
        names = [n for n in examples("bad")
                 if len(re.findall(rb"<(Id|Blind)>[0-9a-f]{64}</", example(n, "bad"))) == 2]
        for name in names[::12]:
            path = path_of("bad", name)
            answers = [self.site.program("cutout-submit", *self.command(*words, path),
                                         check=False)
                       for words in (["check"], ["check", "--online"])]
            here, there = [(got.returncode, text(got.stdout)) for got in answers]
            rule = name.split("-")[0]
            if rule in ("BR", "CT"):
                rule = "-".join(name.split("-")[:2])
            with self.subTest(name):
                self.assertIn(3, (here[0], there[0]), (here, there))
                for code, out in (here, there):
                    self.assertEqual(code == 3, ": %s " % rule in out, out)
                # what only the gateway can know, it alone says; and it never
                # gets the submitter's own data
                if here[0] != 3:
                    self.assertIn(rule, ("CT-02", "CT-03", "CT-04", "BR-08"))
                if there[0] != 3:
                    self.assertIn(b"<Submitter", example(name, "bad"))

    def test_send_stores_a_receipt_and_keeps_the_code_to_itself(self):
        got = self.submit("send", self.report("one.xml", "Markone"))
        code = CODE.search(text(got.stdout)).group()
        listed = text(self.submit("receipts").stdout)
        self.assertRegex(listed, code + r"  accepted +one\.xml")
        # accepted: only the code is kept
        self.assertEqual(glob.glob(os.path.join(self.receipts, "*.xml")), [])
        self.assertEqual(stat.S_IMODE(os.stat(self.receipts).st_mode), 0o700)
        for name in os.listdir(self.receipts):
            mode = os.stat(os.path.join(self.receipts, name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        self.arrives("Markone")
        # the same file again is not a second report
        got = self.submit("send", os.path.join(self.site.dir, "one.xml"))
        self.assertIn("accepted before", text(got.stdout))
        self.assertEqual(CODE.search(text(got.stdout)).group(), code)
        # but with --again it is
        got = self.submit("send", "--again", os.path.join(self.site.dir, "one.xml"))
        self.assertNotEqual(CODE.search(text(got.stdout)).group(), code)
        wait_for(lambda: self.site.texts().count("Markone") == 2, 60, "the second one")

    def test_id_and_blind_are_derived_from_the_code_alone(self):
        path = self.report("derived.xml", "Markderived")
        self.site.control("pause", "on")
        self.addCleanup(self.site.control, "pause", "off")
        got = self.submit("send", "--tries", "1", path, code=4)
        symbols = CODE.search(text(got.stdout)).group().replace("-", "")[:26].encode()
        sent = self.stored()
        for name, info in ((b"Id", b"id"), (b"Blind", b"blind")):
            value = re.search(b"<%s>(.*?)</%s>" % (name, name), sent).group(1)
            self.assertEqual(text(value).lower(), hkdf(symbols, info).hex())

    def test_the_submitter_stays_behind(self):
        named = [n for n in examples("good") if b"<Submitter" in example(n)]
        self.assertTrue(named, "an example with a Submitter")
        body = fresh(example(named[0]), "Marknamed")
        names = {n.text for n in ET.fromstring(body).find("{*}Submitter").iter()
                 if n.text and len(n.text.strip()) > 3}
        path = self.file("named.xml", body)
        self.site.control("pause", "on")
        try:
            self.submit("send", "--tries", "1", path, code=4)
        finally:
            self.site.control("pause", "off")
        sent = text(self.stored())
        self.assertNotIn("Submitter", sent)
        for name in names:
            self.assertNotIn(name, sent)
        self.submit("resend", "--pending")
        self.arrives("Marknamed")

    def test_many_show_progress_and_each_arrives_once(self):
        marks = ["Markmany%d" % i for i in range(12)]
        paths = [self.report(m + ".xml", m) for m in marks]
        bad = path_of("bad", examples("bad")[0])
        got = self.submit("send", *paths, bad, code=3)
        self.assertIn("12 of 13 sent, 1 returned", text(got.stderr))
        self.assertGreater(text(got.stderr).count(" of 13 sent"), 1)
        self.assertEqual(len(set(CODE.findall(text(got.stdout)))), 12)
        wait_for(lambda: set(marks) <= set(self.site.texts()), 60, "all at the desk")
        for m in marks:
            self.assertEqual(self.site.texts().count(m), 1)

    def test_a_lost_answer_is_asked_for_again_and_makes_no_second_report(self):
        path = self.report("lost.xml", "Marklost")
        proxy = Swallower(self.site.port, os.path.getsize(path))
        self.addCleanup(proxy.end)
        got = self.submit("send", path, port=proxy.port)
        self.assertIn("accepted already, kept once", text(got.stdout))
        self.assertGreater(proxy.swallowed, 8192)
        self.assertEqual(proxy.connections, 2)
        self.arrives("Marklost")

    def test_an_answer_lost_for_good_can_be_asked_for_later(self):
        path = self.report("later.xml", "Marklater")
        proxy = Swallower(self.site.port, os.path.getsize(path))
        self.addCleanup(proxy.end)
        got = self.submit("send", "--tries", "1", path, port=proxy.port, code=4)
        code = CODE.search(text(got.stdout)).group()
        self.assertIn("cutout-submit resend " + code, text(got.stdout))
        self.assertIn("not known to be kept", text(self.submit("receipts").stdout))
        got = self.submit("resend", code.lower().replace("-", " "))
        self.assertIn("accepted already, kept once", text(got.stdout))
        self.assertIn("accepted", text(self.submit("receipts").stdout))
        self.arrives("Marklater")

    def test_503_is_waited_out_and_sent_again(self):
        path = self.report("paused.xml", "Markpaused")
        self.site.control("pause", "on")
        try:
            child = self.start_submit("send", "--tries", "50", "--longest-wait", "1", path)
            wait_for(lambda: "state unsure" in self.receipt_text(), 30, "a first attempt")
            self.assertIsNone(child.poll())
        finally:
            self.site.control("pause", "off")
        out, err = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0, out + err)
        self.arrives("Markpaused")

    def receipt_text(self):
        found = glob.glob(os.path.join(self.receipts, "*.receipt"))
        return "".join(text(read(f)) for f in found)

    def test_after_503_the_same_file_goes_again_under_the_same_receipt(self):
        path = self.report("again.xml", "Markagain")
        self.site.control("pause", "on")
        try:
            got = self.submit("send", "--tries", "1", path, code=4)
        finally:
            self.site.control("pause", "off")
        code = CODE.search(text(got.stdout)).group()
        got = self.submit("send", path)
        self.assertEqual(CODE.search(text(got.stdout)).group(), code)
        self.assertEqual(text(self.submit("receipts").stdout).count("again.xml"), 1)
        self.assertIn("nothing is pending", text(self.submit("resend", "--pending").stdout))
        self.arrives("Markagain")

    def test_two_at_once_make_one_report(self):
        path = self.report("twice.xml", "Marktwice")
        pair = [self.start_submit("send", path) for _ in range(2)]
        ends = [(c.communicate(timeout=60), c.returncode) for c in pair]
        self.assertIn(0, [code for _, code in ends], ends)
        self.submit("send", path)
        self.assertEqual(text(self.submit("receipts").stdout).count("twice.xml"), 1)
        self.arrives("Marktwice")

    def test_409_is_told_and_never_sent_under_a_new_id(self):
        path = self.report("conflict.xml", "Markconflict")
        self.site.control("pause", "on")
        try:
            got = self.submit("send", "--tries", "1", path, code=4)
        finally:
            self.site.control("pause", "off")
        code = CODE.search(text(got.stdout)).group()
        other = re.sub(b"Markconflict", b"Markother", self.stored())
        self.assertEqual(self.site.submit(other).status, 201)
        for words in (["resend", code], ["send", path]):
            got = self.submit(*words, code=6)
            self.assertIn("another report under this id", text(got.stderr))
            self.assertEqual(CODE.findall(text(got.stdout)), [code, code])
        self.assertIn("conflict", text(self.submit("receipts").stdout))
        self.arrives("Markother")
        self.assertNotIn("Markconflict", self.site.texts())

    def test_urgent_advice_is_loud(self):
        every = [path_of(kind, n) for kind in ("warn", "good") for n in examples(kind)]
        for number, sign in (("999", b"(RiskToLife|InProgress)>true"), ("101", b">HIGH<")):
            found = next(p for p in every if re.search(sign, read(p)) and
                         self.advice(p, number))
            path = self.file("urgent%s.xml" % number,
                             fresh(read(found), "Markurgent" + number))
            for words in (["check"], ["check", "--online"], ["send"]):
                got = self.submit(*words, path, code=7)
                first = text(got.stderr).splitlines()[0]
                self.assertRegex(first, r"^\*\*\* %s.* \*\*\*$" % number)
            self.arrives("Markurgent" + number)

    def advice(self, path, number):
        got = self.site.program("cutout-submit", *self.command("check", path), check=False)
        return ("*** " + number) in text(got.stderr)

    def test_exit_codes_tell_what_to_do(self):
        path = self.report("codes.xml", "Markcodes")
        # 1: failed here
        self.submit("send", os.path.join(self.site.dir, "no-such.xml"), code=1)
        open_folder = os.path.join(self.site.dir, "open-receipts")
        os.mkdir(open_folder, 0o755)
        if self.site.owner:
            shutil.chown(open_folder, self.site.owner)
        got = self.submit("send", path, receipts=open_folder, code=1)
        self.assertIn("chmod 700", text(got.stderr))
        self.submit("resend", "0000-0000-0000-0000-0000-0000-0000", code=2)
        # 2: usage
        for words in ([], ["fly"], ["send"], ["new", "a", "b"], ["send", "--tries", "0",
                                                                path]):
            got = self.site.program("cutout-submit", *words, check=False)
            self.assertEqual(got.returncode, 2, words)
            self.assertNotEqual(got.stderr, b"")
        # 5: a certificate was refused, by them or by us
        for who in ("EXPIRED", "REVOKED"):
            got = self.submit("send", "--tries", "2", path, who=who, code=5)
            self.assertIn("refuses this certificate", text(got.stderr))
        self.submit("send", "--tries", "2", path, who="POLICE", code=5)
        got = self.submit("send", "--tries", "2", path, ca=self.site.env["PARTNER_CA_CERT"],
                          code=5)
        self.assertIn("nothing was sent", text(got.stderr))
        # 8: nobody there
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            got = self.submit("send", "--tries", "2", "--longest-wait", "1", path,
                              port=s.getsockname()[1], code=8)
        self.assertIn("not reachable", text(got.stderr))
        # through all of that it was one report, and still can be sent
        self.assertEqual(text(self.submit("receipts").stdout).count("codes.xml"), 1)
        self.submit("send", path)
        self.arrives("Markcodes")

    def answered(self, *answers, tries="1"):
        server = FalseGateway(self.site, *answers)
        self.addCleanup(server.end)
        path = self.report("answered%d.xml" % server.port, "Markanswered")
        got = self.site.program("cutout-submit", *self.command(
            "send", "--tries", tries, path, port=server.port), check=False)
        return got, server

    def test_every_answer_of_a_gateway_has_its_exit_code(self):
        problem = b'{"title":"t","detail":"Do what this says.","findings":[],"more":0}'
        for status, code in ((400, 3), (403, 5), (404, 1), (409, 6), (413, 3), (422, 3),
                             (429, 8), (500, 9), (502, 4), (503, 4)):
            got, _ = self.answered((status, {}, problem))
            self.assertEqual(got.returncode, code, (status, got.stderr))
            self.assertIn(b"Do what this says.", got.stderr)
        # an answer that is not the gateway's is no acceptance
        for body in (b"", b"<html>hello</html>", b"[1]", b"{"):
            got, _ = self.answered((201, {}, body))
            self.assertEqual(got.returncode, 4, body)
        # nothing of it steers the terminal
        got, _ = self.answered((503, {}, b'{"detail":"\\u001b[2Jgone"}'))
        self.assertNotIn(b"\x1b", got.stdout + got.stderr)

    def test_retry_after_is_kept(self):
        ok = b'{"status":"ACCEPTED","findings":[],"more":0,"advice":[],"forwarding":""}'
        got, server = self.answered((503, {"Retry-After": "3"}, b"{}"), (201, {}, ok),
                                    tries="2")
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertGreaterEqual(server.times[1] - server.times[0], 2.9)


class Operator(OneSite):
    def test_status_is_for_people_and_for_programs(self):
        shown = text(self.site.control("status").stdout)
        for words in ("admission", "paused", "SYP"):
            self.assertIn(words, shown)
        # a number that followed each report would tell when it came: within a
        # day nothing moves
        for i in range(5):
            before = json.loads(self.site.control("status", "--json").stdout)
            self.assertEqual(self.site.submit(fresh(example(SMALL), "Markstatus%d" % i)).status,
                             201)
            self.arrives("Markstatus%d" % i)
            after = json.loads(self.site.control("status", "--json").stdout)
            if before["day"] == after["day"]:
                break
        self.assertEqual(before, after)

    def test_dead_list_is_empty_and_says_so(self):
        self.assertIn("no dead items", text(self.site.control("dead", "list").stdout))
        self.assertIn("no dead item",
                      text(self.site.control("dead", "retry", "--all").stdout))
        got = self.site.control("dead", "retry", "0" * 64, check=False)
        self.assertEqual(got.returncode, 1)
        self.assertIn("refused", text(got.stderr))

    def test_a_pause_outlives_the_daemon(self):
        self.assertIn("paused", text(self.site.control("pause", "on").stdout))
        body = fresh(example(SMALL), "Markoutlive")
        try:
            self.assertEqual(self.site.submit(body).status, 503)
            self.site.stop_daemon()
            self.site.start_daemon()
            self.assertEqual(self.site.submit(body).status, 503)
        finally:
            self.site.control("pause", "off")
        self.assertEqual(self.site.submit(body).status, 201)
        self.arrives("Markoutlive")

    def test_usage_and_a_silent_gateway_have_exit_codes(self):
        for words in ([], ["fly"], ["pause"], ["dead", "retry"], ["dead", "retry", "12"]):
            self.assertEqual(self.site.control(*words, check=False).returncode, 2, words)
        got = self.site.program("cutoutctl", "-s", os.path.join(self.site.dir, "none.sock"),
                                "status", check=False)
        self.assertEqual(got.returncode, 3)
        self.assertIn("Is cutoutd running?", text(got.stderr))

    def export(self, name):
        path = os.path.join(self.site.dir, name)
        if os.path.exists(path):
            os.unlink(path)
        self.site.control("log", "export", path)
        return path

    def audit(self, path, *options):
        return self.site.program("cutout-audit", "counts", *options, path, check=False)

    def test_the_exported_log_adds_up_and_a_changed_one_does_not(self):
        marks = ["Markaudit%d" % i for i in range(6)]
        for m in marks:
            self.assertEqual(self.site.submit(fresh(example(SMALL), m)).status, 201)
        wait_for(lambda: set(marks) <= set(self.site.texts()), 60, "the desk")

        def closed():
            got = self.audit(self.export("log"), "--json")
            if got.returncode != 0:
                return None
            sums = json.loads(got.stdout)
            return sums["done"] >= 6 and sums["queued"] == 0 and sums["days"] and sums
        # a day is 20 seconds; entries stand in the log when it has ended
        sums = wait_for(closed, 90, "the log of a closed day")
        self.assertTrue(sums["agrees"])
        self.assertEqual(sums["accepted"], sums["done"] + sums["queued"] + sums["deadNow"])
        self.assertEqual(sums["objects"], sums["done"])
        self.assertEqual(len(self.site.items()), sums["done"])
        shown = text(self.audit(os.path.join(self.site.dir, "log")).stdout)
        self.assertIn("All books agree.", shown)
        self.assertIn("does not yet prove", shown)

        # an export is never written over another file
        path = os.path.join(self.site.dir, "log")
        with open(path) as f:
            whole = f.read()
        got = self.site.control("log", "export", path, check=False)
        self.assertEqual(got.returncode, 1)
        with open(path) as f:
            self.assertEqual(f.read(), whole)
        # to standard output it is the same, or longer by now
        self.assertTrue(text(self.site.control("log", "export").stdout).startswith(whole))

        lines = whole.splitlines(True)
        self.assertEqual({json.loads(l)["v"] for l in lines}, {1})

        def without(word):
            at = next(i for i, l in enumerate(lines) if '"ev":"%s"' % word in l)
            return "".join(lines[:at] + lines[at + 1:])

        def without_all(word):
            return "".join(l for l in lines if '"ev":"%s"' % word not in l)

        def twice(word):
            at = next(i for i, l in enumerate(lines) if '"ev":"%s"' % word in l)
            return "".join(lines[:at + 1] + lines[at:])
        changed = {"an accepted entry left out": without("accepted"),
                   "a done entry left out": without("done"),
                   "a forwarded entry left out": without("forwarded"),
                   "the recipients left out": without_all("recipients"),
                   "an accepted entry twice": twice("accepted"),
                   "a done entry twice": twice("done"),
                   "a number changed": re.sub(r'"queued":0', '"queued":1', whole, count=1)}
        for what, tampered in changed.items():
            with self.subTest(what):
                self.assertNotEqual(tampered, whole)
                got = self.audit(self.file("tampered", tampered.encode()))
                self.assertEqual(got.returncode, 1, text(got.stdout + got.stderr))
                self.assertIn("DO NOT agree", text(got.stdout))
        broken = {"cut off": whole[:-20], "another form": whole.replace('":', '": ', 1),
                  "not JSON": whole + "hello\n"}
        for what, tampered in broken.items():
            with self.subTest(what):
                got = self.audit(self.file("tampered", tampered.encode()))
                self.assertEqual(got.returncode, 3, text(got.stdout + got.stderr))
                self.assertRegex(text(got.stderr), r"tampered:\d+: ")

    def keys(self, *words, code=0):
        got = self.site.program("cutout-keys", words[0], os.path.join(self.site.dir, "keys"),
                                *words[1:], check=False)
        self.assertEqual(got.returncode, code, text(got.stdout + got.stderr))
        return text(got.stdout + got.stderr)

    def snapshot(self):
        found = {}
        for folder, _, names in os.walk(os.path.join(self.site.dir, "keys")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    found[os.path.join(folder, name)] = f.read()
        return found

    def test_keys_list_shows_what_ends_when(self):
        shown = self.keys("list", code=3)
        for name, state in (("partners/council.crt", ""), ("partners/expired.crt", "EXPIRED"),
                            ("partners/revoked.crt", "REVOKED"), ("tls.crt", ""),
                            ("partner-authority.crl", "")):
            self.assertRegex(shown, r"(?m)^%s +\S+ +\d{4}-\d\d-\d\d +-?\d+ %s$"
                             % (re.escape(name), state))

    def test_keys_check_sees_an_open_key(self):
        self.assertIn("all right", self.keys("check"))
        key = os.path.join(self.site.dir, "keys", "partners", "school.key")
        os.chmod(key, 0o644)
        try:
            self.assertIn("chmod 600", self.keys("check", code=1))
        finally:
            os.chmod(key, 0o600)
        self.assertIn("all right", self.keys("check"))

    def test_nothing_of_the_keys_is_ever_overwritten(self):
        before = self.snapshot()
        self.keys("authority", "partner", code=1)
        self.keys("authority", "gateway", code=1)
        self.keys("issue", "council", code=1)
        self.keys("gateway", "--host", "localhost", code=1)
        self.keys("demo", code=1)
        self.assertEqual(self.snapshot(), before)
        police = os.path.join(self.site.dir, "police")
        got = self.site.program("cutout-desk", "init", police, check=False)
        self.assertEqual(got.returncode, 1)
        self.assertIn("stays as it is", text(got.stderr))

    def test_renewed_partners_get_in_and_revoked_ones_do_not(self):
        self.keys("renew", "hospital")
        old = glob.glob(os.path.join(self.site.dir, "keys", "partners",
                                     "hospital.crt.old-*"))
        self.assertEqual(len(old), 1)
        body = fresh(example(SMALL), "Markrenewed")
        self.assertEqual(self.site.submit(body, "PARTNER2").status, 201)
        self.keys("issue", "clinic")
        self.site.env["CLINIC_CERT"] = os.path.join(self.site.dir, "keys", "partners",
                                                    "clinic.crt")
        self.site.env["CLINIC_KEY"] = os.path.join(self.site.dir, "keys", "partners",
                                                   "clinic.key")
        self.assertEqual(self.site.submit(fresh(example(SMALL), "Markclinic"),
                                          "CLINIC").status, 201)
        self.keys("revoke", "clinic")
        os.kill(self.site.daemon.pid, signal.SIGHUP)

        def refused():
            try:
                self.site.submit(fresh(example(SMALL), "Marktoolate"), "CLINIC")
                return False
            except (ssl.SSLError, ConnectionError):
                return True
        wait_for(refused, 30, "the revoked clinic to be refused")
        self.assertEqual(self.site.submit(fresh(example(SMALL), "Marknotrevoked"),
                                          "PARTNER2").status, 201)
        self.assertIn("REVOKED", self.keys("list", code=3))
        # what is revoked does not come back under its old key
        self.assertIn("--new-key", self.keys("renew", "clinic", code=1))


class Desk(OneSite):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        high = next(n for n in examples("good") if b"<Priority>HIGH" in example(n))
        low = next(n for n in examples("good") if b"<Priority>LOW" in example(n))
        medium = next(n for n in examples("good") if b"<Priority>MEDIUM" in example(n))
        cls.sent = {"LOW": low, "MEDIUM": medium, "HIGH": high}
        for priority, name in cls.sent.items():
            got = cls.site.submit(fresh(example(name), "Markdesk" + priority))
            if got.status != 201:
                raise AssertionError(got.body)
        wait_for(lambda: len(cls.site.items()) == 3, 60, "the desk")

    def desk(self, *words, code=0, keys=None, data=None):
        e = self.site.env
        options = ["--keys", keys or os.path.join(self.site.dir, "police"), "--origin",
                   e["ORIGIN_CERT"], "--schema", self.schema]
        if data != "":
            options += ["--data", data or e["DESK_DATA"]]
        got = self.site.program("cutout-desk", *words, *options, check=False)
        self.assertEqual(got.returncode, code, text(got.stdout + got.stderr))
        return got

    def item(self, priority):
        """The item whose report was sent with this priority."""
        for path in self.site.items():
            if b"Markdesk" + priority.encode() in self.site.open_item(path):
                return path
        raise AssertionError(priority)

    def test_list_has_high_first(self):
        shown = text(self.desk("list").stdout)
        places = [shown.index(object_name(self.item(p))[:8])
                  for p in ("HIGH", "MEDIUM", "LOW")]
        self.assertEqual(places, sorted(places), shown)

    def test_open_shows_text_with_meanings(self):
        path = self.item("MEDIUM")
        by_file = text(self.desk("open", path).stdout)
        by_name = text(self.desk("open", object_name(path)[:10]).stdout)
        self.assertEqual(by_file, by_name)
        self.assertIn("MarkdeskMEDIUM", by_file)
        with open(os.path.join(self.schema, "codes.xsd"), encoding="utf-8") as f:
            codes = f.read()
        threat = re.search(rb"<ThreatType>(\w+)<", example(self.sent["MEDIUM"])).group(1)
        meaning = re.search(r'<xs:enumeration value="%s">.*?<xs:documentation[^>]*>'
                            r'([^<]+)<' % text(threat), codes, re.S).group(1)
        self.assertIn(meaning.split()[0], by_file)
        self.assertIn(" ".join(meaning.split()), " ".join(by_file.split()))
        self.assertIn("Do not treat two reports from this gateway as independent",
                      " ".join(by_file.split()))

    def test_open_xml_is_the_report_alone(self):
        path = self.item("LOW")
        got = self.desk("open", path, "--xml")
        root = ET.fromstring(got.stdout)
        self.assertIn("urn:cutout:sealed:1", root.tag)
        self.assertEqual(got.stdout.rstrip(), self.site.open_item(path).rstrip())
        for gone in ("Submitter", "LegalBasis", "CreatedAt", "Envelope/Id"):
            self.assertIsNone(root.find(".//{*}" + gone.split("/")[-1]))

    def test_one_flipped_bit_anywhere_is_refused(self):
        with open(self.item("HIGH"), "rb") as f:
            whole = f.read()
        self.desk("open", self.file("copy.p7m", whole))
        places = list(range(0, 600, 37)) + list(range(600, len(whole) - 200, 4999)) + \
            list(range(len(whole) - 200, len(whole), 19))
        for at in places:
            changed = bytearray(whole)
            changed[at] ^= 1
            got = self.site.program(
                "cutout-desk", "open", self.file("flipped.p7m", bytes(changed)), "--keys",
                os.path.join(self.site.dir, "police"), "--origin",
                self.site.env["ORIGIN_CERT"], "--schema", self.schema, check=False)
            self.assertEqual(got.returncode, 3, (at, got.stderr))
            self.assertEqual(got.stdout, b"", at)
        for cut in (whole[:-1], whole + b"\0", whole[:1000], b""):
            self.desk("open", self.file("cut.p7m", cut), code=3)

    def test_a_tampered_item_is_named_and_the_others_are_listed(self):
        data = os.path.join(self.site.dir, "desk-copy")
        shutil.copytree(self.site.env["DESK_DATA"], data)
        if self.site.owner:
            for folder, _, names in os.walk(data):
                for n in [folder] + [os.path.join(folder, n) for n in names]:
                    shutil.chown(n, self.site.owner, self.site.owner)
        victim = os.path.join(data, "items", os.path.basename(self.item("LOW")))
        with open(victim, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)
            f.seek(5000)
            f.write(bytes([byte[0] ^ 0x10]))
        got = self.desk("list", data=data, code=3)
        out = text(got.stdout + got.stderr)
        for priority in ("HIGH", "MEDIUM", "LOW"):
            self.assertIn(object_name(self.item(priority))[:8], out)
        self.assertNotIn("MarkdeskLOW", out)

    def test_other_keys_and_other_names_have_exit_codes(self):
        other = os.path.join(self.site.dir, "other-police")
        self.site.program("cutout-desk", "init", other, "--demo")
        path = self.item("HIGH")
        self.assertEqual(self.desk("open", path, keys=other, code=4).stdout, b"")
        self.desk("open", "f" * 64, code=5)
        for words in ([], ["fly"], ["open"], ["open", path]):
            got = self.site.program("cutout-desk", *words, check=False)
            self.assertEqual(got.returncode, 2, words)

    def test_profile_passes_our_form_unchanged_and_nothing_else(self):
        e = self.site.env
        path = self.item("MEDIUM")
        envelope = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", path,
                       "-partial_chain", "-CAfile", e["ORIGIN_CERT"], "-certfile",
                       e["ORIGIN_CERT"], "-nointern").stdout
        self.assertEqual(self.site.program("cutout-desk", "profile", input=envelope).stdout,
                         envelope)
        tag = envelope.rindex(b"\x04\x10")  # the tag of 16 bytes, cut to 4
        for wrong in (b"", envelope[:-1], envelope + b"\n", b"\x30\x80" + envelope[2:],
                      envelope[:tag] + b"\x04\x04" + envelope[tag + 2:tag + 6]):
            got = self.site.program("cutout-desk", "profile", input=wrong, check=False)
            self.assertEqual((got.returncode, got.stdout), (1, b""))


if __name__ == "__main__":
    main()
