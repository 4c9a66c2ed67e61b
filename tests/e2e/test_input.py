"""Bad input: a clear answer, one connection spent, nothing kept."""

import os
import signal
import socket
import ssl
import subprocess
import unittest

from harness import Site, example, examples, fresh, main, run, wait_for

GOOD = examples("good")[0]


class Input(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start()

    @classmethod
    def tearDownClass(cls):
        cls.site.close()

    def tearDown(self):
        """Whatever came before, the next report is taken."""
        got = self.site.submit(fresh(example(GOOD)))
        self.assertEqual(got.status, 201, got.body)

    def refused(self, body, status, rule=None):
        got = self.site.submit(body)
        self.assertEqual(got.status, status, got.body)
        self.assertEqual(got.headers["Content-Type"], "application/problem+json")
        self.assertTrue(got.json["title"])
        self.assertTrue(got.json["detail"])
        if rule:
            self.assertIn(rule, got.rules)
        return got

    def test_not_xml(self):
        self.refused(b"Dear police, a man at number nine ...", 400, "XML")

    def test_empty_body(self):
        self.refused(b"", 400)

    def test_doctype(self):
        body = fresh(example(GOOD)).replace(
            b"?>", b'?>\n<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1)
        got = self.refused(body, 400, "BR-53")
        self.assertNotIn(b"root:", got.body)

    def test_entity_bomb(self):
        bomb = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(
            b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10)
            for i in range(8)) + b"]><b>&i;</b>"
        self.refused(b'<?xml version="1.0" encoding="UTF-8"?>' + bomb, 400, "BR-53")

    def test_another_encoding(self):
        text = example(GOOD).decode()
        self.refused(text.replace("UTF-8", "ISO-8859-1").encode("latin-1", "replace"),
                     400, "XML")
        self.refused(text.encode("utf-16"), 400, "XML")
        self.refused(b"+ADw-?xml version=+ACI-1.0+ACI- encoding=+ACI-UTF-7+ACI-?+AD4-",
                     400, "XML")

    def test_malformed_utf8(self):
        self.refused(example(GOOD).replace(b"<Subject>", b"<Subject>\xc3\x28", 1), 400)

    def test_nul_bytes(self):
        self.refused(example(GOOD).replace(b"<Subject>", b"<Subject>\0", 1), 400, "XML")
        self.refused(example(GOOD) + b"\0<x/>", 400, "XML")

    def test_too_large(self):
        got = self.site.submit(b"<x>" + b"a" * (1 << 20) + b"</x>")
        self.assertEqual(got.status, 413)

    def test_too_deep(self):
        self.refused(b"<a>" * 40 + b"</a>" * 40, 400, "BR-53")

    def test_too_many_nodes(self):
        self.refused(b"<a>" + b"<b/>" * 60000 + b"</a>", 400, "BR-53")

    def test_wrong_content_type(self):
        got = self.site.request("POST", "/v1/reports", fresh(example(GOOD)),
                                headers={"Content-Type": "text/plain"})
        self.assertEqual(got.status, 415)

    def test_same_id_with_another_report(self):
        body = fresh(example(GOOD), "Markoriginal")
        self.assertEqual(self.site.submit(body).status, 201)
        got = self.site.submit(body.replace(b"Markoriginal", b"Markdifferent"))
        self.assertEqual(got.status, 409, got.body)
        self.assertEqual(self.site.submit(body).status, 200)

    def raw(self, head, body=b"", close=True):
        """Sends these bytes over TLS and returns all that comes back."""
        c = self.site.context()
        s = c.wrap_socket(socket.create_connection(("127.0.0.1", self.site.port), 30),
                          server_hostname="127.0.0.1")
        try:
            s.sendall(head + body)
            if close:
                s.unwrap()
            got = b""
            while True:
                piece = s.recv(65536)
                if not piece:
                    return got
                got += piece
        except (ssl.SSLError, ConnectionError, OSError):
            return b""
        finally:
            s.close()

    def head(self, length, extra=b""):
        return (b"POST /v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/xml\r\nContent-Length: %d\r\n%s\r\n"
                % (length, extra))

    def test_half_a_body_is_not_kept(self):
        body = fresh(example(GOOD), "Markhalf")
        self.raw(self.head(len(body)), body[:len(body) // 2])
        # the whole of it is new to the gateway
        self.assertEqual(self.site.submit(body).status, 201)

    def test_truncated_tls_is_not_kept(self):
        body = fresh(example(GOOD), "Marktruncated")
        raw = socket.create_connection(("127.0.0.1", self.site.port), 30)
        s = self.site.context().wrap_socket(raw, server_hostname="127.0.0.1")
        s.sendall(self.head(len(body)) + body[:-3])
        # no close_notify: the wire is cut
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        os.close(s.detach())
        self.assertEqual(self.site.submit(body).status, 201)

    def test_odd_requests_get_400_and_a_closed_connection(self):
        for head in (
                b"POST /v1/reports HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
                self.head(1, b"Host: again\r\n") + b"x",
                self.head(1, b"Content-Length: 1\r\n") + b"x",
                self.head(1, b"Transfer-Encoding: chunked\r\n") + b"x",
                self.head(1, b"X: a\r\n folded\r\n") + b"x",
                self.head(1).replace(b"\r\n", b"\n") + b"x",
                self.head(1).replace(b"Content-Length: 1", b"Content-Length: +1") + b"x",
                self.head(1).replace(b"Host:", b"Host :") + b"x",
                self.head(1, b"X: a\0b\r\n") + b"x",
                b"GARBAGE\r\n\r\n"):
            got = self.raw(head, close=False)
            self.assertTrue(got.startswith(b"HTTP/1.1 400"), (head, got[:60]))

    def test_expect_100_continue(self):
        e = self.site.env
        path = os.path.join(self.site.dir, "expect.xml")
        with open(path, "wb") as f:
            f.write(fresh(example(GOOD)))
        got = run("curl", "-sSv", "--cacert", e["CA"], "--cert", e["PARTNER_CERT"],
                  "--key", e["PARTNER_KEY"], "-H", "Content-Type: application/xml",
                  "-H", "Expect: 100-continue", "--data-binary", "@" + path,
                  e["URL"] + "/v1/reports")
        self.assertIn(b"100 Continue", got.stderr)
        self.assertIn(b"ACCEPTED", got.stdout)

    def test_chunked_body(self):
        body = fresh(example(GOOD))
        e = self.site.env
        got = run("curl", "-sS", "--cacert", e["CA"], "--cert", e["PARTNER_CERT"],
                  "--key", e["PARTNER_KEY"], "-H", "Content-Type: application/xml",
                  "-H", "Transfer-Encoding: chunked", "--data-binary", "@-",
                  e["URL"] + "/v1/reports", input=body)
        self.assertIn(b"ACCEPTED", got.stdout)

    def alert(self, who=None, context=None):
        try:
            got = self.site.request("GET", "/v1/schema/report.xsd",
                                    context=context or self.site.context(who))
            self.fail("answered %d" % got.status)
        except (ssl.SSLError, ConnectionError) as error:
            return str(error)

    def test_certificates_that_do_not_verify_end_in_an_alert(self):
        self.alert("EXPIRED")
        self.alert("REVOKED")
        self.alert(None)

    def test_a_self_signed_certificate_is_refused(self):
        d = self.site.dir
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=stranger",
            "-keyout", d + "/stranger.key", "-out", d + "/stranger.crt")
        c = self.site.context(None)
        c.load_cert_chain(d + "/stranger.crt", d + "/stranger.key")
        self.alert(context=c)

    def test_tls_1_2_is_refused(self):
        c = self.site.context()
        c.maximum_version = ssl.TLSVersion.TLSv1_2
        self.alert(context=c)

    def test_police_may_not_report(self):
        for path in ("/v1/reports", "/v1/check"):
            got = self.site.submit(fresh(example(GOOD)), "POLICE", path)
            self.assertEqual(got.status, 403)

    def busy_screen(self):
        """The screen child that waits for the rest of a body: it alone is
        blocked in a read of its job channel."""
        zygotes = [p for p in self.site.pids("screen")]
        found = []
        for pid in zygotes:
            try:
                with open("/proc/%d/syscall" % pid) as f:
                    number = f.read().split()[0]
            except (OSError, IndexError):
                continue
            if number in ("0", "19"):  # read, readv: not poll, not recvmsg
                found.append(pid)
        return found

    def crash(self, sig):
        body = fresh(example(GOOD), "Markcrash")
        s = self.site.context().wrap_socket(
            socket.create_connection(("127.0.0.1", self.site.port), 30),
            server_hostname="127.0.0.1")
        s.sendall(self.head(len(body)) + body[:200])
        victims = wait_for(self.busy_screen, 20, "a busy screen child")
        for pid in victims:
            os.kill(pid, sig)
        s.sendall(body[200:])
        got = b""
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            got += piece
        s.close()
        return body, got

    def test_a_crashing_report_is_500_and_not_kept(self):
        body, got = self.crash(signal.SIGSEGV)
        self.assertTrue(got.startswith(b"HTTP/1.1 500"), got[:200])
        self.assertIn(b"application/problem+json", got)
        # a fresh zygote serves again, and the report was not kept
        self.assertEqual(wait_for(
            lambda: self.site.submit(body).status == 201, 20, "the new zygote"), True)


if __name__ == "__main__":
    main()
