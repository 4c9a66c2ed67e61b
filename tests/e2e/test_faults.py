"""What surrounds the gateway breaks: nothing accepted is lost."""

import base64
import hashlib
import http.server
import os
import shutil
import signal
import ssl
import subprocess
import threading
import unittest

from harness import CAN_MOUNT, Site, example, examples, fresh, main, run, wait_for

GOOD = min(examples("good"), key=lambda n: len(example(n)))


class FalseDesk(http.server.ThreadingHTTPServer):
    """A desk that answers what a test tells it to."""

    daemon_threads = True

    def __init__(self, site, answer, close=False):
        police = os.path.join(site.dir, "police")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.server.seen.append(self.path)
                status, answer_body = answer(self.path, body)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer_body)))
                if close:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(answer_body)

            def log_message(self, *_):
                pass

        self.seen = []
        super().__init__(("127.0.0.1", site.desk_port), Handler)
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(os.path.join(police, "server.crt"),
                          os.path.join(police, "server.key"))
        self.socket = c.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


def sign_ack(site, name):
    line = b"cutout-ack/v1 %s\n" % name.encode()
    key = os.path.join(site.dir, "police", "ack.key")
    signature = run("openssl", "dgst", "-sha256", "-sign", key, input=line).stdout
    return line + base64.b64encode(signature) + b"\n"


class Faults(unittest.TestCase):
    def accept(self, site, mark):
        got = site.submit(fresh(example(GOOD), mark))
        self.assertEqual(got.status, 201, got.body)

    def arrives_once(self, site, marks):
        wait_for(lambda: set(marks) <= set(site.texts()), 120, "the desk")
        self.assertEqual(sorted(site.texts()), sorted(marks))

    def test_a_dead_destination_delays_and_loses_nothing(self):
        site = Site(desk=False)
        try:
            site.start()
            for i in range(5):
                self.accept(site, "Markdead%d" % i)
            self.assertEqual(site.items(), [])
            site.start_desk()
            self.arrives_once(site, ["Markdead%d" % i for i in range(5)])
        finally:
            site.close()

    def nonsense(self, answer, enough=1):
        """A desk that answers so is not believed; the real one gets it."""
        site = Site(desk=False)
        try:
            desk = FalseDesk(site, lambda path, body: answer(site, path, body))
            site.start()
            self.accept(site, "Marknonsense")
            wait_for(lambda: len(desk.seen) >= enough, 60, "an attempt")
            desk.end()
            site.start_desk()
            self.arrives_once(site, ["Marknonsense"])
        finally:
            site.close()

    def test_a_200_without_acknowledgement_is_not_success(self):
        self.nonsense(lambda site, path, body: (200, b"OK"))

    def test_an_empty_201_is_not_success(self):
        self.nonsense(lambda site, path, body: (201, b""))

    def test_an_acknowledgement_of_another_object_is_not_success(self):
        self.nonsense(lambda site, path, body: (
            201, sign_ack(site, hashlib.sha256(b"another").hexdigest())))

    def test_an_acknowledgement_by_another_key_is_not_success(self):
        def answer(site, path, body):
            line = b"cutout-ack/v1 %s\n" % path.rsplit("/", 1)[1].encode()
            key = os.path.join(site.dir, "police", "client.key")
            sig = run("openssl", "dgst", "-sha256", "-sign", key, input=line).stdout
            return 201, line + base64.b64encode(sig) + b"\n"
        self.nonsense(answer)

    def test_a_desk_that_hangs_up_is_an_outage(self):
        self.nonsense(lambda site, path, body: (None, b""), enough=2)

    def test_500_is_an_outage(self):
        self.nonsense(lambda site, path, body: (500, b"?"), enough=4)

    def test_a_desk_that_ends_each_connection_in_order_is_no_outage(self):
        site = Site(desk=False)
        try:
            desk = FalseDesk(site, lambda path, body: (
                201, sign_ack(site, path.rsplit("/", 1)[1])), close=True)
            site.start()
            for i in range(4):
                self.accept(site, "Markorderly%d" % i)
            wait_for(lambda: len(set(desk.seen)) == 4, 60, "the items")
            self.assertEqual(len(desk.seen), 4)
            desk.end()
            self.assertNotIn("deliveries to a destination fail", site.log())
        finally:
            site.close()

    def test_three_refusals_put_an_item_on_the_operators_list(self):
        site = Site(desk=False)
        try:
            poison = []

            def answer(path, body):
                name = path.rsplit("/", 1)[1]
                if not poison:
                    poison.append(name)
                if name == poison[0]:
                    return 422, b"refused"
                return 201, sign_ack(site, name)
            desk = FalseDesk(site, answer)
            site.start()
            for i in range(4):
                self.accept(site, "Markpoison%d" % i)

            def dead():
                return site.control("dead", "list").stdout.decode()
            wait_for(lambda: poison and poison[0][:16] in dead(), 120, "the dead list")
            # one poisonous item did not block the others
            wait_for(lambda: len(set(desk.seen)) == 4, 60, "the other items")
            desk.end()
            site.start_desk()
            site.control("dead", "retry", "--all")
            wait_for(lambda: len(site.items()) == 1, 60, "the retried item")
            self.assertEqual(dead().count(poison[0][:16]), 0)
        finally:
            site.close()

    @unittest.skipUnless(CAN_MOUNT, "needs to mount a small filesystem")
    def test_a_full_disk_closes_admission_and_delivery_goes_on(self):
        site = Site(desk=False)
        data = site.env["DATA"]
        mounted = False
        try:
            run("mount", "-t", "tmpfs", "-o", "size=600m,mode=0700,uid=%s" %
                (site.owner or os.getuid()),
                "tmpfs", data)
            mounted = True
            site.start()
            self.accept(site, "Markbeforefull")
            # fill it to the last block
            filler = os.path.join(data, "filler")
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"\0" * (1 << 20))
                except OSError:
                    pass
                try:
                    while True:
                        f.write(b"\0" * 4096)
                except OSError:
                    pass
            accepted = ["Markbeforefull"]

            def closed():
                # until the next look at the disk its rows have their room
                mark = "Markfull%d" % len(accepted)
                body = fresh(example(GOOD), mark)
                got = site.submit(body)
                if got.status == 201:
                    accepted.append(mark)
                    return None
                self.assertEqual(got.status, 503, got.body)
                self.assertIn("same", got.json["detail"])
                return mark, body
            mark, refused = wait_for(closed, 30, "admission to close")
            # delivery goes on
            site.start_desk()
            wait_for(lambda: sorted(site.texts()) == sorted(accepted), 60, "delivery")
            os.unlink(filler)
            wait_for(lambda: site.submit(refused).status in (200, 201), 60,
                     "admission to open again")
            self.arrives_once(site, accepted + [mark])
        finally:
            site.close() if not mounted else site.stop()
            if mounted:
                subprocess.run(["umount", data], check=False)
                site.close()

    def test_a_pause_closes_admission_and_ends(self):
        with Site() as site:
            site.control("pause", "on")
            body = fresh(example(GOOD), "Markpaused")
            self.assertEqual(site.submit(body).status, 503)
            site.control("pause", "off")
            self.assertEqual(site.submit(body).status, 201)
            self.arrives_once(site, ["Markpaused"])

    def test_a_clean_stop_and_start_keep_everything(self):
        with Site() as site:
            marks = ["Markstop%d" % i for i in range(8)]
            for m in marks[:4]:
                self.accept(site, m)
            self.assertEqual(site.stop_daemon(), 0)
            site.start_daemon()
            for m in marks[4:]:
                self.accept(site, m)
            self.arrives_once(site, marks)

    @staticmethod
    def until_refused(site, who):
        def refused():
            try:
                site.submit(fresh(example(GOOD), "Markrefused"), who)
                return False
            except (ssl.SSLError, ConnectionError):
                return True
        wait_for(refused, 30, "the revoked partner to be refused")

    def test_reload_takes_a_new_revocation_list(self):
        with Site() as site:
            self.accept(site, "Markreload0")
            site.program("cutout-keys", "revoke", os.path.join(site.dir, "keys"), "school")
            os.kill(site.daemon.pid, signal.SIGHUP)
            self.until_refused(site, "PARTNER3")
            self.accept(site, "Markreload2")

    def test_a_revoked_recipient_gets_no_report_more(self):
        with Site() as site:
            folder = os.path.join(site.dir, "police")
            used = os.path.join(folder, "public", "authority.crl")
            with open(used, "rb") as f:
                before = f.read()

            def reload():
                count = site.log().count("ALARM reload")
                os.kill(site.daemon.pid, signal.SIGHUP)
                wait_for(lambda: site.log().count("ALARM reload") > count, 30, "the reload")

            def answer(mark):
                return site.submit(fresh(example(GOOD), mark)).status

            os.kill(site.desk.pid, signal.SIGSTOP)
            self.accept(site, "Markrecipient0")
            # a partner is revoked with it, and that counts all the same
            site.program("cutout-keys", "revoke", os.path.join(site.dir, "keys"), "school")
            site.program("cutout-keys", "revoke", folder, "--certificate",
                         os.path.join(folder, "recipient.crt"))
            shutil.copyfile(os.path.join(folder, "authority.crl"), used)
            reload()
            self.assertEqual(answer("Markrecipient1"), 503)
            self.assertIn(b"closed: a recipient", site.control("status").stdout)
            self.until_refused(site, "PARTNER3")
            # the next look at the files does not open it again
            reload()
            self.assertEqual(answer("Markrecipient2"), 503)
            # what was accepted before is delivered
            os.kill(site.desk.pid, signal.SIGCONT)
            self.arrives_once(site, ["Markrecipient0"])
            # recipients that verify open it
            with open(used, "wb") as f:
                f.write(before)
            os.kill(site.daemon.pid, signal.SIGHUP)
            wait_for(lambda: answer("Markrecipient3") == 201, 30, "admission to open")
            self.until_refused(site, "PARTNER3")


if __name__ == "__main__":
    main()
